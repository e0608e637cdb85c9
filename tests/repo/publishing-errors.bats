#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docs/publishing-errors.md has the rows of the table that it explains, in their
# order.

load repo

@test "document and table have the same rows" {
	sed -nE 's/^\t\{ "([a-z-]+)",$/\1/p' src/net/refusal.c >"$BATS_TEST_TMPDIR/table"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/table")" -gt 40 ]
	sed -nE 's/^\| `([a-z-]+)` \|.*/\1/p' docs/publishing-errors.md |
		diff "$BATS_TEST_TMPDIR/table" -
}
