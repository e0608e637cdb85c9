#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# package-release bundle: what comes out, and under which name.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	make_tree tree
}

pack() { # pack [OPTION...]
	package-release bundle --app demo --version 1.0 --payload tree --out dist "$@"
}

@test "a bundle lies in dist/<version>/ beside its parts" {
	run -0 pack
	assert_output_has "UNSIGNED" "package-release sign --key FILE dist/1.0"
	run -0 ls dist/1.0
	assert_output_has demo-1.0.tar.gz payload.index payload.mtree \
		payload.sha256 payload.tar.gz release.ini sbom.json
	[ ! -e dist/.new-1.0 ]
}

@test "bundle is the command when none is named" {
	run -0 package-release --version 1.0 --app demo --payload tree --out dist
	[ -f dist/1.0/demo-1.0.tar.gz ]
}

@test "GNU tar, bsdtar, gzip and sha256sum read what was packed" {
	pack >/dev/null
	gzip -t dist/1.0/payload.tar.gz dist/1.0/demo-1.0.tar.gz
	(cd dist/1.0 && sha256sum -c payload.sha256)
	mkdir gnu bsd parts
	tar xzf dist/1.0/payload.tar.gz -C gnu
	bsdtar xzf dist/1.0/payload.tar.gz -C bsd
	diff <(tree_facts tree) <(tree_facts gnu)
	diff <(tree_facts tree) <(tree_facts bsd)
	tar xzf dist/1.0/demo-1.0.tar.gz -C parts
	rm dist/1.0/demo-1.0.tar.gz
	diff -r parts dist/1.0
}

@test "the parts stand in the order of the format" {
	make_key key
	pack --key key --profile dev >/dev/null
	run -0 tar tzf dist/1.0/demo-1.0.tar.gz
	[ "$(echo $output)" = "release.ini release.ini.minisig profile.env sbom.json payload.mtree payload.index payload.sha256 parts.tar.xz payload.tar.gz" ]
}

@test "modes are canonical, and all times are the source date" {
	chmod 700 tree/bin tree/bin/hello
	chmod 600 tree/share/nothing
	pack >/dev/null
	mkdir out
	tar xpzf dist/1.0/payload.tar.gz -C out
	[ "$(stat -c %a out/bin out/bin/hello out/share/nothing | tr '\n' ' ')" = "755 755 644 " ]
	[ "$(find out -mindepth 1 -printf '%T@\n' | sort -u)" = "1700000000.0000000000" ]
}

@test "hard links are packed as files of their own" {
	ln tree/bin/hello tree/bin/twin
	pack >/dev/null
	mkdir out
	tar xzf dist/1.0/payload.tar.gz -C out
	[ "$(stat -c %h out/bin/hello)" = 1 ]
	cmp out/bin/hello out/bin/twin
}

