# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # for the tests; names are of oci.bash
# Publishing to an open registry (start_registry open), for bats files:
# load lib; load oci; load publish

# publish_setup - a folder with two packs, in which we then are, and a repository
# of the test's own: $repository, $to.
publish_setup() {
	work=$BATS_FILE_TMPDIR
	mkdir -p "$BATS_TEST_TMPDIR/repo/packs/one/flows" "$BATS_TEST_TMPDIR/repo/packs/two"
	cd "$BATS_TEST_TMPDIR/repo" || return
	echo 'id: one' >packs/one/pack.yaml
	echo flow >packs/one/flows/a
	printf '#!/bin/sh\n' >packs/one/run
	chmod 755 packs/one/run
	echo two >packs/two/data
	repository=acme/$BATS_TEST_NUMBER
	to=oci://$registry_open/$repository
	unset OCI_REGISTRY OCI_ORG OCI_REPO PACK_VERSION PACKS_DIR OUT_DIR DRY_RUN \
		PUBLISH_LATEST PACK_FILTER MEDIA_TYPE PACKC_BIN PACKC_BUILD_FLAGS \
		GITHUB_REPOSITORY_OWNER GITHUB_ACTIONS
}

# publish ARGUMENT...
publish() {
	run package-release publish "$@"
	echo "$output"
}

# tag_digest REPOSITORY TAG - what the registry says.
tag_digest() {
	curl -sf -o /dev/null -D - -H "Accept: $type_manifest" \
		"http://$registry_open/v2/$1/manifests/$2" | tr -d '\r' |
		sed -n 's/^Docker-Content-Digest: //Ip'
}

# manifest_of REPOSITORY REFERENCE
manifest_of() {
	curl -sf -H "Accept: $type_manifest" "http://$registry_open/v2/$1/manifests/$2"
}

# lock EXPRESSION - of jq, of the lockfile.
lock() {
	jq -r "$1" packs.lock.json
}
