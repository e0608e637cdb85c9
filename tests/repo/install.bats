#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# make install and make dist.

load repo

setup() {
	unset MAKEFLAGS MFLAGS MAKELEVEL # ours is not the make that runs us
	tree=$BATS_TEST_TMPDIR/tree
}

install_tree() { # install_tree [VARIABLE=...]
	for program in $programs; do
		require_program "$program"
	done
	make -s BUILD="$build" DESTDIR="$tree" "$@" install
}

@test "make install puts everything where distributions expect it" {
	install_tree PREFIX=/usr
	while read -r mode file; do
		echo "$file"
		[ "$(stat -c %a "$tree/usr/$file")" = "$mode" ]
	done <<-END
		755 sbin/install-package
		755 bin/check-health
		755 bin/package-release
		755 libexec/tidegate/verify-worker
		755 libexec/tidegate/unpack-worker
		755 libexec/tidegate/fetch-worker
		755 libexec/tidegate/probe-worker
		755 libexec/tidegate/engine-worker
		644 lib/systemd/system/tidegate-recover.service
		644 lib/systemd/system/tidegate-check@.service
		644 lib/systemd/system/tidegate-check@.timer
		644 lib/systemd/system/tidegate-containers@.service
		644 lib/systemd/system/tidegate-containers@.timer
		644 lib/systemd/system/tidegate-prune@.service
		644 lib/systemd/system/tidegate-prune@.timer
		644 lib/systemd/system/tidegate-notify@.service
		644 lib/sysusers.d/tidegate.conf
		644 lib/tmpfiles.d/tidegate.conf
		644 share/tidegate/profiles/prod.env
		644 share/man/man1/package-release.1
		644 share/man/man5/install-package.ini.5
		644 share/man/man8/install-package.8
		644 share/man/man8/check-health.8
		644 share/bash-completion/completions/install-package
		644 share/bash-completion/completions/check-health
		644 share/bash-completion/completions/package-release
		644 share/doc/tidegate/README.md
		644 share/doc/tidegate/examples/cron
		644 share/apparmor/extra-profiles/usr.sbin.install-package
	END
	[ "$(ls "$tree")" = usr ]
}

@test "an installed tree runs where it lies" {
	install_tree PREFIX=/opt/tools
	cd "$BATS_TEST_TMPDIR"
	mkdir payload
	echo text >payload/file
	"$tree/opt/tools/bin/package-release" keygen --output key --no-password
	"$tree/opt/tools/bin/package-release" bundle --app small --version 1 \
		--sequence 1 --payload payload --out dist --key key
	"$tree/opt/tools/bin/package-release" verify --key key.pub dist/1/small-1.tar.gz
	"$tree/opt/tools/sbin/install-package" version
	"$tree/opt/tools/bin/check-health" version
}

@test "units name the programs where they were put, and systemd takes them" {
	command -v systemd-analyze >/dev/null || skip "systemd is not installed"
	for program in $programs; do
		require_program "$program"
	done
	make -s BUILD="$build" PREFIX="$tree" install
	units=$tree/lib/systemd/system
	grep -q "^ExecStart=$tree/sbin/install-package recover" "$units/tidegate-recover.service"
	run systemd-analyze --man=no verify "$units"/tidegate-*
	# What other units of this machine have wrong is not ours.
	is_empty "$(grep tidegate <<<"$output" || true)" "systemd-analyze says"
}

@test "AppArmor takes the profiles, which name the programs where they were put" {
	command -v apparmor_parser >/dev/null || skip "apparmor is not installed"
	install_tree PREFIX=/usr/local
	profiles=$tree/usr/local/share/apparmor/extra-profiles
	grep -q "^profile install-package /usr/local/sbin/install-package {" \
		"$profiles/usr.sbin.install-package"
	for profile in profiles/apparmor/* "$profiles"/*; do
		apparmor_parser --skip-kernel-load --skip-cache "$profile"
	done
}

# "Overall exposure level for x.service: 1.8 OK", times ten.
exposure() {
	systemd-analyze --no-pager security --offline=true "$1" |
		sed -n 's/.*exposure level.*: \([0-9]*\)\.\([0-9]\) .*/\1\2/p'
}

@test "units are shut in: exposure 2.0 for the check, 3.0 for what needs root" {
	command -v systemd-analyze >/dev/null || skip "systemd is not installed"
	for unit in systemd/*.service; do
		case $unit in
		*check@* | *notify*) limit=20 ;;
		*) limit=30 ;;
		esac
		echo "$unit: $(exposure "$unit")"
		[ "$(exposure "$unit")" -le "$limit" ]
	done
}

@test "a build that can fail on purpose is not installed" {
	for variant in FAULTS SAN FUZZ; do
		run make -s "$variant=1" DESTDIR="$tree" install
		[ "$status" -ne 0 ]
		[[ $output == *"never installed"* ]]
		[ ! -e "$tree" ]
	done
}

@test "make dist gives the same bytes twice, from wherever" {
	git rev-parse -q --verify HEAD >/dev/null 2>&1 || skip "no git tree"
	make -s dist DIST="$BATS_TEST_TMPDIR/one"
	git clone -q . "$BATS_TEST_TMPDIR/clone"
	(umask 077 && make -s -f "$PWD/Makefile" -C "$BATS_TEST_TMPDIR/clone" dist DIST="$BATS_TEST_TMPDIR/two")
	diff -r "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
	tar xzf "$BATS_TEST_TMPDIR"/one/tidegate-*.tar.gz -C "$BATS_TEST_TMPDIR"
	[ -n "$(find "$BATS_TEST_TMPDIR" -path '*/scripts/test' -executable)" ]
}

@test "Tidegate releases itself: make dist KEY= gives a bundle that installs" {
	git rev-parse -q --verify HEAD >/dev/null 2>&1 || skip "no git tree"
	! readelf -s "$build/bin/install-package" | grep -q __asan_init ||
		skip "a sanitizer build is not released"
	[ "$(id -u)" -ne 0 ] || [ "${TMPDIR#/var/lib/tidegate-test.}" != "${TMPDIR-}" ] ||
		skip "as root, scripts/on-test-host makes the folder that this needs"
	for program in $programs; do
		require_program "$program"
	done
	"$build/bin/package-release" keygen --no-password --output "$BATS_TEST_TMPDIR/key"
	for out in one two; do
		make -s BUILD="$build" dist DIST="$BATS_TEST_TMPDIR/$out" KEY="$BATS_TEST_TMPDIR/key"
	done
	diff -r "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
	mkdir "$tree"
	"$build/bin/install-package" setup --root "$tree" --app tidegate \
		--key "$BATS_TEST_TMPDIR/key.pub"
	"$build/bin/install-package" --root "$tree" --app tidegate --bundle \
		"$BATS_TEST_TMPDIR"/one/*/*/tidegate-*.tar.gz
	installed=$tree/opt/tidegate/current
	# What was installed checks itself.
	"$installed/bin/check-health" --root "$tree" --app tidegate --only release.tree,release.signature
	"$installed/sbin/install-package" list --root "$tree" --app tidegate
	grep -q '^ExecStart=/opt/tidegate/current/bin/check-health' \
		"$installed/lib/systemd/system/tidegate-check@.service"
}
