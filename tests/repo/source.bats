#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load repo

@test "each file names its licence" {
	missing=$(project_files | grep -vE '^(LICENSE|\.gitignore|\.clang-format|tests/data/.*|tests/fuzz/seeds/.*|profiles/.*\.env|debian/(changelog|copyright|source/format))$' |
		xargs grep -L 'SPDX-License-Identifier: Apache-2.0' || true)
	is_empty "$missing" "without SPDX line"
}

@test "the C of the project names its licence in the first line" {
	late=$(project_files | grep '\.[ch]$' | xargs awk \
		'FNR == 1 && !/SPDX-License-Identifier: Apache-2.0/ { print FILENAME }')
	is_empty "$late" "SPDX not in the first line"
}

@test "no function that cannot be used safely" {
	found=$(code_of src host release |
		grep -E '\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|gets|system|popen|tmpnam|tempnam|mktemp|alloca)[[:space:]]*\(' || true)
	is_empty "$found" "banned"
}

@test "numbers are read by base/text alone" {
	found=$(code_of src host release | grep -v '^src/base/text\.c: ' |
		grep -E '\b(strto[a-z]+|ato[ifl]+|[sf]?scanf)[[:space:]]*\(' || true)
	is_empty "$found" "banned outside base/text"
}

@test "folder and umask of the process change only where a process begins" {
	found=$(code_of src host release |
		grep -vE '^(src/privsep/(worker|spawn|child)[a-z_]*|(host/)?[a-z]+/main)\.c: ' |
		grep -E '\b(chdir|fchdir|umask|chroot)[[:space:]]*\(' || true)
	is_empty "$found" "process state changed"
}

@test "libraries never print, log, exit or read the environment" {
	found=$(code_of src | grep -vE '^src/base/fault\.c: .*getenv' |
		grep -E '\b(printf|vprintf|fprintf|vfprintf|dprintf|puts|fputs|putchar|perror|syslog|exit|abort|getenv|secure_getenv|setenv|putenv)[[:space:]]*\(' || true)
	is_empty "$found" "in src/"
}

@test "the environment is read in main files only" {
	found=$(code_of host release | grep -vE '^(host|release)(/[a-z]+)?/main\.c: ' |
		grep -E '\b(getenv|secure_getenv)[[:space:]]*\(' || true)
	is_empty "$found" "getenv outside main"
}

@test "nothing but base/disk changes the disk" {
	found=$(code_of src host | grep -v '^src/base/disk[a-z_]*\.c: ' |
		grep -E '\b(rename|renameat|renameat2|unlink|unlinkat|symlink|symlinkat|link|linkat|mkdir|mkdirat|rmdir|creat|truncate|ftruncate|fchmod|fchmodat|chmod|fchown|fchownat|chown|utimensat|futimens|fsync|fdatasync|syncfs|pwritev2)[[:space:]]*\(' |
		grep -vE '^src/privsep/[a-z_]+\.c: .*ftruncate' || true)
	is_empty "$found" "calls that belong into base/disk"
}

@test "no goto" {
	is_empty "$(code_of src host release | grep -E '\bgoto\b' || true)" goto
}

@test "each header has a guard named after its path" {
	for header in $(find src host release -name '*.h'); do
		guard=$(echo "${header#src/}" | sed 's|^host/||; s|[/.]|_|g' | tr a-z- A-Z_)
		grep -q "^#ifndef $guard$" "$header" ||
			is_empty "$header" "no guard $guard"
	done
}

@test "the scripts pass shellcheck" {
	command -v shellcheck >/dev/null || skip "shellcheck is not installed"
	project_files | grep -E '^(scripts|\.ci|tests)/' |
		xargs grep -lE '^#!/(bin/sh|usr/bin/env bash|bin/bash)' | xargs shellcheck -x
}

@test "nothing speaks of the machine it was written on" {
	found=$(project_files | grep -v '^tests/repo/source\.bats$' |
		xargs grep -nIE '(^|[^a-z0-9._])/(work|farm|home/[a-z]+)/' || true)
	is_empty "$found" "paths of a machine"
}

@test "links between the pages lead somewhere" {
	for page in $(project_files | grep '\.md$'); do
		for target in $(grep -oE '\]\([A-Za-z0-9./_-]+[)#]' "$page" | sed 's/^](//; s/[)#]$//'); do
			[ -e "$(dirname "$page")/$target" ] ||
				is_empty "$page: $target" "dead link"
		done
	done
}
