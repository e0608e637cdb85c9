#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# check-health --online at registries that do not get done: what came counts,
# what did not is unknown, and other images are judged.

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

# serve_slow REPOSITORY - an image whose referrers are never told.
serve_slow() {
	serve_image "$1"
	mkdir -p "$served/v2/$1/referrers"
	: >"$served/v2/$1/referrers/$digest.hang"
}

@test "what came in time counts, what did not is unknown, and the next is asked for" {
	local good
	# One that is good, and more that is never told.
	serve_slow app-a
	good=$digest
	add_layer ci
	serve_layers
	# A stranger's, and one of which nobody can tell.
	serve_image app-b
	add_layer stranger
	add_layer ci 2
	: >"$served/v2/app-b/blobs/$(jq -r .digest <<<"${layers[1]}").hang"
	serve_layers
	cut=$digest
	serve_image app-c
	release "IMAGE_DIGEST_A=$good" "IMAGE_DIGEST_B=$cut" \
		"IMAGE_DIGEST_C=$digest"
	ask
	[ "$status" -eq 2 ]
	run ! said "$registry/app-a@$good" unknown ""
	said "$registry/app-b@$cut" unknown "1 signatures came"
	said "$registry/app-b@$cut" unknown "check-health asks no longer"
	said "$registry/app-c@$digest" critical "no signature"
}
