#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# package-release publish --to github://, against a stand-in for GitHub.

# shellcheck disable=SC2034,SC2154,SC2030,SC2031
bats_require_minimum_version 1.5.0

setup_file() {
	load install
	app=tool
	make_releases
	cd "$work/dist" || return
	mkdir -p other/1.1.0
	mkdir -p "$work/src-other/site"
	echo other >"$work/src-other/site/index"
	package-release bundle --app tool --version 1.1.0 --profile dev \
		--payload "$work/src-other" --key "$work/release.key" --out other >/dev/null
}

setup() {
	load install
	load github
	app=tool
	work=$BATS_FILE_TMPDIR
	start_github
	export GITHUB_API_URL=$api GITHUB_TOKEN=canary-4711
	cd "$BATS_TEST_TMPDIR" || return
	release=$work/dist/1.1.0
	asset=tool-1.1.0.tar.gz
}

teardown() {
	stop_github
}

# publish_to_github [OPTION|BUNDLE...]
publish_to_github() {
	package-release publish --to github://acme/tool --plain-http 127.0.0.1 \
		--key "$work/release.key.pub" "$@"
}

try() {
	run publish_to_github "$@"
	echo "$output"
}

says() {
	local text
	for text in "$@"; do
		[[ "$output" == *"$text"* ]] || {
			echo "not said: $text"
			return 1
		}
	done
}

# releases JQ-FILTER - of all that the stand-in has.
releases() {
	jq -c "$1" "$github/releases.json"
}

# changes - how many requests asked for one.
changes() {
	requests '.method != "GET"'
}

forget_requests() {
	: >"$github/log"
}

# draft TAG [MEMBERS] [FILE...] - one that somebody made by hand.
draft() {
	local members=${2:-}
	[ -n "$members" ] || members={}
	publish "$1" "$(jq -nc --argjson m "$members" '{draft: true} + $m')" "${@:3}"
}

# --- the straight way ---

@test "a draft, its assets, a look at them, and only then a release" {
	try "$release"
	[ "$status" -eq 0 ]
	[ "$(jq -r 'select(.method != "GET") | "\(.method) \(.path)"' "$github/log" |
		sed -E 's/[0-9]{4}/N/; s|/repos/acme/tool||')" = "POST /releases
POST /releases/N/assets?name=$asset
PATCH /releases/N" ]
	[ "$(tail -n 2 "$github/log" | jq -sr '.[0].path')" = \
		"/repos/acme/tool/releases/1001/assets?per_page=100" ]
	[ "$(releases '[.[] | .draft, .latest, .prerelease]')" = '[false,false,false]' ]
}

@test "what was published installs, also as the latest" {
	publish_to_github --latest "$release"
	make_host
	printf '[source]\napi = %s\nallow_plain_http = 127.0.0.1\n' "$api" \
		>"$root/etc/tidegate/tool.ini"
	install-package --root "$root" --repo acme/tool --version latest
	[ "$(current)" = releases/1.1.0 ]
}

@test "with --parts an upgrade takes only what is missing; release.ini comes last" {
	publish_to_github --parts "$work/dist/1.0.0"
	publish_to_github --parts "$release"
	[ "$(releases '[.[] | .assets[-1].name] | unique')" = '["release.ini"]' ]
	make_host
	printf '[source]\napi = %s\nallow_plain_http = 127.0.0.1\n' "$api" \
		>"$root/etc/tidegate/tool.ini"
	install-package --root "$root" --repo acme/tool --version 1.0.0
	install-package --root "$root" --repo acme/tool --version 1.1.0
	[ "$(current)" = releases/1.1.0 ]
}

@test "the same again changes nothing" {
	publish_to_github --latest "$release"
	before=$(cat "$github/releases.json")
	forget_requests
	try "$release"
	[ "$status" -eq 0 ]
	says "was there"
	try --latest "$release"
	says "was there"
	[ "$(changes)" = 0 ]
	[ "$(cat "$github/releases.json")" = "$before" ]
}

@test "a dry run asks nobody, and names the release" {
	unset GITHUB_TOKEN
	GITHUB_API_URL=http://127.0.0.1:1 try --dry-run "$release"
	[ "$status" -eq 0 ]
	says "github://acme/tool:1.1.0"
	[ ! -s "$github/log" ]
}

@test "a pre-release is one, and never the latest" {
	mkdir src && echo x >src/x
	package-release bundle --app tool --version 2.0.0-rc.1 --profile dev \
		--payload src --key "$work/release.key" --out dist
	try --latest dist/2.0.0-rc.1
	[ "$status" -eq 2 ]
	says "leave --latest out"
	try dist/2.0.0-rc.1
	[ "$status" -eq 0 ]
	[ "$(releases '[.[].prerelease]')" = '[true]' ]
}

