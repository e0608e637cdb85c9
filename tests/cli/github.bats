#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install-package --repo, against a stand-in for GitHub.

# shellcheck disable=SC2154
setup_file() {
	load install
	app=tool
	make_releases
	mkdir -p "$work/src-1.3.0/site"
	head -c 3000000 /dev/urandom >"$work/src-1.3.0/site/noise"
	make_release 1.3.0
	cd "$work/dist" || return
	mkdir -p named
	cp 1.0.0/tool-1.0.0.tar.gz named/tool-1.0.0-linux-riscv64.tar.gz
}

setup() {
	load install
	load github
	app=tool
	start_github
	make_host
	configure
}

teardown() {
	stop_github
}

# configure [LINE...] - further lines of [source].
configure() {
	{
		echo '[source]'
		echo "api = $api"
		echo 'allow_plain_http = 127.0.0.1'
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$root/etc/tidegate/tool.ini"
}

# from_github VERSION [OPTION...]
from_github() {
	run install-package --root "$root" --repo acme/tool --version "$@"
}

# says TEXT...: each is in the output.
says() {
	local text
	for text in "$@"; do
		[[ "$output" == *"$text"* ]] || {
			echo "not said: $text, but: $output"
			return 1
		}
	done
}

# --- which release ---

@test "the release of a tag installs, and status says where it came from" {
	publish v9 '{}' "$(bundle 1.1.0)"
	publish 1.1.0 '{}' "$(bundle 1.1.0)"
	from_github 1.1.0
	[ "$status" -eq 0 ]
	same_tree 1.1.0
	run install-package status --root "$root" --app tool
	says "$api/acme/tool/releases/tag/1.1.0"
}

@test "a tag may have a v before the version that is named and signed" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	from_github 1.1.0
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.1.0 ]
	[ "$(requests '.path | test("/releases/tags/")')" -eq 2 ]
}

@test "the v is no part of the name: another spelling says what is there" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	from_github v1.1.0
	[ "$status" -eq 2 ]
	says "no asset 'tool-v1.1.0.tar.gz'" "'tool-1.1.0.tar.gz'"
	[ ! -e "$root/opt/tool" ]
}

@test "what is signed must be what was named, whatever the tag says" {
	cp "$(bundle 1.0.0)" "$BATS_TEST_TMPDIR/tool-1.1.0.tar.gz"
	publish 1.1.0 '{}' "$BATS_TEST_TMPDIR/tool-1.1.0.tar.gz"
	from_github 1.1.0
	[ "$status" -eq 4 ]
	says 1.0.0
	[ ! -e "$root/opt/tool/current" ]
}

@test "a tag that is not there: the newest are named" {
	publish v1.0.0 '{}' "$(bundle 1.0.0)"
	from_github 3.0
	[ "$status" -eq 2 ]
	says "acme/tool has no release '3.0'" "'v1.0.0'"
}

@test "latest is what the repository shows as its latest, without prereleases" {
	publish v1.1.0 '{"created_at": "2026-01-01T00:00:00Z"}' "$(bundle 1.1.0)"
	publish v1.0.0 '{"created_at": "2025-01-01T00:00:00Z"}' "$(bundle 1.0.0)"
	publish v1.2.0 '{"prerelease": true}' "$(bundle 1.2.0)"
	from_github latest
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.1.0 ]
	[ "$(requests '.path | endswith("/releases/latest")')" -eq 1 ]
}

@test "where the latest release is another app's, the last of this app is taken" {
	local i
	publish tool/1.0.0 '{"created_at": "2025-01-01T00:00:00Z", "published_at": "2025-02-01T00:00:00Z"}' "$(bundle 1.0.0)"
	publish tool/v1.1.0 '{"created_at": "2025-01-02T00:00:00Z", "published_at": "2025-03-01T00:00:00Z"}' "$(bundle 1.1.0)"
	for i in $(seq 40); do
		publish "other/$i" '{"created_at": "2026-01-01T00:00:00Z"}'
	done
	publish tool/1.2.0 '{"draft": true}' "$(bundle 1.2.0)"
	from_github latest
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.1.0 ]
	[ "$(requests '.path | test("page=2")')" -eq 1 ]
	says "taking 'tool/v1.1.0'"
}

