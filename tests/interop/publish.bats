#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2030,SC2031 # bats' subshells; names of interop.bash
# What is pushed to real registries, read back by real clients; those that are
# not here are left out, saying so (scripts/interop-tools publish fetches them).
# distribution and the registries below with credentials: -basic (htpasswd),
# -token (tests/cli/oci_tokens.py).

load interop

type_manifest=application/vnd.oci.image.manifest.v1+json
type_gtpack=application/vnd.greentic.gtpack.v1+zip

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	PATH=$build/tests/helpers:$PATH
	head -c 3000000 /dev/urandom >large
	echo small >small
	echo evidence >evidence
	mkdir src
	cp large src
	package-release keygen --no-password --output key >/dev/null
	package-release bundle --app shop --version 1.0.0 --payload src --out dist \
		--profile dev --key key --quiet
	htpasswd -Bbn u p >users
	start_tokens
	for registry in docker distribution olareg zot docker-basic distribution-basic \
		zot-basic docker-token distribution-token; do
		start "$registry" || rm -f "$registry.host"
	done
}

teardown_file() {
	local pid
	while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done <"$BATS_FILE_TMPDIR/servers"
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	PATH=$build/tests/helpers:$PATH
	export DOCKER_CONFIG=$BATS_TEST_TMPDIR/docker
	unset REGISTRY_AUTH_FILE
}

# start_tokens - sets $tokens, what registries that take them are told.
start_tokens() {
	mkdir tokens
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tokens \
		-keyout tokens/key.pem -out tokens/cert.pem 2>/dev/null
	python3 "$BATS_TEST_DIRNAME/../cli/oci_tokens.py" "$PWD/tokens" \
		>tokens/port 2>tokens/err 3>&- &
	echo "$!" >>servers
	wait_for_server "$!" tokens/err test -s tokens/port
	tokens="{realm: \"http://127.0.0.1:$(cat tokens/port)/token\", service: test, issuer: tests, rootcertbundle: $PWD/tokens/cert.pem}"
}

# start NAME - a registry; its host:port goes to NAME.host.
start() {
	local port=$((10000 + RANDOM % 20000)) folder=$PWD/$1 auth=
	mkdir -p "$folder"
	echo "127.0.0.1:$port" >"$1.host"
	case $1 in
	*-basic) auth="auth: {htpasswd: {realm: r, path: $PWD/users}}" ;;
	*-token) auth="auth: {token: $tokens}" ;;
	esac
	cat >"$folder/registry.yml" <<-EOF
		version: 0.1
		log: {level: error, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $folder/store}}
		http: {addr: "127.0.0.1:$port", secret: x}
		$auth
	EOF
	# The zot that can be had here (1.4.3) fails when it collects garbage at
	# what has a subject.
	jq -n --arg root "$folder/store" --arg port "$port" --arg auth "$auth" \
		--arg users "$PWD/users" '{log: {level: "error"},
		storage: {rootDirectory: $root, gc: false},
		http: ({address: "127.0.0.1", port: $port} +
			if $auth == "" then {} else {auth: {htpasswd: {path: $users}}} end)}' \
		>"$folder/zot.json"
	case $1 in
	docker*) run_server docker-registry serve "$folder/registry.yml" ;;
	distribution*) run_server distribution serve "$folder/registry.yml" ;;
	olareg) run_server olareg serve --addr 127.0.0.1 --port "$port" --store-type mem ;;
	zot*) run_server zot serve "$folder/zot.json" ;;
	esac || return
	wait_for_server "$server" servers.log curl -s "http://127.0.0.1:$port/v2/"
}

run_server() {
	command -v "$1" >/dev/null || return
	OTEL_TRACES_EXPORTER=none "$@" >>servers.log 2>&1 3>&- &
	server=$!
	echo "$server" >>servers
}

# need PROGRAM...
need() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "no $program here"
	done
}

# on NAME - sets $host, or skips.
on() {
	[ -e "$1.host" ] || skip "no $1 here"
	host=$(cat "$1.host")
}

# push [NAME=VALUE...] COMMAND REFERENCE [FILE...] - sets $digest.
push() {
	run timeout 60 oci_push plain=127.0.0.1 "$@"
	echo "$output"
	[ "$status" -eq 0 ]
	digest=$(echo "$output" | sed -n 's/^manifest \(sha256:[0-9a-f]*\) .*/\1/p')
}

