#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of the files that are loaded
# package-release publish: the lockfile that it writes.

setup_file() {
	load lib
	load oci
	start_registry open
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load lib
	load oci
	load publish
	publish_setup
}

@test "two runs never write the same lockfile" {
	: >packs.lock.json.journal
	exec 8<>packs.lock.json.journal
	flock 8
	publish --version 1 --to dir:site
	[ "$status" -eq 75 ]
	[ ! -e site/one ]
}

@test "a file that is no lockfile is not replaced, and nothing is sent for it" {
	echo precious >packs.lock.json
	publish --version 1 --dry-run --to "$to"
	[ "$status" -eq 5 ]
	publish --version 1 --to "$to" --to dir:site
	[ "$status" -eq 5 ]
	assert_output_has "is no lockfile; move it away"
	[ "$(cat packs.lock.json)" = precious ]
	[ ! -e site ]
	curl -s "http://$registry_open/v2/_catalog?n=1000" >catalog
	run ! grep "$repository/" catalog
}

@test "a pin goes when its package is published anew, and never else" {
	publish --version 1 --to "$to"
	was=$(lock '.packs[1].digest')
	publish --version 2 --to "$to" --filter one
	[ "$(lock '.packs | length')" -eq 2 ]
	[ "$(lock '.packs[0].digest')" = "$(tag_digest "$repository/one" 2)" ]
	[ "$(lock '.packs[1] | .version + " " + .digest')" = "1 $was" ]
	# A dry run foretells one, and keeps the other ...
	publish --version 3 --to "$to" --filter one --dry-run
	[ "$(lock '.packs[1] | .version + " " + .digest')" = "1 $was" ]
	[ "$(lock '.packs[0].digest')" = DRY_RUN ]
	# ... and what it foretold is no pin.
	publish --version 4 --to "$to" --filter two
	[ "$(lock '[.packs[] | .name, .version] | join(" ")')" = "two 4" ]
	[ "$(lock .dry_run)" = false ]
}

@test "the pins of a lockfile of an older shape stay, too" {
	digest=sha256:$(printf %064d 7)
	jq -n --arg digest "$digest" '{version: "0.9", generated_at: "", git_sha: "",
		registry: "ghcr.io", org: "acme", repo: "packs", packs: [{name: "other",
		file: "other.gtpack", oci_ref: "ghcr.io/acme/packs/other:0.9",
		digest: $digest}]}' >packs.lock.json
	publish --version 1 --to "$to" --filter one
	[ "$status" -eq 0 ]
	[ "$(lock '.packs[1] | [.name, .version, .digest] | join(" ")')" = "other 0.9 $digest" ]
}

@test "--keep-going: where nothing could be published the lockfile stays" {
	publish --version 1 --to "$to"
	cp packs.lock.json before
	publish --version 2 --to oci://127.0.0.1:1/x --keep-going
	[ "$status" -eq 3 ]
	assert_output_has "2 of 2 were not published"
	cmp packs.lock.json before
	rm packs.lock.json
	publish --version 2 --to oci://127.0.0.1:1/x --keep-going
	[ "$status" -eq 3 ]
	[ ! -e packs.lock.json ]
}

@test "--keep-going: a target that is not there at all stops no other" {
	mkdir docker
	echo '{"credHelpers": {"127.0.0.1:1": "none-of-that-name"}}' >docker/config.json
	DOCKER_CONFIG=$PWD/docker publish --version 1 --to oci://127.0.0.1:1/x --to "$to" \
		--keep-going
	[ "$status" -ne 0 ]
	assert_output_has "2 of 4 were not published"
	[ -n "$(tag_digest "$repository/one" 1)" ]
}
