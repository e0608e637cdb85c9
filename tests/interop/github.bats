#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The stand-in for GitHub of tests/cli is what GitHub is: the real gh works with
# it, and every answer of it fits GitHub's own schema.

# shellcheck source=tests/interop/interop.bash disable=SC2154
load interop
load ../cli/github

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	mkdir src
	echo hello >src/file
	package-release keygen --no-password --output release.key >/dev/null
	package-release bundle --app tool --version 1.2.0 --payload src \
		--out dist --profile dev --key release.key >/dev/null
}

setup() {
	command -v gh >/dev/null || skip "gh is not installed"
	start_github --socket "$BATS_TEST_TMPDIR/socket"
	cd "$BATS_FILE_TMPDIR" || return
	export GH_TOKEN=x GH_CONFIG_DIR=$BATS_TEST_TMPDIR/gh GH_NO_UPDATE_NOTIFIER=1
	mkdir -p "$GH_CONFIG_DIR"
	printf 'http_unix_socket: %s\n' "$BATS_TEST_TMPDIR/socket" \
		>"$GH_CONFIG_DIR/config.yml"
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root"
	install-package setup --root "$root" --app tool --key release.key.pub
	printf '[source]\napi = %s\nallow_plain_http = 127.0.0.1\n' "$api" \
		>"$root/etc/tidegate/tool.ini"
}

teardown() {
	[ -z "${github_pid-}" ] || stop_github
}

create() {
	gh release create "$@" -R acme/tool --title "$1" --notes some
}

from_github() {
	install-package --root "$root" --repo acme/tool --version "$1"
}

@test "a bundle that gh uploads installs" {
	create v1.2.0 dist/1.2.0/tool-1.2.0.tar.gz
	from_github 1.2.0
	cmp src/file "$root/opt/tool/current/file"
}

@test "parts that gh uploads, by way of a draft, install as the latest" {
	create v1.2.0 --draft dist/1.2.0/[!t]*
	run from_github latest
	[ "$status" -eq 2 ]
	gh release edit v1.2.0 -R acme/tool --draft=false
	from_github latest
	cmp src/file "$root/opt/tool/current/file"
}

@test "what the stand-in lists, gh lists and downloads, without the token at storage" {
	publish v1 '{"prerelease": true}'
	publish v1.2.0 '{}' dist/1.2.0/tool-1.2.0.tar.gz
	run gh release list -R acme/tool
	[ "$status" -eq 0 ]
	[[ "$output" == *v1.2.0* && "$output" == *Pre-release* ]]
	gh release download v1.2.0 -R acme/tool -D "$BATS_TEST_TMPDIR/got"
	cmp dist/1.2.0/tool-1.2.0.tar.gz "$BATS_TEST_TMPDIR/got/tool-1.2.0.tar.gz"
	[ "$(requests '.server == "storage" and .authorization != null')" -eq 0 ]
	[ "$(requests '.server == "storage"')" -ge 1 ]
}

@test "gh sees the names that GitHub makes, and is refused a second of one" {
	echo x >"$BATS_TEST_TMPDIR/a b.txt"
	create v3 "$BATS_TEST_TMPDIR/a b.txt"
	[ "$(gh release view v3 -R acme/tool --json assets -q '.assets[].name')" = a.b.txt ]
	cp "$BATS_TEST_TMPDIR/a b.txt" "$BATS_TEST_TMPDIR/a.b.txt"
	run gh release upload v3 "$BATS_TEST_TMPDIR/a.b.txt" -R acme/tool
	[ "$status" -ne 0 ]
	gh release upload v3 "$BATS_TEST_TMPDIR/a.b.txt" -R acme/tool --clobber
}

# publish_release [OPTION|BUNDLE...]: by us.
publish_release() {
	GITHUB_TOKEN=x GITHUB_API_URL=$api package-release publish \
		--to github://acme/tool --plain-http 127.0.0.1 --key release.key.pub \
		--lock "$BATS_TEST_TMPDIR/packs.lock.json" "$@"
}

