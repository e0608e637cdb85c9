#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The scripts of docs/examples, run in their order as a runner would, against
# stand-ins for GitHub and docker.

# shellcheck disable=SC2034,SC2154
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

@test "release.yml: a tag becomes a release page, an artifact and a lockfile" {
	step release.yml build "Name the version"
	step release.yml build "Log in" GITHUB_TOKEN=secret-token
	[ "$(cat "$RUNNER_TEMP/logged-in")" = secret-token ]
	step release.yml build "Build"
	step release.yml build "Build and push images, and note their digests"
	step release.yml build "Stamp the profile, make the SBOM, pack and sign"
	[ ! -e "$RUNNER_TEMP/release.key" ]
	step release.yml build "Verify as hosts do"
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
	[ "$(jq -c '[.[] | .tag_name, .draft]' "$github/releases.json")" = '["v1.2.3",false]' ]
	[ "$(sed -n s/^lockfile=//p "$GITHUB_OUTPUT" | tail -n 1)" = packs.lock.json ]
}

@test "publish_packs.yml: a pull request's lockfile says DRY_RUN" {
	step publish_packs.yml check "Say what would be published" DRY_RUN=1 \
		PACK_VERSION=0.0.0-pr OCI_REGISTRY=ghcr.io OCI_ORG=acme OCI_REPO=greentic-packs >said
	grep "ghcr.io/acme/greentic-packs/one:0.0.0-pr" said
	[ "$(jq -r '.packs[0].digest' packs.lock.json)" = DRY_RUN ]
}
