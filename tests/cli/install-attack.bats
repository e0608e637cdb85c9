#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install-package against those who hold the bundle, a stolen key or an old
# release.

setup_file() {
	load install
	make_releases
}

setup() {
	load install
	make_host
}

# Further signatures of no worth beside the parts of 1.0.0.
add_signatures() {
	folder=$BATS_TEST_TMPDIR/parts
	mkdir "$folder"
	tar xzf "$(bundle 1.0.0)" -C "$folder"
	for ((i = 1; i <= $1; i++)); do
		printf 'x\n' >"$folder/$(printf 'release.ini.%016x.minisig' "$i")"
	done
}

@test "a folder may hold as many further signatures as the format allows" {
	add_signatures 32
	run install-package --root "$root" --app "$app" --asset-dir "$folder" --verify-only
	[ "$status" -eq 0 ]
}

@test "a folder with more further signatures than that is refused" {
	add_signatures 33
	run install-package --root "$root" --app "$app" --asset-dir "$folder" --verify-only
	[ "$status" -eq 5 ]
	[[ "$output" == *"release.ini."* ]]
}

@test "a folder with far more of them is refused, too" {
	add_signatures 60
	run install-package --root "$root" --app "$app" --asset-dir "$folder" --verify-only
	[ "$status" -eq 5 ]
}

@test "what activate made current is seen: an older release is refused" {
	install 1.0.0
	install 1.2.0 --no-activate
	install-package activate 1.2.0 --root "$root" --app "$app"
	run install 1.1.0
	[ "$status" -eq 4 ]
	[[ "$output" == *"1.2.0"*"--allow-downgrade"* ]]
	[ "$(current)" = releases/1.2.0 ]
}

@test "what activate made current stays seen behind a rollback" {
	install 1.0.0
	install 1.2.0 --no-activate
	install-package activate 1.2.0 --root "$root" --app "$app"
	install-package rollback --root "$root" --app "$app"
	install-package activate 1.0.0 --root "$root" --app "$app"
	run install 1.1.0
	[ "$status" -eq 4 ]
	[ "$(current)" = releases/1.0.0 ]
}

@test "a run that was cut short before it noted what was seen is made good" {
	install 1.0.0
	cp "$root/var/lib/tidegate/$app/seen" "$BATS_TEST_TMPDIR/seen"
	install 1.2.0
	cp "$BATS_TEST_TMPDIR/seen" "$root/var/lib/tidegate/$app/seen"
	run install 1.1.0
	[ "$status" -eq 4 ]
	[ "$(current)" = releases/1.2.0 ]
}

@test "what only lies there, never made current, is not seen" {
	install 1.0.0
	install 1.2.0 --no-activate
	run install 1.1.0
	[ "$status" -eq 0 ]
}

@test "recover never runs the health command as root" {
	[ "$(id -u)" -eq 0 ] || skip "an ordinary user has no rights to lose"
	install 1.0.0
	install 1.1.0
	cat >"$root/etc/tidegate/$app.ini" <<-END
		[health]
		command = /bin/touch $root/as-root
		timeout = 1
	END
	printf 'format = 1\nop = install\nfrom = 1.0.0\nto = 1.1.0\ngate = pending\n' \
		>"$root/var/lib/tidegate/$app/journal"
	run install-package recover --root "$root" --app "$app"
	[ "$status" -eq 2 ]
	[[ "$output" == *"user = NAME"* ]]
	[ ! -e "$root/as-root" ]
	[ "$(current)" = releases/1.1.0 ]
}

@test "in the place of a damaged current release no older one comes in" {
	install 1.0.0
	mkdir "$BATS_TEST_TMPDIR/p"
	echo other >"$BATS_TEST_TMPDIR/p/file"
	package-release bundle --app "$app" --version 1.0.0 --payload "$BATS_TEST_TMPDIR/p" \
		--out "$BATS_TEST_TMPDIR/dist" --sequence 99 --profile dev --key "$BATS_FILE_TMPDIR/release.key"
	rm "$root/opt/$app/packages/1.0.0/receipt.ini"
	run install-package --root "$root" --app "$app" --bundle "$BATS_TEST_TMPDIR/dist/1.0.0/$app-1.0.0.tar.gz"
	[ "$status" -eq 4 ]
	same_tree 1.0.0
	# Its own bundle repairs it.
	run install 1.0.0
	[ "$status" -eq 0 ]
	[ -f "$root/opt/$app/packages/1.0.0/receipt.ini" ]
}

@test "a release that failed its gate is not tried again by itself" {
	install 1.0.0
	cat >"$root/etc/tidegate/$app.ini" <<-END
		[health]
		command = /bin/grep -q 1.0.0 $root/opt/$app/current/site/index.html
		user = nobody
		timeout = 1
	END
	chmod -R a+rX "$BATS_TEST_TMPDIR"
	run install 1.1.0
	[ "$status" -eq 8 ]
	run install 1.1.0
	[ "$status" -eq 6 ]
	[[ "$output" == *"--even-if-bad"* ]]
	[ "$(current)" = releases/1.0.0 ]
	# Nor when it was removed meanwhile.
	install-package uninstall 1.1.0 --root "$root" --app "$app"
	run install 1.1.0
	[ "$status" -eq 6 ]
	[ ! -e "$root/opt/$app/releases/1.1.0" ]
	# The way that the message names.
	rm "$root/etc/tidegate/$app.ini"
	install 1.1.0 --no-activate
	run install-package activate 1.1.0 --even-if-bad --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	[ "$(current)" = releases/1.1.0 ]
}

@test "what is laid ready with --no-activate is not pruned at once" {
	printf '[install]\nkeep = 1\n' >"$root/etc/tidegate/$app.ini"
	install 1.1.0
	install 1.2.0
	install 1.0.0 --no-activate --allow-downgrade
	[ -d "$root/opt/$app/releases/1.0.0" ]
}