@test "nothing newer than what is current is no error, and silent with --quiet" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	from_github latest
	[ "$status" -eq 0 ]
	# The folder of spools may have been written to, and is empty again.
	before=$(snapshot | grep -v '/\.spool d ')
	from_github latest --quiet
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	diff <(snapshot | grep -v '/\.spool d ') <(echo "$before")
}

@test "a latest release that is older than what was seen is nothing newer" {
	install 1.1.0
	publish v1.0.0 '{}' "$(bundle 1.0.0)"
	from_github latest --quiet
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(current)" = releases/1.1.0 ]
	from_github latest
	[ "$status" -eq 0 ]
	says "nothing newer: the latest release is 1.0.0"
	from_github latest --dry-run --json
	[ "$status" -eq 0 ]
	[ "$(jq -r .result <<<"$output")" = unchanged ]
	from_github 1.0.0
	[ "$status" -eq 4 ]
}

@test "a repository without a release for this host says what it looked for" {
	publish v1 '{}' "$BATS_FILE_TMPDIR/dist/named/tool-1.0.0-linux-riscv64.tar.gz"
	from_github latest
	[ "$status" -eq 2 ]
	says "no published release of acme/tool" tool-VERSION-linux-
	from_github 1
	[ "$status" -eq 2 ]
	says "it has: 'tool-1.0.0-linux-riscv64.tar.gz'"
}

# --- which asset ---

@test "the bundle for the host's platform comes before the one for all" {
	local arch
	arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
	cp "$(bundle 1.1.0)" "$BATS_TEST_TMPDIR/tool-1.1.0-linux-$arch.tar.gz"
	printf 'not this one' >"$BATS_TEST_TMPDIR/tool-1.1.0.tar.gz"
	publish 1.1.0 '{}' "$BATS_TEST_TMPDIR/tool-1.1.0.tar.gz" \
		"$BATS_TEST_TMPDIR/tool-1.1.0-linux-$arch.tar.gz"
	from_github 1.1.0
	[ "$status" -eq 0 ]
	same_tree 1.1.0
}

@test "parts as assets install, whole and by ranges" {
	publish v1.3.0 '{}' "$BATS_FILE_TMPDIR"/dist/1.3.0/[!t]*
	from_github 1.3.0
	[ "$status" -eq 0 ]
	same_tree 1.3.0
}

@test "more assets than a release shows are found in pages" {
	local i
	for i in $(seq 130); do
		printf %s "$i" >"$BATS_TEST_TMPDIR/other-$i"
	done
	publish v1.1.0 '{}' "$BATS_TEST_TMPDIR"/other-* "$(bundle 1.1.0)"
	behave '{"embedded": 30}'
	from_github 1.1.0
	[ "$status" -eq 0 ]
	same_tree 1.1.0
	[ "$(requests '.path | test("/assets[?]per_page=100&page=2")')" -eq 1 ]
}

@test "an asset whose upload was cut is not taken" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	sed -i 's/"name": "tool-1.1.0.tar.gz"/&, "state": "starter"/' "$github/releases.json"
	from_github 1.1.0
	[ "$status" -eq 3 ]
	says "not uploaded yet"
}

@test "a size or a digest other than GitHub says is an error" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	sed -i 's/"size": \([0-9]*\)/"size": 1\1/' "$github/releases.json"
	from_github 1.1.0
	[ "$status" -eq 3 ]
	says "tool-1.1.0.tar.gz"
	publish v1.3.0 '{}' "$BATS_FILE_TMPDIR"/dist/1.3.0/[!t]*
	jq '(.[] | select(.tag_name == "v1.3.0") | .assets[] | select(.name == "release.ini") | .digest) = "sha256:" + ("ab" * 32)' \
		"$github/releases.json" >"$github/new"
	mv "$github/new" "$github/releases.json"
	from_github 1.3.0
	[ "$status" -eq 5 ]
	says "'release.ini' has another SHA-256"
	[ ! -e "$root/opt/tool/current" ]
}

# --- the way to the bytes ---

