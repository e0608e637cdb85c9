#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Artifacts that the real oras pushes install, from Debian's docker-registry
# (which has no referrers API) and from olareg (which has).

# shellcheck source=tests/interop/interop.bash disable=SC2154
load interop

type_bundle=application/vnd.tidegate.bundle.v1
type_evidence=application/vnd.tidegate.evidence.v1
type_sigstore=application/vnd.dev.sigstore.bundle.v0.3+json

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	export COSIGN_PASSWORD=secret
	mkdir src
	package-release keygen --no-password --output key >/dev/null
	package-release keygen --no-password --output second >/dev/null
	cosign-3 generate-key-pair --output-key-prefix theirs 2>/dev/null
	cosign-3 signing-config create >services.json
	for version in 1.0.0 1.1.0; do
		head -c 200000 /dev/urandom >src/large
		echo "$version" >src/file
		package-release bundle --app shop --version "$version" \
			--payload src --out dist --profile dev --key key \
			--sequence "${version//./}" >/dev/null
		cp -R src "src-$version"
	done
	start_docker_registry
	start_olareg
	for registry in "$docker" "$olareg"; do
		push "$registry/acme/shop:1.0.0" 1.0.0
		push "$registry/acme/shop:1.1.0" 1.1.0
	done
}

teardown_file() {
	local pid
	while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done <"$BATS_FILE_TMPDIR/servers"
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	export COSIGN_PASSWORD=secret
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	install-package setup --root "$root" --app shop --key key.pub
	ini=$root/etc/tidegate/shop.ini
	printf '[source]\nallow_plain_http = 127.0.0.1\n' >"$ini"
}

# push REFERENCE VERSION [OPTION...] - all parts of it; prints nothing.
push() {
	local reference=$1 version=$2
	shift 2
	(
		cd "dist/$version" || return
		files=(release.ini release.ini.minisig profile.env sbom.json
			payload.mtree payload.index payload.sha256 payload.tar.gz)
		oras push --plain-http --no-tty --artifact-type "$type_bundle" "$@" \
			"$reference" "${files[@]}" >/dev/null
	)
}

fetch() {
	run install-package --root "$root" --app shop "$@"
}

same_tree() {
	diff -r -x profile.env "src-$1" "$root/opt/shop/releases/$1"
}

digest_of() {
	oras resolve --plain-http "$1"
}

@test "what oras pushes installs, and its tag is pinned in the receipt" {
	for registry in "$docker" "$olareg"; do
		rm -rf "$root/opt" "$root/var"
		fetch --oci "$registry/acme/shop:1.0.0"
		[ "$status" -eq 0 ]
		same_tree 1.0.0
		grep -qx "source = oci://$registry/acme/shop@$(digest_of "$registry/acme/shop:1.0.0")" \
			"$root/opt/shop/packages/1.0.0/receipt.ini"
		fetch --oci "$registry/acme/shop" --version 1.1.0
		[ "$status" -eq 0 ]
		same_tree 1.1.0
	done
}

@test "what oras pulls is a folder of parts that installs" {
	oras pull --plain-http --no-tty -o "$BATS_TEST_TMPDIR/parts" "$olareg/acme/shop:1.0.0" >/dev/null
	fetch --asset-dir "$BATS_TEST_TMPDIR/parts"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "an artifact without a type, as oras pushes by default, installs" {
	(cd dist/1.0.0 && oras push --plain-http --no-tty "$olareg/acme/bare:1" \
		release.ini release.ini.minisig profile.env sbom.json payload.mtree \
		payload.index payload.sha256 payload.tar.gz >/dev/null)
	fetch --oci "$olareg/acme/bare:1"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "an index that oras makes gives each platform its own" {
	for registry in "$docker" "$olareg"; do
		# oras takes the platform from an image's config.
		for architecture in amd64 arm64; do
			version=1.0.0
			[ "$architecture" = amd64 ] || version=1.1.0
			printf '{"architecture":"%s","os":"linux"}' "$architecture" \
				>"$BATS_TEST_TMPDIR/config.json"
			(cd "$BATS_TEST_TMPDIR" && push_image "$registry/acme/both:$architecture" "$version")
		done
		oras manifest index create --plain-http "$registry/acme/both:1" amd64 arm64 >/dev/null
		rm -rf "$root/opt" "$root/var"
		fetch --oci "$registry/acme/both:1"
		[ "$status" -eq 0 ]
		case $(uname -m) in
		x86_64) same_tree 1.0.0 ;;
		aarch64) same_tree 1.1.0 ;;
		esac
	done
}

# push_image REFERENCE VERSION - with ./config.json as the config.
push_image() {
	local config=$PWD/config.json
	cd "$BATS_FILE_TMPDIR/dist/$2" || return
	oras push --plain-http --no-tty --disable-path-validation \
		--config "$config:application/vnd.oci.image.config.v1+json" "$1" \
		release.ini release.ini.minisig profile.env sbom.json payload.mtree \
		payload.index payload.sha256 payload.tar.gz >/dev/null
}

