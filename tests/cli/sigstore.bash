# SPDX-License-Identifier: Apache-2.0
# The public test vectors of Sigstore, and how a case of them is run.  They are
# no part of this project: TIDEGATE_VECTORS names their folder, else they lie
# beside the checkout.

vectors=${TIDEGATE_VECTORS:-$checkout/../shared/vectors}/sigstore
production=$vectors/trust/production.trusted_root.json
beacon=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main
github=https://token.actions.githubusercontent.com

require_vectors() {
	[ -d "$vectors/official" ] ||
		skip "no test vectors in $vectors; TIDEGATE_VECTORS names them"
}

# text_or FILE DEFAULT - the first line of a file, where there is one.
text_or() {
	if [ -e "$1" ]; then
		head -n 1 "$1"
	else
		echo "$2"
	fi
}

# case_artifact DIR - the file that a case is about.
case_artifact() {
	if [ -e "$1/artifact" ]; then
		echo "$1/artifact"
	else
		echo "$vectors/a.txt"
	fi
}

digest_of() {
	printf 'sha256:%s\n' "$(sha256sum "$1" | cut -d ' ' -f 1)"
}

# verify_case DIR FILE_OR_DIGEST [OPTION...] - what the conformance suite calls.
verify_case() {
	local dir=$1 subject=$2 who root=$production
	shift 2
	who=(--certificate-identity "$(text_or "$dir/identity" "$beacon")"
		--certificate-oidc-issuer "$(text_or "$dir/issuer" "$github")")
	[ ! -e "$dir/key.pub" ] || who=(--key "$dir/key.pub")
	[ ! -e "$dir/trusted_root.json" ] || root=$dir/trusted_root.json
	"${clock[@]}" package-release sigstore verify-bundle \
		--bundle "$dir/bundle.sigstore.json" "${who[@]}" \
		--trusted-root "$root" "$@" "$subject" 2>&1
}

# judge_case DIR FILE_OR_DIGEST - whether the verdict is the one that the name
# of the folder demands; says so where it is not.
judge_case() {
	local status=0 said
	said=$(verify_case "$@") || status=$?
	case $1:$status in
	*_fail:0) echo "accepted: $1 $2: $said" ;;
	*_fail:[45]) return 0 ;; # not trusted, or damaged
	*_fail:*) echo "status $status: $1 $2: $said" ;;
	*:0) return 0 ;;
	*) echo "refused: $1 $2: $said" ;;
	esac
	return 1
}

# judge_all FOLDER - each case in it, by path and by digest.
judge_all() {
	local dir artifact wrong=0 count=0
	for dir in "$vectors/$1"/*/; do
		dir=${dir%/}
		artifact=$(case_artifact "$dir")
		judge_case "$dir" "$artifact" || wrong=$((wrong + 1))
		judge_case "$dir" "$(digest_of "$artifact")" || wrong=$((wrong + 1))
		count=$((count + 1))
	done
	echo "$1: $count cases, $wrong wrong verdicts"
	[ "$count" -gt 20 ] && [ "$wrong" -eq 0 ]
}

# verify_blob BUNDLE IDENTITY ISSUER ROOT FILE_OR_DIGEST [OPTION...]
verify_blob() {
	local bundle=$1 identity=$2 issuer=$3 root=$4 subject=$5
	shift 5
	"${clock[@]}" package-release sigstore verify-bundle --bundle "$bundle" \
		--certificate-identity "$identity" \
		--certificate-oidc-issuer "$issuer" \
		--trusted-root "$root" "$@" "$subject" 2>&1
}

# cpython_releases - bundle, SHA-256, identity and issuer of each.
cpython_releases() {
	jq -r '.[] | [.bundle, .sha256, .identity, .issuer] | @tsv' \
		"$vectors/cpython/manifest.json"
}

# judge_cpython - each release of CPython in the manifest.
judge_cpython() {
	local bundle sha256 identity issuer count=0 wrong=0
	while IFS=$'\t' read -r bundle sha256 identity issuer; do
		verify_blob "$vectors/cpython/$bundle" "$identity" "$issuer" \
			"$production" "sha256:$sha256" || wrong=$((wrong + 1))
		count=$((count + 1))
	done < <(cpython_releases)
	echo "cpython: $count bundles, $wrong wrong verdicts"
	[ "$count" -gt 20 ] && [ "$wrong" -eq 0 ]
}

clock=() # a command that runs the child at another time
