#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of oci.bash
# package-release publish --cosign-key: who signs what, and what is found there.
# That cosign takes it: tests/interop/publish.bats.

setup_file() {
	load lib
	load oci
	work=$BATS_FILE_TMPDIR
	make_key "$work/key"
	make_tree "$work/src"
	make_bundle shop 1 "$work/src" "$work/dist" --key "$work/key" --profile dev >/dev/null
	for key in ours others; do
		COSIGN_PASSWORD=secret package-release keygen --type cosign --output "$work/$key" >/dev/null
	done
	start_registry open
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load lib
	load oci
	load publish
	publish_setup
	export COSIGN_PASSWORD=secret
}

# said - what the statements that refer to the digest in the lockfile say, and of
# what: "TYPE DIGEST", a line for each.
said() {
	local referrer blob
	for referrer in $(lock '.packs[0].referrers[] |
		select(.artifact_type | test("sigstore.bundle")).digest'); do
		blob=$(manifest_of "$repository" "$referrer" | jq -r '.layers[0].digest')
		curl -sf "http://$registry_open/v2/$repository/blobs/$blob" |
			jq -r '.dsseEnvelope.payload | @base64d | fromjson |
				"\(.predicateType) sha256:\(.subject[].digest.sha256)"'
	done
}

@test "--cosign-key signs manifests, and says of them what it said of the release" {
	cp -R "$work/dist/1" release
	package-release attest --cosign-key "$work/ours" --builder urn:x release >/dev/null
	package-release attest --cosign-key "$work/others" --builder urn:y \
		--statement provenance release >/dev/null
	COSIGN_PASSWORD='' publish release --key "$work/key.pub" --cosign-key "$work/ours" --dry-run --to "$to"
	[ "$status" -eq 0 ]
	expected=$(lock '.packs[0].expected_digest')
	publish release --key "$work/key.pub" --cosign-key "$work/ours" --to "$to"
	[ "$status" -eq 0 ]
	[ "$(lock '.packs[0].digest')" = "$expected" ]
	said | sort >statements
	printf '%s\n' "https://cyclonedx.org/bom $expected" \
		"https://sigstore.dev/cosign/sign/v1 $expected" \
		"https://slsa.dev/provenance/v1 $expected" | cmp statements -
	# The same again is the same: signatures are kept, and judged; those that
	# are not good are taken from the registry.
	cp packs.lock.json before
	publish release --key "$work/key.pub" --cosign-key "$work/ours" --to "$to"
	cmp packs.lock.json before
	for file in dist/packs/*.sigstore.json; do
		sed -i 's/"sig":"..../"sig":"AAAA/' "$file"
	done
	publish release --key "$work/key.pub" --cosign-key "$work/ours" --to "$to"
	[ "$status" -eq 0 ]
	cmp packs.lock.json before
	run ! grep '"sig":"AAAA' dist/packs/*.sigstore.json
	COSIGN_PASSWORD=wrong publish release --key "$work/key.pub" --cosign-key "$work/ours" --to "$to"
	[ "$status" -eq 2 ]
}

@test "--cosign-key: a pack gets a signature, also one that was published before" {
	id=$(openssl pkey -pubin -in "$work/ours.pub" -outform DER | sha256sum | cut -d ' ' -f 1)
	rm -r packs/two
	publish --version 1 --to "$to"
	[ -z "$(said)" ]
	run --separate-stderr package-release publish --version 1 --to "$to" --json \
		--cosign-key "$work/ours"
	[ "$status" -eq 0 ]
	[ "$(jq -r .cosign_key <<<"$output")" = "$id" ]
	[ "$(said)" = "https://sigstore.dev/cosign/sign/v1 $(tag_digest "$repository" 1)" ]
}

@test "--cosign-key: keys that take turns add one signature each" {
	rm -r packs/two
	for key in ours others ours others; do
		publish --version 1 --to "$to" --cosign-key "$work/$key"
		[ "$status" -eq 0 ]
		assert_output_has "signed by cosign key"
	done
	digest=$(lock '.packs[0].digest')
	curl -sf -H "Accept: $type_index" \
		"http://$registry_open/v2/$repository/manifests/${digest/:/-}" >index
	jq -e '.manifests | length == 2' index
}

@test "--cosign-key: what somebody adds to a signature in the folder is not published" {
	rm -r packs/two
	publish --version 1 --to "$to" --cosign-key "$work/ours"
	cp packs.lock.json before
	for file in dist/packs/*.sigstore.json; do
		jq . "$file" >changed
		cp changed "$file"
	done
	publish --version 1 --to "$to/again" --cosign-key "$work/ours"
	[ "$status" -eq 0 ]
	run ! grep -q '^{$' dist/packs/*.sigstore.json
}

@test "--cosign-key: an attestation that is there twice is restated once" {
	cp -R "$work/dist/1" release
	package-release attest --cosign-key "$work/ours" --builder urn:x --statement provenance \
		release >/dev/null
	cat release/attestation.intoto.jsonl release/attestation.intoto.jsonl >twice
	cp twice release/attestation.intoto.jsonl
	publish release --key "$work/key.pub" --cosign-key "$work/ours" --to "$to"
	[ "$status" -eq 0 ]
	[ "$(said | wc -l)" -eq 2 ]
}

@test "--keep-going: a package that cannot be signed stops no other" {
	publish --version 1 --to "$to" --cosign-key "$work/ours"
	[ "$status" -eq 0 ]
	for file in dist/packs/*.sigstore.json; do
		if jq -r .dsseEnvelope.payload "$file" | base64 -d | grep -q '"name":"one"'; then
			rm "$file"
			mkdir "$file"
		fi
	done
	publish --version 1 --to "$to/again" --cosign-key "$work/ours"
	[ "$status" -ne 0 ]
	assert_output_has "signing 'one'"
	[ -z "$(tag_digest "$repository/again/two" 1)" ]
	publish --version 1 --to "$to/again" --cosign-key "$work/ours" --keep-going
	[ "$status" -ne 0 ]
	assert_output_has "signing 'one'" "1 of 2 were not published"
	[ -n "$(tag_digest "$repository/again/two" 1)" ]
	[ -z "$(tag_digest "$repository/again/one" 1)" ]
}

@test "--cosign-key: what was published from another checkout is not signed again" {
	cp -R "$work/dist/1" release
	package-release attest --cosign-key "$work/ours" --builder urn:x release >/dev/null
	publish release --key "$work/key.pub" --cosign-key "$work/ours" --to "$to"
	cp packs.lock.json before
	cp -R dist/packs kept
	# Another one signs, too.
	publish release --key "$work/key.pub" --cosign-key "$work/others" --to "$to" --lock others.json
	rm -r dist packs.lock.json*
	publish release --key "$work/key.pub" --cosign-key "$work/ours" --to dir:site --to "$to"
	[ "$status" -eq 0 ]
	[ "$(lock '.packs[0].referrers')" = "$(jq -r '.packs[0].referrers' before)" ]
	diff -r kept dist/packs
	# Where several runs attached one each, all later ones take the same.
	for target in "$to/b" "$to/a"; do
		rm -r dist
		publish release --key "$work/key.pub" --cosign-key "$work/ours" --to "$target"
	done
	for order in "$to/a $to/b" "$to/b $to/a"; do
		rm -r dist
		read -r first second <<<"$order"
		publish release --key "$work/key.pub" --cosign-key "$work/ours" --to "$first" --to "$second"
		[ "$status" -eq 0 ]
		lock '.packs[0].referrers' >>twice
	done
	[ "$(jq -s '.[0] == .[1]' twice)" = true ]
}

@test "--cosign-key: without a registry there is nothing to sign" {
	publish --version 1 --to dir:site --cosign-key "$work/ours"
	[ "$status" -eq 2 ]
	assert_output_has "only registries have"
	[ ! -e site ]
	publish --version 1 --to dir:site --to "$to" --cosign-key "$work/ours"
	[ "$status" -eq 0 ]
}

@test "--cosign-key: a second run with the same lockfile signs nothing" {
	: >packs.lock.json.journal
	exec 8<>packs.lock.json.journal
	flock 8
	publish --version 1 --to "$to" --cosign-key "$work/ours"
	[ "$status" -eq 75 ]
	[ -z "$(find dist -name '*.sigstore.json')" ]
}