@test "what we publish, gh lists and downloads, byte for byte" {
	publish_release --latest --parts dist/1.2.0
	run gh release list -R acme/tool
	[ "$status" -eq 0 ]
	[[ "$output" == *1.2.0* && "$output" != *Draft* ]]
	gh release download 1.2.0 -R acme/tool -D "$BATS_TEST_TMPDIR/got"
	diff -r dist/1.2.0 "$BATS_TEST_TMPDIR/got"
	[ "$(gh release view 1.2.0 -R acme/tool --json assets -q '.assets | length')" = \
		"$(find dist/1.2.0 -type f | wc -l)" ]
	from_github latest
	cmp src/file "$root/opt/tool/current/file"
}

@test "a draft that gh made, with assets of gh, we complete and publish" {
	echo notes >"$BATS_TEST_TMPDIR/notes.txt"
	create v1.2.0 --draft "$BATS_TEST_TMPDIR/notes.txt" dist/1.2.0/sbom.json
	publish_release --parts dist/1.2.0
	gh release download v1.2.0 -R acme/tool -D "$BATS_TEST_TMPDIR/got"
	cmp "$BATS_TEST_TMPDIR/notes.txt" "$BATS_TEST_TMPDIR/got/notes.txt"
	rm "$BATS_TEST_TMPDIR/got/notes.txt"
	diff -r dist/1.2.0 "$BATS_TEST_TMPDIR/got"
	[ "$(requests '.method == "POST" and (.path | test("sbom.json"))')" -eq 1 ]
	from_github 1.2.0
}

@test "every answer of the stand-in fits GitHub's own schema" {
	schema=$tools/octokit/node_modules/@octokit/openapi/generated/api.github.com.deref.json
	[ -e "$schema" ] || skip "@octokit/openapi is not there: scripts/interop-tools"
	python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is not installed"
	create v1.2.0 --draft dist/1.2.0/[!t]*
	gh release edit v1.2.0 -R acme/tool --draft=false
	publish v2 '{"prerelease": true}' dist/1.2.0/tool-1.2.0.tar.gz
	for i in $(seq 35); do
		publish "other/$i"
	done
	from_github latest
	from_github 1.2.0
	from_github 7 || true
	gh release view v2 -R acme/tool
	number=$(jq -r '.[0].id' "$github/releases.json")
	curl -sSf "$api/repos/acme/tool/releases/$number/assets?per_page=5" >/dev/null
	behave '{"token": "y"}'
	from_github 7 || true
	GITHUB_TOKEN=z from_github 7 || true
	behave '{}'
	rm "$github/releases.json"
	create 1.2.0 --draft "$BATS_FILE_TMPDIR/src/file"
	curl -sSf -o /dev/null --data-binary old \
		"$api/repos/acme/tool/releases/1001/assets?name=tool-1.2.0.tar.gz"
	behave '{"immutable": true, "faults": [{"path": "/assets[?]name",
		"method": "POST", "times": 1, "skip": 1, "status": 502, "starter": true,
		"body": {"message": "Server Error"}}]}'
	publish_release --parts --latest dist/1.2.0
	behave '{"readers": ["x"], "immutable": true}'
	! gh release delete-asset 1.2.0 sbom.json -R acme/tool -y || false
	behave '{"immutable": true}'
	! gh release upload 1.2.0 "$BATS_FILE_TMPDIR/release.key.pub" -R acme/tool || false
	run python3 "$BATS_TEST_DIRNAME/github_schema.py" "$schema" "$github/answers"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"get /repos/{owner}/{repo}/releases/latest 200"* ]]
	[[ "$output" == *"get /repos/{owner}/{repo}/releases/{release_id}/assets 200"* ]]
	for seen in "post /repos/{owner}/{repo}/releases 201" \
		"patch /repos/{owner}/{repo}/releases/{release_id} 200" \
		"patch /repos/{owner}/{repo}/releases/assets/{asset_id} 200" \
		"post /repos/{owner}/{repo}/releases/{release_id}/assets 201" \
		"post /repos/{owner}/{repo}/releases/{release_id}/assets 422"; do
		[[ "$output" == *"$seen"* ]] || {
			echo "not seen: $seen"
			return 1
		}
	done
}
