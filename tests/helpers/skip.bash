# SPDX-License-Identifier: Apache-2.0
# Skipping all tests of a file, for bats files.  Before 1.9, bats takes a skip in
# setup_file for a failure.

# skip_file WHY - in setup_file, which then returns.
skip_file() {
	echo "$1" >"$BATS_FILE_TMPDIR/skipped"
}

# is_file_skipped - for teardown_file, which has nothing to take away then.
is_file_skipped() {
	[ -e "$BATS_FILE_TMPDIR/skipped" ]
}

# skip_with_file - first in setup.
skip_with_file() {
	! is_file_skipped || skip "$(cat "$BATS_FILE_TMPDIR/skipped")"
}
