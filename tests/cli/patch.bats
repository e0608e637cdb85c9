#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Upgrades by a patch from the installed release, and what happens where that
# cannot be.
# shellcheck disable=SC2030,SC2031,SC2154 # web.bash sets web and web_dir

# noise SEED BYTES: text that compresses badly, and is the same each time.
noise() {
	openssl enc -aes-128-ctr -nosalt -pass "pass:$1" -pbkdf2 -in /dev/zero \
		2>/dev/null | head -c "$2"
}

setup_file() {
	load lib
	load web
	work=$BATS_FILE_TMPDIR
	make_key "$work/key"
	mkdir -p "$work/1/lib" "$work/www"
	for number in $(seq 12); do
		noise "$number" 100000 >"$work/1/lib/$number"
	done
	: >"$work/1/lib/empty"
	cp -R "$work/1" "$work/2"
	# All change: a few bytes in each, one under another name, one new.
	for number in 1 2 3 4 5 6; do
		printf 'changed' | dd of="$work/2/lib/$number" bs=1 conv=notrunc \
			seek=$((number * 9000)) status=none
	done
	noise 7 90000 >"$work/2/lib/7.renamed"
	rm "$work/2/lib/7"
	noise new 3000 >"$work/2/lib/new"
	cp "$work/2/lib/1" "$work/2/lib/twin"
	make_bundle shop 1 "$work/1" "$work/dist" --sequence 1 \
		--key "$work/key" --profile dev >/dev/null
	make_bundle shop 2 "$work/2" "$work/dist" --sequence 2 \
		--key "$work/key" --profile dev --patch-from "$work/dist/1" \
		>/dev/null
	patch=$(basename "$work"/dist/2/payload.patch-*)
	cp -R "$work/dist/2" "$work/www/2"
	# Folders without the length of their files, without heads of them (be it
	# without a word), and with all elsewhere.
	cp -R "$work/dist/2" "$work/www/no-head"
	cp -R "$work/dist/2" "$work/www/dumb"
	# shellcheck disable=SC2016 # $ is for nginx
	start_nginx "$work/www" '
		location /long/ { sub_filter_types *; sub_filter none none; }
		location /no-head/ { if ($request_method = HEAD) { return 405; } }
		location /dumb/ { if ($request_method = HEAD) { return 444; } }
		rewrite ^/moved/(.*)$ /2/$1 redirect;'
	export work patch
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

teardown() {
	! mountpoint -q "$BATS_TEST_TMPDIR/small" ||
		umount "$BATS_TEST_TMPDIR/small"
}

same_files() {
	diff -r --no-dereference -x profile.env "$work/2" \
		"$root/opt/shop/current/"
}

same_tree() {
	same_files || return
	check-health --root "$root" --app shop --quiet
}

# served NAME: how many GETs the server answered with bytes of it, and how many
# bytes these were.
served() {
	awk -v name="$1" 'index($2, name) && $1 == "GET" && $3 < 300 {
			n++; sum += $4
		}
		END { print n + 0, sum + 0 }' "$web_dir/log/access"
}

# asked: all requests for the payload and patches, and the bytes of them that
# came; a redirect's page is none.
asked() {
	awk '$2 ~ /payload[.](tar[.]gz|patch-)/ { n++; sum += $3 < 300 ? $4 : 0 }
		END { print n + 0, sum + 0 }' "$web_dir/log/access"
}

# as_planned PATH FROM REQUESTS - an upgrade is what --dry-run says of it: a
# patch from FROM, or null, in so many requests.
as_planned() {
	local plan
	plan=$(upgrade "$1" --dry-run --json | jq -c .plan.fetch)
	[ "$(jq -r .patch_from <<<"$plan")" = "$2" ] || return
	[ "$(jq .requests <<<"$plan")" -eq "$3" ] || return
	# The server gave no byte of it for that.
	[ "$(asked | cut -d' ' -f2)" = 0 ] || return
	: >"$web_dir/log/access"
	upgrade "$1" --json >"$BATS_TEST_TMPDIR/events" || return
	[ "$(asked)" = "$(jq -r '"\(.requests) \(.bytes)"' <<<"$plan")" ]
}

patch_size() {
	stat -c %s "$work/dist/2/$patch"
}

