#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --record and --quick: what is trusted, what is read again, and that a change
# is found wherever it is made.

load lib

setup_file() {
	load lib
	host=$BATS_FILE_TMPDIR/host
	make_key "$BATS_FILE_TMPDIR/ops"
	mkdir -p "$host"
	install-package setup --root "$host" --app shop \
		--key "$BATS_FILE_TMPDIR/ops.pub" >/dev/null
	printf '%s\n' '[install]' 'keep_payload = yes' >"$host/etc/tidegate/shop.ini"
	make_many "$BATS_FILE_TMPDIR/tree"
	bundle=$(make_bundle shop 1.0.0 "$BATS_FILE_TMPDIR/tree" \
		"$BATS_FILE_TMPDIR/dist" --sequence 1 --key "$BATS_FILE_TMPDIR/ops")
	install-package --root "$host" --app shop --bundle "$bundle" >/dev/null
	# What changed within the last 20 ms is not put on record.
	sleep 0.1
	check-health --root "$host" --quiet --record
}

setup() {
	root=$BATS_FILE_TMPDIR/host
	opt=$root/opt/shop
	release=$opt/releases/1.0.0
	record=$root/var/lib/tidegate-check/shop@$(id -u).record
}

make_many() { # make_many DIR - 300 files, links and folders
	mkdir -p "$1"/{a,b}/{c,d,e}
	for i in $(seq 50); do
		for folder in a b a/c a/d b/d b/e; do
			echo "$folder $i" >"$1/$folder/f$i"
		done
	done
	for folder in a b/d; do
		ln -s f1 "$1/$folder/link"
	done
}

check() {
	run check-health --root "$root" "$@"
}

@test "--quick reads nothing again that is as on record" {
	check --quick
	[ "$status" -eq 0 ]
	assert_output_has "as signed or as on record of 2" "read again: 0"
	strace -E ASAN_OPTIONS=detect_leaks=0 -f -qq -e trace=openat,openat2 -o "$BATS_TEST_TMPDIR/trace" \
		check-health --root "$root" --quick >/dev/null
	run grep -E '"(f[0-9]+|payload.tar.gz)"' "$BATS_TEST_TMPDIR/trace"
	! grep -v O_PATH <<<"${output:-O_PATH}"
}

@test "--format nagios is quick by itself" {
	check --format nagios
	[ "$status" -eq 0 ]
	check --format json --quick
	jq -e .quick <<<"$output"
}

@test "--quick reads a file again that was only touched, and finds it as signed" {
	touch -r "$release/a/f1" "$BATS_TEST_TMPDIR/time"
	chmod 600 "$release/a/f1"
	chmod 644 "$release/a/f1"
	check --quick
	[ "$status" -eq 0 ]
	assert_output_has "read again: 1"
	check --record --quiet
	[ "$status" -eq 0 ]
}

@test "without a record --quick says so, reads nothing, and is unknown" {
	mv "$record" "$BATS_TEST_TMPDIR/record"
	check --quick
	mv "$BATS_TEST_TMPDIR/record" "$record"
	[ "$status" -eq 3 ]
	assert_output_has "no full check of it is on record" \
		"check-health --app shop --root '$root' --record"
}

@test "--quick finds a kept payload that is another, with a record and without" {
	payload=$opt/packages/1.0.0/payload.tar.gz
	cp -p "$payload" "$BATS_TEST_TMPDIR/payload"
	for change in "truncate -s +1" "chmod 666" "ln -sf /dev/null" "printf X >"; do
		eval "$change \"\$payload\""
		check --quick --only release.committed
		[ "$status" -eq 2 ]
		mv "$record" "$BATS_TEST_TMPDIR/record"
		check --quick --only release.committed
		mv "$BATS_TEST_TMPDIR/record" "$record"
		[ "$status" -eq 2 ]
		assert_output_has "payload.tar.gz"
		rm -f "$payload"
		cp -p "$BATS_TEST_TMPDIR/payload" "$payload"
	done
	# As large as it was: what is not as on record is read.
	printf X | dd of="$payload" conv=notrunc bs=1 seek=20 2>/dev/null
	touch -r "$BATS_TEST_TMPDIR/payload" "$payload"
	check --quick --only release.committed
	[ "$status" -eq 2 ]
	assert_output_has "payload.tar.gz"
	rm "$payload"
	cp -p "$BATS_TEST_TMPDIR/payload" "$payload"
	check --record --quiet
	[ "$status" -eq 0 ]
}

