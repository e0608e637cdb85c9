#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What happens at night: timers and cron start the check and prune, and whatever
# is found reaches the journal, by field, and whoever is to be called.

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
	make_host "$machine/tree"
	boot_start
	inside install-package setup --app demo --key /srv/key.pub
	inside install -m 755 /srv/notify /etc/tidegate/notify
	for version in 1 2 3; do
		inside install-package --app demo --quiet \
			--bundle "/srv/dist/$version/demo-$version.tar.gz"
	done
}

setup() {
	skip_with_file
}

teardown_file() {
	! is_file_skipped || return 0
	[ ! -e "$machine/container" ] || boot_stop
	[ ! -d "$machine/tree" ] || boot_remove
}

# Three releases, and a hook that tells what it was told.
make_host() {
	package-release keygen --no-password --output "$1/srv/key" >/dev/null
	for version in 1 2 3; do
		mkdir -p "$1/srv/src-$version/etc"
		echo "$version" >"$1/srv/src-$version/etc/text"
		echo secret >"$1/srv/src-$version/etc/secret"
		chmod 600 "$1/srv/src-$version/etc/secret"
		SOURCE_DATE_EPOCH=1700000000 package-release bundle --app demo \
			--version "$version" --sequence "$version" --profile dev \
			--payload "$1/srv/src-$version" --out "$1/srv/dist" \
			--key "$1/srv/key" >/dev/null
	done
	cp "$BATS_TEST_DIRNAME/../engine/evil_engine.py" "$1/srv/engine.py"
	echo good >"$1/srv/mode"
	cat >"$1/srv/notify" <<-'END'
		#!/bin/sh
		logger -t hook "$1 as $(id -un): $(journalctl -q -o cat -u "$1" |
			grep -q 'critical: release.tree' && echo told)"
	END
}

# entries FIELD=VALUE... - how many lines of the journal have them.
entries() {
	inside journalctl -q -o json "$@" | wc -l
}

has_entries() {
	[ "$(entries "$@")" -gt 0 ]
}

# told_of UNIT - what the hook said of it.
told_of() {
	inside journalctl -q -o cat -t hook | grep -F "$1 "
}

was_told_of() {
	[ -n "$(told_of "$1")" ]
}

# in_a_moment TIMER - as the calendar says, only sooner.
in_a_moment() {
	inside mkdir -p "/run/systemd/system/$1.d"
	# shellcheck disable=SC2016 # for the shell there
	inside sh -c 'printf "%s\n" "[Timer]" OnCalendar= RandomizedDelaySec=0 \
		OnActiveSec=100ms AccuracySec=1us >"/run/systemd/system/$1.d/soon.conf"' sh "$1"
	inside systemctl daemon-reload
	inside systemctl start "$1"
}

start_engine() {
	inside cp /srv/mode /run/docker.sock.mode
	inside rm -f /run/docker.sock
	inside systemd-run -q --unit=test-engine python3 /srv/engine.py /run/docker.sock
	wait_until inside test -S /run/docker.sock
	inside chmod 660 /run/docker.sock
	inside mkdir -p /var/lib/docker
}

change_a_file() {
	inside sh -c 'echo changed >/opt/demo/releases/3/etc/secret'
}

# Another install of the same repairs it.
change_it_back() {
	inside install-package --app demo --quiet --bundle /srv/dist/3/demo-3.tar.gz
}

@test "an install is in the journal by app, release and result" {
	[ "$(inside journalctl -q -o json TIDEGATE_APP=demo TIDEGATE_RELEASE=2 \
		TIDEGATE_OPERATION=install | jq -r '[.TIDEGATE_RESULT, .TIDEGATE_FROM,
		.TIDEGATE_SEQUENCE, .PRIORITY, .SYSLOG_IDENTIFIER, ._COMM] | @csv')" = \
		'"ok","1","2","5","install-package","install-package"' ]
	run inside install-package --app demo --bundle /srv/dist/1/demo-1.tar.gz
	[ "$status" -ne 0 ]
	# What was not begun is not in the log.
	[ "$(entries TIDEGATE_APP=demo TIDEGATE_RESULT=ok TIDEGATE_OPERATION=install)" = 3 ]
	[ "$(entries TIDEGATE_APP=other)" = 0 ]
}

@test "a timer starts the check, which sees all as its own account" {
	in_a_moment tidegate-check@demo.timer
	wait_until has_entries TIDEGATE_APP=demo TIDEGATE_RESULT=ok TIDEGATE_RELEASE=3 \
		SYSLOG_IDENTIFIER=check-health
	wait_until has_entries UNIT=tidegate-check@demo.service JOB_RESULT=done
	uid=$(inside id -u tidegate-check)
	has_entries TIDEGATE_CHECK=release.tree TIDEGATE_RESULT=ok "_UID=$uid" \
		_SYSTEMD_UNIT=tidegate-check@demo.service
	[ "$(entries SYSLOG_IDENTIFIER=check-health TIDEGATE_RESULT=unknown)" = 0 ]
	[ "$(entries SYSLOG_IDENTIFIER=hook)" = 0 ]
	inside systemctl stop tidegate-check@demo.timer
}