# forge NAME: a copy of the folder of parts as $web/NAME/, for a patch that its
# maker made wrong; seal NAME pins and signs what lies there then.
forge() {
	cp -R "$work/dist/2" "$work/www/$1"
	rm "$work/www/$1"/*.minisig "$work/www/$1"/shop-2.tar.gz
}

seal() {
	local dir=$work/www/$1
	sed -i "s/^$patch = .*/$patch = $(stat -c %s "$dir/$patch") $(
		sha256sum <"$dir/$patch" | cut -d' ' -f1)/" "$dir/release.ini"
	package-release sign --key "$work/key" --quiet "$dir"
	rm -f "$dir/shop-2.tar.gz"
}

# by_ranges NAME: an upgrade from there says why, and does not fail.
by_ranges() {
	run upgrade "$1/"
	[ "$status" -eq 0 ]
	assert_output_has "the patch from 1 does not do" "$2"
	[ "$(served payload.tar.gz | cut -d' ' -f1)" -gt 0 ]
	same_files
}

@test "an upgrade fetches the patch alone" {
	[ "$(patch_size)" -lt 10000 ]
	run upgrade 2/
	[ "$status" -eq 0 ]
	assert_output_has "fetch a patch from 1, $(patch_size) bytes, in 2 requests"
	[ "$(served payload)" = "1 $(patch_size)" ]
	same_tree
}

@test "the plan is what happens, with the patch there" {
	as_planned 2/ 1 2
	same_tree
}

@test "the plan is what happens, with the patch gone" {
	cp -R "$work/dist/2" "$work/www/without"
	rm "$work/www/without/$patch"
	as_planned without/ null 4
	same_tree
}

@test "the plan is what happens, with a patch of another size" {
	cp -R "$work/dist/2" "$work/www/cut"
	truncate -s -1 "$work/www/cut/$patch"
	as_planned cut/ null 4
	same_tree
}

@test "the plan is what happens where no head of a file is given" {
	as_planned no-head/ null 4
	same_tree
}

@test "the plan is what happens where all is redirected" {
	as_planned moved/ 1 4
	same_tree
}

@test "the plan of a host without the old release asks for no patch" {
	mkdir "$root/fresh"
	install-package setup --root "$root/fresh" --app shop \
		--key "$work/key.pub" >/dev/null
	cp -R "$root/etc" "$root/fresh"
	root=$root/fresh
	as_planned 2/ null 1
	same_tree
}

@test "beside a single bundle the patch is found, too" {
	upgrade 2/shop-2.tar.gz --quiet
	[ "$(served "$patch")" = "1 $(patch_size)" ]
	same_tree
}

@test "a bundle file holds no patch" {
	[ "$(tar tzf "$work/dist/2/shop-2.tar.gz" | grep -c patch)" -eq 0 ]
}

@test "the same releases make the same patch" {
	make_bundle shop 2 "$work/2" "$BATS_TEST_TMPDIR/again" --sequence 2 \
		--key "$work/key" --profile dev \
		--patch-from "$work/dist/1/shop-1.tar.gz" >/dev/null
	cmp "$work/dist/2/$patch" "$BATS_TEST_TMPDIR/again/2/$patch"
	cmp "$work/dist/2/release.ini" "$BATS_TEST_TMPDIR/again/2/release.ini"
}

@test "a fresh host, and one with another release, fetch the payload" {
	mkdir -p "$root/fresh"
	install-package setup --root "$root/fresh" --app shop \
		--key "$work/key.pub" >/dev/null
	cp -R "$root/etc" "$root/fresh"
	install-package --root "$root/fresh" --app shop --url "$web/2/" --quiet
	make_bundle shop 1.5 "$work/2/lib" "$BATS_TEST_TMPDIR/dist" \
		--sequence 1 --key "$work/key" --profile dev >/dev/null
	rm -rf "$root/opt" "$root/var/lib/tidegate"
	install-package setup --root "$root" --app shop --key "$work/key.pub" \
		>/dev/null
	install-package --root "$root" --app shop --quiet \
		--asset-dir "$BATS_TEST_TMPDIR/dist/1.5"
	upgrade 2/ --quiet
	[ "$(served payload.patch)" = "0 0" ]
	same_tree
}

