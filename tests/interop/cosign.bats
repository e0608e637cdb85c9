#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The real cosign, versions 3 and 2: keys, signatures and attestations in both
# directions, without any service.

# shellcheck source=tests/interop/interop.bash disable=SC2154
load interop

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	export COSIGN_PASSWORD=secret
	mkdir src
	echo hello >src/file
	package-release bundle --app shop --version 1 --payload src --out dist \
		--profile dev >/dev/null
	cosign-3 generate-key-pair --output-key-prefix theirs 2>/dev/null
	package-release keygen --type cosign --output ours >/dev/null
	# A signing configuration and a trusted root that name no service.
	cosign-3 signing-config create >services.json
	cosign-3 trusted-root create >root.json
	echo '{"note": "a predicate of their own"}' >predicate.json
}

# A copy of the folder of parts, so that each test has its own evidence.
setup() {
	cd "$BATS_FILE_TMPDIR" || return
	export COSIGN_PASSWORD=secret
	mkdir -p "$BATS_TEST_TMPDIR/dist"
	cp -R dist/1 "$BATS_TEST_TMPDIR/dist/1"
	release=$BATS_TEST_TMPDIR/dist/1
	ini=$release/release.ini
}

# Version 2 asks for a trusted root even where none is needed.
verify_blob() { # verify_blob VERSION KEY BUNDLE FILE
	case $1 in
	3) cosign-3 verify-blob --key "$2" --bundle "$3" \
		--insecure-ignore-tlog "$4" ;;
	2) cosign-2 verify-blob --key "$2" --bundle "$3" --new-bundle-format \
		--trusted-root root.json --insecure-ignore-tlog "$4" ;;
	esac
}

verify_attestation() { # verify_attestation VERSION KEY BUNDLE TYPE FILE
	case $1 in
	3) cosign-3 verify-blob-attestation --key "$2" --bundle "$3" \
		--type "$4" --insecure-ignore-tlog "$5" ;;
	2) cosign-2 verify-blob-attestation --key "$2" --bundle "$3" \
		--type "$4" --new-bundle-format --trusted-root root.json \
		--insecure-ignore-tlog "$5" ;;
	esac
}

# The host $root trusts the cosign key FILE.pem and nothing else.
make_host() {
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc/tidegate/trust/shop"
	cp "$1" "$root/etc/tidegate/trust/shop/release.pem"
	printf '[policy]\nrequire = %s\n' "$2" >"$root/etc/tidegate/shop.ini"
}

install_release() {
	install-package --root "$root" --app shop --asset-dir "$release"
}

@test "both versions accept what we sign with a key of ours" {
	package-release sign --cosign-key ours "$release"
	verify_blob 3 ours.pub "$ini.1.sigstore.json" "$ini"
	verify_blob 2 ours.pub "$ini.1.sigstore.json" "$ini"
}

@test "both versions accept what we sign with a key of theirs" {
	package-release sign --cosign-key theirs.key "$release"
	verify_blob 3 theirs.pub "$ini.1.sigstore.json" "$ini"
	verify_blob 2 theirs.pub "$ini.1.sigstore.json" "$ini"
}

@test "neither accepts our signature on another file, or by another key" {
	package-release sign --cosign-key ours "$release"
	for version in 3 2; do
		run verify_blob $version ours.pub "$ini.1.sigstore.json" src/file
		[ "$status" -ne 0 ]
		run verify_blob $version theirs.pub "$ini.1.sigstore.json" "$ini"
		[ "$status" -ne 0 ]
	done
}

@test "both sign with a key of ours, and we accept it" {
	cosign-3 sign-blob -y --key ours --signing-config services.json \
		--bundle three.json "$ini" 2>/dev/null
	package-release sigstore verify-bundle --bundle three.json \
		--key ours.pub --require none "$ini"
	cosign-2 sign-blob -y --key ours --tlog-upload=false \
		--new-bundle-format --bundle two.json "$ini" 2>/dev/null
	package-release sigstore verify-bundle --bundle two.json \
		--key ours.pub --require none "$ini"
	run package-release sigstore verify-bundle --bundle two.json \
		--key theirs.pub --require none "$ini"
	[ "$status" -eq 4 ]
	run package-release sigstore verify-bundle --bundle two.json \
		--key ours.pub --require none src/file
	[ "$status" -eq 4 ]
}

@test "a signature that cosign made is attached, and a host installs by it" {
	cosign-3 sign-blob -y --key theirs.key --signing-config services.json \
		--bundle made.json "$ini" 2>/dev/null
	package-release attach --signature made.json --key theirs.pub "$release"
	make_host theirs.pub sigstore
	install_release
	[ "$(readlink "$root/opt/shop/current")" = releases/1 ]
	check-health --root "$root" --app shop --quiet
}

@test "a bare signature of version 2 is attached, and becomes a bundle" {
	cosign-2 sign-blob -y --key theirs.key --tlog-upload=false \
		--output-signature bare.sig "$ini" 2>/dev/null
	package-release attach --signature bare.sig --key theirs.pub "$release"
	verify_blob 3 theirs.pub "$ini.1.sigstore.json" "$ini"
	make_host theirs.pub sigstore
	install_release
}

@test "a signature of another key is not attached" {
	cosign-3 sign-blob -y --key theirs.key --signing-config services.json \
		--bundle wrong.json "$ini" 2>/dev/null
	run package-release attach --signature wrong.json --key ours.pub \
		"$release"
	[ "$status" -eq 4 ]
	[ ! -e "$ini.1.sigstore.json" ]
}

@test "both versions accept our provenance, on each of its subjects" {
	package-release attest --cosign-key ours --statement provenance \
		--builder https://builder.example \
		"$release"
	head -n 1 "$release/attestation.intoto.jsonl" >ours.jsonl
	for file in release.ini payload.tar.gz sbom.json; do
		verify_attestation 3 ours.pub ours.jsonl slsaprovenance1 \
			"$release/$file"
		verify_attestation 2 ours.pub ours.jsonl slsaprovenance1 \
			"$release/$file"
	done
	run verify_attestation 3 ours.pub ours.jsonl slsaprovenance1 src/file
	[ "$status" -ne 0 ]
}

@test "both versions accept our statement of the SBOM" {
	package-release attest --cosign-key ours --statement sbom "$release"
	head -n 1 "$release/attestation.intoto.jsonl" >sbom.jsonl
	verify_attestation 3 ours.pub sbom.jsonl cyclonedx \
		"$release/release.ini" ||
		verify_attestation 3 ours.pub sbom.jsonl cyclonedx \
			"$release/payload.tar.gz"
}

@test "provenance that cosign attests is attached, and a host asks for it" {
	cosign-3 attest-blob -y --key theirs.key --signing-config services.json \
		--predicate predicate.json --type slsaprovenance1 \
		--bundle attested.json "$ini" 2>/dev/null
	package-release attach --attestation attested.json --key theirs.pub \
		"$release"
	make_host theirs.pub "sigstore, provenance"
	# The worker's word on an attestation is not enough by itself.
	run install_release
	[ "$status" -eq 4 ]
	package-release sign --cosign-key theirs.key "$release"
	install_release
	[ "$(readlink "$root/opt/shop/current")" = releases/1 ]
}

@test "an attestation of another file is not attached" {
	cosign-3 attest-blob -y --key theirs.key --signing-config services.json \
		--predicate predicate.json --type slsaprovenance1 \
		--bundle other.json src/file 2>/dev/null
	run package-release attach --attestation other.json --key theirs.pub \
		"$release"
	[ "$status" -ne 0 ]
	[ ! -e "$release/attestation.intoto.jsonl" ]
}
