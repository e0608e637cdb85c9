#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# check-health --online at registries that refuse, have lost what they name, or
# hold what a stranger pushed: none of it hides a good signature or makes a bad
# one count, and each is told from the others.

load ../cli/lib
load ../cli/oci
load ../cli/keyless
load engine
load false_registry

setup_file() {
	load ../cli/lib
	load ../cli/oci
	load ../cli/keyless
	load engine
	load false_registry
	make_signers
}

setup() {
	start_images
}

teardown_file() {
	remove_signers
}

# --- what others pushed ---

@test "a signature whose payload is gone hides no other" {
	release "IMAGE_DIGEST=$digest"
	add_layer stranger 1
	rm "$served/v2/app/blobs/"*
	serve_layers
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "does not have what it names"
	add_layer ci 2
	serve_layers
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by 'ci'"
}

@test "a payload of other bytes hides no other" {
	release "IMAGE_DIGEST=$digest"
	add_layer stranger 1
	printf '{"critical":{}}' | truncate -s "$(jq -r .size <<<"${layers[0]}")" \
		"$served/v2/app/blobs/"*
	printf x | dd conv=notrunc status=none of="$(echo "$served/v2/app/blobs/"*)"
	add_layer ci 2
	serve_layers
	ask
	[ "$status" -eq 0 ]
}

@test "a tag that leads to no manifest hides no bundle" {
	release "IMAGE_DIGEST=$digest"
	printf '{"schemaVersion":2,"layers":"\303\244 none"}' >"$BATS_TEST_TMPDIR/layers"
	serve manifests "${digest/:/-}.sig" "$BATS_TEST_TMPDIR/layers"
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "can be judged"
	add_bundle ci "$type_slsa"
	printf '%s\n' "${entries[@]}" | serve_referrers
	ask
	[ "$status" -eq 0 ]
}

@test "a referrer that is no manifest hides no other" {
	release "IMAGE_DIGEST=$digest"
	printf '{"schemaVersion":2,"layers":[{"mediaType":"%079dä","digest":"ä"}]}' 0 \
		>"$BATS_TEST_TMPDIR/none"
	serve manifests "$(digest_of "$BATS_TEST_TMPDIR/none")" "$BATS_TEST_TMPDIR/none"
	entries=("$(descriptor "$BATS_TEST_TMPDIR/none" "$type_manifest")")
	printf '%s\n' "${entries[@]}" | serve_referrers
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "can be judged"
	add_bundle ci "$type_slsa"
	printf '%s\n' "${entries[@]}" | serve_referrers
	ask
	[ "$status" -eq 0 ]
}

@test "cosign's layers count in a manifest that refers to the image, too" {
	local type=application/vnd.dev.cosign.artifact.sig.v1+json
	release "IMAGE_DIGEST=$digest"
	add_layer ci
	manifest "$type" "${layers[@]}" >"$BATS_TEST_TMPDIR/referrer"
	serve manifests "$(digest_of "$BATS_TEST_TMPDIR/referrer")" \
		"$BATS_TEST_TMPDIR/referrer"
	descriptor "$BATS_TEST_TMPDIR/referrer" "$type_manifest" |
		jq -c --arg type "$type" '. + {artifactType: $type}' | serve_referrers
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by 'ci'"
}

@test "scans of an image take no signature's place, however many" {
	release "IMAGE_DIGEST=$digest"
	add_bundle ci "$type_slsa"
	{
		other_entries 300 "$type_scan"
		echo "${entries[0]}"
	} | serve_referrers
	ask
	[ "$status" -eq 0 ]
	run ! grep "manifests/sha256:00" "$served/log"
}

@test "of 65 that may be signatures one is not asked for, which is said" {
	release "IMAGE_DIGEST=$digest"
	add_bundle ci "$type_slsa"
	{
		other_entries 63
		echo "${entries[0]}"
	} | serve_referrers
	ask
	[ "$status" -eq 0 ]
	{
		other_entries 64
		echo "${entries[0]}"
	} | serve_referrers
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "more refers to the image"
}

