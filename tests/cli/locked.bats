#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of the files that are loaded
# install-package --locked, against Debian's docker-registry.

setup_file() {
	load install
	load oci
	make_releases
	start_registry open
	htpasswd -Bbn u p >"$BATS_FILE_TMPDIR/htpasswd"
	start_registry basic "auth: {htpasswd: {realm: r, path: $BATS_FILE_TMPDIR/htpasswd}}"
	for version in 1.0.0 1.1.0; do
		push_release "$registry_open/acme/shop" "$version" "$version" \
			>"$BATS_FILE_TMPDIR/digest-$version"
		# The tag says nothing: the lockfile does.
		push_release "$registry_open/acme/moved" latest "$version"
	done
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load install
	load oci
	make_host
	ini=$root/etc/tidegate/$app.ini
	printf '[source]\nallow_plain_http = 127.0.0.1\n' >"$ini"
	lock=$BATS_TEST_TMPDIR/packs.lock.json
	receipt=$root/opt/$app/packages/1.0.0/receipt.ini
}

teardown() {
	[ -z "${github_pid-}" ] || kill "$github_pid" 2>/dev/null || true
}

locked() {
	run install-package --root "$root" --app "$app" --locked "$lock" "$@"
}

digest() {
	cat "$BATS_FILE_TMPDIR/digest-$1"
}

release() {
	sha256sum <"$BATS_FILE_TMPDIR/dist/$1/release.ini" | cut -d ' ' -f 1
}

# pin DIGEST RELEASE_SHA256 [DRY_RUN] - a lockfile beside one of another app.
pin() {
	cat >"$lock" <<-EOF
		{"schema": "tidegate.lock/1", "version": "1.0.0", "dry_run": ${3-false},
		 "packs": [
		 {"name": "$app", "file": "x", "release_sha256": "$2",
		  "oci_ref": "$registry_open/acme/shop:1.0.0", "digest": "$1"}]}
	EOF
}

# fits_schema - the lockfile is as docs/schemas says.
fits_schema() {
	python3 -c 'import jsonschema' 2>/dev/null || return 0
	python3 - "$BATS_TEST_DIRNAME/../../docs/schemas/packs-lock.schema.json" "$lock" <<-'EOF'
		import json, sys, jsonschema
		schema, lock = (json.load(open(path)) for path in sys.argv[1:])
		jsonschema.Draft202012Validator.check_schema(schema)
		jsonschema.Draft202012Validator(schema).validate(lock)
	EOF
}

# refused STATUS TEXT... - and nothing is installed.
refused() {
	local text
	[ "$status" -eq "$1" ]
	for text in "${@:2}"; do
		[[ $output == *"$text"* ]] || {
			echo "no '$text' in: $output"
			return 1
		}
	done
	[ ! -e "$root/opt/$app/releases/1.0.0" ]
	[ ! -e "$root/opt/$app/releases/1.1.0" ]
}

@test "what the lockfile pins is installed, and the receipt says so" {
	pin "$(digest 1.0.0)" "$(release 1.0.0)"
	locked
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	grep -q "source = oci://$registry_open/acme/shop@$(digest 1.0.0)" "$receipt"
	grep -q "lockfile = $(sha256sum <"$lock" | cut -d ' ' -f 1)" "$receipt"
}

