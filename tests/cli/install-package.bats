#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install-package as a sysadmin uses it, below a scratch root.

bats_require_minimum_version 1.5.0

setup_file() {
	load install
	make_releases
}

teardown() {
	! mountpoint -q "$BATS_TEST_TMPDIR/small" || umount "$BATS_TEST_TMPDIR/small"
}

setup() {
	load install
	make_host
}

@test "a first install makes the release current, with exactly its tree" {
	run install 1.0.0
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.0.0 ]
	[ ! -e "$root/opt/$app/previous" ]
	same_tree 1.0.0
	[ "$("$root/opt/$app/current/bin/hello")" = "shop 1.0.0" ]
	[ "$(stat -c %Y "$root/opt/$app/current/site/index.html")" = 1700000000 ]
	[ "$(stat -c %Y "$root/opt/$app/current/site")" = 1700000000 ]
}

@test "an upgrade keeps the old release as previous" {
	install 1.0.0
	run install 1.1.0
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.1.0 ]
	[ "$(previous)" = releases/1.0.0 ]
	same_tree 1.0.0
	same_tree 1.1.0
}

@test "installing what is installed changes nothing and succeeds" {
	install 1.0.0
	before=$(snapshot)
	run install 1.0.0
	[ "$status" -eq 0 ]
	[ "$(snapshot)" = "$before" ]
}

@test "a tampered bundle is refused with status 4 or 5 and changes nothing" {
	install 1.0.0
	before=$(snapshot)
	cp "$(bundle 1.1.0)" "$BATS_TEST_TMPDIR/bad.tar.gz"
	# One byte of release.ini: the signature no longer fits.
	offset=$(grep -abo 'sequence = ' "$BATS_TEST_TMPDIR/bad.tar.gz" | head -1 | cut -d: -f1)
	printf 'S' | dd of="$BATS_TEST_TMPDIR/bad.tar.gz" bs=1 seek="$offset" conv=notrunc status=none
	run install-package --root "$root" --app "$app" --bundle "$BATS_TEST_TMPDIR/bad.tar.gz"
	[ "$status" -eq 4 ]
	[[ "$output" == *"install-package: error:"* ]]
	# One byte of the payload: the signature holds, the content does not.
	cp "$(bundle 1.1.0)" "$BATS_TEST_TMPDIR/bad.tar.gz"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/bad.tar.gz")
	printf '\377' | dd of="$BATS_TEST_TMPDIR/bad.tar.gz" bs=1 seek=$((size - 2000)) conv=notrunc status=none
	run install-package --root "$root" --app "$app" --bundle "$BATS_TEST_TMPDIR/bad.tar.gz"
	[ "$status" -eq 5 ]
	[ "$(current)" = releases/1.0.0 ]
	[ ! -e "$root/opt/$app/releases/1.1.0" ]
	[ ! -e "$root/opt/$app/packages/1.1.0" ]
	same_tree 1.0.0
}

@test "a first install that fails leaves nothing but its records" {
	cp "$(bundle 1.1.0)" "$BATS_TEST_TMPDIR/bad.tar.gz"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/bad.tar.gz")
	printf '\377' | dd of="$BATS_TEST_TMPDIR/bad.tar.gz" bs=1 seek=$((size - 2000)) conv=notrunc status=none
	run install-package --root "$root" --app "$app" --bundle "$BATS_TEST_TMPDIR/bad.tar.gz"
	[ "$status" -eq 5 ]
	[ -z "$(ls "$root/opt")" ]
	run install-package history --root "$root" --app "$app"
	[[ "$output" == *"install"*1.1.0*failed* ]]
	run install-package status --root "$root" --app "$app"
	[ "$status" -eq 6 ]
	install 1.0.0
	same_tree 1.0.0
}

@test "a truncated bundle and one with trailing bytes are refused" {
	head -c 6000 "$(bundle 1.0.0)" >"$BATS_TEST_TMPDIR/short.tar.gz"
	run install-package --root "$root" --app "$app" --bundle "$BATS_TEST_TMPDIR/short.tar.gz"
	[ "$status" -eq 5 ]
	{ cat "$(bundle 1.0.0)"; echo more; } >"$BATS_TEST_TMPDIR/long.tar.gz"
	run install-package --root "$root" --app "$app" --bundle "$BATS_TEST_TMPDIR/long.tar.gz"
	[ "$status" -eq 5 ]
	[ ! -e "$root/opt/$app/current" ]
}

