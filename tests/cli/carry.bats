#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install-package fetch: a release carried over to a host that reaches nobody.
# shellcheck disable=SC2154 # web.bash sets web and web_dir

bats_require_minimum_version 1.5.0

setup_file() {
	load install
	load web
	make_releases
	start_nginx "$BATS_FILE_TMPDIR/dist"
}

teardown_file() {
	load web
	stop_servers
}

setup() {
	load install
	make_host
	cp "$web_dir/cert.pem" "$root/etc/ca.pem"
	printf '[source]\nca_file = /etc/ca.pem\n' >"$root/etc/tidegate/$app.ini"
	place=$BATS_TEST_TMPDIR/carried
	mkdir "$place"
}

fetch() {
	run install-package fetch --root "$root" --app "$app" \
		--output "$place" "$@"
}

@test "what is fetched is installed elsewhere, without a socket" {
	fetch --url "$web/1.0.0/"
	[ "$status" -eq 0 ]
	[[ $output == *"--asset-dir $app-1.0.0"* ]]
	for part in release.ini release.ini.minisig payload.mtree payload.tar.gz; do
		cmp "$BATS_FILE_TMPDIR/dist/1.0.0/$part" "$place/$app-1.0.0/$part"
	done
	[ ! -e "$root/opt/$app" ]
	run install-package --offline --root "$root" --app "$app" \
		--asset-dir "$place/$app-1.0.0"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "fetching it again changes nothing, and JSON says where it lies" {
	fetch --bundle "$(bundle 1.0.0)" --quiet
	[ "$status" -eq 0 ]
	before=$(cd "$place" && find . -printf '%p %T@\n' | sort)
	fetch --url "$web/1.0.0/" --json
	[ "$status" -eq 0 ]
	[ "$(jq -r '.result + " " + .path' <<<"$output")" = "unchanged $place/$app-1.0.0" ]
	[ "$(cd "$place" && find . -printf '%p %T@\n' | sort)" = "$before" ]
}

@test "another release under the name is a conflict, and stays" {
	mkdir "$place/$app-1.0.0"
	echo other >"$place/$app-1.0.0/release.ini"
	fetch --url "$web/1.0.0/"
	[ "$status" -eq 6 ]
	[ "$(cat "$place/$app-1.0.0/release.ini")" = other ]
}

@test "a damaged payload leaves nothing" {
	cp -R "$BATS_FILE_TMPDIR/dist/1.1.0" "$BATS_FILE_TMPDIR/dist/spoilt"
	printf X | dd of="$BATS_FILE_TMPDIR/dist/spoilt/payload.tar.gz" bs=1 \
		seek=400 conv=notrunc status=none
	fetch --url "$web/spoilt/"
	[ "$status" -eq 5 ]
	[ -z "$(ls -A "$place")" ]
	[ -z "$(find "$root/var" -name '*.part')" ]
}

@test "--offline opens no socket, whatever is named or configured" {
	# The leak checker of a sanitizer build traces by itself.
	run strace -E ASAN_OPTIONS=detect_leaks=0 -f -qq \
		-e trace=socket,connect -o "$BATS_TEST_TMPDIR/calls" \
		install-package --offline --root "$root" --app "$app" \
		--url "$web/1.0.0/"
	[ "$status" -eq 2 ]
	[[ $output == *--offline* ]]
	run ! grep -q AF_INET "$BATS_TEST_TMPDIR/calls"
	printf 'url = %s/1.0.0/\n' "$web" >>"$root/etc/tidegate/$app.ini"
	run install-package --offline --root "$root" --app "$app"
	[ "$status" -eq 2 ]
	[ ! -e "$root/opt/$app" ]
}

@test "without --output, or where that is no folder, it is an error" {
	run install-package fetch --root "$root" --app "$app" \
		--bundle "$(bundle 1.0.0)"
	[ "$status" -eq 2 ]
	place=$BATS_TEST_TMPDIR/nowhere fetch --bundle "$(bundle 1.0.0)"
	[ "$status" -eq 7 ]
}

@test "a link that others can turn does not lead the release away" {
	mkdir "$BATS_TEST_TMPDIR/open"
	ln -s ../carried "$BATS_TEST_TMPDIR/open/way"
	chmod 777 "$BATS_TEST_TMPDIR/open"
	run install-package fetch --root "$root" --app "$app" --bundle "$(bundle 1.0.0)" \
		--output "$BATS_TEST_TMPDIR/open/way"
	[ "$status" -ne 0 ]
	[[ $output == *"'way' on the way is a link"* ]]
	[ -z "$(ls "$place")" ]
}
