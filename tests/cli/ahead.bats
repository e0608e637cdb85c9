#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # web.bash sets bad and bad_log
# An install from a server that keeps it waiting: what the network gives comes
# before the lock, whatever changes on the host meanwhile, and what went wrong is
# told to the user and to the history.

setup_file() {
	load lib
	load web
	work=$BATS_FILE_TMPDIR
	make_key "$work/key"
	make_key "$work/key2"
	mkdir -p "$work/tree/lib" "$work/www"
	for name in a b; do
		head -c 200000 /dev/urandom >"$work/tree/lib/$name"
	done
	release 1
	echo more >"$work/tree/lib/c"
	release 2
	cp -R "$work/tree" "$work/tree-2"
	rm "$work/tree/lib/c"
	# Those have nothing in common with the first two.
	for version in 3 4; do
		head -c 1000 /dev/urandom >"$work/tree/lib/a"
		cp "$work/tree/lib/a" "$work/tree/lib/b"
		release $version
	done
	: >"$work/www/none"
	start_bad_server "$work/www/none"
	export work
}

release() { # release VERSION: in $work/dist
	make_bundle shop "$1" "$work/tree" "$work/dist" --sequence "$1" \
		--key "$work/key" --profile dev >/dev/null
}

teardown_file() {
	load web
	stop_servers
}

setup() {
	load lib
	load web
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root"
	install-package setup --root "$root" --app shop --key "$work/key.pub" >/dev/null
	install-package trust add "$work/key2.pub" --root "$root" --app shop >/dev/null
	printf '[source]\nallow_plain_http = 127.0.0.1\n' >"$root/etc/tidegate/shop.ini"
	history=$root/var/lib/tidegate/shop/history.jsonl
	# A folder of the server for each test, so that its requests count from 1.
	folder=$BATS_TEST_NUMBER
	mkdir "$work/www/$folder"
	www=$work/www/$folder
	: >"$bad_log"
}

publish() { # publish VERSION
	cp -R "$work/dist/$1/." "$www/"
}

on_host() {
	install-package "$@" --root "$root" --app shop
}

# start_install [OPTION...] - from the server, in the background: $install, $out.
start_install() {
	out=$BATS_TEST_TMPDIR/out
	on_host install --url "$bad/$folder/" "$@" >"$out" 2>&1 3>&- &
	install=$!
}

# shut NAME [N] - the server answers no request for a part, but the first N.
shut() {
	echo "${2-0}" >"$www/$1.open"
}

open_up() {
	rm "$www/$1.open"
}

was_asked() {
	[ "$(grep -c "/$folder/$1\"" "$bad_log")" -ge "${2-1}" ]
}

# until_asked NAME [N] - wait for the N-th request for a part.
until_asked() {
	wait_until was_asked "$@"
}

# with_lock COMMAND... - run it while somebody else has the lock.
with_lock() {
	python3 - "$root/var/lib/tidegate/shop/lock" "$@" <<-END
		import fcntl, subprocess, sys
		held = open(sys.argv[1], "a")
		fcntl.lockf(held, fcntl.LOCK_EX)
		sys.exit(subprocess.run(sys.argv[2:]).returncode)
	END
}

# As often as it takes to meet a run that comes to its lock only now.
nobody_waits() {
	for _ in $(seq 60); do
		on_host hold 1 --quiet
		on_host unhold 1 --quiet
	done
}

# The last line of the history: FIELD...
last() {
	tail -n 1 "$history" | jq -r "$1"
}

# Release 1 is installed with one signature, and published with two.
publish_evidence() {
	on_host install --quiet --bundle "$work/dist/1/shop-1.tar.gz"
	publish 1
	package-release sign --key "$work/key2" "$www/shop-1.tar.gz" >/dev/null
	tar xzf "$www/shop-1.tar.gz" -C "$www"
	rm "$www/shop-1.tar.gz" "$www/parts.tar.xz" # they come one by one
}

