#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Sigstore signatures and attestations under each policy: what is enough, what
# is not, and who says so.
# shellcheck disable=SC2154,SC2030,SC2031 # names are of the files below

bats_require_minimum_version 1.5.0
load install
load keyless

setup_file() {
	work=$BATS_FILE_TMPDIR
	package-release keygen --no-password --output "$work/release.key"
	make_release 1.0.0
	make_release 1.1.0
	make_keyless "$work/kl"
	make_leaf "$work/kl" ci
	make_leaf "$work/kl" stranger \
		"$keyless_repository/.github/workflows/other.yml@refs/heads/main"
	make_leaf "$work/kl" branch \
		"$keyless_repository/.github/workflows/release.yml@refs/heads/try" \
		refs/heads/try
	make_cosign_key "$work/kl" ops
	make_cosign_key "$work/kl" other
	make_parts 1.0.0
	make_parts 1.1.0
}

# All evidence that there is on a release, and its bare parts.
make_parts() {
	local kl=$work/kl from=$work/parts-$1 to=$work/evidence-$1 ini
	mkdir -p "$from" "$to"
	tar xzf "$work/dist/$1/$app-$1.tar.gz" -C "$from"
	mv "$from/release.ini.minisig" "$to/M"
	ini=$from/release.ini
	sigstore_sign "$kl" ops "$ini" >"$to/K"
	sigstore_sign "$kl" other "$ini" >"$to/k"
	sigstore_sign "$kl" ci "$ini" >"$to/I"
	sigstore_sign "$kl" stranger "$ini" >"$to/i"
	sigstore_sign "$kl" branch "$ini" >"$to/b"
	sigstore_attest "$kl" ci "$ini" >"$to/P"
	sigstore_attest "$kl" stranger "$ini" >"$to/p"
	sigstore_attest "$kl" ci "$ini" '.predicateType = "https://example/x"' \
		>"$to/X"
	dsse_attest "$kl" ops "$ini" >"$to/Q"
	dsse_attest "$kl" other "$ini" >"$to/q"
	sigstore_attest "$kl" ops "$ini" >"$to/R"
}

# bring VERSION LETTERS: the parts of a release with this evidence, in $parts.
bring() {
	local n=0 i letter evidence=$BATS_FILE_TMPDIR/evidence-$1
	parts=$BATS_TEST_TMPDIR/parts
	rm -rf "$parts"
	cp -r "$BATS_FILE_TMPDIR/parts-$1" "$parts"
	for ((i = 0; i < ${#2}; i++)); do
		letter=${2:i:1}
		case $letter in
		-) ;;
		M) cp "$evidence/M" "$parts/release.ini.minisig" ;;
		[KkIib]) cp "$evidence/$letter" "$parts/release.ini.$((++n)).sigstore.json" ;;
		*) cat "$evidence/$letter" >>"$parts/attestation.intoto.jsonl" ;;
		esac
	done
}

# A host that trusts everybody who is good: $root, and its configuration.
make_host() {
	root=$BATS_TEST_TMPDIR/root
	trust=$root/etc/tidegate/trust/$app
	config=$root/etc/tidegate/$app.ini
	mkdir -p "$trust"
	cp "$BATS_FILE_TMPDIR/release.key.pub" "$trust/release.pub"
	cp "$BATS_FILE_TMPDIR/kl/ops.pub.pem" "$trust/ops.pem"
	cp "$BATS_FILE_TMPDIR/kl/trusted_root.json" "$trust/"
}

