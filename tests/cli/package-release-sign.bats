#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# package-release keygen, sign, attach, verify, inspect.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	make_tree tree
	package-release bundle --app demo --version 1.0 --payload tree --out dist >/dev/null
	bundle=dist/1.0/demo-1.0.tar.gz
}

# --- keys ---------------------------------------------------------------------

@test "keygen never overwrites a key" {
	make_key key
	before=$(sha256sum key key.pub)
	run -6 package-release keygen --output key --no-password
	rm key
	run -6 package-release keygen --output key --no-password
	[ "$(sha256sum key.pub)" = "$(tail -1 <<<"$before")" ]
}

@test "the secret key is nobody else's to read" {
	umask 0
	make_key key
	[ "$(stat -c %a key key.pub | tr '\n' ' ')" = "600 644 " ]
}

@test "keygen without a password, a file or a terminal is a usage error" {
	run -2 package-release keygen --output key </dev/null
	assert_output_has --password-file
	[ ! -e key ]
	run -2 package-release keygen
	: >empty
	run -2 package-release keygen --output key --password-file empty
}

@test "a key encrypted by us is opened by minisign, and the other way round" {
	printf 'correct horse\n' >password
	run -0 package-release keygen --output key --password-file password
	echo text >file
	minisign -S -s key -m file <password >/dev/null
	minisign -V -p key.pub -m file >/dev/null
	printf 'staple\nstaple\n' | minisign -G -p theirs.pub -s theirs >/dev/null
	printf 'staple\n' >password
	run -0 package-release sign --key theirs --password-file password dist/1.0
	minisign -V -p theirs.pub -m dist/1.0/release.ini
	printf 'wrong\n' >password
	run -2 package-release sign --key theirs --password-file password dist/1.0
}

@test "the password comes from the credentials of a unit" {
	printf 'correct horse\n' >password
	package-release keygen --output key --password-file password
	mkdir credentials
	cp password credentials/minisign-password
	CREDENTIALS_DIRECTORY=$PWD/credentials run -0 package-release sign --key key $bundle
	run -2 package-release sign --key key $bundle </dev/null
}

@test "the password is asked for at the terminal, and never shown" {
	at_terminal=$BATS_TEST_DIRNAME/at-terminal
	run -2 "$at_terminal" hunter2 other -- package-release keygen --output key
	assert_output_has "differ"
	[ ! -e key ]
	run -0 "$at_terminal" hunter2 hunter2 -- package-release keygen --output key
	[[ $output != *hunter2* ]]
	run -0 "$at_terminal" hunter2 -- package-release sign --key key $bundle
	[[ $output != *hunter2* ]]
	run -2 "$at_terminal" "sec"$'\003' -- package-release sign --key key $bundle
	assert_output_has interrupted
	run -0 package-release verify --key key.pub $bundle
}

@test "a plain key of minisign signs, and minisign checks" {
	minisign -G -W -p m.pub -s m.key >/dev/null
	run -0 package-release sign --key m.key dist/1.0
	run -0 minisign -V -p m.pub -m dist/1.0/release.ini
	assert_output_has "demo 1.0 sequence 1700000000"
}

# --- signatures ---------------------------------------------------------------

