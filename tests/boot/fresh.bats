#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The Debian package in a tree that debootstrap has just made, so that nothing of
# this machine helps: its dependencies are all that it says.  Takes minutes and
# Debian's archive: only with TIDEGATE_FRESH=1.

# shellcheck source=tests/helpers/skip.bash
load ../helpers/skip

bats_require_minimum_version 1.5.0
export build=${TIDEGATE_BUILD:-$BATS_TEST_DIRNAME/../../build/cc}
suite=bookworm

# Why there will be no tree; nothing: there can be one.
tree_lacks() {
	if [ -z "${TIDEGATE_FRESH-}" ]; then
		echo "takes minutes: set TIDEGATE_FRESH=1"
	elif [ "$(id -u)" -ne 0 ]; then
		echo "needs root, for chroot"
	elif ! command -v debootstrap >/dev/null; then
		echo "needs debootstrap"
	fi
}

setup_file() {
	local lacks
	lacks=$(tree_lacks)
	if [ -n "$lacks" ]; then
		skip_file "$lacks"
		return
	fi
	export tree=$BATS_FILE_TMPDIR/tree
	if ! debootstrap --variant=minbase "$suite" "$tree" >"$BATS_FILE_TMPDIR/log"; then
		skip_file "Debian's archive could not be had"
		return
	fi
	mount -t proc proc "$tree/proc"
	cp /etc/resolv.conf "$tree/etc/"
	make -s -C "$BATS_TEST_DIRNAME/../.." BUILD="$build" DIST="$BATS_FILE_TMPDIR" deb
	cp "$BATS_FILE_TMPDIR"/tidegate_*.deb "$tree/first.deb"
	dpkg-deb -R "$tree/first.deb" "$tree/next"
	sed -i 's/^Version: .*/&+next/' "$tree/next/DEBIAN/control"
	dpkg-deb -b --root-owner-group "$tree/next" "$tree/next.deb" >/dev/null
	rm -r "$tree/next"
}

teardown_file() {
	is_file_skipped || umount "$tree/proc"
}

setup() {
	skip_with_file
}

inside() {
	chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# What is there, and the accounts; without what packages come and go with.
take_stock() {
	(cd "$tree" && find etc opt usr var -xdev \( -path var/cache -o -path var/log \
		-o -path var/lib/apt -o -path var/lib/dpkg -o -name '*-' \) -prune -o -print | sort)
	cat "$tree/etc/passwd" "$tree/etc/group"
}

@test "apt installs it with what it depends on, and no more is needed" {
	inside apt-get -y --no-install-recommends install /first.deb
	# Of what came with it nothing is its own to take away.
	inside dpkg -P tidegate
	take_stock >"$BATS_FILE_TMPDIR/before"
	inside dpkg -i /first.deb
	run ! inside sh -c 'ldd /usr/bin/package-release /usr/libexec/tidegate/* | grep "not found"'
	for account in verify unpack fetch probe check; do
		inside id "tidegate-$account"
	done
}

@test "its programs make, install and check a release" {
	mkdir "$tree/srv/src"
	echo text >"$tree/srv/src/file"
	inside package-release keygen --no-password --output /srv/key
	inside env SOURCE_DATE_EPOCH=1700000000 package-release bundle --app demo --version 1 \
		--profile dev --payload /srv/src --out /srv/dist --key /srv/key
	inside install-package setup --app demo --key /srv/key.pub
	inside install-package --app demo --bundle /srv/dist/1/demo-1.tar.gz
	run inside check-health --app demo
	[ "$status" -le 1 ] # there is no systemd to know of
	[ "$(inside cat /opt/demo/current/file)" = text ]
}

@test "an upgrade, and a removal, leave what is installed" {
	inside dpkg -i /next.deb
	inside install-package status --app demo
	inside dpkg -r tidegate
	[ "$(inside cat /opt/demo/current/file)" = text ]
	inside dpkg -i /next.deb
	inside install-package status --app demo
}

@test "purged once the app and its keys are gone, it leaves nothing" {
	inside install-package uninstall --app demo --all
	rm -r "$tree/etc/tidegate/demo.ini" "$tree/etc/tidegate/trust"
	inside dpkg -P tidegate
	take_stock | diff "$BATS_FILE_TMPDIR/before" -
}
