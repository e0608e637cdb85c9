#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# check-health below a scratch root with two installed releases.  The host is
# made once; each test breaks a copy of it in its own way.

load lib

setup_file() {
	load lib
	host=$BATS_FILE_TMPDIR/host
	make_key "$BATS_FILE_TMPDIR/ops"
	mkdir -p "$host"
	install-package setup --root "$host" --app shop \
		--key "$BATS_FILE_TMPDIR/ops.pub" >/dev/null
	for version in 1.0.0 2.0.0; do
		install_release shop "$version"
	done
}

setup() {
	root=$BATS_TEST_TMPDIR/host
	cp -a "$BATS_FILE_TMPDIR/host" "$root"
	opt=$root/opt/shop
	state=$root/var/lib/tidegate/shop
	config=$root/etc/tidegate/shop.ini
	trust=$root/etc/tidegate/trust/shop
}

# install_release APP VERSION - pack, sign and install one with a profile.
install_release() {
	local tree=$BATS_FILE_TMPDIR/tree-$1-$2 bundle
	make_tree "$tree" "$1 $2"
	printf 'PROFILE=dev\nIMAGE_TAG=%s\n' "$2" >"$tree/profile.env"
	bundle=$(make_bundle "$1" "$2" "$tree" "$BATS_FILE_TMPDIR/dist-$1" \
		--sequence "${2%%.*}" --key "$BATS_FILE_TMPDIR/ops")
	install-package --root "$BATS_FILE_TMPDIR/host" --app "$1" \
		--bundle "$bundle" >/dev/null
}

check() {
	run check-health --root "$root" "$@"
}

# expect STATUS TEXT... - what the last run said.
expect() {
	local want=$1
	shift
	if [ "$status" -ne "$want" ]; then
		printf 'exit status %s, not %s\n%s\n' "$status" "$want" "$output"
		return 1
	fi
	assert_output_has "$@"
}

# keep_times FILE COMMAND... - run it, and give the folder of FILE its time back.
keep_times() {
	local folder
	folder=$(dirname "$1")
	shift
	touch -r "$folder" "$BATS_TEST_TMPDIR/time"
	"$@"
	touch -r "$BATS_TEST_TMPDIR/time" "$folder"
}

# everything below the root, with all times
facts_of_all() {
	find "$root" -printf '%p %y %m %U %s %l %T@ %C@\n' | sort
	find "$root" -type f -print0 | sort -z | xargs -0 sha256sum
}

@test "all is well after an install and an upgrade" {
	check
	expect 0 "shop 2.0.0: ok" "signed by ops" "all as signed" "PROFILE=dev"
	! grep -E '^ +(critical|warning|unknown) ' <<<"$output"
}

@test "each check of --list has a line in the report" {
	check
	check-health --list | while IFS=$'\t' read -r id _; do
		grep -q " $id " <<<"$output" || {
			echo "nothing about $id"
			exit 1
		}
	done
}

@test "--list and the man page name the same checks and severities" {
	manual=$checkout/docs/man/check-health.8
	diff <(check-health --list | sed 's/^\([^\t]*\)\t\([^\t]*\)\t.*/\1 \2/') \
		<(sed -n 's/^\.It Li \([a-z]*\.[a-z]*\) No (\([a-z]*\))$/\1 \2/p' "$manual")
	diff <(check-health --list) <(check-health list)
}

@test "--quiet prints nothing when all is well, and only faults otherwise" {
	check --quiet
	expect 0
	[ -z "$output" ]
	check --quiet --json
	expect 0
	[ -z "$output" ]
	echo extra >"$opt/current/extra"
	check --quiet
	expect 1 "2.0.0/extra"
	[[ $output != *"links.current"* ]]
}

@test "--format json gives one object with a status for each app" {
	check --format json
	expect 0
	jq -e '.format == 1 and .status == "ok" and (.apps | length) == 1 and
		.apps[0].app == "shop" and .apps[0].current == "2.0.0"' <<<"$output"
	jq -e '[.apps[0].findings[].check] | unique | length ==
		('"$(check-health --list | wc -l)"')' <<<"$output"
	check --json --only release.tree
	jq -e '.apps[0].findings[0].check == "release.tree"' <<<"$output"
}