@test "bundles of several platforms are assets of one release" {
	mkdir src && echo x >src/x
	for platform in linux/amd64 linux/arm64; do
		package-release bundle --app tool --version 3.0.0 --profile dev \
			--payload src --key "$work/release.key" --out dist --platform $platform
	done
	publish_to_github dist/3.0.0/linux-amd64
	try dist/3.0.0/linux-arm64
	[ "$status" -eq 0 ]
	[ "$(releases '[.[] | [.assets[].name]]')" = \
		'[["tool-3.0.0-linux-amd64.tar.gz","tool-3.0.0-linux-arm64.tar.gz"]]' ]
}

# --- tags ---

@test "the tag may have a v: the one that there is" {
	printf '{"v1.1.0": "%040d"}' 1 >"$github/tags.json"
	try "$release"
	[ "$status" -eq 0 ]
	[ "$(releases '[.[].tag_name]')" = '["v1.1.0"]' ]
}

@test "a tag at another commit than the bundle's is refused" {
	mkdir repo && cd repo
	git init -q . && git remote add origin https://github.com/Acme/tool.git
	mkdir payload && echo x >payload/x && git add . &&
		git -c user.name=x -c user.email=x@example.org commit -qm x
	package-release bundle --app tool --version 4.0.0 --profile dev \
		--payload payload --key "$work/release.key" --out "$BATS_TEST_TMPDIR/dist"
	printf '{"v4.0.0": "%040d"}' 1 >"$github/tags.json"
	try "$BATS_TEST_TMPDIR/dist/4.0.0"
	[ "$status" -eq 6 ]
	says "tag v4.0.0 of 'acme/tool' is at commit 000000000000"
	[ "$(changes)" = 0 ]
	rm "$github/tags.json"
	try "$BATS_TEST_TMPDIR/dist/4.0.0"
	[ "$status" -eq 0 ]
	[ "$(jq -r '."4.0.0"' "$github/tags.json")" = "$(git rev-parse HEAD)" ]
}

# commit_all - a repository on GitHub with a payload, and a bundle 4.0.0 of it;
# sets $head.
commit_all() {
	[ -d .git ] || git init -q .
	git remote add origin https://github.com/Acme/tool.git 2>/dev/null || true
	mkdir -p payload
	date +%N >payload/x
	git add payload
	git -c user.name=x -c user.email=x@example.org commit -qm x
	head=$(git rev-parse HEAD)
	rm -rf dist
	package-release bundle --app tool --version 4.0.0 --profile dev \
		--payload payload --key "$work/release.key" --out dist
}

@test "a draft, and a release, whose tag is at another commit are refused, too" {
	commit_all
	printf '{"4.0.0": "%040d"}' 1 >"$github/tags.json"
	draft 4.0.0
	forget_requests
	try dist/4.0.0
	[ "$status" -eq 6 ]
	says "tag 4.0.0 of 'acme/tool' is at commit 000000000000"
	[ "$(changes)" = 0 ]
	echo '[]' >"$github/releases.json"
	publish 4.0.0
	forget_requests
	try dist/4.0.0
	[ "$status" -eq 6 ]
	[ "$(changes)" = 0 ]
}

@test "the tag of an older draft is made at the commit of what is published" {
	commit_all
	draft 4.0.0 '{"target_commitish": "main"}'
	try dist/4.0.0
	[ "$status" -eq 0 ]
	[ "$(jq -r '."4.0.0"' "$github/tags.json")" = "$head" ]
}

@test "--keep-going: a GitHub that cannot be reached stops no other target" {
	GITHUB_API_URL=http://127.0.0.1:1 try "$release" --keep-going --to dir:site
	[ "$status" -eq 3 ]
	says "1 of 2 were not published"
	[ -e site/1.1.0/$asset ]
	# Not even a client for it could be made.
	mkdir credentials
	printf 'two\nlines\n' >credentials/127.0.0.1
	CREDENTIALS_DIRECTORY=$PWD/credentials try "$release" --keep-going --to dir:other
	[ "$status" -ge 1 ] && [ "$status" -lt 128 ]
	says "1 of 2 were not published" "the token for 127.0.0.1"
	[ -e other/1.1.0/$asset ]
	[ "$(changes)" = 0 ]
}

# --- drafts ---