# What root alone may see: an engine's socket, and the list of profiles.
@test "the night leaves to root's timer what only root sees" {
	inside sh -c 'printf "%s\n" "[container]" "engine = docker" "[host]" \
		"security_profiles = demo-agent" >/etc/tidegate/demo.ini'
	inside mount -t tmpfs -o mode=755 profiles /sys/kernel/security
	inside sh -c 'umask 077 && mkdir /sys/kernel/security/apparmor &&
		echo "demo-agent (enforce)" >/sys/kernel/security/apparmor/profiles'
	inside systemctl start tidegate-check@demo.service
	run inside systemctl start tidegate-containers@demo.service
	[ "$status" -ne 0 ]
	has_entries TIDEGATE_CHECK=engine.present TIDEGATE_RESULT=critical _UID=0
	wait_until was_told_of tidegate-containers@demo.service

	start_engine
	in_a_moment tidegate-containers@demo.timer
	wait_until has_entries TIDEGATE_CHECK=engine.present TIDEGATE_RESULT=ok _UID=0
	wait_until has_entries UNIT=tidegate-containers@demo.service JOB_RESULT=done
	inside journalctl -q -o cat -u tidegate-containers@demo.service
	[ "$(entries TIDEGATE_CHECK=engine.healthy TIDEGATE_RESULT=ok)" = 1 ]
	has_entries TIDEGATE_CHECK=host.profiles TIDEGATE_RESULT=ok _UID=0
	[ "$(entries SYSLOG_IDENTIFIER=check-health TIDEGATE_RESULT=unknown)" = 0 ]
	inside grep -q '^tidegate_health_check_status{app="demo",only="engine,.*check="engine.present"} 0' \
		/var/lib/tidegate-containers/demo.prom
	inside systemctl stop tidegate-containers@demo.timer test-engine
	inside umount /sys/kernel/security
	inside rm /etc/tidegate/demo.ini
}

@test "what the check has put on record is good for the quick one of every user" {
	[ "$(inside sh -c 'stat -c %U /var/lib/tidegate-check/demo@*.record')" = tidegate-check ]
	inside setpriv --reuid=nobody --regid=nogroup --clear-groups \
		check-health --app demo --quick --only release.tree
}

@test "root believes no record but root's" {
	run inside check-health --app demo --quick --only release.tree
	[ "$status" -eq 3 ]
	inside check-health --app demo --record --only release.tree
	inside check-health --app demo --quick --only release.tree
}

@test "what is found at night reaches the journal and the hook" {
	change_a_file
	in_a_moment tidegate-check@demo.timer
	wait_until was_told_of tidegate-check@demo.service
	[ "$(told_of tidegate-check@demo.service)" = \
		"tidegate-check@demo.service as tidegate-notify: told" ]
	[ "$(inside journalctl -q -o json TIDEGATE_CHECK=release.tree PRIORITY=3 |
		jq -sr 'map([.TIDEGATE_APP, .TIDEGATE_RELEASE, .TIDEGATE_RESULT,
		.TIDEGATE_OBJECT]) | unique[] | @csv')" = '"demo","3","critical","3/etc/secret"' ]
	has_entries TIDEGATE_APP=demo TIDEGATE_RESULT=critical PRIORITY=3
	# And whoever looks at the figures.
	inside grep -q '^tidegate_.*app="demo".* 2$' /var/lib/tidegate-check/demo.prom
	[ "$(inside stat -c '%U %a' /var/lib/tidegate-check/demo.prom)" = "tidegate-check 644" ]
	inside systemctl stop tidegate-check@demo.timer
	change_it_back
}

@test "a timer starts prune, which keeps what the host says" {
	inside sh -c 'printf "%s\n" "[install]" "keep = 1" >/etc/tidegate/demo.ini'
	[ "$(inside ls /opt/demo/releases | wc -l)" = 3 ]
	in_a_moment tidegate-prune@demo.timer
	wait_until has_entries TIDEGATE_OPERATION=prune TIDEGATE_RELEASE=1
	wait_until has_entries UNIT=tidegate-prune@demo.service JOB_RESULT=done
	[ "$(inside systemctl show -P Result tidegate-prune@demo.service)" = success ]
	[ "$(inside ls /opt/demo/releases | tr '\n' ' ')" = "2 3 " ]
}

@test "the history is rotated, and nothing is missed" {
	inside sh -c 'command -v logrotate' || skip "logrotate is not installed"
	inside install -m 644 /usr/share/doc/tidegate/examples/logrotate /etc/logrotate.d/tidegate
	inside logrotate -f /etc/logrotate.d/tidegate
	inside test -e /var/lib/tidegate/demo/history.jsonl.1
	inside check-health --app demo --only history.consistent
	inside install-package hold 2 --app demo
	inside logrotate -f /etc/logrotate.d/tidegate
	inside test -e /var/lib/tidegate/demo/history.jsonl.2.gz
	inside check-health --app demo --only history.consistent
}

