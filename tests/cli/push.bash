# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # for the tests; names are of oci.bash
# Pushing with tests/helpers/oci_push:  load lib; load oci; load push

# push_setup_file - files to push, an open registry and the proxy before it.
push_setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	head -c 3000000 /dev/urandom >large
	echo small >small
	: >empty
	start_registry open
	start_push_proxy "$registry_open"
}

# push_setup - a repository, and a large file, of the test's own.
push_setup() {
	cd "$BATS_FILE_TMPDIR" || return
	PATH=$build/tests/helpers:$PATH
	rm -f proxy/{rules,log}
	repository=acme/$BATS_TEST_NUMBER
	mine=$BATS_TEST_TMPDIR/mine
	{ echo "$BATS_TEST_NUMBER" && cat large; } >"$mine"
}

# push [NAME=VALUE...] COMMAND REFERENCE [FILE...]
push() {
	run timeout 60 oci_push plain=127.0.0.1 "$@"
}

# rule LINE... - what the proxy does.
rule() {
	printf '%s\n' "$@" >proxy/rules
}

# is_there REGISTRY REPOSITORY REFERENCE
is_there() {
	curl -sf -o /dev/null -H "Accept: $type_manifest" "http://$1/v2/$2/manifests/$3"
}

# absent REPOSITORY REFERENCE
absent() {
	[ "$(curl -s -o /dev/null -w '%{http_code}' -H "Accept: $type_manifest" \
		"http://$registry_open/v2/$1/manifests/$2")" -eq 404 ]
}

# holds REGISTRY REPOSITORY FILE - that the registry has the file's bytes.
holds() {
	curl -sf "http://$1/v2/$2/blobs/$(digest_of "$3")" | cmp - "$3"
}

# pushed FILE... - all is well, and lies in the open registry.
pushed() {
	echo "$output"
	[ "$status" -eq 0 ]
	is_there "$registry_open" "$repository" 1
	for file; do
		holds "$registry_open" "$repository" "$file"
	done
}

# requests REGEX - how many the proxy has seen.
requests() {
	grep -cE "$1" proxy/log || true
}
