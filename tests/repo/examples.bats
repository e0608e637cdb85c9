#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The workflows and the action for GitHub that users copy.

load repo

examples() {
	find docs/examples -name '*.yml' | sort
}

require_yaml() {
	python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml is not installed"
}

# Each "uses:" of another repository, as "action@what comment".
uses() {
	examples | xargs sed -nE 's/^ *-? *uses: +//p' | grep -v '^\./'
}

@test "each action is pinned by a whole commit, and says which version that is" {
	[ -n "$(uses)" ]
	loose=$(uses | grep -vE '^[a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$' || true)
	is_empty "$loose" "not pinned"
}

@test "one action has one version in all examples" {
	twice=$(uses | sort -u | cut -d@ -f1 | uniq -d)
	is_empty "$twice" "in several versions"
}

@test "the examples are YAML, and keep the rules" {
	require_yaml
	examples | xargs python3 tests/repo/examples.py >"$BATS_TEST_TMPDIR/found"
	is_empty "$(cat "$BATS_TEST_TMPDIR/found")" "broken rules"
}

@test "the rules can be broken" {
	require_yaml
	# shellcheck disable=SC2016
	printf '%s\n' 'permissions: { contents: write }' 'jobs:' '  a:' '    steps:' \
		'    - run: echo ${{ github.head_ref }}' >"$BATS_TEST_TMPDIR/bad.yml"
	run python3 tests/repo/examples.py "$BATS_TEST_TMPDIR/bad.yml"
	[ "${#lines[@]}" -eq 4 ]
}

@test "the scripts in the examples are what shellcheck likes" {
	require_yaml
	command -v shellcheck >/dev/null || skip "shellcheck is not installed"
	for file in $(examples); do
		python3 tests/repo/examples.py --scripts "$BATS_TEST_TMPDIR" "$file"
	done
	shellcheck "$BATS_TEST_TMPDIR"/*.yml-*
}

@test "actionlint finds nothing in the workflows" {
	PATH=$PATH:$PWD/build/interop/bin
	command -v actionlint >/dev/null ||
		skip "actionlint is not there: scripts/interop-tools actionlint"
	actionlint -version
	grep -lE '^jobs:' docs/examples/*.yml | xargs actionlint
}
