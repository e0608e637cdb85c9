#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# package-release sigstore verify-bundle, with the public test vectors.

load lib
load sigstore

setup() {
	cd "$BATS_TEST_TMPDIR"
	require_vectors
	good=$vectors/official/happy-path-v0.3-new-mediaType
	keyed=$vectors/official/managed-key-happy-path
	hub=$vectors/github-attestations
}

# verify_good [OPTION...] - the good bundle with options of the test's own.
verify_good() {
	package-release sigstore verify-bundle \
		--bundle "$good/bundle.sigstore.json" "$@" "$vectors/a.txt"
}

# --- the vectors, each as its name says ---------------------------------------

@test "the official cases, by path and by digest" {
	judge_all official
}

@test "the derived cases, by path and by digest" {
	judge_all derived
}

@test "the bundles of CPython releases" {
	judge_cpython
}

@test "GitHub attestations, by path" {
	run -0 verify_blob "$hub/custom-issuer.sigstore.json" \
		https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main \
		$github/hammer-time "$hub/trusted_root.json" "$hub/custom-issuer-artifact"
	run -0 verify_blob "$hub/reusable-workflow-attestation.sigstore.json" \
		https://github.com/github/artifact-attestations-workflows/.github/workflows/attest.yml@09b495c3f12c7881b3cc17209a327792065c1a1d \
		$github "$hub/trusted_root.json" "$hub/reusable-workflow-artifact"
}

@test "an issuer must be exact: neither its beginning nor a longer one" {
	identity=https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main
	for issuer in $github $github/hammer-time/ $github/Hammer-Time; do
		run -4 verify_blob "$hub/custom-issuer.sigstore.json" "$identity" \
			"$issuer" "$hub/trusted_root.json" "$hub/custom-issuer-artifact"
		assert_output_has issuer
	done
}

@test "npm provenance names its subject by SHA-512: by path only" {
	identity=https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main
	tgz=$hub/sigstore-js-2.1.0.tgz
	for bundle in sigstore-js-2.1.0-bundle.json sigstore-js-2.1.0-bundle-v0.1.json; do
		run -0 verify_blob "$hub/$bundle" "$identity" $github \
			"$hub/trusted_root.json" "$tgz"
		run -4 verify_blob "$hub/$bundle" "$identity" $github \
			"$hub/trusted_root.json" "$(digest_of "$tgz")"
		assert_output_has subject
	done
}

@test "an attestation with an invalid signature" {
	run -4 verify_blob "$hub/sigstoreBundle-invalid-signature.json" \
		https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main \
		$github "$hub/trusted_root.json" "$hub/sigstore-js-2.1.0.tgz"
}

