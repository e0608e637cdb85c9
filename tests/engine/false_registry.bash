# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # for the tests; place and root are of make_place
# shellcheck disable=SC2120,SC2119 # tests give more
# Images at false_registry.py, and what is said of their signatures, for bats
# files:  load ../cli/lib; load ../cli/oci; load ../cli/keyless; load engine;
# load false_registry

type_payload=application/vnd.dev.cosign.simplesigning.v1+json
type_slsa=https://slsa.dev/provenance/v1
type_scan=https://cosign.sigstore.dev/attestation/vuln/v1
nothing=$(printf '%064d' 0)

# make_signers - a host, whose policy knows ci; stranger has a key as well.
make_signers() {
	make_place
	make_host
	keys=$place/keys
	mkdir "$keys"
	make_cosign_key "$keys" ci
	make_cosign_key "$keys" stranger
	cp "$keys/ci.pub.pem" "$root/etc/tidegate/trust/shop/ci.pem"
	export keys
}

remove_signers() {
	[ ! -f "$BATS_FILE_TMPDIR/servers" ] || stop_servers
	remove_place
}

# start_images - of a test: a registry of its own, with an image.
start_images() {
	served=$BATS_TEST_TMPDIR/served
	mkdir "$served"
	python3 "$BATS_TEST_DIRNAME/false_registry.py" "$served" \
		"$BATS_TEST_TMPDIR/port" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	echo "$!" >>"$BATS_FILE_TMPDIR/servers"
	wait_for_server "$!" "$BATS_TEST_TMPDIR/err" test -s "$BATS_TEST_TMPDIR/port"
	registry=127.0.0.1:$(cat "$BATS_TEST_TMPDIR/port")
	serve_image app
	configure
}

# configure [LINE...] - further lines of [source].
configure() {
	{
		printf '[source]\nallow_plain_http = 127.0.0.1\n'
		printf '%s\n' "$@" '[container]' 'images_signed = ci'
	} >"$root/etc/tidegate/shop.ini"
}

# release LINE... - the next one, of this profile.
release() {
	release=$((${release-0} + 1))
	install_release "$((100 * BATS_TEST_NUMBER + release))" \
		"REGISTRY=$registry" IMAGE_PREFIX=app IMAGE_TAG=1 "$@"
}

# serve KIND NAME FILE - as that of the repository.
serve() {
	mkdir -p "$served/v2/$repository/$1"
	cp "$3" "$served/v2/$repository/$1/$2"
}

# serve_image REPOSITORY - an image of its own; sets $repository and $digest.
serve_image() {
	repository=$1
	printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":2},"layers":[],"annotations":{"test":"%s"}}' \
		"$type_manifest" "$nothing" "$1" >"$BATS_TEST_TMPDIR/image"
	digest=$(digest_of "$BATS_TEST_TMPDIR/image")
	serve manifests "$digest" "$BATS_TEST_TMPDIR/image"
	layers=()
	entries=()
}

# add_layer KEY [NUMBER] - one more signature, as cosign lays it down; signatures
# of another number have another payload.
add_layer() {
	local payload=$BATS_TEST_TMPDIR/payload
	printf '{"critical":{"identity":{"docker-reference":"x"},"image":{"docker-manifest-digest":"%s"},"type":"cosign container image signature"},"optional":{"n":"%s"}}' \
		"$digest" "${2-}" >"$payload"
	openssl dgst -sha256 -sign "$keys/$1.key" -out "$payload.sig" "$payload"
	layers+=("$(descriptor "$payload" "$type_payload" |
		jq -c --arg signature "$(b64 "$payload.sig")" \
			'. + {annotations: {"dev.cosignproject.cosign/signature": $signature}}')")
	serve blobs "$(digest_of "$payload")" "$payload"
}

serve_layers() {
	manifest "" "${layers[@]}" >"$BATS_TEST_TMPDIR/layers"
	serve manifests "${digest/:/-}.sig" "$BATS_TEST_TMPDIR/layers"
}

# add_bundle KEY PREDICATE_TYPE - one more that refers to the image.
add_bundle() {
	local bundle=$BATS_TEST_TMPDIR/bundle statement
	statement=$(jq -nc --arg digest "${digest#sha256:}" --arg type "$2" \
		'{_type: "https://in-toto.io/Statement/v1",
		subject: [{digest: {sha256: $digest}}], predicateType: $type, predicate: {}}')
	_envelope "$keys" "$1" "$statement" >"$bundle.envelope"
	_bundle "$(_material "$keys" "$1" "$keys/$1.dsse")" \
		"{ \"dsseEnvelope\": $(cat "$bundle.envelope") }" >"$bundle"
	serve blobs "$(digest_of "$bundle")" "$bundle"
	manifest "$type_sigstore" "$(descriptor "$bundle" "$type_sigstore")" \
		>"$bundle.manifest"
	serve manifests "$(digest_of "$bundle.manifest")" "$bundle.manifest"
	entries+=("$(descriptor "$bundle.manifest" "$type_manifest" |
		jq -c --arg type "$type_sigstore" '. + {artifactType: $type}')")
}

# other_entries COUNT [PREDICATE_TYPE] - of manifests that are not there.
other_entries() {
	jq -nc --arg own "$type_manifest" --arg type "$type_sigstore" \
		--argjson count "$1" --arg predicate "${2-}" 'range($count) |
		{mediaType: $own, artifactType: $type, size: 2, digest:
		("sha256:" + ("0" * 64 + tostring)[-64:])} + if $predicate == "" then {} else
		{annotations: {"dev.sigstore.bundle.predicateType": $predicate}} end'
}

# serve_referrers [NAME] - what is on standard input, as the list.
serve_referrers() {
	jq -sc --arg own "$type_index" \
		'{schemaVersion: 2, mediaType: $own, manifests: .}' \
		>"$BATS_TEST_TMPDIR/list"
	serve referrers "${1-$digest}" "$BATS_TEST_TMPDIR/list"
}

ask() {
	run check-health --root "$root" --app shop --format json \
		--only images.signed --online "$@"
}

# said OBJECT SEVERITY TEXT - of that image.
said() {
	jq -e --arg object "$1" --arg severity "$2" --arg text "$3" \
		'.apps[].findings[] | select(.object == $object) |
		.severity == $severity and (.text | contains($text))' <<<"$output"
}

# advised TEXT - as the remedy of the one finding.
advised() {
	jq -e --arg text "$1" '.apps[].findings | length == 1 and
		(.[0].remedy | contains($text))' <<<"$output"
}
