#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Upgrades from a server: what installed releases hold is taken from there, and
# only the rest is fetched, as the plan says.
# shellcheck disable=SC2154 # web.bash sets web and web_dir

setup_file() {
	load lib
	load web
	work=$BATS_FILE_TMPDIR
	make_key "$work/key"
	mkdir -p "$work/1/lib" "$work/www"
	for number in $(seq 40); do
		head -c 100000 /dev/urandom >"$work/1/lib/$number"
	done
	: >"$work/1/lib/empty"
	cp -R "$work/1" "$work/2"
	# A change, a move, a copy, a file more and one less.
	head -c 100000 /dev/urandom >"$work/2/lib/7"
	mv "$work/2/lib/9" "$work/2/lib/moved"
	cp "$work/2/lib/11" "$work/2/lib/twin"
	head -c 50000 /dev/urandom >"$work/2/lib/new"
	rm "$work/2/lib/13"
	for version in 1 2; do
		make_bundle shop $version "$work/$version" "$work/dist" \
			--sequence $version --key "$work/key" --profile dev >/dev/null
		cp -R "$work/dist/$version" "$work/www/$version"
	done
	start_nginx "$work/www" "location /whole/ {
		alias $work/www/; max_ranges 0; }
		location /moved/ { rewrite ^/moved/(.*)\$ /\$1 redirect; }
		location /slow/ { alias $work/www/; limit_rate 50k; }"
	export work
}

teardown_file() {
	load web
	stop_servers
}

setup() {
	load lib
	load upgrade
	install_first
}

same_tree() {
	diff -r --no-dereference -x profile.env "$work/2" \
		"$root/opt/shop/current/" || return
	check-health --root "$root" --app shop --quiet
}

# What the server gave of payload.tar.gz: requests and bytes.
served_payload() {
	awk '$2 ~ /payload.tar.gz$/ && $3 == 206 { n++; sum += $4 }
		END { print n + 0, sum + 0 }' "$web_dir/log/access"
}

payload_size() {
	stat -c %s "$work/dist/2/payload.tar.gz"
}

@test "the plan in bytes and requests is what the server then gives" {
	plan=$(upgrade 2/ --dry-run --json | jq -c .plan.fetch)
	[ "$(served_payload)" = "0 0" ]
	requests=$(jq .requests <<<"$plan")
	bytes=$(jq .bytes <<<"$plan")
	[ "$(jq .payload_bytes <<<"$plan")" -eq "$(payload_size)" ]
	[ "$(jq .reused_files <<<"$plan")" -eq 40 ] # and profile.env
	[ "$bytes" -lt $(($(payload_size) / 4)) ]
	[ "$bytes" -ge 150000 ]

	run upgrade 2/
	[ "$status" -eq 0 ]
	assert_output_has "fetch $bytes of $(payload_size) bytes" \
		"take 40 files, $(jq .reused_bytes <<<"$plan") bytes, from installed releases"
	[ "$(served_payload)" = "$requests $bytes" ]
	same_tree
	[ ! -e "$root/var/lib/tidegate/.spool/shop.part" ]
}

@test "of a single bundle, too, only what lacks is fetched" {
	upgrade 2/shop-2.tar.gz --quiet
	given=$(awk '{ sum += $4 } END { print sum }' "$web_dir/log/access")
	[ "$given" -lt $(($(payload_size) * 2 / 3)) ]
	same_tree
}

# What the server was asked for, but for the payload.
small_requests() {
	awk '$2 !~ /payload.tar.gz$/ { sub(".*/", "", $2); print $2, $3 }' \
		"$web_dir/log/access"
}