@test "nobody waits while the parts of new evidence come" {
	publish_evidence
	shut payload.index
	start_install
	until_asked payload.index
	nobody_waits
	kill -0 $install
	open_up payload.index
	wait $install
	grep -q "its new evidence is put away" "$out"
	[ "$(last '[.op, .version, .result] | join(" ")')" = "renew 1 ok" ]
	[ "$(find "$root/opt/shop/packages/1" -name '*.minisig' | wc -l)" -eq 2 ]
}

@test "nor where a release was damaged meanwhile, and its payload is fetched after all" {
	publish_evidence
	shut payload.index
	shut payload.tar.gz
	start_install
	until_asked payload.index
	nobody_waits
	printf X | dd of="$root/opt/shop/releases/1/lib/a" bs=1 conv=notrunc status=none
	open_up payload.index
	until_asked payload.tar.gz
	nobody_waits
	kill -0 $install
	open_up payload.tar.gz
	wait $install
	check-health --root "$root" --app shop --quiet
	[ "$(find "$root/opt/shop/packages/1" -name '*.minisig' | wc -l)" -eq 2 ]
}

@test "why a fetch failed is told, also while somebody has the lock" {
	on_host install --quiet --bundle "$work/dist/1/shop-1.tar.gz"
	publish 2
	rm "$www/payload.tar.gz"
	cp "$history" "$BATS_TEST_TMPDIR/before"
	run with_lock install-package --root "$root" --app shop --url "$bad/$folder/"
	[ "$status" -eq 3 ]
	assert_output_has "payload.tar.gz" "the history could not be written"
	cmp "$history" "$BATS_TEST_TMPDIR/before"
	run on_host install --url "$bad/$folder/"
	[ "$status" -eq 3 ]
	[ "$(last '[.op, .version, .result] | join(" ")')" = "install 2 failed" ]
}

@test "a run that starts over and then fails is told as what it was" {
	on_host install --quiet --bundle "$work/dist/1/shop-1.tar.gz"
	publish 2
	shut payload.tar.gz
	start_install
	until_asked payload.tar.gz
	printf X | dd of="$root/opt/shop/releases/1/lib/a" bs=1 conv=notrunc status=none
	mv "$www/release.ini" "$BATS_TEST_TMPDIR/"
	open_up payload.tar.gz
	status=0
	wait $install || status=$?
	[ "$status" -eq 5 ]
	grep -q "is damaged" "$out"
	grep -q "error: installing shop 2: .*has no release.ini" "$out"
	[ "$(last '[.version, .sequence, .result, (.signers | length)] | join(" ")')" = "2 2 failed 1" ]
	[ "$(last .digest)" = "$(sha256sum <"$BATS_TEST_TMPDIR/release.ini" | cut -d ' ' -f 1)" ]
}

@test "a release that was removed between plan and staging is named" {
	on_host install --quiet --bundle "$work/dist/1/shop-1.tar.gz"
	on_host install --quiet --bundle "$work/dist/3/shop-3.tar.gz"
	on_host install --quiet --bundle "$work/dist/4/shop-4.tar.gz"
	publish 2
	shut payload.tar.gz
	start_install --allow-downgrade --no-activate
	until_asked payload.tar.gz
	on_host uninstall 1 --quiet
	open_up payload.tar.gz
	wait $install
	grep -q "warning: release 1 was removed meanwhile; all of the new one is fetched" "$out"
	diff -r -x profile.env "$work/tree-2" "$root/opt/shop/releases/2"
}

@test "a run that starts over and finds the lock taken writes no history" {
	on_host install --quiet --bundle "$work/dist/1/shop-1.tar.gz"
	publish 2
	shut payload.tar.gz
	start_install
	until_asked payload.tar.gz
	printf X | dd of="$root/opt/shop/releases/1/lib/a" bs=1 conv=notrunc status=none
	shut release.ini 1
	open_up payload.tar.gz
	until_asked release.ini 2
	cp "$history" "$BATS_TEST_TMPDIR/before"
	with_lock sh -c "rm '$www/release.ini.open'; tail --pid=$install -f /dev/null"
	status=0
	wait $install || status=$?
	[ "$status" -eq 75 ]
	cmp "$history" "$BATS_TEST_TMPDIR/before"
}
