#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016 # names are of web.bash; $ is for nginx
# Downloads that are cut or killed: what came is not fetched again.

setup_file() {
	load lib
	load web
	work=$BATS_FILE_TMPDIR
	package-release keygen --no-password --output "$work/key"
	mkdir -p "$work/tree/lib" "$work/www"
	# 6 MB that do not compress, in files of 200 kB.
	for i in $(seq 30); do
		head -c 200000 /dev/urandom >"$work/tree/lib/$i"
	done
	make_bundle shop 1 "$work/tree" "$work/dist" --sequence 1 \
		--key "$work/key" --profile dev
	cp "$work"/dist/1/*.tar.gz "$work/www"
	cp -r "$work/dist/1" "$work/www/parts"
	start_bad_server "$work/dist/1/shop-1.tar.gz"
	start_nginx "$work/www" '
		location /slow/ { alias '"$work"'/www/parts/; limit_rate_after 2m; limit_rate 2k; }
		location /slow.tar.gz { alias '"$work"'/www/shop-1.tar.gz; limit_rate_after 3m; limit_rate 2k; }'
	export work
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
	install-package setup --root "$root" --app shop --key "$work/key.pub"
	cp "$web_dir/cert.pem" "$root/etc/ca.pem"
	printf '[source]\nca_file = /etc/ca.pem\nallow_plain_http = 127.0.0.1\n' \
		>"$root/etc/tidegate/shop.ini"
	spool=$root/var/lib/tidegate/.spool/shop.part
	: >"$web_dir/log/access"
}

install_from() {
	timeout 100 install-package --root "$root" --app shop --url "$1" "${@:2}"
}

# In blocks of 512 bytes: the spool is as long as the payload at once.
has_a_megabyte() {
	[ "$(stat -c %b "$spool")" -gt 2048 ]
}

# kill_while_fetching URL - kill it when a megabyte has come.
kill_while_fetching() {
	install-package --root "$root" --app shop --url "$1" 3>&- &
	pid=$!
	wait_until has_a_megabyte
	kill -KILL "$pid"
	wait "$pid" || true
	# The worker dies with its monitor, and then the spool is free.
	timeout 10 flock "$spool" true
}

# But for what was cut off: that line may come after the log was emptied.
served() {
	awk '$2 !~ /slow/ { sum += $4 } END { print sum + 0 }' "$web_dir/log/access"
}

whole() {
	diff -r -x profile.env "$work/tree" "$root/opt/shop/current/"
	[ ! -e "$spool" ]
}

@test "20 cuts of one bundle: it installs, and moves less than 1.1 of its size" {
	install_from "$bad/cut?times=20" --quiet
	whole
	size=$(stat -c %s "$work/dist/1/shop-1.tar.gz")
	sent=$(curl -sf "$bad/sent?path=/cut%3Ftimes%3D20")
	[ "$sent" -gt $((size * 9 / 10)) ]
	[ "$sent" -lt $((size + size / 10)) ]
}

@test "a killed fetch of a folder leaves only what the next run goes on with" {
	kill_while_fetching "$web/slow/"
	[ -e "$spool" ]
	[ ! -e "$root/opt/shop/current" ]
	[ -z "$(ls "$root/opt/shop/releases" 2>/dev/null)" ]
	: >"$web_dir/log/access"
	install_from "$web/parts/" --quiet
	whole
	[ "$(served)" -lt $(($(stat -c %s "$work/dist/1/payload.tar.gz") - 500000)) ]
}

@test "what was kept is checked again" {
	kill_while_fetching "$web/slow/"
	printf spoilt | dd of="$spool" bs=1 seek=500000 conv=notrunc status=none
	install_from "$web/parts/" --quiet
	whole
}

@test "what was kept of a shorter release is no reason to fail" {
	kill_while_fetching "$web/slow/"
	truncate -s 1000000 "$spool"
	: >"$web_dir/log/access"
	install_from "$web/parts/" --quiet
	whole
	[ "$(served)" -lt $(($(stat -c %s "$work/dist/1/payload.tar.gz") - 500000)) ]
}

@test "a fetch of one bundle goes on, too" {
	kill_while_fetching "$web/slow.tar.gz"
	: >"$web_dir/log/access"
	install_from "$web/shop-1.tar.gz" --quiet
	whole
	[ "$(served)" -lt $(($(stat -c %s "$work/dist/1/payload.tar.gz") - 500000)) ]
}
