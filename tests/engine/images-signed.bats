#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# check-health --online: whether the images that profile.env pins are signed by
# whom images_signed of [container] names.  A real docker-registry; keys,
# signatures and certificates are openssl's alone.

load ../cli/lib
load ../cli/oci
load ../cli/keyless
load engine

type_payload=application/vnd.dev.cosign.simplesigning.v1+json

setup_file() {
	load ../cli/lib
	load ../cli/oci
	load ../cli/keyless
	load engine
	if ! command -v docker-registry >/dev/null; then
		skip_file "needs docker-registry"
		return
	fi
	make_place
	make_host
	start_registry open
	keys=$place/keys
	make_keyless "$keys"
	make_leaf "$keys" leaf
	make_log "$keys"
	make_cosign_key "$keys" ci
	make_cosign_key "$keys" stranger
	cp "$keys/ci.pub.pem" "$root/etc/images.pem"
	cp "$keys/ci.pub.pem" "$root/etc/tidegate/trust/shop/ci.pem"
	cp "$keys/trusted_root.json" "$root/etc/tidegate/trust/shop/"
	cp "$keys/logged.json" "$root/etc/tidegate/trust/shop/logged.trusted_root.json"
	printf '{}' >"$place/config.json"
	export keys registry_open
}

teardown_file() {
	[ ! -f "$BATS_FILE_TMPDIR/servers" ] || stop_servers
	remove_place
}

# Each test has an image and a release of its own.
setup() {
	skip_with_file
	repository=$registry_open/t$BATS_TEST_NUMBER
	printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},"layers":[],"annotations":{"test":"%s"}}' \
		"$type_manifest" "$(digest_of "$place/config.json")" \
		"$BATS_TEST_NUMBER" >"$place/manifest.json"
	push_blob "$repository" "$place/config.json"
	push_manifest "$repository" 1 "$place/manifest.json"
	digest=$(digest_of "$place/manifest.json")
	install_release "$((10 * BATS_TEST_NUMBER))" "REGISTRY=$registry_open" \
		"IMAGE_PREFIX=t$BATS_TEST_NUMBER" IMAGE_TAG=1 "IMAGE_DIGEST=$digest"
	layers=()
	configure ci
}

