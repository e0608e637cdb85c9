#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# check-health beside a real Docker Engine, which is started once: images from a
# real registry, containers that run.

load ../cli/lib
load ../cli/oci
load engine

setup_file() {
	local lacks
	load ../cli/lib
	load ../cli/oci
	load engine
	lacks=$(engine_lacks dockerd docker podman cc)
	if [ -n "$lacks" ]; then
		skip_file "$lacks"
		return
	fi
	make_place
	if ! start_docker; then
		skip_file "no Docker Engine can start here: $(tail -n 1 "$place/docker.log")"
		return
	fi
	start_registry open
	export registry=$registry_open
	make_host
	make_image old
	make_image new
	old_digest=$(digest_of_image old)
	new_digest=$(digest_of_image new)
	export old_digest new_digest
	docker pull -q "$registry/shop@$new_digest"
	install_release 1 "REGISTRY=$registry" IMAGE_PREFIX=shop IMAGE_TAG=1 \
		"IMAGE_DIGEST=$new_digest"
}

teardown_file() {
	remove_containers
	[ ! -f "$BATS_FILE_TMPDIR/servers" ] || stop_servers
	remove_place
}

setup() {
	skip_with_file
	configure
}

teardown() {
	remove_containers
}

# make_image NAME - build shop:1 with another content, and push it.
make_image() {
	make_rootfs "$1"
	docker import -c 'CMD ["/bin/sh"]' "$place/$1.tar" "$registry/shop:1" >/dev/null
	docker push -q "$registry/shop:1" >/dev/null
	docker inspect -f '{{index .RepoDigests 0}}' "$registry/shop:1" |
		sed 's/.*@//' >"$place/$1.digest"
}

digest_of_image() {
	cat "$place/$1.digest"
}

# run_container NAME IMAGE [OPTION...]
run_container() {
	local name=$1 image=$2
	shift 2
	docker run -d --network none --name "$name" "$@" "$image" >/dev/null \
		2>"$BATS_TEST_TMPDIR/err" ||
		skip "no container runs here: $(cat "$BATS_TEST_TMPDIR/err")"
}

health_of() {
	[ "$(docker inspect -f '{{.State.Health.Status}}' "$1")" = "$2" ]
}

@test "an engine, its images and containers are well" {
	run_container web "$registry/shop@$new_digest" --health-cmd well \
		--health-interval 1s
	wait_until health_of web healthy
	check
	found engine.present ok "Docker Engine 20.10" /run/docker.sock
	found engine.supported ok
	found engine.version ok
	found engine.healthy ok
	found engine.storage ok "driver vfs"
	found engine.runtimes ok runc
	found engine.seccomp ok
	found engine.compose not-applicable
	found images.present ok "1 by digest"
	found containers.running ok
	found containers.healthy ok
}

@test "an app of which no container runs is down, unless none is expected" {
	configure 'expect = any'
	check
	[ "$status" -eq 2 ]
	found images.present ok
	found containers.running critical "no container of the app's images runs"
	found containers.healthy not-applicable
	configure 'expect = each'
	check
	found containers.running critical "$registry/shop@$new_digest"
	# That one is there which ended is as good as none.
	run_container web "$registry/shop@$new_digest"
	docker stop -t 0 web >/dev/null
	check
	found containers.running critical
	docker start web >/dev/null
	for expect in any each none; do
		configure "expect = $expect"
		check
		found containers.running ok
	done
	remove_containers
	configure 'expect = none'
	check
	[ "$status" -ne 2 ]
	found containers.running not-applicable
}

@test "nothing is asked where the configuration says engine = none" {
	configure 'engine = none'
	check
	[ "$status" -eq 0 ]
	found engine.present not-applicable "engine = none"
	found images.present not-applicable
}

@test "an engine that is too old for the policy is critical" {
	configure 'min_version = 20.11'
	check
	[ "$status" -eq 2 ]
	found engine.version critical "is older than 20.11"
	configure 'min_version = 20.10.24'
	check
	found engine.version ok
}

@test "a runtime that the engine does not know is critical" {
	configure 'runtimes = runc runsc'
	check
	[ "$status" -eq 2 ]
	found engine.runtimes critical runsc
	[[ $output != *'"object":"runc"'* ]]
}

@test "too little room is a warning, and an unknown folder is unknown" {
	configure 'min_free = 1000000G'
	sed -i 2d "$root/etc/tidegate/shop.ini"
	check
	found engine.storage warning min_free
	configure 'storage = /srv/docker'
	check
	found engine.storage unknown "storage ="
}

@test "the compose plugin is there where the configuration asks" {
	configure 'compose = required'
	check
	found engine.compose critical
	mkdir -p "$root/usr/libexec/docker/cli-plugins"
	: >"$root/usr/libexec/docker/cli-plugins/docker-compose"
	check
	rm -r "${root:?}/usr"
	found engine.compose ok
}

@test "an engine with root is not rootless" {
	configure 'rootless = required'
	check
	found engine.supported critical rootless
}

