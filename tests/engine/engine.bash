# SPDX-License-Identifier: Apache-2.0
# Container engines of the tests' own, with everything of theirs below one
# folder, and a host below which they listen.  Sourced by bats files.
#
# Neither Debian's services nor /var/lib/docker, /run/docker.sock and the like
# are touched: engines get their folders, sockets and pid files by options.

# shellcheck source=tests/helpers/wait.bash
source "${BASH_SOURCE[0]%/*}/../helpers/wait.bash"
# shellcheck source=tests/helpers/skip.bash
source "${BASH_SOURCE[0]%/*}/../helpers/skip.bash"

# engine_lacks PROGRAM... - why no engine can start here; nothing: it can.
engine_lacks() {
	local program
	[ "$(id -u)" -eq 0 ] || {
		echo "needs root"
		return
	}
	for program in docker-registry "$@"; do
		command -v "$program" >/dev/null || echo "needs $program"
	done
}

# make_place - a folder that everybody can reach, with short paths: a socket's
# has room for 107 bytes.  Sets $place and $root, the host.
make_place() {
	place=$(mktemp -d "${TMPDIR:-/tmp}/e.XXXXXX")
	chmod 755 "$place"
	root=$place/host
	: >"$place/pids"
	echo '{}' >"$place/daemon.json"
	mkdir -p "$root/run" "$root/var/lib"
	export place root
}

# is_own_place - whether $place is what make_place made: what a caller's
# environment calls so is none of ours, nor is the machine's own engine.
is_own_place() {
	[[ ${place-} == "${TMPDIR:-/tmp}"/e.* && ${root-} == "$place/host" ]]
}

# remove_containers - all that the tests' Docker Engine has.
remove_containers() {
	is_own_place && [ -S "$root/run/docker.sock" ] &&
		ping_engine "$root/run/docker.sock" >/dev/null || return 0
	docker ps -aq | DOCKER_HOST=unix://$root/run/docker.sock \
		xargs -r docker rm -f >/dev/null
}

