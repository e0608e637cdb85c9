#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # names are of web.bash; $ is for nginx
# install-package --url, against a real nginx with a certificate of its own.

bats_require_minimum_version 1.5.0

setup_file() {
	load install
	load web
	make_releases
	www=$BATS_FILE_TMPDIR/www
	mkdir -p "$www/shop" "$www/other"
	cp "$(bundle 1.0.0)" "$www/bundle.tar.gz"
	tar xzf "$(bundle 1.0.0)" -C "$www/shop"
	tar xzf "$(bundle 1.1.0)" -C "$www/other"
	# One byte of the payload, and of what is signed.
	cp -r "$www/shop" "$www/damaged"
	printf x | dd of="$www/damaged/payload.tar.gz" bs=1 seek=99 conv=notrunc status=none
	cp -r "$www/shop" "$www/unsigned"
	sed -i 's/^sequence = .*/sequence = 999/' "$www/unsigned/release.ini"
	cp -r "$www/shop" "$www/headless"
	rm "$www/headless/payload.tar.gz"
	cp -r "$www/shop" "$www/mixed"
	cp "$www/other/payload.tar.gz" "$www/mixed"
	start_bad_server "$(bundle 1.0.0)"
	start_nginx "$www" '
		location /moved { return 302 https://localhost:$server_port/bundle.tar.gz; }
		location /plain { return 302 http://localhost:$server_port/bundle.tar.gz; }
		location /loop { return 302 https://localhost:$server_port/loop; }
		location /whole.tar.gz { max_ranges 0; }
		location /secret/ { alias '"$www"'/shop/;
			auth_basic x; auth_basic_user_file '"$www"'/htpasswd; }'
	printf 'me:%s\n' "$(openssl passwd -apr1 secret)" >"$www/htpasswd"
	export www
}

teardown_file() {
	load web
	stop_servers
}

setup() {
	load install
	load web
	make_host
	cp "$web_dir/cert.pem" "$root/etc/ca.pem"
	settings
}

# settings [LINE...] - the host's configuration, with further lines of [source].
settings() {
	{
		printf '[source]\nca_file = /etc/ca.pem\nallow_plain_http = 127.0.0.1\n'
		printf '%s\n' "$@"
	} >"$root/etc/tidegate/$app.ini"
}

fetch() {
	run timeout 100 install-package --root "$root" --app "$app" --url "$web/$1" "${@:2}"
}

# The same from the bad server.
fetch_bad() {
	run timeout 100 install-package --root "$root" --app "$app" --url "$bad/$1" "${@:2}"
}

# Nothing of a release, or of a download, is there.
nothing_left() {
	[ ! -e "$root/opt/$app" ]
	[ -z "$(find "$root/var" -name '*.part')" ]
}

# asked PATH - whether nginx was asked for it.
asked() {
	grep -q "GET $1" "$web_dir/log/access"
}

@test "a bundle at an https address installs, and status says where it came from" {
	fetch bundle.tar.gz
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	run install-package status --root "$root" --app "$app"
	[[ "$output" == *"$web/bundle.tar.gz"* ]]
}

@test "a redirect to another https address is followed" {
	fetch moved
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a redirect to plain http, a loop, and a missing file are network errors" {
	for path in plain loop nothing; do
		fetch "$path"
		[ "$status" -eq 3 ]
		[[ "$output" == *"install-package: error: "*"https://localhost"* ]]
	done
	[ ! -e "$root/opt/$app" ]
}

@test "a server whose certificate the host does not trust is refused" {
	printf '[install]\nkeep = 3\n' >"$root/etc/tidegate/$app.ini"
	fetch bundle.tar.gz
	[ "$status" -eq 3 ]
	[ ! -e "$root/opt/$app" ]
}

@test "plain http is refused" {
	run install-package --root "$root" --app "$app" --url "http://localhost:1/bundle.tar.gz"
	[ "$status" -eq 2 ]
	[[ "$output" == *https://* ]]
}

@test "the url of the configuration is used where none is named" {
	settings "url = $web/bundle.tar.gz"
	run install-package --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a download leaves free what the configuration says" {
	printf '[source]\nca_file = /etc/ca.pem\n[install]\nreserve = 900000G\n' \
		>"$root/etc/tidegate/$app.ini"
	run install-package --root "$root" --app "$app" --verify-only \
		--url "$web/bundle.tar.gz"
	[ "$status" -eq 7 ]
	[[ "$output" == *reserve* ]]
}

@test "Sigstore evidence of a server is judged before its payload is asked for" {
	printf '[policy]\nrequire = minisign, sigstore, provenance\n' \
		>>"$root/etc/tidegate/$app.ini"
	export COSIGN_PASSWORD=
	package-release keygen --type cosign --no-password \
		--output "$BATS_TEST_TMPDIR/ci.key"
	cp "$BATS_TEST_TMPDIR/ci.key.pub" "$root/etc/tidegate/trust/$app/ci.pem"
	fetch bundle.tar.gz
	[ "$status" -eq 4 ]
	[[ $output == *"require = sigstore is not met"* ]]
	cp "$(bundle 1.0.0)" "$www/signed.tar.gz"
	package-release sign --cosign-key "$BATS_TEST_TMPDIR/ci.key" \
		"$www/signed.tar.gz"
	package-release attest --cosign-key "$BATS_TEST_TMPDIR/ci.key" \
		--builder https://ci.example/ "$www/signed.tar.gz"
	fetch signed.tar.gz
	echo "$output"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	check-health --root "$root" --app "$app"
}

@test "evidence that came later is taken from a server, too" {
	fetch bundle.tar.gz
	[ "$status" -eq 0 ]
	export COSIGN_PASSWORD=
	package-release keygen --type cosign --no-password \
		--output "$BATS_TEST_TMPDIR/ci.key"
	cp "$BATS_TEST_TMPDIR/ci.key.pub" "$root/etc/tidegate/trust/$app/ci.pem"
	printf '[policy]\nrequire = minisign, sigstore\n' \
		>>"$root/etc/tidegate/$app.ini"
	cp "$(bundle 1.0.0)" "$www/later.tar.gz"
	package-release sign --cosign-key "$BATS_TEST_TMPDIR/ci.key" \
		"$www/later.tar.gz"
	cp -a "$root" "$root.before"
	fetch later.tar.gz
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"its new evidence is put away"* ]]
	[ "$(install-package --root "$root.before" --app "$app" --json --quiet \
		--url "$web/later.tar.gz" | jq -r .result)" = renewed ]
	same_tree 1.0.0
	check-health --root "$root" --app "$app"
}

# --- folders, mirrors, files ---

@test "a folder of parts installs, and the payload is asked for last" {
	: >"$web_dir/log/access"
	fetch shop/
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	[[ "$(tail -n 1 "$web_dir/log/access")" == "GET /shop/payload.tar.gz 200"* ]]
	run install-package status --root "$root" --app "$app"
	[[ "$output" == *"$web/shop/"* ]]
}

@test "what is not signed is refused before its payload is asked for" {
	fetch unsigned/
	[ "$status" -eq 4 ]
	run ! asked /unsigned/payload.tar.gz
	nothing_left
}

@test "a small bundle takes one request" {
	: >"$web_dir/log/access"
	fetch bundle.tar.gz
	[ "$status" -eq 0 ]
	[ "$(grep -c bundle.tar.gz "$web_dir/log/access")" -eq 1 ]
}

@test "small parts beyond the first megabyte of a bundle" {
	src=$BATS_FILE_TMPDIR/src-2.0.0
	mkdir -p "$src/many"
	(cd "$src/many" && seq -f 'a file with a long name that makes the table large %.0f' 14000 |
		tr ' ' - | xargs touch)
	make_release 2.0.0
	cp "$(bundle 2.0.0)" "$www/large.tar.gz"
	[ "$(tar xzOf "$(bundle 2.0.0)" payload.mtree | wc -c)" -gt 1100000 ]
	fetch large.tar.gz --verify-only
	echo "$output"
	[ "$status" -eq 0 ]
	cp "$(bundle 2.0.0)" "$www/whole.tar.gz"
	fetch whole.tar.gz
	[ "$status" -eq 0 ]
	same_tree 2.0.0
}

@test "a server without ranges works too" {
	cp "$(bundle 1.0.0)" "$www/whole.tar.gz"
	fetch whole.tar.gz
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a dry run fetches no payload, and changes nothing" {
	cp -r "$www/shop" "$www/dry"
	fetch dry/ --dry-run
	[ "$status" -eq 0 ]
	run ! asked /dry/payload.tar.gz
	nothing_left
}

@test "verify-only fetches all, and leaves nothing" {
	fetch shop/ --verify-only
	[ "$status" -eq 0 ]
	[[ "$output" == *"every part is as signed"* ]]
	nothing_left
	fetch damaged/ --verify-only
	[ "$status" -eq 5 ]
}

@test "a damaged, a missing and another release's payload" {
	for path in damaged headless mixed; do
		fetch $path/
		[ "$status" -ne 0 ]
		[ "$status" -lt 6 ]
		nothing_left
	done
	fetch shop/
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	[ -z "$(find "$root/var" -name '*.part')" ]
}

@test "the next mirror goes on where one fails, and that is said once" {
	settings "url = $web/nothing/ $web/headless/ $web/shop/"
	run install-package --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	[ "$(grep -c 'trying the next mirror' <<<"$output")" -eq 2 ]
}

@test "--json: events while it fetches, and one object at the end" {
	settings "url = $web/nothing/ $web/shop/"
	run --separate-stderr install-package --root "$root" --app "$app" --json
	[ "$status" -eq 0 ]
	[ "$(jq -r .result <<<"$output")" = installed ]
	# shellcheck disable=SC2154 # bats sets stderr
	[ "$(jq -r 'select(.event == "note") | .text' <<<"$stderr" | grep -c mirror)" -eq 1 ]
	[ "$(jq 'select(.event == "fetched") | .bytes' <<<"$stderr")" -gt 0 ]
}

@test "when no mirror is left, the last failure is told" {
	settings "url = $web/nothing/ $web/nothing.tar.gz"
	run install-package --root "$root" --app "$app"
	[ "$status" -eq 3 ]
	[[ "$output" == *"nothing.tar.gz"* ]]
	nothing_left
}

@test "a bundle and a folder on this host, by file:" {
	for url in "file:$(bundle 1.0.0)" "file://$www/other/"; do
		run install-package --root "$root" --app "$app" --url "$url"
		[ "$status" -eq 0 ]
	done
	same_tree 1.1.0
	run install-package --root "$root" --app "$app" --url file:relative
	[ "$status" -eq 2 ]
}

# --- bad servers ---

@test "20 cuts of one download: it installs" {
	fetch_bad "cut?times=20"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	[ -z "$(find "$root/var" -name '*.part')" ]
}

@test "each bad server is one clear error, and nothing is left" {
	for path in html coded transfercoded short otherrange loop 'flood?lines=300&size=1' \
		'hops?n=6' nothing 'status?status=403' 'status?status=429&after=999' \
		'redirect?to=http://10.0.0.1/x' 'redirect?to=file:///etc/passwd' changing; do
		fetch_bad "$path"
		echo "$path: $output"
		[ "$status" -ge 3 ]
		[ "$status" -le 5 ]
		[ "$(wc -l <<<"$output")" -eq 1 ]
		[[ "$output" == "install-package: error: "* ]]
		nothing_left
	done
}

@test "a deadline ends a slow server" {
	settings "deadline = 1"
	fetch_bad slow
	[ "$status" -eq 5 ]
	[[ "$output" == *"deadline of 1 s"* ]]
	nothing_left
}

@test "a password of the credentials' file is sent to its host alone" {
	mkdir -m 700 "$root/etc/tidegate/credentials"
	fetch secret/
	[ "$status" -eq 3 ]
	[[ "$output" == *"status 401"* ]]
	(umask 077 && echo me:secret >"$root/etc/tidegate/credentials/$app")
	fetch secret/ # which is not the configuration's
	[ "$status" -eq 3 ]
	fetch secret/ --verify-only --token-file "$root/etc/tidegate/credentials/$app"
	[ "$status" -eq 0 ]
	settings "url = $web/nothing.tar.gz"
	fetch secret/
	echo "$output"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	[[ "$output" != *me:secret* ]]
	: >"$bad_log"
	settings "url = $web/nothing/ $bad/shop/"
	run install-package --root "$root" --app "$app"
	run ! grep -q 'Basic' "$bad_log"
}

@test "a host that is not named is not asked over plain http" {
	printf '[install]\nkeep = 3\n' >"$root/etc/tidegate/$app.ini"
	fetch_bad file
	[ "$status" -eq 2 ]
	[[ "$output" == *allow_plain_http* ]]
}

@test "a proxy is asked" {
	settings "proxy = $bad"
	sed -i 's/127.0.0.1$/outside.example/' "$root/etc/tidegate/$app.ini"
	run install-package --root "$root" --app "$app" --url http://outside.example/file
	[ "$status" -eq 0 ]
	grep -qF '"http://outside.example/file"' "$bad_log"
}
