#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# trust: adding, listing, removing and revoking all that a host trusts.
# shellcheck disable=SC2154,SC2119,SC2120 # names are of the files below

bats_require_minimum_version 1.5.0
load install
load keyless

setup_file() {
	work=$BATS_FILE_TMPDIR
	package-release keygen --no-password --output "$work/release.key"
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null |
		openssl pkey -pubout -out "$work/cosign.pub"
	openssl genpkey -algorithm ED25519 | openssl pkey -pubout -out "$work/ed.pem"
	make_keyless "$work/kl"
}

setup() {
	work=$BATS_FILE_TMPDIR
	make_host
	folder=$root/etc/tidegate/trust/$app
	config=$root/etc/tidegate/$app.ini
}

trust() {
	install-package trust "$@" --root "$root" --app "$app"
}

# The identity that the tests name.
add_identity() { # [--ref REF]
	trust add --identity ci \
		--issuer https://token.actions.githubusercontent.com \
		--repository octo/shop --workflow release.yml "$@"
}

@test "a key in PEM is laid down as NAME.pem, whatever its file is called" {
	trust add "$work/cosign.pub"
	trust add "$work/ed.pem"
	cmp "$work/cosign.pub" "$folder/cosign.pem"
	cmp "$work/ed.pem" "$folder/ed.pem"
	run -0 trust list
	[[ $output == *"cosign:"*"  ed"* ]]
	trust add "$work/cosign.pub" # twice changes nothing
	run -0 trust list --json
	[ "$(echo "$output" | python3 -c 'import json,sys; print([k["type"] for k in json.load(sys.stdin)["keys"]])')" = "['minisign', 'cosign', 'cosign']" ]
}

@test "dropping the file into the folder is equal" {
	trust add "$work/cosign.pub"
	run -0 trust list
	listed=$output
	rm "$folder/cosign.pem"
	cp "$work/cosign.pub" "$folder/cosign.pem"
	chmod 644 "$folder/cosign.pem"
	run -0 trust list
	[ "$output" = "$listed" ]
}

@test "a name is one key" {
	cp "$work/cosign.pub" "$BATS_TEST_TMPDIR/release.key.pem"
	run -6 trust add "$BATS_TEST_TMPDIR/release.key.pem"
	[[ $output == *"same name"* ]]
	cp "$work/ed.pem" "$BATS_TEST_TMPDIR/cosign.pem"
	trust add "$work/cosign.pub"
	run -6 trust add "$BATS_TEST_TMPDIR/cosign.pem"
}

@test "what is no key and no trusted root is not laid down" {
	cd "$BATS_TEST_TMPDIR"
	cat "$work/cosign.pub" "$work/ed.pem" >two.pem
	run -5 trust add two.pem
	openssl genpkey -algorithm ED25519 -out secret.pem
	run -5 trust add secret.pem
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 2>/dev/null |
		openssl pkey -pubout -out odd.pem
	run -5 trust add odd.pem
	echo '{}' >root.json
	run -5 trust add root.json
	[[ $output == *"is no trusted root"* ]]
	printf '{"\xff":1}' >root.json
	run -5 trust add root.json
	cp "$work/cosign.pub" 'a b.pem'
	run -2 trust add 'a b.pem'
	cp "$work/cosign.pub" cosign.key
	run -2 trust add cosign.key
	[ "$(ls "$folder")" = release.key.pub ]
}

@test "trusted roots keep their names" {
	cd "$BATS_TEST_TMPDIR"
	for name in trusted_root.json a.json b.jsonl c.trusted_root.json; do
		cp "$work/kl/trusted_root.json" $name
		trust add $name
	done
	[ "$(cd "$folder" && echo *root.json)" = "a.trusted_root.json b.trusted_root.json c.trusted_root.json trusted_root.json" ]
	trust remove trusted_root.json
	trust remove b
	trust remove c.trusted_root.json
	run -0 trust list
	[[ $output == *"trusted root  a.trusted_root.json" ]]
	run -2 trust revoke a.trusted_root.json
	[[ $output == *"removed, not revoked"* ]]
}

@test "an identity is added to the configuration, and all else stays" {
	printf '# mine\n\n[policy]\nthreshold = 1\n' >"$config"
	cp "$config" "$BATS_TEST_TMPDIR/before"
	trust add "$work/kl/trusted_root.json"
	run -0 add_identity --ref 'refs/tags/v*'
	[[ $output == *"require"* ]]
	head -c "$(wc -c <"$BATS_TEST_TMPDIR/before")" "$config" | cmp - "$BATS_TEST_TMPDIR/before"
	grep -qx 'ref = refs/tags/v\*' "$config"
	run -6 add_identity # without the ref it is another one
	run -0 add_identity --ref 'refs/tags/v*'
	[[ $output == *"already"* ]]
	[ "$(grep -c '^\[identity ci\]$' "$config")" -eq 1 ]
	run -0 trust list
	[[ $output == *"identity:ci  repository octo/shop"* ]]
	trust remove ci
	printf '\n' | cat "$BATS_TEST_TMPDIR/before" - | cmp - "$config"
}

@test "an identity without a trusted root is warned of" {
	make_release 1.0.0
	run -0 add_identity
	[[ $output == *"warning: nothing can be installed now: "*"trusted root"* ]]
	run -2 install 1.0.0 --verify-only
	[[ $output == *"trust add trusted_root.json"* ]]
}

