#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of oci.bash
# package-release publish: packs and bundles to registries and folders.  Each of
# publish-*.bats has a thing of its own.

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
	load publish
	publish_setup
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
