#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of the files that are loaded
# docs/publishing-errors.md: each row is fed by a server that refuses in the words
# of a real one, and what is said is what the document says.

setup_file() {
	load lib
	python3 "$BATS_TEST_DIRNAME/refusing_server.py" >"$BATS_FILE_TMPDIR/port" 3>&- &
	echo "$!" >"$BATS_FILE_TMPDIR/server"
	wait_for_server "$!" /dev/null test -s "$BATS_FILE_TMPDIR/port"
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/server")"
}

setup() {
	load lib
	PATH=$build/tests/helpers:$PATH
	base=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")
	document=$checkout/docs/publishing-errors.md
}

# rows - id, meaning and advice of each, separated by tabs.
rows() {
	sed -nE 's/^\| `([a-z-]+)` \| [^|]* \| ([^|]*) \| ([^|]*) \|$/\1\t\2\t\3/p' "$document"
}

@test "document and stand-in have the same rows" {
	rows | cut -f 1 | sort >"$BATS_TEST_TMPDIR/document"
	python3 "$BATS_TEST_DIRNAME/refusing_server.py" --list | cut -d ' ' -f 2 |
		sort >"$BATS_TEST_TMPDIR/stand-in"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/document")" -gt 40 ]
	diff "$BATS_TEST_TMPDIR/document" "$BATS_TEST_TMPDIR/stand-in"
}

@test "each row is said, with the id of the request" {
	python3 "$BATS_TEST_DIRNAME/refusing_server.py" --list >"$BATS_TEST_TMPDIR/kinds"
	while IFS=$'\t' read -r id meaning advice; do
		kind=$(sed -n "s/ $id\$//p" "$BATS_TEST_TMPDIR/kinds")
		run timeout 20 http_client plain=127.0.0.1 \
			get "$base/$kind/$id" 3>&-
		[ "$status" -eq 3 ]
		assert_output_has "$meaning: $advice (request id-of-$id)" || {
			echo "row $id"
			return 1
		}
	done < <(rows)
}

@test "what no row has is shown as it came" {
	run http_client plain=127.0.0.1 get "$base/elsewhere/unknown"
	[ "$status" -eq 3 ]
	assert_output_has "status 404: no such row" "(request id-of-unknown)"
}

@test "publish says the same of what a registry refuses" {
	mkdir -p "$BATS_TEST_TMPDIR/packs/one"
	cd "$BATS_TEST_TMPDIR" || return
	export HOME=$BATS_TEST_TMPDIR
	echo data >packs/one/data
	(umask 077 && echo u:secret-password >secret)
	for id in ghcr-token-scopes ghcr-write-package ghcr-create-package quota storage-limit \
		denied name-invalid name-upper-case expired-token body-too-large storage-full; do
		run timeout 30 package-release publish --version 1.0.0 --deadline 20 \
			--to "oci://${base#http://}/$id" --token-file secret 3>&-
		[ "$status" -eq 3 ]
		assert_output_has "$(rows | sed -n "s/^$id\t\(.*\)\t\(.*\)/\1: \2/p")" "(request id-of-$id)" || {
			echo "row $id"
			return 1
		}
	done
}
