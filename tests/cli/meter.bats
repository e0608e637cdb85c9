#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# How far long work is, shown at a terminal, and nowhere else.
# shellcheck disable=SC2154 # root is set by make_host

load install

setup_file() {
	work=$BATS_FILE_TMPDIR
	package-release keygen --no-password --output "$work/release.key"
	mkdir "$work/src"
	head -c 200000000 /dev/zero >"$work/src/large"
	options=(--app "$app" --version 1.0.0 --payload "$work/src" --out "$work/dist" --profile dev
		--sequence 1 --key "$work/release.key")
	terminal package-release bundle "${options[@]}" >"$work/packing"
	terminal package-release bundle "${options[@]}" --replace --quiet >"$work/packing-quietly"
}

setup() {
	make_host
}

terminal() {
	"$BATS_TEST_DIRNAME/at-terminal" -- "$@"
}

# shows WHAT FILE: the file has lines of WHAT, each at the place of the one
# before, at most ten a second, and they are gone in the end.
shows() {
	python3 - "$1" "$2" <<-'EOF'
		import re, sys
		what, path = sys.argv[1:]
		shown = open(path, newline="").read()
		lines = re.findall(r"\r(%s: [^\r\n]+)" % what, shown)
		assert lines, repr(shown)
		for line in lines:
		    assert re.fullmatch(what + r": [0-9.]+ [KMG]iB of 190.7 MiB, [0-9]+ %, [0-9.]+ [KMG]iB/s, "
		                        r"([0-9]+ min )?[0-9]+ s left *", line), line
		    assert len(line) == 79, line
		    assert "\x1b" not in line
		behind = shown[shown.rindex(lines[-1]) + len(lines[-1]):]
		assert behind.startswith("\r" + 79 * " " + "\r"), repr(behind)
	EOF
}

@test "bundle shows how far packing is" {
	shows packing "$BATS_FILE_TMPDIR/packing"
	run cat "$BATS_FILE_TMPDIR/packing-quietly"
	[ "$output" = "" ]
}

@test "install shows how far unpacking is" {
	terminal install-package --root "$root" --app "$app" --bundle "$(bundle 1.0.0)" \
		>"$BATS_TEST_TMPDIR/shown"
	shows unpacking "$BATS_TEST_TMPDIR/shown"
}

@test "nothing is shown with --quiet, with --json or without a terminal" {
	try=(install-package --root "$root" --app "$app" --bundle "$(bundle 1.0.0)" --no-activate)
	[ "$(terminal "${try[@]}" --quiet)" = "" ]
	install-package uninstall 1.0.0 --root "$root" --app "$app"
	[[ "$(terminal "${try[@]}" --json)" = "{"* ]]
	install-package uninstall 1.0.0 --root "$root" --app "$app"
	"${try[@]}" 2>"$BATS_TEST_TMPDIR/stderr" >"$BATS_TEST_TMPDIR/stdout"
	[ ! -s "$BATS_TEST_TMPDIR/stderr" ]
	run grep "unpacking: " "$BATS_TEST_TMPDIR/stdout"
	[ "$status" -eq 1 ]
}