# read_back NAME - what was pushed has one digest to every client, and oras gives
# the files as they were.
read_back() {
	local out=$BATS_TEST_TMPDIR/out
	on "$1"
	need oras skopeo
	push type=$type_gtpack push "$host/acme/pack:1.2.3" large small
	[ "$(oras resolve --plain-http "$host/acme/pack:1.2.3")" = "$digest" ]
	oras pull --plain-http -o "$out" "$host/acme/pack:1.2.3"
	cmp "$out/large" large
	cmp "$out/small" small
	[ "sha256:$(skopeo inspect --raw --tls-verify=false "docker://$host/acme/pack:1.2.3" |
		sha256sum | cut -d ' ' -f 1)" = "$digest" ]
	! command -v crane ||
		[ "$(crane digest --insecure "$host/acme/pack:1.2.3")" = "$digest" ]
	! command -v regctl ||
		[ "$(regctl --host "reg=$host,tls=disabled" image digest "$host/acme/pack:1.2.3")" = "$digest" ]
}

# attached NAME - oras and regctl find what refers to an artifact.
attached() {
	local subject
	on "$1"
	need oras
	push push "$host/acme/subject:1" small
	subject=$digest
	push type=$type_gtpack attach "$host/acme/subject@$subject" evidence
	oras discover --plain-http --format json "$host/acme/subject:1" >found
	[ "$(jq -r '.referrers[].digest' found)" = "$digest" ]
	# zot 1.4.3 is older than artifactType, and lists the config's type.
	[ "$1" = zot ] || [ "$(jq -r '.referrers[].artifactType' found)" = "$type_gtpack" ]
	! command -v regctl ||
		regctl --host "reg=$host,tls=disabled" artifact list "$host/acme/subject:1" |
		grep -q "$digest"
	# And what oras attaches stays beside it.
	oras attach --plain-http --artifact-type application/x "$host/acme/subject:1" small
	push type=$type_gtpack attach "$host/acme/subject@$subject" large
	[ "$(oras discover --plain-http --format json "$host/acme/subject:1" |
		jq '.referrers | length')" -eq 3 ]
}

