#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# points.txt names each step of the installer that changes the disk: what the
# crash tests go through.  A new call is a new line there, and a line whose
# call is gone goes too; what check-health alone writes is not among them:
#
#   { sed 1q tests/crash/points.txt
#     scripts/list-steps src host | grep -vE ' (host/check|src/health)/' |
#         cut -d' ' -f1 | LC_ALL=C sort
#   } >points.new && mv points.new tests/crash/points.txt

cd "$BATS_TEST_DIRNAME/../.." || exit 1

points() {
	grep -v '^#' tests/crash/points.txt
}

@test "points.txt names each step once, in order" {
	points | LC_ALL=C sort -uc
}

@test "points.txt is complete, and names nothing else" {
	diff -u <(points) \
		<(scripts/list-steps src host |
			grep -vE ' (host/check|src/health)/' |
			cut -d' ' -f1 | LC_ALL=C sort)
}
