#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The same inputs give the same bytes.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	make_key key
}

# The same files, made in another order, under another umask.
make_forwards() {
	(umask 022 && mkdir "$1" && cd "$1" && mkdir -p b/sub a &&
		for i in 1 2 3 4 5; do echo "file $i" >"b/sub/$i"; done &&
		seq 30000 >a/large && printf '#!/bin/sh\n' >a/run &&
		chmod 755 a/run && ln -s run a/link)
}

make_backwards() {
	(umask 077 && mkdir "$1" && cd "$1" && mkdir a && ln -s run a/link &&
		printf '#!/bin/sh\n' >a/run && chmod 700 a/run &&
		seq 30000 >a/large && mkdir -p b/sub &&
		for i in 5 4 3 2 1; do echo "file $i" >"b/sub/$i"; done)
}

pack() { # pack TREE OUT
	package-release bundle --app demo --version 1.0 --payload "$1" \
		--out "$2" --profile dev --set IMAGE_TAG=v1 --key key >/dev/null
}

@test "another folder, umask, order of files, time zone and locale: the same bytes" {
	make_forwards one
	mkdir -p "some where/else"
	make_backwards "some where/else/two"
	find "some where" -exec touch -h -d '2001-02-03 04:05:06' {} +
	(umask 022 && TZ=UTC LC_ALL=C pack one dist)
	(umask 077 && TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 LANG=de_DE.UTF-8 \
		pack "some where/else/two" other)
	diff -r dist other
}

@test "another user: the same bytes" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	make_forwards one
	pack one dist
	# The folder of this test is root's alone.
	theirs=$(mktemp -d)
	make_backwards "$theirs/two"
	mkdir "$theirs/bin" "$theirs/share"
	cp "$build/bin/package-release" "$theirs/bin/"
	cp -rL "$build/share/tidegate" "$theirs/share/"
	cp key "$theirs/"
	chown -R nobody "$theirs"
	SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH setpriv --reuid=nobody --clear-groups \
		"$theirs/bin/package-release" bundle --app demo --version 1.0 \
		--payload "$theirs/two" --out "$theirs/dist" --profile dev \
		--set IMAGE_TAG=v1 --key "$theirs/key"
	diff -r dist "$theirs/dist"
	rm -r "$theirs"
}

@test "one processor or all: the same bytes" {
	command -v taskset >/dev/null || skip "no taskset"
	make_forwards one
	head -c 3000000 /dev/urandom >one/random
	pack one dist
	taskset -c 0 package-release bundle --app demo --version 1.0 --payload one \
		--out other --profile dev --set IMAGE_TAG=v1 --key key >/dev/null
	diff -r dist other
}

@test "no variable of the environment changes the bytes" {
	make_forwards one
	pack one dist
	OPENSSL_CONF=/dev/null GZIP=-9 TAR_OPTIONS=--sparse USER=somebody \
		HOSTNAME=elsewhere PROFILE=prod IMAGE_TAG=v2 GIT_DIR=/nonexistent \
		pack one other
	diff -r dist other
}

@test "the clock is not read into anything" {
	make_forwards one
	pack one dist
	run ! grep -rqaE "$(date +%Y-%m-%dT)" dist
}