@test "a list of 4096 is read, and one of 4097 said to be too long" {
	release "IMAGE_DIGEST=$digest"
	add_bundle ci "$type_slsa"
	{
		other_entries 4095 "$type_scan"
		echo "${entries[0]}"
	} | serve_referrers
	ask
	[ "$status" -eq 0 ]
	{
		other_entries 4096 "$type_scan"
		echo "${entries[0]}"
	} | serve_referrers
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "4096"
}

@test "of nine pages the last is not asked for, which is said" {
	local page name=$digest
	release "IMAGE_DIGEST=$digest"
	add_bundle ci "$type_slsa"
	for page in 2 3 4 5 6 7 8; do
		other_entries 0 | serve_referrers "$name"
		printf '/v2/app/referrers/%s?page=%s' "$digest" "$page" \
			>"$served/v2/app/referrers/$name.next"
		name=$digest?page=$page
	done
	echo "${entries[0]}" | serve_referrers "$name"
	ask
	[ "$status" -eq 0 ]
	other_entries 0 | serve_referrers "$name"
	printf '/v2/app/referrers/%s?page=9' "$digest" \
		>"$served/v2/app/referrers/$name.next"
	echo "${entries[0]}" | serve_referrers "$digest?page=9"
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "more refers to the image"
	run ! grep "page=9" "$served/log"
}

@test "beyond 32 signatures nothing more is asked for" {
	local i
	release "IMAGE_DIGEST=$digest"
	add_layer stranger
	for i in $(seq 2 32); do layers+=("${layers[0]}"); done
	serve_layers
	add_bundle ci "$type_slsa"
	printf '%s\n' "${entries[@]}" | serve_referrers
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "of 32 signatures" \
		"1 more were left out: there are too many of them"
	run ! grep "$(jq -r .digest <<<"${entries[0]}")" "$served/log"
}

@test "a signature of the index is none of its member" {
	local member=$digest
	printf '%s\n' "{\"schemaVersion\":2,\"mediaType\":\"$type_index\",\"manifests\":[{\"mediaType\":\"$type_manifest\",\"digest\":\"$member\",\"size\":2,\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}]}" \
		>"$BATS_TEST_TMPDIR/index"
	digest=$(digest_of "$BATS_TEST_TMPDIR/index")
	serve manifests "$digest" "$BATS_TEST_TMPDIR/index"
	printf %s "$type_index" >"$served/v2/app/manifests/$digest.type"
	add_layer ci
	serve_layers
	release "IMAGE_DIGEST=$digest"
	ask
	[ "$status" -eq 0 ]
	# Also where it lies beside the member.
	cp "$served/v2/app/manifests/${digest/:/-}.sig" \
		"$served/v2/app/manifests/${member/:/-}.sig"
	release "IMAGE_DIGEST=$member"
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "about another image, $digest"
}

@test "an image that is odd is not signed for that" {
	printf '{"schemaVersion":2,"layers":[{"mediaType":"a/b","digest":"sha512:%s","size":1}]}' \
		"$nothing" >"$BATS_TEST_TMPDIR/odd"
	digest=$(digest_of "$BATS_TEST_TMPDIR/odd")
	serve manifests "$digest" "$BATS_TEST_TMPDIR/odd"
	release "IMAGE_DIGEST=$digest"
	ask
	[ "$status" -eq 2 ]
	found images.signed critical "no signature"
}

@test "an image of other bytes than its digest's is not the image" {
	release "IMAGE_DIGEST=$digest"
	add_layer ci
	serve_layers
	echo >>"$served/v2/app/manifests/$digest"
	ask
	[ "$status" -eq 3 ]
	found images.signed unknown "sends a manifest of digest"
}

# --- who refuses ---

