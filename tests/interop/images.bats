#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images that the real cosign signs with a key, in both of its forms, and what
# check-health --online makes of them: at Debian's docker-registry (which has no
# referrers API) and at olareg (which has).

# shellcheck source=tests/interop/interop.bash disable=SC2154
load interop

type_manifest=application/vnd.oci.image.manifest.v1+json

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	export COSIGN_PASSWORD=secret
	package-release keygen --no-password --output key >/dev/null
	for name in theirs others; do
		cosign-3 generate-key-pair --output-key-prefix "$name" 2>/dev/null
	done
	cosign-3 signing-config create >services.json
	printf '{}' >config.json
	start_docker_registry
	start_olareg
}

teardown_file() {
	local pid
	while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done <"$BATS_FILE_TMPDIR/servers"
}

# push_image REGISTRY - an image of this test alone; sets $image and $digest.
push_image() {
	local url=http://$1/v2/t$BATS_TEST_NUMBER config location
	config=sha256:$(sha256sum config.json | cut -d ' ' -f 1)
	location=$(curl -sS -o /dev/null -D - -X POST "$url/blobs/uploads/" |
		tr -d '\r' | sed -n 's/^Location: //Ip')
	[[ $location == http* ]] || location=http://$1$location
	[[ $location == *\?* ]] && location=$location\& || location=$location\?
	curl -sS -f -o /dev/null -X PUT --data-binary @config.json \
		-H 'Content-Type: application/octet-stream' \
		"${location}digest=$config"
	printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},"layers":[],"annotations":{"test":"%s"}}' \
		"$type_manifest" "$config" "$BATS_TEST_NUMBER" >manifest.json
	curl -sS -f -o /dev/null -X PUT --data-binary @manifest.json \
		-H "Content-Type: $type_manifest" "$url/manifests/1"
	digest=sha256:$(sha256sum manifest.json | cut -d ' ' -f 1)
	image=$1/t$BATS_TEST_NUMBER@$digest
}

# install_for REGISTRY - a host whose release pins that image.
install_for() {
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root" tree
	printf 'PROFILE=dev\nREGISTRY=%s\nIMAGE_PREFIX=t%s\nIMAGE_TAG=1\nIMAGE_DIGEST=%s\n' \
		"$1" "$BATS_TEST_NUMBER" "$digest" >tree/profile.env
	package-release bundle --app shop --version "$BATS_TEST_NUMBER" \
		--payload tree --out "$BATS_TEST_TMPDIR/dist" --profile dev \
		--key key --sequence "$BATS_TEST_NUMBER" >/dev/null
	install-package setup --root "$root" --app shop --key key.pub >/dev/null
	cp theirs.pub "$root/etc/theirs.pem"
	printf '[source]\nallow_plain_http = 127.0.0.1\n[container]\nimages_signed = /etc/theirs.pem\n' \
		>"$root/etc/tidegate/shop.ini"
	install-package --root "$root" --app shop --bundle \
		"$BATS_TEST_TMPDIR/dist/$BATS_TEST_NUMBER"/*-*.tar.gz >/dev/null
}

# Bundles that refer to the image.
sign_new() {
	cosign-3 sign --yes --key "$1.key" --signing-config services.json \
		--allow-http-registry "${@:2}" "$image" 2>cosign.log
}

# The tag sha256-<hex>.sig.
sign_old() {
	cosign-3 sign --yes --key "$1.key" --new-bundle-format=false \
		--use-signing-config=false --tlog-upload=false \
		--allow-http-registry "${@:2}" "$image" 2>cosign.log
}

# What cosign 2 lays down by itself, and as a manifest that refers to the image.
sign_two() {
	cosign-2 sign --yes --key "$1.key" --tlog-upload=false \
		--allow-http-registry "${@:2}" "$image" 2>cosign.log
}

sign_two_referring() {
	COSIGN_EXPERIMENTAL=1 sign_two "$@" --registry-referrers-mode=oci-1-1
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	export COSIGN_PASSWORD=secret
}

# judge STATUS TEXT
judge() {
	run "-$1" check-health --root "$root" --app shop --only images.signed --online
	[[ $output == *"$2"* ]]
}

# both SIGN REGISTRY - nothing, then a stranger's, then the right one.
both() {
	push_image "$2"
	install_for "$2"
	judge 2 "no signature"
	"$1" others
	judge 2 "none is by whom images_signed names"
	"$1" theirs
	judge 0 "signed by '/etc/theirs.pem'"
}

@test "bundles of cosign 3 at a registry without the referrers API" {
	both sign_new "$docker"
}

@test "bundles of cosign 3 at a registry with the referrers API" {
	both sign_new "$olareg"
}

@test "cosign's tag at docker-registry" {
	both sign_old "$docker"
}

@test "cosign's tag at olareg" {
	both sign_old "$olareg"
}

@test "cosign 2's tag" {
	both sign_two "$docker"
}

@test "what cosign 2 lays down as a referrer, at olareg" {
	both sign_two_referring "$olareg"
}

@test "what is annotated and signed is good" {
	push_image "$docker"
	install_for "$docker"
	sign_old theirs -a team=web -a stage=prod
	judge 0 "signed by"
}

@test "an attestation is no signature" {
	push_image "$olareg"
	install_for "$olareg"
	echo '{}' >predicate.json
	cosign-3 attest --yes --key theirs.key --signing-config services.json \
		--predicate predicate.json --type custom --allow-http-registry \
		"$image" 2>cosign.log
	judge 2 "no signature"
}