# seen_by_all REFERENCE DIGEST - each client that is here gives the same manifest.
seen_by_all() {
	local raw=$BATS_TEST_TMPDIR/raw registry=${1%%/*}
	oras manifest fetch --plain-http "$1" >"$raw"
	[ "sha256:$(sha256sum <"$raw" | cut -d ' ' -f 1)" = "$2" ]
	! command -v skopeo || skopeo inspect --raw --tls-verify=false "docker://$1" | cmp - "$raw"
	! command -v crane || {
		[ "$(crane digest --insecure "$1")" = "$2" ]
		crane manifest --insecure "$1" | cmp - "$raw"
	}
	! command -v regctl || {
		[ "$(regctl --host "reg=$registry,tls=disabled" manifest head "$1")" = "$2" ]
		regctl --host "reg=$registry,tls=disabled" manifest get --format raw-body "$1" |
			cmp - "$raw"
	}
}

# published NAME - a bundle by "publish": the digest that the dry run said, to
# every client; oras, crane and regctl give the parts as they are, and find the
# signature.
published() {
	local out=$BATS_TEST_TMPDIR/out lock=$BATS_TEST_TMPDIR/lock reference part
	on "$1"
	need oras
	reference=$host/acme/shop:1.0.0
	package-release publish --quiet --dry-run --key key.pub --lock "$lock.dry" \
		--to "oci://$host/acme/shop" dist/1.0.0/shop-1.0.0.tar.gz
	package-release publish --quiet --key key.pub --lock "$lock" \
		--to "oci://$host/acme/shop" dist/1.0.0/shop-1.0.0.tar.gz
	digest=$(jq -r '.packs[0].digest' "$lock")
	[ "$digest" = "$(jq -r '.packs[0].expected_digest' "$lock.dry")" ]
	seen_by_all "$reference" "$digest"
	oras pull --plain-http -o "$out" "$reference"
	for part in release.ini release.ini.minisig payload.tar.gz; do
		cmp "$out/$part" "dist/1.0.0/$part"
	done
	! command -v regctl ||
		regctl --host "reg=$host,tls=disabled" artifact get --file payload.tar.gz "$reference" |
		cmp - dist/1.0.0/payload.tar.gz
	! command -v crane ||
		crane blob --insecure "$host/acme/shop@sha256:$(sha256sum dist/1.0.0/release.ini |
			cut -d ' ' -f 1)" | cmp - dist/1.0.0/release.ini
	[ "$(oras discover --plain-http --format json "$reference" |
		jq -c '[.referrers[].digest] | sort')" = \
		"$(jq -c '[.packs[0].referrers[].digest] | sort' "$lock")" ]
	package-release lock verify "$lock"
}

# copied NAME - what skopeo, crane and regctl copy to another registry is the same.
copied() {
	on "$1"
	need oras skopeo
	local to reference=$host/acme/copied:1.0.0
	to=$(cat docker.host)/acme/from-$1
	package-release publish --quiet --key key.pub --lock "$BATS_TEST_TMPDIR/lock" \
		--to "oci://$host/acme/copied" dist/1.0.0/shop-1.0.0.tar.gz
	digest=$(jq -r '.packs[0].digest' "$BATS_TEST_TMPDIR/lock")
	skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false \
		"docker://$reference" "docker://$to:skopeo"
	[ "$(oras resolve --plain-http "$to:skopeo")" = "$digest" ]
	! command -v crane || {
		crane copy --insecure "$reference" "$to:crane"
		[ "$(oras resolve --plain-http "$to:crane")" = "$digest" ]
	}
	! command -v regctl || {
		regctl --host "reg=$host,tls=disabled" --host "reg=${to%%/*},tls=disabled" \
			image copy --referrers "$reference" "$to:regctl"
		[ "$(oras resolve --plain-http "$to:regctl")" = "$digest" ]
		[ "$(oras discover --plain-http --format json "$to:regctl" |
			jq '.referrers | length')" -eq 2 ]
	}
}

# signed NAME - cosign verifies what --cosign-key attached, by this key alone.
signed() {
	local key to kind
	on "$1"
	need cosign-3
	to=$host/acme/signed:1.0.0
	export COSIGN_PASSWORD=secret
	cd "$BATS_TEST_TMPDIR" || return
	cp -R "$BATS_FILE_TMPDIR/dist/1.0.0" release
	for key in theirs other; do
		cosign-3 generate-key-pair --output-key-prefix "$key" 2>/dev/null
	done
	package-release attest --quiet --cosign-key theirs.key --builder urn:x release
	package-release publish --quiet --key "$BATS_FILE_TMPDIR/key.pub" \
		--cosign-key theirs.key --to "oci://${to%:*}" release
	set -- --insecure-ignore-tlog --allow-http-registry --key theirs.pub
	cosign-3 verify "$@" "$to" | grep -q "$(jq -r '.packs[0].digest' packs.lock.json)"
	run ! cosign-3 verify "${@:1:2}" --key other.pub "$to"
	for kind in slsaprovenance1 cyclonedx; do
		cosign-3 verify-attestation "$@" --type "$kind" "$to" | jq -e .payload
		run ! cosign-3 verify-attestation "${@:1:2}" --key other.pub --type "$kind" "$to"
	done
	# cosign 2 wants to know a trusted root, though it does not use it here.
	root=$vectors/trust/production.trusted_root.json
	if command -v cosign-2 && [ -e "$root" ]; then
		cosign-2 verify --trusted-root "$root" "$@" "$to"
		cosign-2 verify-attestation --trusted-root "$root" "$@" --type slsaprovenance1 "$to"
	fi
}

# with_credentials NAME - publish by login, by a configuration, by a helper and by
# a file; nobody else.
with_credentials() {
	local number=0
	on "$1"
	mkdir -p packs/one "$BATS_TEST_TMPDIR/bin"
	echo "$1" >packs/one/data
	cat >"$BATS_TEST_TMPDIR/bin/docker-credential-test" <<-'END'
		#!/bin/sh
		[ "$1" = get ] || exit
		printf '{"ServerURL":"%s","Username":"u","Secret":"p"}\n' "$(cat)"
	END
	chmod 755 "$BATS_TEST_TMPDIR/bin/docker-credential-test"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	mkdir -p "$DOCKER_CONFIG"
	run publish_pack
	echo "$output"
	[ "$status" -eq 3 ]
	package-release login "$host" -u u --password-stdin <<<p
	publish_pack
	package-release logout "$host"
	run publish_pack
	[ "$status" -eq 3 ]
	# As docker and podman write it.
	jq -n --arg host "$host" --arg auth "$(printf u:p | base64)" \
		'{auths: {($host): {auth: $auth}}}' >"$DOCKER_CONFIG/config.json"
	publish_pack
	jq -n --arg host "$host" '{credHelpers: {($host): "test"}}' >"$DOCKER_CONFIG/config.json"
	publish_pack
	rm "$DOCKER_CONFIG/config.json"
	(umask 077 && echo u:p >"$BATS_TEST_TMPDIR/pair")
	publish_pack --token-file "$BATS_TEST_TMPDIR/pair"
	publish_pack -u u --password-stdin <<<p
	# What our login wrote oras and skopeo read, and the other way round.
	package-release login "$host" -u u --password-stdin <<<p
	if command -v oras; then
		[ "$(oras resolve --plain-http "$host/acme/private:1.$number")" = "$digest" ]
		package-release logout "$host"
		oras login --plain-http -u u --password-stdin "$host" <<<p
		publish_pack
	fi
}

# publish_pack [OPTION...] - another version; sets $digest.
publish_pack() {
	number=$((number + 1))
	package-release publish --version "1.$number" --packs-dir packs \
		--out "$BATS_TEST_TMPDIR/out" --lock "$BATS_TEST_TMPDIR/lock" \
		--to "oci://$host/acme/private" "$@" || return
	digest=$(jq -r '.packs[0].digest' "$BATS_TEST_TMPDIR/lock")
}

@test "docker-registry 2.8: a bundle, as the dry run said" { published docker; }
@test "distribution 3: a bundle, as the dry run said" { published distribution; }
@test "olareg: a bundle, as the dry run said" { published olareg; }
@test "zot: a bundle, as the dry run said" { published zot; }

@test "docker-registry 2.8: a copy is the same" { copied docker; }
@test "distribution 3: a copy is the same" { copied distribution; }
@test "olareg: a copy is the same" { copied olareg; }
@test "zot: a copy is the same" { copied zot; }

@test "docker-registry 2.8: cosign verifies signature and attestations" { signed docker; }
@test "distribution 3: cosign verifies signature and attestations" { signed distribution; }
@test "olareg: cosign verifies signature and attestations" { signed olareg; }
@test "zot: cosign verifies signature and attestations" { signed zot; }

@test "docker-registry 2.8, htpasswd: every way to give credentials" { with_credentials docker-basic; }
@test "docker-registry 2.8, tokens: every way to give credentials" { with_credentials docker-token; }
@test "distribution 3, htpasswd: every way to give credentials" { with_credentials distribution-basic; }
@test "distribution 3, tokens: every way to give credentials" { with_credentials distribution-token; }
@test "zot, htpasswd: every way to give credentials" { with_credentials zot-basic; }

@test "docker-registry 2.8: one digest for every client" { read_back docker; }
@test "distribution 3: one digest for every client" { read_back distribution; }
@test "olareg: one digest for every client" { read_back olareg; }
@test "zot: one digest for every client" { read_back zot; }

@test "docker-registry 2.8: referrers by tag" { attached docker; }
@test "distribution 3: referrers by tag" { attached distribution; }
@test "olareg: referrers by the API" { attached olareg; }
@test "zot: referrers by the API" { attached zot; }

@test "oras makes the same manifest of the same files" {
	on docker
	need oras
	cd "$BATS_FILE_TMPDIR" || return
	push type=$type_gtpack push "$host/acme/ours:1" small large
	oras push --plain-http --artifact-type $type_gtpack --export-manifest theirs \
		--annotation org.opencontainers.image.created=2026-01-01T00:00:00Z \
		"$host/acme/theirs:1" small:application/octet-stream \
		large:application/octet-stream
	curl -sf -H "Accept: $type_manifest" "http://$host/v2/acme/ours/manifests/1" >ours
	# Oras always says when, we only what we are told.
	jq -cj 'del(.annotations)' theirs | cmp - ours
}

@test "a connection that is cut twenty times is gone on with where the registry can" {
	on distribution
	mkdir -p proxy
	hex=$(sha256sum large | cut -d ' ' -f 1)
	printf '%s\n' "cut PUT /blobs/uploads/.*$hex 1 100000" \
		'cut PATCH . 19 140000' >proxy/rules
	python3 "$BATS_TEST_DIRNAME/../cli/push_proxy.py" "$host" "$PWD/proxy" \
		>proxy/port 3>&- &
	echo "$!" >>servers
	wait_for_server "$!" /dev/null test -s proxy/port
	push push "127.0.0.1:$(cat proxy/port)/acme/resumed:1" large
	cat proxy/log
	curl -sf "http://$host/v2/acme/resumed/blobs/sha256:$hex" | cmp - large
	[ "$(grep -cE ' PATCH .* [1-9][0-9]*-2999999$' proxy/log)" -eq 20 ]
	[ "$(grep -c ' POST ' proxy/log)" -eq 2 ] # one for the config
}
