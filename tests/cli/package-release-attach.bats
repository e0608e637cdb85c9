#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# package-release attach: what was made elsewhere is verified first, by those
# whom the command line names, and attached only then.

load lib
load keyless

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	make_tree tree
	make_key mini
	make_key stranger
	package-release bundle --app demo --version 1.0 --payload tree --out dist >/dev/null
	package-release bundle --app demo --version 2.0 --payload tree --out dist >/dev/null
	make_keyless kl
	make_leaf kl ci
	make_leaf kl other "$keyless_repository/.github/workflows/other.yml@refs/heads/main"
	make_cosign_key kl ops
	make_cosign_key kl else
}

setup() {
	unset COSIGN_KEY COSIGN_PASSWORD
	cp -r "$BATS_FILE_TMPDIR/." "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	ini=dist/1.0/release.ini
	bundle=dist/1.0/demo-1.0.tar.gz
	before=$(sha256sum dist/1.0/*)
	by_ci=(--certificate-identity "$keyless_workflow"
		--certificate-oidc-issuer "$keyless_issuer"
		--trusted-root kl/trusted_root.json)
}

attach() {
	package-release attach "$@" dist/1.0
}

# refused STATUS TEXT [OPTION...] - and nothing was written.
refused() {
	run -"$1" attach "${@:3}"
	assert_output_has "$2"
	[ "$(sha256sum dist/1.0/*)" = "$before" ]
}

@test "without a word on who signed, nothing is attached" {
	sigstore_sign kl ops $ini >sig.json
	refused 2 "--key PUB" --signature sig.json
	assert_output_has --trust --certificate-identity
	refused 2 "--signature FILE or --attestation FILE" --key kl/ops.pub.pem
	refused 2 "need each other" --signature sig.json --certificate-identity x
	refused 2 "exclude each other" --signature sig.json --key mini.pub --trust kl
	refused 2 --certificate-identity --signature sig.json --key mini.pub --trusted-root kl/trusted_root.json
}

# --- minisign -----------------------------------------------------------------

@test "a minisign signature is attached when the named key made it" {
	cp -r dist/1.0 copy
	package-release sign --key mini copy
	sig=copy/release.ini.minisig
	refused 4 "none of the keys" --signature $sig --key stranger.pub
	refused 4 "none of the keys" --signature $sig --key kl/ops.pub.pem
	run -0 attach --signature $sig --key stranger.pub --key mini.pub
	run -0 package-release verify --key mini.pub $bundle
	run -0 attach --signature $sig --key mini.pub
	assert_output_has already
}

@test "a minisign signature that was changed is not attached" {
	cp -r dist/1.0 copy
	package-release sign --key mini copy
	sed '2s/^\(.\{60\}\)./\1A/' copy/release.ini.minisig >changed
	cmp -s changed copy/release.ini.minisig && sed '2s/^\(.\{60\}\)./\1B/' copy/release.ini.minisig >changed
	refused 4 "'changed'" --signature changed --key mini.pub
	package-release sign --key mini dist/2.0
	refused 4 "" --signature dist/2.0/release.ini.minisig --key mini.pub
}

# --- Sigstore, by a key -------------------------------------------------------

@test "a Sigstore bundle by a key is attached when the named key made it" {
	sigstore_sign kl ops $ini >sig.json
	refused 4 "none of the keys" --signature sig.json --key kl/else.pub.pem
	refused 4 "" --signature sig.json "${by_ci[@]}"
	run -0 attach --signature sig.json --key kl/ops.pub.pem
	cmp sig.json dist/1.0/release.ini.1.sigstore.json
	run -0 package-release verify --key kl/ops.pub.pem $bundle
	run -0 attach --signature sig.json --key kl/ops.pub.pem
	assert_output_has already
}

@test "a signature of another release is not attached" {
	sigstore_sign kl ops dist/2.0/release.ini >sig.json
	refused 4 "'sig.json'" --signature sig.json --key kl/ops.pub.pem
	jq -c 'del(.messageSignature.messageDigest)' sig.json >bare.json
	refused 4 "" --signature bare.json --key kl/ops.pub.pem
}

@test "a bare signature in base64 becomes a bundle" {
	openssl dgst -sha256 -sign kl/ops.key -out sig $ini
	base64 -w0 sig >sig.b64
	refused 4 "none of the PEM keys" --signature sig.b64 --key kl/else.pub.pem
	refused 4 "none of the PEM keys" --signature sig.b64 --key mini.pub
	run -0 attach --signature sig.b64 --key kl/else.pub.pem --key kl/ops.pub.pem
	jq -e '.mediaType == "application/vnd.dev.sigstore.bundle.v0.3+json"' \
		dist/1.0/release.ini.1.sigstore.json
	[ "$(jq -r .messageSignature.signature dist/1.0/release.ini.1.sigstore.json)" = "$(cat sig.b64)" ]
	run -0 package-release verify --key kl/ops.pub.pem $bundle
	echo >>sig.b64 # as most programs write it
	run -0 attach --signature sig.b64 --key kl/ops.pub.pem
	assert_output_has already
	before=$(sha256sum dist/1.0/*)
	openssl dgst -sha256 -sign kl/ops.key dist/2.0/release.ini | base64 -w0 >other.b64
	refused 4 "none of the PEM keys" --signature other.b64 --key kl/ops.pub.pem
}

@test "the old bundle of cosign v2 becomes one of today's" {
	openssl dgst -sha256 -sign kl/ops.key -out sig $ini
	jq -n --arg signature "$(base64 -w0 sig)" \
		'{base64Signature: $signature, cert: "x", rekorBundle: {}}' >old.json
	refused 4 "--new-bundle-format" --signature old.json --key kl/else.pub.pem
	refused 4 "--new-bundle-format" --signature old.json "${by_ci[@]}"
	run -0 attach --signature old.json --key kl/ops.pub.pem
	run -0 package-release verify --key kl/ops.pub.pem $bundle
}

@test "bare signatures by the other kinds of keys" {
	openssl genpkey -algorithm ED25519 -out ed.key
	openssl pkey -in ed.key -pubout -out ed.pub
	openssl pkeyutl -sign -inkey ed.key -rawin -in $ini | base64 -w0 >ed.b64
	run -0 attach --signature ed.b64 --key ed.pub
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out rsa.key
	openssl pkey -in rsa.key -pubout -out rsa.pub
	openssl dgst -sha256 -sign rsa.key $ini | base64 -w0 >rsa.b64
	run -0 attach --signature rsa.b64 --key rsa.pub
	for key in ed.pub rsa.pub; do
		run -0 package-release verify --key $key $bundle
	done
	run -0 package-release sigstore verify-bundle --require none --key ed.pub \
		--bundle dist/1.0/release.ini.1.sigstore.json $ini
	run -0 package-release sigstore verify-bundle --require none --key rsa.pub \
		--bundle dist/1.0/release.ini.2.sigstore.json $ini
}

@test "what is no signature at all is refused" {
	: >empty
	echo '!' >text
	head -c 3000 /dev/zero | base64 -w0 >long
	echo '{"mediaType":"application/json"}' >other.json
	echo '{"base64Signature":"AAAA","base64Signature":"AAAA"}' >twice.json
	echo '{"base64Signature":{}}' >object.json
	for file in empty text long; do
		refused 5 "neither a minisign signature" --signature $file --key kl/ops.pub.pem
	done
	refused 4 "mediaType" --signature other.json --key kl/ops.pub.pem
	refused 5 "'twice.json'" --signature twice.json --key kl/ops.pub.pem
	refused 5 "base64Signature" --signature object.json --key kl/ops.pub.pem
	refused 7 "" --signature absent --key kl/ops.pub.pem
	head -c 5000000 /dev/zero >huge
	refused 5 "" --signature huge --key kl/ops.pub.pem
}

# --- Sigstore, by a certificate -----------------------------------------------

@test "a keyless signature is attached when it is by the named identity, exactly" {
	sigstore_sign kl ci $ini >sig.json
	refused 4 "'sig.json'" --signature sig.json --key kl/ops.pub.pem
	refused 4 "whom you did not name" --signature sig.json \
		--certificate-identity "${keyless_workflow%main}*" \
		--certificate-oidc-issuer "$keyless_issuer" --trusted-root kl/trusted_root.json
	refused 4 "$keyless_workflow" --signature sig.json \
		--certificate-identity "${keyless_workflow%n}" \
		--certificate-oidc-issuer "$keyless_issuer" --trusted-root kl/trusted_root.json
	refused 4 "whom you did not name" --signature sig.json \
		--certificate-identity "$keyless_workflow" \
		--certificate-oidc-issuer "$keyless_issuer/" --trusted-root kl/trusted_root.json
	run -0 attach --signature sig.json "${by_ci[@]}"
	cmp sig.json dist/1.0/release.ini.1.sigstore.json
}

@test "a certificate needs a trusted root" {
	[ ! -e /etc/tidegate/trusted_root.json ] || skip "this machine has one"
	sigstore_sign kl ci $ini >sig.json
	refused 2 "no trusted root" --signature sig.json \
		--certificate-identity "$keyless_workflow" \
		--certificate-oidc-issuer "$keyless_issuer"
	assert_output_has --trusted-root
}

@test "a keyless signature by somebody else, or under another root, is refused" {
	sigstore_sign kl other $ini >sig.json
	refused 4 other.yml --signature sig.json "${by_ci[@]}"
	sigstore_sign kl ci $ini >sig.json
	make_keyless elsewhere
	refused 4 "" --signature sig.json --certificate-identity "$keyless_workflow" \
		--certificate-oidc-issuer "$keyless_issuer" --trusted-root elsewhere/trusted_root.json
	echo '{}' >root.json
	refused 5 trusted_root.json --signature sig.json --certificate-identity "$keyless_workflow" \
		--certificate-oidc-issuer "$keyless_issuer" --trusted-root root.json
	refused 7 absent --signature sig.json --certificate-identity "$keyless_workflow" \
		--certificate-oidc-issuer "$keyless_issuer" --trusted-root absent
}

# --- attestations -------------------------------------------------------------

@test "GitHub's attestation is attached when release.ini is among its subjects" {
	sigstore_attest kl ci $ini >good
	sigstore_attest kl ci dist/1.0/payload.tar.gz >payload
	refused 4 "'payload'" --attestation payload "${by_ci[@]}"
	run -0 attach --attestation good "${by_ci[@]}"
	[ "$(tar xzOf $bundle attestation.intoto.jsonl)" = "$(cat good)" ]
	run -0 attach --attestation good "${by_ci[@]}"
	assert_output_has already
	# In one document of many lines, as the API gives it.
	rm -r dist/1.0
	cp -r "$BATS_FILE_TMPDIR/dist/1.0" dist/
	jq . good >pretty
	run -0 attach --attestation pretty "${by_ci[@]}"
	[ "$(cat dist/1.0/attestation.intoto.jsonl)" = "$(cat good)" ]
}

@test "each attestation of a file must be good, else none is attached" {
	sigstore_attest kl ci $ini >lines
	sigstore_attest kl other $ini >>lines
	refused 4 "attestation 2" --attestation lines "${by_ci[@]}"
	echo '{"_type":"https://in-toto.io/Statement/v1","subject":[]}' >unsigned
	refused 5 "signed" --attestation unsigned "${by_ci[@]}"
	: >empty
	refused 5 "no attestation" --attestation empty "${by_ci[@]}"
}

@test "attestations by keys: cosign's bundles, plain envelopes, minisign's" {
	sigstore_attest kl ops $ini >lines
	dsse_attest kl ops $ini >>lines
	refused 4 "" --attestation lines --key kl/else.pub.pem
	run -0 attach --attestation lines --key kl/ops.pub.pem
	[ "$(wc -l <dist/1.0/attestation.intoto.jsonl)" = 2 ]
	cp -r dist/2.0 copy
	cp -r "$BATS_FILE_TMPDIR/dist/1.0" copy1
	package-release attest --key mini --builder https://ci.example/1 copy1
	run -0 attach --attestation copy1/attestation.intoto.jsonl --key mini.pub
	[ "$(wc -l <dist/1.0/attestation.intoto.jsonl)" = 4 ]
	before=$(sha256sum dist/1.0/*)
	package-release attest --key mini --builder https://ci.example/1 copy
	refused 4 "" --attestation copy/attestation.intoto.jsonl --key mini.pub
	refused 4 "" --attestation copy1/attestation.intoto.jsonl --key stranger.pub
}

@test "a signature and an attestation that does not hold: neither is attached" {
	sigstore_sign kl ops $ini >sig.json
	sigstore_attest kl other $ini >bad
	refused 4 "'bad'" --signature sig.json --attestation bad --key kl/ops.pub.pem
	sigstore_attest kl ops $ini >good
	run -0 attach --signature sig.json --attestation good --key kl/ops.pub.pem
	tar tzf $bundle >names
	grep -qx release.ini.1.sigstore.json names
	grep -qx attestation.intoto.jsonl names
}

@test "a last line without its end is no part of the next" {
	dsse_attest kl ops $ini >line
	printf %s "$(cat line)" >dist/1.0/attestation.intoto.jsonl
	dsse_attest kl ops $ini '.predicate.n = 1' >other
	run -0 attach --attestation other --key kl/ops.pub.pem
	cat line other | cmp - dist/1.0/attestation.intoto.jsonl
}

@test "64 attestations fit, one more does not" {
	for n in $(seq 63); do
		dsse_attest kl ops $ini ".predicate.n = $n"
	done >lines
	run -0 attach --attestation lines --key kl/ops.pub.pem
	dsse_attest kl ops $ini '.predicate.n = 64' >one
	dsse_attest kl ops $ini '.predicate.n = 65' >two
	run -0 attach --attestation one --key kl/ops.pub.pem
	before=$(sha256sum dist/1.0/*)
	refused 5 "more than 64" --attestation two --key kl/ops.pub.pem
}

# --- a trust folder -----------------------------------------------------------

@test "a trust folder says who may have signed, with revocations" {
	mkdir trust
	chmod 755 trust
	cp kl/ops.pub.pem trust/ops.pem
	cp mini.pub trust/
	sigstore_sign kl ops $ini >sig.json
	sigstore_sign kl else $ini >else.json
	refused 4 "none of the keys" --signature else.json --trust trust
	id=$(openssl pkey -pubin -in kl/ops.pub.pem -outform DER | sha256sum | cut -d' ' -f1)
	printf '[cosign_keys]\n%s = lost\n' "$id" >trust/revoked.ini
	run -4 attach --signature sig.json --trust trust
	assert_output_has revoked
	rm trust/revoked.ini
	run -0 attach --signature sig.json --trust trust
	chmod 777 trust
	run -4 attach --signature sig.json --trust trust
}

@test "what a host would let drop is not attached, whatever it requires" {
	mkdir trust
	chmod 755 trust
	cp kl/ops.pub.pem trust/ops.pem
	cp mini.pub trust/
	sigstore_sign kl ops $ini >sig.json
	printf '[key ops]\nmax_sequence = 1\n' >host.ini
	refused 4 retired --signature sig.json --trust trust --config host.ini
	minisign -S -s mini -m $ini -x else.minisig -t "of something else" </dev/null
	printf '[policy]\nrequire = sigstore\n' >host.ini
	refused 4 wrong-comment --signature else.minisig --trust trust --config host.ini
	run -0 attach --signature sig.json --trust trust --config host.ini
}

@test "a host's identities are those of its configuration" {
	mkdir trust
	chmod 755 trust
	cp kl/trusted_root.json trust/
	sigstore_attest kl ci $ini >good
	refused 4 "whom you did not name" --attestation good --trust trust
	cat >host.ini <<-END
		[policy]
		require = provenance
		accept_keyless_alone = yes

		[identity ci]
		issuer = $keyless_issuer
		repository = octo/shop
		workflow = release.yml
		ref = refs/heads/main
	END
	run -0 attach --attestation good --trust trust --config host.ini
	run -2 attach --attestation good --config host.ini --key mini.pub
	# The folder's root also judges an identity of the command line.
	rm -r dist/1.0
	cp -r "$BATS_FILE_TMPDIR/dist/1.0" dist/
	run -0 attach --attestation good --trust trust \
		--certificate-identity "$keyless_workflow" \
		--certificate-oidc-issuer "$keyless_issuer"
}
