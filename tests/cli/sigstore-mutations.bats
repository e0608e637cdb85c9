#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A verifier that passes the public vectors may still look away somewhere.  So
# each value of each good bundle is changed or deleted in turn, and only what
# the specification leaves unauthenticated may be accepted.

load lib
load sigstore

setup() {
	cd "$BATS_TEST_TMPDIR"
	require_vectors
	mutate=$build/tests/helpers/mutate_bundle
	[ -x "$mutate" ] || skip "not built: make tests"
	root=$production
}

# mutations BUNDLE ARTIFACT (KEY | IDENTITY ISSUER)
mutations() {
	local bundle=$1 wrong
	shift
	if ! "$mutate" "$bundle" "$root" "$@" >accepted; then
		echo "$bundle: $(cat accepted)"
		return 1
	fi
	[ "$(sed -n 's/^# \([0-9]*\) .*/\1/p' accepted)" -gt 200 ] || return
	wrong=$("$BATS_TEST_DIRNAME/sigstore_unsigned.py" "$bundle" <accepted) || return
	if [ -n "$wrong" ]; then
		printf '%s: accepted:\n%s\n' "$bundle" "$wrong"
		return 1
	fi
}

# mutated_cases FOLDER - the good ones of it.
mutated_cases() {
	local dir wrong=0 count=0
	for dir in "$vectors/$1"/*/; do
		dir=${dir%/}
		[[ $dir != *_fail ]] || continue
		root=$production
		[ ! -e "$dir/trusted_root.json" ] || root=$dir/trusted_root.json
		if [ -e "$dir/key.pub" ]; then
			set -- "$1" "$dir/key.pub"
		else
			set -- "$1" "$(text_or "$dir/identity" "$beacon")" \
				"$(text_or "$dir/issuer" "$github")"
		fi
		mutations "$dir/bundle.sigstore.json" "$(case_artifact "$dir")" "${@:2}" ||
			wrong=$((wrong + 1))
		count=$((count + 1))
	done
	[ "$count" -gt 0 ] && [ "$wrong" -eq 0 ]
}

@test "each change of a good official bundle is refused" {
	mutated_cases official
}

@test "each change of a good derived bundle is refused" {
	mutated_cases derived
}

@test "each change of the bundle of a CPython release is refused" {
	wrong=0
	while IFS=$'\t' read -r bundle sha256 identity issuer; do
		mutations "$vectors/cpython/$bundle" "sha256:$sha256" \
			"$identity" "$issuer" || wrong=$((wrong + 1))
	done < <(cpython_releases)
	[ "$wrong" -eq 0 ]
}

@test "each change of a GitHub attestation is refused" {
	hub=$vectors/github-attestations
	root=$hub/trusted_root.json
	mutations "$hub/custom-issuer.sigstore.json" "$hub/custom-issuer-artifact" \
		https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main \
		"$github/hammer-time"
	js=https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main
	for bundle in sigstore-js-2.1.0-bundle-v0.1.json sigstore-js-2.1.0-bundle.json; do
		mutations "$hub/$bundle" "$hub/sigstore-js-2.1.0.tgz" "$js" "$github"
	done
}