@test "signing changes no other part and no other file" {
	make_key key
	cp $bundle copy.tar.gz
	before=$(sha256sum dist/1.0/*)
	run -0 package-release sign --key key copy.tar.gz
	[ "$(sha256sum dist/1.0/*)" = "$before" ]
	mkdir parts
	tar xzf copy.tar.gz -C parts
	minisign -V -p key.pub -m parts/release.ini
	rm parts/release.ini.minisig $bundle
	diff -r parts dist/1.0
}

@test "parts and bundle file of a folder are signed together, whichever is named" {
	make_key one
	make_key two
	make_key three
	package-release sign --key one $bundle
	package-release sign --key two dist/1.0
	package-release sign --key three $bundle
	for key in one two three; do
		run -0 package-release verify --key $key.pub $bundle
		run -0 package-release verify --key $key.pub dist/1.0
	done
}

@test "signing twice with a key is a success that changes nothing" {
	make_key key
	package-release sign --key key $bundle
	before=$(sha256sum $bundle)
	run -0 package-release sign --key key $bundle
	assert_output_has before
	[ "$(sha256sum $bundle)" = "$before" ]
}

@test "two of three sign copies, and their signatures come together" {
	for key in one two three; do make_key $key; done
	cp $bundle first.tar.gz
	cp $bundle second.tar.gz
	package-release sign --key one first.tar.gz
	package-release sign --key two second.tar.gz
	mkdir parts
	tar xzf second.tar.gz -C parts
	run -0 package-release attach --key two.pub --signature parts/release.ini.minisig first.tar.gz
	run -0 package-release attach --key two.pub --signature parts/release.ini.minisig first.tar.gz
	assert_output_has already
	run -0 tar tzf first.tar.gz
	[ "$(grep -c minisig <<<"$output")" = 2 ]
	run -0 package-release verify --key one.pub first.tar.gz
	run -0 package-release verify --key two.pub first.tar.gz
	run -4 package-release verify --key three.pub first.tar.gz
}

@test "the order of signing does not change who signed" {
	make_key one
	make_key two
	cp $bundle other.tar.gz
	package-release sign --key one $bundle
	package-release sign --key two $bundle
	package-release sign --key two other.tar.gz
	package-release sign --key one other.tar.gz
	for copy in $bundle other.tar.gz; do
		run -0 package-release verify --key one.pub --key two.pub $copy
	done
}

@test "a signature for another release is refused" {
	make_key key
	package-release bundle --app demo --version 2.0 --payload tree --out dist --key key >/dev/null
	run -4 package-release attach --key key.pub --signature dist/2.0/release.ini.minisig $bundle
	assert_output_has "does not match"
}

# --- verify -------------------------------------------------------------------

@test "verify without a key says that the signer is not judged" {
	run -4 package-release verify $bundle
	assert_output_has "integrity ok, signer not judged"
	run -4 package-release verify dist/1.0
}

@test "verify refuses an unsigned bundle, and one by a stranger" {
	make_key key
	make_key stranger
	run -4 package-release verify --key key.pub $bundle
	package-release sign --key stranger $bundle
	run -4 package-release verify --key key.pub $bundle
	package-release sign --key key $bundle
	run -0 package-release verify --key key.pub $bundle
}

@test "a byte changed anywhere in a bundle is noticed" {
	make_key key
	package-release sign --key key $bundle
	size=$(stat -c %s $bundle)
	for offset in 0 3 9 10 14 15 200 530 $((size / 4)) $((size / 2)) \
		$((size * 3 / 4)) $((size - 1500)) $((size - 8)) $((size - 1)); do
		cp $bundle spoilt.tar.gz
		was=$(od -An -tu1 -j "$offset" -N1 spoilt.tar.gz)
		printf "\\x$(printf %x $(((was + 1) % 256)))" |
			dd of=spoilt.tar.gz bs=1 seek="$offset" conv=notrunc status=none
		run package-release verify --key key.pub spoilt.tar.gz
		[ "$status" = 4 ] || [ "$status" = 5 ] || {
			echo "offset $offset: status $status"
			false
		}
	done
}

@test "a bundle that is cut or has something behind it is damaged" {
	size=$(stat -c %s $bundle)
	for length in 0 1 9 100 $((size - 1)) $((size / 2)); do
		head -c "$length" $bundle >cut.tar.gz
		run -5 package-release verify cut.tar.gz
	done
	cp $bundle longer.tar.gz
	echo >>longer.tar.gz
	run -5 package-release verify longer.tar.gz
}

@test "each part that is damaged or missing is named" {
	for part in sbom.json payload.mtree payload.index payload.sha256 payload.tar.gz; do
		cp -r dist/1.0 damaged
		printf X | dd of="damaged/$part" bs=1 seek=20 conv=notrunc status=none
		run -5 package-release verify damaged
		assert_output_has "$part"
		rm "damaged/$part"
		run -5 package-release verify damaged
		assert_output_has "$part" missing
		rm -r damaged
	done
}

@test "a part that release.ini does not list is refused" {
	echo PROFILE=dev >dist/1.0/profile.env
	run -5 package-release verify dist/1.0
	assert_output_has profile.env "not listed"
}

@test "a bundle that is no bundle says so" {
	echo hello >text
	tar czf other.tar.gz tree
	for file in text other.tar.gz tree; do
		run -5 package-release verify "$file"
	done
	run -7 package-release verify absent
}

@test "a key that cannot be opened leaves nothing behind" {
	package-release keygen --output locked --password-file <(echo secret)
	for key in missing tree locked; do
		run package-release bundle --app demo --version 2.0 --payload tree --out made/there \
			--key $key --password-file <(echo wrong)
		[ "$status" -ne 0 ]
		assert_output_has "key '$key'"
		[ ! -e made ]
	done
	package-release bundle --app demo --version 2.0 --payload tree --out made/there \
		--key locked --password-file <(echo secret)
	[ -e made/there/2.0/release.ini.minisig ]
}

# --- inspect ------------------------------------------------------------------

@test "inspect prints the description, and JSON that jq reads" {
	make_key key
	package-release sign --key key $bundle
	run -0 package-release inspect $bundle
	assert_output_has "demo" "1700000000" "by key"
	assert_output_has "tar_sha256    $(zcat dist/1.0/payload.tar.gz | sha256sum | cut -d' ' -f1)" \
		"tar_size      $(zcat dist/1.0/payload.tar.gz | wc -c) bytes"
	run -0 package-release inspect --json $bundle
	python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d["app"] == "demo" and d["version"] == "1.0" and d["sequence"] == 1700000000
assert [p["name"] for p in d["parts"]][:2] == ["release.ini", "release.ini.minisig"]
' <<<"$output"
	[ "$(package-release inspect --json $bundle)" = "$(package-release inspect --json dist/1.0)" ]
}

@test "verify --trust judges by a trust folder as hosts have it" {
	mkdir trust
	chmod 755 trust
	run -4 package-release verify --trust trust $bundle
	make_key key
	cp key.pub trust/ci.pub
	run -4 package-release verify --trust trust $bundle
	package-release sign --key key $bundle
	run -0 package-release verify --trust trust $bundle
	assert_output_has "signed by ci"
	chmod 777 trust
	run -4 package-release verify --trust trust $bundle
	run -2 package-release verify --trust trust --key key.pub $bundle
}
