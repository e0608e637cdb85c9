#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016 # names are of web.bash; $ is for nginx
# install-package with a fetch-worker that was taken over: it can make an
# install fail, and no more.

setup_file() {
	load install
	make_releases
	mkdir -p "$BATS_FILE_TMPDIR/parts" "$BATS_FILE_TMPDIR/false/bin"
	tar xzf "$(bundle 1.0.0)" -C "$BATS_FILE_TMPDIR/parts"
	cp "$build/bin/install-package" "$BATS_FILE_TMPDIR/false/bin"
	cp -r "$build/libexec" "$build/share" "$BATS_FILE_TMPDIR/false"
	cp "$build/tests/helpers/false_fetcher" \
		"$BATS_FILE_TMPDIR/false/libexec/tidegate/fetch-worker"
	# Its account reads the parts.
	chmod -R a+rX "$BATS_FILE_TMPDIR"
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR/.."
}

setup() {
	load install
	make_host
	PATH=$BATS_FILE_TMPDIR/false/bin:$PATH
}

lie() {
	run timeout 60 install-package --root "$root" --app "$app" \
		--url "https://$1$BATS_FILE_TMPDIR/${parts-parts}/" "${@:2}"
	echo "$1: $status $output"
}

# with_patch - release 1 is installed, and lies are of the next, with a patch.
with_patch() {
	local work=$BATS_FILE_TMPDIR
	mkdir "$BATS_TEST_TMPDIR/src"
	head -c 200000 /dev/urandom >"$BATS_TEST_TMPDIR/src/file"
	rm -rf "$work/patched"
	for version in 1 2; do
		echo "$version" >>"$BATS_TEST_TMPDIR/src/file"
		package-release bundle --app "$app" --version "$version" \
			--payload "$BATS_TEST_TMPDIR/src" --out "$work/patched" \
			--sequence "$version" --profile dev --quiet \
			--key "$work/release.key" "$@"
		set -- --patch-from "$work/patched/1"
	done
	"$build/bin/install-package" --root "$root" --app "$app" --quiet \
		--bundle "$work/patched/1/$app-1.tar.gz"
	chmod -R a+rX "$work/patched"
	parts=patched/2
}

@test "an honest one installs, and its note is shown" {
	lie note
	[ "$status" -eq 0 ]
	[[ "$output" == *"a note"* ]]
	same_tree 1.0.0
	run install-package status --root "$root" --app "$app"
	[[ "$output" == *"https://honest.example/"* ]]
}

@test "a progress that is none does no harm" {
	lie odd-progress
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a count of requests beyond all measure does no harm" {
	lie countless
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "each lie is one error, and nothing is installed" {
	for name in no-origin long-origin endless-origin unprintable-origin two-origins \
		unprintable-note endless-note no-parts order half twice payload-as-part \
		unknown-item no-count torn-count redirected-often endless-count no-end no-wait silent-end other-payload no-payload \
		long-payload short-payload part-after-go; do
		lie "$name" --quiet
		[ "$status" -ne 0 ]
		[ "$status" -ne 124 ]
		[ "$(grep -c '^install-package: error: ' <<<"$output")" -eq 1 ]
		[[ "$output" != *$'\x1b'* ]]
		[ ! -e "$root/opt/$app/current" ]
		[ -z "$(ls "$root/opt/$app/releases" 2>/dev/null)" ]
	done
}

@test "after all lies, an honest one installs" {
	lie other-payload
	[ "$status" -ne 0 ]
	lie honest
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a patch that there is not is found out, and the payload comes" {
	with_patch
	lie false-answer
	[ "$status" -eq 0 ]
	[[ "$output" == *"the patch from 1 does not do: it is damaged"* ]]
	[ "$(current)" = releases/2 ]
}

@test "no patch, after questions beyond all measure, does no harm" {
	with_patch
	lie countless
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/2 ]
}

@test "each lie about a patch is one error, and the old release stays" {
	with_patch
	for name in odd-answer torn-answer other-answer no-answer endless-answer; do
		lie "$name" --quiet
		[ "$status" -ne 0 ]
		[ "$status" -ne 124 ]
		[ "$(grep -c '^install-package: error: ' <<<"$output")" -eq 1 ]
		[ "$(current)" = releases/1 ]
	done
}
