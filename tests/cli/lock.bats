#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of the files that are loaded
# lock verify and lock diff, of all shapes, against Debian's docker-registry.

setup_file() {
	load lib
	load oci
	htpasswd -Bbn u p >"$BATS_FILE_TMPDIR/htpasswd"
	start_registry open
	start_registry basic "auth: {htpasswd: {realm: r, path: $BATS_FILE_TMPDIR/htpasswd}}"
	echo pack >"$BATS_FILE_TMPDIR/a.gtpack"
	push_blob "$registry_open/acme/a" "$BATS_FILE_TMPDIR/a.gtpack"
	echo -n "{}" >"$BATS_FILE_TMPDIR/empty"
	push_blob "$registry_open/acme/a" "$BATS_FILE_TMPDIR/empty"
	empty=$(digest_of "$BATS_FILE_TMPDIR/empty")
	config="{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\"$empty\",\"size\":2}"
	echo "{\"schemaVersion\":2,\"mediaType\":\"$type_manifest\",\"artifactType\":\"x/y\",\"config\":$config,\"layers\":[]}" \
		>"$BATS_FILE_TMPDIR/manifest"
	put_manifest 1.0.0 "$BATS_FILE_TMPDIR/manifest"
	digest_of "$BATS_FILE_TMPDIR/manifest" >"$BATS_FILE_TMPDIR/digest"
}

# put_manifest TAG FILE
put_manifest() {
	curl -sSf -o /dev/null -X PUT -H "Content-Type: $type_manifest" \
		--data-binary "@$2" "http://$registry_open/v2/acme/a/manifests/$1"
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load lib
	load oci
	export HOME=$BATS_TEST_TMPDIR
	unset DOCKER_CONFIG REGISTRY_AUTH_FILE XDG_RUNTIME_DIR
	lock=$BATS_TEST_TMPDIR/packs.lock.json
	cp "$BATS_FILE_TMPDIR/a.gtpack" "$BATS_TEST_TMPDIR/"
	digest=$(cat "$BATS_FILE_TMPDIR/digest")
	sha=$(sha256sum <"$BATS_FILE_TMPDIR/a.gtpack" | cut -d ' ' -f 1)
	write_lock "$registry_open" false "$digest" >"$lock"
}

# write_lock REGISTRY DRY_RUN DIGEST [MEMBERS]
write_lock() {
	cat <<-EOF
		{"schema": "tidegate.lock/1", "version": "1.0.0", "dry_run": $2,
		 "packs": [{"name": "a", "file": "a.gtpack", "size": 5, "sha256": "$sha",
		 "oci_ref": "$1/acme/a:1.0.0", "digest": "$3"${4-}}]}
	EOF
}

verify() {
	run --separate-stderr package-release lock verify "$@"
	output=$output$stderr
}

@test "what is true passes, offline and online" {
	verify "$lock"
	[ "$status" -eq 0 ]
	assert_output_has "ok      a: '$BATS_TEST_TMPDIR/a.gtpack' is what was published" \
		"@$digest has the digest" "acme/a:1.0.0 has the digest"
	verify --offline "$lock"
	[ "$status" -eq 0 ]
}

@test "offline, no server is asked" {
	write_lock 127.0.0.1:1 false "$digest" >"$lock"
	verify --offline "$lock"
	[ "$status" -eq 0 ]
}

@test "a file that changed, grew or is gone" {
	echo kcap >"$BATS_TEST_TMPDIR/a.gtpack"
	verify --offline "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "FAILED  a:" "another SHA-256" "1 of 1 checks failed"
	echo longer >>"$BATS_TEST_TMPDIR/a.gtpack"
	verify --offline "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "has 12 bytes, and the lockfile says 5"
	rm "$BATS_TEST_TMPDIR/a.gtpack"
	verify --offline "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "is not here"
	verify "$lock"
	[ "$status" -eq 0 ]
}

@test "a tag that was moved, and a digest that is gone" {
	sed 's,x/y,x/z,' "$BATS_FILE_TMPDIR/manifest" >"$BATS_TEST_TMPDIR/other"
	put_manifest moved "$BATS_TEST_TMPDIR/other"
	write_lock "$registry_open" false "$digest" ', "tags": ["1.0.0", "moved", "gone"]' >"$lock"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "acme/a:1.0.0 has the digest" \
		"acme/a:moved is $(digest_of "$BATS_TEST_TMPDIR/other") now: it was moved" \
		"acme/a:gone is not there"
	write_lock "$registry_open" false "sha256:$(printf 'a%.0s' {1..64})" >"$lock"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "@sha256:aaaa" "is not there"
}