@test "where the patch is gone, ranges do" {
	cp -R "$work/dist/2" "$work/www/gone"
	rm "$work/www/gone/$patch"
	run upgrade gone/
	[ "$status" -eq 0 ]
	assert_output_has "/gone/ has no $patch of $(patch_size) bytes"
	# Nothing is opened anew for that.
	[ "$(grep -c '/gone/release.ini ' "$web_dir/log/access")" -eq 1 ]
	same_files
}

@test "a mirror that tells nothing of a patch gives the payload all the same" {
	printf 'url = %s %s\n' "$web/dumb/" "https://localhost:1/2/" \
		>>"$root/etc/tidegate/shop.ini"
	run install-package --root "$root" --app shop --version 2
	[ "$status" -eq 0 ]
	assert_output_has "going on without $patch: "
	same_tree
}

@test "an offline host has all files, and looks at no patch" {
	cp -R "$work/dist/2" "$BATS_TEST_TMPDIR/2"
	printf x >"$BATS_TEST_TMPDIR/2/$patch"
	install-package --root "$root" --app shop --quiet --offline \
		--asset-dir "$BATS_TEST_TMPDIR/2"
	[ ! -s "$web_dir/log/access" ]
	same_tree
}

@test "where the patch is damaged, ranges do" {
	cp -R "$work/dist/2" "$work/www/damaged"
	printf x | dd of="$work/www/damaged/$patch" bs=1 conv=notrunc seek=200 \
		status=none
	by_ranges damaged "its SHA-256 is not that of release.ini"
}

@test "a patch that is longer than it may be is not gone on with" {
	cp -R "$work/dist/2" "$work/www/long"
	head -c 3000000 /dev/zero >>"$work/www/long/$patch"
	by_ranges long "the server sends more than $(patch_size) bytes"
}

@test "where an installed file changed, what it was patched from does not count" {
	printf x | dd of="$root/opt/shop/releases/1/lib/2" bs=1 conv=notrunc \
		status=none
	by_ranges 2 "the installed 'lib/2' has other bytes"
}

@test "where a kept file changed, all is fetched" {
	printf x | dd of="$root/opt/shop/releases/1/lib/9" bs=1 conv=notrunc \
		status=none
	run upgrade 2/
	[ "$status" -eq 0 ]
	assert_output_has "the patch from 1 does not do" \
		"all of the new one is fetched"
	same_files
}

@test "where there is no room for what is patched, ranges do" {
	[ "$(id -u)" -eq 0 ] || skip "only root can mount"
	local big=$BATS_TEST_TMPDIR/big small=$BATS_TEST_TMPDIR/small
	mkdir "$big" "$small"
	mount -t tmpfs -o size=128M tmpfs "$small" || skip "no mounts here"
	noise big 4000000 >"$big/file"
	make_bundle shop 3 "$big" "$work/dist" --sequence 3 \
		--key "$work/key" --profile dev >/dev/null
	printf x | dd of="$big/file" bs=1 conv=notrunc seek=2000000 status=none
	make_bundle shop 4 "$big" "$work/www" --sequence 4 \
		--key "$work/key" --profile dev --patch-from "$work/dist/3" \
		>/dev/null
	cp -a "$root" "$small/root"
	root=$small/root
	install-package --root "$root" --app shop --quiet \
		--asset-dir "$work/dist/3"
	# Room for the new release, 4 MB, and not for the old file besides.
	free=$(($(stat -f -c '%a * %S' "$small")))
	printf '[install]\nreserve = %d\n' $((free - 6500000)) \
		>>"$root/etc/tidegate/shop.ini"
	run upgrade 4/
	cmp "$big/file" "$root/opt/shop/current/file"
	[ "$status" -eq 0 ]
	assert_output_has "the patch from 3 does not do: what is patched needs"
}

@test "a signed patch with a head that lies is not used" {
	forge head
	sed -i '1,/^$/s/^f \([0-9]*\) /f 1\1 /' "$work/www/head/$patch"
	seal head
	by_ranges head "its frames do not end where it does"
}

@test "a signed patch of other streams is not used" {
	forge other
	sed -i '1,/^$/s/^s [0-9]* /s 77777777 /' "$work/www/other/$patch"
	seal other
	by_ranges other "another old release"
}