@test "a signature that is attached later counts" {
	mkdir "$BATS_TEST_TMPDIR/later"
	cp -R dist/1.0.0 "$BATS_TEST_TMPDIR/later/parts"
	package-release sign --key second "$BATS_TEST_TMPDIR/later/parts" >/dev/null
	install-package trust add --root "$root" --app shop second.pub
	printf '[policy]\nthreshold = 2\n' >>"$ini"
	for registry in "$docker" "$olareg"; do
		rm -rf "$root/opt" "$root/var"
		fetch --oci "$registry/acme/shop:1.0.0"
		[ "$status" -eq 4 ]
		(cd "$BATS_TEST_TMPDIR/later/parts" && oras attach --plain-http --no-tty \
			--artifact-type "$type_evidence" "$registry/acme/shop:1.0.0" \
			release.ini.????????????????.minisig >/dev/null)
		fetch --oci "$registry/acme/shop:1.0.0"
		[ "$status" -eq 0 ]
		same_tree 1.0.0
	done
}

@test "cosign's bundle of release.ini, attached as a referrer, counts" {
	install-package trust add --root "$root" --app shop theirs.pub
	printf '[policy]\nrequire = minisign, sigstore\n' >>"$ini"
	(cd "$BATS_TEST_TMPDIR" &&
		cosign-3 sign-blob --yes --key "$BATS_FILE_TMPDIR/theirs.key" \
			--signing-config "$BATS_FILE_TMPDIR/services.json" --bundle bundle.json \
			"$BATS_FILE_TMPDIR/dist/1.1.0/release.ini" >/dev/null 2>&1)
	for registry in "$docker" "$olareg"; do
		rm -rf "$root/opt" "$root/var"
		fetch --oci "$registry/acme/shop:1.1.0"
		[ "$status" -eq 4 ]
		(cd "$BATS_TEST_TMPDIR" && oras attach --plain-http --no-tty \
			--artifact-type "$type_sigstore" "$registry/acme/shop:1.1.0" \
			"bundle.json:$type_sigstore" >/dev/null)
		fetch --oci "$registry/acme/shop:1.1.0"
		[ "$status" -eq 0 ]
		same_tree 1.1.0
	done
}

@test "what cosign signs and attests is the manifest: that neither helps nor harms" {
	local to digest
	for registry in "$docker" "$olareg"; do
		to=$registry/acme/signed
		rm -rf "$root/opt" "$root/var"
		push "$to:1" 1.0.0
		digest=$(digest_of "$to:1")
		cosign-3 sign --yes --key theirs.key --signing-config services.json \
			--allow-http-registry "$to@$digest" >/dev/null 2>&1
		echo '{"note": "theirs"}' >"$BATS_TEST_TMPDIR/predicate.json"
		cosign-3 attest --yes --key theirs.key --signing-config services.json \
			--allow-http-registry --type custom \
			--predicate "$BATS_TEST_TMPDIR/predicate.json" "$to@$digest" >/dev/null 2>&1
		oras discover --plain-http "$to:1" | grep -q sigstore
		fetch --oci "$to:1"
		[ "$status" -eq 0 ]
		same_tree 1.0.0
	done
	install-package trust add --root "$root" --app shop theirs.pub
	printf '[policy]\nrequire = minisign, sigstore\n' >>"$ini"
	rm -rf "$root/opt" "$root/var"
	fetch --oci "$to:1"
	[ "$status" -eq 4 ]
}

@test "a tag that oras moves is another release; the digest stays" {
	push "$olareg/acme/moving:stable" 1.0.0
	digest=$(digest_of "$olareg/acme/moving:stable")
	push "$olareg/acme/moving:stable" 1.1.0
	fetch --oci "$olareg/acme/moving@$digest"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	fetch --oci "$olareg/acme/moving:stable"
	[ "$status" -eq 0 ]
	same_tree 1.1.0
}

@test "oras push of the bundle alone is a release, too" {
	(cd dist/1.0.0 && oras push --plain-http --no-tty "$olareg/acme/single:1" \
		shop-1.0.0.tar.gz >/dev/null)
	fetch --oci "$olareg/acme/single:1"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "an image, or files below a folder, are no release" {
	echo hello >"$BATS_TEST_TMPDIR/file"
	(cd "$BATS_TEST_TMPDIR" && oras push --plain-http --no-tty "$olareg/acme/file:1" file >/dev/null)
	fetch --oci "$olareg/acme/file:1"
	[ "$status" -eq 5 ]
	[[ "$output" == *"is no release: none of its 1 layers is called release.ini"* ]]
	oras push --plain-http --no-tty "$olareg/acme/below:1" dist/1.0.0/release.ini >/dev/null
	fetch --oci "$olareg/acme/below:1"
	[ "$status" -eq 5 ]
}
