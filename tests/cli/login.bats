#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of the files that are loaded
# login and logout, and where credentials come from: Debian's docker-registry,
# with htpasswd and with tokens, and a helper.

setup_file() {
	load lib
	load oci
	start_tokens
	htpasswd -Bbn u p >"$BATS_FILE_TMPDIR/htpasswd"
	start_registry open
	start_registry basic "auth: {htpasswd: {realm: r, path: $BATS_FILE_TMPDIR/htpasswd}}"
	start_registry token "$tokens_auth"
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load lib
	load oci
	unset DOCKER_CONFIG REGISTRY_AUTH_FILE XDG_RUNTIME_DIR GITHUB_TOKEN GH_TOKEN
	export HOME=$BATS_TEST_TMPDIR/home
	mkdir "$HOME"
	file=$HOME/.docker/config.json
}

# log_in REGISTRY [OPTION...] - as u, with the password p.
log_in() {
	run --separate-stderr package-release login "$@" -u u --password-stdin <<<p
}

# refused STATUS TEXT...
refused() {
	[ "$status" -eq "$1" ]
	output=$output$stderr
	assert_output_has "${@:2}"
}

@test "a login is checked, and kept in a file of our own alone" {
	log_in "$registry_basic"
	[ "$status" -eq 0 ]
	assert_output_has "logged in to $registry_basic as u" "'$file'"
	[ "$(stat -c %a "$file")" = 600 ]
	[ "$(stat -c %a "${file%/*}")" = 700 ]
	[ "$(jq -r ".auths.\"$registry_basic\".auth" "$file" | base64 -d)" = u:p ]
}

@test "a login at a registry with tokens" {
	log_in "http://$registry_token/"
	[ "$status" -eq 0 ]
	[ "$(jq -r ".auths.\"$registry_token\".auth" "$file" | base64 -d)" = u:p ]
}

@test "a wrong password is refused, and nothing is kept" {
	run --separate-stderr package-release login "$registry_basic" -u u --password-stdin <<<wrong-secret
	refused 3 "logging in to $registry_basic" 401 "'u'"
	[[ $output != *wrong-secret* ]]
	[ ! -e "$file" ]
}

@test "a registry that asks for nothing is warned of" {
	log_in "$registry_open"
	[ "$status" -eq 0 ]
	[[ $stderr == *"asks nobody for credentials"* ]]
}

@test "what is no registry" {
	log_in ghcr
	refused 2 "'ghcr' is no registry"
	log_in ghcr.io/acme
	refused 2 "'ghcr.io/acme' is no registry"
	log_in GHCR..io
	refused 2 "GHCR..io"
}

@test "a password on the command line is refused" {
	run --separate-stderr package-release login "$registry_basic" -u u -p p
	refused 2 "everybody can read a command line" "--password-stdin"
}

@test "a password must come from somewhere, and be somebody's" {
	run --separate-stderr package-release login "$registry_basic" -u u
	refused 2 "--password-stdin"
	run --separate-stderr package-release login "$registry_basic" --password-stdin <<<p
	refused 2 "give -u USER"
	run --separate-stderr package-release login "$registry_basic" -u u --password-stdin </dev/null
	refused 2 "the standard input is empty"
	run --separate-stderr package-release login "$registry_basic" -u u --password-stdin <<<$'one\ntwo'
	refused 2 "not one printable line"
	run --separate-stderr package-release login "$registry_basic" -u u:v --password-stdin <<<p
	refused 2 "holds no colon"
}

@test "a file with the password must be ours alone" {
	echo u:p >"$BATS_TEST_TMPDIR/secret"
	chmod 644 "$BATS_TEST_TMPDIR/secret"
	run --separate-stderr package-release login "$registry_basic" --token-file "$BATS_TEST_TMPDIR/secret"
	refused 4 "chmod 600"
	chmod 600 "$BATS_TEST_TMPDIR/secret"
	run package-release login "$registry_basic" --token-file "$BATS_TEST_TMPDIR/secret"
	[ "$status" -eq 0 ]
}

@test "what others wrote into the file stays" {
	mkdir -p "${file%/*}"
	cat >"$file" <<-'EOF'
		{"HttpHeaders": {"X": "y"}, "auths": {"ghcr.io": {"auth": "YTpi", "email": "e"}},
		 "psFormat": "table {{.ID}}", "plugins": {"debug": {"hooks": 1.5}}, "n": 12345678901234}
	EOF
	cp "$file" "$BATS_TEST_TMPDIR/before"
	log_in "$registry_basic"
	[ "$status" -eq 0 ]
	jq -S "del(.auths.\"$registry_basic\")" "$file" >"$BATS_TEST_TMPDIR/now"
	jq -S . "$BATS_TEST_TMPDIR/before" | diff - "$BATS_TEST_TMPDIR/now"
	run package-release logout "$registry_basic"
	[ "$output" = "logged out of $registry_basic" ]
	jq -S . "$file" >"$BATS_TEST_TMPDIR/now"
	jq -S . "$BATS_TEST_TMPDIR/before" | diff - "$BATS_TEST_TMPDIR/now"
	[ "$(jq -c 'keys_unsorted' "$file")" = "$(jq -c 'keys_unsorted' "$BATS_TEST_TMPDIR/before")" ]
}

@test "a file that does not parse is left as it is" {
	mkdir -p "${file%/*}"
	echo '{"auths": {' >"$file"
	log_in "$registry_basic"
	refused 5 "'$file'" "not JSON"
	[ "$(cat "$file")" = '{"auths": {' ]
}

@test "DOCKER_CONFIG and REGISTRY_AUTH_FILE name other files, and links are followed" {
	mkdir "$BATS_TEST_TMPDIR/d"
	DOCKER_CONFIG=$BATS_TEST_TMPDIR/d log_in "$registry_basic"
	[ -s "$BATS_TEST_TMPDIR/d/config.json" ]
	ln -s d/config.json "$BATS_TEST_TMPDIR/auth.json"
	REGISTRY_AUTH_FILE=$BATS_TEST_TMPDIR/auth.json log_in "$registry_token"
	[ -L "$BATS_TEST_TMPDIR/auth.json" ]
	[ "$(jq '.auths | length' "$BATS_TEST_TMPDIR/d/config.json")" = 2 ]
	[ ! -e "$file" ]
}

@test "logout where nobody is logged in" {
	run package-release logout ghcr.io
	[ "$status" -eq 0 ]
	assert_output_has "not logged in to ghcr.io"
	[ ! -e "$file" ]
}

# A helper that keeps what it is given in a file, and notes how it was called.
make_helper() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/docker-credential-test" <<-EOF
		#!/bin/sh
		echo "\$@" >>"$BATS_TEST_TMPDIR/calls"
		env >>"$BATS_TEST_TMPDIR/helper-env"
		case \$1 in
		store) cat >"$BATS_TEST_TMPDIR/kept" ;;
		get) cat >/dev/null; cat "$BATS_TEST_TMPDIR/kept" ;;
		erase) cat >"$BATS_TEST_TMPDIR/erased"; rm -f "$BATS_TEST_TMPDIR/kept" ;;
		esac
	EOF
	chmod 755 "$BATS_TEST_TMPDIR/bin/docker-credential-test"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	mkdir -p "${file%/*}"
	echo "{\"credHelpers\": {\"$registry_basic\": \"test\"}}" >"$file"
}

@test "a helper keeps the password where the file names one" {
	make_helper
	cp "$file" "$BATS_TEST_TMPDIR/before"
	GITHUB_TOKEN=canary-token log_in "$registry_basic"
	[ "$status" -eq 0 ]
	assert_output_has "docker-credential-test keeps the password"
	cmp "$file" "$BATS_TEST_TMPDIR/before"
	[ "$(jq -c . "$BATS_TEST_TMPDIR/kept")" = "{\"ServerURL\":\"$registry_basic\",\"Username\":\"u\",\"Secret\":\"p\"}" ]
	run ! grep -q canary-token "$BATS_TEST_TMPDIR/helper-env"
	run package-release logout "$registry_basic"
	[ "$status" -eq 0 ]
	[ "$(cat "$BATS_TEST_TMPDIR/erased")" = "$registry_basic" ]
}

@test "what podman keeps is replaced there, as it is found first, and goes with a logout" {
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	auth=$XDG_RUNTIME_DIR/containers/auth.json
	mkdir -p "${auth%/*}"
	log_in "$registry_basic"
	[ -s "$file" ]
	[ ! -e "$auth" ]
	echo "{\"auths\": {\"$registry_basic\": {\"auth\": \"$(echo -n u:old | base64)\"}, \"ghcr.io\": {\"auth\": \"YTpi\"}}}" >"$auth"
	cp "$file" "$BATS_TEST_TMPDIR/before"
	log_in "$registry_basic"
	[ "$status" -eq 0 ]
	assert_output_has "'$auth' keeps the password"
	[ "$(jq -r ".auths.\"$registry_basic\".auth" "$auth" | base64 -d)" = u:p ]
	[ "$(stat -c %a "$auth")" = 600 ]
	cmp "$file" "$BATS_TEST_TMPDIR/before"
	run package-release logout "$registry_basic"
	[ "$output" = "logged out of $registry_basic" ]
	run ! grep -F "$registry_basic" "$auth" "$file"
	[ "$(jq -r '.auths."ghcr.io".auth' "$auth")" = YTpi ]
	run package-release logout "$registry_basic"
	[ "$output" = "not logged in to $registry_basic" ]
}

@test "a password that was in the file does not stand before the helper's" {
	make_helper
	jq ". + {credsStore: \"test\", auths: {\"$registry_basic\": {auth: \"$(echo -n u:old | base64)\"}, \"ghcr.io\": {}}, psFormat: \"x\"}
		| del(.credHelpers)" "$file" >"$file.new"
	mv "$file.new" "$file"
	log_in "$registry_basic"
	[ "$status" -eq 0 ]
	assert_output_has "docker-credential-test keeps the password"
	[ "$(jq -c . "$file")" = '{"credsStore":"test","auths":{"ghcr.io":{}},"psFormat":"x"}' ]
	[ "$(stat -c %a "$file")" = 600 ]
	[ "$(jq -r .Secret "$BATS_TEST_TMPDIR/kept")" = p ]
}

@test "a helper that has nothing to forget" {
	make_helper
	printf '#!/bin/sh\necho "credentials not found in native keychain"\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/docker-credential-test"
	run package-release logout "$registry_basic"
	[ "$status" -eq 0 ]
	[ "$output" = "not logged in to $registry_basic" ]
}

@test "a helper that fails, is missing, or has no name for a program" {
	make_helper
	printf '#!/bin/sh\necho the store is locked\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/docker-credential-test"
	log_in "$registry_basic"
	refused 7 "docker-credential-test store did not succeed" "the store is locked"
	rm "$BATS_TEST_TMPDIR/bin/docker-credential-test"
	log_in "$registry_basic"
	refused 2 "docker-credential-test" "in no folder of PATH"
	echo '{"credsStore": "../../bin/sh"}' >"$file"
	log_in "$registry_basic"
	refused 5 "the name of a helper"
}

@test "a helper that says too much, and one that leaves somebody behind" {
	make_helper
	printf '#!/bin/sh\nhead -c 100000 /dev/zero\n' >"$BATS_TEST_TMPDIR/bin/docker-credential-test"
	log_in "$registry_basic"
	refused 5 "docker-credential-test store"
	printf '#!/bin/sh\ncat >/dev/null\nsleep 600 &\n' >"$BATS_TEST_TMPDIR/bin/docker-credential-test"
	run timeout 20 package-release login "$registry_basic" -u u --password-stdin <<<p
	[ "$status" -eq 0 ]
}

@test "no core dump, and nobody reads our memory" {
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	package-release login "$registry_basic" -u u --password-stdin \
		<"$BATS_TEST_TMPDIR/pipe" 3>&- &
	exec 9>"$BATS_TEST_TMPDIR/pipe"
	limits=
	for _ in $(seq 200); do
		limits=$(grep 'Max core file size' "/proc/$!/limits" || true)
		[[ $limits != *' 0 '*' 0 '* ]] || break
		sleep 0.02
	done
	[[ $limits == *' 0 '*' 0 '* ]]
	owner=$(stat -c %u "/proc/$!/environ")
	echo p >&9
	exec 9>&-
	wait $!
	[ "$owner" = 0 ]
}

@test "a proxy is asked, but for loopback addresses and what NO_PROXY names" {
	HTTPS_PROXY=http://me:canary-proxy@127.0.0.1:1 log_in "$registry_basic"
	[ "$status" -eq 0 ]
	HTTPS_PROXY=http://me:canary-proxy@127.0.0.1:1 log_in registry.invalid
	[ "$status" -eq 3 ]
	[[ $stderr != *canary-proxy* ]]
	[[ $stderr == *proxy* || $stderr == *127.0.0.1* || $stderr == *onnect* ]]
	https_proxy=http://127.0.0.1:1 NO_PROXY=registry.invalid log_in registry.invalid
	[ "$status" -eq 3 ]
	[[ $stderr == *resolve* || $stderr == *"no such host"* || $stderr == *found* ]]
}
