#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of oci.bash and github.bash
# Canaries: secrets that each command is given, and that nothing of what it
# leaves may hold: what it prints, journal, lockfile, every other file, the
# arguments and variables of its children, a core.

json_canary='canary"quote\and+more'

setup_file() {
	load lib
	load oci
	work=$BATS_FILE_TMPDIR
	htpasswd -Bbn u canary-registry-password >"$work/htpasswd"
	htpasswd -Bbn j "$json_canary" >>"$work/htpasswd"
	start_registry basic "auth: {htpasswd: {realm: r, path: $work/htpasswd}}"
	python3 "$BATS_TEST_DIRNAME/echoing_server.py" "$work/shown" >"$work/echo" 3>&- &
	echo "$!" >>"$work/servers"
	wait_for_server "$!" /dev/null test -s "$work/echo"
	make_tree "$work/src"
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	hidden=0
	load lib
	load oci
	load github
	work=$BATS_FILE_TMPDIR
	unset DOCKER_CONFIG REGISTRY_AUTH_FILE XDG_RUNTIME_DIR GITHUB_TOKEN GH_TOKEN
	unset OCI_REGISTRY OCI_ORG OCI_REPO PACK_VERSION PACKS_DIR OUT_DIR DRY_RUN
	export HOME=$BATS_TEST_TMPDIR/home
	# What a command may leave lies in here, what it was given beside it.
	left=$BATS_TEST_TMPDIR/left
	given=$BATS_TEST_TMPDIR/given
	mkdir -p "$HOME" "$left" "$given"
	(umask 077 && echo u:canary-registry-password >"$given/pair")
	echoing=127.0.0.1:$(cat "$work/echo")
	cd "$left" || return
}

# under CANARY COMMAND... - run it, children and all traced; then neither what
# it printed, nor what it started, nor what it left has the canary, in any
# spelling.  Sets $status and $output.
under() {
	local canary=$1
	shift
	run strace -E ASAN_OPTIONS=detect_leaks=0 -f -qq -v -s 65536 -e trace=execve \
		-o "$BATS_TEST_TMPDIR/started" "$@" </dev/null
	unwritten "$canary"
}

# unwritten CANARY - $output and what is left are searched.
unwritten() {
	local canary=$1 spelling
	echo "$output"
	printf '%s\n' "$output" >"$left/printed"
	# The first line is the command itself, whose variables are its caller's.
	[ ! -e "$BATS_TEST_TMPDIR/started" ] ||
		sed 1d "$BATS_TEST_TMPDIR/started" >"$left/started"
	for spelling in "$canary" "$(printf '%s' "$canary" | base64 -w 0 | tr -d =)" \
		"$(printf 'u:%s' "$canary" | base64 -w 0 | tr -d =)" \
		"${canary//+/%2B}"; do
		if grep -raF -- "$spelling" "$left"; then
			return 1
		fi
	done
}

make_packs() {
	mkdir -p packs/one bin
	echo data >packs/one/data
	# A build that shows what it sees.
	printf '#!/bin/sh\nenv\ncat /proc/$PPID/environ\nmkdir -p "$OUT_DIR"; echo pack >"$OUT_DIR/one.gtpack"\n' >packs/one/build
	chmod 755 packs/one/build
	printf '[publish]\nbuild = ./build\n' >packs/one/package.ini
}

@test "the password of a registry, from a file" {
	under canary-registry-password package-release login "$registry_basic" --token-file "$given/pair"
	[ "$status" -eq 0 ]
}

@test "the password of a registry, from the standard input" {
	run package-release login "$registry_basic" -u u --password-stdin <<<canary-registry-password
	[ "$status" -eq 0 ]
	unwritten canary-registry-password
}

@test "a publication: output, journal, lockfile, builds" {
	make_packs
	under canary-registry-password package-release publish --version 1.0.0 \
		--to "oci://$registry_basic/acme/packs" --token-file "$given/pair"
	[ "$status" -eq 0 ]
	[ -s packs.lock.json ]
	mkdir "$HOME/.docker"
	package-release login "$registry_basic" --token-file "$given/pair" >/dev/null
	under canary-registry-password package-release lock verify packs.lock.json
	[ "$status" -eq 0 ]
}

@test "a publication that fails leaves a journal without a secret" {
	make_packs
	under canary-other-password package-release publish --version 1.0.0 \
		--to "oci://$registry_basic/acme/packs" --token-file <(echo u:canary-other-password)
	[ "$status" -ne 0 ]
}

@test "a helper sees no secret but its own" {
	mkdir -p "$HOME/.docker" "$given/bin"
	echo "{\"credHelpers\": {\"$registry_basic\": \"test\"}}" >"$HOME/.docker/config.json"
	cat >"$given/bin/docker-credential-test" <<-EOF
		#!/bin/sh
		{ echo "\$@"; env; } >>"$left/helper"
		echo '{"Username": "u", "Secret": "canary-registry-password"}'
	EOF
	chmod 755 "$given/bin/docker-credential-test"
	make_packs
	export COSIGN_PASSWORD=canary-cosign-password GITHUB_TOKEN=canary-github-token \
		AWS_SECRET_ACCESS_KEY=canary-aws-key PATH=$given/bin:$PATH
	under canary-registry-password package-release publish --version 1.0.0 \
		--to "oci://$registry_basic/acme/helped"
	[ "$status" -eq 0 ]
	[ -s "$left/helper" ]
	run ! grep -ra canary- "$left"
}