@test "an unsigned bundle is refused with status 4" {
	src=$BATS_FILE_TMPDIR/src-1.0.0
	package-release bundle --app "$app" --version 9.0.0 --payload "$src" \
		--out "$BATS_TEST_TMPDIR/dist" --sequence 900 --profile dev
	run install-package --root "$root" --app "$app" \
		--bundle "$BATS_TEST_TMPDIR/dist/9.0.0/$app-9.0.0.tar.gz"
	[ "$status" -eq 4 ]
	[[ "$output" == *"no signature"* || "$output" == *"not signed"* || "$output" == *"unsigned"* ]]
	[ ! -e "$root/opt/$app/current" ]
}

@test "a bundle signed by another key is refused, and the key is named" {
	package-release keygen --no-password --output "$BATS_TEST_TMPDIR/other.key"
	install-package setup --root "$BATS_TEST_TMPDIR/root2" --app "$app" --key "$BATS_TEST_TMPDIR/other.key.pub" || {
		mkdir -p "$BATS_TEST_TMPDIR/root2"
		install-package setup --root "$BATS_TEST_TMPDIR/root2" --app "$app" --key "$BATS_TEST_TMPDIR/other.key.pub"
	}
	run install-package --root "$BATS_TEST_TMPDIR/root2" --app "$app" --bundle "$(bundle 1.0.0)"
	[ "$status" -eq 4 ]
	[ ! -e "$BATS_TEST_TMPDIR/root2/opt/$app/current" ]
}

@test "without a trusted key nothing is installed, and the setup line is shown" {
	rm "$root/etc/tidegate/trust/$app/"*.pub
	run install 1.0.0
	[ "$status" -eq 4 ]
	[[ "$output" == *"install-package setup --app $app --key"* ]]
}

@test "an older release is refused without --allow-downgrade" {
	install 1.1.0
	run install 1.0.0
	[ "$status" -eq 4 ]
	[[ "$output" == *"--allow-downgrade"* ]]
	[ "$(current)" = releases/1.1.0 ]
	run install 1.0.0 --allow-downgrade
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.0.0 ]
}

@test "the version that is named must be the one that is signed" {
	run install 1.0.0 --version 1.0.1
	[ "$status" -eq 4 ]
	run install 1.0.0 --version v1.0.0
	[ "$status" -eq 4 ]
	run install 1.0.0 --version 1.0.0
	[ "$status" -eq 0 ]
}

@test "a bundle of another app is refused" {
	mkdir -p "$BATS_TEST_TMPDIR/other"
	install-package setup --root "$root" --app other --key "$BATS_FILE_TMPDIR/release.key.pub"
	run install-package --root "$root" --app other --bundle "$(bundle 1.0.0)"
	[ "$status" -eq 4 ]
	[ ! -e "$root/opt/other/current" ]
}

@test "installing what is installed succeeds on a disk without a free inode" {
	mkdir "$BATS_TEST_TMPDIR/small"
	mount -t tmpfs -o nr_inodes=1500,mode=755 tmpfs "$BATS_TEST_TMPDIR/small" || skip "no mounts here"
	root=$BATS_TEST_TMPDIR/small
	install-package setup --root "$root" --app "$app" --key "$BATS_FILE_TMPDIR/release.key.pub"
	printf '[install]\nreserve = 0\n' >"$root/etc/tidegate/$app.ini"
	install 1.0.0
	n=0
	while : >"$root/fill.$((n += 1))"; do :; done 2>/dev/null
	run install 1.0.0
	run_status=$status run_output=$output
	run install 1.1.0
	[ "$run_status" -eq 0 ]
	[[ "$run_output" == *"is installed already"* ]]
	[ "$status" -eq 7 ]
	[[ "$output" == *"inodes are needed"* ]]
}

@test "other bytes under an installed version are a conflict" {
	install 1.0.0
	mkdir "$BATS_TEST_TMPDIR/p"
	echo other >"$BATS_TEST_TMPDIR/p/file"
	package-release bundle --app "$app" --version 1.0.0 --payload "$BATS_TEST_TMPDIR/p" \
		--out "$BATS_TEST_TMPDIR/dist" --sequence 101 --profile dev --key "$BATS_FILE_TMPDIR/release.key"
	run install-package --root "$root" --app "$app" --bundle "$BATS_TEST_TMPDIR/dist/1.0.0/$app-1.0.0.tar.gz"
	[ "$status" -eq 6 ]
	same_tree 1.0.0
}

