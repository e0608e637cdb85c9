#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What check-health makes of an engine that answers badly.  Needs no engine.

load ../cli/lib
load engine

setup_file() {
	load ../cli/lib
	load engine
	make_place
	make_host
	start_evil
}

teardown_file() {
	remove_place
}

start_evil() {
	echo good >"$root/run/docker.sock.mode"
	python3 "$BATS_TEST_DIRNAME/evil_engine.py" "$root/run/docker.sock" \
		2>"$place/evil.err" 3>&- &
	echo "$!" >>"$place/pids"
	wait_for_server "$!" "$place/evil.err" test -S "$root/run/docker.sock"
}

setup() {
	configure 'engine = docker'
}

be() {
	echo "$1" >"$root/run/docker.sock.mode"
}

@test "one that answers well is well" {
	be good
	check
	found engine.present ok "Docker Engine 27.0.1"
	found engine.seccomp ok
}

@test "an engine that answers nonsense is critical" {
	for mode in garbage nothing no-json status chunks torn deep large head twice; do
		echo "$mode"
		be "$mode"
		check
		[ "$status" -eq 2 ]
		found engine.present critical "the engine at"
		found engine.version not-applicable
	done
}

@test "an answer that comes byte by byte is waited for no longer than silence" {
	be drip
	began=$SECONDS
	check
	[ $((SECONDS - began)) -le 9 ]
	found engine.present critical "no answer within 5000 ms"
}

@test "what an engine says cannot drive a terminal" {
	be escape
	run check-health --root "$root" --app shop --only engine.present,engine.version
	[[ $output == *"27?]0;x?"* ]]
	[[ $output != *$'\e'* ]]
}

@test "storage is measured where it is known to be, and nowhere else" {
	mkdir -p "$root/var/lib/docker"
	for folder in /var/lib/docker "$root/var/lib/docker"; do
		be "stores-in $folder"
		check
		found engine.storage ok "driver overlay2"
	done
	for folder in /srv/var/lib/docker "$root/srv/var/lib/docker" "$root" \
		"$root/var/lib/docker/x" "${root%/*}/var/lib/docker" "x$root/var/lib/docker"; do
		echo "$folder"
		be "stores-in $folder"
		check
		found engine.storage unknown "storage ="
	done
}

@test "a crowd of containers that go away is no fault" {
	be crowd
	digest=$(printf a%.0s {1..64})
	install_release 1 REGISTRY=ghcr.io/acme IMAGE_PREFIX=shop IMAGE_TAG=1 \
		"IMAGE_DIGEST=sha256:$digest"
	configure
	check
	found images.present critical "does not have it"
	found containers.running unknown "872 more containers"
}

@test "engines that hang are known to hang, each one and for all apps" {
	local silent=$place/silent app before took
	for app in shop blog; do
		mkdir -p "$silent/etc/tidegate/trust/$app" "$silent/run/podman"
		printf '[container]\nengine = any\n' >"$silent/etc/tidegate/$app.ini"
	done
	python3 - "$silent/run/docker.sock" "$silent/run/podman/podman.sock" 3>&- <<-'END' &
		import signal, socket, sys
		listeners = [socket.socket(socket.AF_UNIX) for path in sys.argv[1:]]
		for listener, path in zip(listeners, sys.argv[1:]):
		    listener.bind(path)
		    listener.listen(8)
		signal.pause()
	END
	echo "$!" >>"$place/pids"
	wait_for_server "$!" /dev/null test -S "$silent/run/podman/podman.sock"
	before=$(date +%s%N)
	run check-health --root "$silent" --only engine.healthy --format nagios
	took=$((($(date +%s%N) - before) / 1000000))
	[ "$status" -eq 2 ]
	assert_output_has "TIDEGATE CRITICAL" "critical=4;" "unknown=0;"
	[ "$took" -lt 9000 ]
}
