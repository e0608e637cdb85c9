#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# package-release with cosign's keys: keygen --type cosign, sign, bundle.

load lib

setup() {
	unset COSIGN_KEY COSIGN_PASSWORD
	cd "$BATS_TEST_TMPDIR"
	make_tree tree
	package-release bundle --app demo --version 1.0 --payload tree --out dist >/dev/null
	bundle=dist/1.0/demo-1.0.tar.gz
}

make_cosign_key() { # make_cosign_key FILE PASSWORD
	COSIGN_PASSWORD=$2 package-release keygen --type cosign --output "$1" >/dev/null
}

# signature_of BUNDLE.json - the DER signature that it holds, on stdout.
signature_of() {
	jq -re .messageSignature.signature "$1" | base64 -d
}

# openssl_verifies PUB BUNDLE.json FILE - what anybody can check without us.
openssl_verifies() {
	signature_of "$2" >signature
	openssl dgst -sha256 -verify "$1" -signature signature "$3" >/dev/null
}

# --- keys ---------------------------------------------------------------------

@test "keygen makes a cosign key pair, the private half nobody else's to read" {
	umask 0
	make_cosign_key key secret
	[ "$(stat -c %a key key.pub | tr '\n' ' ')" = "600 644 " ]
	[ "$(head -1 key)" = "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----" ]
	openssl pkey -pubin -in key.pub -noout -text | grep -q prime256v1
	sed '1d;$d' key | base64 -d | jq -e '.kdf.params == {N: 65536, r: 8, p: 1}'
}

@test "keygen never overwrites a cosign key, and knows its types" {
	make_cosign_key key secret
	COSIGN_PASSWORD=other run -6 package-release keygen --type cosign --output key
	run -2 package-release keygen --type pgp --output other
	assert_output_has "neither minisign nor cosign"
	[ ! -e other ]
}

@test "a cosign key needs its password, from wherever" {
	at_terminal=$BATS_TEST_DIRNAME/at-terminal
	run -2 package-release keygen --type cosign --output key </dev/null
	[ ! -e key ]
	run -0 "$at_terminal" hunter2 hunter2 -- package-release keygen --type cosign --output key
	[[ $output != *hunter2* ]]
	run -2 package-release sign --cosign-key key $bundle </dev/null
	COSIGN_PASSWORD=wrong run -2 package-release sign --cosign-key key $bundle
	assert_output_has "wrong password" "'key'"
	run -0 "$at_terminal" hunter2 -- package-release sign --cosign-key key $bundle
	[[ $output != *hunter2* ]]
	# A file is stronger than credentials, and these than the variable.
	echo hunter2 >password
	mkdir credentials
	cp password credentials/cosign-password
	CREDENTIALS_DIRECTORY=$PWD/credentials COSIGN_PASSWORD=wrong \
		run -0 package-release sign --cosign-key key $bundle
	assert_output_has before
	echo wrong >credentials/cosign-password
	CREDENTIALS_DIRECTORY=$PWD/credentials \
		run -0 package-release sign --cosign-key key --password-file password $bundle
}

@test "a cosign key without a password opens with the empty one" {
	run -0 package-release keygen --type cosign --no-password --output key
	COSIGN_PASSWORD='' run -0 package-release sign --cosign-key key $bundle
	COSIGN_PASSWORD=x run -2 package-release sign --cosign-key key $bundle
}

# --- signing ------------------------------------------------------------------

@test "a cosign key signs, in the folder and in the bundle, and openssl checks" {
	make_cosign_key key secret
	COSIGN_PASSWORD=secret run -0 package-release sign --cosign-key key $bundle
	assert_output_has "demo 1.0 is signed by cosign key"
	openssl_verifies key.pub dist/1.0/release.ini.1.sigstore.json dist/1.0/release.ini
	mkdir parts
	tar xzf $bundle -C parts
	cmp parts/release.ini.1.sigstore.json dist/1.0/release.ini.1.sigstore.json
	[ "$(jq -r .verificationMaterial.publicKey.hint parts/release.ini.1.sigstore.json)" = \
		"$(openssl pkey -pubin -in key.pub -outform DER | openssl dgst -sha256 -binary | base64)" ]
	run -4 package-release verify $bundle
	assert_output_has "integrity ok"
}