@test "referrers that are listed, and one that is not" {
	subject="{\"mediaType\":\"$type_manifest\",\"digest\":\"$digest\",\"size\":$(stat -c %s "$BATS_FILE_TMPDIR/manifest")}"
	sed "s|\"layers\":\[\]|\"layers\":[],\"subject\":$subject|" \
		"$BATS_FILE_TMPDIR/manifest" >"$BATS_TEST_TMPDIR/referrer"
	there=$(digest_of "$BATS_TEST_TMPDIR/referrer")
	put_manifest "$there" "$BATS_TEST_TMPDIR/referrer"
	echo "{\"schemaVersion\":2,\"mediaType\":\"$type_index\",\"manifests\":[{\"mediaType\":\"$type_manifest\",\"digest\":\"$there\",\"size\":$(stat -c %s "$BATS_TEST_TMPDIR/referrer"),\"artifactType\":\"x/y\"}]}" \
		>"$BATS_TEST_TMPDIR/index"
	curl -sSf -o /dev/null -X PUT -H "Content-Type: $type_index" --data-binary "@$BATS_TEST_TMPDIR/index" \
		"http://$registry_open/v2/acme/a/manifests/${digest/:/-}"
	gone=sha256:$(printf 'b%.0s' {1..64})
	write_lock "$registry_open" false "$digest" \
		", \"referrers\": [{\"artifact_type\": \"x/y\", \"digest\": \"$there\"}, {\"artifact_type\": \"x/y\", \"digest\": \"$gone\"}]" >"$lock"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "referrer $there (x/y) is listed" "referrer $gone (x/y) is not listed any more"
}

@test "a dry run is true offline, and nothing that is published" {
	write_lock "$registry_open" true DRY_RUN ", \"expected_digest\": \"$digest\"" >"$lock"
	verify --offline "$lock"
	[ "$status" -eq 0 ]
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "a dry run: it was not published"
}

@test "the older shapes" {
	echo "{\"registry\": \"x\", \"packs\": [{\"name\": \"a\", \"file\": \"a.gtpack\", \"oci_ref\": \"$registry_open/acme/a:1.0.0\", \"digest\": \"$digest\"}]}" >"$lock"
	verify "$lock"
	[ "$status" -eq 0 ]
	assert_output_has "no SHA-256 of the file"
	echo "{\"packs\": [{\"name\": \"a\", \"file\": \"a.gtpack\", \"ref\": \"$registry_open/acme/a:1.0.0\", \"digest\": \"$digest\", \"built_at\": \"2026\"}]}" >"$lock"
	verify "$lock"
	[ "$status" -eq 0 ]
	echo "{\"packs\": [{\"name\": \"a\", \"file\": \"a.gtpack\", \"digest\": \"\"}], \"git_sha\": \"x\"}" >"$lock"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "the lockfile has no digest"
}

@test "credentials, and none" {
	write_lock "$registry_basic" false "$digest" >"$lock"
	verify "$lock"
	[ "$status" -eq 3 ]
	(umask 077 && echo u:p >"$BATS_TEST_TMPDIR/secret")
	verify --token-file "$registry_basic=$BATS_TEST_TMPDIR/secret" "$lock"
	[ "$status" -eq 0 ]
	mkdir "$BATS_TEST_TMPDIR/systemd"
	cp "$BATS_TEST_TMPDIR/secret" "$BATS_TEST_TMPDIR/systemd/${registry_basic/:/_}"
	CREDENTIALS_DIRECTORY=$BATS_TEST_TMPDIR/systemd verify "$lock"
	[ "$status" -eq 0 ]
	package-release login "$registry_basic" --token-file "$BATS_TEST_TMPDIR/secret"
	verify "$lock"
	[ "$status" -eq 0 ]
}

@test "a lockfile does not say who gets a password" {
	write_lock 127.0.0.1:1 false "$digest" >"$lock"
	(umask 077 && echo u:p >"$BATS_TEST_TMPDIR/secret")
	verify --password-stdin "$lock" <<<u:p
	[ "$status" -eq 2 ]
	assert_output_has "whose password is it?" "--token-file HOST=FILE"
	verify --token-file "$BATS_TEST_TMPDIR/secret" "$lock"
	[ "$status" -eq 2 ]
	verify --token-file "$registry_basic=$BATS_TEST_TMPDIR/secret" --token-file "$BATS_TEST_TMPDIR/secret" "$lock"
	[ "$status" -eq 2 ]
	write_lock "$registry_basic" false "$digest" >"$lock"
	verify --token-file "$registry_basic=$BATS_TEST_TMPDIR/secret" "$lock"
	[ "$status" -eq 0 ]
}

@test "advice is for who publishes" {
	write_lock "$registry_basic" false "$digest" >"$lock"
	verify "$lock"
	[ "$status" -eq 3 ]
	assert_output_has "package-release login $registry_basic"
	[[ $output != *"/etc/tidegate"* ]]
}

