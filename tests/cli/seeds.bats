#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command lines for packaging, installing and publishing of the guides, as
# they stand there, with the meaning that they have here.

load lib

setup() {
	repo=$BATS_TEST_TMPDIR/repo
	mkdir -p "$repo/build" "$repo/host" "$repo/agent-configs" "$repo/dist/v1.2.3"
	cp -R "$checkout/scripts" "$repo/"
	ln -s "$build" "$repo/build/cc"
	cd "$repo"
	echo '# agents' >agent-configs/agents.toml
	printf '#!/bin/sh\n' >host/launch
	cat >package.ini <<-END
		[package]
		app = containai

		[payload]
		root = .
		include = host, agent-configs

		[profile]
		name = prod
		path = host/profile.env
	END
	stamp
	make_sbom dist/v1.2.3/sbom.json
	echo 'not a verifier' >dist/v1.2.3/cosign
}

# "CI should stamp host/profile.env with"
stamp() {
	cat >host/profile.env <<-END
		PROFILE=prod
		IMAGE_PREFIX=containai
		IMAGE_TAG=v1.2.3
		REGISTRY=ghcr.io/owner
	END
}

make_sbom() {
	cat >"$1" <<-END
		{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": []}
	END
}

pack() {
	./scripts/release/package.sh --version v1.2.3 --out dist --sbom dist/v1.2.3/sbom.json --cosign-asset dist/v1.2.3/cosign
}

@test "package.sh --version --out --sbom --cosign-asset makes the bundle" {
	run pack
	echo "$output"
	[ "$status" -eq 0 ]
	assert_output_has "not needed" "UNSIGNED"
	cd dist/v1.2.3
	[ -s containai-v1.2.3.tar.gz ]
	[ -s payload.tar.gz ]
	sha256sum -c payload.sha256
	grep -q CycloneDX sbom.json
}

@test "what package.sh packs is what lies in the tree, with profile.env as CI stamped it" {
	pack
	mkdir out
	tar xzf dist/v1.2.3/payload.tar.gz -C out
	diff -r host out/host
	diff -r agent-configs out/agent-configs
	[ "$(ls out | tr '\n' ' ')" = "agent-configs host " ]
}

@test "the same line with the version from a variable of CI" {
	GIT_TAG=v1.2.3
	run scripts/release/package.sh --version $GIT_TAG --out dist --sbom dist/$GIT_TAG/sbom.json --cosign-asset dist/$GIT_TAG/cosign
	[ "$status" -eq 0 ]
	[ -s dist/v1.2.3/containai-v1.2.3.tar.gz ]
}

@test "the cosign asset goes nowhere" {
	pack
	run tar tzf dist/v1.2.3/containai-v1.2.3.tar.gz
	[[ $output != *cosign* ]]
	[ "$(cat dist/v1.2.3/cosign)" = 'not a verifier' ]
}

@test "packaging without an SBOM makes one; --skip-sbom is for dev only" {
	run scripts/release/package.sh --version v1.2.4 --out dist
	[ "$status" -eq 0 ]
	grep -q CycloneDX dist/v1.2.4/sbom.json
	run scripts/release/package.sh --version v1.2.5 --out dist --skip-sbom
	[ "$status" -eq 2 ]
	[ ! -e dist/v1.2.5/containai-v1.2.5.tar.gz ]
}

@test "install-package.sh --version --repo on a host without a key says how to set it up" {
	run ./scripts/install-package.sh --root "$BATS_TEST_TMPDIR" --version v1.2.3 --repo owner/repo
	echo "$output"
	[ "$status" -eq 4 ]
	assert_output_has "install-package setup --app repo --key"
}

@test "install-package.sh installs what package.sh packed, and check-health.sh verifies it" {
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	pack
	make_key key
	package-release sign --key key dist/v1.2.3
	./scripts/install-package.sh setup --root "$root" --app containai --key key.pub
	run ./scripts/install-package.sh --root "$root" --version v1.2.3 --asset-dir dist/v1.2.3
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(readlink "$root/opt/containai/current")" = releases/v1.2.3 ]
	diff -r host "$root/opt/containai/current/host"
	# The profile names images; whether this host has an engine is another test.
	printf "[container]\\nengine = none\\n" >"$root/etc/tidegate/containai.ini"
	run ./scripts/check-health.sh --root "$root"
	echo "$output"
	[ "$status" -le 1 ]
	[[ $output != *critical* ]]
}

# --- the packs of the other seed: the names of its variables, as they stand ---

# a repository with the example pack, and a registry.
setup_packs() {
	load oci
	unset OCI_REGISTRY OCI_ORG OCI_REPO PACK_VERSION PACKS_DIR OUT_DIR DRY_RUN \
		PUBLISH_LATEST PACK_FILTER MEDIA_TYPE GITHUB_REPOSITORY_OWNER GITHUB_ACTIONS
	cp -R "$checkout/docs/examples/packs" .
	mkdir tools
	ln -s ../scripts/publish_packs_oci.sh tools/publish_packs_oci.sh
	PATH=$checkout/build/interop/bin:$PATH
}

@test "DRY_RUN=1 publish_packs_oci.sh works without a registry, a tag or an owner" {
	setup_packs
	DRY_RUN=1 run scripts/publish_packs_oci.sh
	echo "$output"
	[ "$status" -eq 0 ]
	assert_output_has "ghcr.io/owner/greentic-packs/messaging-provider-bundle:"
	[ "$(jq -r '.packs[0].digest' packs.lock.json)" = DRY_RUN ]
	[ -s dist/packs/messaging-provider-bundle.gtpack ]
}

@test "the workflow's line publishes the packs, and oras pull gets them" {
	setup_packs
	start_registry seeds
	# shellcheck disable=SC2154 # start_registry sets it
	registry=$registry_seeds
	GITHUB_REF_NAME=v1.2.3
	PACK_VERSION=${GITHUB_REF_NAME#v} OCI_REGISTRY=$registry OCI_ORG=Greentic-AI \
		OCI_REPO=greentic-packs run scripts/publish_packs_oci.sh
	echo "$output"
	[ "$status" -eq 0 ]
	ref=$registry/greentic-ai/greentic-packs/messaging-provider-bundle:1.2.3
	[ "$(jq -r '.packs[0].oci_ref' packs.lock.json)" = "$ref" ]
	[ "$(jq -r '.registry, .org, .repo, .version' packs.lock.json | tr '\n' ' ')" = \
		"$registry greentic-ai greentic-packs 1.2.3 " ]
	if command -v oras >/dev/null; then
		mkdir pulled
		oras pull --plain-http -o pulled "$ref"
		cmp pulled/messaging-provider-bundle.gtpack dist/packs/messaging-provider-bundle.gtpack
		[ "$(oras resolve --plain-http "$ref")" = "$(jq -r '.packs[0].digest' packs.lock.json)" ]
	else
		echo "# oras is not here: not pulled with it" >&3
	fi
	stop_servers
}

@test "PUBLISH_LATEST, PACK_FILTER, PACKS_DIR, OUT_DIR and MEDIA_TYPE mean what they did" {
	setup_packs
	mv packs others
	cp -R others/messaging-provider-bundle others/second
	PACKS_DIR=others OUT_DIR=made PACK_FILTER=second MEDIA_TYPE=application/x-pack \
		PUBLISH_LATEST=1 PACK_VERSION=1.0.0 OCI_ORG=acme DRY_RUN=true \
		run scripts/publish_packs_oci.sh --json
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(ls made)" = second.gtpack ]
	[ "$(jq -r '.packs[0] | .name, .file, .artifact_type, (.tags | join(","))' packs.lock.json |
		tr '\n' ' ')" = "second made/second.gtpack application/x-pack 1.0.0,latest " ]
}

@test "the wrappers hold no logic" {
	for wrapper in install-package.sh check-health.sh release/package.sh publish_packs_oci.sh; do
		[ "$(grep -cvE '^(#|$)' "$checkout/scripts/$wrapper")" -eq 1 ]
		grep -q ' exec ' "$checkout/scripts/$wrapper"
	done
}
