# SPDX-License-Identifier: Apache-2.0
# What the tests on the repository itself share.

cd "$BATS_TEST_DIRNAME/../.." || exit 1
build=${TIDEGATE_BUILD:-build/cc}
programs="install-package check-health package-release"

# Each file that belongs to the project; in a source archive without git, each
# file that was not built.
project_files() {
	git ls-files 2>/dev/null && return
	find . -path ./build -prune -o -path ./dist -prune -o -type f -print |
		sed 's|^\./||'
}

# The C of the project without its comments, as "file:line:text".
code_of() {
	for file in $(find "$@" -name '*.[ch]'); do
		gcc -fpreprocessed -dD -E -P "$file" 2>/dev/null | sed "s|^|$file: |"
	done
}

manual() { # the man page of a program
	find docs/man -name "$1.[18]" -print -quit
}

require_program() {
	[ -x "$build/bin/$1" ] || skip "$1 is not built"
}

# Show what should be empty, and fail if it is not.
is_empty() {
	[ -z "$1" ] || {
		printf '%s\n' "$2:" "$1"
		return 1
	}
}
