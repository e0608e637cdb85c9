#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install-package --oci, against Debian's docker-registry.

setup_file() {
	load install
	load oci
	make_releases
	htpasswd -Bbn u p >"$BATS_FILE_TMPDIR/htpasswd"
	start_registry open
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost -keyout "$BATS_FILE_TMPDIR/tls.key" \
		-out "$BATS_FILE_TMPDIR/tls.pem" 2>/dev/null
	start_registry tls "" "{certificate: $BATS_FILE_TMPDIR/tls.pem, key: $BATS_FILE_TMPDIR/tls.key}"
	start_registry basic "auth: {htpasswd: {realm: r, path: $BATS_FILE_TMPDIR/htpasswd}}"
	for version in 1.0.0 1.1.0 1.2.0; do
		push_release "$registry_open/acme/shop" "$version" "$version" \
			>"$BATS_FILE_TMPDIR/digest-$version"
	done
	start_bad_registry "$BATS_FILE_TMPDIR/dist/1.0.0"
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load install
	load oci
	make_host
	ini=$root/etc/tidegate/$app.ini
	printf '[source]\nallow_plain_http = 127.0.0.1\n' >"$ini"
	credentials=$root/etc/tidegate/credentials/$app
	mkdir "$(dirname "$credentials")"
}

fetch() {
	run install-package --root "$root" --app "$app" "$@"
}

digest() {
	cat "$BATS_FILE_TMPDIR/digest-$1"
}

# remember, nothing_changed - below a host that has fetched before, but for the
# lock and the time of the empty spool.
remember() {
	install 1.0.0
	fetch --oci "$registry_open/acme/none"
	before=$(snapshot | grep -v '/\.spool ')
}
nothing_changed() {
	diff <(echo "$before") <(snapshot | grep -v '/\.spool ')
}

@test "an artifact installs by tag; status and the receipt say its digest" {
	fetch --oci "$registry_open/acme/shop:1.0.0"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	run install-package status --root "$root" --app "$app"
	[[ "$output" == *"oci://$registry_open/acme/shop@$(digest 1.0.0)"* ]]
	grep -q "source = oci://$registry_open/acme/shop@$(digest 1.0.0)" \
		"$root/opt/$app/packages/1.0.0/receipt.ini"
}

@test "a bundle that was pushed as it is, as one layer, installs, too" {
	push_artifact "$registry_open/acme/single" 1.0.0 "$type_bundle" \
		"$BATS_FILE_TMPDIR/dist/1.0.0/$app-1.0.0.tar.gz" \
		>"$BATS_TEST_TMPDIR/digest"
	fetch --oci "$registry_open/acme/single:1.0.0"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	grep -q "source = oci://$registry_open/acme/single@$(cat "$BATS_TEST_TMPDIR/digest")" \
		"$root/opt/$app/packages/1.0.0/receipt.ini"
}

@test "one layer that is no bundle, or two that may be, are refused" {
	bundle=$BATS_TEST_TMPDIR/$app-1.tar.gz
	head -c 70000 /dev/zero | gzip >"$bundle"
	cp "$bundle" "$BATS_TEST_TMPDIR/other.tar.gz"
	: >"$BATS_TEST_TMPDIR/empty.tar.gz"
	to=$registry_open/acme/none
	push_artifact "$to" junk "$type_bundle" "$bundle" >/dev/null
	push_artifact "$to" empty "$type_bundle" \
		"$BATS_TEST_TMPDIR/empty.tar.gz" >/dev/null
	push_artifact "$to" two "$type_bundle" "$bundle" \
		"$BATS_TEST_TMPDIR/other.tar.gz" >/dev/null
	for tag in junk empty two; do
		fetch --oci "$to:$tag"
		[ "$status" -eq 5 ]
		[ ! -e "$root/opt/$app/current" ]
	done
	[[ "$output" == *"none of its 2 layers is called release.ini"* ]]
}

@test "the tag follows --version, and a digest says it all" {
	fetch --oci "$registry_open/acme/shop" --version 1.1.0
	[ "$status" -eq 0 ]
	same_tree 1.1.0
	fetch --oci "$registry_open/acme/shop@$(digest 1.2.0)"
	[ "$status" -eq 0 ]
	same_tree 1.2.0
}

@test "latest is a tag as any other, and nothing newer is a success" {
	push_release "$registry_open/acme/latest" latest 1.1.0
	fetch --oci "$registry_open/acme/latest" --version latest
	[ "$status" -eq 0 ]
	same_tree 1.1.0
	fetch --oci "$registry_open/acme/latest" --version latest
	[ "$status" -eq 0 ]
	push_release "$registry_open/acme/latest" latest 1.2.0
	fetch --oci "$registry_open/acme/latest"
	[ "$status" -eq 0 ]
	same_tree 1.2.0
}