# configure REQUIRE [LINE...]: the policy, and the identity that CI has.
configure() {
	printf '[policy]\nrequire = %s\n' "$1" >"$config"
	[ $# -lt 2 ] || printf '%s\n' "${@:2}" >>"$config"
	cat >>"$config" <<-END

		[identity ci]
		issuer = $keyless_issuer
		repository = octo/shop
		workflow = release.yml
		ref = refs/heads/main
	END
}

judge() { # VERSION LETTERS
	bring "$1" "$2"
	run install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --verify-only "${@:3}"
}

put() { # VERSION LETTERS: install it
	bring "$1" "$2"
	install-package install --root "$root" --app "$app" --asset-dir "$parts"
}

# The same in the process of package-release, which must say the same.
agree() {
	local said=$status
	run package-release verify --trust "$trust" --config "$config" "$parts"
	echo "install-package: $said, package-release: $status: $output"
	[ "$status" -eq "$said" ]
}

# check STATUS LETTERS...: each set of evidence comes to this.
check() {
	local want=$1 letters
	for letters in "${@:2}"; do
		judge 1.0.0 "$letters"
		echo "$(sed -n '/^require/p' "$config"), $letters: $output"
		[ "$status" -eq "$want" ]
		agree
	done
}

@test "require = minisign asks for a minisign key, and for nothing else" {
	make_host
	configure minisign
	check 0 M MK MkiPq
	check 4 - K I P Q KIPQ
}

@test "require = sigstore is met by a cosign key" {
	make_host
	rm "$trust/release.pub"
	configure sigstore
	check 0 K KM kK KiP
	check 4 - M k i p q ki
}

@test "an identity alone is enough only where the host says so" {
	make_host
	configure sigstore
	check 4 I P
	configure sigstore 'accept_keyless_alone = yes'
	check 0 I P IM iI X K
	check 4 - M i p b k
}

@test "require = minisign, sigstore wants both" {
	make_host
	configure 'minisign, sigstore'
	check 0 MK MI MP MX
	check 4 M K I P Mk Mi Mb Mp
}

@test "require = minisign, provenance is met by an identity or by a key" {
	make_host
	configure 'minisign, provenance'
	check 0 MP MQ MR MpP
	check 4 M P Q MK MI MX Mp Mq
}

@test "all three must hold" {
	make_host
	configure 'minisign, sigstore, provenance'
	check 0 MKP MIP MP MKQ MKR
	check 4 MK MI KP KQ MX Mkp
}

@test "provenance alone counts where the host says so" {
	make_host
	rm "$trust/release.pub" "$trust/ops.pem"
	configure provenance 'accept_keyless_alone = yes'
	check 0 P
	check 4 - I X p Q
}

@test "a certificate counts under what its root demands, and no less" {
	make_host
	configure 'minisign, sigstore'
	printf '\n[trusted_root]\nrequire = timestamp\n' >>"$config"
	check 0 MI
	configure 'minisign, sigstore'
	printf '\n[trusted_root]\nrequire = log\n' >>"$config"
	check 4 MI
}

@test "a host that names identities and has no trusted root is misconfigured" {
	make_host
	configure 'minisign, sigstore'
	rm "$trust/trusted_root.json"
	judge 1.0.0 MKI
	[ "$status" -eq 2 ]
	[[ $output == *"trusted root"* ]]
	agree
}

@test "a trusted root that cannot be read is an error, whatever else is good" {
	make_host
	configure 'minisign, sigstore'
	echo '{}' >"$trust/trusted_root.json"
	judge 1.0.0 MKI
	echo "$output"
	[ "$status" -eq 5 ]
	[[ $output == *trusted_root.json* ]]
	agree
}

@test "evidence on another release proves nothing" {
	make_host
	configure 'minisign, sigstore, provenance'
	bring 1.0.0 M
	cp "$BATS_FILE_TMPDIR/evidence-1.1.0/K" "$parts/release.ini.1.sigstore.json"
	cp "$BATS_FILE_TMPDIR/evidence-1.1.0/P" "$parts/attestation.intoto.jsonl"
	run install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --verify-only
	echo "$output"
	[ "$status" -eq 4 ]
	agree
}

@test "provenance must agree with the certificate that signed it" {
	make_host
	configure 'minisign, provenance'
	bring 1.0.0 M
	sigstore_attest "$BATS_FILE_TMPDIR/kl" ci "$parts/release.ini" \
		'.predicate.buildDefinition.resolvedDependencies[0].digest.gitCommit = "ffffffffffffffffffffffffffffffffffffffff"' \
		>"$parts/attestation.intoto.jsonl"
	run install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --verify-only
	echo "$output"
	[ "$status" -eq 4 ]
	agree
}

@test "what is no evidence does not spoil what is" {
	make_host
	configure 'minisign, sigstore'
	bring 1.0.0 MK
	echo '{"mediaType":"x","mediaType":"y"}' >"$parts/release.ini.2.sigstore.json"
	head -c 100000 /dev/zero | tr '\0' '[' >"$parts/release.ini.3.sigstore.json"
	: >"$parts/release.ini.4.sigstore.json"
	printf 'x\n\n{}\n[]\n' >"$parts/attestation.intoto.jsonl"
	# A statement that nobody signed.
	provenance - - "$parts/release.ini" >>"$parts/attestation.intoto.jsonl"
	run install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --verify-only
	echo "$output"
	[ "$status" -eq 0 ]
	agree
}

@test "64 attestations are read, and 65 are refused" {
	make_host
	configure 'minisign, provenance'
	bring 1.0.0 M
	yes '{}' | head -63 >"$parts/attestation.intoto.jsonl"
	cat "$BATS_FILE_TMPDIR/evidence-1.0.0/P" >>"$parts/attestation.intoto.jsonl"
	run install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --verify-only
	[ "$status" -eq 0 ]
	agree
	echo '{}' >>"$parts/attestation.intoto.jsonl"
	run install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --verify-only
	echo "$output"
	[ "$status" -eq 5 ]
	[[ $output == *"more than 64 attestations"* ]]
	agree
}

@test "32 MiB of evidence are taken, and a byte more is refused" {
	make_host
	configure 'minisign, sigstore'
	bring 1.0.0 MK
	left=$((32 * 1024 * 1024 - $(cat "$parts/release.ini.minisig" \
		"$parts/release.ini.1.sigstore.json" | wc -c)))
	for n in 2 3 4 5 6 7 8 9; do
		size=$((left < 4194304 ? left : 4194304))
		head -c $size /dev/zero | tr '\0' ' ' \
			>"$parts/release.ini.$n.sigstore.json"
		left=$((left - size))
	done
	[ $left -eq 0 ]
	run install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --verify-only
	[ "$status" -eq 0 ]
	echo >"$parts/release.ini.10.sigstore.json"
	run install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --verify-only
	echo "$output"
	[ "$status" -eq 5 ]
	[[ $output == *"more than 33554432 bytes"* ]]
}

@test "a bundle file gives the same verdict as its parts" {
	make_host
	configure 'minisign, sigstore, provenance'
	bring 1.0.0 MKP
	whole=$BATS_TEST_TMPDIR/whole.tar.gz
	cp "$(bundle 1.0.0)" "$whole"
	package-release attach --trust "$trust" "$whole" \
		--signature "$parts/release.ini.1.sigstore.json"
	package-release attach "$whole" \
		--certificate-identity "$keyless_workflow" \
		--certificate-oidc-issuer "$keyless_issuer" \
		--trusted-root "$trust/trusted_root.json" \
		--attestation "$parts/attestation.intoto.jsonl"
	install-package install --root "$root" --app "$app" \
		--bundle "$whole"
	[ "$(current)" = releases/1.0.0 ]
	check-health --root "$root" --app "$app"
}

@test "what package-release signs and attests, a host takes" {
	make_host
	configure 'minisign, sigstore, provenance'
	# The trust folder has no other key than these.
	rm "$trust"/*.pem "$trust/trusted_root.json"
	sed -i '/^\[identity/,$d' "$config"
	package-release keygen --type cosign --no-password \
		--output "$BATS_TEST_TMPDIR/ci.key"
	cp "$BATS_TEST_TMPDIR/ci.key.pub" "$trust/ci.pem"
	export COSIGN_PASSWORD=
	cp "$(bundle 1.0.0)" "$BATS_TEST_TMPDIR/made.tar.gz"
	run install-package install --root "$root" --app "$app" --verify-only \
		--bundle "$BATS_TEST_TMPDIR/made.tar.gz"
	[ "$status" -eq 4 ]
	package-release sign --cosign-key "$BATS_TEST_TMPDIR/ci.key" \
		"$BATS_TEST_TMPDIR/made.tar.gz"
	run install-package install --root "$root" --app "$app" --verify-only \
		--bundle "$BATS_TEST_TMPDIR/made.tar.gz"
	[ "$status" -eq 4 ]
	cp "$BATS_TEST_TMPDIR/made.tar.gz" "$BATS_TEST_TMPDIR/again.tar.gz"
	package-release attest --key "$BATS_FILE_TMPDIR/release.key" \
		--builder https://ci.example/builder "$BATS_TEST_TMPDIR/made.tar.gz"
	install-package install --root "$root" --app "$app" \
		--bundle "$BATS_TEST_TMPDIR/made.tar.gz"
	check-health --root "$root" --app "$app"
	package-release attest --cosign-key "$BATS_TEST_TMPDIR/ci.key" \
		--builder https://ci.example/builder "$BATS_TEST_TMPDIR/again.tar.gz"
	install-package install --root "$root" --app "$app" --verify-only \
		--bundle "$BATS_TEST_TMPDIR/again.tar.gz"
}

# --- what is shown and kept ---

@test "--verify-only --json says which rule decided what, of which evidence" {
	make_host
	configure 'minisign, sigstore, provenance'
	judge 1.0.0 MKIPq --json
	echo "$output"
	[ "$status" -eq 0 ]
	jq -e '.result == "verified" and
		([.rules[] | select(.state == "unmet")] | length) == 0 and
		([.rules[].rule] | contains(["require.minisign",
			"require.sigstore", "require.provenance"])) and
		(.evidence | length) == 5' <<<"$output"
	jq -e '.evidence[] | select(.part == "release.ini.1.sigstore.json") |
		.verdict == "good" and .signer == "ops"' <<<"$output"
	jq -e --arg who "$keyless_workflow" --arg issuer "$keyless_issuer" '
		.evidence[] | select(.part == "release.ini.2.sigstore.json") |
		.verdict == "good" and .signer == "ci" and .subject == $who and
		.issuer == $issuer and (.time | length) > 0' <<<"$output"
	jq -e '.evidence[] | select(.part == "attestation.intoto.jsonl.1") |
		.provenance and .verdict == "good"' <<<"$output"
	jq -e '.evidence[] | select(.part == "attestation.intoto.jsonl.2") |
		.verdict != "good" and (.reason | length) > 0' <<<"$output"
	jq -e --arg who "$keyless_workflow" '.signers[] |
		select(.id == "identity:ci") | .subject == $who' <<<"$output"
}

@test "--verify-only --json explains a refusal, too" {
	make_host
	configure 'minisign, sigstore'
	bring 1.0.0 Mi
	run --separate-stderr install-package install --root "$root" \
		--app "$app" --asset-dir "$parts" --verify-only --json
	echo "$output"
	[ "$status" -eq 4 ]
	jq -e '.result == "refused" and (.reason | length) > 0' <<<"$output"
	jq -e '.rules[] | select(.rule == "require.minisign") | .state == "met"' \
		<<<"$output"
	jq -e '.rules[] | select(.rule == "require.sigstore") |
		.state == "unmet" and (.reason | length) > 0' <<<"$output"
	jq -e '.evidence[] | select(.kind == "message") |
		.verdict == "unknown" and (.subject | contains("other.yml"))' \
		<<<"$output"
}

@test "package-release verify --json explains in the same words" {
	make_host
	configure 'minisign, sigstore'
	for evidence in MKq Mi; do
		judge 1.0.0 $evidence --json
		here=$(sed -n '/^{/p' <<<"$output" | jq -c '[.result, .rules, .evidence]')
		run --separate-stderr package-release verify --json \
			--trust "$trust" --config "$config" "$parts"
		there=$(jq -c '[.result, .rules, .evidence]' <<<"$output")
		# A host also asks for its own app.
		diff <(jq 'del(.[1][] | select(.rule == "app"))' <<<"$here") \
			<(jq 'del(.[1][] | select(.rule == "app"))' <<<"$there")
	done
}

@test "the explanation judges evidence that the policy does not ask for" {
	make_host
	configure minisign
	judge 1.0.0 MI --json
	[ "$status" -eq 0 ]
	jq -e '.evidence[] | select(.kind == "message") | .signer == "ci"' \
		<<<"$output"
	jq -e '.rules[] | select(.rule == "require.sigstore") |
		.state == "not-asked"' <<<"$output"
}

@test "what cannot be explained decides nothing that the policy does not ask for" {
	make_host
	configure minisign
	bring 1.0.0 M
	yes '{}' | head -65 >"$parts/attestation.intoto.jsonl"
	install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --verify-only
	run --separate-stderr install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --verify-only --json
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	[[ $stderr == *"not judged: "*"more than 64 attestations"* ]]
	jq -e '.rules[] | select(.rule == "require.minisign") |
		.state == "met"' <<<"$output"
	run --separate-stderr package-release verify --trust "$trust" \
		--config "$config" --json "$parts"
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	[[ $stderr == *"not judged: "*"more than 64 attestations"* ]]
}

@test "receipt, status and history name every signer" {
	make_host
	configure 'minisign, sigstore, provenance'
	put 1.0.0 MKP
	grep -q '^\[cosign_signers\]' "$root/opt/$app/packages/1.0.0/receipt.ini"
	grep -q "^ci = $keyless_workflow" \
		"$root/opt/$app/packages/1.0.0/receipt.ini"
	grep -q '^attestation.intoto.jsonl.1 = 20' \
		"$root/opt/$app/packages/1.0.0/receipt.ini"
	run install-package status --root "$root" --app "$app"
	echo "$output"
	[[ $output == *"signed by ci ($keyless_workflow)"* ]]
	[[ $output == *"signed by ops (cosign:"* ]]
	install-package status --root "$root" --app "$app" --json |
		jq -e --arg who "$keyless_workflow" '.signers[] |
			select(.id == "identity:ci") |
			.name == "ci" and .subject == $who'
	jq -e '.signers | length == 3' \
		<"$root/var/lib/tidegate/$app/history.jsonl"
}

# --- today's policy ---

health() {
	run check-health --root "$root" --app "$app" --only release.signature
	echo "$status: $output"
}

@test "check-health judges installed releases as they were judged" {
	make_host
	configure 'minisign, sigstore, provenance'
	put 1.0.0 MKP
	put 1.1.0 MIP
	health
	[ "$status" -eq 0 ]
	[[ $output == *"ci"* ]]
}

@test "a rule that came later turns current red and others yellow" {
	make_host
	configure minisign
	put 1.0.0 M
	put 1.1.0 MI
	configure 'minisign, sigstore'
	health
	[ "$status" -eq 1 ]
	[[ $output == *"add what is missing to its bundle"* ]]
	install-package rollback --root "$root" --app "$app"
	health
	[ "$status" -eq 2 ]
	[[ $output == *"require = sigstore is not met"* ]]
	[[ $output == *"install-package install"*"--version 1.0.0"* ]]
}

@test "evidence that came later is put away with an installed release" {
	make_host
	configure minisign
	put 1.0.0 M
	tree=$(stat -c %i "$root/opt/$app/releases/1.0.0")
	since=$(grep ^installed "$root/opt/$app/packages/1.0.0/receipt.ini")
	configure 'minisign, sigstore'
	health
	[ "$status" -eq 2 ]
	bring 1.0.0 MK
	install-package install --root "$root" --app "$app" \
		--asset-dir "$parts" --dry-run --json |
		jq -e '.plan.write == "evidence" and .plan.bytes == 0'
	run install-package install --root "$root" --app "$app" \
		--asset-dir "$parts"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"its new evidence is put away"* ]]
	health
	[ "$status" -eq 0 ]
	[ "$(stat -c %i "$root/opt/$app/releases/1.0.0")" = "$tree" ]
	[ "$(grep ^installed "$root/opt/$app/packages/1.0.0/receipt.ini")" = "$since" ]
	grep -q ' = ops' "$root/opt/$app/packages/1.0.0/receipt.ini"
	# The same again, and less, change nothing.
	for evidence in MK M; do
		[ $evidence = MK ] || configure minisign
		run put 1.0.0 $evidence
		[[ $output == *"is installed already"* ]]
		[[ $output != *"put away"* ]]
	done
	[ -f "$root/opt/$app/packages/1.0.0/release.ini.1.sigstore.json" ]
	check-health --root "$root" --app "$app"
}

@test "evidence that is put away is not given up for other evidence" {
	make_host
	configure 'minisign, sigstore'
	put 1.0.0 MK
	receipt=$root/opt/$app/packages/1.0.0/receipt.ini
	run put 1.0.0 MIP
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"the bundle lacks that of ops, which is kept here"* ]]
	grep -q ' = ops' "$receipt"
	run -0 put 1.0.0 MKIP
	[[ $output == *"its new evidence is put away"* ]]
	grep -q ' = ops' "$receipt"
	grep -q '^ci = ' "$receipt"
	# Whoever is retired is no loss.
	put 1.1.0 MK
	printf '[key ops]\nmax_sequence = 1\n' >>"$config"
	run -0 put 1.1.0 MI
	[[ $output == *"its new evidence is put away"* ]]
	run ! grep -q ' = ops' "$root/opt/$app/packages/1.1.0/receipt.ini"
}

@test "a revoked cosign key, identity or release turns current red" {
	make_host
	configure 'minisign, sigstore'
	put 1.0.0 MK
	id=$(openssl pkey -pubin -in "$trust/ops.pem" -outform DER | sha256sum |
		cut -d' ' -f1)
	printf '[cosign_keys]\n%s = lost\n' "$id" >"$trust/revoked.ini"
	health
	[ "$status" -eq 2 ]
	[[ $output == *lost* ]]
	[[ $output == *"install-package rollback"* ]]
	rm "$trust/revoked.ini"
	put 1.1.0 MI
	health
	[ "$status" -eq 0 ]
	printf '[identities]\nci = stolen\n' >"$trust/revoked.ini"
	health
	[ "$status" -eq 2 ]
	[[ $output == *stolen* ]]
	run install-package activate --root "$root" --app "$app" 1.0.0
	[ "$status" -eq 0 ]
	run install-package activate --root "$root" --app "$app" 1.1.0
	echo "$output"
	[ "$status" -eq 4 ]
	[[ $output == *stolen* ]]
}

@test "a retired identity vouches for what it signed before" {
	make_host
	configure 'minisign, sigstore'
	sed -i '/^ref/a max_sequence = 100' "$config"
	judge 1.0.0 MI
	[ "$status" -eq 0 ]
	judge 1.1.0 MI
	echo "$output"
	[ "$status" -eq 4 ]
}

@test "a worker that cannot run leaves check-health without a verdict" {
	make_host
	configure 'minisign, sigstore'
	put 1.0.0 MK
	mkdir -p "$BATS_TEST_TMPDIR/alone/bin"
	cp "$build/bin/check-health" "$BATS_TEST_TMPDIR/alone/bin/"
	run "$BATS_TEST_TMPDIR/alone/bin/check-health" --root "$root" \
		--app "$app" --only release.signature
	echo "$status: $output"
	[ "$status" -eq 3 ]
	[[ $output == *"not judged"* ]]
	[[ $output == *libexec* ]]
	# A policy of minisign keys needs no worker.
	configure minisign
	run "$BATS_TEST_TMPDIR/alone/bin/check-health" --root "$root" \
		--app "$app" --only release.signature
	[ "$status" -eq 0 ]
}

@test "package-release verify takes cosign keys by themselves" {
	bring 1.0.0 MK
	run package-release verify --key "$BATS_FILE_TMPDIR/kl/ops.pub.pem" "$parts"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"signed by ops.pub (key cosign:"* ]]
	run package-release verify --key "$BATS_FILE_TMPDIR/kl/other.pub.pem" \
		"$parts"
	[ "$status" -eq 4 ]
	run package-release verify --key "$BATS_FILE_TMPDIR/kl/ops.pub.pem" \
		--key "$BATS_FILE_TMPDIR/release.key.pub" "$parts"
	[ "$status" -eq 0 ]
	run package-release verify --config x.ini "$parts"
	[ "$status" -eq 2 ]
}
