#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of the files that are loaded
# package-release publish: what it is told, by whom, and what it says.

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

@test "options, variables, env file, package.ini and git: who said what" {
	cat >package.ini <<-END
		[publish]
		packs = packs
		media_type = application/x-ini
		out = build/packs
	END
	printf 'OUT_DIR=from-file\nPACK_VERSION="2.0"\n' >env.txt
	PACK_VERSION=3.0 publish --env-file env.txt --packs-dir ./packs --print-config
	[ "$status" -eq 0 ]
	assert_output_has 'packs_dir = ./packs  # --packs-dir' \
		'version = 3.0  # PACK_VERSION' \
		'out_dir = from-file  # OUT_DIR in env.txt' \
		'media_type = application/x-ini  # [publish] of package.ini' \
		'filter =  # not set' 'dry_run = no  # default'
	[ ! -e from-file ]
}

@test "package.ini says where to, unless a variable or an option does" {
	printf '[publish]\nto = dir:site, %s\n' "$to" >package.ini
	publish --version 1
	[ "$status" -eq 0 ]
	[ -s site/one/1/one.gtpack ]
	[ -n "$(tag_digest "$repository/two" 1)" ]
	OCI_ORG=acme publish --version 1 --dry-run
	assert_output_has "oci://ghcr.io/acme/greentic-packs/one:1"
	[[ $output != *site* ]]
	OCI_ORG=acme publish --version 1 --dry-run --to dir:other
	[[ $output != *ghcr.io* ]]
	publish --version 1 --to dir:a --to dir:a
	[ "$status" -eq 2 ]
}

@test "an env file is data, and its values are never shown in errors" {
	# shellcheck disable=SC2016 # it is not expanded, that is the point
	printf 'PACK_FILTER=$(touch hit)\nDRY_RUN=1\n' >env.txt
	publish --env-file env.txt --version 1 --to "$to"
	[ "$status" -eq 2 ]
	[ ! -e hit ]
	printf 'TOKEN="s3cret\n' >env.txt
	publish --env-file env.txt --version 1 --to "$to"
	[ "$status" -eq 5 ]
	[[ $output != *s3cret* ]]
}

@test "DRY_RUN: empty, 0, false and no are off" {
	for word in '' 0 false No; do
		DRY_RUN=$word publish --print-config
		assert_output_has "dry_run = no"
	done
	DRY_RUN=1 publish --print-config
	assert_output_has "dry_run = yes  # DRY_RUN"
}

@test "--chunk-size is 64K or more, with the units K, M and G" {
	for size in 64K 65536 4M 1G 8388607G; do
		publish --chunk-size "$size" --print-config
		[ "$status" -eq 0 ]
	done
	for size in 65535 63K 0 K 4m 1T -1M 8388608G 18446744073709551616; do
		publish --chunk-size "$size" --print-config
		[ "$status" -eq 2 ]
		assert_output_has "--chunk-size: '$size' is no size"
	done
}

@test "the version is the tag without its v; without one a publication says so" {
	git init -q . && git add packs
	git -c user.name=a -c user.email=a@b commit -qm one
	git remote add origin git@github.com:Acme/packs.git
	publish --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "no version"
	git tag v1.4.2
	publish --to "$to" --dry-run
	[ "$status" -eq 0 ]
	[ "$(lock .version)" = 1.4.2 ]
	[ "$(lock .git_sha)" = "$(git rev-parse HEAD)" ]
	publish --to "$to"
	manifest_of "$repository/one" 1.4.2 | jq -e --arg sha "$(git rev-parse HEAD)" '
		.annotations["org.opencontainers.image.source"] == "https://github.com/Acme/packs" and
		.annotations["org.opencontainers.image.revision"] == $sha'
}

@test "JSON is all of the output" {
	run --separate-stderr package-release publish --version 1 --to "$to" --json
	[ "$status" -eq 0 ]
	jq -e '.dry_run == false and (.packages | length == 2) and
		.packages[0].places[0].state == "published"' <<<"$output"
}

@test "--quiet says nothing" {
	publish --version 1 --to "$to" --quiet
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "progress is for terminals" {
	command -v script >/dev/null || skip "script is not installed"
	head -c 30000000 /dev/zero >packs/one/large
	# shellcheck disable=SC2016 # package-release expands it
	printf '[publish]\nbuild = cp large $OUT_FILE\n' >packs/one/package.ini
	script -qec "package-release publish --version 1 --to dir:site" shown >/dev/null
	grep -q 'dir:site/one/1: published' shown
	run --separate-stderr package-release publish --version 1 --to dir:site2
	[ -z "$stderr" ]
}

@test "names that no registry takes, and targets that are none" {
	mv packs/one packs/One
	publish --version 1 --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "'One'" "lower-case"
	mv packs/One packs/one
	publish --version 1 --to ftp://x
	[ "$status" -eq 2 ]
	assert_output_has "is no target"
	publish --version 1 --to "$to:tag"
	[ "$status" -eq 2 ]
	publish --version 'a b' --to "$to"
	[ "$status" -eq 2 ]
	publish --version 1
	[ "$status" -eq 2 ]
	assert_output_has "OCI_ORG"
	publish --version 1 --packs-dir nowhere
	[ "$status" -ne 0 ]
}