@test "the small parts come packed, in few requests" {
	upgrade 2/ --quiet
	[ "$(small_requests)" = "release.ini 200
release.ini.minisig 200
release.ini.1.sigstore.json 404
attestation.intoto.jsonl 404
parts.tar.xz 200" ]
	same_tree
}

@test "without parts.tar.xz, or with a damaged one, they come part by part" {
	cp -R "$work/dist/2" "$work/www/bare"
	cp -R "$work/dist/2" "$work/www/torn"
	cp -R "$work/dist/2" "$work/www/overlong"
	rm "$work/www/bare/parts.tar.xz"
	head -c 1000000 /dev/zero >>"$work/www/overlong/parts.tar.xz"
	printf X | dd of="$work/www/torn/parts.tar.xz" bs=1 seek=100 \
		conv=notrunc status=none
	upgrade bare/ --quiet --dry-run
	run upgrade overlong/ --dry-run
	[ "$status" -eq 0 ]
	assert_output_has "taking part by part: "
	run upgrade torn/
	[ "$status" -eq 0 ]
	assert_output_has "taking part by part: parts.tar.xz is damaged"
	same_tree
	[ "$(small_requests | grep -c 'payload.mtree 200')" -eq 3 ]
}

@test "all of a bundle that is no payload comes in two requests" {
	upgrade 2/shop-2.tar.gz --quiet --dry-run
	[ "$(wc -l <"$web_dir/log/access")" -le 2 ]
}

@test "a server without ranges gives the whole, and the upgrade is the same" {
	bytes=$(upgrade 2/ --dry-run --json | jq .plan.fetch.bytes)
	run upgrade whole/2/
	[ "$status" -eq 0 ]
	assert_output_has "the server gives no ranges" \
		"fetched $bytes bytes of the payload" # on the disk there was room for these
	same_tree
}

@test "what must stay free stays so, whoever fills the disk" {
	[ "$(id -u)" -eq 0 ] || skip "only root can mount"
	small=$BATS_TEST_TMPDIR/small
	mkdir "$small"
	mount -t tmpfs -o size=64M tmpfs "$small" || skip "no mounts here"
	cp -a "$root" "$small/root"
	root=$small/root
	printf '[install]\nreserve = 32M\n' >>"$root/etc/tidegate/shop.ini"
	upgrade slow/2/ --quiet >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	download=$!
	spool=$root/var/lib/tidegate/.spool/shop.part
	wait_until test -s "$spool"
	head -c 30M /dev/zero >"$small/other"
	status=0
	wait $download || status=$?
	cat "$BATS_TEST_TMPDIR/out"
	umount "$small"
	[ "$status" -eq 7 ]
	grep -q "must stay so (\[install\] reserve)" "$BATS_TEST_TMPDIR/out"
}

# Releases 21 and 22, between which 36 files change, far apart.
make_scattered() {
	[ ! -e "$work/www/22" ] || return 0
	mkdir -p "$work/scattered"
	for number in $(seq -w 72); do
		head -c 70000 /dev/urandom >"$work/scattered/$number"
	done
	for version in 21 22; do
		make_bundle shop $version "$work/scattered" "$work/dist" \
			--sequence $version --key "$work/key" --profile dev >/dev/null
		cp -R "$work/dist/$version" "$work/www/$version"
		for number in $(seq -w 1 2 72); do
			head -c 70000 /dev/urandom >"$work/scattered/$number"
		done
	done
}

@test "an upgrade takes 32 requests at most, redirects and all" {
	make_scattered
	upgrade 21/ --quiet
	cp -a "$root" "$BATS_TEST_TMPDIR/before"
	for path in 22/ moved/22/ moved/22/shop-22.tar.gz; do
		rm -rf "$root"
		cp -a "$BATS_TEST_TMPDIR/before" "$root"
		: >"$web_dir/log/access"
		upgrade "$path" --quiet
		echo "$path: $(wc -l <"$web_dir/log/access") requests"
		[ "$(wc -l <"$web_dir/log/access")" -eq 32 ]
	done
}

@test "an installed file that was changed is not taken" {
	file=$root/opt/shop/releases/1/lib/20
	time=$(stat -c %y "$file")
	printf X | dd of="$file" bs=1 seek=5000 conv=notrunc status=none
	touch -d "$time" "$file"
	run upgrade 2/
	[ "$status" -eq 0 ]
	assert_output_has "warning: installed release 1 is damaged: 'lib/20' is not what was installed"
	diff -r -x profile.env "$work/2" "$root/opt/shop/current/"
}

# patch_release NUMBER: of a file of 3 MB a few bytes change, at three places.
patch_release() {
	local tree=$work/patched-$1 big=$work/patched-$1/big
	[ -e "$work/big" ] || head -c 3000000 /dev/urandom >"$work/big"
	rm -rf "$tree"
	mkdir "$tree"
	cp "$work/big" "$big"
	if [ "$1" -gt 4 ]; then
		for at in 0 1500000 2999990; do
			printf '%s' "changed" |
				dd of="$big" bs=1 seek=$at conv=notrunc status=none
		done
	fi
	make_bundle shop "$1" "$tree" "$BATS_TEST_TMPDIR/dist" \
		--sequence "$1" --key "$work/key" --profile dev >/dev/null
	cp -R "$BATS_TEST_TMPDIR/dist/$1" "$work/www/"
}

@test "of a large file that changed in places, only these are fetched" {
	patch_release 4
	patch_release 5
	upgrade 4/ --quiet
	: >"$web_dir/log/access"
	plan=$(upgrade 5/ --dry-run --json | jq -c .plan.fetch)
	upgrade 5/ --quiet
	diff -r -x profile.env "$work/patched-5" "$root/opt/shop/current/"
	check-health --root "$root" --app shop --quiet
	[ "$(served_payload)" = "$(jq -r '"\(.requests) \(.bytes)"' <<<"$plan")" ]
	[ "$(jq .bytes <<<"$plan")" -lt 1000000 ]
	[ "$(jq .reused_bytes <<<"$plan")" -gt 2000000 ]
}

@test "pieces are not taken from an installed file that was changed" {
	patch_release 6
	patch_release 4
	upgrade 4/ --quiet
	file=$root/opt/shop/releases/4/big
	printf X | dd of="$file" bs=1 seek=700000 conv=notrunc status=none
	run upgrade 6/
	[ "$status" -eq 0 ]
	assert_output_has "installed release 4 is damaged: 'big' is not what was installed"
	diff -r -x profile.env "$work/patched-6" "$root/opt/shop/current/"
}

@test "pieces are not taken by a list that was changed" {
	patch_release 6
	patch_release 4
	upgrade 4/ --quiet
	index=$root/opt/shop/packages/4/payload.index
	# Each file seems to begin a block later.
	awk '$1 == "e" { $3 += 512 } { print }' "$index" >"$BATS_TEST_TMPDIR/index"
	! cmp -s "$BATS_TEST_TMPDIR/index" "$index" || false
	cat "$BATS_TEST_TMPDIR/index" >"$index"
	upgrade 6/ --quiet
	diff -r -x profile.env "$work/patched-6" "$root/opt/shop/current/"
}

@test "an upgrade to the same files under another version fetches none" {
	make_bundle shop 3 "$work/1" "$BATS_TEST_TMPDIR/dist" --sequence 3 \
		--key "$work/key" --profile dev >/dev/null
	cp -R "$BATS_TEST_TMPDIR/dist/3" "$work/www/3"
	run upgrade 3/
	[ "$status" -eq 0 ]
	assert_output_has "fetch 0 of"
	[ "$(served_payload)" = "0 0" ]
	diff -r -x profile.env "$work/1" "$root/opt/shop/current/"
}

@test "while a download is slow, nobody waits for the lock" {
	upgrade slow/2/ --quiet 3>&- &
	download=$!
	spool=$root/var/lib/tidegate/.spool/shop.part
	wait_until test -s "$spool"
	install-package hold 1 --root "$root" --app shop
	kill -0 $download
	wait $download
	same_tree
}

@test "nor where all is fetched again, since an installed file was changed" {
	mkdir "$work/small"
	head -c 100000 /dev/urandom >"$work/small/a"
	for version in 7 8; do
		head -c 100000 /dev/urandom >"$work/small/b"
		make_bundle shop $version "$work/small" "$work/www" \
			--sequence $version --key "$work/key" --profile dev >/dev/null
	done
	upgrade 7/ --quiet
	printf X | dd of="$root/opt/shop/releases/7/a" bs=1 conv=notrunc status=none
	upgrade slow/8/ >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	download=$!
	wait_until grep -q 'is damaged' "$BATS_TEST_TMPDIR/out"
	install-package hold 1 --root "$root" --app shop
	kill -0 $download
	wait $download
	diff -r -x profile.env "$work/small" "$root/opt/shop/current/"
}

@test "a payload that is kept is fetched whole" {
	printf '[install]\nkeep_payload = yes\n' >>"$root/etc/tidegate/shop.ini"
	upgrade 2/ --quiet
	cmp "$work/dist/2/payload.tar.gz" \
		"$root/opt/shop/packages/2/payload.tar.gz"
	same_tree
}