# write_places LOCATION... - of a pack that no registry has.
write_places() {
	write_lock x false "$digest" \
		", \"locations\": $(printf '%s\n' "$@" | jq -R . | jq -sc .)" |
		jq 'del(.packs[].oci_ref)' >"$lock"
}

@test "folders are looked into" {
	mkdir "$BATS_TEST_TMPDIR/site" "$BATS_TEST_TMPDIR/site/1.0.0"
	write_places "dir:site/1.0.0"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "folder '$BATS_TEST_TMPDIR/site/1.0.0' has no file with these bytes"
	cp "$BATS_TEST_TMPDIR/a.gtpack" "$BATS_TEST_TMPDIR/site/1.0.0/"
	verify "$lock"
	[ "$status" -eq 0 ]
	assert_output_has "folder '$BATS_TEST_TMPDIR/site/1.0.0' has the file"
	jq ".packs[].release_sha256 = \"$sha\"" "$lock" >"$lock.bundle"
	verify "$lock.bundle"
	[ "$status" -eq 1 ]
	assert_output_has "has not the release.ini that is pinned"
	cp "$BATS_TEST_TMPDIR/a.gtpack" "$BATS_TEST_TMPDIR/site/1.0.0/release.ini"
	verify "$lock.bundle"
	[ "$status" -eq 0 ]
	rm -r "$BATS_TEST_TMPDIR/site"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "is not here"
}

@test "every registry is asked, not the first alone" {
	write_lock "$registry_open" false "$digest" \
		", \"locations\": [\"oci://$registry_open/acme/a:1.0.0\", \"oci://$registry_open/acme/b:1.0.0\"]" >"$lock"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "acme/b@$digest is not there" "acme/a:1.0.0 has the digest"
}

@test "release pages are asked" {
	load github
	start_github
	export GITHUB_API_URL=$api GITHUB_TOKEN=t
	write_places "github://acme/tool:1.0.0"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "release 1.0.0 of 'acme/tool' is not there"
	publish v1.0.0 '{"draft": true}' "$BATS_TEST_TMPDIR/a.gtpack"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "is a draft, which nobody sees"
	curl -sSf -o /dev/null -X PATCH -d '{"draft": false}' "$api/repos/acme/tool/releases/$(jq '.[0].id' "$github/releases.json")"
	verify "$lock"
	[ "$status" -eq 0 ]
	assert_output_has "release 1.0.0 of 'acme/tool' has the file"
	sha=$(sha256sum <"$lock" | cut -d ' ' -f 1)
	write_places "github://acme/tool:1.0.0"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "has no asset with the file's bytes"
	write_places "github://acme/tool"
	verify "$lock"
	[ "$status" -eq 5 ]
	stop_github
}

@test "where nothing could be checked there is no success" {
	jq 'del(.packs[].oci_ref, .packs[].file)' <<<"$(cat "$lock")" >"$lock.2"
	for option in --offline --quiet; do
		verify "$option" "$lock.2"
		[ "$status" -eq 1 ]
	done
	verify "$lock.2"
	assert_output_has "nothing that the lockfile says of it could be checked"
	write_places "ftp://example.org/a"
	rm "$BATS_TEST_TMPDIR/a.gtpack"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "of no kind that can be looked at"
	echo '{"schema": "tidegate.lock/1", "dry_run": false, "packs": []}' >"$lock"
	verify "$lock"
	[ "$status" -eq 1 ]
	assert_output_has "names no package"
}

@test "JSON" {
	verify --json "$lock"
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.ok, (.checks | length), .checks[0].result]' <<<"$output")" = '[true,3,"ok"]' ]
}

@test "what is no lockfile" {
	echo '{"lock": 1}' >"$lock"
	verify "$lock"
	[ "$status" -eq 5 ]
	assert_output_has "'$lock'" "this is no lockfile"
	verify "$lock.absent"
	[ "$status" -eq 7 ]
	run package-release lock check "$lock"
	[ "$status" -eq 2 ]
}

@test "lock diff names what came, went and changed" {
	run package-release lock diff "$lock" "$lock"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	sed 's/"name": "a"/"name": "b"/; s/1.0.0/2.0.0/' "$lock" >"$lock.b"
	run package-release lock diff "$lock" "$lock.b"
	[ "$status" -eq 1 ]
	assert_output_has "- a 1.0.0 $digest" "+ b 2.0.0 $digest" "2 packages differ"
	write_lock "$registry_open" false "sha256:$(printf 'a%.0s' {1..64})" >"$lock.c"
	run package-release lock diff "$lock" "$lock.c"
	[ "$status" -eq 1 ]
	assert_output_has "~ a 1.0.0 $digest -> 1.0.0 sha256:aaaa" "1 package differs"
	write_lock "$registry_open" true DRY_RUN ", \"expected_digest\": \"$digest\"" >"$lock.d"
	run package-release lock diff "$lock.d" "$lock"
	[ "$status" -eq 0 ]
}
