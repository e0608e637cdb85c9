# SPDX-License-Identifier: Apache-2.0
# A small Sigstore of our own, made with openssl alone, so that nothing of the
# code under test vouches for itself: an authority, a timestamp authority, a
# trusted root, and bundles by certificates and by keys.  Sourced by bats files.
#
# GitHub's own instance is like this one: no logs, and timestamps for a time.

keyless_issuer=https://token.actions.githubusercontent.com
keyless_repository=https://github.com/octo/shop
keyless_workflow=$keyless_repository/.github/workflows/release.yml@refs/heads/main
keyless_commit=0123456789abcdef0123456789abcdef01234567

b64() {
	base64 -w0 "$@"
}

# der FILE.pem: its bytes in DER, as base64.
der() {
	openssl x509 -in "$1" -outform DER | b64
}

# A self-signed authority: DIR/NAME.pem and DIR/NAME.key.
_authority() { # DIR NAME [DAYS]
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/O=Tests/CN=$2" -days "${3:-3650}" -keyout "$1/$2.key" \
		-out "$1/$2.pem" -addext 'basicConstraints=critical,CA:TRUE' \
		-addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null
}

# A certificate by an authority, with the extensions on standard input.
_issue() { # DIR AUTHORITY NAME [DAYS]
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/O=Tests/CN=$3" -keyout "$1/$3.key" -out "$1/$3.csr" \
		2>/dev/null
	cat >"$1/$3.ext"
	openssl x509 -req -in "$1/$3.csr" -CA "$1/$2.pem" -CAkey "$1/$2.key" \
		-set_serial "$RANDOM$RANDOM" -days "${4:-2}" -extfile "$1/$3.ext" \
		-out "$1/$3.pem" 2>/dev/null
}

# make_keyless DIR: the instance; DIR/trusted_root.json is what hosts trust.
make_keyless() {
	mkdir -p "$1"
	_authority "$1" ca
	_authority "$1" tsa-root
	_issue "$1" tsa-root tsa 3650 <<-END
		basicConstraints=critical,CA:FALSE
		keyUsage=critical,digitalSignature
		extendedKeyUsage=critical,timeStamping
	END
	cat >"$1/tsa.cnf" <<-END
		[tsa]
		serial = $1/tsa.serial
		signer_cert = $1/tsa.pem
		signer_key = $1/tsa.key
		signer_digest = sha256
		default_policy = 1.2.3.4.1
		digests = sha256
		ess_cert_id_chain = no
		ess_cert_id_alg = sha256
	END
	echo 01 >"$1/tsa.serial"
	jq -n --arg ca "$(der "$1/ca.pem")" --arg tsa "$(der "$1/tsa.pem")" \
		--arg root "$(der "$1/tsa-root.pem")" '
		def since: { start: "2020-01-01T00:00:00Z" };
		{ mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
		  certificateAuthorities: [ {
		    subject: { organization: "Tests", commonName: "ca" },
		    uri: "https://ca.example",
		    certChain: { certificates: [ { rawBytes: $ca } ] },
		    validFor: since } ],
		  timestampAuthorities: [ {
		    subject: { organization: "Tests", commonName: "tsa" },
		    certChain: { certificates: [ { rawBytes: $tsa },
		                                 { rawBytes: $root } ] },
		    validFor: since } ] }' >"$1/trusted_root.json"
}

# make_log DIR: a transparency log; DIR/logged.json is a root of it and of ca,
# without timestamps.
make_log() {
	make_cosign_key "$1" log
	openssl ec -in "$1/log.key" -pubout -outform DER -out "$1/log.der" 2>/dev/null
	jq --arg key "$(b64 "$1/log.der")" \
		--arg id "$(openssl dgst -sha256 -binary "$1/log.der" | b64)" '
		del(.timestampAuthorities) + { tlogs: [ {
		    baseUrl: "https://log.example", hashAlgorithm: "SHA2_256",
		    publicKey: { rawBytes: $key,
		      keyDetails: "PKIX_ECDSA_P256_SHA_256",
		      validFor: { start: "2020-01-01T00:00:00Z" } },
		    logId: { keyId: $id } } ] }' "$1/trusted_root.json" >"$1/logged.json"
}

# log_entry DIR NAME FILE SIGNATURE: the log's promise for a signature over FILE
# by DIR/NAME.pem, as cosign annotates it.
log_entry() {
	local body entry id
	body=$(jq -cnS --arg hash "$(sha256sum "$3" | cut -d' ' -f1)" \
		--arg signature "$(b64 "$4")" --arg leaf "$(b64 "$1/$2.pem")" '
		{ apiVersion: "0.0.1", kind: "hashedrekord", spec: {
		    data: { hash: { algorithm: "sha256", value: $hash } },
		    signature: { content: $signature, publicKey: { content: $leaf } } } }')
	id=$(sha256sum "$1/log.der" | cut -d' ' -f1)
	# What is signed: keys in order, no blanks (RFC 8785).
	entry=$(jq -cnS --arg body "$(printf %s "$body" | b64)" --arg id "$id" \
		--argjson now "$(date +%s)" \
		'{ body: $body, integratedTime: $now, logID: $id, logIndex: 7 }')
	jq -cn --argjson entry "$entry" --arg promise "$(printf %s "$entry" |
		openssl dgst -sha256 -sign "$1/log.key" | b64)" \
		'{ SignedEntryTimestamp: $promise, Payload: $entry }'
}