@test "a damaged release is repaired by installing it again" {
	install 1.0.0
	echo damage >>"$root/opt/$app/releases/1.0.0/site/index.html"
	rm "$root/opt/$app/releases/1.0.0/site/empty"
	run install 1.0.0
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	[ "$(current)" = releases/1.0.0 ]
	[ ! -e "$root/opt/$app/previous" ]
}

@test "the payload is kept where the configuration says so, and checked for ever" {
	printf '[install]\nkeep_payload = yes\n' >"$root/etc/tidegate/$app.ini"
	install 1.0.0
	install-package --root "$root" --app "$app" --asset-dir "$BATS_FILE_TMPDIR/dist/1.1.0"
	for version in 1.0.0 1.1.0; do
		cmp "$BATS_FILE_TMPDIR/dist/$version/payload.tar.gz" \
			"$root/opt/$app/packages/$version/payload.tar.gz"
		(cd "$root/opt/$app/packages/$version" && sha256sum -c --quiet payload.sha256)
	done
	check-health --root "$root" --app "$app"
	echo more >>"$root/opt/$app/packages/1.1.0/payload.tar.gz"
	run check-health --root "$root" --app "$app"
	[ "$status" -eq 2 ]
	[[ "$output" == *"payload.tar.gz"* ]]
}

@test "a folder of parts installs like the bundle" {
	mkdir "$BATS_TEST_TMPDIR/parts"
	tar xzf "$(bundle 1.0.0)" -C "$BATS_TEST_TMPDIR/parts"
	run install-package --root "$root" --app "$app" --asset-dir "$BATS_TEST_TMPDIR/parts"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a folder that holds one bundle installs it" {
	run install-package --root "$root" --app "$app" --asset-dir "$BATS_FILE_TMPDIR/dist/1.0.0"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "--no-activate installs without switching; activate switches" {
	install 1.0.0
	run install 1.1.0 --no-activate
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.0.0 ]
	same_tree 1.1.0
	run install-package activate 1.1.0 --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.1.0 ]
	[ "$(previous)" = releases/1.0.0 ]
}

@test "--dry-run prints the plan and changes nothing" {
	install 1.0.0
	before=$(snapshot)
	run install 1.1.0 --dry-run
	[ "$status" -eq 0 ]
	[[ "$output" == *1.1.0* ]]
	[ "$(snapshot)" = "$before" ]
}

# plan_of VERSION: the member "plan" of a dry run, as one line.
plan_of() {
	install "$1" --dry-run --json | python3 -c '
import json, sys
print(json.dumps(json.load(sys.stdin)["plan"], sort_keys=True))'
}

releases() {
	ls "$root/opt/$app/releases"
}

@test "the plan has every step that the install then takes" {
	write='"bytes": 300060, "entries": 11'
	[ "$(plan_of 1.0.0)" = "{$write, \"fetch\": null, \"health\": null, \"prune\": [], \"restart\": [], \"switch\": {\"from\": null, \"to\": \"1.0.0\"}, \"write\": \"new\"}" ]
	install 1.0.0
	[ "$(plan_of 1.0.0)" = '{"bytes": 0, "entries": 0, "fetch": null, "health": null, "prune": [], "restart": [], "switch": null, "write": "none"}' ]
	install 1.1.0
	cat >"$root/etc/tidegate/$app.ini" <<-EOF
		[activate]
		restart = web.service
		[health]
		command = /bin/true --version
		user = nobody
		timeout = 5
		[install]
		keep = 1
	EOF
	health='"fetch": null, "health": {"command": ["/bin/true", "--version"], "http": null, "timeout": 5}'
	want="{$write, $health, \"prune\": [\"1.0.0\"], \"restart\": [], \"switch\": {\"from\": \"1.1.0\", \"to\": \"1.2.0\"}, \"write\": \"new\"}"
	[ "$(plan_of 1.2.0)" = "$want" ]
	run install 1.2.0 --dry-run
	[ "$status" -eq 0 ]
	for step in "write release 1.2.0: 11 entries, 300060 bytes" \
		"switch current from 1.1.0 to 1.2.0" "run /bin/true until it says yes, for up to 5 s" \
		"no unit is restarted below another root" "else switch back to 1.1.0" \
		"prune release 1.0.0"; do
		[[ "$output" == *"plan: $step"* ]]
	done
	[ "$(releases | xargs)" = "1.0.0 1.1.0" ]
	# What then happens is what was planned.
	run install 1.2.0
	[ "$status" -eq 0 ]
	[[ "$output" == *"checking the health of 1.2.0"*"pruned release 1.0.0"* ]]
	[ "$(releases | xargs)" = "1.1.0 1.2.0" ]
	[ "$(current) $(previous)" = "releases/1.2.0 releases/1.1.0" ]
}

