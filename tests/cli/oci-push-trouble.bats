#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031,SC2154 # names are of oci.bash and push.bash
# Pushing where connections break, servers have trouble, and publishers die.

setup_file() {
	load lib
	load oci
	load push
	push_setup_file
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load lib
	load oci
	load push
	push_setup
}

# --- trouble ---

@test "a connection that is cut in a blob" {
	rule 'cut PUT /blobs/uploads/ 1 1000000'
	push push "$proxy/$repository:1" "$mine"
	pushed "$mine"
}

@test "an answer that is lost" {
	rule 'lose PUT /blobs/uploads/.* 1' 'lose PUT /manifests/ 1' 'lose POST . 1'
	push push "$proxy/$repository:1" "$mine"
	pushed "$mine"
	# The blob was there after all: it is not sent twice.
	[ "$(requests "PUT .*$(sha256sum "$mine" | cut -d ' ' -f 1)")" -eq 1 ]
}

@test "a server that has trouble for a while" {
	rule 'status PUT /blobs/uploads/ 2 503' 'status PUT /manifests/ 2 502' \
		'status HEAD . 1 429 1' 'status POST . 1 500'
	push push "$proxy/$repository:1" "$mine"
	pushed "$mine"
	assert_output_has "asks to wait 1 s"
}

@test "a server that has trouble for ever" {
	rule 'status PUT /blobs/uploads/ 1000 503'
	push push "$proxy/$repository:1" small
	[ "$status" -eq 3 ]
	assert_output_has 503 "in 5 tries" "sending sha256:"
	absent "$repository" 1
}

@test "a server that asks to wait for too long" {
	rule 'status PUT /blobs/uploads/ 1000 503 3600'
	push push "$proxy/$repository:1" small
	[ "$status" -eq 3 ]
	assert_output_has "asks to wait 3600 s"
}

@test "a connection that is cut for ever" {
	rule 'cut PUT /blobs/uploads/ 1000 1000'
	push push "$proxy/$repository:1" "$mine"
	[ "$status" -eq 3 ]
	assert_output_has "in 5 tries"
	absent "$repository" 1
}

@test "a server that takes no large bodies gets pieces" {
	head -c 6000000 /dev/zero >>"$mine"
	rule "status PUT /blobs/uploads/.*$(sha256sum "$mine" | cut -d ' ' -f 1) 1 413"
	push push "$proxy/$repository:1" "$mine"
	pushed "$mine"
	[ "$(requests ' PATCH .* [0-9]+-[0-9]+$')" -eq 3 ]
}

@test "a registry that loses each upload is not tried for ever" {
	# The pieces are taken; that they are all is never heard.
	rule 'status PUT /blobs/uploads/ 1000 404'
	push chunk=1000000 push "$proxy/$repository:1" "$mine"
	[ "$status" -eq 3 ]
	assert_output_has "in 5 tries"
}

@test "a connection that stalls is begun anew" {
	# More than the kernel's buffers take.
	head -c 20000000 /dev/zero >>"$mine"
	rule 'stall PUT /blobs/uploads/ 1 1000000'
	push stall=1 push "$proxy/$repository:1" "$mine"
	pushed "$mine"
}

@test "a registry that took a blob may take its time, but not for ever" {
	rule "stall PUT $(sha256sum small | cut -d ' ' -f 1) 1 1"
	push stall=1 answer=2 push "$proxy/$repository:1" small
	pushed small
}

@test "a registry that does not answer any more" {
	rule 'stall PUT /manifests/ 1000 0'
	push deadline=3000 push "$proxy/$repository:1" small
	[ "$status" -eq 5 ]
	assert_output_has "the deadline of 3 s is over"
	absent "$repository" 1
}

@test "a slow connection is no stall" {
	rule 'slow PUT /blobs/uploads/ 1000 1500000'
	push stall=1 push "$proxy/$repository:1" "$mine"
	pushed "$mine"
	[ "$(requests ' PUT .*/blobs/uploads/')" -eq 2 ]
}

# --- killed ---

# run_killed WHEN NUMBER - push part and small with the tag WHEN-NUMBER, killed at
# that request.  False where it was not killed: there are not so many.
run_killed() {
	rm -f proxy/log
	rule "kill * #$2 1 $1"
	# shellcheck disable=SC2016 # the inner shell expands it
	! sh -c 'echo $$ >proxy/pid; exec "$@"' sh oci_push plain=127.0.0.1 \
		deadline=20000 push "$proxy/$repository:$1-$2" \
		"$BATS_TEST_TMPDIR/part" small >/dev/null 2>&1 3>&-
}

# whole TAG - what the tag names is all there.
whole() {
	is_there "$registry_open" "$repository" "$1" &&
		holds "$registry_open" "$repository" small &&
		holds "$registry_open" "$repository" "$BATS_TEST_TMPDIR/part"
}

@test "killed at each request: no tag before its time, and the next run finishes" {
	for when in before after; do
		number=1
		while echo "$when $number" >"$BATS_TEST_TMPDIR/part" &&
			run_killed "$when" "$number"; do
			absent "$repository" "$when-$number" || whole "$when-$number"
			rm proxy/rules
			push push "$proxy/$repository:$when-$number" \
				"$BATS_TEST_TMPDIR/part" small
			[ "$status" -eq 0 ]
			whole "$when-$number"
			number=$((number + 1))
		done
		# Of each blob HEAD, POST, PUT; of the manifest and the tag GET,
		# PUT, GET; what is there already takes less.
		echo "$when: $number"
		[ "$number" -ge 11 ]
	done
}