# end_inhabitants - end what still lives in $place: a rootless Podman starts
# itself again in a name space of its own, and leaves one behind that holds it.
end_inhabitants() {
	local link
	for link in /proc/[0-9]*/cwd; do
		[[ $(readlink "$link" 2>/dev/null) == "$place"/* ]] || continue
		link=${link%/cwd}
		end "${link##*/}" KILL
	done
}

# remove_place - end what was started, and remove all.
remove_place() {
	local pid
	is_own_place || return 0
	while read -r pid; do
		end "$pid"
	done <"$place/pids"
	end_inhabitants
	# Of a Docker Engine that was killed, its containerd stays.
	[ ! -f "$place/x/containerd/containerd.pid" ] ||
		end "$(cat "$place/x/containerd/containerd.pid")"
	awk -v place="$place/" 'index($2, place) == 1 { print $2 }' /proc/self/mounts |
		sort -r | xargs -r umount -l
	rm -rf "$place"
}

# end PID [SIGNAL] - and wait until it is gone.
end() {
	kill -s "${2-TERM}" "$1" 2>/dev/null || return 0
	timeout 20 sh -c "while kill -0 '$1' 2>/dev/null; do sleep 0.05; done" ||
		kill -KILL "$1" 2>/dev/null || true
}

ping_engine() { # ping_engine SOCKET
	curl -sf -m 2 --unix-socket "$1" http://engine/_ping
}

# start_docker - a Docker Engine that listens at the host's /run/docker.sock;
# its pid in $place/docker.pid.
start_docker() {
	dockerd --iptables=false --ip6tables=false --ip-forward=false \
		--ip-masq=false --bridge=none --storage-driver=vfs \
		--data-root="$root/var/lib/docker" --exec-root="$place/x" \
		--pidfile="$place/docker.pid" --config-file="$place/daemon.json" \
		-H "unix://$root/run/docker.sock" >>"$place/docker.log" 2>&1 3>&- &
	echo "$!" >>"$place/pids"
	wait_for_server "$!" "$place/docker.log" ping_engine "$root/run/docker.sock"
}

stop_docker() { # stop_docker [SIGNAL]
	end "$(cat "$place/docker.pid")" "$@"
}

docker() {
	DOCKER_CONFIG=$place/docker-config DOCKER_HOST=unix://$root/run/docker.sock \
		command docker "$@"
}

# podman_options FOLDER - what keeps podman to itself.
podman_options() {
	echo "--storage-driver=vfs --cgroup-manager=cgroupfs --events-backend=none"
}

# start_podman SOCKET - podman's service, as root.
start_podman() {
	mkdir -p "$(dirname "$1")"
	# shellcheck disable=SC2046 # a list of words
	command podman $(podman_options) --root "$root/var/lib/containers/storage" \
		--runroot "$place/p" system service --time=0 "unix://$1" \
		>>"$place/podman.log" 2>&1 3>&- &
	podman_pid=$!
	echo "$podman_pid" >>"$place/pids"
	wait_for_server "$podman_pid" "$place/podman.log" ping_engine "$1"
}

podman() {
	# shellcheck disable=SC2046 # a list of words
	command podman $(podman_options) --root "$root/var/lib/containers/storage" \
		--runroot "$place/p" "$@"
}

# make_rootfs TEXT - $place/TEXT.tar: a program that waits and, as a shell, is
# well or not as its command says.
make_rootfs() {
	mkdir -p "$place/rootfs/bin"
	[ -e "$place/rootfs/bin/sh" ] || {
		cat >"$place/wait.c" <<-'END'
			#include <signal.h>
			#include <stdlib.h>
			#include <string.h>
			#include <unistd.h>
			static void leave(int signal) { _exit(signal == SIGINT ? 3 : 0); }
			int main(int argc, char **argv)
			{
				if (argc > 2)
					return strcmp(argv[2], "well") != 0;
				signal(SIGTERM, leave);
				signal(SIGINT, leave);
				for (;;)
					pause();
			}
		END
		cc -static -o "$place/rootfs/bin/sh" "$place/wait.c"
	}
	echo "$1" >"$place/rootfs/release"
	tar -C "$place/rootfs" -cf "$place/$1.tar" .
}

# install_release VERSION LINE... - one whose profile.env has these lines.
install_release() {
	local version=$1 tree=$place/tree-$1 line
	shift
	make_tree "$tree" "$version"
	printf 'PROFILE=dev\n' >"$tree/profile.env"
	for line; do
		echo "$line" >>"$tree/profile.env"
	done
	install-package --root "$root" --app shop --bundle \
		"$(make_bundle shop "$version" "$tree" "$place/dist" \
			--sequence "$version" --key "$place/ops")" >/dev/null
}

make_host() {
	make_key "$place/ops"
	install-package setup --root "$root" --app shop \
		--key "$place/ops.pub" >/dev/null
}

# configure LINE... - the lines of [container]; min_free fits any machine, and
# containers may run unless a line says what is expected.
configure() {
	{
		printf '[container]\nmin_free = 1M\n'
		[[ " $* " == *" expect = "* ]] || echo "expect = none"
		printf '%s\n' "$@"
	} >"$root/etc/tidegate/shop.ini"
}

# check [OPTION...] - all checks of engines, images and containers.
check() {
	run check-health --root "$root" --app shop --format json --only \
		engine,images,containers \
		"$@"
}

# found ID SEVERITY TEXT... - the check ID found nothing worse than SEVERITY,
# and says each TEXT.
found() {
	local id=$1 want=$2 findings got text
	shift 2
	findings=$(jq -r --arg id "$id" \
		'.apps[0].findings[] | select(.check == $id) | "\(.severity): \(.object): \(.text)"' \
		<<<"$output")
	got=$(sed 's/:.*//' <<<"$findings" | sort -u)
	[ "$got" = "$want" ] || {
		printf '%s is %s, not %s:\n%s\n%s\n' "$id" "$got" "$want" "$findings" "$output"
		return 1
	}
	for text; do
		[[ $findings == *"$text"* ]] || {
			printf '%s does not say "%s":\n%s\n' "$id" "$text" "$findings"
			return 1
		}
	done
}
