#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# check-health --online: whether the registry of the images lets the host in.
# Real docker-registries, one of which wants a password.

load ../cli/lib
load ../cli/oci
load engine

setup_file() {
	load ../cli/lib
	load ../cli/oci
	load engine
	if ! command -v docker-registry >/dev/null; then
		skip_file "needs docker-registry"
		return
	fi
	make_place
	make_host
	start_registry open
	htpasswd -Bbn u secret >"$BATS_FILE_TMPDIR/htpasswd"
	start_registry closed "auth: {htpasswd: {realm: r, path: $BATS_FILE_TMPDIR/htpasswd}}"
	printf '{}' >"$place/config.json"
	printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},"layers":[]}' \
		"$type_manifest" "$(digest_of "$place/config.json")" >"$place/manifest.json"
	push_blob "$registry_open/shop-web" "$place/config.json"
	push_manifest "$registry_open/shop-web" 1 "$place/manifest.json"
	digest=$(digest_of "$place/manifest.json")
	export digest registry_open registry_closed
}

setup() {
	skip_with_file
}

teardown_file() {
	[ ! -f "$BATS_FILE_TMPDIR/servers" ] || stop_servers
	remove_place
}

# install_from VERSION REGISTRY
install_from() {
	install_release "$1" "REGISTRY=$2" IMAGE_PREFIX=shop IMAGE_TAG=1 \
		"IMAGE_DIGEST_WEB=$digest"
}

# configure_source LINE...
configure_source() {
	{
		printf '[source]\nallow_plain_http = 127.0.0.1\n'
		printf '%s\n' "$@"
	} >"$root/etc/tidegate/shop.ini"
}

ask() {
	run check-health --root "$root" --app shop --format json \
		--only registry.reachable --online
}

@test "a registry is asked with --online alone" {
	install_from 1 "$registry_open"
	configure_source
	run -0 check-health --root "$root" --app shop --format json --only registry.reachable
	found registry.reachable not-applicable "--online"
}

@test "a registry that has the image is reachable" {
	configure_source
	ask
	[ "$status" -eq 0 ]
	found registry.reachable ok "$registry_open" "has the image"
}

@test "a registry that wants a password is reachable with it alone" {
	install_from 2 "$registry_closed"
	configure_source
	ask
	[ "$status" -eq 1 ]
	found registry.reachable warning
	printf '{"auths":{"%s":{"auth":"%s"}}}' "$registry_closed" \
		"$(printf u:secret | base64)" >"$root/etc/docker.json"
	chmod 600 "$root/etc/docker.json"
	configure_source 'docker_config = /etc/docker.json'
	ask
	found registry.reachable ok "$registry_closed" "has the image"
}

@test "credentials that others may read are not shown to anybody" {
	chmod 644 "$root/etc/docker.json"
	configure_source 'docker_config = /etc/docker.json'
	ask
	chmod 600 "$root/etc/docker.json"
	[ "$status" -ne 0 ]
	found registry.reachable warning "chmod 600"
}

@test "a token is for the registry of the releases, and for no other" {
	printf 'u:secret\n' >"$root/etc/token"
	chmod 600 "$root/etc/token"
	configure_source 'token_file = /etc/token' "oci = $registry_closed/bundle"
	ask
	found registry.reachable ok
	configure_source 'token_file = /etc/token' "oci = $registry_open/bundle"
	ask
	found registry.reachable warning
}

@test "an image that the registry does not have is no fault of the registry" {
	digest=sha256:$(printf x | sha256sum | cut -d ' ' -f 1)
	install_from 3 "$registry_open"
	configure_source
	ask
	found registry.reachable ok "no image of that name"
}

@test "a registry that is not there is a warning" {
	install_from 4 127.0.0.1:1
	configure_source
	ask
	[ "$status" -eq 1 ]
	found registry.reachable warning
}

@test "a registry that is silent is a warning, and unknown to who has no time" {
	local port began=$SECONDS
	python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True); time.sleep(60)' \
		>"$BATS_TEST_TMPDIR/port" 3>&- &
	echo "$!" >>"$BATS_FILE_TMPDIR/servers"
	timeout 20 sh -c "until [ -s '$BATS_TEST_TMPDIR/port' ]; do :; done"
	port=$(cat "$BATS_TEST_TMPDIR/port")
	install_from 5 "127.0.0.1:$port"
	configure_source
	run check-health --root "$root" --app shop --format nagios \
		--only registry.reachable,images.signed --online
	[ "$status" -eq 3 ]
	[ $((SECONDS - began)) -lt 10 ]
}