@test "the plan repairs what is damaged, and prunes nothing in use" {
	install 1.0.0
	install 1.1.0
	install 1.2.0
	echo worse >"$root/opt/$app/releases/1.2.0/site/index.html"
	printf '[install]\nkeep = 1\n' >"$root/etc/tidegate/$app.ini"
	want='{"bytes": 300060, "entries": 11, "fetch": null, "health": null, "prune": [%s], "restart": [], "switch": null, "write": "repair"}'
	# shellcheck disable=SC2059 # the format is ours
	[ "$(plan_of 1.2.0)" = "$(printf "$want" '"1.0.0"')" ]
	exec 7<"$root/opt/$app/releases/1.0.0/site/index.html"
	# shellcheck disable=SC2059
	[ "$(plan_of 1.2.0)" = "$(printf "$want" '')" ]
	run install-package prune --dry-run --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[[ "$output" == *"would leave release 1.0.0: "*"in use"* ]]
	exec 7<&-
	before=$(snapshot)
	run install-package prune --dry-run --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[[ "$output" == *"would prune release 1.0.0"* ]]
	[ "$(snapshot)" = "$before" ]
	install 1.2.0
	[ "$(releases | xargs)" = "1.1.0 1.2.0" ]
	same_tree 1.2.0
}

@test "--verify-only says what was verified and changes nothing" {
	before=$(snapshot)
	run install 1.0.0 --verify-only --json
	[ "$status" -eq 0 ]
	echo "$output" | python3 -c 'import json,sys; d=json.load(sys.stdin); assert d["version"]=="1.0.0", d; assert d["signers"], d'
	[ "$(snapshot)" = "$before" ]
}

@test "rollback goes to the newest earlier good release, and back needs activate" {
	install 1.0.0
	install 1.1.0
	install 1.2.0
	run install-package rollback --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.1.0 ]
	run install-package rollback --to 1.0.0 --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.0.0 ]
	run install-package rollback --root "$root" --app "$app"
	[ "$status" -ne 0 ]
	[ "$(current)" = releases/1.0.0 ]
}

@test "a release that fails its health command goes back by itself" {
	install 1.0.0
	cat >"$root/etc/tidegate/$app.ini" <<-EOF
		[health]
		command = /bin/grep -q 1.0.0 $root/opt/$app/current/site/index.html
		user = nobody
		timeout = 1
	EOF
	chmod -R a+rX "$BATS_TEST_TMPDIR"
	run install 1.1.0
	[ "$status" -eq 8 ]
	[ "$(current)" = releases/1.0.0 ]
	run install-package status --root "$root" --app "$app" --json
	[ "$status" -eq 0 ]
	# A marked release is not activated by accident.
	for command in "activate 1.1.0" "rollback --to 1.1.0"; do
		# shellcheck disable=SC2086 # words
		run install-package $command --root "$root" --app "$app"
		[ "$status" -eq 6 ]
		[[ "$output" == *"marked bad"*"activate 1.1.0 --even-if-bad"* ]]
		[ "$(current)" = releases/1.0.0 ]
	done
	# A failed release does not raise the sequence that was seen.
	run install-package list --root "$root" --app "$app"
	[[ "$output" == *bad* ]]
}

@test "a health command does not outlive an install that is killed" {
	install 1.0.0
	# Two processes of one group, found by an argument that nobody else has.
	printf '[health]\ncommand = %s\nuser = nobody\ntimeout = 60\n' \
		"/usr/bin/timeout --foreground 60 /bin/sleep 3600.$$" \
		>"$root/etc/tidegate/$app.ini"
	install-package --root "$root" --app "$app" --bundle "$(bundle 1.1.0)" &
	for _ in $(seq 1000); do
		[ "$(pgrep -c -f "sleep 3600.$$")" -ne 2 ] || break
	done
	[ "$(pgrep -c -f "sleep 3600.$$")" -eq 2 ]
	kill -9 $!
	wait $! || true
	for _ in $(seq 1000); do
		pgrep -f "sleep 3600.$$" >/dev/null || break
	done
	run pgrep -f "sleep 3600.$$"
	[ "$status" -eq 1 ]
	[ "$output" = "" ]
}

