#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# trust.expiry: until when the trusted roots of a host last.

load lib
load keyless

setup_file() {
	load lib
	load keyless
	export host=$BATS_FILE_TMPDIR/host instance=$BATS_FILE_TMPDIR/instance
	make_keyless "$instance"
	make_log "$instance"
	_authority "$instance" short 10
	make_key "$BATS_FILE_TMPDIR/ops"
	mkdir -p "$host"
	install-package setup --root "$host" --app shop \
		--key "$BATS_FILE_TMPDIR/ops.pub" >/dev/null
	make_tree "$BATS_FILE_TMPDIR/tree"
	bundle=$(make_bundle shop 1.0.0 "$BATS_FILE_TMPDIR/tree" \
		"$BATS_FILE_TMPDIR/dist" --sequence 1 --key "$BATS_FILE_TMPDIR/ops")
	install-package --root "$host" --app shop --bundle "$bundle" >/dev/null
}

setup() {
	trust=$host/etc/tidegate/trust/shop
	rm -f "$trust"/*trusted_root.json
	cat >"$host/etc/tidegate/shop.ini" <<-EOF
		[policy]
		require = minisign, sigstore
		[identity main]
		issuer = $keyless_issuer
		repository = octo/shop
	EOF
}

# trust_root JQ [FILE] - what JQ makes of the instance's root.
trust_root() {
	jq "$1" --arg soon "$(date -u -d '+10 days' +%FT%TZ)" \
		--arg past "$(date -u -d '-10 days' +%FT%TZ)" \
		--arg short "$(der "$instance/short.pem")" \
		"$instance/${3-trusted_root.json}" \
		>"$trust/${2-trusted_root.json}"
}

# ask STATUS TEXT... - what check-health says.
ask() {
	local text
	run "-$1" check-health --root "$host" --app shop --only trust.expiry
	shift
	for text; do
		[[ $output == *"$text"* ]] || {
			printf 'not "%s":\n%s\n' "$text" "$output"
			return 1
		}
	done
}

@test "a root without an end lasts" {
	trust_root .
	ask 0 "enough signers"
}

@test "an authority that ends soon is a warning" {
	trust_root '.certificateAuthorities[0].validFor.end = $soon'
	ask 1 trusted_root.json "its last certificate authority ends at"
}

@test "so is one whose certificate expires" {
	trust_root '.certificateAuthorities[0].certChain.certificates[0].rawBytes = $short'
	ask 1 "its last certificate authority ends at"
}

@test "a timestamp authority that has ended is told as what it is" {
	trust_root '.timestampAuthorities[0].validFor.end = $past'
	ask 1 "its last timestamp authority ended at" "nothing signed since"
}

@test "an authority that follows on the one that ends is enough" {
	trust_root '.certificateAuthorities |= [(.[0] | .validFor.end = $past), .[0]]'
	ask 0 "enough signers"
}

@test "each root is told by its name, and what it does not demand may end" {
	trust_root '.certificateAuthorities[0].validFor.end = $past'
	trust_root '.tlogs[0].publicKey.validFor.end = $soon' \
		logged.trusted_root.json logged.json
	printf '[trusted_root logged]\nrequire = log\n' >>"$host/etc/tidegate/shop.ini"
	ask 1 " trusted_root.json" "logged.trusted_root.json" \
		"its last transparency log ends at"
	sed -i 's/^require = log/require = timestamp/' "$host/etc/tidegate/shop.ini"
	ask 1 "has no timestamp authority that can be used"
}

@test "a root that nobody can read is a warning" {
	echo '{}' >"$trust/trusted_root.json"
	ask 1 trusted_root.json
}

@test "a root that the policy does not rest on is not looked at" {
	trust_root '.certificateAuthorities[0].validFor.end = $past'
	sed -i 's/, sigstore//' "$host/etc/tidegate/shop.ini"
	ask 0 "enough signers"
	printf '[container]\nimages_signed = main\n' >>"$host/etc/tidegate/shop.ini"
	ask 1 "its last certificate authority ended at"
	echo '[policy]' >"$host/etc/tidegate/shop.ini"
	ask 0 "enough signers"
}