@test "cron does what the timers do" {
	inside sh -c 'command -v cron' || skip "cron is not installed"
	change_a_file
	# At once instead of at night.
	inside sh -c 'sed -E "s/^[0-9]+ [0-9*]+ \* \* [*0]/@reboot/" \
		/usr/share/doc/tidegate/examples/cron >/etc/cron.d/tidegate'
	before=$(entries SYSLOG_IDENTIFIER=hook)
	inside rm -f /run/crond.reboot
	inside systemd-run -q --unit=test-cron cron -f
	hook_was_called() { [ "$(entries SYSLOG_IDENTIFIER=hook)" -gt "$before" ]; }
	wait_until hook_was_called
	inside journalctl -q -o cat -t check-health | grep -q 'critical.*release.tree.*3/etc/secret'
	[ "$(inside stat -c %U /var/lib/tidegate-check/cron.prom)" = tidegate-check ]
	inside grep -q '^tidegate_health_check_status{app="demo",check="release.tree"} 2$' \
		/var/lib/tidegate-check/cron.prom
	wait_until inside grep -q '^tidegate_health_status{app="demo",only="engine,.*} 0$' \
		/var/lib/tidegate-containers/cron.prom
	inside systemctl stop test-cron
	change_it_back
}

# sign_in - somebody with a terminal, on which /srv/seen has all that comes.
sign_in() {
	cat >"$machine/tree/srv/terminal.py" <<-'END'
		import os, struct
		master, slave = os.openpty()
		line = os.ttyname(slave)[len("/dev/"):].encode()
		with open("/run/utmp", "ab") as utmp:  # a USER_PROCESS of utmp(5)
		    utmp.write(struct.pack("hi32s4s32s256shhiii4i20s", 7, os.getpid(), line, b"test",
		                           b"root", b"", 0, 0, 0, 0, 0, 0, 0, 0, 0, b""))
		with open("/srv/seen", "wb", buffering=0) as seen:
		    while True:
		        seen.write(os.read(master, 4096))
	END
	inside systemd-run -q --unit=test-terminal python3 /srv/terminal.py
	wait_until inside test -e /srv/seen
}

# As the unit runs it: under an account that may write to no terminal.
@test "the example of a hook tells whoever is signed in" {
	sign_in
	inside install -m 755 /usr/share/doc/tidegate/examples/notify /etc/tidegate/notify
	change_a_file
	run inside systemctl start tidegate-check@demo.service
	[ "$status" -ne 0 ]
	wait_until inside grep -q 'tidegate-check@demo.service failed: demo: critical: release.tree' /srv/seen
	inside systemctl stop test-terminal
	change_it_back
}

# account_of NAME - what starts a command as the unit does.
account_of() {
	echo setpriv --reuid="$1" --regid="$1" --clear-groups --no-new-privs \
		--inh-caps=-all,+dac_read_search --ambient-caps=-all,+dac_read_search \
		--bounding-set=-all,+dac_read_search
}

# traced NAME COMMAND... - its paths are in /srv/NAME.trace then.
traced() {
	local name=$1
	shift
	inside strace -f -y -qq -e trace=%file,connect -o "/srv/$name.trace" "$@"
}

# The kernel here may have no AppArmor: so what is done is held against what the
# profile says.
@test "the AppArmor profile of check-health allows what it does, and not more" {
	command -v strace >/dev/null || skip "strace is not installed"
	[ -d /etc/apparmor.d/abstractions ] || skip "apparmor is not installed"
	inside install -D /usr/bin/true /usr/local/bin/true
	profile=$machine/tree/usr/share/apparmor/extra-profiles/usr.bin.check-health
	start_engine
	inside sh -c 'printf "%s\n" "[container]" "engine = docker" "[service]" \
		"units = dbus.service" "unix = /run/docker.sock" "tcp = localhost:1" \
		"http = http://localhost:1/" "command = /usr/local/bin/true" \
		"user = nobody" >/etc/tidegate/demo.ini'
	traced root check-health --app demo --online --record --format prometheus \
		--output /var/lib/tidegate-containers/demo.prom || [ $? -lt 3 ]
	# shellcheck disable=SC2046 # words of systemd's own
	traced account $(account_of tidegate-check) check-health --app demo --record \
		--output /var/lib/tidegate-check/demo.prom || [ $? -le 3 ]
	inside systemctl stop test-engine
	inside rm /etc/tidegate/demo.ini
	for name in root account; do
		# What it hands over to others is their business.
		python3 "$BATS_TEST_DIRNAME/apparmor.py" "$profile" "$machine/tree/srv/$name.trace"
	done
	for no in /etc/shadow:r /srv/.ssh/id_rsa:r /srv/text:r /etc/cron.d/job:w \
		/opt/demo/current:w /etc/tidegate/demo.ini:w /run/sudo/ts/user:w /usr/bin/python3:x; do
		run python3 "$BATS_TEST_DIRNAME/apparmor.py" "$profile" "$no"
		echo "$no: $output"
		[ "$status" -eq 1 ]
	done
}
