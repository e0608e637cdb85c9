#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Which patches are made, and how they are told apart where they lie together.
# shellcheck disable=SC2030,SC2031,SC2154 # web.bash sets web and web_dir

noise() { # noise SEED BYTES
	openssl enc -aes-128-ctr -nosalt -pass "pass:$1" -pbkdf2 -in /dev/zero \
		2>/dev/null | head -c "$2"
}

setup_file() {
	load lib
	load web
	work=$BATS_FILE_TMPDIR
	arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
	make_key "$work/key"
	mkdir -p "$work/www" "$work/1"
	noise 1 300000 >"$work/1/file"
	make_bundle shop 1 "$work/1" "$work/dist" --sequence 1 \
		--key "$work/key" --profile dev >/dev/null
	# From one old release, for all platforms, to one for each, and to a
	# later one.
	for tree in "$arch" riscv64 3; do
		cp -R "$work/1" "$work/$tree"
		printf %s "$tree" | dd of="$work/$tree/file" bs=1 \
			conv=notrunc seek=150000 status=none
	done
	for platform in "$arch" riscv64; do
		make_bundle shop 2 "$work/$platform" "$work/dist" --sequence 2 \
			--key "$work/key" --profile dev \
			--platform "linux/$platform" \
			--patch-from "$work/dist/1" >/dev/null
	done
	make_bundle shop 3 "$work/3" "$work/dist" --sequence 3 \
		--key "$work/key" --profile dev --patch-from "$work/dist/1" \
		>/dev/null
	start_nginx "$work/www"
	export work arch
}

teardown_file() {
	load web
	stop_servers
}

setup() {
	load lib
	load upgrade
	cd "$BATS_TEST_TMPDIR" || return # for the lockfile
}

# patches FOLDER - their names.
patches() {
	(cd "$1" && ls payload.patch-*)
}

# ini LINE... - a package.ini of this app with these lines in [package].
ini() {
	printf '%s\n' "[package]" "app = shop" "$@" "[payload]" \
		"root = $work/3" >package.ini
}

pack() { # pack [OPTION...]
	run package-release bundle --version 4 --sequence 4 --profile dev "$@"
}

# --- names ---

@test "a patch is called by the lists of files of both releases" {
	id=$(sha256sum "$work/dist/1/payload.mtree" "$work/dist/3/payload.mtree" |
		cut -d' ' -f1 | sha256sum | cut -c1-16)
	[ "$(patches "$work/dist/3")" = "payload.patch-$id" ]
}

@test "patches of two platforms lie on one release page, and each host takes its own" {
	load github
	install_first
	start_github
	for platform in "$arch" riscv64; do
		GITHUB_API_URL=$api GITHUB_TOKEN=canary-4711 \
			package-release publish --key "$work/key.pub" --quiet \
			--plain-http 127.0.0.1 --to github://acme/tool \
			"$work/dist/2/linux-$platform"
	done
	[ "$(jq '[.. | .assets? // empty | .[].name] | length' \
		"$github/releases.json")" -eq 4 ]
	printf 'allow_plain_http = 127.0.0.1\napi = %s\n' "$api" \
		>>"$root/etc/tidegate/shop.ini"
	run install-package --root "$root" --app shop --repo acme/tool \
		--version 2
	stop_github
	[ "$status" -eq 0 ]
	assert_output_has "fetch a patch from 1" "bytes of the patch"
	cmp "$work/$arch/file" "$root/opt/shop/current/file"
}

@test "bundles of two versions lie in one folder with their patches" {
	install_first
	cp "$work/dist/3/shop-3.tar.gz" "$work/dist/3"/payload.patch-* \
		"$work/dist/2/linux-$arch"/shop-2*.tar.gz \
		"$work/dist/2/linux-$arch"/payload.patch-* "$work/www"
	run upgrade shop-3.tar.gz
	[ "$status" -eq 0 ]
	assert_output_has "bytes of the patch"
	cmp "$work/3/file" "$root/opt/shop/current/file"
}

@test "from another platform there is no patch" {
	run package-release bundle --app shop --version 4 --sequence 4 \
		--profile dev --payload "$work/3" --platform linux/riscv64 \
		--patch-from "$work/dist/2/linux-$arch"
	[ "$status" -eq 2 ]
	assert_output_has "it is for linux/$arch, and this one is for linux/riscv64"
	[ ! -e dist ]
	package-release bundle --app shop --version 4 --sequence 4 \
		--profile dev --payload "$work/3" \
		--patch-from "$work/dist/2/linux-$arch"
	[ "$(patches dist/4 | wc -l)" -eq 1 ]
}

# --- package.ini ---

@test "package.ini names old bundles, beside it" {
	mkdir project
	cp -R "$work/dist/1" project/old
	ini "patch_from = old"
	mv package.ini project
	pack --config project/package.ini --dry-run
	[ "$status" -eq 0 ]
	assert_output_has "  patch from: project/old"
	pack --config project/package.ini
	[ "$status" -eq 0 ]
	assert_output_has "patch from 1: "
	[ "$(patches project/dist/4 | wc -l)" -eq 1 ]
}

@test "package.ini may name several, in one line or more" {
	ini "patch_from = $work/dist/1, $work/dist/3" \
		"patch_from.2 = $work/dist/2/linux-$arch"
	pack
	[ "$status" -eq 0 ]
	[ "$(patches dist/4 | wc -l)" -eq 3 ]
}

@test "what the command line names counts instead" {
	ini "patch_from = nowhere, $work/dist/1"
	pack --patch-from "$work/dist/3"
	[ "$status" -eq 0 ]
	assert_output_has "patch from 3: "
	[ "$(patches dist/4 | wc -l)" -eq 1 ]
}

@test "package.ini names four at most, that are there, and are of this app" {
	ln -s "$work/dist/1" old
	four="patch_from = old, old, old, old"
	ini "$four"
	pack
	[ "$status" -eq 0 ]
	rm -r dist
	ini "$four" "patch_from.2 = old"
	pack
	[ "$status" -eq 2 ]
	assert_output_has "patch_from of package.ini names 5 old bundles; 4 are the most"
	ini "patch_from = nowhere"
	pack
	[ "$status" -eq 7 ]
	assert_output_has "a patch from 'nowhere'"
	ini "patch_from = $work/dist/1"
	pack --app other
	[ "$status" -eq 2 ]
	assert_output_has "it is of app 'shop', and this one is 'other'"
	[ ! -e dist ]
}
