#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A service under a real systemd: units, accounts, restarts, the health gate, a
# power cut.  Everything happens on the machine that boot.bash boots.

# shellcheck source=tests/boot/boot.bash
load boot

setup_file() {
	local lacks
	export machine=$BATS_FILE_TMPDIR/machine
	lacks=$(boot_lacks)
	if [ -n "$lacks" ]; then
		skip_file "$lacks"
		return
	fi
	boot_make "$machine"
	make_service "$machine/tree"
	make_releases "$machine/tree/srv"
	boot_start
}

setup() {
	skip_with_file
}

teardown_file() {
	! is_file_skipped || return 0
	[ ! -e "$machine/container" ] || boot_stop
	[ ! -d "$machine/tree" ] || boot_remove
}

# What an administrator has: a unit that starts what is current, and a command
# that says whether it is well.
make_service() {
	cat >"$1/etc/systemd/system/demo.service" <<-'END'
		[Service]
		Type=notify
		NotifyAccess=all
		RuntimeDirectory=demo
		ExecStart=/opt/demo/current/bin/serve
		[Install]
		WantedBy=multi-user.target
	END
	cat >"$1/usr/local/bin/demo-is-well" <<-'END'
		#!/bin/sh
		[ ! -e /run/hold ] || exec sleep infinity
		grep -q well /run/demo/state
	END
	chmod 755 "$1/usr/local/bin/demo-is-well"
}

# Releases 1 and 2 are well, 3 and 4 are not.
make_releases() {
	mkdir -p "$1"
	package-release keygen --no-password \
		--output "$1/key" >/dev/null
	make_release "$1" 1 well
	make_release "$1" 2 well
	make_release "$1" 3 sick
	make_release "$1" 4 sick
}

make_release() {
	mkdir -p "$1/src-$2/bin"
	cat >"$1/src-$2/bin/serve" <<-END
		#!/bin/sh
		echo "release $2 is $3" >/run/demo/state
		systemd-notify --ready
		exec sleep infinity
	END
	chmod 755 "$1/src-$2/bin/serve"
	SOURCE_DATE_EPOCH=1700000000 package-release bundle \
		--app demo --version "$2" --sequence "$2" --profile dev \
		--payload "$1/src-$2" --out "$1/dist" --key "$1/key" >/dev/null
}

install_release() {
	inside install-package --app demo --quiet \
		--bundle "/srv/dist/$1/demo-$1.tar.gz"
}

state() {
	inside cat /run/demo/state
}

main_pid() {
	inside systemctl show -P MainPID demo.service
}

@test "the machine has the workers' accounts and the folders" {
	inside id tidegate-verify
	inside id tidegate-unpack
	inside id tidegate-fetch
	inside id tidegate-probe
	[ "$(inside stat -c '%U %a' /etc/tidegate/trust)" = "root 755" ]
	[ "$(inside stat -c '%U %a' /var/lib/tidegate)" = "root 755" ]
}

