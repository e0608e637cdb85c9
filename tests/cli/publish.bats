#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of oci.bash
# package-release publish: packs and bundles to registries and folders.

setup_file() {
	load lib
	load oci
	load web
	work=$BATS_FILE_TMPDIR
	make_key "$work/key"
	mkdir -p "$work/src-1/lib"
	for number in $(seq 12); do
		head -c 100000 /dev/urandom >"$work/src-1/lib/$number"
	done
	cp -R "$work/src-1" "$work/src-2"
	head -c 100000 /dev/urandom >"$work/src-2/lib/7"
	for version in 1 2; do
		make_bundle shop $version "$work/src-$version" "$work/dist" \
			--sequence $version --key "$work/key" --profile dev >/dev/null
	done
	start_registry open
	mkdir "$work/www"
	start_nginx "$work/www"
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load lib
	load oci
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

publish() {
	run package-release publish "$@"
	echo "$output"
}

# make_host - one that trusts the key, and the servers of this file: $root.
make_host() {
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc"
	install-package setup --root "$root" --app shop --key "$work/key.pub"
	cp "$web_dir/cert.pem" "$root/etc/ca.pem"
	printf '[source]\nca_file = /etc/ca.pem\nallow_plain_http = 127.0.0.1\n' \
		>"$root/etc/tidegate/shop.ini"
}

# tag_digest REPOSITORY TAG - what the registry says.
tag_digest() {
	curl -sf -o /dev/null -D - -H "Accept: $type_manifest" \
		"http://$registry_open/v2/$1/manifests/$2" | tr -d '\r' |
		sed -n 's/^Docker-Content-Digest: //Ip'
}

manifest_of() {
	curl -sf -H "Accept: $type_manifest" "http://$registry_open/v2/$1/manifests/$2"
}

lock() {
	jq -r "$1" packs.lock.json
}

# --- packs and registries ---

@test "each pack is an artifact of its own, and the lockfile has its digest" {
	publish --version 1.2.3 --to "$to"
	[ "$status" -eq 0 ]
	[ "$(tag_digest "$repository/one" 1.2.3)" = "$(lock '.packs[0].digest')" ]
	[ "$(tag_digest "$repository/two" 1.2.3)" = "$(lock '.packs[1].digest')" ]
	[ "$(lock '.packs[0].oci_ref')" = "$registry_open/$repository/one:1.2.3" ]
	[ "$(lock .dry_run)" = false ]
	[ "$(lock .registry/.org)" = "$registry_open/acme" ] || lock '.registry, .org'
	manifest_of "$repository/one" 1.2.3 | jq -e '
		.artifactType == "application/vnd.greentic.gtpack.v1+zip" and
		.layers[0].mediaType == .artifactType and
		.layers[0].annotations["org.opencontainers.image.title"] == "one.gtpack" and
		.annotations["org.opencontainers.image.version"] == "1.2.3" and
		.annotations["org.opencontainers.image.created"] == "2023-11-14T22:13:20Z"'
	[ "$(digest_of dist/packs/one.gtpack)" = \
		"$(manifest_of "$repository/one" 1.2.3 | jq -r '.layers[0].digest')" ]
}

@test "a dry run needs no registry, and its digests are those of the push" {
	publish --version 1.2.3 --dry-run --to "oci://127.0.0.1:1/$repository"
	[ "$status" -eq 0 ]
	[ "$(lock .dry_run)" = true ]
	[ "$(lock '.packs[0].digest')" = DRY_RUN ]
	cp packs.lock.json dry.json
	touch -d 2001-01-01 packs/one/pack.yaml
	chmod 600 packs/one/pack.yaml
	TZ=Asia/Tokyo publish --version 1.2.3 --to "$to"
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.packs[].expected_digest]' dry.json)" = "$(jq -c '[.packs[].digest]' packs.lock.json)" ]
}

@test "the same again changes nothing, byte for byte" {
	publish --version 1 --to "$to"
	cp packs.lock.json before
	publish --version 1 --to "$to"
	[ "$status" -eq 0 ]
	[ "$(grep -c 'was there' <<<"$output")" -eq 2 ]
	cmp packs.lock.json before
}

