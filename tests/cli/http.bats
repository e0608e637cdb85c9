#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016 # names are of web.bash; $ is for nginx
# The HTTP client against real servers, good and bad.

setup_file() {
	load lib
	load web
	head -c 3000000 /dev/urandom >"$BATS_FILE_TMPDIR/data"
	cp "$BATS_FILE_TMPDIR/data" "$BATS_FILE_TMPDIR/data.tar.gz"
	start_bad_server "$BATS_FILE_TMPDIR/data"
	start_nginx "$BATS_FILE_TMPDIR" '
		location /data { max_ranges 1; }
		location /whole { alias '"$BATS_FILE_TMPDIR"'/data; max_ranges 0; }
		location /throttled { alias '"$BATS_FILE_TMPDIR"'/data; limit_rate 4m; }
		location /secret { alias '"$BATS_FILE_TMPDIR"'/data;
			auth_basic x; auth_basic_user_file '"$BATS_FILE_TMPDIR"'/htpasswd; }
		location /elsewhere { return 307 https://localhost:$server_port/data; }
		location /plain { return 302 http://localhost:$server_port/data; }'
	printf 'me:%s\n' "$(openssl passwd -apr1 secret)" >"$BATS_FILE_TMPDIR/htpasswd"
}

teardown_file() {
	load web
	stop_servers
}

setup() {
	load lib
	load web
	data=$BATS_FILE_TMPDIR/data
	out=$BATS_TEST_TMPDIR/out
	PATH=$build/tests/helpers:$PATH
}

# From the bad server, from nginx.
bad() {
	run timeout 60 http_client plain=127.0.0.1 max=4000000 out="$out" "$@"
}
good() {
	run timeout 60 http_client ca="$web_dir/cert.pem" max=4000000 out="$out" "$@"
}

# requests PATH - how many the bad server got for it.
requests() {
	grep -cF "\"$1\"" "$bad_log"
}

# same OFFSET LEN - that the output has these bytes of the data.
same() {
	cmp -n "$2" -i "$1" "$out" "$data"
}

# --- nginx ---

@test "a file comes whole over TLS with the host's own authority" {
	good download "$web/data"
	[ "$status" -eq 0 ]
	cmp "$out" "$data"
}

@test "without that authority nothing is asked, and nothing tried again" {
	run http_client out="$out" download "$web/data?strange"
	[ "$status" -eq 3 ]
	[[ "$output" == *certificate* ]]
	run ! grep -q strange "$web_dir/log/access"
}

@test "ranges are fetched, and no byte more" {
	good download "$web/data?ranges" 0+1000 500000+70000 2999999+1
	[ "$status" -eq 0 ]
	[[ "$output" == *"given 71001"* ]]
	same 0 1000
	same 500000 70000
	same 2999999 1
	[ "$(grep -c '?ranges 206' "$web_dir/log/access")" -eq 3 ]
}

@test "a server without ranges gives all" {
	good download "$web/whole" 10+1000 500000+70000
	[ "$status" -eq 0 ]
	cmp "$out" "$data"
	[ "$(grep -c '/whole 200' "$web_dir/log/access")" -eq 2 ]
}

@test "a throttled server is waited for" {
	good download "$web/throttled"
	[ "$status" -eq 0 ]
	cmp "$out" "$data"
}

@test "a password is asked for, and taken" {
	good get "$web/secret"
	[ "$status" -eq 3 ]
	[[ "$output" == *"status 401"*'challenge Basic realm="x"'* ]]
	good auth="Basic $(printf me:secret | base64)" get "$web/secret"
	[ "$status" -eq 0 ]
	[[ "$output" != *"$(printf me:secret | base64)"* ]]
}

@test "a redirect to https is followed, one to http is not" {
	good download "$web/elsewhere"
	[ "$status" -eq 0 ]
	cmp "$out" "$data"
	good plain=localhost get "$web/plain"
	[ "$status" -eq 3 ]
	[[ "$output" == *"from https to http"* ]]
}

# --- ranges ---

@test "416 or 501 to a range: all of it" {
	for code in 416 501; do
		bad download "$bad/refuses?status=$code" 100+1000
		[ "$status" -eq 0 ]
		cmp "$out" "$data"
	done
}

@test "one range alone is cut out of all where the server has no ranges" {
	for path in norange 'refuses?status=416' 'refuses?status=501'; do
		bad cut=1 download "$bad/$path" 1000000+5000
		[ "$status" -eq 0 ]
		[[ "$output" == *"given 5000"* ]]
		same 1000000 5000
	done
}

@test "another range than the one asked for, or one that nobody asked for" {
	bad download "$bad/otherrange" 100+1000
	[ "$status" -eq 3 ]
	bad download "$bad/unasked"
	[ "$status" -eq 3 ]
	[[ "$output" == *"another range"*  ]]
}

@test "a file of another size than it must have is refused before a byte of it" {
	bad size=2999999 download "$bad/file"
	[ "$status" -eq 3 ]
	[[ "$output" == *"given 0"*"must be 2999999"* ]]
}

# --- bodies ---

@test "20 cuts at random offsets: it finishes and moves no byte twice" {
	bad download "$bad/cut?times=20"
	[ "$status" -eq 0 ]
	[[ "$output" == *"given 3000000"* ]]
	cmp "$out" "$data"
	[ "$(requests '/cut?times=20')" -eq 21 ]
	[ "$(grep -F '/cut?times=20' "$bad_log" | grep -c '"if_range": "')" -eq 20 ]
}

@test "cuts of parallel ranges" {
	bad download "$bad/cut?times=3" 0+1000000 1000100+1000000 2000200+999000
	[ "$status" -eq 0 ]
	same 0 1000000
	same 1000100 1000000
	same 2000200 999000
}

@test "a file that changes between two requests" {
	bad download "$bad/changing"
	[ "$status" -eq 3 ]
	[[ "$output" == *"changed while it was fetched"* ]]
}

@test "a body shorter than announced, after the last try" {
	bad download "$bad/short"
	[ "$status" -eq 3 ]
	[ "$(requests /short)" -eq 5 ]
}

@test "an endless body ends at the limit" {
	bad download "$bad/endless"
	[ "$status" -eq 5 ]
	[[ "$output" == *"more than 4000000 bytes"* ]]
	bad max=100 get "$bad/file"
	[ "$status" -eq 5 ]
}

@test "a body of exactly the limit passes, one byte less does not" {
	bad max=3000000 get "$bad/file"
	[ "$status" -eq 0 ]
	bad max=2999999 get "$bad/file"
	[ "$status" -eq 5 ]
}

@test "drops and silence are a stall" {
	bad stall=1 get "$bad/slow"
	[ "$status" -eq 3 ]
	[[ "$output" == *"too slow"* ]]
	bad stall=1 get "$bad/silent"
	[ "$status" -eq 3 ]
}

@test "the deadline ends everything" {
	bad deadline=1000 get "$bad/slow?deadline"
	[ "$status" -eq 5 ]
	[[ "$output" == *"deadline of 1 s"* ]]
}

@test "an encoded body is refused, unless the file itself is one" {
	for path in coded transfercoded; do
		bad get "$bad/$path"
		[ "$status" -eq 3 ]
		[[ "$output" == *"encoded as 'gzip"* ]]
	done
}

# --- heads ---

@test "a flood of headers" {
	for flood in 'lines=100&size=1000' 'lines=300&size=1' 'lines=1&size=200000'; do
		bad get "$bad/flood?$flood"
		[ "$status" -eq 5 ]
		[[ "$output" == *"head of the server's answer"* ]]
	done
}

@test "5 redirects are followed, 6 and a loop are not" {
	bad get "$bad/hops?n=5"
	[ "$status" -eq 0 ]
	for path in 'hops?n=6' loop; do
		bad get "$bad/$path"
		[ "$status" -eq 3 ]
		[[ "$output" == *"more than 5 times"* ]]
	done
}

@test "redirects to another scheme, a host without TLS, and a user are refused" {
	for to in file:///etc/passwd ftp://127.0.0.1/x http://localhost/x https://u:p@127.0.0.1/; do
		bad get "$bad/redirect?to=$to"
		[ "$status" -eq 3 ]
		[[ "$output" == *"where we do not go"* ]]
	done
}

@test "a redirect from outside does not lead inside" {
	for to in 127.0.0.1 localhost 10.1.2.3 169.254.169.254 192.168.1.1 '[::1]' 0x7f.1 2130706433; do
		bad proxy="$bad" plain=outside.example plain="${to//[\[\]]}" plain=127.0.0.1 \
			get "http://outside.example/redirect?to=http://$to/file"
		[ "$status" -eq 3 ]
		[[ "$output" == *"an address inside"* ]]
	done
	bad proxy="$bad" plain=outside.example plain=other.example \
		get "http://outside.example/redirect?to=http://other.example/file"
	[ "$status" -eq 0 ]
}

@test "a redirect from another address does not lead to loopback" {
	address=$(hostname -I | tr ' ' '\n' | grep -E '^[0-9.]+$' | head -n 1) || true
	[ -n "$address" ] || skip "this host has no other address"
	python3 "$BATS_TEST_DIRNAME/bad_server.py" "$data" "$BATS_TEST_TMPDIR/log" \
		"$address" >"$BATS_TEST_TMPDIR/port" 3>&- &
	echo "$!" >>"$BATS_FILE_TMPDIR/servers"
	wait_for_server "$!" /dev/null test -s "$BATS_TEST_TMPDIR/port"
	near=http://$address:$(cat "$BATS_TEST_TMPDIR/port")
	: >"$bad_log"
	for to in "$bad" "${bad/127.0.0.1/localhost}"; do
		bad plain="$address" plain=localhost get "$near/redirect?to=$to/file"
		[ "$status" -eq 3 ]
		[[ "$output" == *"an address inside"* ]]
	done
	[ ! -s "$bad_log" ]
	bad plain="$address" get "$near/redirect?to=/file"
	[ "$status" -eq 0 ]
	bad plain="$address" get "$bad/redirect?to=$near/file"
	[ "$status" -eq 0 ]
}

@test "a form is never redirected" {
	bad post "$bad/redirect?to=/file"
	[ "$status" -eq 3 ]
	[[ "$output" == *"form with credentials"* ]]
}

@test "a Location is given and used as it came" {
	bad stop=1 get "$bad/redirect?to=http://127.0.0.1/a%2525%2520b%253fsig=%252f%252F"
	[ "$status" -eq 0 ]
	[[ "$output" == *"location http://127.0.0.1/a%25%20b%3fsig=%2f%2F"* ]]
	bad get "$bad/redirect?to=/file%253fsig=%252f%252F%26x=/../y"
	grep -qF '"/file%3fsig=%2f%2F&x=/../y"' "$bad_log"
}

@test "storage is asked without the token, and again for a signature that expired" {
	bad auth="Bearer tok" download "$bad/asset?id=1&uses=3" 0+1000 100000+1000 \
		200000+1000 300000+1000 400000+1000 500000+1000
	[ "$status" -eq 0 ]
	[ "$(grep -F /storage "$bad_log" | grep -c tok)" -eq 0 ]
	[ "$(requests '/asset?id=1&uses=3')" -lt 6 ]
}

# --- once more ---

@test "a server that is out of breath is asked again" {
	for code in 408 425 429 500 502 503 504; do
		bad get "$bad/status?status=$code&times=2"
		[ "$status" -eq 0 ]
		[ "$(requests "/status?status=$code&times=2")" -eq 3 ]
	done
	bad get "$bad/status?status=503&again"
	[ "$status" -eq 3 ]
	[ "$(requests '/status?status=503&again')" -eq 5 ]
	[[ "$output" == *"status 503: no ?[31m such luck"* ]]
}

@test "Retry-After is honoured, and said; too long a wait is none" {
	bad get "$bad/status?status=429&times=1&after=1"
	[ "$status" -eq 0 ]
	[[ "$output" == *"asks to wait 1 s"* ]]
	bad get "$bad/status?status=503&after=121"
	[ "$status" -eq 3 ]
	[ "$(requests '/status?status=503&after=121')" -eq 1 ]
}

@test "other refusals are final" {
	for code in 400 401 403 404 405 409 410 501; do
		bad get "$bad/status?status=$code"
		[ "$status" -eq 3 ]
		[ "$(requests "/status?status=$code")" -eq 1 ]
	done
}

@test "nobody listens" {
	bad get http://127.0.0.1:1/
	[ "$status" -eq 3 ]
	[[ "$output" == *"127.0.0.1:1"* ]]
}

@test "no query of an address is shown" {
	bad get "$bad/nothing?sig=canary"
	[ "$status" -eq 3 ]
	[[ "$(grep error <<<"$output")" != *canary* ]]
}
