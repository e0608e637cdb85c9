#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# profile.env and SBOM.

load lib

digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

setup() {
	cd "$BATS_TEST_TMPDIR"
	make_tree tree
}

pack() {
	package-release bundle --app demo --version 1.0 --payload tree --out dist "$@"
}

# --- stamp --------------------------------------------------------------------

@test "stamp writes profile.env in its one order" {
	mkdir host
	run -0 package-release stamp --profile prod --set IMAGE_TAG=v1.2.3 \
		--set REGISTRY=ghcr.io/owner --set IMAGE_PREFIX=containai \
		--image log-forwarder=ghcr.io/owner/containai-log:v1.2.3@$digest \
		--image base=ghcr.io/owner/containai@$digest --out host/profile.env
	diff host/profile.env - <<-END
		PROFILE=prod
		REGISTRY=ghcr.io/owner
		IMAGE_PREFIX=containai
		IMAGE_TAG=v1.2.3
		IMAGE_DIGEST_BASE=$digest
		IMAGE_DIGEST_LOG_FORWARDER=$digest
	END
}

@test "stamp again replaces the file" {
	package-release stamp --profile dev --out profile.env
	package-release stamp --profile nightly --out profile.env
	[ "$(cat profile.env)" = PROFILE=nightly ]
}

@test "profiles beside package.ini are stronger than the installed ones" {
	mkdir profiles
	printf 'PROFILE=prod\nREGISTRY=example.org\n' >profiles/prod.env
	run -0 package-release stamp --profile prod --out profile.env
	grep -qx REGISTRY=example.org profile.env
	run -0 package-release stamp --profile dev --out profile.env
}

@test "stamp refuses keys, values and profiles outside the grammar" {
	for bad in "PATH=/tmp" "IMAGE_TAG=" "IMAGE_TAG=a b" 'IMAGE_TAG=$(id)' \
		"IMAGE_TAG='x'" "image_tag=x" "IMAGE_DIGEST=sha256:1" "nonsense" "PROFILE=staging"; do
		run -2 package-release stamp --profile dev --set "$bad" --out profile.env
	done
	run -2 package-release stamp --profile staging --out profile.env
	run -2 package-release stamp --profile ../../etc/passwd --out profile.env
	for bad in "proxy" "proxy=ref" "proxy=@$digest" "proxy=ref@sha256:12" "=ref@$digest" "p/x=ref@$digest"; do
		run -2 package-release stamp --profile dev --image "$bad" --out profile.env
	done
	run -2 package-release stamp --profile dev
	[ ! -e profile.env ]
}

@test "an image of another registry is refused" {
	run -2 package-release stamp --profile dev --set REGISTRY=ghcr.io/owner \
		--image proxy=docker.io/x/proxy@$digest --out profile.env
	assert_output_has "ghcr.io/owner"
}

@test "prod refuses a tag that is absent, latest or a placeholder" {
	for tag in latest LATEST changeme placeholder TODO __TAG__; do
		run -2 package-release stamp --profile prod --set "IMAGE_TAG=$tag" --out profile.env
		assert_output_has IMAGE_TAG
		run -0 package-release stamp --profile nightly --set "IMAGE_TAG=$tag" --out profile.env
	done
	run -2 package-release stamp --profile prod --set IMAGE_PREFIX=demo --out profile.env
	run -0 package-release stamp --profile prod --out profile.env
}

@test "digests are there for all named images, or for none" {
	printf '[package]\napp = demo\n[profile]\nname = prod\nimages = proxy, log-forwarder\n' >package.ini
	run -0 package-release stamp --set IMAGE_TAG=v1 --out profile.env
	run -2 package-release stamp --set IMAGE_TAG=v1 --image proxy=r/p@$digest --out profile.env
	assert_output_has log-forwarder
	run -0 package-release stamp --set IMAGE_TAG=v1 --image proxy=r/p@$digest \
		--image log-forwarder=r/l@$digest --out profile.env
}

# --- in a bundle ----------------------------------------------------------------

@test "an app without images needs no profile.env" {
	run -0 pack
	[ ! -e dist/1.0/profile.env ]
}

@test "a stamped profile.env is a part, and lies in the payload" {
	printf '[profile]\npath = host/conf/profile.env\n' >package.ini
	run -0 pack --profile prod --set IMAGE_TAG=v1
	grep -qx 'profile = host/conf/profile.env' dist/1.0/release.ini
	tar xzOf dist/1.0/payload.tar.gz host/conf/profile.env | cmp - dist/1.0/profile.env
	[ ! -e tree/host ]
	run -4 package-release verify dist/1.0
}