@test "a published version stays; --move-tag moves it, and the journal says so" {
	publish --version 1 --to "$to"
	was=$(tag_digest "$repository/two" 1)
	echo other >packs/two/data
	publish --version 1 --to "$to"
	[ "$status" -eq 6 ]
	assert_output_has "the tag 1 names $was" "--move-tag"
	[ "$(tag_digest "$repository/two" 1)" = "$was" ]
	publish --version 1 --to "$to" --move-tag
	[ "$status" -eq 0 ]
	[ "$(tag_digest "$repository/two" 1)" = "$(lock '.packs[1].digest')" ]
	grep -q '"step":"moved".*two:1","was":"'"$was" packs.lock.json.journal
}

@test "one that is in the way of a tag keeps all others from being shown" {
	mkdir packs/free
	echo free >packs/free/data
	publish --version 1 --filter two --to "$to"
	echo other >packs/two/data
	publish --version 1 --to "$to"
	[ "$status" -eq 6 ]
	[ -z "$(tag_digest "$repository/free" 1)" ]
	publish --version 1 --to "$to" --keep-going
	[ "$status" -eq 6 ]
	assert_output_has "1 of 3 were not published"
	[ -n "$(tag_digest "$repository/free" 1)" ]
	# What was published of it before still is.
	[ "$(lock '[.packs[].name] | join(" ")')" = "free one two" ]
	[ "$(lock '.packs[2].digest')" = "$(tag_digest "$repository/two" 1)" ]
}

@test "latest only when asked, and the same digest" {
	publish --version 1 --to "$to"
	[ -z "$(tag_digest "$repository/one" latest)" ]
	publish --version 1 --to "$to" --latest
	[ "$status" -eq 0 ]
	[ "$(tag_digest "$repository/one" latest)" = "$(lock '.packs[0].digest')" ]
	publish --version 2 --to "$to" --latest
	[[ $output != *moved* ]]
	[ "$(tag_digest "$repository/one" latest)" = "$(tag_digest "$repository/one" 2)" ]
}

@test "--filter chooses, by names and stars, and keeps the others in the lockfile" {
	publish --version 1 --to "$to" --filter 'one, t*'
	[ "$(lock '.packs | length')" -eq 2 ]
	publish --version 1 --to "$to" --filter one
	[ "$(lock '.packs | length')" -eq 2 ]
	[ -z "$(tag_digest "$repository" 1)" ]
	publish --version 1 --to "$to" --filter three
	[ "$status" -eq 2 ]
	assert_output_has "no pack in 'packs' is called 'three'"
}

@test "one package goes to the target itself, but for one that ends in a slash" {
	rm -r packs/two
	publish --version 1 --to "$to" --to "$to/more/"
	[ "$status" -eq 0 ]
	[ -n "$(tag_digest "$repository" 1)" ]
	[ -n "$(tag_digest "$repository/more/one" 1)" ]
	[ "$(lock '.packs[0].locations | length')" -eq 2 ]
}

@test "a registry that is down: nothing is sent anywhere, and no lockfile" {
	publish --version 1 --to "$to" --to oci://127.0.0.1:1/acme --deadline 2
	[ "$status" -ne 0 ]
	[ -z "$(tag_digest "$repository/one" 1)" ]
	[ ! -e packs.lock.json ]
}

