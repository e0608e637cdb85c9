#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What check-health says, in each format, to each reader; and how it weighs it.

load lib

setup_file() {
	load lib
	host=$BATS_FILE_TMPDIR/host
	make_key "$BATS_FILE_TMPDIR/ops"
	mkdir -p "$host"
	for app in shop pay; do
		install-package setup --root "$host" --app "$app" \
			--key "$BATS_FILE_TMPDIR/ops.pub" >/dev/null
		tree=$BATS_FILE_TMPDIR/tree-$app
		make_tree "$tree" "$app"
		bundle=$(make_bundle "$app" 1.0.0 "$tree" \
			"$BATS_FILE_TMPDIR/dist-$app" --sequence 1 \
			--key "$BATS_FILE_TMPDIR/ops")
		install-package --root "$host" --app "$app" --bundle "$bundle" >/dev/null
	done
}

setup() {
	root=$BATS_TEST_TMPDIR/host
	cp -a "$BATS_FILE_TMPDIR/host" "$root"
	opt=$root/opt/shop
	config=$root/etc/tidegate/shop.ini
	# shellcheck disable=SC2154 # lib.bash sets it
	schema=$checkout/docs/schemas/check-health.schema.json
}

check() {
	run check-health --root "$root" "$@"
}

harm() { # harm - change a signed file of shop
	echo x >>"$opt/current/share/doc/README"
}

configure() { # configure LINE... - what shop.ini says
	printf '%s\n' "$@" >"$config"
}

is_plugin_line() { # is_plugin_line WORD - of the Nagios plugin guidelines
	[ "${#lines[@]}" -eq 1 ]
	pattern="^TIDEGATE $1 - [^|]+ \\| ok=[0-9]+;;;0 warning=[0-9]+;0;;0"
	pattern+=" critical=[0-9]+;;0;0 unknown=[0-9]+;;;0 time=[0-9]+\\.[0-9]{3}s;;;0\$"
	[[ $output =~ $pattern ]]
}

obeys_schema() { # obeys_schema <JSON
	python3 -c '
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(json.load(sys.stdin))
' "$schema"
}

@test "--format nagios gives one line with performance data, and the status" {
	check --format nagios --skip release.tree
	[ "$status" -eq 0 ]
	is_plugin_line OK
	[[ $output == *"pay 1.0.0, shop 1.0.0"* ]]
	configure '[check]' 'min_free = 1000000G'
	check --format nagios --app shop --skip release.tree
	[ "$status" -eq 1 ]
	is_plugin_line WARNING
	rm "$opt/packages/1.0.0/payload.sha256"
	check --format nagios --app shop --skip release.tree
	[ "$status" -eq 2 ]
	is_plugin_line CRITICAL
	[[ $output == "TIDEGATE CRITICAL - shop release.committed "* ]]
}

@test "a bar in a text does not begin performance data" {
	echo x >"$opt/current/a|b"
	check --format nagios --app shop --only release.tree
	[ "${#lines[@]}" -eq 1 ]
	[ "$(tr -cd '|' <<<"$output" | wc -c)" -eq 1 ]
}

@test "Nagios is told on standard output why there is no verdict" {
	run bash -c 'check-health --format nagios --root "$1" --app nothing 2>/dev/null' - "$root"
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == "TIDEGATE UNKNOWN - "*"app 'nothing'"* ]]
}

@test "an error is told in its format, wherever on the line that is named" {
	for line in "--bogus --format nagios" "--format nagios --bogus" "--bogus=3 check --format=nagios" \
		"frob --format nagios" "--timeout 0 --format nagios"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr check-health $line
		[ "$status" -eq 3 ]
		[[ $output == "TIDEGATE UNKNOWN - "* ]] || return 1
	done
	run --separate-stderr check-health --bogus --json
	[ "$status" -eq 3 ]
	[[ $(jq -r .error <<<"$output") == "unknown option '--bogus'"* ]]
	run --separate-stderr check-health --bogus -- --json
	[ "$output" = "" ]
	run --separate-stderr install-package status --bogus --json
	[ "$status" -eq 2 ]
	[[ $(jq -r .error <<<"$output") == "unknown option '--bogus'"* ]]
}

@test "--format json says so where there is no verdict" {
	run --separate-stderr check-health --format json --root "$root" --app nothing
	[ "$status" -eq 3 ]
	[ "$(jq -rc '[.format, .status, (.error | contains("nothing"))]' <<<"$output")" = \
		'[1,"unknown",true]' ]
	# shellcheck disable=SC2154 # bats sets stderr
	[[ $stderr == "check-health: error: "* ]]
}

