#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The Debian package on a machine of its own: it installs, upgrades, and is
# purged; what an administrator made stays.

# shellcheck source=tests/boot/boot.bash
load boot
bats_require_minimum_version 1.5.0

setup_file() {
	local lacks
	export machine=$BATS_FILE_TMPDIR/machine
	lacks=$(boot_lacks)
	[ -n "$lacks" ] || [ -f /etc/debian_version ] || lacks="needs Debian"
	[ -n "$lacks" ] || command -v dh >/dev/null || lacks="needs debhelper"
	if [ -n "$lacks" ]; then
		skip_file "$lacks"
		return
	fi
	boot_tree "$machine"
	rm -f "$machine/tree/usr/sbin/policy-rc.d" # of containers
	srv=$machine/tree/srv
	# shellcheck disable=SC2154 # of boot.bash
	make -s -C "$BATS_TEST_DIRNAME/../.." BUILD="$build" DIST="$BATS_FILE_TMPDIR" deb
	cp "$BATS_FILE_TMPDIR"/tidegate_*.deb "$srv/first.deb"
	make_next "$srv"
	make_release "$srv"
	boot_start
	take_stock >"$BATS_FILE_TMPDIR/before"
}

setup() {
	skip_with_file
}

teardown_file() {
	! is_file_skipped || return 0
	[ ! -e "$machine/container" ] || boot_stop
	[ ! -d "$machine/tree" ] || boot_remove
}

# The same package as a later version.
make_next() {
	dpkg-deb -R "$1/first.deb" "$1/next"
	sed -i 's/^Version: .*/&+next/' "$1/next/DEBIAN/control"
	dpkg-deb -b --root-owner-group "$1/next" "$1/next.deb" >/dev/null
	rm -r "$1/next"
}

make_release() {
	mkdir -p "$1/src"
	echo text >"$1/src/file"
	package-release keygen --no-password --output "$1/key" >/dev/null
	SOURCE_DATE_EPOCH=1700000000 package-release bundle --app demo --version 1 \
		--sequence 1 --profile dev --payload "$1/src" --out "$1/dist" \
		--key "$1/key" >/dev/null
}

# Each file and folder that the machine has made, in the layer above this system,
# and its accounts.
take_stock() {
	local upper=$machine/layer/upper path
	(cd "$upper" && find . \( -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/cache \
		-o -path ./tmp -o -path ./var/tmp -o -path ./run -o -path ./srv \
		-o -path ./var/lib/systemd/timers -o -name '*-' \) \
		-prune -o -print) | sort | while read -r path; do
		[ -e "/$path" ] || [ -L "/$path" ] || echo "${path#.}"
	done
	inside getent passwd
	inside getent group
}

version() {
	# shellcheck disable=SC2016 # fields of dpkg-query's
	inside dpkg-query -W -f='${Version} ${db:Status-Status}' tidegate
}

@test "lintian has nothing to say" {
	command -v lintian >/dev/null || skip "lintian is not installed"
	run lintian --allow-root --fail-on error,warning "$machine/tree/srv/first.deb"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output != *[EW]:* ]]
}

@test "the package installs: accounts, folders, units" {
	inside dpkg -i /srv/first.deb
	[[ $(version) == *" installed" ]]
	for account in verify unpack fetch probe check; do
		inside id "tidegate-$account"
	done
	[ "$(inside stat -c '%U %a' /var/lib/tidegate-check)" = "tidegate-check 755" ]
	[ "$(inside systemctl is-enabled tidegate-recover.service)" = enabled ]
	inside systemctl enable --now tidegate-check@demo.timer
	[ "$(inside systemctl is-active tidegate-check@demo.timer)" = active ]
}

@test "its programs install and check a release" {
	inside install-package setup --app demo --key /srv/key.pub
	inside install-package --app demo --quiet --bundle /srv/dist/1/demo-1.tar.gz
	inside systemctl start tidegate-check@demo.service
	inside man -w install-package >/dev/null || ! inside sh -c 'command -v man'
}

@test "an upgrade leaves all that the administrator has" {
	inside dpkg -i /srv/next.deb
	[[ $(version) == *"+next installed" ]]
	[ "$(inside systemctl is-active tidegate-check@demo.timer)" = active ]
	inside check-health --app demo
}

@test "removed, the programs are gone and the rest is not; back, all works" {
	inside dpkg -r tidegate
	run -127 inside sh -c 'command -v install-package'
	[ "$(inside systemctl is-active tidegate-check@demo.timer)" != active ]
	[ "$(inside readlink /opt/demo/current)" = releases/1 ]
	inside dpkg -i /srv/next.deb
	inside check-health --app demo
}

@test "purged, nothing stays but what an administrator made" {
	inside dpkg -P tidegate
	take_stock >"$BATS_FILE_TMPDIR/after"
	run diff "$BATS_FILE_TMPDIR/before" "$BATS_FILE_TMPDIR/after"
	echo "$output"
	left=$(sed -n 's/^[<>] //p' <<<"$output")
	run ! grep -vE '^/(etc/tidegate|opt|opt/demo|var/lib/tidegate)(/|$)' <<<"$left"
	for path in /etc/tidegate/demo.ini /etc/tidegate/trust/demo /opt/demo/current \
		/var/lib/tidegate/demo/history.jsonl; do
		grep -qx "$path" <<<"$left"
	done
	# It can be taken up again.
	inside dpkg -i /srv/first.deb
	inside check-health --app demo
}

@test "as long as an app has keys, its history outlives both uninstall and purge" {
	inside install-package uninstall --app demo --all
	inside dpkg -P tidegate
	for path in /etc/tidegate/demo.ini /etc/tidegate/trust/demo; do
		inside test -s /var/lib/tidegate/demo/history.jsonl
		inside rm -r "$path"
		inside dpkg -i /srv/first.deb
		inside dpkg -P tidegate
	done
	inside test ! -e /var/lib/tidegate
}

@test "purged once the apps and their keys are gone, it leaves nothing at all" {
	inside sh -c '[ ! -e /var/lib/systemd/timers ] || ! ls /var/lib/systemd/timers | grep tidegate'
	take_stock | diff "$BATS_FILE_TMPDIR/before" -
}