# The kernel notes no time for the second store, unless the page was written to
# the disk in between: so check-health(8) says that --quick may miss it.
@test "what is stored through a mapping is found by the full check" {
	cp -p "$release/a/f7" "$BATS_TEST_TMPDIR/f7"
	python3 - "$release/a/f7" <<-'END'
		import mmap, os, sys
		page = mmap.mmap(os.open(sys.argv[1], os.O_RDWR), 0)
		page[0] = page[0]
		before = os.stat(sys.argv[1])
		page[0] ^= 1
		after = os.stat(sys.argv[1])
		print("# times noted:", before.st_ctime_ns != after.st_ctime_ns)
	END
	check --only release.tree
	[ "$status" -eq 2 ]
	assert_output_has "a/f7: its content is not as signed"
	cp -p "$BATS_TEST_TMPDIR/f7" "$release/a/f7"
	check --record --quiet
	[ "$status" -eq 0 ]
}

@test "a record that others could have written counts for nothing" {
	chmod 666 "$record"
	check --quick
	chmod 644 "$record"
	[ "$status" -eq 3 ]
	assert_output_has "--quick has read no file of it"
}

@test "a record that is damaged counts for nothing" {
	cp -p "$record" "$BATS_TEST_TMPDIR/record"
	for change in "truncate -s 0" "truncate -s 15" "truncate -s 40" "truncate -s -1" \
		"truncate -s +1"; do
		$change "$record"
		check --quick
		cp -p "$BATS_TEST_TMPDIR/record" "$record"
		# A byte behind the release that is looked for changes nothing.
		[ "$status" -eq 3 ] || [ "$change" = "truncate -s +1" ]
	done
	printf X | dd of="$record" conv=notrunc bs=1 seek=20 2>/dev/null
	check --quick
	cp -p "$BATS_TEST_TMPDIR/record" "$record"
	[ "$status" -eq 3 ]
}

@test "--record goes neither with --quick nor without the tree" {
	for options in "--quick" "--format=nagios" "--skip=release.tree"; do
		check --record $options
		[ "$status" -eq 3 ]
		assert_output_has "--record"
	done
}

@test "a record that cannot be written leaves the old one, and is status 3" {
	mv "$root/var/lib/tidegate-check" "$BATS_TEST_TMPDIR/kept"
	: >"$root/var/lib/tidegate-check"
	check --record
	rm "$root/var/lib/tidegate-check"
	mv "$BATS_TEST_TMPDIR/kept" "$root/var/lib/tidegate-check"
	[ "$status" -eq 3 ]
	assert_output_has "recording shop"
}

@test "several that record at once, into one report, all succeed" {
	pids=()
	for _ in 1 2 3 4 5 6; do
		check-health --root "$root" --quiet --record --output "$BATS_TEST_TMPDIR/report" 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	[ "$(find "$root/var/lib/tidegate-check" "$BATS_TEST_TMPDIR" -name '.*.new' | wc -l)" -eq 0 ]
	check --quick
	[ "$status" -eq 0 ]
}

@test "what is wrong is not put on record" {
	echo harm >"$release/b/f7"
	check --record
	[ "$status" -eq 2 ]
	check --quick
	[ "$status" -eq 2 ]
	assert_output_has "1.0.0/b/f7"
	echo "b 7" >"$release/b/f7"
	touch -d @1700000000 "$release/b/f7"
	check --quick
	[ "$status" -eq 0 ]
	check --record --quiet
	[ "$status" -eq 0 ]
}

@test "1,000 changes of every kind are found, in full and by --quick" {
	python3 "$BATS_TEST_DIRNAME/mutate.py" "$release" 1000 \
		check-health --root "$root" --only release.tree --json
}
