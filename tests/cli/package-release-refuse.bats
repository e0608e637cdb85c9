#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# package-release bundle: what a release must not hold is refused, by its path.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	make_tree tree
}

pack() {
	package-release bundle --app demo --version 1.0 --payload tree --out dist "$@"
}

refused() { # refused TEXT... [-- OPTION...]
	run -5 pack
	assert_output_has "$@"
	[ -z "$(ls dist 2>/dev/null)" ]
}

@test "a fifo" {
	mkfifo tree/share/pipe
	refused "'share/pipe' is a fifo"
}

@test "a socket" {
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("tree/sock")'
	refused "'sock' is a socket"
}

@test "a device" {
	mknod tree/null c 1 3 2>/dev/null || skip "needs the right to make devices"
	refused "'null' is a device"
}

@test "setuid, setgid and world-writable files and folders" {
	chmod 4755 tree/bin/hello
	refused "'bin/hello' is setuid" --allow-mode
	chmod 2755 tree/bin/hello
	refused "'bin/hello' is setgid"
	chmod 757 tree/bin/hello
	refused "'bin/hello' is world-writable"
	chmod 755 tree/bin/hello
	chmod 1777 tree/empty
	refused "'empty' is world-writable"
	rm -r tree/empty
	run -0 pack
}

@test "--allow-mode packs a path with exactly its mode" {
	chmod 4750 tree/bin/hello
	run -0 pack --allow-mode bin/hello
	grep -q '^\./bin/hello mode=4750 ' dist/1.0/payload.mtree
}

@test "extended attributes" {
	setfattr -n user.note -v x tree/bin/hello 2>/dev/null ||
		skip "no setfattr, or no extended attributes here"
	refused "'bin/hello'" "user.note"
}

@test "capabilities" {
	setcap cap_net_raw+ep tree/bin/hello 2>/dev/null ||
		skip "no setcap, or no right to use it"
	refused "'bin/hello'" "security.capability"
}

@test "links that are absolute or leave the payload" {
	ln -s /etc/passwd tree/share/absolute
	refused "'share/absolute'" "/etc/passwd" "--allow-link 'share/absolute'"
	rm tree/share/absolute
	ln -s ../../outside tree/share/up
	refused "'share/up'" "../../outside"
}

@test "--allow-link lets them through, records it, and follows nothing" {
	mkdir tree/venv
	ln -s /usr/bin/python3 tree/venv/python
	run -0 pack --allow-link 'venv/py*' --allow-link unused
	grep -qx '1 = venv/py\*' dist/1.0/release.ini
	run ! grep -q unused dist/1.0/release.ini
	grep -qx './venv/python type=link mode=0777 link=/usr/bin/python3' dist/1.0/payload.mtree
	run -4 package-release verify dist/1.0
}

@test "names with control bytes or invalid UTF-8" {
	touch "tree/share/bell"$'\a'
	refused "bell?"
	rm tree/share/bell*
	touch "tree/share/latin"$'\xe9'
	refused "share/latin"
}

@test "names of any other kind are packed" {
	touch 'tree/ -rf *' 'tree/#x' 'tree/a\b' 'tree/[x]=?' 'tree/grüße 日本' 'tree/...'
	run -0 pack
	mkdir out
	tar xzf dist/1.0/payload.tar.gz -C out
	diff <(tree_facts tree) <(tree_facts out)
}

@test "an empty payload" {
	rm -r tree
	mkdir tree
	refused empty
	mkdir tree/.git
	refused empty
}

@test "no payload at all is a usage error; an absent folder a system one" {
	run -2 package-release bundle --app demo --version 1.0 --out dist
	assert_output_has --payload
	run -7 package-release bundle --app demo --version 1.0 --out dist --payload absent
	run -2 package-release bundle --app demo --version 1.0 --out tree --payload tree
}

@test "names that differ only in case are packed with a warning" {
	touch tree/share/readme tree/share/README
	run -0 pack
	assert_output_has "warning" "share/README" "share/readme" "only in case"
}

@test "what is left out is not judged" {
	mkfifo tree/share/pipe
	chmod 757 tree/bin/hello
	run -0 pack --exclude share/pipe --exclude 'bin/*'
	run -0 package-release bundle --app demo --version 2 --payload tree --out dist --include share/doc
}

@test "a source that changes while it is read is a conflict" {
	# More than a pipe's worth of files, and one that never rests.
	mkdir tree/many
	for i in $(seq 2000); do echo "$i" >"tree/many/$i"; done
	while :; do date +%N >>tree/many/1000; done 3>&- &
	writer=$!
	run package-release bundle --app demo --version 1.0 --payload tree --out dist
	kill "$writer"
	wait "$writer" 2>/dev/null || :
	[ "$status" = 6 ]
	assert_output_has "many/1000" "changed while it was read"
	[ -z "$(ls dist)" ]
}