# fails_for FOLDER - each case on the standard input, "name words": the error is
# about the thing that the case spoils.
fails_for() {
	wrong=0
	while read -r name word; do
		dir=$vectors/$1/${name}_fail
		said=$(verify_case "$dir" "$(case_artifact "$dir")") && said=accepted
		said=${said##*.json\'} # the path is named after the reason
		if [[ $said != *"$word"* ]]; then
			echo "$name: no '$word' in: $said"
			wrong=$((wrong + 1))
		fi
	done
	[ "$wrong" -eq 0 ]
}

@test "an official case fails for its own reason" {
	fails_for official <<-END
		bundle-empty-certificate-chain certificates: no certificate
		bundle-from-wrong-instance no log entry of a log
		bundle-malformed-json premature end
		bundle-with-root-cert root certificate
		checkpoint-bad-keyhint checkpoint: no signature by the log's key
		checkpoint-wrong-roothash checkpoint: its size
		dsse-invalid-sig signature
		dsse-mismatch-sig the logged signature
		inclusion-proof-corrupted-hash inclusionProof
		intoto-set-outside-signing-cert-validity certificate has expired
		invalid-ct-key SCT
		managed-key-no-key signed by a key
		message-digest-mismatch messageDigest
		rekor2-checkpoint-missing-log-signature no signature line
		rekor2-checkpoint-missing-size size of the tree
		rekor2-dsse-mismatch-envelope the logged digest
		rekor2-no-inclusion-proof no inclusionProof
		rekor2-no-timestamp no verified time
		rekor2-timestamp-outside-tsa-cert-validity certificate has expired
		rekor2-timestamp-payload-mismatch for other data
		rekor2-timestamp-untrusted-tsa-with-embedded-cert not by the authority
		set-invalid-signature inclusionPromise
		signature-mismatch the logged signature
		wrong-hashedrekord-artifact the logged digest
		wrong-hashedrekord-entry the logged digest
	END
}

@test "a derived case fails for its own reason" {
	fails_for derived <<-END
		ca-window-ended no certificate authority
		content-both dsseEnvelope
		content-missing messageSignature
		dsse-subject-mismatch subject
		dsse-two-signatures signature
		identity-is-prefix-of-san identity
		identity-wrong identity
		issuer-wrong issuer
		json-duplicate-key duplicate
		kind-version-mismatch kindVersion
		managed-key-other-valid-key key
		material-certificate-trailing-byte certificate
		material-missing-certificate verificationMaterial
		material-no-tlog-entries log entry
		media-type-v0.4 mediaType
		rekor1-integrated-time-changed inclusionPromise
		rekor2-body-of-another-entry canonicalizedBody
		rekor2-checkpoint-root-hash-changed inclusionProof
		rekor2-log-index-mismatch logIndex
		rekor2-proof-hash-flipped inclusionProof
		sct-log-window-ended SCT
		sct-no-ct-logs SCT
		tlog-window-ended valid
		tsa-none-in-root time
		unknown-log-id log
		v0.3-with-chain x509CertificateChain
	END
}

# --- the clock ----------------------------------------------------------------

# The verdict depends on times in the bundle alone.
at_clock() {
	command -v faketime >/dev/null || skip "no faketime"
	# A build with sanitizers is run as well: they want to be loaded first.
	clock=(env ASAN_OPTIONS=verify_asan_link_order=0 faketime "$1")
	[ "$("${clock[@]}" date +%Y)" = "${1%%-*}" ]
	judge_all official
	judge_all derived
	judge_cpython
}

@test "the same verdicts with the clock at 1971" {
	at_clock "1971-01-01 00:00:00"
}

@test "the same verdicts with the clock at 2045" {
	at_clock "2045-01-01 00:00:00"
}

# --- what was verified --------------------------------------------------------

@test "--json says what was verified" {
	verify_good --certificate-identity $beacon --certificate-oidc-issuer $github \
		--trusted-root "$production" --json >out.json
	jq -e --arg identity $beacon --arg issuer $github '
		.verified == true and .content == "message" and
		.digest == "sha256:a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf" and
		.certificate.subject == $identity and .certificate.issuer == $issuer and
		(.times | length) >= 1 and (.times[0].time | test("^20..-")) and
		(.log_entries | length) == 1 and (.log_entries[0].index | type) == "number"' out.json
}

@test "--json of a key bundle names the key, not a certificate" {
	run -0 --separate-stderr package-release sigstore verify-bundle --json \
		--bundle "$keyed/bundle.sigstore.json" --key "$keyed/key.pub" \
		--trusted-root "$production" "$vectors/a.txt"
	jq -e '(.key | test("^[0-9a-f]{64}$")) and .certificate == null' <<<"$output"
}

@test "--json of an attestation has its subjects and predicate type" {
	dir=$vectors/official/happy-path-intoto-in-dsse-v3
	run -0 verify_case "$dir" "$(case_artifact "$dir")" --json
	jq -e '.content == "attestation" and (.statement.predicate_type | length) > 0 and
		(.statement.subjects | length) >= 1' <<<"$output"
}

@test "nothing is said to be verified when it was not" {
	run -4 --separate-stderr verify_good --json --certificate-identity "$beacon" \
		--certificate-oidc-issuer https://issuer.example --trusted-root "$production"
	[ "$(jq -rc 'keys, .result' <<<"$output")" = '["error","result","status"]
refused' ]
}

# --- keys and certificates ----------------------------------------------------

@test "a bundle with a certificate is not verified by a key" {
	run -4 verify_good --key "$keyed/key.pub" --trusted-root "$production"
	assert_output_has certificate key
}

@test "a bundle by a key is not verified by an identity" {
	run -4 package-release sigstore verify-bundle \
		--bundle "$keyed/bundle.sigstore.json" --certificate-identity $beacon \
		--certificate-oidc-issuer $github --trusted-root "$production" "$vectors/a.txt"
	assert_output_has key
}

@test "another artifact is refused, by path and by digest" {
	echo other >other.txt
	run -4 verify_case "$good" other.txt
	run -4 verify_case "$good" "$(digest_of other.txt)"
	run -4 verify_case "$keyed" other.txt
}

@test "an artifact may come through a pipe, and may be empty" {
	run -0 verify_case "$good" <(cat "$vectors/a.txt")
	run -4 verify_case "$good" <(echo other)
	: >empty.txt
	run -4 verify_case "$good" empty.txt
	run -4 verify_case "$good" <(:)
}

@test "a file whose name looks like a digest is a file" {
	digest=$(digest_of "$vectors/a.txt")
	echo other >"$digest"
	run -4 verify_case "$good" "$digest"
	cp "$vectors/a.txt" sha256:1234
	run -0 verify_case "$good" sha256:1234
}

# --- evidence that the root demands -------------------------------------------

@test "--require timestamp is not met by a bundle without a timestamp" {
	run -4 verify_case "$good" "$vectors/a.txt" --require timestamp
	assert_output_has timestamp
	run -4 verify_case "$good" "$vectors/a.txt" --require log,sct,timestamp
}

@test "--require log is not met by a key's bundle without a log entry" {
	jq 'del(.verificationMaterial.tlogEntries)' "$keyed/bundle.sigstore.json" >bare.json
	bare() {
		package-release sigstore verify-bundle --bundle bare.json \
			--key "$keyed/key.pub" --trusted-root "$production" "$@" "$vectors/a.txt"
	}
	run -4 bare
	assert_output_has "log entry"
	run -0 bare --require timestamp
}

@test "--require none needs a key, and then no trusted root" {
	run -0 package-release sigstore verify-bundle --bundle "$keyed/bundle.sigstore.json" \
		--key "$keyed/key.pub" --require none "$vectors/a.txt"
	run -2 verify_case "$good" "$vectors/a.txt" --require none
	run -2 verify_case "$good" "$vectors/a.txt" --require log,none
	run -2 verify_case "$good" "$vectors/a.txt" --require luck
}

# --- the trusted root ---------------------------------------------------------

@test "without --trusted-root the host's is used, and its absence is an error" {
	[ ! -e /etc/tidegate/trusted_root.json ] || skip "this host has one"
	run -2 verify_good --certificate-identity $beacon --certificate-oidc-issuer $github
	assert_output_has /etc/tidegate/trusted_root.json
	run -2 package-release sigstore verify-bundle --staging --key "$keyed/key.pub" \
		--bundle "$keyed/bundle.sigstore.json" "$vectors/a.txt"
	assert_output_has /etc/tidegate/staging.trusted_root.json
}

@test "a trusted root that can't be read is an error" {
	echo '{}' >empty.json
	head -c 2000 "$production" >torn.json
	for root in empty.json torn.json /dev/null; do
		run verify_blob "$good/bundle.sigstore.json" $beacon $github $root "$vectors/a.txt"
		[ "$status" -ge 2 ]
		assert_output_has "$root"
	done
	run -7 verify_blob "$good/bundle.sigstore.json" $beacon $github missing.json "$vectors/a.txt"
}

@test "of several roots, one a line, one must hold" {
	{ jq -c . "$hub/trusted_root.json"
		jq -c . "$vectors/trust/staging.trusted_root.json"
		jq -c . "$production"; } >roots.jsonl
	run -0 verify_blob "$good/bundle.sigstore.json" $beacon $github roots.jsonl "$vectors/a.txt"
	head -n 2 roots.jsonl | tail -n 1 >staging.json
	run -4 verify_blob "$good/bundle.sigstore.json" $beacon $github staging.json "$vectors/a.txt"
}

@test "a bundle of the staging instance holds under its own root" {
	bundle=$vectors/official/bundle-from-wrong-instance_fail/bundle.sigstore.json
	run -0 verify_blob "$bundle" $beacon $github \
		"$vectors/trust/staging.trusted_root.json" "$vectors/a.txt" --staging
}

# --- usage --------------------------------------------------------------------

@test "who may have signed must be said, wholly and once" {
	root=(--trusted-root "$production")
	run -2 verify_good "${root[@]}"
	run -2 verify_good "${root[@]}" --certificate-identity $beacon
	run -2 verify_good "${root[@]}" --certificate-oidc-issuer $github
	run -2 verify_good "${root[@]}" --certificate-identity "" --certificate-oidc-issuer $github
	run -2 verify_good "${root[@]}" --key "$keyed/key.pub" --certificate-identity $beacon
	run -2 verify_good "${root[@]}" --key "$keyed/key.pub" --key "$keyed/key.pub"
}

@test "the command line is read strictly" {
	run -2 package-release sigstore
	run -2 package-release sigstore verify-bundle "$vectors/a.txt"
	run -2 package-release sigstore luck "$vectors/a.txt"
	run -2 package-release sigstore verify-bundle --bundle "$good/bundle.sigstore.json" \
		--key "$keyed/key.pub" --trusted-root "$production"
	run -7 verify_case "$good" missing.txt
	run -7 verify_case "$good" sha256:a0cf
}