@test "rollback passes over a revoked release" {
	install 1.0.0
	install 1.1.0
	install 1.2.0
	digest=$(sha256sum "$root/opt/$app/packages/1.1.0/release.ini" | cut -d' ' -f1)
	install-package trust revoke "sha256:$digest" --reason "leaks" --root "$root" --app "$app"
	run install-package rollback --to 1.1.0 --root "$root" --app "$app"
	[ "$status" -eq 4 ]
	run install-package rollback --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.0.0 ]
}

@test "revocations made at the same time are all kept" {
	for n in 1 2 3 4 5 6 7 8; do
		install-package trust revoke "000000000000000$n" --root "$root" --app "$app" --quiet &
	done
	wait
	[ "$(grep -c '^000000000000000' "$root/etc/tidegate/trust/$app/revoked.ini")" -eq 8 ]
}

@test "a bad release that is activated on purpose, without a gate, is bad no more" {
	printf '[health]\ncommand = /bin/false\nuser = nobody\ntimeout = 1\n' \
		>"$root/etc/tidegate/$app.ini"
	run install 1.0.0
	[ "$status" -eq 8 ]
	: >"$root/etc/tidegate/$app.ini"
	install-package activate 1.0.0 --even-if-bad --root "$root" --app "$app"
	[ "$(current)" = releases/1.0.0 ]
	run install-package list --root "$root" --app "$app"
	[[ "$output" != *bad* ]]
	# As a run leaves it that was killed behind the switch.
	echo unhealthy >"$root/var/lib/tidegate/$app/bad/1.0.0"
	install-package activate 1.0.0 --even-if-bad --root "$root" --app "$app"
	[ ! -e "$root/var/lib/tidegate/$app/bad/1.0.0" ]
}

@test "a failed first install leaves no current" {
	cat >"$root/etc/tidegate/$app.ini" <<-EOF
		[health]
		command = /bin/false
		user = nobody
		timeout = 1
	EOF
	run install 1.0.0
	[ "$status" -eq 8 ]
	[ ! -e "$root/opt/$app/current" ]
	[ ! -L "$root/opt/$app/current" ]
}

@test "list, status and history tell what happened, in text and JSON" {
	install 1.0.0
	install 1.1.0
	run install-package list --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[[ "$output" == *1.0.0*previous* ]]
	[[ "$output" == *1.1.0*current* ]]
	install-package list --root "$root" --app "$app" --json | python3 -c 'import json,sys; d=json.load(sys.stdin); assert len(d["releases"])==2, d'
	install-package status --root "$root" --app "$app" --json | python3 -c 'import json,sys; d=json.load(sys.stdin); assert d["current"]=="1.1.0" and d["signers"][0]["name"]=="release.key", d'
	install-package history --root "$root" --app "$app" --json | python3 -c 'import json,sys; d=json.load(sys.stdin); assert [e["version"] for e in d["history"]]==["1.0.0","1.1.0"], d'
	python3 -c 'import json,sys; [json.loads(l) for l in open(sys.argv[1])]' "$root/var/lib/tidegate/$app/history.jsonl"
}

@test "each command that changes something says so with --json" {
	json() {
		install-package "$@" --root "$root" --app "$app" --json
	}
	says() {
		local want=$1
		shift
		run json "$@"
		echo "$output"
		[ "$status" -eq 0 ] && [ "$output" = "{\"app\":\"$app\",$want}" ]
	}
	install 1.0.0
	install 1.1.0
	install 1.2.0
	says '"version":null,"result":"ready"' setup
	says '"version":"1.2.0","result":"unchanged"' activate 1.2.0
	says '"version":"1.1.0","result":"current"' rollback
	says '"version":"1.2.0","result":"current"' activate 1.2.0
	says '"version":"1.0.0","result":"held"' hold 1.0.0
	says '"pruned":[],"result":"planned"' prune --keep 1 --dry-run
	says '"version":"1.0.0","result":"not held"' unhold 1.0.0
	says '"pruned":["1.0.0"],"result":"planned"' prune --keep 1 --dry-run
	[ -d "$root/opt/$app/releases/1.0.0" ]
	says '"pruned":["1.0.0"],"result":"pruned"' prune --keep 1
	says '"version":null,"result":"sound"' recover
	says '"key":"release.key","result":"revoked"' trust revoke release.key
	says '"key":"release.key","result":"removed"' trust remove release.key
	says '"version":null,"result":"removed"' uninstall --all
}

