# SPDX-License-Identifier: Apache-2.0
# What all bats files share:  load lib
#
# The programs are those of $TIDEGATE_BUILD, else of build/cc of this checkout.
# Nothing of the caller's environment may change a result.

bats_require_minimum_version 1.5.0

checkout=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
build=${TIDEGATE_BUILD:-$checkout/build/cc}
PATH=$build/bin:$PATH
unset SOURCE_DATE_EPOCH CREDENTIALS_DIRECTORY GIT_DIR GIT_WORK_TREE
export LC_ALL=C TZ=UTC

# A date for all packages of the tests, so that they need no git.
export SOURCE_DATE_EPOCH=1700000000

# shellcheck source=tests/helpers/wait.bash
source "${BASH_SOURCE[0]%/*}/../helpers/wait.bash"

# make_tree DIR [TEXT] - a small payload; TEXT tells releases apart.
make_tree() {
	mkdir -p "$1/bin" "$1/share/doc" "$1/empty"
	printf '#!/bin/sh\necho "%s"\n' "${2-one}" >"$1/bin/hello"
	chmod 755 "$1/bin/hello"
	printf 'release %s\n' "${2-one}" >"$1/share/doc/README"
	ln -sfn hello "$1/bin/hi"
	: >"$1/share/nothing"
}

# make_key FILE - a key pair without a password: FILE and FILE.pub.
make_key() {
	package-release keygen --output "$1" --no-password >/dev/null
}

# make_bundle APP VERSION TREE OUT [OPTION...] - pack quietly; prints the path
# of the bundle.
make_bundle() {
	local app=$1 version=$2 tree=$3 out=$4
	shift 4
	package-release bundle --app "$app" --version "$version" \
		--payload "$tree" --out "$out" "$@" >/dev/null || return
	find "$out/$version" -name "$app-$version*.tar.gz"
}

# tree_facts DIR - type, mode, size, link target and hash of all below it.
tree_facts() {
	(cd "$1" && find . -mindepth 1 -printf '%P %y %l\n' | LC_ALL=C sort &&
		find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum)
}

# assert_output_has TEXT... - each TEXT stands in $output of the last run.
assert_output_has() {
	local text
	for text; do
		if [[ $output != *"$text"* ]]; then
			printf 'not in the output: %s\n--- output:\n%s\n' \
				"$text" "$output"
			return 1
		fi
	done
}
