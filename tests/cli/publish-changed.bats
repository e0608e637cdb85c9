#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# package-release publish while somebody writes to the bundle: what is published
# is what was verified, or nothing is.
#
# The public key is a pipe: it is opened after every byte was checked, and the
# publisher waits for what comes out of it.

setup_file() {
	load lib
	cd "$BATS_FILE_TMPDIR" || return
	make_key key
	mkdir src
	head -c 6000000 /dev/urandom >src/large # no memory holds the payload
	make_bundle shop 1 src dist --key key --profile dev >/dev/null
}

setup() {
	load lib
	work=$BATS_FILE_TMPDIR
	cd "$BATS_TEST_TMPDIR" || return
	cp -R "$work/dist/1" release
	mkfifo key.pub
}

# publish_while COMMAND... -- ARGUMENT... - COMMAND is run in between.
publish_while() {
	local change=()
	while [ "$1" != -- ]; do
		change+=("$1")
		shift
	done
	# The pipe can be opened for writing once somebody reads it.
	{ exec 4>key.pub && "${change[@]}" && cat "$work/key.pub" >&4; } 3>&- &
	run timeout 60 package-release publish --key key.pub --to dir:site "${@:2}"
	echo "$output"
	# Nobody did?  Then it would wait for ever.
	exec 5<>key.pub 5>&-
	wait "$!"
}

overwrite() {
	printf changed | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

refused() {
	[ "$status" -eq 6 ]
	assert_output_has "$1" "was changed after it was verified"
	[ ! -e site/1 ]
	[ ! -e packs.lock.json ]
}

@test "a payload that is changed after it was verified is not published" {
	publish_while overwrite release/payload.tar.gz 5000000 -- release
	refused "'payload.tar.gz'"
}

@test "a bundle file that is changed after it was verified is not published" {
	publish_while overwrite release/shop-1.tar.gz 3000000 -- release/shop-1.tar.gz
	refused "'payload.tar.gz'"
}

@test "a bundle file whose frame or small parts are changed is not published" {
	for at in 100 700; do
		cp "$work/dist/1/shop-1.tar.gz" release
		publish_while overwrite release/shop-1.tar.gz $at -- release/shop-1.tar.gz
		refused "'release/shop-1.tar.gz'"
	done
}

@test "a bundle file in whose place another one is put is not published" {
	(cd "$work" && make_bundle shop 1 src "$BATS_TEST_TMPDIR/other" --key key \
		--profile prod >/dev/null)
	publish_while mv other/1/shop-1.tar.gz release -- release/shop-1.tar.gz
	refused "'release/shop-1.tar.gz'"
}

@test "small parts and signatures are published as they were verified" {
	for part in release.ini release.ini.minisig sbom.json payload.mtree; do
		rm -rf site packs.lock.json
		cp -R "$work/dist/1/." release
		publish_while overwrite release/$part 3 -- release
		[ "$status" -eq 0 ]
		diff -r "$work/dist/1" site/1
		[ "$(jq -r '.packs[0].release_sha256' packs.lock.json)" = \
			"$(sha256sum <"$work/dist/1/release.ini" | cut -d ' ' -f 1)" ]
	done
}

@test "a bundle beside its parts that is changed is made anew" {
	publish_while overwrite release/shop-1.tar.gz 3000000 -- release
	[ "$status" -eq 0 ]
	diff -r "$work/dist/1" site/1
}
