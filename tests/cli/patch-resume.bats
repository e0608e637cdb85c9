#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016 # names are of web.bash; $ is for nginx
# A patch that was killed on its way: what came is not fetched again.

setup_file() {
	load lib
	load web
	work=$BATS_FILE_TMPDIR
	make_key "$work/key"
	mkdir -p "$work/1" "$work/2" "$work/www"
	# What a patch saves, and what it does not.
	head -c 2000000 /dev/urandom >"$work/1/changed"
	cp "$work/1/changed" "$work/2"
	for place in $(seq 10000 60000 1999999); do
		printf 'changed' | dd of="$work/2/changed" bs=1 conv=notrunc \
			seek="$place" status=none
	done
	head -c 3000000 /dev/urandom >"$work/2/new"
	make_bundle shop 1 "$work/1" "$work/dist" --sequence 1 \
		--key "$work/key" --profile dev >/dev/null
	make_bundle shop 2 "$work/2" "$work/dist" --sequence 2 \
		--key "$work/key" --profile dev --patch-from "$work/dist/1" \
		>/dev/null
	patch=$(basename "$work"/dist/2/payload.patch-*)
	size=$(stat -c %s "$work/dist/2/$patch")
	cp -R "$work/dist/2" "$work/www/2"
	start_nginx "$work/www" '
		location /slow/ { alias '"$work"'/www/2/; limit_rate_after 2m; limit_rate 2k; }
		location /no-ranges/ { alias '"$work"'/www/2/; max_ranges 0; }'
	export work patch size
}

teardown_file() {
	load web
	stop_servers
}

setup() {
	load lib
	load web
	load upgrade
	install_first
	spool=$root/var/lib/tidegate/.spool/shop.part
}

# In blocks of 512 bytes: the spool is as long as all of it at once.
has_a_megabyte() {
	[ -e "$spool" ] && [ "$(stat -c %b "$spool")" -gt 2048 ]
}

# kill_while_fetching - kill an upgrade when a megabyte of the patch has come.
kill_while_fetching() {
	install-package --root "$root" --app shop --url "$web/slow/" --quiet 3>&- &
	pid=$!
	wait_until has_a_megabyte
	kill -KILL "$pid"
	wait "$pid" || true
	# The worker dies with its monitor, and then the spool is free.
	timeout 10 flock "$spool" true
	: >"$web_dir/log/access"
}

# But for what was cut off: that line may come after the log was emptied.
served() { # served NAME
	awk -v name="$1" '$2 !~ /slow/ && index($2, name) { sum += $4 }
		END { print sum + 0 }' "$web_dir/log/access"
}

whole() {
	diff -r -x profile.env "$work/2" "$root/opt/shop/current/"
	[ ! -e "$spool" ]
}

@test "a killed fetch of a patch leaves what the next run goes on with, as planned" {
	kill_while_fetching
	[ "$(readlink "$root/opt/shop/current")" = releases/1 ]
	rest=$(upgrade 2/ --dry-run --json | jq .plan.fetch.bytes)
	[ "$rest" -lt $((size - 900000)) ]
	run upgrade 2/
	[ "$status" -eq 0 ]
	assert_output_has "fetch a patch from 1, $rest bytes, in 2 requests" \
		"fetched $rest bytes of the patch"
	[ "$(served payload)" -eq "$rest" ]
	whole
}

@test "a server without ranges gives all of the patch once more" {
	kill_while_fetching
	run upgrade no-ranges/
	[ "$status" -eq 0 ]
	assert_output_has "fetched $size bytes of the patch"
	[ "$(served payload.tar.gz)" -eq 0 ]
	whole
}

@test "what was kept of a patch is checked, and where it is wrong all is fetched" {
	kill_while_fetching
	payload=$(stat -c %s "$work/dist/2/payload.tar.gz")
	printf spoilt | dd of="$spool" bs=1 seek=$((payload + 1000)) \
		conv=notrunc status=none
	rest=$(upgrade 2/ --dry-run --json | jq .plan.fetch.bytes)
	run upgrade 2/
	[ "$status" -eq 0 ]
	assert_output_has "the patch from 1 does not do: it is damaged"
	[ "$(served payload)" -eq $((rest + size)) ]
	whole
}

@test "where the patch is damaged at the server, too, ranges do" {
	kill_while_fetching
	cp -R "$work/dist/2" "$work/www/damaged"
	printf x | dd of="$work/www/damaged/$patch" bs=1 conv=notrunc status=none \
		seek=$((size - 1000))
	run upgrade damaged/
	[ "$status" -eq 0 ]
	[ "$(grep -c 'does not do: it is damaged' <<<"$output")" -eq 2 ]
	whole
}

@test "what was kept of another patch counts for nothing" {
	kill_while_fetching
	printf other | dd of="$spool" bs=1 conv=notrunc status=none \
		seek=$(($(stat -c %s "$spool") - 32))
	upgrade 2/ --quiet
	[ "$(served payload)" -eq "$size" ]
	whole
}

@test "what was kept of a patch is no payload" {
	kill_while_fetching
	rm -r "$root/opt" "$root/var/lib/tidegate/shop"
	upgrade 2/ --quiet
	[ "$(served payload.patch)" -eq 0 ]
	[ "$(served payload.tar.gz)" -eq "$(stat -c %s "$work/dist/2/payload.tar.gz")" ]
	whole
}

@test "a registry and a release page give the rest, too" {
	load oci
	load github
	start_registry open
	start_github
	cd "$BATS_TEST_TMPDIR" # for the lockfile
	GITHUB_API_URL=$api GITHUB_TOKEN=canary-4711 package-release publish \
		--key "$work/key.pub" --quiet --plain-http 127.0.0.1 \
		--to github://acme/tool --to "oci://$registry_open/acme/shop" \
		"$work/dist/2"
	printf 'allow_plain_http = 127.0.0.1\napi = %s\n' "$api" \
		>>"$root/etc/tidegate/shop.ini"
	kill_while_fetching
	cp -a "$root" "$BATS_TEST_TMPDIR/killed"
	rest=$(upgrade 2/ --dry-run --json | jq .plan.fetch.bytes)
	for from in "--oci $registry_open/acme/shop:2" "--repo acme/tool --version 2"; do
		rm -rf "$root"
		cp -a "$BATS_TEST_TMPDIR/killed" "$root"
		# shellcheck disable=SC2086 # two words
		run install-package --root "$root" --app shop $from
		[ "$status" -eq 0 ]
		assert_output_has "fetched $rest bytes of the patch"
		whole
	done
	stop_github
}
