#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Releases in registries: Debian's docker-registry, and one that misbehaves.

setup_file() {
	load lib
	load oci
	work=$BATS_FILE_TMPDIR
	make_key "$work/key"
	for version in 1.0.0 1.1.0; do
		make_tree "$work/src-$version" "$version"
		make_bundle shop "$version" "$work/src-$version" "$work/dist" --key "$work/key"
	done
	start_tokens
	htpasswd -Bbn u p >"$work/htpasswd"
	start_registry open
	start_registry basic "auth: {htpasswd: {realm: r, path: $work/htpasswd}}"
	start_registry token "$tokens_auth"
	push_release "$registry_open/acme/shop" 1.0.0 1.0.0 >"$work/digest"
	push_release "$registry_open/acme/open" 1.0.0 1.0.0
	start_bad_registry "$work/dist/1.0.0"
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load lib
	load oci
	PATH=$build/tests/helpers:$PATH
	out=$BATS_TEST_TMPDIR/out
	secret=$BATS_TEST_TMPDIR/secret
	config=$BATS_TEST_TMPDIR/config.json
	mkdir "$out"
	digest=$(cat "$BATS_FILE_TMPDIR/digest")
	echo "u:p" >"$secret"
}

# pull [NAME=VALUE...] REFERENCE
pull() {
	run timeout 60 oci_source plain=127.0.0.1 "$@" "$out"
}

# same VERSION - all parts of it came, and nothing else.
same() {
	[ "$status" -eq 0 ]
	diff -r -x '*-*.tar.gz' "$BATS_FILE_TMPDIR/dist/$1" "$out"
}

# refused STATUS TEXT... - in one line, and nothing was believed.
refused() {
	[ "$status" -eq "$1" ]
	[ "${#lines[@]}" -eq 1 ]
	assert_output_has "${@:2}"
}

# --- names ---

@test "the parts of an artifact come by tag, and the digest is pinned" {
	pull "$registry_open/acme/shop:1.0.0"
	same 1.0.0
	[ "${lines[0]}" = "origin oci://$registry_open/acme/shop@$digest" ]
}

@test "by digest, and with a tag that is only a comment" {
	pull "oci://$registry_open/acme/shop@$digest"
	same 1.0.0
	pull "$registry_open/acme/shop:nothing@$digest"
	same 1.0.0
}

@test "without a tag the version is the tag, else it is latest" {
	pull version=1.0.0 "$registry_open/acme/shop"
	same 1.0.0
	pull "$registry_open/acme/shop"
	refused 3 "has no artifact 'acme/shop:latest'"
}

@test "what is not there is an error of the network" {
	pull "$registry_open/acme/shop:2.0.0"
	refused 3 "has no artifact 'acme/shop:2.0.0'"
	pull "$registry_open/acme/none@$digest"
	refused 3 "has no artifact 'acme/none@$digest'"
}

@test "plain http is for hosts that are named" {
	run oci_source "$registry_open/acme/shop:1.0.0" "$out"
	[ "$status" -eq 3 ]
}

@test "a tag that moves between two requests mixes no two releases" {
	push_release "$registry_open/acme/moving" stable 1.0.0
	push_release "$registry_open/acme/moving" next 1.1.0
	curl -sS -H "Accept: $type_manifest" -o "$BATS_TEST_TMPDIR/next" \
		"http://$registry_open/v2/acme/moving/manifests/next"
	pull pause="curl -sSf -X PUT --data-binary @$BATS_TEST_TMPDIR/next -H 'Content-Type: $type_manifest' http://$registry_open/v2/acme/moving/manifests/stable" \
		"$registry_open/acme/moving:stable"
	same 1.0.0
	pull "$registry_open/acme/moving:stable"
	same 1.1.0
}

@test "a tag is asked for once" {
	pull "$bad/moved:stable"
	same 1.0.0
	[ "$(grep -c '/v2/moved/manifests/stable' "$bad_log")" -eq 1 ]
}

@test "an index leads to the manifest of the host's platform" {
	local to=$registry_open/acme/index made=$BATS_TEST_TMPDIR/made
	push_release "$to" x86 1.0.0
	cp "$BATS_FILE_TMPDIR/made" "$made.x86"
	push_release "$to" arm 1.1.0
	cp "$BATS_FILE_TMPDIR/made" "$made.arm"
	jq -nc --argjson x86 "$(descriptor "$made.x86" "$type_manifest")" \
		--argjson arm "$(descriptor "$made.arm" "$type_manifest")" \
		--arg type "$type_index" '{schemaVersion: 2, mediaType: $type, manifests:
		[$x86 + {platform: {os: "linux", architecture: "amd64"}},
		$arm + {platform: {os: "linux", architecture: "arm64", variant: "v8"}}]}' >"$made"
	push_manifest "$to" both "$made" "$type_index"
	pull "$to:both"
	same 1.0.0
	[ "${lines[0]}" = "origin oci://$to@$(digest_of "$made")" ]
	pull architecture=arm64 "$to:both"
	same 1.1.0
	pull architecture=riscv64 "$to:both"
	refused 3 "not there for linux/riscv64, but for linux/amd64, linux/arm64"
}