@test "a draft made by hand is filled and published; what is in it stays" {
	echo mine >notes.txt
	draft v1.1.0 '{"name": "By hand", "body": "What is new"}' notes.txt
	try "$release"
	[ "$status" -eq 0 ]
	[ "$(releases '[.[] | .draft, .name, .body, [.assets[].name]]')" = \
		"[false,\"By hand\",\"What is new\",[\"notes.txt\",\"$asset\"]]" ]
}

@test "a draft on a later page is found" {
	draft v1.1.0 '{"created_at": "2020-01-01T00:00:00Z"}'
	for i in $(seq 35); do
		jq --argjson i "$i" '. + [.[0] + {id: (2000 + $i), tag_name: "other/\($i)",
			created_at: "2025-01-01T00:00:00Z", draft: false}]' \
			"$github/releases.json" >"$github/new"
		mv "$github/new" "$github/releases.json"
	done
	try "$release"
	[ "$status" -eq 0 ]
	[ "$(releases '[.[] | select(.tag_name == "v1.1.0") | .draft]')" = '[false]' ]
}

@test "several drafts of one tag are refused" {
	draft v1.1.0
	draft v1.1.0
	forget_requests
	try "$release"
	[ "$status" -eq 6 ]
	says "several drafts of release v1.1.0 (100"
	[ "$(changes)" = 0 ]
}

@test "of several drafts the one that an interrupted run made is taken" {
	behave '{"faults": [{"path": "/assets[?]name", "status": 400}]}'
	run publish_to_github "$release"
	[ "$status" -ne 0 ]
	behave '{}'
	draft 1.1.0
	try "$release"
	[ "$status" -eq 0 ]
	[ "$(releases '[.[] | .id, .draft]')" = '[1001,false,1002,true]' ]
}

@test "a release that somebody else published comes before a draft of ours" {
	behave '{"faults": [{"path": "/assets[?]name", "status": 400}]}'
	run publish_to_github "$release"
	[ "$status" -ne 0 ]
	behave '{}'
	publish 1.1.0
	try "$release"
	[ "$status" -eq 0 ]
	[ "$(releases '[.[] | .draft // false, [.assets[].name]]')" = "[true,[],false,[\"$asset\"]]" ]
}

@test "other bytes than were sent are taken back, also from a published release" {
	publish 1.1.0
	behave "{\"faults\": [{\"path\": \"/assets[?]name\", \"status\": 201,
		\"starter\": true, \"body\": {\"id\": 1002, \"name\": \"$asset\",
		\"size\": 7, \"state\": \"uploaded\"}}]}"
	try "$release"
	[ "$status" -eq 3 ]
	says "GitHub has other bytes than the file had"
	[ "$(releases '.[0].assets')" = '[]' ]
}

@test "an asset of a draft that differs is replaced behind its successor" {
	draft v1.1.0 '{}' "$work/dist/other/1.1.0/$asset"
	forget_requests
	try "$release"
	[ "$status" -eq 0 ]
	[ "$(jq -r 'select(.method != "GET") | "\(.method) \(.path)"' "$github/log" |
		sed -E 's/[0-9]{4}/N/; s|/repos/acme/tool||')" = "POST /releases/N/assets?name=$asset.new
DELETE /releases/assets/N
PATCH /releases/assets/N
PATCH /releases/N" ]
	[ "$(releases '[.[0].assets[].name]')" = "[\"$asset\"]" ]
}

@test "successors that earlier runs left are used, or removed" {
	cp "$release/$asset" "$asset.new"
	draft v1.1.0 '{}' "$asset.new"
	forget_requests
	publish_to_github "$release"
	[ "$(requests '.method == "POST"')" = 0 ]
	[ "$(releases '[.[0].assets[].name]')" = "[\"$asset\"]" ]
	echo old >"$asset.new"
	draft v1.0.0 '{}' "$work/dist/1.0.0/tool-1.0.0.tar.gz"
	mv "$asset.new" tool-1.0.0.tar.gz.new
	id=$(releases '.[1].id')
	curl -sSf -o /dev/null --data-binary @tool-1.0.0.tar.gz.new \
		"$api/repos/acme/tool/releases/$id/assets?name=tool-1.0.0.tar.gz.new"
	publish_to_github "$work/dist/1.0.0"
	[ "$(releases '[.[1].assets[].name]')" = '["tool-1.0.0.tar.gz"]' ]
}

# fake_list NUMBER BODY - the answer to that question for the list of assets.
fake_list() {
	behave "{\"faults\": [{\"path\": \"/assets[?]per_page\", \"skip\": $(($1 - 1)),
		\"times\": 1, \"status\": 200, \"body\": $2}]}"
}

