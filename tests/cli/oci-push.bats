#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031,SC2154 # names are of oci.bash and push.bash
# Pushing to Debian's docker-registry.

setup_file() {
	load lib
	load oci
	load push
	push_setup_file
	start_tokens
	htpasswd -Bbn u p >"$BATS_FILE_TMPDIR/htpasswd"
	start_registry basic "auth: {htpasswd: {realm: r, path: $BATS_FILE_TMPDIR/htpasswd}}"
	start_registry token "$tokens_auth"
	start_push_proxy "$registry_basic" proxy_basic
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load lib
	load oci
	load push
	push_setup
	rm -f proxy_basic/{rules,log}
	secret=$BATS_TEST_TMPDIR/secret
	echo u:p >"$secret"
}

# --- straight ---

@test "files of all sizes, their manifest and a tag" {
	push push "$registry_open/$repository:1" "$mine" small empty
	pushed "$mine" small empty
	assert_output_has "sent 3000010"
}

@test "what is there is not sent again" {
	push push "$proxy/$repository:1" "$mine" small
	[ "$(requests ' (POST|PUT|PATCH) ')" -eq 8 ]
	rm proxy/log
	push push "$proxy/$repository:1" "$mine" small
	pushed "$mine" small
	[ "$(requests ' (POST|PUT|PATCH) ')" -eq 0 ]
}

@test "in pieces, where that is asked for" {
	push chunk=1000000 push "$proxy/$repository:1" "$mine"
	pushed "$mine"
	[ "$(requests ' PATCH .* 1000000-1999999$')" -eq 1 ]
	[ "$(requests ' PATCH ')" -eq 4 ]
}

@test "a blob of another repository is mounted" {
	push push "$registry_open/$repository/from:1" "$mine"
	push mount="$repository/from" push "$proxy/$repository:1" "$mine"
	pushed "$mine"
	[ "$(requests ' PUT .*/blobs/uploads/')" -eq 1 ] # of the config alone
}

@test "many packages at once" {
	mkdir "$BATS_TEST_TMPDIR/many"
	for i in $(seq 40); do
		echo "$BATS_TEST_NUMBER $i" >"$BATS_TEST_TMPDIR/many/p$i"
	done
	push each "$registry_open/$repository:1" "$BATS_TEST_TMPDIR/many"/*
	[ "$status" -eq 0 ]
	for i in 1 22 40; do
		is_there "$registry_open" "$repository/p$i" 1
		holds "$registry_open" "$repository/p$i" "$BATS_TEST_TMPDIR/many/p$i"
	done
}

@test "a tag stays with what it names" {
	push push "$registry_open/$repository:1" small
	push push "$registry_open/$repository:1" empty
	[ "$status" -eq 6 ]
	assert_output_has "the tag '1' names sha256:" --move-tag
	push move=1 push "$registry_open/$repository:1" empty
	pushed empty
	push read "$registry_open/$repository:1"
	assert_output_has "$(curl -s -H "Accept: $type_manifest" \
		"http://$registry_open/v2/$repository/manifests/1" | sha256sum | cut -d ' ' -f 1)"
}

@test "a tag that is not there" {
	push read "$registry_open/$repository:no"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "tag none" ]
}

# --- credentials ---

@test "a registry with passwords" {
	push push "$registry_basic/$repository:1" "$mine"
	[ "$status" -eq 3 ]
	assert_output_has "without credentials: package-release login"
	push token="$secret" push "$registry_basic/$repository:1" "$mine" small
	pushed "$mine" small
	echo u:wrong >"$secret"
	push token="$secret" push "$registry_basic/$repository:2" small
	[ "$status" -eq 3 ]
	assert_output_has "the credentials of 'u' are refused"
}

@test "a registry with tokens is asked for pull and push at once" {
	: >tokens/log
	push token="$secret" push "$registry_token/$repository:1" "$mine" small
	pushed "$mine" small
	[ "$(cat tokens/log)" = "GET Basic repository:$repository:pull,push" ]
}

@test "credentials that may only pull" {
	echo reader:p >"$secret"
	push token="$secret" push "$registry_token/$repository:1" small
	[ "$status" -eq 3 ]
	assert_output_has "the credentials of 'reader' do not allow to push here"
	absent "$repository" 1
}

@test "each of many packages has a token of its own" {
	: >tokens/log
	push token="$secret" each "$registry_token/$repository:1" small empty
	[ "$status" -eq 0 ]
	[ "$(sort -u tokens/log | wc -l)" -eq 2 ]
	[ "$(wc -l <tokens/log)" -eq 2 ]
}

# --- lies ---

@test "a registry that calls a blob or a manifest something else" {
	other=sha256:$(printf '0%.0s' {1..64})
	rule "answer PUT /blobs/uploads/ 1000 Docker-Content-Digest: $other"
	push push "$proxy/$repository:1" small
	[ "$status" -eq 5 ]
	assert_output_has "calls it $other"
	rule "answer PUT /manifests/ 1000 Docker-Content-Digest: $other"
	push push "$proxy/$repository:1" small
	[ "$status" -eq 5 ]
	assert_output_has "calls the manifest $other"
}

@test "credentials stay at home where an upload goes elsewhere" {
	port=${registry_open#*:}
	rule "answer POST . 1000 Location: http://localhost:$port/elsewhere"
	push token="$secret" push "$proxy/$repository:1" small
	[ "$status" -eq 3 ]
	assert_output_has "http://localhost:$port/elsewhere" "plain"
	rule "answer POST . 1000 Location: http://$proxy/v2/$repository/blobs/uploads/x"
	mv proxy/rules proxy_basic/rules
	push token="$secret" push "$proxy_basic/$repository:1" small
	[ "$status" -eq 3 ]
	[ "$(requests ' PUT .* none ')" -ge 1 ]
	[ "$(requests Basic)" -eq 0 ]
	grep -q 'POST .* Basic ' proxy_basic/log
}

@test "an upload never goes from https to plain http" {
	load web
	# shellcheck disable=SC2016 # $ is for nginx
	start_nginx "$BATS_TEST_TMPDIR" 'location /v2/ { proxy_pass http://'"$proxy"';
		proxy_set_header Host $http_host; proxy_redirect off; }'
	rule "answer POST . 1000 Location: http://$proxy/v2/$repository/blobs/uploads/x"
	push ca="$web_dir/cert.pem" token="$secret" \
		push "${web#https://}/$repository:1" small
	[ "$status" -eq 3 ]
	assert_output_has "the address for an upload" "from https to http"
	[ "$(requests ' PUT ')" -eq 0 ]
}

@test "a redirect of what is sent is refused" {
	rule 'status PUT /manifests/ 1000 307'
	push push "$proxy/$repository:1" small
	[ "$status" -eq 3 ]
	assert_output_has "redirects a request that changes something"
}

@test "a file that shrank since it was hashed" {
	rule 'status HEAD . 1 503 1'
	timeout 30 oci_push plain=127.0.0.1 push "$proxy/$repository:1" "$mine" \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	wait_until grep -q HEAD proxy/log
	truncate -s 100 "$mine"
	status=0
	wait "$!" || status=$?
	[ "$status" -eq 6 ]
	grep -q "has 100 bytes; it had 3000003 when it was hashed" "$BATS_TEST_TMPDIR/out"
}

# --- referrers ---

# subject - an artifact with tag 1; sets $digest.
subject() {
	push push "$registry_open/$repository:1" "$mine"
	digest=$(echo "$output" | sed -n 's/^manifest \(sha256:[0-9a-f]*\) .*/\1/p')
}