@test "a profile.env of the payload is used as it is" {
	printf 'PROFILE=prod\nIMAGE_TAG=v9\n' >tree/profile.env
	before=$(stat -c '%y %i' tree/profile.env)
	run -0 pack
	cmp tree/profile.env dist/1.0/profile.env
	run -0 pack --profile prod --set IMAGE_TAG=v9
	[ "$(stat -c '%y %i' tree/profile.env)" = "$before" ]
}

@test "a profile.env of the payload that differs from what is asked is an error" {
	printf 'PROFILE=prod\nIMAGE_TAG=v9\n' >tree/profile.env
	run -2 pack --profile dev
	assert_output_has "PROFILE" "prod"
	run -2 pack --set IMAGE_TAG=v10
	run -2 pack --image proxy=r/p@$digest
	printf 'PROFILE=prod\nIMAGE_TAG=latest\n' >tree/profile.env
	run -2 pack
	printf 'PROFILE=prod\nexport X=1\n' >tree/profile.env
	run -5 pack
	assert_output_has "line 2"
}

# --- SBOM -----------------------------------------------------------------------

@test "an SBOM is generated with each file and its hash" {
	run -0 pack
	python3 - <<-'END'
		import hashlib, json
		d = json.load(open("dist/1.0/sbom.json"))
		assert d["bomFormat"] == "CycloneDX" and d["specVersion"] == "1.6"
		assert d["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
		assert d["serialNumber"].startswith("urn:uuid:")
		names = [c["name"] for c in d["components"]]
		assert names == ["bin/hello", "share/doc/README", "share/nothing"], names
		for c in d["components"]:
		    digest = hashlib.sha256(open("tree/" + c["name"], "rb").read()).hexdigest()
		    assert c["hashes"] == [{"alg": "SHA-256", "content": digest}]
	END
}

cyclonedx() { # cyclonedx VERSION NAME DIGEST
	printf '{"bomFormat":"CycloneDX","specVersion":"%s","components":[{"type":"library","name":"x","components":[{"type":"file","name":"%s","hashes":[{"alg":"MD5","content":"00"},{"alg":"SHA-256","content":"%s"}]}]}]}' "$1" "$2" "$3" >sbom.in
}

spdx() { # spdx VERSION NAME DIGEST
	printf '{"spdxVersion":"%s","files":[{"fileName":"%s","checksums":[{"algorithm":"SHA256","checksumValue":"%s"}]}]}' "$1" "$2" "$3" >sbom.in
}

@test "a given SBOM is held against the files that it names" {
	right=$(sha256sum <tree/bin/hello | cut -d' ' -f1)
	wrong=$(sha256sum </dev/null | cut -d' ' -f1)
	for version in 1.4 1.5 1.6 1.7; do
		for name in bin/hello ./bin/hello /bin/hello; do
			cyclonedx $version $name "$wrong"
			run -5 pack --sbom sbom.in
			assert_output_has "'bin/hello'"
		done
		cyclonedx $version bin/hello "$right"
		run -0 pack --sbom sbom.in --replace
		cmp sbom.in dist/1.0/sbom.json
		cyclonedx $version bin/other "$wrong"
		run -0 pack --sbom sbom.in --replace
	done
	spdx SPDX-2.3 ./bin/hello "$wrong"
	run -5 pack --sbom sbom.in --replace
	spdx SPDX-2.3 ./bin/hello "$right"
	run -0 pack --sbom sbom.in --replace
}

@test "an SBOM of another kind is refused" {
	cyclonedx 1.3 a 0
	run -5 pack --sbom sbom.in
	assert_output_has "1.4 to 1.7"
	spdx SPDX-2.2 a 0
	run -5 pack --sbom sbom.in
	for text in '' '{}' '[]' '{"bomFormat":"CycloneDX","bomFormat":"CycloneDX"}' 'not JSON'; do
		echo "$text" >sbom.in
		run -5 pack --sbom sbom.in
	done
	run -7 pack --sbom absent
}

@test "a given SBOM may lie where the results go" {
	mkdir -p dist/1.0
	cyclonedx 1.5 bin/hello "$(sha256sum <tree/bin/hello | cut -d' ' -f1)"
	cp sbom.in dist/1.0/sbom.json
	run -0 pack --sbom dist/1.0/sbom.json
	cmp sbom.in dist/1.0/sbom.json
	run -0 pack --sbom dist/1.0/sbom.json
}

@test "--skip-sbom makes none, and is refused for prod" {
	run -0 pack --skip-sbom
	[ ! -e dist/1.0/sbom.json ]
	run -2 pack --skip-sbom --profile prod --replace
	run -2 pack --skip-sbom --sbom x
}