@test "a signed patch whose frame is a bomb is not used" {
	forge bomb
	head -c 1000000000 /dev/zero | zstd -q -19 >"$BATS_TEST_TMPDIR/frame"
	sed -n '1,/^s/p' "$work/www/2/$patch" >"$BATS_TEST_TMPDIR/patch"
	read -r _ old new < <(grep -a -m1 '^s ' "$work/www/2/$patch")
	printf 'f %d %d 0 %d\n\n' "$(stat -c %s "$BATS_TEST_TMPDIR/frame")" \
		"$new" "$old" >>"$BATS_TEST_TMPDIR/patch"
	cat "$BATS_TEST_TMPDIR/patch" "$BATS_TEST_TMPDIR/frame" \
		>"$work/www/bomb/$patch"
	seal bomb
	by_ranges bomb "does not say how long its bytes are"
}

@test "a signed patch that makes other bytes is not used" {
	forge bytes
	read -r _ old new < <(grep -a -m1 '^s ' "$work/www/2/$patch")
	head -c "$new" /dev/zero >"$BATS_TEST_TMPDIR/zero"
	zstd -q -19 "$BATS_TEST_TMPDIR/zero" -o "$BATS_TEST_TMPDIR/frame"
	{
		sed -n '1,/^s/p' "$work/www/2/$patch"
		printf 'f %d %d 0 %d\n\n' \
			"$(stat -c %s "$BATS_TEST_TMPDIR/frame")" "$new" "$old"
		cat "$BATS_TEST_TMPDIR/frame"
	} >"$work/www/bytes/$patch"
	seal bytes
	by_ranges bytes "has another SHA-256"
}

@test "a publication to a folder and back has the patch" {
	cd "$BATS_TEST_TMPDIR" # for the lockfile
	package-release publish --key "$work/key.pub" --quiet \
		--to "dir:$work/www/published" "$work/dist/2/shop-2.tar.gz"
	cmp "$work/dist/2/$patch" "$work/www/published/2/$patch"
	upgrade published/2/ --quiet
	[ "$(served payload)" = "1 $(patch_size)" ]
	same_tree
}

@test "an artifact of a registry has the patch as a layer" {
	load oci
	start_registry open
	cd "$BATS_TEST_TMPDIR" # for the lockfile
	package-release publish --key "$work/key.pub" --quiet \
		--to "oci://$registry_open/acme/shop" "$work/dist/2"
	cp -R "$work/dist/2" without
	rm "without/$patch"
	package-release publish --key "$work/key.pub" --quiet \
		--lock without.json --to "oci://$registry_open/acme/without" without
	echo 'allow_plain_http = 127.0.0.1' >>"$root/etc/tidegate/shop.ini"

	# The manifest tells.
	run install-package --root "$root" --app shop --dry-run \
		--oci "$registry_open/acme/without:2"
	[ "$status" -eq 0 ]
	assert_output_has "/acme/without@sha256:" "has no $patch" \
		"of the payload, in 3 requests"
	# What the lockfile pins has it, too.
	run install-package --root "$root" --app shop --dry-run \
		--locked packs.lock.json
	[ "$status" -eq 0 ]
	assert_output_has "fetch a patch from 1, $(patch_size) bytes, in 1 request"
	run install-package --root "$root" --app shop \
		--oci "$registry_open/acme/shop:2"
	[ "$status" -eq 0 ]
	assert_output_has "fetch a patch from 1, $(patch_size) bytes, in 1 request" \
		"fetched $(patch_size) bytes of the patch"
	same_tree
}