@test "systemd finds no fault in the units" {
	run inside sh -c \
		'systemd-analyze verify --man=no /usr/lib/systemd/system/tidegate-*'
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "an install restarts the unit with the new release" {
	inside install-package setup --app demo --key /srv/key.pub
	inside sh -c 'printf "%s\n" "[activate]" "restart = demo.service" \
		"[health]" "command = /usr/local/bin/demo-is-well" \
		"user = nobody" "timeout = 20" >/etc/tidegate/demo.ini'
	install_release 1
	[ "$(state)" = "release 1 is well" ]
	inside systemctl enable demo.service

	before=$(main_pid)
	install_release 2
	[ "$(state)" = "release 2 is well" ]
	[ "$(main_pid)" != "$before" ]
}

@test "a release that is not well goes back, and the old one runs again" {
	run install_release 3
	[ "$status" -eq 8 ]
	[ "$(state)" = "release 2 is well" ]
	[ "$(inside readlink /opt/demo/current)" = releases/2 ]
	[ "$(inside systemctl is-active demo.service)" = active ]
}

@test "a rollback by hand restarts the unit with the earlier release" {
	inside install-package rollback --app demo
	[ "$(state)" = "release 1 is well" ]
	inside install-package activate 2 --app demo
	[ "$(state)" = "release 2 is well" ]
}

# What many containers do to programs within.
without_landlock() {
	inside systemd-run -q --wait --pipe -p SystemCallErrorNumber=EPERM \
		-p SystemCallFilter=~landlock_create_ruleset "$@"
}

@test "where Landlock is forbidden, nothing is read unless the host says so" {
	verify=(install-package --app demo --verify-only
		--bundle /srv/dist/1/demo-1.tar.gz)
	run without_landlock "${verify[@]}"
	[ "$status" -eq 7 ]
	[[ $output == *"no Landlock"*"sandbox = uid-only"* ]]
	inside sed -i '1i [install]\nsandbox = uid-only' /etc/tidegate/demo.ini
	without_landlock "${verify[@]}"
	inside sed -i 1,2d /etc/tidegate/demo.ini
}

@test "the check's unit is content with a good host, and fails on a changed file" {
	inside systemctl start tidegate-check@demo.service ||
		inside journalctl --no-pager -u tidegate-check@demo.service
	inside systemctl enable --now tidegate-check@demo.timer
	[ "$(inside systemctl is-active tidegate-check@demo.timer)" = active ]

	inside cp -p /opt/demo/releases/2/bin/serve /srv/serve
	inside sh -c 'echo "# changed" >>/opt/demo/releases/2/bin/serve'
	run inside systemctl start tidegate-check@demo.service
	[ "$status" -ne 0 ]
	[ "$(inside systemctl show -P ExecMainStatus \
		tidegate-check@demo.service)" = 2 ]
	inside journalctl --no-pager -u tidegate-check@demo.service |
		grep -q 'bin/serve'
	inside cp -p /srv/serve /opt/demo/releases/2/bin/serve
	inside systemctl start tidegate-check@demo.service
}

@test "a unit is active, is not, is not there, or cannot be asked about" {
	ask() { # ask STATUS TEXT
		run inside check-health --app demo --only service.units
		[ "$status" -eq "$1" ] && [[ $output == *"$2"* ]]
	}
	inside cp -p /etc/tidegate/demo.ini /srv/demo.ini
	inside sh -c 'printf "%s\n" "[service]" "units = dbus.socket" >>/etc/tidegate/demo.ini'
	ask 0 "dbus.socket: well"
	inside sed -i 's/^units = .*/units = rescue.service/' /etc/tidegate/demo.ini
	ask 2 "rescue.service: it is not active"
	inside sed -i 's/^units = .*/units = nothing.service/' /etc/tidegate/demo.ini
	ask 2 "nothing.service: "
	inside mv /usr/bin/systemctl /usr/bin/systemctl.away
	ask 3 "could not be started"
	inside sh -c 'printf "#!/bin/sh\nexit 1\n" >/usr/bin/systemctl; chmod 755 /usr/bin/systemctl'
	ask 3 "systemd cannot be asked: systemctl gave status 1"
	inside mv /usr/bin/systemctl.away /usr/bin/systemctl
	inside cp -p /srv/demo.ini /etc/tidegate/demo.ini
}

@test "the check's unit may ask the worker that a policy needs" {
	srv=$machine/tree/srv
	package-release keygen --type cosign --no-password --output "$srv/ci"
	COSIGN_PASSWORD='' package-release sign --cosign-key "$srv/ci" \
		"$srv/dist/2/demo-2.tar.gz"
	inside cp /srv/ci.pub /etc/tidegate/trust/demo/ci.pem
	inside chmod 644 /etc/tidegate/trust/demo/ci.pem
	inside sh -c 'printf "%s\n" "[policy]" "require = minisign, sigstore" \
		>>/etc/tidegate/demo.ini'
	run inside systemctl start tidegate-check@demo.service
	[ "$(inside systemctl show -P ExecMainStatus \
		tidegate-check@demo.service)" = 2 ]
	install_release 2
	inside systemctl start tidegate-check@demo.service ||
		inside journalctl --no-pager -u tidegate-check@demo.service
	[ "$(inside systemctl show -P ExecMainStatus \
		tidegate-check@demo.service)" = 1 ]
	# Release 1 is not signed so: a warning, and no more.
	inside journalctl --no-pager -u tidegate-check@demo.service |
		grep -q 'signed by .*ci'
	inside rm /etc/tidegate/trust/demo/ci.pem
	inside sed -i "/^\\[policy\\]/,\$d" /etc/tidegate/demo.ini
}

@test "an operation is in the system's log" {
	inside journalctl --no-pager -t install-package |
		grep -q 'rollback.*demo\|demo.*rollback'
}

@test "a power cut within the health gate is settled at the next boot" {
	inside systemctl enable tidegate-recover.service
	# Held in its gate, release 4 is current when the plug is pulled.
	inside touch /run/hold
	install_release 4 >/dev/null 2>&1 3>&- &
	wait_until inside pgrep -u nobody -f 'sleep infinity'
	[ "$(inside readlink /opt/demo/current)" = releases/4 ]
	boot_cut
	boot_start
	[ "$(inside systemctl show -P Result tidegate-recover.service)" = success ]
	[ "$(inside readlink /opt/demo/current)" = releases/2 ]
	[ "$(state)" = "release 2 is well" ]
	# The bad one waits for prune, which is a warning.
	inside check-health --app demo --skip releases.kept
}