# listed - how many referrers the tag of the subject lists.
listed() {
	curl -sf -H "Accept: $type_index" \
		"http://$registry_open/v2/$repository/manifests/${digest/:/-}" |
		jq '[.manifests[].digest] | unique | length'
}

@test "eight publishers attach to one subject at once: all eight are there" {
	subject
	for i in 1 2 3 4 5 6 7 8; do
		echo "$i" >"$BATS_TEST_TMPDIR/$i"
		timeout 60 oci_push plain=127.0.0.1 attach \
			"$registry_open/$repository@$digest" "$BATS_TEST_TMPDIR/$i" \
			>"$BATS_TEST_TMPDIR/out$i" 2>&1 3>&- &
		pids+=("$!")
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	[ "$(listed)" -eq 8 ]
}

@test "a list that another writer overwrites is written again" {
	subject
	echo 1 >"$BATS_TEST_TMPDIR/1"
	# The list is lost once: it is taken, but put nowhere.
	rule "status PUT /manifests/sha256- 1 201"
	push attach "$proxy/$repository@$digest" "$BATS_TEST_TMPDIR/1"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(listed)" -eq 1 ]
	[ "$(requests 'PUT .*/manifests/sha256-')" -eq 2 ]
	rm proxy/log
	push attach "$proxy/$repository@$digest" "$BATS_TEST_TMPDIR/1"
	[ "$status" -eq 0 ]
	[ "$(requests ' PUT ')" -eq 0 ]
}

# api TIMES - the registry has the referrers API, and lists what it got so often.
api() {
	subject
	rule "api GET /referrers/ 99 $1"
	push attach "$proxy/$repository@$digest" small
	echo "$output"
}

@test "a registry with the referrers API needs no list" {
	api 1
	[ "$status" -eq 0 ]
	[ "$(requests 'PUT .*/manifests/')" -eq 1 ]
}

@test "what a registry with the referrers API lost is pushed again" {
	api 3
	[ "$status" -eq 0 ]
	[ "$(requests 'PUT .*/manifests/sha256:')" -eq 3 ]
	[ "$(requests 'PUT .*/manifests/')" -eq 3 ]
}

@test "a registry that never lists what it takes" {
	api 99
	[ "$status" -eq 3 ]
	assert_output_has "does not list what refers to $digest, although it took it"
	[ "$(requests 'PUT .*/manifests/')" -eq 5 ]
}

@test "what others listed is kept, with members that nobody knows" {
	subject
	cat >"$BATS_TEST_TMPDIR/index" <<-EOF_INDEX
		{"schemaVersion":2,"mediaType":"$type_index","manifests":[{"mediaType":"$type_manifest",
		"digest":"$digest","size":7,"strange":{"a":[1,"x"]}}],"annotations":{"by":"others"}}
	EOF_INDEX
	push_manifest "$registry_open/$repository" "${digest/:/-}" \
		"$BATS_TEST_TMPDIR/index" "$type_index"
	push attach "$registry_open/$repository@$digest" small
	[ "$status" -eq 0 ]
	[ "$(listed)" -eq 2 ]
	[ "$(curl -sf -H "Accept: $type_index" \
		"http://$registry_open/v2/$repository/manifests/${digest/:/-}" |
		jq -c '[.manifests[0].strange, .annotations]')" = '[{"a":[1,"x"]},{"by":"others"}]' ]
}

@test "a tag of referrers that is something else is left alone" {
	subject
	push push "$registry_open/$repository:${digest/:/-}" small
	push attach "$registry_open/$repository@$digest" empty
	[ "$status" -eq 6 ]
	assert_output_has "no index of referrers"
}