@test "a name that is refused, as many registries do what they lack, is tried with the other seam" {
	serve_image app/web
	add_layer ci
	serve_layers
	release "IMAGE_DIGEST_WEB=$digest"
	printf 403 >"$served/absent"
	printf x >"$served/v2/app/web/manifests/${digest/:/-}" # no referrers: their tag
	printf 404 >"$served/v2/app/web/manifests/${digest/:/-}.status"
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by 'ci'"
	run check-health --root "$root" --app shop --format json \
		--only registry.reachable --online
	[ "$status" -eq 0 ]
	found registry.reachable ok "has the image"
}

@test "without a prefix a name follows the registry, and makes no other host of it" {
	serve_image web
	add_layer ci
	serve_layers
	install_release "$((100 * BATS_TEST_NUMBER))" "REGISTRY=$registry" \
		IMAGE_TAG=1 "IMAGE_DIGEST_WEB=$digest"
	ask
	[ "$status" -eq 0 ]
	found images.signed ok "signed by 'ci'"
	run check-health --root "$root" --app shop --format json \
		--only registry.reachable --online
	found registry.reachable ok "has the image"
}

@test "who refuses one image is asked for the next" {
	add_layer stranger
	serve_layers
	release "IMAGE_DIGEST_A=sha256:$nothing" "IMAGE_DIGEST=$digest" \
		"IMAGE_DIGEST_Z=$digest"
	mkdir -p "$served/v2/app-z/manifests"
	cp "$served/v2/app/manifests/"* "$served/v2/app-z/manifests/"
	cp -r "$served/v2/app/blobs" "$served/v2/app-z/"
	mkdir -p "$served/v2/app-a/manifests"
	printf x >"$served/v2/app-a/manifests/sha256:$nothing"
	printf 401 >"$served/v2/app-a/manifests/sha256:$nothing.status"
	ask
	[ "$status" -eq 2 ]
	said "$registry/app-a@sha256:$nothing" unknown 401
	said "$registry/app-z@$digest" critical "none is by whom"
}

@test "refused, absent and silent are told apart, each with its remedy" {
	release "IMAGE_DIGEST=sha256:$nothing"
	ask
	[ "$status" -eq 3 ]
	found images.signed unknown "no image of that name"
	advised "push it there"
	mkdir -p "$served/v2/app/manifests"
	: >"$served/v2/app/manifests/sha256:$nothing.echo"
	ask
	[ "$status" -eq 3 ]
	found images.signed unknown "credentials/shop (0600)"
	advised "right to pull"
	install_release "$((100 * BATS_TEST_NUMBER + 50))" REGISTRY=127.0.0.1:1 \
		IMAGE_PREFIX=app IMAGE_TAG=1 "IMAGE_DIGEST=sha256:$nothing"
	ask
	[ "$status" -eq 3 ]
	found images.signed unknown "127.0.0.1:1"
	advised "look at the network"
}

@test "credentials that we may not read are no fault of the registry" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	release "IMAGE_DIGEST=$digest"
	echo '{}' >"$root/etc/docker.json"
	chmod 644 "$root/etc/docker.json"
	configure 'docker_config = /etc/docker.json'
	ask
	[ "$status" -eq 3 ]
	found images.signed unknown "chmod 600"
	advised ""
	run ! advised "network"
	[ ! -e "$served/log" ]
}

@test "a registry that says our password aloud is not repeated" {
	release "IMAGE_DIGEST=sha256:$nothing"
	mkdir -p "$served/v2/app/manifests"
	: >"$served/v2/app/manifests/sha256:$nothing.echo"
	printf '{"auths":{"%s":{"auth":"%s"}}}' "$registry" \
		"$(printf robot:can4ry-s3cret | base64)" >"$root/etc/docker.json"
	chmod 600 "$root/etc/docker.json"
	configure 'docker_config = /etc/docker.json'
	ask
	[ "$status" -eq 3 ]
	found images.signed unknown 403
	advised "right to pull"
	[[ $output != *can4ry* ]]
	[[ $output != *"$(printf robot:can4ry-s3cret | base64)"* ]]
}
