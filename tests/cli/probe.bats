#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# [health] http: what probe-worker makes of the answers of a service.

load lib

setup_file() {
	load lib
	make_key "$BATS_FILE_TMPDIR/ops"
	make_tree "$BATS_FILE_TMPDIR/tree"
	make_bundle shop 1.0.0 "$BATS_FILE_TMPDIR/tree" "$BATS_FILE_TMPDIR/dist" \
		--key "$BATS_FILE_TMPDIR/ops" >"$BATS_FILE_TMPDIR/bundle"
	python3 "$BATS_TEST_DIRNAME/probe_server.py" \
		"$BATS_FILE_TMPDIR/asked" >"$BATS_FILE_TMPDIR/port" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	wait_for_server "$!" /dev/null test -s "$BATS_FILE_TMPDIR/port"
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/pid")"
}

setup() {
	root=$BATS_TEST_TMPDIR/root
	new_host
	: >"$BATS_FILE_TMPDIR/asked"
}

# new_host - an empty $root that trusts the key.
new_host() {
	rm -rf "$root"
	mkdir "$root"
	install-package setup --root "$root" --app shop \
		--key "$BATS_FILE_TMPDIR/ops.pub" >/dev/null
}

# install_with PATH|URL [TIMEOUT] - install with this probe as the gate.
install_with() {
	local url=$1
	[[ $url == *://* ]] || url=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")/$1
	printf '[health]\nhttp = %s\ntimeout = %s\n' "$url" "${2-1}" \
		>"$root/etc/tidegate/shop.ini"
	run install-package --root "$root" --app shop \
		--bundle "$(cat "$BATS_FILE_TMPDIR/bundle")"
}

@test "200, 204 and 299 are healthy" {
	for code in 200 204 299; do
		install_with "status/$code"
		[ "$status" -eq 0 ]
		install-package uninstall --all --app shop --root "$root" >/dev/null
	done
}

@test "any other status is not, and is told" {
	for code in 300 301 404 503; do
		new_host # where the release is not marked bad yet
		install_with "status/$code"
		[ "$status" -eq 8 ]
		assert_output_has "status/$code: " "status $code"
		[ ! -e "$root/opt/shop/current" ]
	done
}

@test "a redirect is not followed" {
	install_with redirect
	[ "$status" -eq 8 ]
	assert_output_has "status 302"
	run grep -c 'status/200' "$BATS_FILE_TMPDIR/asked"
	[ "$output" = 0 ]
}

@test "a service that says nothing is unhealthy when the time is up" {
	began=$SECONDS
	install_with hang 1
	[ "$status" -eq 8 ]
	[ $((SECONDS - began)) -lt 10 ]
}

@test "a body without end is healthy by its status" {
	install_with endless 5
	[ "$status" -eq 0 ]
}

@test "what is no answer in HTTP is unhealthy" {
	install_with garbage
	[ "$status" -eq 8 ]
}

@test "a port that nobody listens on is unhealthy" {
	install_with http://127.0.0.1:1/
	[ "$status" -eq 8 ]
}

@test "other addresses than http and https are refused" {
	for url in file:///etc/hostname ftp://127.0.0.1/; do
		install_with "$url"
		[ "$status" -eq 2 ] || [ "$status" -eq 8 ]
		[ ! -e "$root/opt/shop/current" ]
	done
}

@test "the health of the service is asked with GET, by Tidegate" {
	install_with status/200
	[ "$status" -eq 0 ]
	grep -qE '^GET /status/200 tidegate/[0-9.]+$' "$BATS_FILE_TMPDIR/asked"
}

@test "a proxy of the environment is not asked" {
	export http_proxy=http://127.0.0.1:1/ ALL_PROXY=http://127.0.0.1:1/
	install_with status/200
	[ "$status" -eq 0 ]
}

@test "probe-worker does nothing without a monitor" {
	run "$build/libexec/tidegate/probe-worker"
	[ "$status" -eq 2 ]
}
