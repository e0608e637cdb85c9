#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What an interrupted install-package leaves, and that the next run mends it.
# `make crash` kills at every system call; here a sample of them does.

setup_file() {
	build=${TIDEGATE_BUILD:-$BATS_TEST_DIRNAME/../../build/cc}
	# Only a FAULTS=1 build can fail on purpose.
	if grep -q FAULT_AT "$build/bin/install-package"; then
		export has_faults=1
	fi
}

faults() {
	[ -n "${has_faults:-}" ] || skip "not a FAULTS=1 build"
	run "$BATS_TEST_DIRNAME/faults" "$1"
	echo "$output"
	[ "$status" -eq 0 ]
	echo "# ${lines[-1]}" >&3
}

sweep() {
	run "$BATS_TEST_DIRNAME/sweep" "$1" "${2:-200}"
	echo "$output"
	[ "$status" -eq 0 ]
	echo "# ${lines[-1]}" >&3
}

@test "install, killed or failing at each step" { faults install; }
@test "activate, killed or failing at each step" { faults activate; }
@test "rollback, killed or failing at each step" { faults rollback; }
@test "repair, killed or failing at each step" { faults repair; }
@test "renewed evidence, killed or failing at each step" { faults renew; }
@test "prune, killed or failing at each step" { faults prune; }
@test "a gate that passes, killed or failing at each step" { faults gate; }
@test "a gate that fails, killed or failing at each step" { faults revert; }
@test "install, killed at 200 system calls" { sweep install; }
@test "activate, killed at 200 system calls" { sweep activate; }
@test "rollback, killed at 200 system calls" { sweep rollback; }
@test "repair, killed at 200 system calls" { sweep repair; }
@test "renewed evidence, killed at 200 system calls" { sweep renew; }
@test "prune, killed at 200 system calls" { sweep prune; }
@test "a gate that passes, killed at 100 system calls" { sweep gate 100; }
@test "a gate that fails, killed at 100 system calls" { sweep revert 100; }