@test "a registry is asked over TLS, with the host's own authority" {
	local name=localhost:${registry_tls#*:}/acme/shop:1.0.0
	fetch --oci "$name"
	[ "$status" -eq 3 ]
	printf '[source]\nca_file = /etc/ca.pem\n' >"$ini"
	cp "$BATS_FILE_TMPDIR/tls.pem" "$root/etc/ca.pem"
	fetch --oci "$name"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	# The certificate is not for this name.
	fetch --oci "$registry_tls/acme/shop:1.1.0"
	[ "$status" -eq 3 ]
	[[ "$output" == *certificate* ]]
}

@test "a tag that holds another version than is asked for is refused" {
	push_release "$registry_open/acme/wrong" 1.1.0 1.0.0
	remember
	fetch --oci "$registry_open/acme/wrong" --version 1.1.0
	[ "$status" -ne 0 ]
	nothing_changed
}

@test "[source] oci is used when the command line names nothing" {
	printf 'oci = %s\n' "$registry_open/acme/shop:1.0.0" >>"$ini"
	fetch
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "[source] url comes first, and the artifact takes over" {
	printf 'url = http://127.0.0.1:1/\noci = %s\n' "$registry_open/acme/shop:1.0.0" >>"$ini"
	fetch
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a reference that is none is refused in the configuration too" {
	printf 'oci = acme/shop\n' >>"$ini"
	fetch
	[ "$status" -eq 2 ]
	[[ "$output" == *"oci: 'acme/shop' is no REGISTRY/REPOSITORY"* ]]
	printf '[source]\nallow_plain_http = 127.0.0.1\n' >"$ini"
	fetch --oci acme/shop
	[ "$status" -eq 2 ]
	fetch --oci "$registry_open/acme/shop:1.0.0" --url https://example.org/
	[ "$status" -eq 2 ]
}

@test "credentials come from the host's folder, from a file, from systemd and from docker's file" {
	printf 'oci = %s\n' "$registry_basic/acme/other" >>"$ini"
	echo u:p >"$credentials"
	chmod 600 "$credentials"
	fetch --verify-only --oci "$registry_basic/acme/shop:1.0.0"
	[ "$status" -eq 0 ]

	mv "$credentials" "$BATS_TEST_TMPDIR/named"
	fetch --verify-only --oci "$registry_basic/acme/shop:1.0.0"
	[ "$status" -eq 3 ]
	[[ "$output" == *"/etc/tidegate/credentials/$app (0600)"* ]]
	fetch --verify-only --oci "$registry_basic/acme/shop:1.0.0" \
		--token-file "$BATS_TEST_TMPDIR/named"
	[ "$status" -eq 0 ]

	mkdir "$BATS_TEST_TMPDIR/systemd"
	cp "$BATS_TEST_TMPDIR/named" "$BATS_TEST_TMPDIR/systemd/$app"
	CREDENTIALS_DIRECTORY=$BATS_TEST_TMPDIR/systemd \
		fetch --verify-only --oci "$registry_basic/acme/shop:1.0.0"
	[ "$status" -eq 0 ]

	printf 'token_file = /etc/shop.token\n' >>"$ini"
	cp "$BATS_TEST_TMPDIR/named" "$root/etc/shop.token"
	fetch --verify-only --oci "$registry_basic/acme/shop:1.0.0"
	[ "$status" -eq 0 ]

	printf '[source]\nallow_plain_http = 127.0.0.1\ndocker_config = /etc/docker.json\n' >"$ini"
	printf '{"auths":{"%s":{"auth":"dTpw"}}}' "$registry_basic" >"$root/etc/docker.json"
	chmod 600 "$root/etc/docker.json"
	fetch --verify-only --oci "$registry_basic/acme/shop:1.0.0"
	[ "$status" -eq 0 ]
}

@test "the host's credentials go to no registry that only the command line names" {
	echo u:p >"$credentials"
	chmod 600 "$credentials"
	for own in "" "oci = $registry_open/acme/shop" "url = https://localhost:1/"; do
		printf '[source]\nallow_plain_http = 127.0.0.1\n%s\n' "$own" >"$ini"
		: >"$bad_log"
		fetch --oci "$bad/basic:1"
		[ "$status" -eq 3 ]
		[[ "$output" == *"without credentials"* ]]
		[[ "$(cat "$bad_log")" != *Basic* ]]
		[ -s "$bad_log" ]
	done
	fetch --oci "$bad/basic:1" --token-file "$credentials"
	[ "$status" -eq 3 ]
	[[ "$(cat "$bad_log")" == *Basic* ]]
}

@test "credentials that others may read are refused" {
	echo u:p >"$credentials"
	chmod 640 "$credentials"
	fetch --verify-only --oci "$registry_basic/acme/shop:1.0.0"
	[ "$status" -eq 4 ]
	[[ "$output" == *"'etc/tidegate/credentials/$app' holds credentials, and others may open it: chmod 600" ]]
	chmod 644 "$credentials"
	fetch --verify-only --oci "$registry_open/acme/shop:1.0.0" --token-file "$credentials"
	[ "$status" -eq 4 ]
}

@test "no secret is in an argument, a log or an error" {
	printf 'oci = %s\n' "$registry_basic/acme/shop" >>"$ini"
	echo u:topsecret >"$credentials"
	chmod 600 "$credentials"
	strace -f -qq -e trace=execve,execveat -s 4096 -o "$BATS_TEST_TMPDIR/trace" \
		install-package --root "$root" --app "$app" \
		--oci "$registry_basic/acme/shop:1.0.0" >"$BATS_TEST_TMPDIR/said" 2>&1 || true
	grep -q '"fetch-worker"' "$BATS_TEST_TMPDIR/trace"
	grep -q 401 "$BATS_TEST_TMPDIR/said"
	run grep -rs topsecret "$BATS_TEST_TMPDIR/trace" "$BATS_TEST_TMPDIR/said" \
		"$root/var" "$root/opt"
	[ -z "$output" ]
}

@test "bad registries: one clear error each, and nothing changes" {
	local name
	remember
	for name in loop basic realminner tokenaway tokenbad negotiate denied \
		digest blob many path absolute twice both huge html kind empty \
		size endless; do
		fetch --oci "$bad/$name:1.0.0"
		[ "$status" -ne 0 ] || { echo "$name installed" && false; }
		[[ "$output" == "install-package: error: "* ]]
		nothing_changed
	done
}