@test "podman beside docker is a warning, unless it is allowed" {
	start_podman "$root/run/podman/podman.sock"
	check
	found engine.present ok "Docker Engine"
	found engine.supported warning podman
	configure 'allow_podman = yes'
	check
	found engine.supported ok
	configure 'engine = podman'
	check
	end "$podman_pid"
	rm -rf "$root/run/podman"
	found engine.present ok Podman
	found images.present critical "does not have it"
}

@test "podman's program alone beside docker is a warning as well" {
	mkdir -p "$root/usr/bin"
	: >"$root/usr/bin/podman"
	check
	rm -r "${root:?}/usr"
	found engine.supported warning podman
}

@test "an image that is missing is critical" {
	docker rmi -f "$registry/shop@$new_digest" "$registry/shop:1" >/dev/null
	check
	docker pull -q "$registry/shop@$new_digest"
	[ "$status" -eq 2 ]
	found images.present critical "$registry/shop@$new_digest" "does not have it"
}

@test "an image of the same name with another digest is critical" {
	docker rmi -f "$registry/shop@$new_digest" "$registry/shop:1" >/dev/null
	docker pull -q "$registry/shop@$old_digest"
	docker tag "$registry/shop@$old_digest" "$registry/shop:1"
	check
	docker rmi -f "$registry/shop:1" >/dev/null
	docker pull -q "$registry/shop@$new_digest"
	[ "$status" -eq 2 ]
	found images.present critical "another one of this name" "$old_digest"
}

@test "a container that runs an older image is critical" {
	docker pull -q "$registry/shop@$old_digest"
	docker tag "$registry/shop@$old_digest" "$registry/shop:1"
	run_container web "$registry/shop:1"
	run_container fresh "$registry/shop@$new_digest"
	docker tag "$registry/shop@$new_digest" "$registry/shop:1"
	# Now the list has only an ID for it.
	docker rmi -f "$registry/shop@$old_digest" >/dev/null || true
	check
	[ "$status" -eq 2 ]
	found images.present ok
	found containers.running critical web "$registry/shop:1"
	[[ $output != *'"object":"fresh"'* ]]
}

@test "a container of somebody else is of no interest" {
	docker import -c 'CMD ["/bin/sh"]' "$place/old.tar" other:1 >/dev/null
	run_container stranger other:1 --health-cmd ill --health-interval 1s \
		--health-retries 1
	wait_until health_of stranger unhealthy
	check
	found containers.running not-applicable
	found containers.healthy not-applicable
}

@test "an unhealthy container is critical" {
	run_container web "$registry/shop@$new_digest" --health-cmd ill \
		--health-interval 1s --health-retries 1
	wait_until health_of web unhealthy
	check
	[ "$status" -eq 2 ]
	found containers.running ok
	found containers.healthy critical web "health check"
}

@test "a container that should be kept running and failed is critical" {
	run_container web "$registry/shop@$new_digest" --restart on-failure:1
	# What docker kill ends is not started again.
	wait_until interrupt web
	wait_until restarted_once web
	wait_until interrupt web
	wait_until has_exited web
	check
	found containers.healthy critical web "ended with an error"
}

# Its process, from outside; 0, which it has while it starts, would be ours.
interrupt() {
	local pid
	pid=$(docker inspect -f '{{.State.Pid}}' "$1")
	[ "$pid" -gt 1 ] && kill -INT "$pid"
}

restarted_once() {
	[ "$(docker inspect -f '{{.RestartCount}} {{.State.Running}}' "$1")" = "1 true" ]
}

has_exited() {
	[ "$(docker inspect -f '{{.State.Status}}' "$1")" = exited ]
}

@test "a user who may not open the socket is told which right he lacks" {
	cp -a "$build/bin" "$build/libexec" "$place/"
	chgrp www-data "$root/run/docker.sock"
	chmod 660 "$root/run/docker.sock"
	run setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$place/bin/check-health" --root "$root" --app shop --format json \
		--only engine.present,engine.version,images.present
	chgrp root "$root/run/docker.sock"
	found engine.present unknown "the group 'www-data'"
	found engine.version unknown "the group 'www-data'"
	found images.present unknown
}

# --- from here on the engine is stopped

@test "an engine that gives no answer is critical" {
	kill -STOP "$(cat "$place/docker.pid")"
	check
	kill -CONT "$(cat "$place/docker.pid")"
	[ "$status" -eq 2 ]
	found engine.present critical "no answer"
	found images.present unknown
}

@test "an engine that is stopped is critical" {
	stop_docker
	mkdir -p "$root/usr/bin"
	: >"$root/usr/bin/dockerd"
	check
	rm -r "${root:?}/usr"
	[ "$status" -eq 2 ]
	found engine.present critical "docker is installed, yet its socket is not there"
}

@test "no engine at all is critical where images are named" {
	check
	[ "$status" -eq 2 ]
	found engine.present critical "no container engine is there"
	found engine.version not-applicable
}

@test "an engine that was killed is critical" {
	start_docker
	check
	found engine.present ok
	stop_docker KILL
	check
	[ "$status" -eq 2 ]
	found engine.present critical "nobody listens"
	found engine.healthy critical
	found images.present unknown
}