@test "storage that refuses ranges or breaks off still gives the release" {
	publish v1.3.0 '{}' "$(bundle 1.3.0)"
	behave '{"faults": [{"path": "/storage/", "cut": 2000000, "times": 1},
		{"path": "/storage/", "cut": 500000, "times": 2}]}'
	from_github 1.3.0
	[ "$status" -eq 0 ]
	same_tree 1.3.0
	rm -r "$root/opt/tool" "$root/var/lib/tidegate"
	behave '{"whole": true}'
	from_github 1.3.0
	[ "$status" -eq 0 ]
	same_tree 1.3.0
}

@test "an API that sends the bytes itself serves as well" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	behave '{"storage": "direct", "token": "canary-31415926"}'
	printf 'canary-31415926\n' >"$BATS_TEST_TMPDIR/token"
	chmod 600 "$BATS_TEST_TMPDIR/token"
	from_github 1.1.0 --token-file "$BATS_TEST_TMPDIR/token"
	[ "$status" -eq 0 ]
	same_tree 1.1.0
}

@test "an address that has expired is asked for anew" {
	publish v1.3.0 '{}' "$(bundle 1.3.0)"
	behave '{"faults": [{"path": "/storage/", "status": 403, "times": 2},
		{"path": "/storage/", "cut": 600000, "times": 1},
		{"path": "/storage/", "status": 400, "times": 1}]}'
	from_github 1.3.0
	[ "$status" -eq 0 ]
	same_tree 1.3.0
}

@test "502 is tried again, 404 of an asset is not" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	behave '{"faults": [{"path": "/releases/tags/", "status": 502, "times": 2},
		{"path": "/releases/assets/", "status": 503, "times": 1}]}'
	from_github 1.1.0
	[ "$status" -eq 0 ]
	behave '{"faults": [{"path": "/releases/assets/", "status": 404}]}'
	rm -r "$root/opt/tool"
	from_github 1.1.0
	[ "$status" -eq 3 ]
}

@test "a repository that was renamed is followed, with the token" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	printf 'canary-31415926\n' >"$BATS_TEST_TMPDIR/token"
	chmod 600 "$BATS_TEST_TMPDIR/token"
	behave '{"renamed": "acme/old", "token": "canary-31415926"}'
	run install-package --root "$root" --app tool --repo acme/old \
		--version 1.1.0 --token-file "$BATS_TEST_TMPDIR/token"
	[ "$status" -eq 0 ]
	same_tree 1.1.0
	[ "$(requests '.path | test("^/repositories/1/releases/assets/")')" -ge 1 ]
}

@test "the token goes nowhere but to the API" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	printf 'canary-31415926\n' >"$BATS_TEST_TMPDIR/token"
	chmod 600 "$BATS_TEST_TMPDIR/token"
	behave '{"token": "canary-31415926", "faults": [{"path": "/tags/", "status": 301, "headers": {"Location": "http://127.0.0.1:1/repos"}}]}'
	from_github 1.1.0 --token-file "$BATS_TEST_TMPDIR/token"
	[ "$status" -eq 3 ]
	says "outside of it"
	behave '{"token": "canary-31415926"}'
	from_github 1.1.0 --token-file "$BATS_TEST_TMPDIR/token"
	[ "$status" -eq 0 ]
	[ "$(requests '.server == "storage" and .authorization != null')" -eq 0 ]
	[ "$(requests '.server == "storage" and .status == 400')" -eq 0 ]
	! grep -r canary-31415926 "$root"
}

# --- who may ---

@test "a private repository without a token: what to do, and that sudo drops it" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	behave '{"token": "canary-31415926"}'
	from_github 1.1.0
	[ "$status" -eq 2 ]
	says "sudo drops GITHUB_TOKEN" --token-file /etc/tidegate/credentials/tool
}

@test "a token of the host's own file, or of the environment, is used" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	behave '{"token": "canary-31415926"}'
	GITHUB_TOKEN=canary-31415926 from_github 1.1.0
	[ "$status" -eq 0 ]
	GITHUB_TOKEN=other from_github 1.1.0
	[ "$status" -eq 2 ]
	mkdir -p "$root/etc/tidegate/credentials"
	(umask 077 && echo canary-31415926 >"$root/etc/tidegate/credentials/tool")
	GITHUB_TOKEN=other from_github 1.1.0
	[ "$status" -eq 0 ]
	configure 'repo = acme/other'
	from_github 1.1.0
	[ "$status" -eq 0 ]
	! grep -r --exclude-dir=credentials canary-31415926 "$root"
}