@test "the rest of an upload that has become an asset since is not removed" {
	draft v1.1.0 '{}' "$release/$asset"
	forget_requests
	fake_list 1 "[{\"id\": $(releases '.[0].assets[0].id'), \"name\": \"$asset\", \"size\": 0, \"state\": \"starter\"}]"
	publish_to_github "$release"
	[ "$(requests '.method == "POST" or .method == "DELETE"')" = 0 ]
	[ "$(releases '[.[0].draft, .[0].assets[].name]')" = "[false,\"$asset\"]" ]
}

@test "nothing goes before what replaces it was seen just then" {
	draft v1.1.0 '{}' "$work/dist/other/1.1.0/$asset"
	forget_requests
	fake_list 3 "$(releases '[.[0].assets[] | {id, name, size, state: "uploaded"}]')"
	try "$release"
	[ "$status" -eq 6 ]
	says "somebody else has taken $asset.new away"
	[ "$(requests '.method == "DELETE"')" = 0 ]
	behave '{}'
	publish_to_github "$release"
	[ "$(releases '[.[0].assets[].name]')" = "[\"$asset\"]" ]
}

# --- releases that are published ---

@test "a published asset that differs is refused before anything is sent" {
	publish v1.1.0 '{}' "$work/dist/other/1.1.0/$asset"
	forget_requests
	try --parts "$release"
	[ "$status" -eq 6 ]
	says "is published with another $asset" "publish another version"
	[ "$(changes)" = 0 ]
	try --move-tag "$release"
	[ "$status" -eq 0 ]
	cmp "$release/$asset" "$github/assets/$(releases '.[0].assets[0].id')"
}

@test "an immutable release takes nothing more, and the same is fine" {
	behave '{"immutable": true}'
	publish_to_github "$release"
	[ "$(releases '.[0].immutable')" = true ]
	forget_requests
	try "$release"
	[ "$status" -eq 0 ]
	says "was there"
	try --parts "$release"
	[ "$status" -eq 6 ]
	says "is published and immutable" "publish another version"
	[ "$(changes)" = 0 ]
}

# --- interruptions ---

# is_whole_or_hidden - no release is seen that lacks the asset.
is_whole_or_hidden() {
	local id
	[ -e "$github/releases.json" ] || return 0
	for id in $(jq -r '.[] | select(.draft | not) | .id' "$github/releases.json"); do
		[ "$(jq --argjson id "$id" --arg name "$asset" '[.[] | select(.id == $id) |
			.assets[] | select(.name == $name and .state != "starter" and
			.size > 0)] | length' "$github/releases.json")" = 1 ] || return 1
	done
}

# killed_at_each PREPARE - kill the program at each request, once the server did
# what it asks for, which is also before the next one; then run it again.
killed_at_each() {
	local at count
	"$1"
	forget_requests
	publish_to_github "$release"
	count=$(requests true)
	[ "$count" -ge 8 ]
	for at in $(seq 0 $((count - 1))); do
		behave '{}'
		rm -rf "$github/releases.json" "$github/tags.json" packs.lock.json*
		"$1"
		behave "{\"faults\": [{\"path\": \".\", \"skip\": $at, \"times\": 1,
			\"kill\": \"after\"}]}"
		status=0
		# shellcheck disable=SC2016
		sh -c 'echo $$ >"$1/pid"; shift; exec "$@"' sh "$github" \
			package-release publish --to github://acme/tool \
			--plain-http 127.0.0.1 --key "$work/release.key.pub" "$release" \
			>output 2>&1 || status=$?
		behave '{}'
		[ "$status" -eq 137 ]
		is_whole_or_hidden
		publish_to_github "$release" >output 2>&1
		[ "$(releases '[.[] | .draft]')" = '[false]' ]
		[ "$(releases '[.[0].assets[] | .name]')" = "[\"$asset\"]" ]
		cmp "$release/$asset" "$github/assets/$(releases '.[0].assets[0].id')"
	done
}

nothing() { :; }

with_an_old_draft() {
	draft 1.1.0 '{}' "$work/dist/other/1.1.0/$asset"
}

@test "killed at each request: nothing is half published, and the next run ends it" {
	killed_at_each nothing
}

@test "killed at each request of a replacement: the same" {
	killed_at_each with_an_old_draft
}

@test "connections that end at a request that changes something cost a try" {
	for when in before after; do
		for method in POST PATCH; do
			for at in 0 1; do
				[ "$method$at" != PATCH1 ] || continue
				rm -f "$github/releases.json" "$github/tags.json" packs.lock.json*
				behave "{\"faults\": [{\"path\": \".\", \"skip\": $at,
					\"times\": 1, \"method\": \"$method\",
					\"hangup\": \"$when\"}]}"
				publish_to_github "$release"
				[ "$(releases '[.[] | .draft, [.assets[].name]]')" = \
					"[false,[\"$asset\"]]" ]
			done
		done
	done
}

