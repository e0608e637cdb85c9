#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2030,SC2031 # bats' subshells; names of interop.bash
# What is pushed to real registries, read back by real clients; those that are
# not here are left out, saying so (scripts/interop-tools publish fetches them).

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
		--profile dev --key key --skip-sbom --quiet
	for registry in docker distribution olareg zot; do
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
}

# start NAME - a registry; its host:port goes to NAME.host.
start() {
	local port=$((10000 + RANDOM % 20000)) folder=$PWD/$1
	mkdir -p "$folder"
	echo "127.0.0.1:$port" >"$1.host"
	cat >"$folder/registry.yml" <<-EOF
		version: 0.1
		log: {level: error, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $folder/store}}
		http: {addr: "127.0.0.1:$port", secret: x}
	EOF
	printf '{"storage":{"rootDirectory":"%s"},"http":{"address":"127.0.0.1","port":"%s"},"log":{"level":"error"}}' \
		"$folder/store" "$port" >"$folder/zot.json"
	case $1 in
	docker) run_server docker-registry serve "$folder/registry.yml" ;;
	distribution) run_server distribution serve "$folder/registry.yml" ;;
	olareg) run_server olareg serve --addr 127.0.0.1 --port "$port" --store-type mem ;;
	zot) run_server zot serve "$folder/zot.json" ;;
	esac || return
	timeout 20 sh -c "until curl -s -o /dev/null 'http://127.0.0.1:$port/v2/'; do kill -0 $server || exit; done"
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
	[ "$(jq -r '.referrers[].artifactType' found)" = "$type_gtpack" ]
	! command -v regctl ||
		regctl --host "reg=$host,tls=disabled" artifact list "$host/acme/subject:1" |
		grep -q "$digest"
	# And what oras attaches stays beside it.
	oras attach --plain-http --artifact-type application/x "$host/acme/subject:1" small
	push type=$type_gtpack attach "$host/acme/subject@$subject" large
	[ "$(oras discover --plain-http --format json "$host/acme/subject:1" |
		jq '.referrers | length')" -eq 3 ]
}

# published NAME - a bundle by "publish": the digest that the dry run said, to
# every client, and oras finds the parts and the signature.
published() {
	local out=$BATS_TEST_TMPDIR/out lock=$BATS_TEST_TMPDIR/lock
	on "$1"
	need oras
	package-release publish --quiet --dry-run --key key.pub --lock "$lock.dry" \
		--to "oci://$host/acme/shop" dist/1.0.0/shop-1.0.0.tar.gz
	package-release publish --quiet --key key.pub --lock "$lock" \
		--to "oci://$host/acme/shop" dist/1.0.0/shop-1.0.0.tar.gz
	digest=$(jq -r '.packs[0].digest' "$lock")
	[ "$digest" = "$(jq -r '.packs[0].expected_digest' "$lock.dry")" ]
	[ "$(oras resolve --plain-http "$host/acme/shop:1.0.0")" = "$digest" ]
	oras pull --plain-http -o "$out" "$host/acme/shop:1.0.0"
	for part in release.ini release.ini.minisig payload.tar.gz; do
		cmp "$out/$part" "dist/1.0.0/$part"
	done
	[ "$(oras discover --plain-http --format json "$host/acme/shop:1.0.0" |
		jq '.referrers | length')" -ge 1 ]
}

@test "docker-registry 2.8: a bundle, as the dry run said" { published docker; }
@test "distribution 3: a bundle, as the dry run said" { published distribution; }
@test "olareg: a bundle, as the dry run said" { published olareg; }
@test "zot: a bundle, as the dry run said" { published zot; }

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
	timeout 20 sh -c 'until [ -s proxy/port ]; do :; done'
	push push "127.0.0.1:$(cat proxy/port)/acme/resumed:1" large
	cat proxy/log
	curl -sf "http://$host/v2/acme/resumed/blobs/sha256:$hex" | cmp - large
	[ "$(grep -cE ' PATCH .* [1-9][0-9]*-2999999$' proxy/log)" -eq 20 ]
	[ "$(grep -c ' POST ' proxy/log)" -eq 2 ] # one for the config
}