@test "a release page has the patch beside the bundle" {
	load github
	start_github
	cd "$BATS_TEST_TMPDIR" # for the lockfile
	GITHUB_API_URL=$api GITHUB_TOKEN=canary-4711 package-release publish \
		--key "$work/key.pub" --quiet --plain-http 127.0.0.1 \
		--to github://acme/tool "$work/dist/2/shop-2.tar.gz"
	[ "$(jq -r '.. | .assets? // empty | .[].name' "$github/releases.json" |
		sort | tr '\n' ' ')" = "$patch shop-2.tar.gz " ]
	printf 'allow_plain_http = 127.0.0.1\napi = %s\n' "$api" \
		>>"$root/etc/tidegate/shop.ini"
	from_page() {
		: >"$github/log"
		run install-package --root "$root" --app shop --repo acme/tool \
			--version 2 "$@"
	}
	from_page --dry-run
	assert_output_has "fetch a patch from 1, $(patch_size) bytes, in 2 requests"
	planned=$(($(requests true) + 2))
	from_page
	[ "$status" -eq 0 ]
	assert_output_has "fetched $(patch_size) bytes of the patch"
	[ "$(requests true)" -eq "$planned" ] # the list of assets told
	same_tree

	rm -rf "$root"
	install_first
	printf 'allow_plain_http = 127.0.0.1\napi = %s\n' "$api" \
		>>"$root/etc/tidegate/shop.ini"
	id=$(jq --arg name "$patch" '.. | .assets? // empty | .[] |
		select(.name == $name).id' "$github/releases.json")
	curl -sSf -X DELETE "$api/repos/acme/tool/releases/assets/$id"
	from_page --dry-run
	assert_output_has "has no $patch" "of the payload, in 4 requests"
	planned=$(($(requests true) + 4))
	from_page
	[ "$status" -eq 0 ]
	[ "$(requests true)" -eq "$planned" ]
	stop_github
	same_tree
}

@test "a patch is made from a bundle of this app alone, that is whole" {
	make_bundle other 1 "$work/1" "$BATS_TEST_TMPDIR/other" --sequence 1 \
		--key "$work/key" --profile dev >/dev/null
	run make_bundle shop 3 "$work/2" "$BATS_TEST_TMPDIR/dist" --sequence 3 \
		--key "$work/key" --profile dev \
		--patch-from "$BATS_TEST_TMPDIR/other/1"
	[ "$status" -eq 2 ]
	assert_output_has "it is of app 'other'"

	cp -R "$work/dist/1" "$BATS_TEST_TMPDIR/torn"
	printf x | dd of="$BATS_TEST_TMPDIR/torn/payload.tar.gz" bs=1 \
		conv=notrunc seek=5000 status=none
	run make_bundle shop 3 "$work/2" "$BATS_TEST_TMPDIR/dist" --sequence 3 \
		--key "$work/key" --profile dev \
		--patch-from "$BATS_TEST_TMPDIR/torn"
	[ "$status" -eq 5 ]
	[ ! -e "$BATS_TEST_TMPDIR/dist/3" ]

	run make_bundle shop 3 "$work/2" "$BATS_TEST_TMPDIR/dist" --sequence 3 \
		--key "$work/key" --profile dev \
		--patch-from "$work/dist/1" --patch-from "$work/dist/1" \
		--patch-from "$work/dist/1" --patch-from "$work/dist/1" \
		--patch-from "$work/dist/1"
	[ "$status" -eq 2 ]
}

# Kill the monitor at its NTH write of a kind, and look at what is left.
kill_at() { # kill_at CALL NTH
	run strace -E ASAN_OPTIONS=detect_leaks=0 -qq -o /dev/null -e "trace=$1" \
		-e "inject=$1:signal=KILL:when=$2" install-package --root "$root" \
		--app shop --url "$web/2/" --quiet
	[ "$status" -eq 137 ]
}

@test "killed while it patches, the old release stays, and the next run ends it" {
	cp -a "$root" "$BATS_TEST_TMPDIR/before"
	strace -E ASAN_OPTIONS=detect_leaks=0 -c -S calls -o "$BATS_TEST_TMPDIR/calls" install-package \
		--root "$root" --app shop --url "$web/2/" --quiet
	for call in write pwrite64 pwritev2; do
		count=$(awk -v name=$call '$NF == name { print $4 }' \
			"$BATS_TEST_TMPDIR/calls")
		for part in 3 6 9; do
			[ "${count:-0}" -gt 9 ] || continue
			rm -rf "$root"
			cp -a "$BATS_TEST_TMPDIR/before" "$root"
			kill_at $call $((count * part / 10))
			current=$(readlink "$root/opt/shop/current")
			[ "$current" = releases/1 ] || [ "$current" = releases/2 ]
			diff -r "$work/1" "$root/opt/shop/releases/1" -x profile.env
			upgrade 2/ --quiet
			same_tree
			kills=$((${kills-0} + 1))
		done
	done
	[ "${kills-0}" -ge 3 ]
}