# --- credentials ---

@test "a registry with htpasswd takes a credentials file and docker's file" {
	pull token="$secret" "$registry_basic/acme/shop:1.0.0"
	same 1.0.0
	printf '{"auths":{"%s":{"auth":"dTpw"}}}' "$registry_basic" >"$config"
	pull config="$config" "$registry_basic/acme/shop:1.0.0"
	same 1.0.0
}

@test "no credentials, or wrong ones, say what to do" {
	pull "$registry_basic/acme/shop:1.0.0"
	refused 3 "401 UNAUTHORIZED" "/etc/tidegate/credentials/shop" docker_config
	echo u:wrong >"$secret"
	pull token="$secret" "$registry_basic/acme/shop:1.0.0"
	refused 3 "401 UNAUTHORIZED" "the credentials of 'u' are refused"
	[[ "$output" != *wrong* ]]
}

@test "a credential helper is named, not run" {
	printf '{"credHelpers":{"%s":"pass"}}' "$registry_basic" >"$config"
	pull config="$config" "$registry_basic/acme/shop:1.0.0"
	refused 3 docker-credential-pass "not run" /etc/tidegate/credentials/shop
	pull config="$config" token="$secret" "$registry_basic/acme/shop:1.0.0"
	same 1.0.0
}

@test "a token server gives one token for the whole fetch" {
	: >"$BATS_FILE_TMPDIR/tokens/log"
	pull token="$secret" "$registry_token/acme/shop:1.0.0"
	same 1.0.0
	[ "$(cat "$BATS_FILE_TMPDIR/tokens/log")" = "GET Basic repository:acme/shop:pull" ]
}

@test "a token server serves the nameless what is open, and refuses the rest" {
	pull "$registry_token/acme/open:1.0.0"
	same 1.0.0
	pull "$registry_token/acme/shop:1.0.0"
	refused 3 "getting a token" "401 UNAUTHORIZED: who are you?" /etc/tidegate/credentials/shop
}

@test "an identity token is exchanged" {
	: >"$BATS_FILE_TMPDIR/tokens/log"
	printf '{"auths":{"%s":{"identitytoken":"identity"}}}' "$registry_token" >"$config"
	pull config="$config" "$registry_token/acme/shop:1.0.0"
	same 1.0.0
	[ "$(cat "$BATS_FILE_TMPDIR/tokens/log")" = "POST refresh_token" ]
}

@test "credentials of another registry stay at home" {
	printf '{"auths":{"other.example":{"auth":"dTpw"}}}' >"$config"
	pull config="$config" "$registry_basic/acme/shop:1.0.0"
	refused 3 "401 UNAUTHORIZED"
}

@test "a token that runs out is renewed" {
	pull "$bad/expiry:1"
	same 1.0.0
	[ "$(grep -c '/token/expiry' "$bad_log")" -gt 1 ]
}

@test "signed storage gets no credentials" {
	pull "$bad/storage:1"
	same 1.0.0
	grep -q ' /storage/.* -$' "$bad_log"
	run grep ' /storage/.* Bearer' "$bad_log"
	[ "$status" -eq 1 ]
}

@test "an endless 401 ends after one token" {
	: >"$bad_log"
	pull token="$secret" "$bad/loop:1"
	refused 3 "401 UNAUTHORIZED" "the credentials of 'u' are refused"
	[ "$(wc -l <"$bad_log")" -eq 3 ]
	: >"$bad_log"
	pull token="$secret" "$bad/basic:1"
	refused 3 "401 UNAUTHORIZED"
	[ "$(wc -l <"$bad_log")" -eq 2 ]
}

@test "credentials go to no strange token server" {
	pull token="$secret" "$bad/realmaway:1"
	refused 3 "https://tokens.example.com/token" "the credentials stay here"
	pull token="$secret" "$bad/realminner:1"
	refused 3 "http://127.0.0.2:1/token"
	pull "$bad/realmfile:1"
	refused 3 "file:///etc/passwd"
	pull token="$secret" "$bad/tokenaway:1"
	refused 3 "302"
}

@test "a token that no header can hold is refused" {
	pull "$bad/tokenbad:1"
	refused 5 "a token that no header can hold"
}

@test "credentials of an unknown kind, or of none, are named" {
	pull "$bad/negotiate:1"
	refused 3 "of the kind 'negotiate'"
	for name in silent norealm; do
		pull "$bad/$name:1"
		refused 3 "401 UNAUTHORIZED"
	done
	pull "$bad/garbled:1"
	refused 5 "WWW-Authenticate makes no sense"
	pull "$bad/denied:1"
	refused 3 "403 DENIED: no DENIED"
}

# --- lies ---

@test "a manifest or a part of another digest is refused" {
	pull "$bad/digest:1"
	refused 5 "promises sha256:" "sends a manifest of digest"
	pull "$bad/good@sha256:$(printf '0%.0s' {1..64})"
	refused 5 "sends a manifest of digest"
	pull "$bad/blob:1"
	[ "$status" -eq 5 ]
	assert_output_has "fetching 'release.ini'" "sends other bytes"
}

