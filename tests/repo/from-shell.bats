#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docs/from-shell.md answers for each behaviour and weakness of the shell
# system.

load repo

rows() {
	for number in $(seq 1 21); do echo "P$number"; done
	for number in $(seq 1 25); do echo "I$number"; done
	for number in $(seq 1 12) 14 15; do echo "H$number"; done
	for number in $(seq 1 16); do echo "W$number"; done
	for number in $(seq 1 21); do echo "S$number"; done
	for number in $(seq 1 15); do echo "R$number"; done
}

@test "each row is there once, says same, other or dropped, and why" {
	for row in $(rows); do
		count=$(grep -cE "^\| $row \| [^|]{5,} \| (same|other|dropped) \| [^|]{10,} \|$" \
			docs/from-shell.md)
		[ "$count" -eq 1 ] || is_empty "$row: $count" "rows of that name"
	done
}

@test "no weakness is the same" {
	is_empty "$(grep -E '^\| [WSR][0-9]+ \|.*\| same \|' docs/from-shell.md || true)" \
		"still there"
}

@test "no row is there that the shell system did not have" {
	extra=$(grep -oE '^\| [PIHWSR][0-9]+ ' docs/from-shell.md | tr -d '| ' |
		grep -vxF -e H13 -f <(rows) || true)
	is_empty "$extra" unknown
}