# configure SIGNERS - who may sign images.
configure() {
	cat >"$root/etc/tidegate/shop.ini" <<-EOF
		[source]
		allow_plain_http = 127.0.0.1
		[container]
		${1:+images_signed = $1}
		[trusted_root logged]
		require = log
		[identity main]
		issuer = $keyless_issuer
		repository = octo/shop
		ref = refs/heads/main
		[identity tags]
		issuer = $keyless_issuer
		repository = octo/shop
		ref = refs/tags/*
	EOF
}

# payload [DIGEST] - what cosign signs of an image.
payload() {
	printf '{"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"%s"},"type":"cosign container image signature"},"optional":null}' \
		"$repository" "${1-$digest}"
}

# add_layer KEY FILE [WITNESS] - one more signature over FILE, laid down as
# cosign does; of a certificate the witness is a timestamp, or the log.
add_layer() {
	local signature=$BATS_TEST_TMPDIR/signature annotations
	openssl dgst -sha256 -sign "$keys/$1.key" -out "$signature" "$2"
	annotations=$(jq -nc --arg signature "$(b64 "$signature")" \
		'{"dev.cosignproject.cosign/signature": $signature}')
	if [ "${3-}" = log ]; then
		annotations=$(jq -c --arg leaf "$(cat "$keys/$1.pem")" \
			--arg entry "$(log_entry "$keys" "$1" "$2" "$signature")" \
			'. + {"dev.sigstore.cosign/certificate": $leaf,
			"dev.sigstore.cosign/bundle": $entry}' <<<"$annotations")
	elif [ -f "$keys/$1.pem" ]; then
		annotations=$(jq -c --arg leaf "$(cat "$keys/$1.pem")" \
			--arg time "$(_stamp "$keys" "$signature")" \
			'. + {"dev.sigstore.cosign/certificate": $leaf,
			"dev.sigstore.cosign/rfc3161timestamp":
			({SignedRFC3161Timestamp: $time} | tojson)}' <<<"$annotations")
	fi
	push_blob "$repository" "$2"
	layers+=("$(descriptor "$2" "$type_payload" |
		jq -c --argjson annotations "$annotations" '. + {$annotations}')")
}

# push_layers - under the tag that cosign gives them.
push_layers() {
	push_blob "$repository" "$place/config.json"
	printf '%s\n' "${layers[@]}" | jq -sc --arg own "$type_manifest" \
		--arg config "$(digest_of "$place/config.json")" \
		'{schemaVersion: 2, mediaType: $own, config: {size: 2, digest: $config,
		mediaType: "application/vnd.oci.image.config.v1+json"}, layers: .}' \
		>"$place/signatures.json"
	push_manifest "$repository" "${digest/:/-}.sig" "$place/signatures.json"
}

# sign KEY [DIGEST] - all of it, for one signature.
sign() {
	payload "${@:2}" >"$BATS_TEST_TMPDIR/payload"
	add_layer "$1" "$BATS_TEST_TMPDIR/payload"
	push_layers
}

# attest KEY PREDICATE_TYPE [DIGEST] - a Sigstore bundle that refers to the image.
attest() {
	local bundle=$BATS_TEST_TMPDIR/bundle.json statement of=${3-$digest}
	statement=$(jq -nc --arg digest "${of#sha256:}" --arg type "$2" \
		'{_type: "https://in-toto.io/Statement/v1",
		subject: [{digest: {sha256: $digest}}], predicateType: $type, predicate: {}}')
	_envelope "$keys" "$1" "$statement" >"$bundle.envelope"
	_bundle "$(_material "$keys" "$1" "$keys/$1.dsse")" \
		"{ \"dsseEnvelope\": $(cat "$bundle.envelope") }" >"$bundle"
	push_blob "$repository" "$bundle"
	printf '{}' >"$place/empty.json"
	push_blob "$repository" "$place/empty.json"
	manifest "$type_sigstore" "$(descriptor "$bundle" "$type_sigstore")" \
		>"$place/referrer.json"
	push_manifest "$repository" referrer "$place/referrer.json"
	# The registry knows no referrers: the list is a tag.
	descriptor "$place/referrer.json" "$type_manifest" |
		jq -c --arg index "$type_index" --arg type "$type_sigstore" \
			'{schemaVersion: 2, mediaType: $index,
			manifests: [. + {artifactType: $type}]}' >"$place/index.json"
	push_manifest "$repository" "${digest/:/-}" "$place/index.json" "$type_index"
}

ask() {
	run check-health --root "$root" --app shop --format json \
		--only images.signed --online
}

@test "where the policy names nobody, nothing is asked" {
	configure ''
	ask
	[ "$status" -eq 0 ]
	found images.signed not-applicable images_signed
}

@test "a registry is asked with --online alone" {
	run -0 check-health --root "$root" --app shop --format json --only images.signed
	found images.signed not-applicable "--online"
}

@test "an image without a signature is critical" {
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "$repository@$digest" "no signature"
	[[ $output == *"cosign sign"* ]]
}

@test "a signature by a key of the trust folder is good" {
	sign ci
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by 'ci'"
}

@test "a key by its path counts for images, and needs to be there" {
	sign ci
	configure /etc/images.pem
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by '/etc/images.pem'"
	configure /etc/absent.pem
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "no file '/etc/absent.pem'"
}

@test "a signature by another key is critical" {
	sign stranger
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "none is by whom images_signed names"
}

@test "one good signature among others is enough" {
	payload >"$BATS_TEST_TMPDIR/payload"
	add_layer stranger "$BATS_TEST_TMPDIR/payload"
	add_layer ci "$BATS_TEST_TMPDIR/payload"
	push_layers
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by 'ci'"
}

@test "a good signature of another image is critical" {
	sign ci "sha256:$(printf x | sha256sum | cut -d ' ' -f 1)"
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "about another image"
}

@test "a payload that is none is critical, though the key signed it" {
	printf '{"critical":{"image":{"docker-manifest-digest":"%s"}}}' "$digest" \
		>"$BATS_TEST_TMPDIR/payload"
	add_layer ci "$BATS_TEST_TMPDIR/payload"
	push_layers
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "the payload that is signed"
}

@test "a payload without end is left out" {
	head -c 70000 /dev/zero | tr '\0' ' ' >"$BATS_TEST_TMPDIR/payload"
	add_layer ci "$BATS_TEST_TMPDIR/payload"
	push_layers
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "can be judged" "too large"
}

@test "of 33 signatures the last one is left out" {
	local layer
	payload >"$BATS_TEST_TMPDIR/payload"
	add_layer stranger "$BATS_TEST_TMPDIR/payload"
	layer=${layers[0]}
	for _ in $(seq 2 32); do layers+=("$layer"); done
	add_layer ci "$BATS_TEST_TMPDIR/payload"
	push_layers
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "of 32 signatures" "left out"
	unset 'layers[0]'
	push_layers
	ask
	[ "$status" -eq 0 ]
}

@test "a bundle that refers to the image is a signature" {
	attest ci https://sigstore.dev/cosign/sign/v1
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by 'ci'"
}

@test "an attestation of something else is no signature" {
	attest ci https://cosign.sigstore.dev/attestation/vuln/v1
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "and no signature"
}

@test "a bundle about another image is critical" {
	attest ci https://sigstore.dev/cosign/sign/v1 \
		"sha256:$(printf x | sha256sum | cut -d ' ' -f 1)"
	ask
	[ "$status" -eq 2 ]
	found images.signed critical
}

@test "a certificate of the named identity is good, in both forms" {
	configure main
	sign leaf
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by 'main'"
}

@test "so is a bundle by its certificate" {
	configure main
	attest leaf https://sigstore.dev/cosign/sign/v1
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by 'main'"
}

@test "a certificate that the log promised to keep is good" {
	configure main
	payload >"$BATS_TEST_TMPDIR/payload"
	add_layer leaf "$BATS_TEST_TMPDIR/payload" log
	push_layers
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by 'main'"
	# The promise is for another signature.
	layers=("${layers[0]//\"dev.cosignproject.cosign\/signature\":\"ME/\"dev.cosignproject.cosign\/signature\":\"MF}")
	push_layers
	ask
	[ "$status" -eq 2 ]
	found images.signed critical
}

@test "an identity that images_signed does not name is critical" {
	configure tags
	sign leaf
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "signed by $keyless_workflow"
}

@test "a key that is revoked counts for nothing" {
	local id
	sign ci
	configure 'ci main'
	id=$(openssl ec -pubin -in "$keys/ci.pub.pem" -outform DER 2>/dev/null |
		sha256sum | cut -d ' ' -f 1)
	printf '[cosign_keys]\n%s = stolen\n' "$id" \
		>"$root/etc/tidegate/trust/shop/revoked.ini"
	ask
	rm "$root/etc/tidegate/trust/shop/revoked.ini"
	[ "$status" -eq 2 ]
	found images.signed critical "'ci' is revoked"
}

@test "a name that nobody has is critical" {
	configure nobody
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "neither a key nobody.pem"
}

@test "an image that the registry does not have is unknown" {
	install_release "$((10 * BATS_TEST_NUMBER + 1))" "REGISTRY=$registry_open" IMAGE_PREFIX=gone \
		IMAGE_TAG=1 "IMAGE_DIGEST=$digest"
	ask
	[ "$status" -eq 3 ]
	found images.signed unknown "no image of that name"
}

@test "a profile without a registry says nobody to ask" {
	install_release "$((10 * BATS_TEST_NUMBER + 1))" IMAGE_PREFIX=a \
		IMAGE_TAG=1 "IMAGE_DIGEST_WEB=$digest"
	ask
	[ "$status" -eq 3 ]
	found images.signed unknown "names no REGISTRY"
}

@test "a registry that is not there is unknown, and asked once" {
	install_release "$((10 * BATS_TEST_NUMBER + 1))" REGISTRY=127.0.0.1:1 IMAGE_PREFIX=a IMAGE_TAG=1 \
		"IMAGE_DIGEST=$digest" "IMAGE_DIGEST_WEB=$digest"
	ask
	[ "$status" -eq 3 ]
	found images.signed unknown "127.0.0.1:1"
	[[ $output == *"not asked"* ]]
}

@test "an image with a name is found with either seam" {
	repository=$registry_open/t$BATS_TEST_NUMBER/web
	push_blob "$repository" "$place/config.json"
	push_manifest "$repository" 1 "$place/manifest.json"
	sign ci
	install_release "$((10 * BATS_TEST_NUMBER + 1))" "REGISTRY=$registry_open" \
		"IMAGE_PREFIX=t$BATS_TEST_NUMBER" IMAGE_TAG=1 "IMAGE_DIGEST_WEB=$digest"
	ask
	[ "$status" -eq 0 ]
	found images.signed ok
}
