#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of the files that are loaded
# package-release publish: packs that are built, or packed into a zip.

setup_file() {
	load lib
	load oci
	start_registry open
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load lib
	load oci
	load publish
	publish_setup
}

@test "a build command has the named variables and nothing else" {
	cat >packs/one/package.ini <<-'END'
		[publish]
		build = ./make.sh $PACK_NAME $OUT_FILE
	END
	cat >packs/one/make.sh <<-'END'
		#!/bin/sh
		env | sort >"$2"
		echo "name $1" >>"$2"
		pwd >>"$2"
		echo built
	END
	chmod 755 packs/one/make.sh
	GITHUB_TOKEN=canary-secret run --separate-stderr package-release publish \
		--version 1 --dry-run --to "$to" --json
	[ "$status" -eq 0 ]
	[ "$stderr" = built ]
	grep -qx 'PACK_NAME=one' dist/packs/one.gtpack
	grep -qx 'PACK_VERSION=1' dist/packs/one.gtpack
	grep -qx "OUT_DIR=$PWD/dist/packs" dist/packs/one.gtpack
	grep -qx 'SOURCE_DATE_EPOCH=1700000000' dist/packs/one.gtpack
	grep -qx 'name one' dist/packs/one.gtpack
	grep -qx "$PWD/packs/one" dist/packs/one.gtpack
	run ! grep -E 'canary|GITHUB|BATS' dist/packs/one.gtpack
}

@test "a build command is killed by a broken pipe, as from a shell" {
	printf '[publish]\nbuild = grep SigIgn: /proc/self/status\n' >packs/one/package.ini
	run --separate-stderr package-release publish --version 1 --dry-run --to "$to" --filter one
	# shellcheck disable=SC2154 # bats sets stderr
	ignored=$(sed -n 's/^SigIgn:[[:blank:]]*//p' <<<"$stderr")
	[ -n "$ignored" ]
	[ $((0x$ignored & 1 << 12)) -eq 0 ]
}

@test "a build that fails, makes nothing, or is not there stops all, and says so" {
	printf '[publish]\nbuild = false\n' >packs/one/package.ini
	publish --version 1 --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "pack 'one'" "ended with status 1"
	printf '[publish]\nbuild = true\n' >packs/one/package.ini
	publish --version 1 --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "did not make"
	printf '[publish]\nbuild = no-such-tool x\n' >packs/one/package.ini
	publish --version 1 --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "'no-such-tool' is not there"
	PACKC_BIN=no-such-packc publish --version 1 --to "$to" --filter two
	[ "$status" -eq 2 ]
	assert_output_has "PACKC_BIN names 'no-such-packc'"
	[ -z "$(tag_digest "$repository/two" 1)" ]
}

@test "--keep-going: a pack that cannot be built stops no other" {
	printf '[publish]\nbuild = false\n' >packs/one/package.ini
	publish --version 1 --to "$to" --keep-going
	[ "$status" -eq 2 ]
	assert_output_has "pack 'one'" "1 of 2 were not published"
	[ -n "$(tag_digest "$repository/two" 1)" ]
	[ "$(lock '[.packs[].name] | join(" ")')" = two ]
}

@test "a lockfile that is committed makes no difference" {
	git init -q . && git add packs
	publish --version 1 --to "$to" --dry-run
	git add packs.lock.json && git -c user.name=a -c user.email=a@b commit -qm one
	publish --version 2 --to "$to" --dry-run
	expected=$(lock '.packs[0].expected_digest')
	publish --version 2 --to "$to"
	[ "$status" -eq 0 ]
	[[ $output != *differ* ]]
	[ "$(lock '.packs[0].digest')" = "$expected" ]
	[ "$(lock .dirty)" = false ]
	echo more >>packs/two/data
	publish --version 3 --to "$to" --dry-run
	[ "$(lock .dirty)" = true ]
}

@test "packc is asked where it is there; publish = no leaves a pack out" {
	mkdir bin
	cat >bin/packc <<-'END'
		#!/bin/sh
		[ "$1 $2 $4" = 'build --in --gtpack-out' ] || exit 9
		echo "packc of $3" >"$5"
	END
	chmod 755 bin/packc
	printf '[publish]\npublish = no\n' >packs/two/package.ini
	PATH=$PWD/bin:$PATH publish --version 1 --dry-run --to "$to"
	[ "$status" -eq 0 ]
	assert_output_has "two: not published"
	[ "$(cat dist/packs/one.gtpack)" = "packc of $PWD/packs/one" ]
	[ ! -e dist/packs/two.gtpack ]
}

@test "the zip has the folder, the same in any time zone, and no links" {
	publish --version 1 --dry-run --to "$to"
	mkdir out
	(cd out && unzip -q ../dist/packs/one.gtpack)
	diff -r packs/one out
	[ -x out/run ]
	ln -s pack.yaml packs/one/link
	publish --version 1 --dry-run --to "$to"
	[ "$status" -eq 5 ]
	assert_output_has "'link'" "neither a file nor a folder"
}

@test "the zip of files of any size needs little memory" {
	command -v /usr/bin/time >/dev/null || skip "no time here"
	# Of the first the zip has less than there is, of the second all.
	seq 9000000 >packs/one/numbers
	head -c 64000000 /dev/urandom >packs/one/random
	/usr/bin/time -o peak -f %M package-release publish --version 1 --dry-run --to "$to"
	(mkdir out && cd out && unzip -q ../dist/packs/one.gtpack)
	diff -r packs/one out
	unzip -v dist/packs/one.gtpack | grep -E ' Stored .* random'
	unzip -v dist/packs/one.gtpack | grep -E ' Defl:N .* numbers'
	[ -z "$(find dist/packs -name '.*' -type f)" ]
	# What looks for errors in memory takes much of it.
	nm -C "$(command -v package-release)" 2>/dev/null | grep -q __asan_init ||
		[ "$(cat peak)" -lt 32768 ]
}
