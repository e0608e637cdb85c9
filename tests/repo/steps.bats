#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every call that changes the disk can be made to fail, by its name.

load repo

@test "each call that changes the disk names its step in the call" {
	is_empty "$(scripts/list-steps | grep '^- ' || true)" "step is no literal"
}

@test "steps are named <room>.<what>" {
	is_empty "$(scripts/list-steps | grep -vE '^([a-z]+\.[a-z0-9-]+|-) ' || true)" \
		"other names"
}

@test "no two calls have the same step" {
	is_empty "$(scripts/list-steps | cut -d' ' -f1 | grep -vx -- - | sort | uniq -d)" \
		"used twice"
}

@test "each wrapper passes a fault point, or another wrapper with its step" {
	passing=$(cat src/base/disk*.c | awk '
		/^int disk_[a-z_]+\(const char \*step/ { sub(/^int /, ""); sub(/\(.*/, ""); name = $0 }
		/pass\(step\)|disk_[a-z_]+\(step|fault_point\(step\)/ && name { print name; name = "" }
		/^}/ { name = "" }')
	wrappers=$(sed -n 's/^int \(disk_[a-z_]*\)(const char \*step,.*/\1/p' src/base/disk.h)
	[ -n "$wrappers" ]
	for wrapper in $wrappers; do
		grep -qx "$wrapper" <<<"$passing" || is_empty "$wrapper" "passes none"
	done
}
