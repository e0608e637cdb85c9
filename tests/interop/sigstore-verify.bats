#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# @sigstore/verify as a second opinion on the cases of the conformance suite and
# on those derived from it.

# shellcheck source=tests/interop/interop.bash disable=SC2154
load interop

setup() {
	[ -d "$vectors" ] || skip "no vectors in $vectors"
	differences=0
}

# Where @sigstore/verify 3.1.1 decides otherwise than the specification: it
# takes what must be refused, or cannot read a form.
known=" rekor2-dsse-happy-path dsse-subject-mismatch_fail
	material-certificate-trailing-byte_fail media-type-v0.4_fail
	rekor2-log-index-mismatch_fail trust-root-unknown-key-type
	unknown-log-id_fail "

compare() {
	local name=$1 expected=$2 we they
	shift 2
	we=$(ours "$@")
	they=$(second_opinion "$@")
	if [ "$we" != "$expected" ]; then
		echo "$name: $we, but $expected is right"
	elif [ "$they" != "$we" ] && [[ ! " ${known//[$'\n\t']/ } " == *" $name "* ]]; then
		echo "$name: $we, and $they by @sigstore/verify"
	else
		return 0
	fi
	differences=$((differences + 1))
}

@test "both agree on the official cases, but for those that are known" {
	each_case "$vectors/official" compare
	[ "$differences" -eq 0 ]
}

@test "both agree on the derived cases, but for those that are known" {
	each_case "$vectors/derived" compare
	[ "$differences" -eq 0 ]
}
