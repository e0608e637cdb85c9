#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# check-health beside a real Podman: alone, by Docker's socket, and rootless.

load ../cli/lib
load engine

setup_file() {
	local lacks
	load ../cli/lib
	load engine
	lacks=$(engine_lacks podman cc)
	if [ -n "$lacks" ]; then
		skip_file "$lacks"
		return
	fi
	make_place
	if ! start_podman "$root/run/podman/podman.sock"; then
		skip_file "no Podman can start here: $(tail -n 1 "$place/podman.log")"
		return
	fi
	make_host
	make_rootfs one
	podman import -c 'CMD ["/bin/sh"]' "$place/one.tar" localhost/shop:1 >/dev/null 2>&1
	digest=$(podman image inspect -f '{{.Digest}}' localhost/shop:1)
	export digest
	install_release 1 REGISTRY=localhost IMAGE_PREFIX=shop IMAGE_TAG=1 \
		"IMAGE_DIGEST=$digest"
}

teardown_file() {
	! is_own_place || podman rm -f -t 0 -a >/dev/null 2>&1 || true
	remove_place
}

setup() {
	skip_with_file
	configure
}

# run_container NAME
run_container() {
	podman run -d --runtime runc --network none --ulimit nofile=1024:1024 \
		--ulimit nproc=1024:1024 --name "$1" localhost/shop:1 >/dev/null
}

@test "podman alone is critical" {
	check
	[ "$status" -eq 2 ]
	found engine.present ok "Podman 4" /run/podman/podman.sock
	found engine.supported critical allow_podman
}

@test "podman alone is well where the configuration allows or wants it" {
	for line in 'allow_podman = yes' 'engine = podman'; do
		configure "$line"
		check
		found engine.present ok Podman
		found engine.supported ok
		found engine.version ok
		found engine.storage ok "driver vfs"
		found engine.seccomp ok
		found images.present ok "1 by digest"
	done
}

@test "podman is no Docker, whatever its socket is called" {
	ln -s podman/podman.sock "$root/run/docker.sock"
	check
	found engine.supported critical Podman
	configure 'engine = docker' 'socket = /run/docker.sock'
	check
	rm "$root/run/docker.sock"
	found engine.present ok "Podman 4" /run/docker.sock
	found engine.supported critical Podman
}

@test "a container of podman is looked at" {
	configure 'allow_podman = yes'
	run_container web 2>"$BATS_TEST_TMPDIR/err" ||
		skip "podman runs no container here: $(cat "$BATS_TEST_TMPDIR/err")"
	check
	found containers.running ok
	found containers.healthy ok
	podman import -c 'CMD ["/bin/sh"]' -m two "$place/one.tar" localhost/shop:1 >/dev/null 2>&1
	run_container newer
	check
	podman rm -f -t 0 -a >/dev/null 2>&1
	found containers.running critical newer
	[[ $output != *'"object":"web"'* ]]
}

@test "a rootless podman is asked by its user" {
	local socket=$root/run/user/65534/podman/podman.sock
	cp -a "$build/bin" "$build/libexec" "$place/"
	mkdir -p "$root/run/user/65534/podman" "$place/home"
	chown -R 65534:65534 "$root/run/user/65534" "$place/home"
	chmod 700 "$root/run/user/65534"
	chmod 700 "$root/run/podman"
	# shellcheck disable=SC2046 # a list of words
	(cd "$place/home" && exec setpriv --reuid=65534 --regid=65534 --clear-groups \
		env -i PATH="$PATH" HOME="$place/home" \
		XDG_RUNTIME_DIR="$root/run/user/65534" \
		podman $(podman_options) system service --time=0 "unix://$socket" \
		>"$place/rootless.log" 2>&1 3>&-) &
	echo "$!" >>"$place/pids"
	wait_for_server "$!" "$place/rootless.log" ping_engine "$socket" ||
		skip "no rootless podman can start here: $(tail -n 1 "$place/rootless.log")"
	configure 'engine = podman' 'rootless = required'
	run setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$place/bin/check-health" --root "$root" --app shop --format json \
		--only engine.present,engine.supported,engine.seccomp,engine.apparmor,images.present
	found engine.present ok Podman /run/user/65534/podman/podman.sock
	found engine.supported ok rootless
	found engine.seccomp ok
	found engine.apparmor not-applicable
	found images.present critical "does not have it"
	configure 'engine = podman' 'rootless = refused'
	run setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$place/bin/check-health" --root "$root" --app shop --format json \
		--only engine.supported
	found engine.supported critical "without root"
}