@test "the same inputs again are a success that changes no byte" {
	pack >/dev/null
	before=$(sha256sum dist/1.0/*)
	run -0 pack
	[ "$(sha256sum dist/1.0/*)" = "$before" ]
}

@test "packing again keeps the signatures, of the parts and of the bundle" {
	make_key one
	make_key two
	pack >/dev/null
	package-release sign --key one dist/1.0/demo-1.0.tar.gz
	package-release sign --key two dist/1.0
	run -0 pack
	run -0 package-release inspect dist/1.0/demo-1.0.tar.gz
	[ "$(grep -c 'says it is by key' <<<"$output")" = 2 ]
}

@test "other bytes under the same version are a conflict, and change nothing" {
	pack >/dev/null
	before=$(sha256sum dist/1.0/*)
	echo more >>tree/share/doc/README
	run -6 pack
	assert_output_has "--replace"
	[ "$(sha256sum dist/1.0/*)" = "$before" ]
	[ ! -e dist/.new-1.0 ]
}

@test "--replace replaces them, with their signatures" {
	make_key key
	pack --key key >/dev/null
	echo more >>tree/share/doc/README
	run -0 pack --replace
	assert_output_has UNSIGNED
	[ ! -e dist/1.0/release.ini.minisig ]
	run -4 package-release verify dist/1.0
}

@test "files that we did not make stay" {
	mkdir -p dist/1.0
	echo mine >dist/1.0/notes.txt
	pack >/dev/null
	echo more >>tree/share/doc/README
	pack --replace >/dev/null
	[ "$(cat dist/1.0/notes.txt)" = mine ]
}

@test "a part of somebody else's under our name is a conflict" {
	mkdir -p dist/1.0
	echo mine >dist/1.0/payload.tar.gz
	run -6 pack
	assert_output_has payload.tar.gz
	[ "$(cat dist/1.0/payload.tar.gz)" = mine ]
}

@test "a second app under the same version is refused, even with --replace" {
	pack >/dev/null
	run -6 package-release bundle --app other --version 1.0 --payload tree --out dist --replace
	assert_output_has "app 'demo'"
	run -6 package-release bundle --app other --version 1.0 --payload tree --out dist --platform linux/amd64
}

@test "each platform has a folder of its own" {
	run -0 pack --platform linux/amd64
	run -0 pack --platform linux/arm64
	[ -f dist/1.0/linux-amd64/demo-1.0-linux-amd64.tar.gz ]
	[ -f dist/1.0/linux-arm64/demo-1.0-linux-arm64.tar.gz ]
	grep -qx 'platform = linux/arm64' dist/1.0/linux-arm64/release.ini
	run -4 package-release verify dist/1.0/linux-arm64/demo-1.0-linux-arm64.tar.gz
}

@test "--dry-run says what would be packed and writes nothing" {
	run -0 pack --dry-run
	assert_output_has "would pack demo 1.0" "dist/1.0/demo-1.0.tar.gz"
	[ ! -e dist ]
}

@test "results below the payload are no part of it" {
	mkdir tree/out
	run -0 package-release bundle --app demo --version 1.0 --payload tree --out tree/out
	run -0 package-release bundle --app demo --version 1.0 --payload tree --out tree/out
	run ! grep -q out tree/out/1.0/payload.mtree
}

@test "include and exclude choose, .git stays out" {
	mkdir -p tree/.git/objects tree/share/.git
	touch tree/.git/config tree/bin/x.o tree/share/.git/config
	pack --include bin --include 'share/*' --exclude '*.o' >/dev/null
	run -0 tar tzf dist/1.0/payload.tar.gz
	[ "$(echo $output)" = "bin/ bin/hello bin/hi share/ share/doc/ share/doc/README share/nothing" ]
	pack --include .git/config --replace >/dev/null
	run -0 tar tzf dist/1.0/payload.tar.gz
	[ "$(echo $output)" = ".git/ .git/config" ]
}

@test "two runs at once: the second is told to try again" {
	mkdir dist
	exec 9<dist
	flock 9
	run -75 pack
	assert_output_has "another package-release"
}

@test "versions, apps and sequences outside their grammar are usage errors" {
	for version in '' . .. -v a/b 'a b' "$(printf '%0129d' 0)"; do
		run -2 package-release bundle --app demo --version="$version" --payload tree --out dist
	done
	for app in '' Demo -x x- 'a/b' "$(printf '%065d' 0)"; do
		run -2 package-release bundle --app="$app" --version 1 --payload tree --out dist
	done
	for sequence in -1 x 01 9007199254740992; do
		run -2 pack --sequence="$sequence"
	done
	run -0 pack --sequence 9007199254740991
	[ ! -e dist/.new-1.0 ]
}

@test "a date from the future is refused" {
	SOURCE_DATE_EPOCH=$(($(date +%s) + 90000)) run -2 pack
	assert_output_has "ahead"
	SOURCE_DATE_EPOCH=yesterday run -2 pack
}

@test "without git or SOURCE_DATE_EPOCH the newest file gives the date" {
	unset SOURCE_DATE_EPOCH
	find tree -exec touch -h -d @1500000000 {} +
	touch -d @1600000000 tree/bin/hello
	pack >/dev/null
	grep -qx 'created = 2020-09-13T12:26:40Z' dist/1.0/release.ini
	grep -qx 'sequence = 1600000000' dist/1.0/release.ini
}

@test "version, help and completion" {
	run -0 package-release version
	[[ $output = package-release\ * ]]
	run -0 package-release --help
	run -0 package-release bundle --help
	assert_output_has --skip-sbom
	run -2 package-release nonsense
	run -2 package-release bundle --nonsense
	run -2 package-release inspect
}

# --- package.ini --------------------------------------------------------------

@test "init writes a package.ini that bundle then follows" {
	run -0 package-release init --app demo --payload tree
	run -0 package-release bundle --version 2.0
	[ -f dist/2.0/demo-2.0.tar.gz ]
	run -6 package-release init
	[ "$(grep -c '^app = demo$' package.ini)" = 1 ]
}

@test "every commented key of the template is understood" {
	package-release init --app demo --payload tree
	sed -i 's/^#\([a-z_]* = \)/\1/' package.ini
	sed -i '/^key = /d; /^cosign_key = /d; /^password_file = /d; /^images = /d; /^patch_from = /d' package.ini
	run -0 package-release bundle --version 2.0 --set IMAGE_TAG=v2
	grep -q '^homepage = ' dist/2.0/linux-amd64/release.ini
	grep -qx 'memory = 536870912' dist/2.0/linux-amd64/release.ini
	grep -qx 'kernel = 5.13' dist/2.0/linux-amd64/release.ini
}

@test "package.ini is found by --config, and its paths lie beside it" {
	mkdir conf
	mv tree conf/
	printf '[package]\napp = demo\nout = ../results\n[payload]\nroot = tree\n' >conf/p.ini
	run -0 package-release bundle --version 1 --config conf/p.ini
	[ -f results/1/demo-1.tar.gz ]
}

@test "an unknown key or a bad value of package.ini is a usage error with its line" {
	printf '[package]\napp = demo\nap = x\n' >package.ini
	run -2 package-release bundle --version 1 --payload tree
	assert_output_has "line 3" "'ap'"
	printf '[package]\napp = Demo\n' >package.ini
	run -2 package-release bundle --version 1 --payload tree
	assert_output_has "line 2"
}

# --- git ----------------------------------------------------------------------

make_repository() {
	unset SOURCE_DATE_EPOCH
	git init -q tree
	git -C tree remote add origin https://user:secret@example.org/demo.git
	git -C tree add -A
	GIT_AUTHOR_DATE=@1650000000 GIT_COMMITTER_DATE='@1650000000 +0200' \
		git -C tree -c user.name=t -c user.email=t@example.org commit -qm one
	export HOME=$BATS_TEST_TMPDIR
}

@test "git gives version, date, revision and repository, without credentials" {
	make_repository
	git -C tree tag v1.2.3
	run -0 package-release bundle --app demo --payload tree --out dist
	grep -qx 'created = 2022-04-15T05:20:00Z' dist/v1.2.3/release.ini
	grep -qx 'repository = https://example.org/demo.git' dist/v1.2.3/release.ini
	grep -qx "revision = $(git -C tree rev-parse HEAD)" dist/v1.2.3/release.ini
	run ! grep -rq secret dist
}

@test "a dirty tree shows in version and revision" {
	make_repository
	git -C tree tag v1.2.3
	echo dirty >>tree/share/doc/README
	run -0 package-release bundle --app demo --payload tree --out dist
	grep -q '^revision = .*-dirty$' dist/v1.2.3-dirty/release.ini
}

@test "prod without --version needs a clean tree at a tag" {
	make_repository
	run -2 package-release bundle --app demo --payload tree --profile prod --out dist
	assert_output_has "tag"
	git -C tree tag v1.2.3
	echo dirty >>tree/share/doc/README
	run -2 package-release bundle --app demo --payload tree --profile prod --out dist
	assert_output_has "clean"
	git -C tree checkout -q .
	run -0 package-release bundle --app demo --payload tree --profile prod --out dist
	[ -d dist/v1.2.3 ]
}

@test "prod in a shallow clone says so" {
	make_repository
	touch tree/more
	git -C tree add -A
	git -C tree -c user.name=t -c user.email=t@example.org commit -qm two
	git clone -q --depth 1 "file://$PWD/tree" shallow
	run -2 package-release bundle --app demo --payload shallow --profile prod --out dist
	assert_output_has shallow
}

@test "without git or --version there is no release" {
	run -2 package-release bundle --app demo --payload tree --out dist
	assert_output_has --version
}

@test "what fails with --json prints an object that says so, and only one" {
	local command
	for command in "verify --json $BATS_TEST_TMPDIR/none" "inspect --json $BATS_TEST_TMPDIR/none" \
		"lock verify --json $BATS_TEST_TMPDIR/none" "publish --json --nonsense"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr package-release $command
		[ "$status" -ge 2 ]
		[ "$(jq -s length <<<"$output")" -eq 1 ]
		[ "$(jq -r '[.result, .status] | join(" ")' <<<"$output")" = "failed $status" ]
		# shellcheck disable=SC2154 # bats sets stderr
		[[ "$stderr" == *"package-release: error: $(jq -r .error <<<"$output")" ]]
	done
	run --separate-stderr package-release verify "$BATS_TEST_TMPDIR/none"
	[ -z "$output" ]
}
