#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# package-release attest: what its statements say, and who signs them.

load lib

commit=0123456789abcdef0123456789abcdef01234567

setup() {
	unset COSIGN_KEY COSIGN_PASSWORD
	# No variable of the CI that runs the tests.
	for name in $(compgen -e | grep -E '^(CI|GITHUB|GITLAB|RUNNER)_' || true); do
		unset "$name"
	done
	cd "$BATS_TEST_TMPDIR"
	make_tree tree
	make_key mini
	package-release bundle --app demo --version 1.0 --payload tree --out dist --key mini >/dev/null
	bundle=dist/1.0/demo-1.0.tar.gz
}

make_cosign_key() {
	COSIGN_PASSWORD=secret package-release keygen --type cosign --output "$1" >/dev/null
}

attest() { # attest [OPTION...] - by the minisign key
	package-release attest --key mini --builder https://ci.example/runner/1 "$@" dist/1.0
}

# payload LINE - the statement of that line of the attestations.
payload() {
	sed -n "$1p" dist/1.0/attestation.intoto.jsonl |
		jq -re '.dsseEnvelope // . | .payload' | base64 -d
}

predicate_types() {
	for line in $(seq "$(wc -l <dist/1.0/attestation.intoto.jsonl)"); do
		payload "$line" | jq -r .predicateType
	done
}

github() { # github COMMAND... - as a step of a workflow
	env GITHUB_ACTIONS=true GITHUB_SERVER_URL=https://github.com \
		GITHUB_REPOSITORY=octo/shop GITHUB_REPOSITORY_ID=7 \
		GITHUB_REPOSITORY_OWNER_ID=8 GITHUB_SHA=$commit \
		GITHUB_REF=refs/tags/v1 GITHUB_EVENT_NAME=push \
		GITHUB_WORKFLOW_REF=octo/shop/.github/workflows/r.yml@refs/tags/v1 \
		GITHUB_RUN_ID=99 GITHUB_RUN_ATTEMPT=1 \
		RUNNER_ENVIRONMENT=github-hosted "$@"
}