@test "--only and --skip choose the checks" {
	echo x >>"$opt/current/share/doc/README"
	check --skip release.tree
	expect 0
	[[ $output != *release.tree* ]]
	check --only links.current,disk.space
	expect 0
	[[ $output != *release.tree* && $output == *links.current* ]]
	check --only release.tree
	expect 2
	# Nothing to look at is no good health.
	check --only release.tree --skip release.tree
	expect 3 "--skip leaves none of the checks"
}

@test "whatever keeps it from judging is status 3" {
	check --only release.trees
	expect 3 "unknown check 'release.trees'"
	check --skip ""
	expect 3
	check --format xml
	expect 3 "not one of text, json, nagios, prometheus"
	check --no-such-option
	expect 3 "unknown option"
	check --app nosuch
	expect 3 "'nosuch' is neither configured nor installed" \
		"install-package setup --app nosuch"
	check --app ../shop
	expect 3 "no name of an app"
	run check-health --root "$BATS_TEST_TMPDIR/nowhere"
	expect 3 nowhere
	mkdir "$BATS_TEST_TMPDIR/empty"
	run check-health --root "$BATS_TEST_TMPDIR/empty"
	expect 3 "no app is configured"
}

@test "a report that cannot be written is status 3" {
	run bash -c 'check-health --root "$1" >/dev/full' _ "$root"
	expect 3 "standard output"
}

@test "changed content is critical, and the remedy can be typed" {
	printf 'X' | dd of="$opt/current/share/doc/README" conv=notrunc status=none
	touch -d @1700000000 "$opt/current/share/doc/README"
	check
	expect 2 "2.0.0/share/doc/README: its content is not as signed" \
		"install-package install --app shop --root '$root' --version 2.0.0"
}

@test "the same in a release that is not current is a warning" {
	printf 'X' | dd of="$opt/releases/1.0.0/share/doc/README" conv=notrunc status=none
	check
	expect 1 "1.0.0/share/doc/README"
}

@test "a capability that somebody gave to a file is critical, and goes with a repair" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	# CAP_NET_BIND_SERVICE, permitted and effective: capabilities(7).
	python3 -c 'import os, struct, sys; os.setxattr(sys.argv[1], "security.capability",
		struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0))' "$opt/current/share/doc/README"
	check
	expect 2 "2.0.0/share/doc/README: it has a capability, as no file of a release has"
	install-package --app shop --root "$root" --version 2.0.0 \
		--bundle "$BATS_FILE_TMPDIR"/dist-shop/2.0.0/shop-2.0.0.tar.gz >/dev/null
	check
	expect 0
}

@test "what is no link where one has to be goes away as the remedy says" {
	for name in previous current; do
		mv "$opt/$name" "$BATS_TEST_TMPDIR/$name"
		mkdir "$opt/$name"
	done
	check --only links
	expect 2 "/opt/shop: 'previous' is no symbolic link" "'current' is no symbolic link" \
		"try: move it aside; install-package activate VERSION --app shop --root '$root' sets it anew"
	rmdir "$opt/previous" "$opt/current"
	install-package activate 2.0.0 --app shop --root "$root"
	check --only links
	expect 0
}

@test "an extra file is a warning, unless it is ignored" {
	echo log >"$opt/current/share/x.log"
	mkdir "$opt/current/cache"
	check
	expect 1 "2.0.0/share/x.log: it is not part of the release" "2.0.0/cache"
	printf '\n[check]\nignore = *.log cache/*\n' >"$config"
	sed -i 1d "$config"
	check
	expect 0 "extra and ignored: 2"
}

@test "a signed file cannot be ignored" {
	printf '[check]\nignore = *\n' >"$config"
	echo x >>"$opt/current/share/doc/README"
	check
	expect 2 "2.0.0/share/doc/README"
}

