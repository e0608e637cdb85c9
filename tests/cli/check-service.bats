#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# [service]: what check-health asks of the services of an app, and how it ends
# when they do not answer.

load lib

setup_file() {
	load lib
	host=$BATS_FILE_TMPDIR/host
	make_key "$BATS_FILE_TMPDIR/ops"
	mkdir -p "$host"
	install-package setup --root "$host" --app shop \
		--key "$BATS_FILE_TMPDIR/ops.pub" >/dev/null
	make_tree "$BATS_FILE_TMPDIR/tree"
	bundle=$(make_bundle shop 1.0.0 "$BATS_FILE_TMPDIR/tree" \
		"$BATS_FILE_TMPDIR/dist" --sequence 1 --key "$BATS_FILE_TMPDIR/ops")
	install-package --root "$host" --app shop --bundle "$bundle" >/dev/null
	export port=$((10000 + RANDOM % 20000))
	socket=$(mktemp -u /tmp/tidegate-XXXXXX.sock)
	export socket
	# Status 200 for /well, else 503; and a Unix socket that listens.
	python3 - "$port" "$socket" 3>&- <<-'END' &
		import http.server, socket, sys, threading
		class Page(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        if self.path.startswith("/hang"):
		            threading.Event().wait(60)
		        self.send_response(200 if self.path == "/well" else 503)
		        self.end_headers()
		    def log_message(self, *_):
		        pass
		listener = socket.socket(socket.AF_UNIX)
		listener.bind(sys.argv[2])
		listener.listen(8)
		http.server.ThreadingHTTPServer.daemon_threads = True
		server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page)
		server.serve_forever()
	END
	echo $! >"$BATS_FILE_TMPDIR/pid"
	wait_for_server "$!" /dev/null curl -s "http://127.0.0.1:$port/well"
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/pid")"
	rm -f "$socket"
}

setup() {
	root=$BATS_FILE_TMPDIR/host
	config=$root/etc/tidegate/shop.ini
	services=service.units,service.command,service.http,service.tcp,service.unix
	user=nobody
	[ "$(id -u)" -eq 0 ] || user=$(id -un)
}

# ask STATUS LINE... - what check-health says of a [service] of these lines.
ask() {
	local want=$1
	shift
	printf '%s\n' '[service]' "$@" >"$config"
	run check-health --root "$root" --only "$services"
	if [ "$status" -ne "$want" ]; then
		printf 'exit status %s, not %s\n%s\n' "$status" "$want" "$output"
		return 1
	fi
}

@test "without [service] none of its checks applies" {
	ask 0
	[[ $output != *" ok "* ]]
}

@test "each kind of service that is well is ok" {
	ask 0 "command = /bin/test -d /" "user = $user" \
		"http = http://127.0.0.1:$port/well" "tcp = 127.0.0.1:$port" \
		"unix = $socket" "units = no-such-unit-of-another-root.service"
	assert_output_has "ok        service.command     /bin/test: well" \
		"ok        service.http        http://127.0.0.1:$port/well: well" \
		"ok        service.tcp         127.0.0.1:$port: well" \
		"ok        service.unix        $socket: well"
}

@test "each kind of service that is not well is critical" {
	ask 2 "command = /bin/false" "user = $user"
	assert_output_has "/bin/false gave status 1"
	ask 2 "http = http://127.0.0.1:$port/well http://127.0.0.1:$port/ill"
	assert_output_has "well: well" "ill: asking" "status 503"
	ask 2 "tcp = 127.0.0.1:1"
	ask 2 "unix = /tmp/tidegate-nobody-listens.sock"
}

@test "[severity] makes a service's fault a warning" {
	printf '%s\n' '[service]' 'tcp = 127.0.0.1:1' '[severity]' 'service.tcp = warning' >"$config"
	run check-health --root "$root" --only "$services"
	[ "$status" -eq 1 ]
}

@test "as root a command needs a user" {
	[ "$(id -u)" -eq 0 ] || skip "only root is asked for one"
	ask 3 "command = /bin/true"
	assert_output_has "needs 'user = NAME'"
}

@test "who is neither root nor the command's user leaves it unknown" {
	printf '%s\n' '[service]' "command = /bin/true" "user = daemon" >"$config"
	checker=$(command -v check-health)
	as=()
	if [ "$(id -u)" -eq 0 ]; then
		# A copy, because he may not get to where the programs were built.
		cp "$checker" "$root/check-health"
		checker=$root/check-health
		chmod 755 "$checker" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/file" "$BATS_FILE_TMPDIR"
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		"${as[@]}" test -x "$checker" || skip "an ordinary user cannot get here"
	fi
	run "${as[@]}" "$checker" --root "$root" --only service.command
	[ "$status" -eq 3 ]
	assert_output_has "running it as 'daemon' needs root" "try: run check-health as root"
}

@test "a command that hangs ends at its timeout, with all that it started" {
	ask 2 "command = /bin/sh -c sleep\${IFS}77" "user = $user" "timeout = 1"
	assert_output_has "did not end in time"
}

@test "--format nagios gives a verdict in ten seconds, whatever hangs" {
	hang=http://127.0.0.1:$port/hang
	printf '%s\n' '[service]' "http = $hang/1 $hang/2 $hang/3 $hang/4" \
		"command = /bin/true" "user = $user" "timeout = 3" >"$config"
	before=$(date +%s%N)
	run check-health --root "$root" --only "$services" --format nagios
	took=$((($(date +%s%N) - before) / 1000000))
	[ "$status" -eq 2 ]
	assert_output_has "TIDEGATE CRITICAL" "ok=1;" "critical=2;" "unknown=2;" \
		"hang/1: asking" "hang/2: asking" "all that was left until the verdict"
	[ "$took" -lt 10000 ]
	run check-health --root "$root" --only "$services" --timeout 4
	[ "$status" -eq 2 ]
	assert_output_has "unknown   service.http        $hang/4: not tried: no time was left"
}

@test "--timeout ends a run that hangs: unknown, with a word for programs" {
	: >"$config"
	# As where a file system no longer answers; and SIGALRM may come blocked.
	hang() {
		run python3 - "$root" "$1" <<-'END'
			import os, signal, sys
			signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
			os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
			os.execvp("strace", ["strace", "-qq", "-o", "/dev/null", "-e", "trace=openat2",
			                     "-e", "inject=openat2:delay_enter=3s:when=3",
			                     "check-health", "--root", sys.argv[1], "--timeout", "1", "--format", sys.argv[2]])
		END
		[ "$status" -eq 3 ]
	}
	hang nagios
	[ "$output" = "TIDEGATE UNKNOWN - timeout: no verdict in 1 seconds" ]
	hang json
	[ "$(jq -r '[.status, .error] | join(": ")' <<<"$output")" = "unknown: no verdict in 1 seconds" ]
}