@test "attest writes provenance and the SBOM, in the folder and in the bundle" {
	run -0 attest
	assert_output_has "demo 1.0 is attested by key"
	[ "$(predicate_types)" = "https://slsa.dev/provenance/v1
https://cyclonedx.org/bom" ]
	payload 1 | jq -e '._type == "https://in-toto.io/Statement/v1"'
	for part in release.ini payload.tar.gz sbom.json; do
		payload 1 | jq -e --arg name $part --arg sum \
			"$(sha256sum <dist/1.0/$part | cut -d' ' -f1)" \
			'.subject[] | select(.name == $name).digest == {sha256: $sum}'
	done
	payload 2 | jq -e '[.subject[].name] == ["release.ini", "payload.tar.gz"]'
	payload 2 | jq .predicate | diff - <(jq . dist/1.0/sbom.json)
	tar xzOf $bundle attestation.intoto.jsonl | cmp - dist/1.0/attestation.intoto.jsonl
	run -0 package-release verify --key mini.pub $bundle
}

@test "the envelope bears the id of the minisign key, whose Ed25519 openssl checks" {
	attest --statement provenance
	line=$(head -1 dist/1.0/attestation.intoto.jsonl)
	run -0 minisign -V -p mini.pub -m dist/1.0/release.ini
	[ "$(jq -r '.signatures[0].keyid' <<<"$line")" = "$(sed -n 's/.*public key //p' mini.pub)" ]
	python3 - "$line" <<-'END'
		import base64, json, sys
		line = json.loads(sys.argv[1])
		payload = base64.b64decode(line["payload"])
		kind = line["payloadType"].encode()
		open("pae", "wb").write(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
		open("sig", "wb").write(base64.b64decode(line["signatures"][0]["sig"]))
		key = base64.b64decode(open("mini.pub").read().split("\n")[1])[10:]
		open("pub.der", "wb").write(bytes.fromhex("302a300506032b6570032100") + key)
	END
	openssl pkeyutl -verify -pubin -keyform DER -inkey pub.der -rawin -in pae -sigfile sig
}

@test "a cosign key signs a bundle around the envelope, and openssl checks" {
	make_cosign_key key
	COSIGN_PASSWORD=secret run -0 package-release attest --cosign-key key \
		--builder https://ci.example/1 $bundle
	assert_output_has "is attested by cosign key"
	line=$(head -1 dist/1.0/attestation.intoto.jsonl)
	jq -e '.mediaType == "application/vnd.dev.sigstore.bundle.v0.3+json"' <<<"$line"
	python3 - "$line" <<-'END'
		import base64, json, sys
		line = json.loads(sys.argv[1])["dsseEnvelope"]
		payload = base64.b64decode(line["payload"])
		kind = line["payloadType"].encode()
		open("pae", "wb").write(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
		open("sig", "wb").write(base64.b64decode(line["signatures"][0]["sig"]))
	END
	openssl dgst -sha256 -verify key.pub -signature sig pae
}

@test "attesting the same again changes nothing, by either kind of key" {
	make_cosign_key key
	export COSIGN_PASSWORD=secret
	attest --cosign-key key
	before=$(sha256sum dist/1.0/*)
	run -0 attest --cosign-key key
	assert_output_has "was attested before"
	[ "$(sha256sum dist/1.0/*)" = "$before" ]
	[ "$(wc -l <dist/1.0/attestation.intoto.jsonl)" = 4 ]
	run -0 attest --cosign-key key --parameter other=1
	[ "$(wc -l <dist/1.0/attestation.intoto.jsonl)" = 6 ]
}

@test "the same inputs give the same bytes in another folder" {
	cp -r dist/1.0 elsewhere
	attest --parameter a=b --started-on 2026-01-01T00:00:00Z
	(umask 077 && TZ=Asia/Tokyo package-release attest --key mini \
		--builder https://ci.example/runner/1 --parameter a=b \
		--started-on 2026-01-01T00:00:00Z elsewhere)
	cmp elsewhere/attestation.intoto.jsonl dist/1.0/attestation.intoto.jsonl
	cmp elsewhere/demo-1.0.tar.gz $bundle
}

@test "what GitHub says is there, and nothing else" {
	github package-release attest --key mini --statement provenance dist/1.0
	payload 1 | jq -e --arg commit $commit '.predicate == {
		buildDefinition: {
			buildType: "urn:tidegate:package-release:1",
			externalParameters: {
				release: {app: "demo", version: "1.0"},
				workflow: {
					ref: "refs/tags/v1",
					repository: "https://github.com/octo/shop",
					path: ".github/workflows/r.yml"
				}
			},
			internalParameters: {github: {
				event_name: "push", repository_id: "7",
				repository_owner_id: "8",
				runner_environment: "github-hosted"
			}},
			resolvedDependencies: [{
				uri: "git+https://github.com/octo/shop@refs/tags/v1",
				digest: {gitCommit: $commit}
			}]
		},
		runDetails: {
			builder: {id: "https://github.com/actions/runner/github-hosted"},
			metadata: {invocationId:
				"https://github.com/octo/shop/actions/runs/99/attempts/1"}
		}
	}'
}

@test "outside of CI nothing is guessed, and the builder must be named" {
	run -2 package-release attest --key mini dist/1.0
	assert_output_has --builder
	[ ! -e dist/1.0/attestation.intoto.jsonl ]
	attest --statement provenance
	payload 1 | jq -e '.predicate == {
		buildDefinition: {
			buildType: "urn:tidegate:package-release:1",
			externalParameters: {release: {app: "demo", version: "1.0"}}
		},
		runDetails: {builder: {id: "https://ci.example/runner/1"}}
	}'
	# A statement on the SBOM needs no builder.
	run -0 package-release attest --key mini --statement sbom dist/1.0
}

@test "the source is the commit that was packed, not the one that CI runs for" {
	git init -q repository
	cd repository
	git config user.email a@example.org
	git config user.name a
	git remote add origin https://git.example/octo/shop
	make_tree tree
	git add tree
	git commit -qm first
	head=$(git rev-parse HEAD)
	package-release bundle --app demo --version 1.0 --payload tree --out ../git >/dev/null
	cd ..
	rm -r dist
	mkdir dist
	mv git/1.0 dist/
	# release.ini describes a tree that git knows: the folder of the payload.
	grep -q "revision = $head" dist/1.0/release.ini
	github package-release attest --key mini --statement provenance dist/1.0
	payload 1 | jq -e --arg commit "$head" \
		'.predicate.buildDefinition.resolvedDependencies == [{
			uri: "git+https://git.example/octo/shop",
			digest: {gitCommit: $commit}}]'
	commit=$head
	github package-release attest --key mini --statement provenance dist/1.0
	payload 2 | jq -e --arg commit "$head" \
		'.predicate.buildDefinition.resolvedDependencies == [{
			uri: "git+https://github.com/octo/shop@refs/tags/v1",
			digest: {gitCommit: $commit}}]'
}

@test "options add parameters, dependencies and times" {
	attest --statement provenance --parameter A=1 --parameter b=x=y \
		--dependency 'https://e.org/a?b=c=sha256:01ab' \
		--dependency pkg:deb/debian/gcc@12=sha512:ff \
		--started-on 2026-01-01T00:00:00Z --finished-on 2026-01-01T00:00:00Z
	payload 1 | jq -e '.predicate.buildDefinition |
		.externalParameters.parameters == {A: "1", b: "x=y"} and
		.resolvedDependencies == [
			{uri: "https://e.org/a?b=c", digest: {sha256: "01ab"}},
			{uri: "pkg:deb/debian/gcc@12", digest: {sha512: "ff"}}]'
	payload 1 | jq -e '.predicate.runDetails.metadata == {
		startedOn: "2026-01-01T00:00:00Z", finishedOn: "2026-01-01T00:00:00Z"}'
}

@test "options that make no sense are usage errors, and nothing is written" {
	while IFS='|' read -r -a words; do
		run -2 attest "${words[@]}"
		[ ! -e dist/1.0/attestation.intoto.jsonl ]
	done <<-'END'
		--parameter|novalue
		--parameter|=value
		--parameter|a b=c
		--parameter|a=1|--parameter|a=2
		--dependency|https://e.org/x
		--dependency|https://e.org/x=sha256
		--dependency|https://e.org/x=sha256:
		--dependency|https://e.org/x=sha256:XY
		--dependency|=sha256:00
		--started-on|yesterday
		--started-on|2026-01-02T00:00:00Z|--finished-on|2026-01-01T00:00:00Z
		--statement|vex
	END
	run -2 package-release attest --key mini --builder nothing dist/1.0
	run -2 github env GITHUB_SHA=short package-release attest --key mini dist/1.0
	assert_output_has GITHUB_SHA
	run -2 package-release attest --builder https://ci.example/1 dist/1.0
	assert_output_has "package-release attest --key"
}

@test "parameters and dependencies have a limit" {
	for n in $(seq 32); do parameters+=(--parameter "p$n=v"); done
	for n in $(seq 64); do dependencies+=(--dependency "https://e.org/$n=sha256:00"); done
	run -5 attest "${parameters[@]}" --parameter p33=v
	run -5 attest "${dependencies[@]}" --dependency https://e.org/65=sha256:00
	[ ! -e dist/1.0/attestation.intoto.jsonl ]
	run -0 attest --statement provenance "${parameters[@]}" "${dependencies[@]}"
	payload 1 | jq -e '.predicate.buildDefinition |
		(.externalParameters.parameters | length) == 32 and
		(.resolvedDependencies | length) == 64'
}

@test "SPDX is attested as SPDX, and a release without SBOM has provenance alone" {
	echo '{"spdxVersion":"SPDX-2.3","files":[],"packages":[]}' >spdx.json
	rm -r dist
	package-release bundle --app demo --version 1.0 --payload tree --out dist \
		--sbom spdx.json >/dev/null
	attest
	[ "$(predicate_types | tail -1)" = https://spdx.dev/Document ]
	rm -r dist
	package-release bundle --app demo --version 1.0 --payload tree --out dist --skip-sbom >/dev/null
	run -0 attest
	[ "$(predicate_types)" = https://slsa.dev/provenance/v1 ]
	payload 1 | jq -e '[.subject[].name] == ["release.ini", "payload.tar.gz"]'
	run -2 attest --statement sbom
	assert_output_has "no SBOM"
}

@test "an SBOM too large for the attestations is left out with a warning, unless asked for" {
	python3 - <<-'END'
		import json
		json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6",
		           "components": [{"type": "library", "name": "x" * 1000}] * 3600},
		          open("large.json", "w"))
	END
	rm -r dist
	package-release bundle --app demo --version 1.0 --payload tree --out dist \
		--sbom large.json >/dev/null
	run -0 attest
	assert_output_has warning sbom.json "left out"
	[ "$(predicate_types)" = https://slsa.dev/provenance/v1 ]
	before=$(sha256sum dist/1.0/*)
	run -5 attest --statement sbom
	[ "$(sha256sum dist/1.0/*)" = "$before" ]
}

@test "an SBOM that is not what release.ini pins is not attested" {
	printf X | dd of=dist/1.0/sbom.json bs=1 seek=20 conv=notrunc status=none
	run -5 attest
	assert_output_has sbom.json
	[ ! -e dist/1.0/attestation.intoto.jsonl ]
}

@test "a statement is added behind those that are there" {
	attest --statement provenance
	head -1 dist/1.0/attestation.intoto.jsonl >first
	run -0 attest --statement sbom
	head -1 dist/1.0/attestation.intoto.jsonl | cmp - first
	[ "$(wc -l <dist/1.0/attestation.intoto.jsonl)" = 2 ]
}

@test "hosts count what sign and attest made, by either kind of key" {
	make_cosign_key ops
	mkdir trust
	chmod 755 trust
	cp mini.pub trust/
	cp ops.pub trust/ops.pem
	printf '[policy]\nrequire = minisign, sigstore, provenance\n' >host.ini
	judge() { package-release verify --trust trust --config host.ini $bundle; }
	run -4 judge
	COSIGN_PASSWORD=secret package-release sign --cosign-key ops $bundle
	run -4 judge
	assert_output_has provenance
	attest --statement sbom
	run -4 judge
	attest --statement provenance
	run -0 judge
	# The cosign key's provenance does as well.
	rm dist/1.0/attestation.intoto.jsonl
	tar xzf $bundle -C dist/1.0 --exclude attestation.intoto.jsonl
	rm $bundle
	COSIGN_PASSWORD=secret package-release attest --cosign-key ops \
		--builder https://ci.example/1 --statement provenance dist/1.0
	bundle=dist/1.0
	run -0 judge
}