@test "signing again with a cosign key changes nothing, another key takes the next number" {
	make_cosign_key one secret
	make_cosign_key two secret
	export COSIGN_PASSWORD=secret
	package-release sign --cosign-key one $bundle
	before=$(sha256sum $bundle dist/1.0/*.sigstore.json)
	run -0 package-release sign --cosign-key one $bundle
	assert_output_has "was signed before"
	run -0 package-release sign --cosign-key one dist/1.0
	[ "$(sha256sum $bundle dist/1.0/*.sigstore.json)" = "$before" ]
	run -0 package-release sign --cosign-key two dist/1.0
	openssl_verifies one.pub dist/1.0/release.ini.1.sigstore.json dist/1.0/release.ini
	openssl_verifies two.pub dist/1.0/release.ini.2.sigstore.json dist/1.0/release.ini
	[ ! -e dist/1.0/release.ini.3.sigstore.json ]
}

@test "a file that is no signature does not hide that a key has yet to sign" {
	make_cosign_key key secret
	echo '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}' \
		>dist/1.0/release.ini.1.sigstore.json
	COSIGN_PASSWORD=secret run -0 package-release sign --cosign-key key dist/1.0
	assert_output_has "is signed"
	openssl_verifies key.pub dist/1.0/release.ini.2.sigstore.json dist/1.0/release.ini
}

@test "32 Sigstore signatures fit, one more does not" {
	make_cosign_key one secret
	make_cosign_key two secret
	export COSIGN_PASSWORD=secret
	for n in $(seq 31); do
		echo "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"n\":$n}" \
			>"dist/1.0/release.ini.$n.sigstore.json"
	done
	run -0 package-release sign --cosign-key one dist/1.0
	[ -e dist/1.0/release.ini.32.sigstore.json ]
	run -5 package-release sign --cosign-key two dist/1.0
	assert_output_has "more than 32"
}

@test "the key comes from a variable: its text or its path" {
	make_cosign_key key secret
	export COSIGN_PASSWORD=secret
	MY_KEY=$(cat key) run -0 package-release sign --cosign-key env://MY_KEY $bundle
	assert_output_has "is signed"
	COSIGN_KEY=$(cat key) run -0 package-release sign $bundle
	assert_output_has before
	COSIGN_KEY=key run -0 package-release sign $bundle
	MY_KEY=key run -0 package-release sign --cosign-key env://MY_KEY $bundle
	run -2 package-release sign --cosign-key env://MY_KEY $bundle
	assert_output_has MY_KEY "not set"
	COSIGN_KEY='' run -2 package-release sign $bundle
	# As YAML folds what is pasted.
	COSIGN_KEY=$(printf '\n  %s\n' "$(cat key)") run -0 package-release sign $bundle
}

@test "what a variable holds that is no key is never shown" {
	for value in canary-s3cret "$(printf '\ncanary')" \
		"$(printf -- '-----BEGIN PRIVATE KEY-----\ncanary')"; do
		MY_KEY=$value run -2 package-release sign --cosign-key env://MY_KEY $bundle
		assert_output_has "'env://MY_KEY'"
		[[ $output != *canary* ]]
		COSIGN_KEY=$value run -2 package-release sign $bundle
		assert_output_has "'\$COSIGN_KEY'"
		[[ $output != *canary* ]]
	done
}

@test "keys of the command line sign alone, else all that are configured do" {
	make_key mini
	make_cosign_key key secret
	export COSIGN_PASSWORD=secret
	cp -r dist/1.0 one
	COSIGN_KEY=key run -0 package-release sign --key mini one
	[ ! -e one/release.ini.1.sigstore.json ]
	printf '[signing]\nkey = mini\ncosign_key = key\n' >package.ini
	cp -r dist/1.0 two
	run -0 package-release sign two
	[ -e two/release.ini.1.sigstore.json ]
	minisign -V -p mini.pub -m two/release.ini
	cp -r dist/1.0 three
	run -0 package-release sign --cosign-key key three
	[ ! -e three/release.ini.minisig ]
	printf '[signing]\ncosign_key = env://MY_KEY\n' >package.ini
	cp -r dist/1.0 four
	MY_KEY=key run -0 package-release sign four
	run -2 package-release sign four
}

@test "bundle signs with a cosign key" {
	make_cosign_key key secret
	export COSIGN_PASSWORD=secret
	run -0 package-release bundle --app demo --version 2.0 --payload tree --out dist --cosign-key key
	assert_output_has "signed by cosign key"
	[[ $output != *UNSIGNED* ]]
	openssl_verifies key.pub dist/2.0/release.ini.1.sigstore.json dist/2.0/release.ini
	# The same inputs again: nothing changes.
	before=$(sha256sum dist/2.0/*)
	run -0 package-release bundle --app demo --version 2.0 --payload tree --out dist --cosign-key key
	[ "$(sha256sum dist/2.0/*)" = "$before" ]
	run -0 package-release bundle --app demo --version 3.0 --payload tree --out dist \
		--cosign-key key --dry-run
	assert_output_has "signed with: key"
	COSIGN_KEY=$(cat key) run -0 package-release bundle --app demo --version 3.0 \
		--payload tree --out dist --dry-run
	assert_output_has "signed with: \$COSIGN_KEY"
	[[ $output != *BEGIN* ]]
}

@test "a wrong password makes no release" {
	make_cosign_key key secret
	COSIGN_PASSWORD=wrong run -2 package-release bundle --app demo --version 2.0 \
		--payload tree --out dist --cosign-key key
	[ ! -e dist/2.0/release.ini ]
}

@test "keys that cosign did not encrypt are refused, with what to do" {
	export COSIGN_PASSWORD=''
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out pkcs8.pem
	openssl ec -in pkcs8.pem -out sec1.pem 2>/dev/null
	openssl pkcs8 -topk8 -v2 aes-128-cbc -passout pass:x -in pkcs8.pem -out locked.pem
	for key in pkcs8.pem sec1.pem locked.pem; do
		run -2 package-release sign --cosign-key $key $bundle
		assert_output_has "$key" "cosign import-key-pair"
	done
	openssl pkey -in pkcs8.pem -pubout -out public.pem
	run -2 package-release sign --cosign-key public.pem $bundle
	assert_output_has "no private key"
	run -7 package-release sign --cosign-key absent $bundle
	make_key mini
	run -5 package-release sign --cosign-key mini $bundle
}

@test "a key file that was changed is refused" {
	make_cosign_key key secret
	export COSIGN_PASSWORD=secret
	sed '1d;$d' key | base64 -d >json
	while read -r change; do
		{
			sed -n 1p key
			jq -c "$change" json | base64 -w 64
			sed -n '$p' key
		} >changed
		run package-release sign --cosign-key changed $bundle
		[ "$status" = 5 ] || {
			echo "$change: $status $output"
			false
		}
	done <<-'END'
		.kdf.params.N = 1048576
		.kdf.params.r = 16
		.kdf.params.p = 4
		.kdf.name = "argon2id"
		.cipher.name = "none"
		.extra = 1
		del(.ciphertext)
	END
}

@test "keys of cosign's own tests open, and the SEC1 trap does not" {
	keys=$checkout/../shared/vectors/sigstore/cosign-keys
	[ -d "$keys" ] || skip "../shared/vectors is not here"
	export COSIGN_PASSWORD=hello
	for key in pemcosignkey pemsigstorekey; do
		run -0 package-release sign --cosign-key "$keys/$key.pem" $bundle
	done
	run -5 package-release sign --cosign-key "$keys/pemcosigneckey.pem" $bundle
	assert_output_has "PKCS#8"
}
