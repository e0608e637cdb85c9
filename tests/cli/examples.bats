#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The scripts of docs/examples, run in their order as a runner would, against
# stand-ins for GitHub and docker.

# shellcheck disable=SC2034,SC2154
bats_require_minimum_version 1.5.0

setup() {
	python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml is not installed"
	load install
	load github
	app=tool
	start_github
	top=$BATS_TEST_DIRNAME/../..
	make_runner
	make_repository
}

teardown() {
	[ -z "${github_pid-}" ] || stop_github
}

# What GitHub's runners set.  The publisher is sent to the stand-in, and to a
# folder instead of ghcr.io.
make_runner() {
	export RUNNER_TEMP=$BATS_TEST_TMPDIR/temp
	export GITHUB_ENV=$RUNNER_TEMP/env GITHUB_OUTPUT=$RUNNER_TEMP/output
	export GITHUB_REPOSITORY=acme/Tool GITHUB_REPOSITORY_OWNER=Acme
	export GITHUB_REF_NAME=v1.2.3 GITHUB_ACTOR=mira GITHUB_API_URL=$api
	export SOURCE_DATE_EPOCH=1700000000 HOME=$RUNNER_TEMP
	mkdir -p "$RUNNER_TEMP/bin"
	touch "$GITHUB_ENV" "$GITHUB_OUTPUT"
	real=$(command -v package-release)
	cat >"$RUNNER_TEMP/bin/package-release" <<-EOF
		#!/bin/bash
		[ "\$1" != login ] || { cat >"$RUNNER_TEMP/logged-in"; exit; }
		[ "\$1" != logout ] || { rm "$RUNNER_TEMP/logged-in"; exit; }
		[ "\$1" != publish ] || set -- "\$@" --plain-http 127.0.0.1
		exec "$real" "\${@/#oci:\/\/ghcr.io/dir:$RUNNER_TEMP/ghcr}"
	EOF
	cat >"$RUNNER_TEMP/bin/docker" <<-'EOF'
		#!/bin/bash
		while [ $# -gt 0 ]; do
			[ "$1" != --metadata-file ] ||
				printf '{"containerimage.digest": "sha256:%064d"}' 7 >"$2"
			shift
		done
	EOF
	chmod +x "$RUNNER_TEMP/bin/"*
	PATH=$RUNNER_TEMP/bin:$PATH
}

make_repository() {
	mkdir "$BATS_TEST_TMPDIR/repository"
	cd "$BATS_TEST_TMPDIR/repository" || return
	package-release keygen --no-password --output "$RUNNER_TEMP/secret" >/dev/null
	RELEASE_KEY=$(cat "$RUNNER_TEMP/secret")
	export RELEASE_KEY
	cp "$RUNNER_TEMP/secret.pub" release.key.pub
	mkdir -p scripts images/api packs/one
	printf '#!/bin/sh\nmkdir -p build && echo made >build/file\n' >scripts/build
	chmod +x scripts/build
	touch images/api/Dockerfile
	echo '{}' >packs/one/pack.json
	package-release init --app tool --payload build >/dev/null
	printf '/build/\n/dist/\n/packs.lock.json*\n' >.gitignore
	git init -q .
	git remote add origin https://github.com/acme/tool
	git add .
	git -c user.name=x -c user.email=x@example.org commit -qm first
	git tag v1.2.3
	printf '{"v1.2.3": "%s"}' "$(git rev-parse HEAD)" >"$github/tags.json"
}

# step FILE JOB NAME [VARIABLE=VALUE...] - with what earlier steps have set.
step() {
	local line
	while IFS= read -r line; do
		export "${line?}"
	done <"$GITHUB_ENV"
	python3 "$top/tests/repo/examples.py" --script "$top/docs/examples/$1" \
		"$2" "$3" >"$RUNNER_TEMP/step"
	env "${@:4}" bash "$RUNNER_TEMP/step"
}

# compile - what the job does, and then nothing of it is left but the artifact.
compile() {
	(
		unset RELEASE_KEY
		step release.yml compile "Build"
		step release.yml compile "Pack what was built"
	)
	git clean -qfdx
}

build_release() {
	step release.yml build "Name the version"
	step release.yml build "Unpack it beside the sources, of which it changes nothing"
	step release.yml build "Log in" GITHUB_TOKEN=secret-token
	[ "$(cat "$RUNNER_TEMP/logged-in")" = secret-token ]
	step release.yml build "Build and push images, and note their digests"
	step release.yml build "Log out"
	[ ! -e "$RUNNER_TEMP/logged-in" ]
	step release.yml build "Stamp the profile, make the SBOM, pack and sign"
	step release.yml build "Verify as hosts do"
}

# key_is_nowhere - but where the test itself made it.
key_is_nowhere() {
	rm "$RUNNER_TEMP/secret"
	! grep -rF "$(tail -n 1 <<<"$RELEASE_KEY")" "$BATS_TEST_TMPDIR"
}

# tag VERSION - of the commit that is there.
tag() {
	export GITHUB_REF_NAME=v$1
	git tag "v$1"
	printf '{"v%s": "%s"}' "$1" "$(git rev-parse HEAD)" >"$github/tags.json"
}

@test "release.yml: a pre-release is published, and nobody's latest" {
	tag 1.3.0-rc.1
	compile
	build_release
	step release.yml publish "Publish" GITHUB_TOKEN=secret-token
	[ "$(jq -c '[.[] | .tag_name, .draft, .prerelease, .latest]' "$github/releases.json")" = \
		'["v1.3.0-rc.1",false,true,false]' ]
}

@test "release.yml: what is built changes no source, and nothing of git's" {
	cat >scripts/build <<-'EOF'
		mkdir build && echo made >build/file
		git config core.fsmonitor ./build/file
		mkdir -p images/other/.git && touch images/other/.git/config
	EOF
	git -c user.name=x -c user.email=x@example.org commit -qam hostile
	compile
	git config --unset core.fsmonitor
	step release.yml build "Unpack it beside the sources, of which it changes nothing"
	[ -e build/file ]
	[ ! -e images/other/.git ]
	run ! git config core.fsmonitor
	git clean -qfdx
	tar -czf "$RUNNER_TEMP/built.tar.gz" .git/config package.ini
	sed -i 's/^app.*/app = other/' package.ini
	git -c user.name=x -c user.email=x@example.org commit -qam changed
	run step release.yml build "Unpack it beside the sources, of which it changes nothing"
	[ "$status" -ne 0 ]
	git diff --exit-code
}

@test "release.yml: a tag becomes a release page, an artifact and a lockfile" {
	compile
	build_release
	key_is_nowhere
	step release.yml publish "Log in" GITHUB_TOKEN=other-token
	step release.yml publish "Publish" GITHUB_TOKEN=secret-token
	[ "$(jq -c '[.[] | .tag_name, .draft, .latest]' "$github/releases.json")" = \
		'["v1.2.3",false,true]' ]
	package-release inspect dist/1.2.3/tool-1.2.3.tar.gz
	grep -x 'PROFILE=prod' dist/1.2.3/profile.env
	grep -x 'REGISTRY=ghcr.io/acme' dist/1.2.3/profile.env
	grep 'sha256:0*7$' dist/1.2.3/profile.env
	[ "$(jq -r '.packs[0].name' packs.lock.json)" = tool ]
	step release.yml publish "Publish" GITHUB_TOKEN=secret-token >again
	grep "was there" again
}

@test "release.yml: a pull request says what would be published, without a secret" {
	unset RELEASE_KEY
	step release.yml check "Build"
	step release.yml check "Pack and verify, with a key that is thrown away"
	step release.yml check "Say what would be published" REPOSITORY=acme/Tool >said
	grep "github://acme/Tool:0.0.0-pr" said
	[ ! -s "$github/log" ]
}

@test "action.yml: the same in one step" {
	scripts/build
	step action.yml runs "Pack and sign" VERSION= PROFILE=prod \
		"IMAGES=api=ghcr.io/acme/tool/api@sha256:$(printf '%064d' 7)"
	release=$(sed -n s/^release=//p "$GITHUB_OUTPUT")
	[ "$release" = dist/1.2.3 ]
	step action.yml runs "Verify as hosts do" PUBLIC_KEY=release.key.pub "RELEASE=$release"
	for dry_run in true false; do
		step action.yml runs "Publish" GITHUB_TOKEN=secret-token "RELEASE=$release" \
			PUBLIC_KEY=release.key.pub LATEST=true DRY_RUN=$dry_run \
			TARGETS="github://acme/tool
oci://ghcr.io/acme/tool"
	done
	[ ! -e "$RUNNER_TEMP/logged-in" ]
	key_is_nowhere
	[ "$(jq -c '[.[] | .tag_name, .draft, .latest]' "$github/releases.json")" = '["v1.2.3",false,true]' ]
	[ "$(sed -n s/^lockfile=//p "$GITHUB_OUTPUT" | tail -n 1)" = packs.lock.json ]
}

@test "action.yml: a pre-release is nobody's latest" {
	tag 1.3.0-rc.1
	scripts/build
	step action.yml runs "Pack and sign" VERSION= PROFILE=prod IMAGES=
	step action.yml runs "Publish" GITHUB_TOKEN=secret-token RELEASE=dist/1.3.0-rc.1 \
		PUBLIC_KEY=release.key.pub LATEST=true DRY_RUN=false TARGETS=
	[ "$(jq -c '[.[] | .tag_name, .prerelease, .latest]' "$github/releases.json")" = '["v1.3.0-rc.1",true,false]' ]
}

@test "publish_packs.yml: what one job builds the other publishes, with the same digest" {
	export OCI_REGISTRY=ghcr.io OCI_ORG=acme OCI_REPO=greentic-packs
	step publish_packs.yml build "Build, and say what will be published" DRY_RUN=1
	expected=$(jq -r '.packs[0].expected_digest' packs.lock.json)
	step publish_packs.yml publish "Publish" DRY_RUN=1 >said
	grep "ghcr.io/acme/greentic-packs/one:1.2.3" said
	[ "$(jq -r '.packs[0].expected_digest' packs.lock.json)" = "$expected" ]
}

@test "publish_packs.yml: a pull request's lockfile says DRY_RUN" {
	step publish_packs.yml check "Say what would be published" DRY_RUN=1 \
		PACK_VERSION=0.0.0-pr OCI_REGISTRY=ghcr.io OCI_ORG=acme OCI_REPO=greentic-packs >said
	grep "ghcr.io/acme/greentic-packs/one:0.0.0-pr" said
	[ "$(jq -r '.packs[0].digest' packs.lock.json)" = DRY_RUN ]
}