@test "502 that leaves a starter: it is removed, and the asset sent again" {
	behave '{"faults": [{"path": "/assets[?]name", "method": "POST", "times": 1,
		"status": 502, "starter": true}]}'
	try "$release"
	[ "$status" -eq 0 ]
	[ "$(requests '.method == "DELETE"')" = 1 ]
	[ "$(releases '[.[0].assets[] | .name, .state]')" = "[\"$asset\",null]" ]
}

@test "what a refused upload leaves, the next run clears" {
	behave '{"faults": [{"path": "/assets[?]name", "method": "POST", "times": 1,
		"status": 422, "starter": true, "body": {"message": "No"}}]}'
	try "$release"
	[ "$status" -eq 6 ]
	says "GitHub refuses it: No"
	behave '{}'
	publish_to_github "$release"
	[ "$(releases '[.[0].assets[] | .name, .state]')" = "[\"$asset\",null]" ]
}

@test "a list that has lost an asset, or other bytes of it, publishes nothing" {
	for body in '[]' "[{\"id\": 1, \"name\": \"$asset\", \"size\": 1,
			\"state\": \"uploaded\"}]"; do
		rm -f "$github/releases.json"
		behave "{\"faults\": [{\"path\": \"/assets[?]per_page\", \"skip\": 1,
			\"times\": 1, \"status\": 200, \"body\": $body}]}"
		try "$release"
		[ "$status" -eq 3 ]
		says "GitHub lists $asset of release 1.1.0"
		[ "$(releases '[.[].draft]')" = '[true]' ]
	done
}

@test "a server that tells no digests has its bytes compared" {
	behave '{"digests": false}'
	publish_to_github "$release"
	forget_requests
	try "$release"
	[ "$status" -eq 0 ]
	says "was there"
	[ "$(requests '.server == "storage" and .authorization == null')" = 1 ]
	id=$(releases '.[0].assets[0].id')
	printf x | dd of="$github/assets/$id" bs=1 seek=99 conv=notrunc 2>/dev/null
	try "$release"
	[ "$status" -eq 6 ]
	says "is published with another $asset"
}

# --- tokens and limits ---

@test "the token goes to no other host that a release names for uploads" {
	behave "{\"uploads\": \"${api/127.0.0.1/localhost}\"}"
	run publish_to_github --plain-http localhost "$release"
	[ "$status" -eq 3 ]
	says "names 'http://localhost:" "the token is not sent there"
	[ "$(requests '.path | test("assets.name")')" = 0 ]
}

@test "the token is in nothing that is said or written" {
	behave '{"faults": [{"path": "/assets[?]name", "status": 400,
		"body": {"message": "your token canary-4711 is fine"}}]}'
	try "$release"
	[ "$status" -ne 0 ]
	behave '{}'
	try "$release"
	run ! grep -r --exclude-dir=github canary-4711 .
	[ "$(requests '.authorization == "Bearer canary-4711"')" -gt 3 ]
}

@test "a token that may not write: what it needs" {
	behave '{"readers": ["canary-4711"]}'
	try "$release"
	[ "$status" -eq 2 ]
	says "'acme/tool'" "may not write releases" "contents: write"
}

@test "no token, a stale one, and a repository that is not to be seen" {
	behave '{"token": "right"}'
	try "$release"
	[ "$status" -eq 2 ]
	says "GitHub refuses the token"
	unset GITHUB_TOKEN
	try "$release"
	[ "$status" -eq 2 ]
	says "GITHUB_TOKEN" "contents: write"
	GITHUB_TOKEN=right publish_to_github "$release"
}

@test "a rate limit says when it ends; a short wait is waited" {
	behave '{"faults": [{"path": "/releases$", "method": "POST", "times": 1,
		"status": 403, "headers": {"retry-after": 1},
		"body": {"message": "You have exceeded a secondary rate limit"}}]}'
	try "$release"
	[ "$status" -eq 0 ]
	says "asks to wait 1 s"
	behave '{"faults": [{"path": "/assets[?]name", "status": 403,
		"headers": {"x-ratelimit-remaining": 0, "x-ratelimit-reset": 1800}}]}'
	try "$work/dist/1.0.0"
	[ "$status" -eq 3 ]
	says "limit of requests is used up until"
}

@test "names of targets that are none, and what GitHub would not take" {
	for target in github://acme github://acme/tool/x github://; do
		run package-release publish --to "$target" "$release"
		[ "$status" -eq 2 ]
		says "write github://OWNER/REPOSITORY"
	done
}