@test "a registry that only the lockfile names gets docker's credentials for it, and no others" {
	local name=$registry_basic/acme/shop:1.0.0 config=$root/etc/docker.json
	pin "$(digest 1.0.0)" "$(release 1.0.0)"
	sed -i "s,$registry_open,$registry_basic," "$lock"
	mkdir -m 700 "$root/etc/tidegate/credentials"
	(umask 077 && echo u:p >"$root/etc/tidegate/credentials/$app")
	printf 'oci = %s\n' "$name" >>"$ini"
	locked
	refused 3 "without credentials"
	printf 'docker_config = /etc/docker.json\n' >>"$ini"
	(umask 077 && printf '{"auths":{"%s":{"auth":"dTpw"}}}' "$registry_basic" >"$config")
	locked
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a tag that was moved changes nothing" {
	pin "$(digest 1.0.0)" "$(release 1.0.0)"
	sed -i 's,acme/shop:1.0.0,acme/moved:latest,' "$lock"
	locked
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "another release behind the digest is refused, however well it is signed" {
	pin "$(digest 1.1.0)" "$(release 1.0.0)"
	sed -i 's/"version": "1.0.0"/"version": "1.1.0"/' "$lock"
	locked
	refused 4 "it is not the one that the lockfile pins" "$(release 1.1.0)"
}

@test "a dry run, or nothing that was pushed, is refused" {
	pin DRY_RUN "$(release 1.0.0)" true
	locked
	refused 2 "of a dry run"
	pin "" "$(release 1.0.0)"
	locked
	refused 2 "no digest of '$app'"
}

@test "older shapes have too little" {
	echo "{\"packs\": [{\"name\": \"$app\", \"file\": \"x\", \"ref\": \"$registry_open/acme/shop:1.0.0\", \"digest\": \"$(digest 1.0.0)\"}]}" >"$lock"
	locked
	refused 2 "no release_sha256 of '$app'"
	echo "{\"packs\": [{\"name\": \"$app\", \"file\": \"x\", \"ref\": \"$registry_open/acme/shop:1.0.0\", \"digest\": \"DRY_RUN\"}]}" >"$lock"
	locked
	refused 2 "of a dry run"
}

@test "an app that it does not name, and a version that it does not pin" {
	pin "$(digest 1.0.0)" "$(release 1.0.0)"
	locked --version 1.1.0
	refused 2 "it pins version 1.0.0, and 1.1.0 was asked for"
	sed -i "s/\"name\": \"$app\"/\"name\": \"other\"/" "$lock"
	locked
	refused 2 "none of its 1 packages is called '$app'"
}

@test "a file that others may write is not the administrator's word" {
	pin "$(digest 1.0.0)" "$(release 1.0.0)"
	chmod 666 "$lock"
	locked
	refused 4 "$lock"
	mkfifo "$lock.fifo"
	lock=$lock.fifo locked
	refused 2 "is no regular file"
}

@test "what is no lockfile" {
	echo '{"packs": [' >"$lock"
	locked
	refused 5 "the lockfile" "not JSON"
	: >"$lock"
	locked
	refused 5 "is empty"
	head -c 4194305 /dev/zero >"$lock"
	locked
	refused 5 "$lock"
	lock=$lock.absent locked
	refused 7 "packs.lock.json.absent"
}

@test "no server is asked offline" {
	pin "$(digest 1.0.0)" "$(release 1.0.0)"
	locked --offline
	refused 2 "--offline" "$lock"
	locked --version latest
	refused 2 "--locked says which release it is"
}

# publish_to TARGET [OPTION...] - release 1.0.0; writes the lockfile.
publish_to() {
	(cd "$BATS_TEST_TMPDIR" && package-release publish --to "$1" --plain-http 127.0.0.1 \
		--key "$BATS_FILE_TMPDIR/release.key.pub" "${@:2}" "$BATS_FILE_TMPDIR/dist/1.0.0")
}

@test "what was published to a folder is named beside the lockfile" {
	local site=$BATS_TEST_TMPDIR/site bundle=$app-1.0.0.tar.gz way
	publish_to "dir:$site"
	locked
	refused 2 "'$app' was published to dir:$site/1.0.0" "--asset-dir"
	for way in "--asset-dir $site/1.0.0" "--bundle $site/1.0.0/$bundle" "--url file:$site/1.0.0/"; do
		# shellcheck disable=SC2086 # an option and its value
		locked $way
		[ "$status" -eq 0 ]
		same_tree 1.0.0
		grep -q "lockfile = $(sha256sum <"$lock" | cut -d ' ' -f 1)" "$receipt"
		rm -r "$root/opt/$app" "$root/var/lib/tidegate"
	done
	# shellcheck disable=SC2086
	locked --asset-dir "$BATS_FILE_TMPDIR/dist/1.1.0"
	refused 4 "it is not the one that the lockfile pins" "$(release 1.1.0)"
}

@test "what a web server shows is named beside the lockfile" {
	load web
	publish_to "dir:$BATS_TEST_TMPDIR/site"
	start_nginx "$BATS_TEST_TMPDIR/site"
	cp "$web_dir/cert.pem" "$root/etc/ca.pem"
	printf 'ca_file = /etc/ca.pem\n' >>"$ini"
	locked --url "$web/1.0.0/"
	echo "$output"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	cp -r "$BATS_FILE_TMPDIR/dist/1.1.0" "$BATS_TEST_TMPDIR/site/"
	locked --url "$web/1.1.0/"
	[ "$status" -eq 4 ]
	[[ $output == *"it is not the one that the lockfile pins"* ]]
	[ ! -e "$root/opt/$app/releases/1.1.0" ]
}

@test "another registry can stand beside the lockfile" {
	pin "sha256:$(printf 'a%.0s' {1..64})" "$(release 1.0.0)"
	locked --oci "$registry_open/acme/shop:1.1.0"
	refused 4 "it is not the one that the lockfile pins"
	locked --oci "$registry_open/acme/shop:1.0.0"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a release page, with the token of the API" {
	load github
	start_github
	behave '{"private": true, "token": "canary-4711"}'
	export GITHUB_API_URL=$api GITHUB_TOKEN=canary-4711
	publish_to github://acme/tool
	printf 'api = %s\n' "$api" >>"$ini"
	locked
	echo "$output"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	grep -q "source = .*acme/tool/releases/tag/1.0.0" "$receipt"
	rm -r "$root/opt/$app" "$root/var/lib/tidegate"
	unset GITHUB_TOKEN
	locked
	refused 2 "acme/tool"
	mkdir -m 700 "$root/etc/tidegate/credentials"
	(umask 077 && echo canary-4711 >"$root/etc/tidegate/credentials/$app")
	locked
	[ "$status" -eq 0 ]
	rm -r "$root/opt/$app" "$root/var/lib/tidegate"
	sed -i "s/$(release 1.0.0)/$(release 1.1.0)/" "$lock"
	locked
	refused 4 "it is not the one that the lockfile pins"
	stop_github
}

@test "a token for GitHub is for no registry that a lockfile names" {
	local seen=$BATS_TEST_TMPDIR/seen port
	python3 "$BATS_TEST_DIRNAME/echoing_server.py" "$seen" >"$BATS_TEST_TMPDIR/port" 3>&- &
	echo "$!" >>"$BATS_FILE_TMPDIR/servers"
	wait_for_server "$!" /dev/null test -s "$BATS_TEST_TMPDIR/port"
	port=$(cat "$BATS_TEST_TMPDIR/port")
	pin "$(digest 1.0.0)" "$(release 1.0.0)"
	sed -i "s,$registry_open,127.0.0.1:$port," "$lock"
	printf 'repo = acme/shop\n' >>"$ini"
	mkdir -m 700 "$root/etc/tidegate/credentials"
	(umask 077 && echo canary-4711 >"$root/etc/tidegate/credentials/$app")
	GITHUB_TOKEN=canary-4712 locked
	refused 3 "without credentials"
	[ ! -e "$seen" ]
}

@test "digits that stand elsewhere in the lockfile pin nothing" {
	pin "$(digest 1.0.0)" "$(release 1.1.0)"
	sed -i "s/\"file\": \"x\"/\"file\": \"$(release 1.0.0)\"/" "$lock"
	locked
	refused 4 "it is not the one that the lockfile pins"
}

@test "--dry-run and fetch hold to it as well" {
	pin "$(digest 1.0.0)" "$(release 1.0.0)"
	locked --dry-run
	[ "$status" -eq 0 ]
	[ ! -e "$root/opt/$app/releases/1.0.0" ]
	mkdir "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/out2"
	run install-package fetch --root "$root" --app "$app" --locked "$lock" --output "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq 0 ]
	cmp "$(find "$BATS_TEST_TMPDIR/out" -name release.ini)" "$BATS_FILE_TMPDIR/dist/1.0.0/release.ini"
	pin "$(digest 1.0.0)" "$(release 1.1.0)"
	run install-package fetch --root "$root" --app "$app" --locked "$lock" --output "$BATS_TEST_TMPDIR/out2"
	[ "$status" -eq 4 ]
	[ -z "$(find "$BATS_TEST_TMPDIR/out2" -name release.ini)" ]
}

@test "the lockfile of a publication" {
	cd "$BATS_TEST_TMPDIR" || return
	package-release publish --to "oci://$registry_open/acme/published" --key "$BATS_FILE_TMPDIR/release.key.pub" \
		"$BATS_FILE_TMPDIR/dist/1.0.0"
	fits_schema
	run package-release lock verify packs.lock.json
	echo "$output"
	[ "$status" -eq 0 ]
	locked
	echo "$output"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	rm packs.lock.json
	package-release publish --dry-run --to "oci://$registry_open/acme/published" --key "$BATS_FILE_TMPDIR/release.key.pub" \
		"$BATS_FILE_TMPDIR/dist/1.0.0"
	fits_schema
	locked
	[ "$status" -eq 2 ]
	[[ $output == *"of a dry run"* ]]
}