@test "GitHub's token, from the environment" {
	start_github
	behave '{"token": "canary-github-token"}'
	make_packs
	GITHUB_TOKEN=canary-github-token GITHUB_API_URL=$api under canary-github-token \
		package-release publish --version 1.0.0 --to github://acme/tool
	stop_github
	[ "$status" -eq 0 ]
}

@test "GitHub's token, which is refused" {
	start_github
	behave '{"token": "another"}'
	make_packs
	GITHUB_TOKEN=canary-github-token GITHUB_API_URL=$api under canary-github-token \
		package-release publish --version 1.0.0 --to github://acme/tool
	stop_github
	[ "$status" -ne 0 ]
	[[ $(cat "$left/printed") == *"refuses the token"* ]]
}

@test "a server that says back what it was shown" {
	(umask 077 && echo "u:canary/with+more" >"$given/echo")
	under "canary/with+more" package-release login "$echoing" --token-file "$given/echo"
	[ "$status" -eq 3 ]
	grep -qF "u:canary/with+more" "$work/shown"
	[[ $(cat "$left/printed") == *"***"* ]]
	make_packs
	under "canary/with+more" package-release publish --version 1.0.0 \
		--to "oci://$echoing/acme/packs" --token-file "$given/echo"
	[[ $(cat "$left/printed") == *"***"* ]]
}

# no_part CANARY - no eight letters of it in a row were printed.  Counts in
# $hidden how often something was hidden.
no_part() {
	local i
	[[ $(cat "$left/printed") != *"***"* ]] || hidden=$((hidden + 1))
	for ((i = 0; i + 8 <= ${#1}; i++)); do
		if grep -F -- "${1:i:8}" "$left/printed"; then
			return 1
		fi
	done
}

@test "a server that says it back where messages are cut" {
	canary=QwErTyUiOpAsDfGhJkLzXcVbNm0123456789
	(umask 077 && echo "u:$canary" >"$given/echo")
	for _ in $(seq 30); do
		under "$canary" package-release login "$echoing" --token-file "$given/echo"
		[ "$status" -eq 3 ]
		no_part "$canary"
	done
	[ "$hidden" -gt 0 ]
}

@test "a server that says it back where a page is cut" {
	canary=$(head -c 150 /dev/urandom | base64 -w 0)
	(umask 077 && echo "u:$canary" >"$given/echo")
	for _ in $(seq 10); do
		under "$canary" package-release login "$echoing" --token-file "$given/echo"
		[ "$status" -eq 3 ]
		no_part "$canary"
	done
	[ "$hidden" -gt 0 ]
}

@test "a server that says back the token that it gave" {
	(umask 077 && echo u:canary-registry-password >"$given/echo")
	make_packs
	for _ in $(seq 8); do
		under canary-token-of-the-service package-release publish --version 1.0.0 \
			--to "oci://$echoing/bearer/packs" --token-file "$given/echo"
		[ "$status" -ne 0 ]
		no_part canary-token-of-the-service
	done
	grep -qxF canary-token-of-the-service "$work/shown"
	[ "$hidden" -gt 0 ]
}

@test "a secret that JSON has to escape" {
	(umask 077 && printf 'j:%s\n' "$json_canary" >"$given/j")
	jq -n --arg name "$json_canary" --arg ref "$registry_basic/acme/none:1" \
		--arg digest "sha256:$(printf '%064d' 0)" \
		'{packs: [{$name, file: "", $ref, $digest}]}' >"$given/lock"
	under "$json_canary" package-release lock verify --json \
		--token-file "$registry_basic=$given/j" "$given/lock"
	[ "$status" -eq 1 ]
	run ! grep -raF -- 'quote\\and' "$left"
	grep -qF '"name":"***"' <(tr -d ' ' <"$left/printed")
}

@test "the passwords of keys" {
	(umask 077 && echo canary-key-password >"$given/password")
	under canary-key-password package-release keygen --output "$left/key" --password-file "$given/password"
	under canary-key-password package-release bundle --app shop --version 1.0.0 --payload "$work/src" \
		--out "$left/dist" --key "$left/key" --password-file "$given/password" --profile dev
	under canary-key-password package-release attest --key "$left/key" --password-file "$given/password" \
		--builder https://example.org/ "$left/dist/1.0.0"
	[ -s "$left/dist/1.0.0/attestation.intoto.jsonl" ]
	COSIGN_PASSWORD=canary-key-password under canary-key-password package-release keygen --type cosign --output "$left/cosign.key"
	COSIGN_PASSWORD=canary-key-password under canary-key-password package-release sign --cosign-key "$left/cosign.key" "$left/dist/1.0.0"
	[ -s "$left/dist/1.0.0/release.ini.1.sigstore.json" ]
}

@test "killed by a fault, it leaves no core" {
	ulimit -c unlimited
	mkfifo "$given/pipe"
	package-release login "$registry_basic" -u u --password-stdin <"$given/pipe" 2>/dev/null 3>&- &
	pid=$!
	exec 9>"$given/pipe"
	printf 'canary-registry-password' >&9
	for _ in $(seq 200); do
		grep -q 'Max core file size *0 *0 ' "/proc/$pid/limits" && break
		sleep 0.02
	done
	kill -SEGV "$pid"
	wait "$pid" || true
	exec 9>&-
	[ -z "$(find "$left" -name 'core*')" ]
}