@test "what fails with --json prints an object that says so, and only one" {
	fails() {
		local status=$1 result=$2
		shift 2
		run --separate-stderr -"$status" install-package --json --root "$root" \
			--app "$app" "$@"
		[ "$(jq -s length <<<"$output")" -eq 1 ]
		[ "$(jq -r '[.result, .status] | join(" ")' <<<"$output")" = "$result $status" ]
		# shellcheck disable=SC2154 # bats sets stderr
		[[ "$stderr" == *"install-package: error: "*"$(jq -r .error <<<"$output")" ]]
	}
	install 1.1.0
	fails 2 failed --nonsense
	fails 2 failed activate 'no/version'
	fails 6 failed activate 7
	fails 7 failed --bundle "$root/nothing.tar.gz"
	fails 4 refused --bundle "$(bundle 1.0.0)"
	rm "$root/etc/tidegate/trust/$app/release.key.pub"
	package-release keygen --no-password --output "$BATS_TEST_TMPDIR/other" >/dev/null
	install-package trust add "$BATS_TEST_TMPDIR/other.pub" --root "$root" --app "$app"
	fails 4 refused --bundle "$(bundle 1.2.0)" --verify-only
	[ "$(jq '.rules | length' <<<"$output")" -gt 0 ]
}

@test "prune keeps current, previous, held and the newest" {
	install 1.0.0
	install 1.1.0
	install 1.2.0
	install-package hold 1.0.0 --root "$root" --app "$app"
	run install-package prune --keep 1 --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[ -d "$root/opt/$app/releases/1.0.0" ]
	[ -d "$root/opt/$app/releases/1.1.0" ]
	install-package unhold 1.0.0 --root "$root" --app "$app"
	run install-package prune --keep 1 --root "$root" --app "$app"
	[ ! -e "$root/opt/$app/releases/1.0.0" ]
	[ ! -e "$root/opt/$app/packages/1.0.0" ]
	[ -d "$root/opt/$app/releases/1.1.0" ]
	[ -d "$root/opt/$app/releases/1.2.0" ]
}

@test "prune says so when nothing is to go" {
	install 1.0.0
	run install-package prune --dry-run --root "$root" --app "$app"
	[ "$output" = "no release would be pruned" ]
	run install-package prune --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[ "$output" = "no release was pruned" ]
	run install-package prune --quiet --root "$root" --app "$app"
	[ "$output" = "" ]
}

@test "prune leaves a release that is in use" {
	install 1.0.0
	install 1.1.0
	install 1.2.0
	exec 7<"$root/opt/$app/releases/1.0.0/site/index.html"
	install-package prune --keep 1 --root "$root" --app "$app"
	[ -d "$root/opt/$app/releases/1.0.0" ]
	exec 7<&-
	install-package prune --keep 1 --root "$root" --app "$app"
	[ ! -e "$root/opt/$app/releases/1.0.0" ]
}

@test "uninstall removes one release, never current, and all on request" {
	install 1.0.0
	install 1.1.0
	run install-package uninstall 1.1.0 --root "$root" --app "$app"
	[ "$status" -eq 6 ]
	install 1.2.0
	run install-package uninstall 1.0.0 --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[ ! -e "$root/opt/$app/releases/1.0.0" ]
	run install-package uninstall --all --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[ ! -e "$root/opt/$app/current" ]
	[ ! -e "$root/opt/$app/releases/1.2.0" ]
	# What was seen stays: the older release is still a downgrade.
	run install 1.0.0
	[ "$status" -eq 4 ]
}

@test "nothing is removed while nobody knows what is current" {
	for version in 1.0.0 1.1.0 1.2.0; do
		install $version
	done
	# As people did by hand: where this points to is in use, yet it is not ours.
	ln -sfn "$root/opt/$app/releases/1.0.0" "$root/opt/$app/current"
	for command in "prune --keep 1" "prune --keep 1 --dry-run" "uninstall 1.0.0"; do
		# shellcheck disable=SC2086 # words
		run install-package $command --root "$root" --app "$app"
		[ "$status" -eq 5 ]
		[[ "$output" == *current* ]]
		[ "$(releases | xargs)" = "1.0.0 1.1.0 1.2.0" ]
	done
}

