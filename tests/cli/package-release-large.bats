#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Files over 4 GiB, long paths, and many of them.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR"
}

letters() { # letters COUNT LETTER
	printf "%*s" "$1" '' | tr ' ' "$2"
}

@test "a file over 4 GiB keeps its size and its bytes" {
	mkdir tree
	truncate -s $((4294967296 + 12345)) tree/large
	printf end >>tree/large
	package-release bundle --app big --version 1 --payload tree --out dist --skip-sbom >/dev/null
	run -4 package-release verify dist/1/big-1.tar.gz
	assert_output_has "integrity ok"
	run -0 tar tvzf dist/1/payload.tar.gz
	assert_output_has " 4294979644 "
	run -0 bsdtar -tvzf dist/1/payload.tar.gz
	assert_output_has " 4294979644 "
}

@test "paths and link targets over 100 and 255 bytes are read back by tar and bsdtar" {
	deep=tree/$(letters 90 a)/$(letters 120 b)/$(letters 200 c)/$(letters 255 d)
	mkdir -p "$deep"
	echo deep >"$deep/$(letters 255 e)"
	echo long >"tree/$(letters 101 f)"
	echo wide >"tree/$(letters 90 a)/$(printf 'ü%.0s' {1..60})"
	ln -s "$(letters 90 a)/$(letters 120 b)" tree/link
	for length in 99 100 101 154 155 156 157 255; do
		mkdir -p "tree/$(letters $((length / 2)) g)"
		echo "$length" >"tree/$(letters $((length / 2)) g)/$(letters $((length - length / 2 - 1)) h)"
	done
	package-release bundle --app long --version 1 --payload tree --out dist >/dev/null
	run -4 package-release verify dist/1
	mkdir gnu bsd
	tar xzf dist/1/payload.tar.gz -C gnu
	LC_ALL=C.UTF-8 bsdtar xzf dist/1/payload.tar.gz -C bsd
	diff <(tree_facts tree) <(tree_facts gnu)
	diff <(tree_facts tree) <(tree_facts bsd)
}

@test "ten thousand files, empty ones among them" {
	mkdir tree
	for i in $(seq 100); do
		mkdir "tree/$i"
		(cd "tree/$i" && seq 100 | xargs touch && echo "$i" >50)
	done
	package-release bundle --app many --version 1 --payload tree --out dist >/dev/null
	run -4 package-release verify dist/1/many-1.tar.gz
	grep -qx 'entries = 10100' dist/1/release.ini
	mkdir gnu
	tar xzf dist/1/payload.tar.gz -C gnu
	diff <(tree_facts tree) <(tree_facts gnu)
}