# make_leaf DIR NAME [WORKFLOW [REF [COMMIT]]]: what GitHub certifies of a run.
make_leaf() {
	local workflow=${3:-$keyless_workflow} ref=${4:-refs/heads/main}
	_issue "$1" ca "$2" <<-END
		basicConstraints=critical,CA:FALSE
		keyUsage=critical,digitalSignature
		extendedKeyUsage=codeSigning
		subjectAltName=critical,URI:$workflow
		1.3.6.1.4.1.57264.1.8=ASN1:UTF8:$keyless_issuer
		1.3.6.1.4.1.57264.1.9=ASN1:UTF8:$workflow
		1.3.6.1.4.1.57264.1.11=ASN1:UTF8:github-hosted
		1.3.6.1.4.1.57264.1.12=ASN1:UTF8:$keyless_repository
		1.3.6.1.4.1.57264.1.13=ASN1:UTF8:${5:-$keyless_commit}
		1.3.6.1.4.1.57264.1.14=ASN1:UTF8:$ref
		1.3.6.1.4.1.57264.1.20=ASN1:UTF8:push
		1.3.6.1.4.1.57264.1.21=ASN1:UTF8:$keyless_repository/actions/runs/7/attempts/1
	END
}

# _stamp DIR FILE: a timestamp over the bytes of FILE, as base64.
_stamp() {
	openssl ts -query -data "$2" -sha256 -cert -out "$2.tsq" 2>/dev/null
	openssl ts -reply -config "$1/tsa.cnf" -section tsa -queryfile "$2.tsq" \
		-out "$2.tsr" 2>/dev/null
	b64 "$2.tsr"
}

# _material DIR NAME SIGNATURE: by a certificate (DIR/NAME.pem), or by a key.
_material() {
	if [ -f "$1/$2.pem" ]; then
		jq -n --arg leaf "$(der "$1/$2.pem")" --arg time "$(_stamp "$1" "$3")" '
			{ certificate: { rawBytes: $leaf },
			  timestampVerificationData: {
			    rfc3161Timestamps: [ { signedTimestamp: $time } ] } }'
	else
		echo '{ "publicKey": { "hint": "" } }'
	fi
}

_bundle() { # MATERIAL CONTENT, both JSON
	jq -cn --argjson material "$1" --argjson content "$2" '
		{ mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
		  verificationMaterial: $material } + $content'
}

# sigstore_sign DIR NAME FILE: a bundle with a message signature over FILE.
sigstore_sign() {
	local signature=$1/$2.sig content
	openssl dgst -sha256 -sign "$1/$2.key" -out "$signature" "$3"
	content=$(jq -n --arg signature "$(b64 "$signature")" \
		--arg digest "$(openssl dgst -sha256 -binary "$3" | b64)" '
		{ messageSignature: {
		    messageDigest: { algorithm: "SHA2_256", digest: $digest },
		    signature: $signature } }')
	_bundle "$(_material "$1" "$2" "$signature")" "$content"
}

# provenance FILE [JQ]: a statement of SLSA provenance v1 over FILE, as GitHub's
# workflow writes it; JQ changes it.
provenance() {
	jq -cn --arg digest "$(sha256sum "$3" | cut -d' ' -f1)" \
		--arg repository "$keyless_repository" \
		--arg workflow "$keyless_workflow" --arg commit "$keyless_commit" '
		{ _type: "https://in-toto.io/Statement/v1",
		  subject: [ { name: "release.ini", digest: { sha256: $digest } } ],
		  predicateType: "https://slsa.dev/provenance/v1",
		  predicate: {
		    buildDefinition: {
		      buildType: "https://actions.github.io/buildtypes/workflow/v1",
		      externalParameters: { workflow: {
		        ref: "refs/heads/main", repository: $repository,
		        path: ".github/workflows/release.yml" } },
		      internalParameters: { github: { event_name: "push",
		        runner_environment: "github-hosted" } },
		      resolvedDependencies: [ {
		        uri: ("git+" + $repository + "@refs/heads/main"),
		        digest: { gitCommit: $commit } } ] },
		    runDetails: {
		      builder: { id: $workflow },
		      metadata: {
		        invocationId: ($repository + "/actions/runs/7/attempts/1") } } } }
		| '"${4:-.}"
}

# _envelope DIR NAME STATEMENT: prints a DSSE envelope; the signature stays in
# DIR/NAME.dsse.
_envelope() {
	local type=application/vnd.in-toto+json
	printf 'DSSEv1 %d %s %d %s' ${#type} $type ${#3} "$3" |
		openssl dgst -sha256 -sign "$1/$2.key" -out "$1/$2.dsse"
	jq -cn --arg payload "$(printf %s "$3" | b64)" --arg type $type \
		--arg signature "$(b64 "$1/$2.dsse")" '
		{ payload: $payload, payloadType: $type,
		  signatures: [ { sig: $signature } ] }'
}

# sigstore_attest DIR NAME FILE [JQ]: one line, a bundle with provenance of FILE.
sigstore_attest() {
	local envelope
	envelope=$(_envelope "$1" "$2" "$(provenance "$@")")
	_bundle "$(_material "$1" "$2" "$1/$2.dsse")" \
		"{ \"dsseEnvelope\": $envelope }"
}

# dsse_attest DIR NAME FILE [JQ]: the same as a plain envelope.
dsse_attest() {
	_envelope "$1" "$2" "$(provenance "$@")"
}

# make_cosign_key DIR NAME: DIR/NAME.key and DIR/NAME.pub.pem, which hosts take.
make_cosign_key() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$1/$2.key"
	openssl ec -in "$1/$2.key" -pubout -out "$1/$2.pub.pem" 2>/dev/null
}
