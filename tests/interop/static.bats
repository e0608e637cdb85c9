#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The static package-release in a tree that holds nothing else: no C library, no
# configuration, no /proc; only /dev/null, which every tree has.

# shellcheck source=tests/helpers/skip.bash
load ../helpers/skip

bats_require_minimum_version 1.5.0
build=${TIDEGATE_BUILD:-$BATS_TEST_DIRNAME/../../build/cc}

setup_file() {
	if [ "$(id -u)" -ne 0 ]; then
		skip_file "needs root, for chroot"
		return
	fi
	unset MAKEFLAGS MFLAGS MAKELEVEL # ours is not the make that runs us
	if ! make -s -C "$BATS_TEST_DIRNAME/../.." BUILD="$build" static; then
		skip_file "curl's source could not be had, or does not build here"
		return
	fi
	export tree=$BATS_FILE_TMPDIR/tree
	mkdir -p "$tree/bin" "$tree/tmp" "$tree/src" "$tree/dev"
	if ! mknod -m 666 "$tree/dev/null" c 1 3; then
		skip_file "may not make devices"
		return
	fi
	cp "$build/static/package-release" "$tree/bin/"
	head -c 300000 /dev/urandom >"$tree/src/file"
	ln -s file "$tree/src/link"
}

setup() {
	skip_with_file
}

inside() {
	env -i SOURCE_DATE_EPOCH=1700000000 /usr/sbin/chroot "$tree" /bin/package-release "$@"
}

@test "it needs no library" {
	run readelf -hldW "$build/static/package-release"
	[[ $output != *NEEDED* && $output != *INTERP* ]]
	[[ $output == *"Type:"*DYN* ]] # at a random address all the same
	inside version
}

@test "it makes, signs and verifies a release, with the same bytes as the other one" {
	inside keygen --no-password --output /key
	inside bundle --app demo --version 1 --payload /src --out /dist --key /key
	inside verify --key /key.pub /dist/1/demo-1.tar.gz
	SOURCE_DATE_EPOCH=1700000000 "$build/bin/package-release" bundle --app demo \
		--version 1 --payload "$tree/src" --out "$BATS_TEST_TMPDIR" \
		--key "$tree/key"
	diff -r "$tree/dist/1" "$BATS_TEST_TMPDIR/1"
}

@test "it publishes to a folder, and finds no host that nobody knows" {
	inside publish --to dir:/served /dist/1/demo-1.tar.gz
	[ -n "$(find "$tree/served" -name 'release.ini*')" ]
	run inside publish --to oci://registry.invalid/demo /dist/1/demo-1.tar.gz
	echo "$output"
	[ "$status" -eq 3 ]
	[[ $output == *registry.invalid* ]]
}

@test "it finds a host that the tree knows" {
	mkdir -p "$tree/etc"
	echo "127.0.0.1 registry.example" >"$tree/etc/hosts"
	run inside publish --to oci://registry.example:1/demo --plain-http registry.example \
		/dist/1/demo-1.tar.gz
	echo "$output"
	[ "$status" -eq 3 ]
	[[ $output == *"Failed to connect"* || $output == *"refused"* ]]
	[[ $output != *"resolve"* ]]
}