@test "the history names who signed what is pruned or uninstalled" {
	for version in 1.0.0 1.1.0 1.2.0; do
		install $version
	done
	install-package prune --keep 1 --root "$root" --app "$app"
	install-package rollback --root "$root" --app "$app"
	install-package activate 1.2.0 --root "$root" --app "$app"
	install 1.0.0 --no-activate --allow-downgrade
	install-package uninstall 1.0.0 --root "$root" --app "$app"
	python3 - "$root/var/lib/tidegate/$app/history.jsonl" <<-'EOF'
		import json, sys
		lines = [json.loads(line) for line in open(sys.argv[1])]
		gone = [line for line in lines if line["op"] in ("prune", "uninstall")]
		assert [line["op"] for line in gone] == ["prune", "uninstall"], gone
		for line in gone:
		    assert line["version"] == "1.0.0", line
		    assert line["signers"] == lines[0]["signers"] != [], line
	EOF
}

@test "no command but install makes a store, and the history outlives one" {
	before=$(snapshot)
	for command in "activate 1.0.0" rollback "hold 1.0.0" "unhold 1.0.0" prune "uninstall --all" \
		list status history; do
		# shellcheck disable=SC2086 # words
		run install-package $command --root "$root" --app "$app"
		[ "$status" -eq 6 ]
		[[ "$output" == *"$app "*" installed"* ]]
		[ "$(snapshot)" = "$before" ]
	done
	install-package recover --root "$root"
	[ "$(snapshot)" = "$before" ]
	install 1.0.0
	install-package uninstall --all --root "$root" --app "$app"
	run install-package history --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[[ "$output" == *"install   1.0.0"*"uninstall"* ]]
}

@test "recover makes a folder that the store has lost" {
	install 1.0.0
	rm -r "$root/opt/$app/packages"
	run install-package status --root "$root" --app "$app"
	[ "$status" -eq 5 ]
	[[ "$output" == *"lost its folder 'packages'; 'install-package recover --app $app' makes it"* ]]
	install-package recover --root "$root" --app "$app"
	install 1.0.0
	check-health --root "$root" --app "$app"
}

@test "the history tells who held a release, once for each change" {
	install 1.0.0
	for command in hold hold unhold unhold; do
		install-package $command 1.0.0 --root "$root" --app "$app"
	done
	run install-package history --root "$root" --app "$app" --json
	[ "$(python3 -c 'import json,sys; print([l["op"] for l in json.load(sys.stdin)["history"]])' <<<"$output")" = \
		"['install', 'hold', 'unhold']" ]
	check-health --root "$root" --app "$app" --only history.consistent
}

@test "trust add, list, revoke and remove" {
	run install-package trust list --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[[ "$output" == *release* ]]
	install-package trust revoke release.key --reason "stolen laptop" --root "$root" --app "$app"
	run install 1.0.0
	[ "$status" -eq 4 ]
	[[ "$output" == *revoked* ]]
	run install-package trust remove release.key --root "$root" --app "$app"
	[ "$status" -eq 0 ]
}

@test "what a revoked key signed is neither activated nor gone back to" {
	install 1.0.0
	install 1.1.0
	install-package trust revoke release.key --reason "stolen laptop" --root "$root" --app "$app"
	for command in rollback "rollback --to 1.0.0" "activate 1.0.0"; do
		run install-package $command --root "$root" --app "$app"
		[ "$status" -eq 4 ]
		[[ "$output" == *"revoked: stolen laptop"* ]]
		[ "$(current)" = releases/1.1.0 ]
	done
}

@test "a key that was only removed does not bar the way back; history names it" {
	install 1.0.0
	install 1.1.0
	install-package trust remove release.key --root "$root" --app "$app"
	install-package rollback --root "$root" --app "$app"
	[ "$(current)" = releases/1.0.0 ]
	install-package history --root "$root" --app "$app" --json | python3 -c 'import json,sys; h=json.load(sys.stdin)["history"]; assert h[-1]["op"]=="rollback" and h[-1]["signers"]==h[0]["signers"]!=[], h'
}

@test "two of three signatures are demanded where the policy says so" {
	for n in 2 3; do
		package-release keygen --no-password --output "$BATS_TEST_TMPDIR/k$n"
		install-package trust add "$BATS_TEST_TMPDIR/k$n.pub" --root "$root" --app "$app"
	done
	printf '[policy]\nthreshold = 2\n' >"$root/etc/tidegate/$app.ini"
	run install 1.0.0
	[ "$status" -eq 4 ]
	cp "$(bundle 1.0.0)" "$BATS_TEST_TMPDIR/$app-1.0.0.tar.gz"
	package-release sign --key "$BATS_TEST_TMPDIR/k3" "$BATS_TEST_TMPDIR/$app-1.0.0.tar.gz"
	run install-package --root "$root" --app "$app" --bundle "$BATS_TEST_TMPDIR/$app-1.0.0.tar.gz"
	[ "$status" -eq 0 ]
}

