#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The order of the payload's entries is one that `tar xzf` can follow: it gives
# each folder its time and mode when it leaves it, and does not come back.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	umask 022
	mkdir -p tree/a/d tree/foo tree/foo-1.0.dist-info tree/closed/below
	for file in a/c a/d/e a.b foo/main.py foo.py foo-1.0.dist-info/RECORD \
		closed/file closed/below/file closed.txt; do
		echo "$file" >"tree/$file"
	done
	# Links that leave their folder, which GNU tar makes last of all.
	ln -s ../a.b tree/a/up
	ln -s ../a.b tree/closed/up
	chmod 555 tree/closed tree/closed/below
	chmod 444 tree/closed/file
	package-release bundle --app demo --version 1.0 --payload tree --out dist \
		--allow-mode closed --allow-mode closed/below \
		--allow-mode closed/file >/dev/null
}

teardown() {
	chmod -R u+w "$BATS_TEST_TMPDIR"
}

# Lines "<path> <mode> <time>" of payload.mtree.
listed() {
	awk '$1 == "/set" { time = substr($NF, 6) }
		$1 ~ /^\.\// {
			match($0, / mode=0*[0-7]+/)
			mode = substr($0, RSTART + 6, RLENGTH - 6)
			sub(/^0+/, "", mode)
			print substr($1, 3), mode, time
		}' dist/1.0/payload.mtree
}

# The same lines of the tree below $1, for the paths of the lines on stdin.
unpacked() {
	local path
	while read -r path _; do
		(cd "$1" && find "$path" -maxdepth 0 -printf '%p %m %T@\n')
	done | sed 's/\.0*$/.0/'
}

@test "a folder is followed by what it holds" {
	[ "$(listed | cut -d ' ' -f 1 | tr '\n' ' ')" = "a a/c a/d a/d/e a/up a.b closed closed/below closed/below/file closed/file closed/up closed.txt foo foo/main.py foo-1.0.dist-info foo-1.0.dist-info/RECORD foo.py " ]
	[ "$(tar tzf dist/1.0/payload.tar.gz | sed 's,/$,,')" = "$(listed | cut -d ' ' -f 1)" ]
}

@test "tar xzf gives each entry the mode and time of payload.mtree" {
	mkdir out
	run -0 tar xzf dist/1.0/payload.tar.gz -C out
	[ -z "$output" ]
	diff <(listed) <(listed | unpacked out)
	listed | grep -q '^closed 555 1700000000\.0$'
	diff <(tree_facts tree) <(tree_facts out)
}

@test "so it does for an ordinary user, whom read-only folders stop" {
	[ "$(id -u)" -eq 0 ] || skip "the test above ran as an ordinary user"
	mkdir out
	chmod 755 "$BATS_TEST_TMPDIR"
	chown 65534:65534 out
	run -0 setpriv --reuid 65534 --regid 65534 --clear-groups \
		tar xz -C out <dist/1.0/payload.tar.gz
	[ -z "$output" ]
	diff <(listed) <(listed | unpacked out)
}

@test "bsdtar agrees" {
	mkdir out
	run -0 bsdtar xzf dist/1.0/payload.tar.gz -C out
	diff <(listed) <(listed | unpacked out)
}