@test "plain HTTP is for loopback, or for hosts that are named" {
	publish --version 1 --to oci://registry.invalid/acme --deadline 2
	[ "$status" -ne 0 ]
	[[ $output != *http://* ]]
}

# --- what is said ---

@test "options, variables, env file, package.ini and git: who said what" {
	cat >package.ini <<-END
		[publish]
		packs = packs
		media_type = application/x-ini
		out = build/packs
	END
	printf 'OUT_DIR=from-file\nPACK_VERSION="2.0"\n' >env.txt
	PACK_VERSION=3.0 publish --env-file env.txt --packs-dir ./packs --print-config
	[ "$status" -eq 0 ]
	assert_output_has 'packs_dir = ./packs  # --packs-dir' \
		'version = 3.0  # PACK_VERSION' \
		'out_dir = from-file  # OUT_DIR in env.txt' \
		'media_type = application/x-ini  # [publish] of package.ini' \
		'filter =  # not set' 'dry_run = no  # default'
	[ ! -e from-file ]
}

@test "package.ini says where to, unless a variable or an option does" {
	printf '[publish]\nto = dir:site, %s\n' "$to" >package.ini
	publish --version 1
	[ "$status" -eq 0 ]
	[ -s site/one/1/one.gtpack ]
	[ -n "$(tag_digest "$repository/two" 1)" ]
	OCI_ORG=acme publish --version 1 --dry-run
	assert_output_has "oci://ghcr.io/acme/greentic-packs/one:1"
	[[ $output != *site* ]]
	OCI_ORG=acme publish --version 1 --dry-run --to dir:other
	[[ $output != *ghcr.io* ]]
	publish --version 1 --to dir:a --to dir:a
	[ "$status" -eq 2 ]
}

@test "an env file is data, and its values are never shown in errors" {
	# shellcheck disable=SC2016 # it is not expanded, that is the point
	printf 'PACK_FILTER=$(touch hit)\nDRY_RUN=1\n' >env.txt
	publish --env-file env.txt --version 1 --to "$to"
	[ "$status" -eq 2 ]
	[ ! -e hit ]
	printf 'TOKEN="s3cret\n' >env.txt
	publish --env-file env.txt --version 1 --to "$to"
	[ "$status" -eq 5 ]
	[[ $output != *s3cret* ]]
}

@test "DRY_RUN: empty, 0, false and no are off" {
	for word in '' 0 false No; do
		DRY_RUN=$word publish --print-config
		assert_output_has "dry_run = no"
	done
	DRY_RUN=1 publish --print-config
	assert_output_has "dry_run = yes  # DRY_RUN"
}

@test "--chunk-size is 64K or more, with the units K, M and G" {
	for size in 64K 65536 4M 1G 8388607G; do
		publish --chunk-size "$size" --print-config
		[ "$status" -eq 0 ]
	done
	for size in 65535 63K 0 K 4m 1T -1M 8388608G 18446744073709551616; do
		publish --chunk-size "$size" --print-config
		[ "$status" -eq 2 ]
		assert_output_has "--chunk-size: '$size' is no size"
	done
}

@test "the version is the tag without its v; without one a publication says so" {
	git init -q . && git add packs
	git -c user.name=a -c user.email=a@b commit -qm one
	git remote add origin git@github.com:Acme/packs.git
	publish --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "no version"
	git tag v1.4.2
	publish --to "$to" --dry-run
	[ "$status" -eq 0 ]
	[ "$(lock .version)" = 1.4.2 ]
	[ "$(lock .git_sha)" = "$(git rev-parse HEAD)" ]
	publish --to "$to"
	manifest_of "$repository/one" 1.4.2 | jq -e --arg sha "$(git rev-parse HEAD)" '
		.annotations["org.opencontainers.image.source"] == "https://github.com/Acme/packs" and
		.annotations["org.opencontainers.image.revision"] == $sha'
}

@test "JSON is all of the output" {
	run --separate-stderr package-release publish --version 1 --to "$to" --json
	[ "$status" -eq 0 ]
	jq -e '.dry_run == false and (.packages | length == 2) and
		.packages[0].places[0].state == "published"' <<<"$output"
}

@test "--quiet says nothing" {
	publish --version 1 --to "$to" --quiet
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "progress is for terminals" {
	command -v script >/dev/null || skip "script is not installed"
	head -c 30000000 /dev/zero >packs/one/large
	# shellcheck disable=SC2016 # package-release expands it
	printf '[publish]\nbuild = cp large $OUT_FILE\n' >packs/one/package.ini
	script -qec "package-release publish --version 1 --to dir:site" shown >/dev/null
	grep -q 'dir:site/one/1: published' shown
	run --separate-stderr package-release publish --version 1 --to dir:site2
	[ -z "$stderr" ]
}

@test "names that no registry takes, and targets that are none" {
	mv packs/one packs/One
	publish --version 1 --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "'One'" "lower-case"
	mv packs/One packs/one
	publish --version 1 --to ftp://x
	[ "$status" -eq 2 ]
	assert_output_has "is no target"
	publish --version 1 --to "$to:tag"
	[ "$status" -eq 2 ]
	publish --version 'a b' --to "$to"
	[ "$status" -eq 2 ]
	publish --version 1
	[ "$status" -eq 2 ]
	assert_output_has "OCI_ORG"
	publish --version 1 --packs-dir nowhere
	[ "$status" -ne 0 ]
}

# --- builds ---

@test "a build command has the named variables and nothing else" {
	cat >packs/one/package.ini <<-'END'
		[publish]
		build = ./make.sh $PACK_NAME $OUT_FILE
	END
	cat >packs/one/make.sh <<-'END'
		#!/bin/sh
		env | sort >"$2"
		echo "name $1" >>"$2"
		pwd >>"$2"
		echo built
	END
	chmod 755 packs/one/make.sh
	GITHUB_TOKEN=canary-secret run --separate-stderr package-release publish \
		--version 1 --dry-run --to "$to" --json
	[ "$status" -eq 0 ]
	[ "$stderr" = built ]
	grep -qx 'PACK_NAME=one' dist/packs/one.gtpack
	grep -qx 'PACK_VERSION=1' dist/packs/one.gtpack
	grep -qx "OUT_DIR=$PWD/dist/packs" dist/packs/one.gtpack
	grep -qx 'SOURCE_DATE_EPOCH=1700000000' dist/packs/one.gtpack
	grep -qx 'name one' dist/packs/one.gtpack
	grep -qx "$PWD/packs/one" dist/packs/one.gtpack
	run ! grep -E 'canary|GITHUB|BATS' dist/packs/one.gtpack
}

@test "a build command is killed by a broken pipe, as from a shell" {
	printf '[publish]\nbuild = grep SigIgn: /proc/self/status\n' >packs/one/package.ini
	run --separate-stderr package-release publish --version 1 --dry-run --to "$to" --filter one
	# shellcheck disable=SC2154 # bats sets stderr
	ignored=$(sed -n 's/^SigIgn:[[:blank:]]*//p' <<<"$stderr")
	[ -n "$ignored" ]
	[ $((0x$ignored & 1 << 12)) -eq 0 ]
}

@test "a build that fails, makes nothing, or is not there stops all, and says so" {
	printf '[publish]\nbuild = false\n' >packs/one/package.ini
	publish --version 1 --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "pack 'one'" "ended with status 1"
	printf '[publish]\nbuild = true\n' >packs/one/package.ini
	publish --version 1 --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "did not make"
	printf '[publish]\nbuild = no-such-tool x\n' >packs/one/package.ini
	publish --version 1 --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "'no-such-tool' is not there"
	PACKC_BIN=no-such-packc publish --version 1 --to "$to" --filter two
	[ "$status" -eq 2 ]
	assert_output_has "PACKC_BIN names 'no-such-packc'"
	[ -z "$(tag_digest "$repository/two" 1)" ]
}

@test "--keep-going: a pack that cannot be built stops no other" {
	printf '[publish]\nbuild = false\n' >packs/one/package.ini
	publish --version 1 --to "$to" --keep-going
	[ "$status" -eq 2 ]
	assert_output_has "pack 'one'" "1 of 2 were not published"
	[ -n "$(tag_digest "$repository/two" 1)" ]
	[ "$(lock '[.packs[].name] | join(" ")')" = two ]
}

@test "a lockfile that is committed makes no difference" {
	git init -q . && git add packs
	publish --version 1 --to "$to" --dry-run
	git add packs.lock.json && git -c user.name=a -c user.email=a@b commit -qm one
	publish --version 2 --to "$to" --dry-run
	expected=$(lock '.packs[0].expected_digest')
	publish --version 2 --to "$to"
	[ "$status" -eq 0 ]
	[[ $output != *differ* ]]
	[ "$(lock '.packs[0].digest')" = "$expected" ]
	[ "$(lock .dirty)" = false ]
	echo more >>packs/two/data
	publish --version 3 --to "$to" --dry-run
	[ "$(lock .dirty)" = true ]
}

@test "packc is asked where it is there; publish = no leaves a pack out" {
	mkdir bin
	cat >bin/packc <<-'END'
		#!/bin/sh
		[ "$1 $2 $4" = 'build --in --gtpack-out' ] || exit 9
		echo "packc of $3" >"$5"
	END
	chmod 755 bin/packc
	printf '[publish]\npublish = no\n' >packs/two/package.ini
	PATH=$PWD/bin:$PATH publish --version 1 --dry-run --to "$to"
	[ "$status" -eq 0 ]
	assert_output_has "two: not published"
	[ "$(cat dist/packs/one.gtpack)" = "packc of $PWD/packs/one" ]
	[ ! -e dist/packs/two.gtpack ]
}

@test "the zip has the folder, the same in any time zone, and no links" {
	publish --version 1 --dry-run --to "$to"
	mkdir out
	(cd out && unzip -q ../dist/packs/one.gtpack)
	diff -r packs/one out
	[ -x out/run ]
	ln -s pack.yaml packs/one/link
	publish --version 1 --dry-run --to "$to"
	[ "$status" -eq 5 ]
	assert_output_has "'link'" "neither a file nor a folder"
}

@test "the zip of files of any size needs little memory" {
	command -v /usr/bin/time >/dev/null || skip "no time here"
	# Of the first the zip has less than there is, of the second all.
	seq 9000000 >packs/one/numbers
	head -c 64000000 /dev/urandom >packs/one/random
	/usr/bin/time -o peak -f %M package-release publish --version 1 --dry-run --to "$to"
	(mkdir out && cd out && unzip -q ../dist/packs/one.gtpack)
	diff -r packs/one out
	unzip -v dist/packs/one.gtpack | grep -E ' Stored .* random'
	unzip -v dist/packs/one.gtpack | grep -E ' Defl:N .* numbers'
	[ -z "$(find dist/packs -name '.*' -type f)" ]
	# What looks for errors in memory takes much of it.
	nm -C "$(command -v package-release)" 2>/dev/null | grep -q __asan_init ||
		[ "$(cat peak)" -lt 32768 ]
}

# --- bundles ---

@test "a bundle that is published installs from the registry, and upgrades" {
	publish "$work/dist/1" --to "$to" --key "$work/key.pub"
	[ "$status" -eq 0 ]
	publish "$work/dist/2/shop-2.tar.gz" --to "$to" --key "$work/key.pub"
	[ "$status" -eq 0 ]
	make_host
	run install-package --root "$root" --app shop --oci "$registry_open/$repository:1"
	echo "$output"
	[ "$status" -eq 0 ]
	run install-package --root "$root" --app shop --oci "$registry_open/$repository:2"
	echo "$output"
	[ "$status" -eq 0 ]
	assert_output_has "take 12 files"
	diff -r -x profile.env "$work/src-2" "$root/opt/shop/current/"
	check-health --root "$root" --app shop --quiet
}

@test "what evidence and descriptions say of a bundle refers to it" {
	publish "$work/dist/1" --to "$to" --key "$work/key.pub"
	[ "$status" -eq 0 ]
	digest=$(lock '.packs[0].digest')
	curl -sf -H "Accept: $type_index" \
		"http://$registry_open/v2/$repository/manifests/${digest/:/-}" >index
	jq -e '[.manifests[].artifactType] | sort == ["application/vnd.cyclonedx+json",
		"application/vnd.tidegate.evidence.v1"]' index
	for referrer in $(jq -r '.manifests[].digest' index); do
		manifest_of "$repository" "$referrer" | jq -e --arg digest "$digest" \
			'.subject.digest == $digest'
	done
	[ "$(lock '.packs[0].referrers | length')" -eq 2 ]
	[ "$(lock '.packs[0].release_sha256')" = "$(sha256sum <"$work/dist/1/release.ini" | cut -d ' ' -f 1)" ]
}

@test "bundles of two platforms: each has a place of its own" {
	for platform in linux/amd64 linux/arm64; do
		package-release bundle --app tool --version 3 --profile dev --key "$work/key" \
			--payload packs/two --out made --platform $platform >/dev/null
	done
	publish made/3/linux-amd64 made/3/linux-arm64 --key "$work/key.pub" --to "$to"
	[ "$status" -eq 2 ]
	assert_output_has "'tool' is there for linux/amd64 and for linux/arm64"
	for platform in linux-amd64 linux-arm64; do
		publish made/3/$platform --key "$work/key.pub" --to "$to/$platform" \
			--lock "$platform.json"
		[ "$status" -eq 0 ]
		[ -n "$(tag_digest "$repository/$platform" 3)" ]
	done
}

@test "no version takes the tag of another artifact's signatures" {
	name=sha256-$(printf %064d 7)
	for version in "$name" "$name.sig" "$name.att"; do
		publish --version "$version" --to "$to" --move-tag
		[ "$status" -eq 2 ]
		assert_output_has "signatures of another artifact"
	done
	publish --version sha256-1 --to "$to"
	[ "$status" -eq 0 ]
}

@test "the bundle file and the folder of its parts are the same artifact" {
	publish "$work/dist/1" --dry-run --to "$to" --key "$work/key.pub"
	folder=$(lock '.packs[0].expected_digest')
	publish "$work/dist/1/shop-1.tar.gz" --dry-run --to "$to" --key "$work/key.pub"
	[ "$(lock '.packs[0].expected_digest')" = "$folder" ]
}

@test "bundles that nobody signed, another key signed, or that are damaged are refused" {
	make_bundle shop 3 "$work/src-1" "$PWD/dist" >/dev/null
	publish dist/3 --to "$to"
	[ "$status" -eq 4 ]
	assert_output_has "nobody signed it"
	make_key other
	publish "$work/dist/1" --to "$to" --key other.pub
	[ "$status" -eq 4 ]
	cp -R "$work/dist/1" broken
	printf x | dd of=broken/payload.tar.gz bs=1 seek=5000 conv=notrunc status=none
	publish broken --to "$to" --key "$work/key.pub"
	[ "$status" -eq 5 ]
	publish "$work/dist/1" --version 9 --to "$to" --key "$work/key.pub"
	[ "$status" -eq 6 ]
	[ -z "$(tag_digest "$repository" 1)$(tag_digest "$repository" 3)" ]
}

@test "a bundle beside its parts is published only where it is made of them" {
	cp -R "$work/dist/1" beside
	single=beside/shop-1.tar.gz
	at=$(($(stat -c %s $single) - 300000))
	printf 'other bytes' | dd of=$single bs=1 seek=$at conv=notrunc status=none
	publish beside --to dir:site --key "$work/key.pub"
	[ "$status" -eq 0 ]
	cmp site/1/shop-1.tar.gz "$work/dist/1/shop-1.tar.gz"
	[ "$(lock '.packs[0].sha256')" = "$(sha256sum <site/1/shop-1.tar.gz | cut -d ' ' -f 1)" ]
	[ "$(lock '.packs[0].file')" != "$single" ]
}

# --- folders ---

@test "a folder gets parts and bundle at once; a web server gives hosts both" {
	# shellcheck disable=SC2154 # web.bash sets web
	for version in 1 2; do
		publish "$work/dist/$version" --to "dir:$work/www/site" --key "$work/key.pub" --latest
		[ "$status" -eq 0 ]
		diff -r "$work/dist/$version" "$work/www/site/$version"
		[ "$(readlink "$work/www/site/latest")" = $version ]
	done
	make_host
	install-package --root "$root" --app shop --url "$web/site/1/shop-1.tar.gz"
	run install-package --root "$root" --app shop --url "$web/site/2/"
	echo "$output"
	[ "$status" -eq 0 ]
	assert_output_has "take 12 files"
	diff -r -x profile.env "$work/src-2" "$root/opt/shop/current/"
}

@test "a folder's version stays too, but for --move-tag" {
	publish --version 1 --to dir:site/
	[ "$status" -eq 0 ]
	unzip -p site/two/1/two.gtpack data | grep -qx two
	echo other >packs/two/data
	publish --version 1 --to dir:site/
	[ "$status" -eq 6 ]
	unzip -p site/two/1/two.gtpack data | grep -qx two
	publish --version 1 --to dir:site/ --move-tag
	[ "$status" -eq 0 ]
	unzip -p site/two/1/two.gtpack data | grep -qx other
	[ -z "$(find site -name '.new*')" ]
}

@test "two runs never write to the same folder" {
	mkdir -p site/two
	exec 8<site/two
	flock 8
	publish --version 1 --to dir:site
	[ "$status" -eq 75 ]
	assert_output_has "another run publishes to this folder"
	[ ! -e site/one/1 ]
	publish --version 1 --to dir:site --keep-going
	[ "$status" -eq 75 ]
	[ -e site/one/1/one.gtpack ]
	[ -z "$(ls -A site/two)" ]
	flock -u 8
	publish --version 1 --to dir:site
	[ "$status" -eq 0 ]
}

@test "two runs never write the same lockfile" {
	: >packs.lock.json.journal
	exec 8<>packs.lock.json.journal
	flock 8
	publish --version 1 --to dir:site
	[ "$status" -eq 75 ]
	[ ! -e site/one ]
}

@test "a file that is no lockfile is not replaced, and nothing is sent for it" {
	echo precious >packs.lock.json
	publish --version 1 --dry-run --to "$to"
	[ "$status" -eq 5 ]
	publish --version 1 --to "$to" --to dir:site
	[ "$status" -eq 5 ]
	assert_output_has "is no lockfile; move it away"
	[ "$(cat packs.lock.json)" = precious ]
	[ ! -e site ]
	curl -s "http://$registry_open/v2/_catalog?n=1000" >catalog
	run ! grep "$repository/" catalog
}

@test "a pin goes when its package is published anew, and never else" {
	publish --version 1 --to "$to"
	was=$(lock '.packs[1].digest')
	publish --version 2 --to "$to" --filter one
	[ "$(lock '.packs | length')" -eq 2 ]
	[ "$(lock '.packs[0].digest')" = "$(tag_digest "$repository/one" 2)" ]
	[ "$(lock '.packs[1] | .version + " " + .digest')" = "1 $was" ]
	# A dry run foretells one, and keeps the other ...
	publish --version 3 --to "$to" --filter one --dry-run
	[ "$(lock '.packs[1] | .version + " " + .digest')" = "1 $was" ]
	[ "$(lock '.packs[0].digest')" = DRY_RUN ]
	# ... and what it foretold is no pin.
	publish --version 4 --to "$to" --filter two
	[ "$(lock '[.packs[] | .name, .version] | join(" ")')" = "two 4" ]
	[ "$(lock .dry_run)" = false ]
}

@test "the pins of a lockfile of an older shape stay, too" {
	digest=sha256:$(printf %064d 7)
	jq -n --arg digest "$digest" '{version: "0.9", generated_at: "", git_sha: "",
		registry: "ghcr.io", org: "acme", repo: "packs", packs: [{name: "other",
		file: "other.gtpack", oci_ref: "ghcr.io/acme/packs/other:0.9",
		digest: $digest}]}' >packs.lock.json
	publish --version 1 --to "$to" --filter one
	[ "$status" -eq 0 ]
	[ "$(lock '.packs[1] | [.name, .version, .digest] | join(" ")')" = "other 0.9 $digest" ]
}

@test "--keep-going: where nothing could be published the lockfile stays" {
	publish --version 1 --to "$to"
	cp packs.lock.json before
	publish --version 2 --to oci://127.0.0.1:1/x --keep-going
	[ "$status" -eq 3 ]
	assert_output_has "2 of 2 were not published"
	cmp packs.lock.json before
	rm packs.lock.json
	publish --version 2 --to oci://127.0.0.1:1/x --keep-going
	[ "$status" -eq 3 ]
	[ ! -e packs.lock.json ]
}

@test "--keep-going: a target that is not there at all stops no other" {
	mkdir docker
	echo '{"credHelpers": {"127.0.0.1:1": "none-of-that-name"}}' >docker/config.json
	DOCKER_CONFIG=$PWD/docker publish --version 1 --to oci://127.0.0.1:1/x --to "$to" \
		--keep-going
	[ "$status" -ne 0 ]
	assert_output_has "2 of 4 were not published"
	[ -n "$(tag_digest "$repository/one" 1)" ]
}