@test "--format json obeys its schema" {
	python3 -c 'import jsonschema' || skip "python3-jsonschema is not installed"
	harm
	for options in --json --quiet --app=pay --only=disk.space; do
		check --format json $options
		obeys_schema <<<"$output"
	done
	check --format json --app nothing
	obeys_schema <<<"$(grep '^{' <<<"$output")"
	run obeys_schema <<<'{ "format": 1, "apps": [] }'
	[ "$status" -ne 0 ]
}

@test "--format prometheus passes promtool, and tells of each app" {
	harm
	check --format prometheus
	[ "$status" -eq 2 ]
	assert_output_has 'tidegate_health_status{app="shop"} 2' \
		'tidegate_health_status{app="pay"} 0' \
		'tidegate_health_check_status{app="shop",check="release.tree"} 2' \
		'tidegate_health_release_info{app="pay",version="1.0.0"} 1' \
		'tidegate_health_last_run_timestamp_seconds{app="shop"} '
	[[ $output != *'app="shop",check="links.previous"'* ]]
	command -v promtool >/dev/null || skip "promtool is not installed"
	promtool check metrics <<<"$output"
}

@test "--output replaces the file at once, and prints nothing" {
	file=$BATS_TEST_TMPDIR/out/shop.prom
	mkdir "$BATS_TEST_TMPDIR/out"
	echo old >"$file"
	ln "$file" "$BATS_TEST_TMPDIR/old"
	check --format prometheus --output "$file"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	grep -q '^tidegate_health_status{app="shop"} 0$' "$file"
	[ "$(stat -c %a "$file")" = 644 ]
	[ "$(ls -A "$BATS_TEST_TMPDIR/out")" = shop.prom ]
	[ "$(cat "$BATS_TEST_TMPDIR/old")" = old ]
}

@test "--output writes also what --quiet would not say; where it can't is unknown" {
	check --quiet --output "$BATS_TEST_TMPDIR/report"
	[ "$status" -eq 0 ]
	[ -f "$BATS_TEST_TMPDIR/report" ]
	check --output "$BATS_TEST_TMPDIR/none/report"
	[ "$status" -eq 3 ]
	check --output "$BATS_TEST_TMPDIR/"
	[ "$status" -eq 3 ]
}

@test "--output is not led away by whoever may write on the way" {
	mkdir "$BATS_TEST_TMPDIR/open" "$BATS_TEST_TMPDIR/hidden"
	ln -s ../hidden "$BATS_TEST_TMPDIR/open/way"
	chmod 777 "$BATS_TEST_TMPDIR/open"
	check --output "$BATS_TEST_TMPDIR/open/way/report"
	[ "$status" -eq 3 ]
	assert_output_has "'way' on the way is a link"
	[ -z "$(ls "$BATS_TEST_TMPDIR/hidden")" ]
	check --output "$BATS_TEST_TMPDIR/open/report"
	grep -q shop "$BATS_TEST_TMPDIR/open/report"
}

@test "--output replaces a link, and not what it leads to" {
	echo precious >"$BATS_TEST_TMPDIR/precious"
	ln -s precious "$BATS_TEST_TMPDIR/report"
	check --output "$BATS_TEST_TMPDIR/report"
	[ "$status" -eq 0 ]
	[ ! -L "$BATS_TEST_TMPDIR/report" ]
	[ "$(cat "$BATS_TEST_TMPDIR/precious")" = precious ]
}

@test "[severity] makes findings milder or worse, or of no weight" {
	echo extra >"$opt/current/extra"
	check --app shop
	[ "$status" -eq 1 ]
	configure '[severity]' 'release.tree = critical'
	check --app shop
	[ "$status" -eq 2 ]
	assert_output_has "critical  release.tree"
	harm
	configure '[severity]' 'release.tree = warning'
	check --app shop
	[ "$status" -eq 1 ]
	configure '[severity]' 'release.tree = ignore'
	check --app shop
	[ "$status" -eq 0 ]
	assert_output_has "ignored (critical): its size is not as signed"
}

@test "[severity] of a check that there is not is an unknown verdict" {
	configure '[severity]' 'release.trees = ignore'
	check --app shop
	[ "$status" -eq 3 ]
	assert_output_has "release.trees" "check-health list"
}

@test "a wrong line of [severity] takes nothing from the others" {
	echo extra >"$opt/current/extra"
	for line in "release.trees = critical" "config.legal = ignore"; do
		configure '[severity]' "$line" 'release.tree = critical'
		check --app shop
		[ "$status" -eq 2 ]
		assert_output_has "critical  release.tree" "unknown   config.legal" "${line% =*}"
	done
}

@test "--timeout takes seconds, from 1 to a day" {
	for bad in 0 86401 1s ""; do
		check --timeout "$bad"
		[ "$status" -eq 3 ]
	done
	check --timeout 86400 --only disk.space
	[ "$status" -eq 0 ]
}
