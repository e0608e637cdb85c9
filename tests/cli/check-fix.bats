#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# check-health --fix: what it mends, whom it asks, and what it leaves alone; and
# the checks whose faults it mends.

load lib

setup_file() {
	load lib
	host=$BATS_FILE_TMPDIR/host
	make_key "$BATS_FILE_TMPDIR/ops"
	mkdir -p "$host"
	install-package setup --root "$host" --app shop \
		--key "$BATS_FILE_TMPDIR/ops.pub" >/dev/null
	for version in 1.0.0 2.0.0 3.0.0; do
		make_tree "$BATS_FILE_TMPDIR/tree-$version" "$version"
		bundle=$(make_bundle shop "$version" "$BATS_FILE_TMPDIR/tree-$version" \
			"$BATS_FILE_TMPDIR/dist" --sequence "${version%%.*}" \
			--key "$BATS_FILE_TMPDIR/ops")
		install-package --root "$host" --app shop --bundle "$bundle" >/dev/null
	done
}

setup() {
	root=$BATS_TEST_TMPDIR/host
	cp -a "$BATS_FILE_TMPDIR/host" "$root"
	opt=$root/opt/shop
	config=$root/etc/tidegate/shop.ini
}

check() {
	run check-health --root "$root" "$@"
}

# What a killed install leaves, two hours old.
leave_half() {
	mkdir -m 700 "$opt/releases/.staging"
	mkdir "$opt/packages/.trash-0.9.0"
	echo x >"$root/var/lib/tidegate/shop/.journal.new"
	touch -d '2 hours ago' "$opt/releases/.staging" "$opt/packages/.trash-0.9.0" \
		"$root/var/lib/tidegate/shop/.journal.new"
}

@test "leftovers are a warning once they are old, and --fix removes them" {
	leave_half
	check
	[ "$status" -eq 1 ]
	assert_output_has "3 of a run that did not end, '.staging' first" \
		"try: install-package recover --app shop --root '$root'"
	check --fix --yes
	[ "$status" -eq 0 ]
	assert_output_has "install-package recover --app shop"
	[ ! -e "$opt/releases/.staging" ]
	[ ! -e "$opt/packages/.trash-0.9.0" ]
}

@test "what is young may belong to an install that is under way" {
	mkdir -m 700 "$opt/releases/.staging"
	check
	[ "$status" -eq 0 ]
}

@test "releases beyond keep are a warning, and --fix prunes them" {
	printf '%s\n' '[install]' 'keep = 2' >"$config"
	check
	[ "$status" -eq 1 ]
	assert_output_has "prune would remove 1 of 3, 1.0.0 first"
	check --fix --yes
	[ "$status" -eq 0 ]
	[ ! -e "$opt/releases/1.0.0" ]
	[ -e "$opt/releases/2.0.0" ]
}

@test "--fix says why install-package could not mend it" {
	echo nonsense >"$root/var/lib/tidegate/shop/journal"
	check --fix --yes
	[ "$status" -eq 2 ]
	assert_output_has "install-package: error: " "journal"
}

@test "--fix asks at a terminal, and a no is a no" {
	printf '%s\n' '[install]' 'keep = 2' >"$config"
	run "$BATS_TEST_DIRNAME/at-terminal" n -- \
		check-health --root "$root" --fix
	[ "$status" -eq 1 ]
	assert_output_has "install-package prune --app shop" "[y/N]"
	[ -e "$opt/releases/1.0.0" ]
	run "$BATS_TEST_DIRNAME/at-terminal" y -- \
		check-health --root "$root" --fix
	[ "$status" -eq 0 ]
	[ ! -e "$opt/releases/1.0.0" ]
}

@test "--fix without a terminal needs --yes, which needs --fix" {
	check --fix </dev/null
	[ "$status" -eq 3 ]
	assert_output_has "say --yes"
	check --yes
	[ "$status" -eq 3 ]
	check --fix --yes --format nagios
	[ "$status" -eq 3 ]
}

@test "--fix leaves alone what needs a decision" {
	echo harm >>"$opt/current/share/doc/README"
	check --fix --yes
	[ "$status" -eq 2 ]
	grep -q harm "$opt/current/share/doc/README"
	[[ $output != *"check-health: install-package"* ]]
}

@test "an ordinary user may not --fix what is root's" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to be another"
	chmod 755 "$BATS_TEST_TMPDIR"
	run setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$(command -v check-health)" --root / --fix --yes
	[ "$status" -eq 3 ]
	assert_output_has "run it as root"
}

@test "keys at their end are a warning" {
	printf '%s\n' '[key ops]' 'max_sequence = 3' >"$config"
	check
	[ "$status" -eq 1 ]
	assert_output_has "trust.expiry" "after sequence 3"
}