@test "200 random changes of every kind are each found" {
	seed=${SEED:-$RANDOM}
	echo "seed $seed (SEED=$seed runs the same again)"
	RANDOM=$seed
	tree=$opt/releases/2.0.0
	cp -a "$tree" "$BATS_TEST_TMPDIR/good"
	mapfile -t files < <(cd "$tree" && find . -type f -size +0 | sort)
	mapfile -t folders < <(cd "$tree" && find . -mindepth 1 -type d | sort)
	mapfile -t entries < <(cd "$tree" && find . -mindepth 1 ! -type l | sort)
	mapfile -t links < <(cd "$tree" && find . -type l | sort)
	kinds=(bit mode link extra missing time type)
	[ "$(id -u)" -ne 0 ] || kinds+=(owner)
	for ((i = 0; i < 200; i++)); do
		kind=${kinds[i % ${#kinds[@]}]}
		mutate "$kind"
		run check-health --root "$root" --only release.tree
		want=2
		[ "$kind" != extra ] || want=1
		if [ "$status" -ne "$want" ] || [[ $output != *"2.0.0/${path#./}"* ]]; then
			echo "change $i ($kind of $path) gave $status: $output"
			return 1
		fi
		rm -rf "$tree"
		cp -a "$BATS_TEST_TMPDIR/good" "$tree"
	done
	check --only release.tree
	expect 0
}

# mutate KIND - change one thing of $tree and set $path to what it was; times
# stay as signed wherever they can, so that they do not tell.
mutate() {
	local file=${files[RANDOM % ${#files[@]}]} size at mode
	local entry=${entries[RANDOM % ${#entries[@]}]}
	case $1 in
	bit)
		path=$file
		size=$(stat -c %s "$tree/$file")
		at=$((RANDOM % size))
		mode=$(stat -c %a "$tree/$file")
		perl -e 'my ($f, $at, $bit) = @ARGV; open my $h, "+<", $f or die;
			binmode $h; seek $h, $at, 0; read $h, my $c, 1; seek $h, $at, 0;
			print $h chr(ord($c) ^ (1 << $bit)); close $h or die' \
			"$tree/$file" "$at" $((RANDOM % 8))
		chmod "$mode" "$tree/$file"
		touch -d @1700000000 "$tree/$file"
		;;
	mode)
		path=$entry
		mode=$(stat -c %a "$tree/$entry")
		chmod "$(printf %o $((0$mode ^ (1 << (RANDOM % 3)))))" "$tree/$entry"
		;;
	owner)
		path=$entry
		chown $((RANDOM + 1)) "$tree/$entry"
		;;
	link)
		path=${links[RANDOM % ${#links[@]}]}
		keep_times "$tree/$path" ln -sfn "t$RANDOM" "$tree/$path"
		touch -h -d @1700000000 "$tree/$path"
		;;
	extra)
		path=${folders[RANDOM % ${#folders[@]}]}/new$RANDOM
		if ((RANDOM % 2)); then echo x >"$tree/$path"; else mkdir "$tree/$path"; fi
		;;
	missing)
		path=$file
		keep_times "$tree/$path" rm "$tree/$path"
		;;
	time)
		path=$entry
		touch -d "@$((1700000000 + RANDOM + 1))" "$tree/$entry"
		;;
	type)
		path=$file
		keep_times "$tree/$path" sh -c 'rm "$1" && mkdir -m 755 "$1"' _ "$tree/$path"
		touch -d @1700000000 "$tree/$path"
		;;
	esac
}

@test "nothing is written" {
	before=$(facts_of_all)
	check
	expect 0
	[ "$(facts_of_all)" = "$before" ]
	command -v strace >/dev/null || skip "strace is not installed"
	strace -f -qq -o "$BATS_TEST_TMPDIR/calls" -e trace='?open,openat,?openat2,?creat,?mkdir,mkdirat,?unlink,unlinkat,?rename,renameat,renameat2,?symlink,symlinkat,?link,linkat,?chmod,fchmod,fchmodat,?chown,fchown,fchownat,utimensat,truncate,ftruncate,fsync,pwrite64' \
		check-health --root "$root" >/dev/null || skip "strace may not trace here"
	run grep -E 'O_WRONLY|O_RDWR|O_CREAT|^[0-9]+ +(mkdir|unlink|rename|symlink|link|chmod|fchmod|chown|fchown|utimensat|truncate|ftruncate|fsync|pwrite)' \
		"$BATS_TEST_TMPDIR/calls"
	[ -z "$output" ]
}

@test "nothing of the environment changes a verdict" {
	echo x >>"$opt/current/share/doc/README"
	check --skip disk.space
	plain=$output
	printf 'not a configuration\n' >"$BATS_TEST_TMPDIR/openssl.cnf"
	run env OPENSSL_CONF="$BATS_TEST_TMPDIR/openssl.cnf" HOME=/nowhere \
		TMPDIR=/nowhere LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo PATH="$PATH" \
		TIDEGATE_ROOT=/ PROFILE=prod TERM=xterm \
		check-health --root "$root" --skip disk.space
	expect 2
	[ "$output" = "$plain" ]
}

@test "only a terminal gets colours, and not with NO_COLOR" {
	TERM=xterm check
	[[ $output != *$'\033'* ]]
	command -v script >/dev/null || skip "script is not installed"
	run script -qec "TERM=xterm check-health --root '$root'" /dev/null
	[[ $output == *$'\033[32mok'* ]]
	run script -qec "NO_COLOR=1 TERM=xterm check-health --root '$root'" /dev/null
	[[ $output != *$'\033[32m'* ]]
}

@test "what an ordinary user may not see is unknown, and he is told so" {
	[ "$(id -u)" -eq 0 ] || skip "needs another user"
	# A copy, because he may not get to where the programs were built.
	cp "$(command -v check-health)" "$root/check-health"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
	as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${as_nobody[@]}" test -x "$root/check-health" ||
		skip "an ordinary user cannot get here"
	run "${as_nobody[@]}" "$root/check-health" --root "$root"
	expect 0
	chmod 700 "$opt/releases/2.0.0/share/doc"
	run "${as_nobody[@]}" "$root/check-health" --root "$root" --only release.tree
	expect 2 "mode is not as signed" "2.0.0/share/doc: it cannot be read" \
		"the right to read it" "run check-health as root"
	chmod 755 "$opt/releases/2.0.0/share/doc"
	touch -d @1700000000 "$opt/releases/2.0.0/share/doc"
	chmod 700 "$opt/packages/2.0.0"
	run "${as_nobody[@]}" "$root/check-health" --root "$root" --only release.signature
	expect 3 "unknown" "Permission denied" "run check-health as root"
	chmod 700 "$opt"
	run "${as_nobody[@]}" "$root/check-health" --root "$root" --app shop --only release.tree
	expect 3 "Permission denied"
}

@test "a revoked key is critical for what is current, whatever was before" {
	id=$(sed -n '1s/.* //p' "$BATS_FILE_TMPDIR/ops.pub" | tr A-F a-f)
	printf '[keys]\n%s = stolen\n' "$id" >"$trust/revoked.ini"
	check --only release.signature
	expect 2 "critical  release.signature   2.0.0" stolen
	check
	expect 2 "critical  trust.keys"
}

@test "a revoked release that is not current is a warning" {
	digest=$(sha256sum <"$opt/packages/1.0.0/release.ini" | cut -d' ' -f1)
	printf '[releases]\n%s = leaks\n' "$digest" >"$trust/revoked.ini"
	check
	expect 1 "warning   release.signature   1.0.0" leaks
	digest=$(sha256sum <"$opt/packages/2.0.0/release.ini" | cut -d' ' -f1)
	printf '[releases]\n%s = leaks\n' "$digest" >"$trust/revoked.ini"
	check
	expect 2 "critical  release.signature   2.0.0"
}

@test "without a trusted key nothing is trusted" {
	rm "$trust"/*.pub
	check
	expect 2 "critical  trust.keys" "critical  release.signature"
}

@test "another key than the signer's is not enough" {
	make_key "$BATS_TEST_TMPDIR/other"
	rm "$trust"/*.pub
	cp "$BATS_TEST_TMPDIR/other.pub" "$trust/other.pub"
	check --only release.signature
	expect 2 "critical  release.signature   2.0.0"
}

@test "configuration and keys that others can write to are critical" {
	chmod o+w "$config"
	check --only config.legal
	expect 2 "can be written by others" "chmod go-w"
	chmod o-w "$config"
	chmod g+w "$trust"
	check --only trust.keys
	expect 2 "can be written by others"
}

@test "a store that others can write to is critical" {
	chmod o+w "$opt/packages"
	check --only store.owner
	expect 2 packages
}

@test "an illegal configuration is unknown" {
	printf '[check]\nignroe = *\n' >"$config"
	check
	expect 3 "unknown   config.legal" "ignroe"
}

@test "what an illegal configuration would decide is unknown" {
	printf '[host]\nmin_kernel = 99\nmin_kernle = 1\n' >"$config"
	check
	expect 3 "unknown   config.legal" \
		"unknown   host.kernel         the configuration is not understood" \
		"unknown   host.profiles       the configuration is not understood" \
		"unknown   engine.present      the configuration is not understood" \
		"unknown   service.http        the configuration is not understood" \
		"unknown   disk.space          the configuration is not understood" \
		"unknown   releases.kept       the configuration is not understood"
	[[ $output != *"the configuration names none"* && $output != *"the configuration no engine"* ]]
	check --online --only registry.reachable
	expect 3 "unknown   registry.reachable  the configuration is not understood"
}

@test "an app with keys and without a configuration gets the defaults" {
	rm "$config"
	check
	expect 0 "the defaults hold"
}

@test "links that are not what they must be are found" {
	ln -sfn /etc "$opt/current"
	check --only links.current
	expect 2 "critical  links.current"
	ln -sfn releases/9.9.9 "$opt/current"
	check --only links.current
	expect 2 "9.9.9 is not there"
	rm "$opt/current"
	check --only links.current
	expect 1 "no release is active"
	ln -sfn releases/2.0.0 "$opt/current"
	ln -sfn releases/2.0.0 "$opt/previous"
	check --only links.previous
	expect 1 "which is current"
	ln -sfn releases/9.9.9 "$opt/previous"
	check --only links.previous
	expect 1 "which is not there"
	rm "$opt/previous"
	check
	expect 0
}

@test "an app that is gone, and was not uninstalled, is critical" {
	rm "$opt/.tidegate"
	check
	expect 2 "critical  links.current       current: 2.0.0 was installed and not uninstalled" \
		"install-package install --app shop --root '$root' --version 2.0.0"
	rm -r "$opt"
	check --only links.current
	expect 2 "2.0.0 was installed and not uninstalled"
	# What a later, failed install says is of no weight; what an uninstall says is.
	history=$root/var/lib/tidegate/shop/history.jsonl
	echo '{"time":"2026-01-01T00:00:00Z","op":"install","version":"3.0.0","result":"reverted"}' >>"$history"
	check --only links.current
	expect 2 "2.0.0 was installed"
	echo '{"time":"2026-01-01T00:00:00Z","op":"uninstall","version":"1.0.0","result":"ok"}' >>"$history"
	check --only links.current
	expect 2 "2.0.0 was installed"
	echo '{"time":"2026-01-01T00:00:00Z","op":"uninstall","result":"ok"}' >>"$history"
	check --only links.current
	expect 1 "nothing is installed"
	rm "$history"
	check --only links.current
	expect 1 "nothing is installed"
}

@test "an app that was uninstalled is only missed" {
	install-package uninstall --all --app shop --root "$root" >/dev/null
	check
	expect 1 "warning   links.current       current: nothing is installed"
}

@test "an activation that did not end is found" {
	printf 'format = 1\nop = install\nfrom = 1.0.0\nto = 2.0.0\ngate = pending\n' \
		>"$state/journal"
	check --only journal.clean
	expect 1 "2.0.0 waits for its health gate" "install-package recover"
	printf 'format = 1\nop = revert\nfrom = 2.0.0\nto = 1.0.0\ngate = none\n' >"$state/journal"
	check --only journal.clean
	expect 2 "going back from 2.0.0"
	echo rubbish >"$state/journal"
	check --only journal.clean
	expect 2
}

@test "a current release that is marked bad is critical" {
	mkdir -p "$state/bad"
	echo "its gate failed" >"$state/bad/1.0.0"
	check --only releases.bad
	expect 0
	echo "its gate failed" >"$state/bad/2.0.0"
	check --only releases.bad
	expect 2 "its gate failed" "install-package rollback"
}

@test "a rotated history is no damage, and begins anew" {
	lines() {
		install-package history --root "$root" --app shop --json | jq -c '.history[] | [.op, .version]'
	}
	mv "$state/history.jsonl" "$state/history.jsonl.1"
	check --only history.consistent
	expect 0 "history.jsonl"
	# What the old file tells is not told again.
	install-package hold 1.0.0 --root "$root" --app shop
	[ "$(lines)" = '["hold","1.0.0"]' ]
	check --only history.consistent
	expect 0 "1 lines"
	# Without the old file, it is: a history was lost.
	rm "$state/history.jsonl.1"
	check --only history.consistent
	expect 1 "install of"
	install-package unhold 1.0.0 --root "$root" --app shop
	check --only history.consistent
	expect 0 "4 lines"
}

@test "a damaged history is a warning" {
	printf '{"time":"2026' >>"$state/history.jsonl"
	check --only history.consistent
	expect 1 "history.jsonl"
	grep -v '"2\.0\.0"' "$BATS_FILE_TMPDIR/host/var/lib/tidegate/shop/history.jsonl" \
		>"$state/history.jsonl"
	check --only history.consistent
	expect 1 "install of 2.0.0"
	sed 's/"digest":"[0-9a-f]\{8\}/"digest":"00000000/' \
		"$BATS_FILE_TMPDIR/host/var/lib/tidegate/shop/history.jsonl" \
		>"$state/history.jsonl"
	check --only history.consistent
	expect 1 "install of 2.0.0"
	rm "$state/history.jsonl"
	check --only history.consistent
	expect 1
}

@test "a line of history that a crash has cost is written by the next run" {
	sed -i '/"2\.0\.0"/d' "$state/history.jsonl"
	printf '{"time":"2026' >>"$state/history.jsonl"
	install-package install --app shop --root "$root" \
		--bundle "$BATS_FILE_TMPDIR/dist-shop/2.0.0/shop-2.0.0.tar.gz" >/dev/null
	check
	expect 0
	[ "$(grep -c '"2\.0\.0"' "$state/history.jsonl")" -eq 1 ]
}

@test "a sealed part that was changed or lost is critical" {
	echo " " >>"$opt/packages/2.0.0/sbom.json"
	check --only release.committed
	expect 2 "'sbom.json' is not what release.ini pins"
	rm "$opt/packages/2.0.0/sbom.json"
	check --only release.committed
	expect 2 sbom.json
	rm -r "$opt/packages/1.0.0"
	check --only release.signature
	expect 1 "1.0.0"
}

@test "a tree is never compared with a payload.mtree that is not authentic" {
	echo x >>"$opt/current/share/doc/README"
	(cd "$opt/current" && sha=$(sha256sum share/doc/README | cut -d' ' -f1) &&
		sed -i "/README/s/sha256digest=.*/sha256digest=$sha/" \
			"$opt/packages/2.0.0/payload.mtree")
	check --only release.tree
	expect 2 "'payload.mtree' is not what release.ini pins"
	sed -i 's/^sequence = .*/sequence = 77/' "$opt/packages/2.0.0/release.ini"
	check --only release.tree
	expect 3 "not checked: its signature is not good"
	check
	expect 2 "critical  release.signature   2.0.0"
}

@test "a receipt of another release is critical" {
	cp "$opt/packages/1.0.0/receipt.ini" "$opt/packages/2.0.0/receipt.ini"
	check --only release.receipt
	expect 2 "the receipt is about shop 1.0.0"
	rm "$opt/packages/2.0.0/receipt.ini"
	check --only release.receipt
	expect 2 receipt.ini
}

@test "a profile that is not the signed one is critical" {
	sed -i 's/IMAGE_TAG=.*/IMAGE_TAG=latest/' "$opt/current/profile.env"
	check --only profile.env
	expect 2 "not the sealed profile"
	# Which engine and images it wants, it no longer says.
	check --only engine.present,images.present,engine.storage
	expect 3 "unknown   engine.present      the profile.env of the current release is not to be relied on" \
		"unknown   images.present      the profile.env of the current release" \
		"-         engine.storage      the profile.env of the current release"
	echo 'IMAGE_TAG=$(id)' >"$opt/current/profile.env"
	check --only profile.env
	expect 2 profile.env
}

@test "little room is a warning" {
	printf '[check]\nmin_free = 1000000G\n' >"$config"
	check --only disk.space
	expect 1 "MiB are free" "install-package prune"
}

@test "all apps are looked at, and the worst one counts" {
	install-package setup --root "$root" --app blog \
		--key "$BATS_FILE_TMPDIR/ops.pub" >/dev/null
	check
	expect 1 "shop 2.0.0: ok" "blog: warning" "nothing is installed"
	check --app shop
	expect 0
	[[ $output != *blog* ]]
}