@test "a manifest with too much, or a path, is refused" {
	pull "$bad/many:1"
	refused 5 "layers" "256"
	pull "$bad/path:1"
	refused 5 "../../etc/passwd"
	pull "$bad/absolute:1"
	refused 5 "/etc/passwd"
	pull "$bad/twice:1"
	refused 5 "two layers are called 'release.ini'"
	pull "$bad/both:1"
	refused 5 "both layers and manifests"
	pull "$bad/huge:1"
	[ "$status" -eq 5 ]
}

@test "a page, another type, and an artifact that is no release are refused" {
	pull "$bad/html:1"
	[ "$status" -eq 5 ]
	pull "$bad/kind:1"
	refused 5 "calls the manifest" "$type_index"
	pull "$bad/empty:1"
	refused 5 "is no release" "release.ini"
}

@test "a blob of another length is refused" {
	pull "$bad/size:1"
	[ "$status" -ne 0 ]
	pull "$bad/endless:1"
	[ "$status" -ne 0 ]
}

# --- payload ---

@test "ranges of the payload come from its layer, or all where there are none" {
	local payload=$BATS_FILE_TMPDIR/dist/1.0.0/payload.tar.gz
	pull range=100+50 "$registry_open/acme/shop:1.0.0"
	[ "$status" -eq 0 ]
	cmp -n 50 -i 100 "$out/payload.tar.gz" "$payload"
	[ "$(stat -c %s "$out/payload.tar.gz")" -eq 150 ]
	pull range=100+50 "$bad/whole:1"
	[ "$status" -eq 0 ]
	cmp "$out/payload.tar.gz" "$payload"
}

# --- further evidence ---

@test "evidence that was attached later is found by the tag of the digest" {
	local to=$registry_open/acme/late made=$BATS_TEST_TMPDIR/made files index
	cd "$BATS_TEST_TMPDIR"
	mapfile -t files < <(parts_of "$BATS_FILE_TMPDIR/dist/1.0.0" | grep -v minisig)
	subject=$(push_artifact "$to" 1 "$type_bundle" "${files[@]}")
	pull "$to:1"
	[ "$status" -eq 0 ]
	[ ! -e "$out/release.ini.minisig" ]

	# One with our type, by titles; cosign's without a title; one of others.
	cp "$BATS_FILE_TMPDIR/dist/1.0.0/release.ini.minisig" .
	printf '{"a":1}\n{"b":2}' >attestation.intoto.jsonl
	push_artifact "$to" one application/vnd.tidegate.evidence.v1 \
		release.ini.minisig attestation.intoto.jsonl
	cp "$BATS_FILE_TMPDIR/made" "$made.1"
	printf '{"messageSignature":{}}' >bundle
	printf '{\n"dsseEnvelope": {}\n}\n' >envelope
	push_blob "$to" bundle
	push_blob "$to" envelope
	manifest "$type_sigstore" "$(descriptor bundle "$type_sigstore")" \
		"$(descriptor envelope "$type_sigstore")" >"$made.2"
	push_manifest "$to" two "$made.2"
	push_artifact "$to" three text/x-other release.ini.minisig
	cp "$BATS_FILE_TMPDIR/made" "$made.3"
	jq -nc --argjson one "$(descriptor "$made.1" "$type_manifest")" \
		--argjson two "$(descriptor "$made.2" "$type_manifest")" \
		--argjson three "$(descriptor "$made.3" "$type_manifest")" \
		--arg type "$type_index" --arg sigstore "$type_sigstore" \
		'{schemaVersion: 2, mediaType: $type, manifests: [$one,
		$two + {artifactType: $sigstore}, $three + {artifactType: "text/x-other"}]}' >"$made"
	push_manifest "$to" "sha256-${subject#sha256:}" "$made" "$type_index"

	pull "$to:1"
	[ "$status" -eq 0 ]
	cmp release.ini.minisig "$out/release.ini.minisig"
	cmp bundle "$out/release.ini.1.sigstore.json"
	[ ! -e "$out/release.ini.2.sigstore.json" ]
	[ "$(cat "$out/attestation.intoto.jsonl")" = '{"a":1}
{"b":2}
{ "dsseEnvelope": {} }' ]
}

@test "a crowd of further evidence is cut" {
	: >"$bad_log"
	pull "$bad/crowd:1"
	[ "$status" -eq 0 ]
	[ -e "$out/release.ini.32.sigstore.json" ]
	[ ! -e "$out/release.ini.33.sigstore.json" ]
	# 9 parts, 128 to look into, 32 of them taken; 64 manifests and 2 lists.
	[ "$(grep -c /blobs/ "$bad_log")" -le 170 ]
	[ "$(grep -c /manifests/ "$bad_log")" -le 70 ]
}

@test "a list of further evidence that makes no sense is said, and done without" {
	pull "$bad/sick:1"
	[ "$status" -eq 0 ]
	assert_output_has "say going on without it: looking for further evidence in $bad"
}