@test "what makes no identity is not written" {
	cp "$config" "$BATS_TEST_TMPDIR/before"
	run -2 trust add --identity ci --issuer https://gitlab.com --repository a/b
	run -2 trust add --identity ci --repository a/b
	run -2 trust add --identity ci --issuer x
	run -2 trust add --identity 'a b' --issuer x --subject y
	run -2 trust add --identity ci --issuer x --subject $'y\n[policy]'
	run -2 trust add --identity ci --issuer 'x*' --subject y
	run -2 trust add --issuer x
	run -2 trust add --identity ci --issuer x --subject y file.pub
	run -2 trust add
	cmp "$config" "$BATS_TEST_TMPDIR/before"
}

@test "keys and identities are revoked by any of their names" {
	trust add "$work/cosign.pub"
	trust add "$work/kl/trusted_root.json"
	add_identity
	trust revoke cosign --reason "sold"
	trust revoke ci --reason "moved"
	trust revoke "cosign:$(printf '0%.0s' {1..64})"
	trust revoke identity:gone
	trust revoke 0123456789ABCDEF
	run -0 trust list
	[[ $output == *"cosign  revoked: sold"* ]]
	[[ $output == *"octo/shop  revoked: moved"* ]]
	grep -qx '0123456789abcdef = revoked by the administrator' "$folder/revoked.ini"
	grep -qx 'gone = revoked by the administrator' "$folder/revoked.ini"
	run -2 trust revoke nobody
	run -2 trust revoke cosign:12
	run -2 trust revoke 0123456789ABCDE
	run -2 trust revoke 0123456789ABCDEF0
}

@test "revoking a key revokes its other ids, also when its files are gone" {
	make_release 1.0.0
	# The same key under a second id: the id is bytes 3 to 10 of the file.
	python3 - "$folder/release.key.pub" "$folder/twin.pub" <<-'END'
		import base64, sys
		key = bytearray(base64.b64decode(open(sys.argv[1]).read().split("\n")[1]))
		key[2] ^= 1
		open(sys.argv[2], "w").write(base64.b64encode(key).decode() + "\n")
	END
	install 1.0.0
	trust revoke twin --reason "stolen"
	rm "$folder/twin.pub"
	[ "$(grep -c stolen "$folder/revoked.ini")" -eq 2 ]
	run -4 install-package activate 1.0.0 --root "$root" --app "$app"
	[[ $output == *"revoked: stolen"* ]]
}

# twin_of FILE.pub: the same key as cosign has it (RFC 8410, 4).
twin_of() {
	python3 - "$1" <<-'END'
		import base64, sys
		key = base64.b64decode(open(sys.argv[1]).read().split("\n")[1])[10:]
		spki = bytes.fromhex("302a300506032b6570032100") + key
		print("-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(spki).decode())
		print("-----END PUBLIC KEY-----")
	END
}

@test "a key that lies here as .pub and as .pem is revoked as both" {
	twin_of "$folder/release.key.pub" >"$folder/twin.pem"
	trust revoke release.key --reason "stolen"
	run -0 trust list
	[ "$(grep -c "revoked: stolen" <<<"$output")" -eq 2 ]
	rm "$folder/release.key.pub"
	run -0 trust list
	[[ $output == *"twin  revoked: stolen"* ]]
	rm "$folder/revoked.ini"
	cp "$work/release.key.pub" "$folder/"
	trust revoke twin --reason "stolen"
	rm "$folder/twin.pem"
	run -0 trust list
	[[ $output == *"release.key  revoked: stolen"* ]]
}

@test "adding what is revoked says that it counts for nothing" {
	trust add "$work/cosign.pub"
	trust revoke cosign --reason "sold"
	cp "$work/cosign.pub" "$BATS_TEST_TMPDIR/again.pub"
	run -0 trust add "$BATS_TEST_TMPDIR/again.pub"
	[[ $output == *"is revoked, and counts for nothing: sold"* ]]
	trust revoke identity:ci --reason "moved"
	run -0 add_identity
	[[ $output == *"identity ci is revoked, and counts for nothing: moved"* ]]
}

@test "a receipt of an older version, which knows ids alone, is still read" {
	make_release 1.0.0
	install 1.0.0
	receipt=$root/opt/$app/packages/1.0.0/receipt.ini
	grep -q '^[0-9a-f]\{16\} = release.key [0-9a-f]\{64\}$' "$receipt"
	chmod u+w "$receipt"
	sed -i 's/^\([0-9a-f]\{16\} = release.key\) .*/\1/' "$receipt"
	install-package activate 1.0.0 --root "$root" --app "$app"
	trust revoke release.key --reason "stolen"
	run -4 install-package activate 1.0.0 --root "$root" --app "$app"
	[[ $output == *"revoked: stolen"* ]]
}

@test "runs that change the folder at once lose nothing" {
	for n in 1 2 3 4; do
		cp "$work/cosign.pub" "$BATS_TEST_TMPDIR/k$n.pub"
		trust add "$BATS_TEST_TMPDIR/k$n.pub" --quiet &
		trust revoke "000000000000000$n" --quiet &
		trust add --identity "i$n" --issuer x --subject y --quiet 2>/dev/null &
	done
	wait
	[ "$(cd "$folder" && echo k?.pem)" = "k1.pem k2.pem k3.pem k4.pem" ]
	[ "$(grep -c '^000000000000000' "$folder/revoked.ini")" -eq 4 ]
	[ "$(grep -c '^\[identity i' "$config")" -eq 4 ]
}