@test "an unknown key in the policy is an error, not a weaker policy" {
	printf '[policy]\ntreshold = 2\n' >"$root/etc/tidegate/$app.ini"
	run install 1.0.0
	[ "$status" -eq 2 ]
	[[ "$output" == *treshold* ]]
}

@test "a configuration that others may write is refused" {
	chmod 666 "$root/etc/tidegate/$app.ini"
	run install 1.0.0
	[ "$status" -eq 4 ]
	chmod 644 "$root/etc/tidegate/$app.ini"
}

@test "setup with a wrong file leaves nothing behind" {
	rm -rf "$root/etc"
	for wrong in release.key missing; do
		run install-package setup --root "$root" --app "$app" --key "$BATS_FILE_TMPDIR/$wrong"
		[ "$status" -ne 0 ]
		[[ "$output" == *"$wrong"* ]]
		[ ! -e "$root/etc" ]
	done
}

@test "setup is idempotent" {
	before=$(snapshot)
	make_host
	[ "$(snapshot)" = "$before" ]
}

@test "setup writes where releases come from, once, and nothing else of the file" {
	ini=$root/etc/tidegate/tool.ini
	install-package setup --root "$root" --repo acme/Tool --oci ghcr.io/acme/tool \
		--key "$BATS_FILE_TMPDIR/release.key.pub"
	grep -qx 'repo = acme/Tool' "$ini"
	grep -qx 'oci = ghcr.io/acme/tool' "$ini"
	grep -q '^#url = ' "$ini"
	before=$(snapshot)
	install-package setup --root "$root" --repo ACME/tool
	[ "$(snapshot)" = "$before" ]
	run install-package setup --root "$root" --app tool --repo acme/other
	[ "$status" -eq 6 ]
	[[ "$output" == *"tool.ini: it has acme/Tool as repo; edit it"* ]]
	[ "$(snapshot)" = "$before" ]
}

@test "setup adds a source to a configuration that has none" {
	printf '# mine\n[install]\nkeep = 7\n' >"$root/etc/tidegate/$app.ini"
	install-package setup --root "$root" --app "$app" --repo acme/shop
	[ "$(cat "$root/etc/tidegate/$app.ini")" = "# mine
[install]
keep = 7

[source]
repo = acme/shop" ]
}

@test "setup refuses what is no source before it writes anything" {
	rm -rf "$root/etc"
	for wrong in "--repo acme" "--oci nothing" "--url ftp://x/"; do
		# shellcheck disable=SC2086
		run install-package setup --root "$root" --app "$app" $wrong
		[ "$status" -eq 2 ]
		[ ! -e "$root/etc" ]
	done
}

@test "a trust folder without a configuration makes an app, with the defaults" {
	rm "$root/etc/tidegate/$app.ini"
	install-package --root "$root" --bundle "$(bundle 1.0.0)"
	[ "$(current)" = releases/1.0.0 ]
	install-package status --root "$root" | grep -q 1.0.0
	mkdir -m 755 "$root/etc/tidegate/trust/other"
	run install-package status --root "$root"
	[ "$status" -eq 2 ]
	[[ "$output" == *"more than one app is configured: say --app other, or another"* ]]
	rm -r "$root/etc/tidegate/trust"
	run install-package status --root "$root"
	[ "$status" -eq 2 ]
	[[ "$output" == *"install-package setup --app"* ]]
}

@test "a foreign folder in /opt is refused" {
	mkdir -p "$root/opt/$app/stuff"
	run install 1.0.0
	[ "$status" -eq 6 ]
	[ -d "$root/opt/$app/stuff" ]
}

@test "a second run is told who holds the lock" {
	install 1.0.0
	run python3 - "$root/var/lib/tidegate/$app/lock" install-package --root "$root" \
		--app "$app" --bundle "$(bundle 1.1.0)" <<-EOF
		import fcntl, subprocess, sys
		held = open(sys.argv[1], "a")
		fcntl.lockf(held, fcntl.LOCK_EX)
		sys.exit(subprocess.run(sys.argv[2:]).returncode)
	EOF
	[ "$status" -eq 75 ]
	[[ "$output" == *"is held by install-package install (pid "* ]]
	[ "$(current)" = releases/1.0.0 ]
}

@test "the environment decides nothing" {
	OPENSSL_CONF=/nonexistent LD_LIBRARY_PATH= TIDEGATE_ROOT=/x HOME=/nonexistent run install 1.0.0
	[ "$status" -eq 0 ]
}
