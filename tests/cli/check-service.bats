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
	# Status 200 for /well, else 503; a Unix socket that listens, and one and
	# a port whose queues are full, so that who connects hangs.
	python3 - "$port" "$socket" 3>&- <<-'END' &
		import http.server, socket, sys, threading
		class Page(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        if self.path.startswith("/hang"):
		            threading.Event().wait(60)
		        self.send_response(503 if self.path == "/ill" else 200)
		        try:
		            while self.path == "/headers":
		                self.wfile.write(b"X-More: " + b"x" * 4096 + b"\r\n")
		            self.end_headers()
		            while self.path == "/body":
		                self.wfile.write(b"x" * 65536)
		        except OSError:
		            pass
		    def log_message(self, *_):
		        pass
		def fill(family, address):
		    full = socket.socket(family)
		    full.bind(address)
		    full.listen(0)
		    callers = [socket.socket(family) for _ in range(4)]
		    for caller in callers:
		        caller.setblocking(False)
		        caller.connect_ex(address)
		    return full, callers
		full = fill(socket.AF_UNIX, sys.argv[2] + ".full")
		full_port = fill(socket.AF_INET, ("127.0.0.1", int(sys.argv[1]) + 1))
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
	rm -f "$socket" "$socket.full"
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

# timed COMMAND... - run it, and note in $took how many milliseconds it took.
timed() {
	local before
	before=$(date +%s%N)
	run "$@"
	took=$((($(date +%s%N) - before) / 1000000))
}

@test "services of each kind that hang are critical within one deadline" {
	printf '%s\n' '[service]' "command = /bin/sleep 77" "user = $user" \
		"http = http://127.0.0.1:$port/hang" "tcp = 127.0.0.1:$((port + 1))" \
		"unix = $socket.full" "timeout = 2" >"$config"
	timed check-health --root "$root" --only "$services" --timeout 5
	[ "$status" -eq 2 ]
	assert_output_has "critical  service.command" "critical  service.http" \
		"critical  service.tcp" "critical  service.unix"
	[ "$took" -lt 5000 ]
}

@test "of many that hang each is critical, and what is well is ok, in any order" {
	hang=http://127.0.0.1:$port/hang
	for all in "$hang/1 $hang/2 $hang/3 http://127.0.0.1:$port/well" \
		"http://127.0.0.1:$port/well $hang/1 $hang/2 $hang/3"; do
		printf '%s\n' '[service]' "http = $all" "command = /bin/true" \
			"user = $user" "timeout = 2" >"$config"
		timed check-health --root "$root" --only "$services" --format nagios --timeout 5
		[ "$status" -eq 2 ]
		assert_output_has "TIDEGATE CRITICAL" "ok=2;" "critical=3;" "unknown=0;" \
			"hang/1: asking" "hang/2: asking" "hang/3: asking"
		[ "$took" -lt 5000 ]
	done
}

@test "a service that hangs takes no time from those of another app" {
	mkdir -p "$root/etc/tidegate/trust/blog"
	for app in blog shop; do
		printf '%s\n' '[service]' "http = http://127.0.0.1:$port/hang" "timeout = 5" \
			>"$root/etc/tidegate/$app.ini"
	done
	timed check-health --root "$root" --only service.http --format nagios
	rm -r "$root/etc/tidegate/blog.ini" "$root/etc/tidegate/trust/blog"
	[ "$status" -eq 2 ]
	assert_output_has "critical=2;" "unknown=0;" "shop service.http" "blog service.http"
	[ "$took" -lt 9000 ]
}

@test "what needs more time than there is until the verdict is unknown, and what fails is not" {
	printf '%s\n' '[service]' "http = http://127.0.0.1:$port/hang http://127.0.0.1:$port/ill" \
		"tcp = 127.0.0.1:$((port + 1))" "timeout = 60" >"$config"
	timed check-health --root "$root" --only "$services" --timeout 3
	[ "$status" -eq 2 ]
	assert_output_has "unknown   service.http        http://127.0.0.1:$port/hang: no answer in" \
		"all that was left until the verdict" "critical  service.http" "status 503" \
		"unknown   service.tcp"
	[ "$took" -lt 3000 ]
}

@test "a command that ignores SIGTERM and leaves children is ended with all of them" {
	ask 2 "command = /bin/sh -c sleep\${IFS}77.$port&trap\${IFS}''\${IFS}TERM&&sleep\${IFS}78.$port" \
		"user = $user" "timeout = 1"
	assert_output_has "did not end in time"
	run pgrep -f "^sleep 7[78].$port"
	[ "$output" = "" ]
	# Also where it ends in time, and is well.
	ask 0 "command = /bin/sh -c sleep\${IFS}79.$port&exit\${IFS}0" "user = $user"
	run pgrep -f "^sleep 79.$port"
	[ "$output" = "" ]
}

@test "a check that is killed leaves no command behind" {
	printf '%s\n' '[service]' "command = /bin/sleep 76.$port" "user = $user" "timeout = 60" >"$config"
	check-health --root "$root" --only service.command 3>&- &
	checker=$!
	wait_until pgrep -f "^/bin/sleep 76.$port"
	kill -KILL "$checker"
	wait "$checker" || :
	gone() { ! pgrep -f "^/bin/sleep 76.$port"; }
	wait_until gone
}

@test "a service that says more than anybody reads is judged by its status" {
	ask 0 "http = http://127.0.0.1:$port/body"
	ask 2 "http = http://127.0.0.1:$port/headers" "timeout = 1"
	ask 2 "command = /usr/bin/yes" "user = $user" "timeout = 1"
	assert_output_has "/usr/bin/yes did not end in time"
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