@test "a stale token says so, and is not shown" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	behave '{"token": "canary-31415926"}'
	GITHUB_TOKEN=stale-27182818 from_github 1.1.0
	[ "$status" -eq 2 ]
	says "GitHub refuses the token (Bad credentials)" expired
	[[ "$output" != *27182818* ]]
}

@test "a repository that is not there, with a token" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	GITHUB_TOKEN=x run install-package --root "$root" --app tool \
		--repo acme/nothing --version 1.1.0
	[ "$status" -eq 2 ]
	says "GitHub shows no repository 'acme/nothing' to this token"
}

@test "a rate limit says when it ends, and is not asked again" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	for code in 403 429; do
		: >"$github/log"
		behave '{"faults": [{"path": "/releases/", "status": '$code',
			"headers": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": 1500}}]}'
		from_github 1.1.0
		[ "$status" -eq 3 ]
		says "limit of requests is used up until 20" "(25 min)" --token-file
		[ "$(requests true)" -eq 1 ]
		behave '{"faults": [{"path": "/releases/assets/", "status": '$code',
			"headers": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": 1500}}]}'
		from_github 1.1.0
		[ "$status" -eq 3 ]
		says "tool-1.1.0.tar.gz" "limit of requests is used up until 20"
	done
}

@test "a server that asks to slow down is waited for" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	behave '{"faults": [{"path": "/tags/", "status": 403, "times": 1, "headers": {"retry-after": "1"}}]}'
	from_github 1.1.0
	[ "$status" -eq 0 ]
	says "asks to wait 1 s"
}

# --- the command line ---

@test "the app is the one whose configuration names the repository" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	configure 'repo = Acme/Tool'
	install-package setup --root "$root" --app other \
		--key "$BATS_FILE_TMPDIR/release.key.pub"
	run install-package --root "$root" --repo acme/tool --version latest
	[ "$status" -eq 0 ]
	run install-package --root "$root" --app tool --version 1.1.0
	[ "$status" -eq 0 ]
	run install-package --root "$root" --app tool
	[ "$status" -eq 2 ]
	says "--version latest"
	printf '[source]\nrepo = acme/tool\n' >"$root/etc/tidegate/other.ini"
	from_github 1.1.0
	[ "$status" -eq 2 ]
	says "'other' and 'tool' both come from 'acme/tool'"
}

@test "a host without the key is told how to set it up" {
	run install-package --root "$root" --repo acme/Fresh --version 1
	[ "$status" -eq 4 ]
	says "install-package setup --app fresh --key FILE.pub --repo acme/Fresh"
	[ "$(requests true)" = 0 ] || [ ! -e "$github/log" ]
}

@test "names that are none are refused before anybody is asked" {
	for name in acme acme/tool/x https://github.com/acme/tool acme/.. acme/tool.git; do
		run install-package --root "$root" --app tool --repo "$name" --version 1
		[ "$status" -eq 2 ]
		says "write OWNER/REPOSITORY"
	done
	from_github ../x
	[ "$status" -eq 2 ]
	from_github latest --bundle x
	[ "$status" -eq 2 ]
	run install-package --root "$root" --bundle x --version latest
	[ "$status" -eq 2 ]
	[ ! -e "$github/log" ]
}

# --- bad answers ---

@test "HTML, an endless list and a name that leads away are refused" {
	publish v1.1.0 '{}' "$(bundle 1.1.0)"
	behave '{"faults": [{"path": "/tags/", "status": 200, "body": "<html>login</html>"}]}'
	from_github 1.1.0
	[ "$status" -eq 5 ]
	says "reading GitHub's answer"
	behave '{"faults": [{"path": "/latest", "status": 404},
		{"path": "/releases[?]", "status": 200, "body": [], "headers": {"Link": "<'"$api"'/repositories/1/releases?page=1>; rel=\"next\""}}]}'
	: >"$github/log"
	from_github latest
	[ "$status" -eq 2 ]
	[ "$(requests true)" -le 12 ]
	behave '{"faults": [{"path": "/latest", "status": 404},
		{"path": "/releases[?]", "status": 200, "body": [], "headers": {"Link": "<http://127.0.0.1:1/x>; rel=\"next\""}}]}'
	from_github latest
	[ "$status" -eq 3 ]
	says "outside of its API"
}
