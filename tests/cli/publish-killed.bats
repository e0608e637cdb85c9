#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of oci.bash
# package-release publish, killed: nothing that users see is incomplete, and the
# same line again ends what was begun.

setup_file() {
	load lib
	load oci
	cd "$BATS_FILE_TMPDIR" || return
	make_key key
	make_tree src
	start_registry open
	start_push_proxy "$registry_open"
}

teardown_file() {
	load oci
	stop_servers
}

setup() {
	load lib
	load oci
	work=$BATS_FILE_TMPDIR
	rm -f "$work"/proxy/{rules,log}
	mkdir "$BATS_TEST_TMPDIR/repo"
	cd "$BATS_TEST_TMPDIR/repo" || return
	repository=acme/$BATS_TEST_NUMBER
}

# run_killed WHEN NUMBER OPTION... - publish, killed at that request of the proxy.
# False where it was not killed: there are not so many.
run_killed() {
	rm -f "$work/proxy/log"
	echo "kill * #$2 1 $1" >"$work/proxy/rules"
	# shellcheck disable=SC2016 # the inner shell expands it
	! PROXY=$work/proxy sh -c 'echo $$ >"$PROXY/pid"; exec package-release publish "$@"' \
		sh "${@:3}" >killed 2>&1 3>&-
}

# fetch REPOSITORY REFERENCE - a manifest or an index.
fetch() {
	curl -sf -H "Accept: $type_manifest, $type_index" \
		"http://$registry_open/v2/$1/manifests/$2"
}

has_tag() {
	fetch "$1" "$2" >/dev/null
}

# whole REPOSITORY REFERENCE - that all that a manifest names is there.
whole() {
	local digest
	for digest in $(fetch "$1" "$2" | jq -r '.config.digest, .layers[].digest'); do
		curl -sfI -o /dev/null "http://$registry_open/v2/$1/blobs/$digest" || return
	done
}

# listed REPOSITORY TAG COUNT - what refers to it is listed, and whole.
listed() {
	local digest index
	digest=sha256:$(fetch "$1" "$2" | sha256sum | cut -d ' ' -f 1)
	index=$(fetch "$1" "${digest/:/-}")
	[ "$(jq '.manifests | length' <<<"$index")" -eq "$3" ] || return
	for digest in $(jq -r '.manifests[].digest' <<<"$index"); do
		whole "$1" "$digest" || return
	done
}

make_packs() {
	mkdir -p packs/one packs/two
	echo "$* one" >packs/one/data
	echo "$* two" >packs/two/data
}

@test "packs, killed at each request: no tag before all is there" {
	# Every other request, each once.
	for when in before after; do
		[ "$when" = after ] && number=2 || number=1
		while make_packs "$when $number" &&
			run_killed "$when" "$number" --version "$when-$number" \
				--to "oci://$proxy/$repository"; do
			[ ! -e packs.lock.json ] ||
				[ "$(jq -r .version packs.lock.json)" != "$when-$number" ]
			for pack in one two; do
				! has_tag "$repository/$pack" "$when-$number" ||
					whole "$repository/$pack" "$when-$number"
			done
			rm "$work/proxy/rules"
			package-release publish --version "$when-$number" \
				--to "oci://$proxy/$repository" >again
			for pack in one two; do
				whole "$repository/$pack" "$when-$number"
			done
			[ "$(jq -r .version packs.lock.json)" = "$when-$number" ]
			number=$((number + 2))
		done
		# Two tags, two blobs of each pack (HEAD, POST, PUT), manifests, tags.
		echo "$when: $number"
		[ "$number" -ge 20 ]
	done
}

@test "packs, killed before a tag is set: no other tag is there, and all manifests are" {
	make_packs x
	package-release publish --version 1 --dry-run --to "oci://$proxy/$repository" \
		--lock dry.json >/dev/null
	rm -f "$work/proxy/log"
	echo 'kill PUT /manifests/1$ 1000' >"$work/proxy/rules"
	# shellcheck disable=SC2016 # the inner shell expands it
	! PROXY=$work/proxy sh -c 'echo $$ >"$PROXY/pid"; exec package-release publish "$@"' \
		sh --version 1 --to "oci://$proxy/$repository" >killed 2>&1 3>&-
	for number in 0 1; do
		name=$(jq -r ".packs[$number].name" dry.json)
		whole "$repository/$name" "$(jq -r ".packs[$number].expected_digest" dry.json)"
	done
	run ! has_tag "$repository/one" 1
	run ! has_tag "$repository/two" 1
	rm "$work/proxy/rules"
	package-release publish --version 1 --to "oci://$proxy/$repository" >again
	grep -q 'going on with what an earlier run began' again
	[ "$(jq -r '.packs[1].digest' packs.lock.json)" = "$(jq -r '.packs[1].expected_digest' dry.json)" ]
}

@test "a bundle, killed at a sample of requests: its tag never lacks a signature" {
	for number in 9 25 31 34 37; do
		make_bundle shop "1.$number" "$work/src" dist --key "$work/key" >/dev/null
		run_killed after "$number" "dist/1.$number" --key "$work/key.pub" \
			--to "oci://$proxy/$repository" || break
		! has_tag "$repository" "1.$number" || {
			whole "$repository" "1.$number"
			listed "$repository" "1.$number" 2
		}
		rm "$work/proxy/rules"
		package-release publish "dist/1.$number" --key "$work/key.pub" \
			--to "oci://$proxy/$repository" >again
		whole "$repository" "1.$number"
		listed "$repository" "1.$number" 2
	done
	[ "$number" -ge 34 ]
}

@test "a signature, killed before the tag is set: the next run finds it, wherever it runs" {
	make_packs s
	rm -r packs/two
	COSIGN_PASSWORD='' package-release keygen --type cosign --output ours >/dev/null
	echo 'kill PUT /manifests/1$ 1000' >"$work/proxy/rules"
	# shellcheck disable=SC2016 # the inner shell expands it
	! COSIGN_PASSWORD='' PROXY=$work/proxy sh -c \
		'echo $$ >"$PROXY/pid"; exec package-release publish "$@"' \
		sh --version 1 --to "oci://$proxy/$repository" --cosign-key ours >killed 2>&1 3>&-
	run ! has_tag "$repository" 1
	rm "$work/proxy/rules"
	# Another checkout.
	mkdir other
	cp -R packs ours other
	cd other
	COSIGN_PASSWORD='' package-release publish --version 1 --cosign-key ours \
		--to "oci://$proxy/$repository" >again
	whole "$repository" 1
	listed "$repository" 1 1
	cmp dist/packs/*.sigstore.json ../dist/packs/*.sigstore.json
}

@test "a folder, killed at each call that makes something last: whole or not there" {
	command -v strace >/dev/null || skip "strace is not installed"
	make_packs y
	mkdir site
	for call in fsync renameat2 renameat; do
		number=1
		while [ "$number" -lt 40 ] && ! strace -qq -o /dev/null -e "trace=$call" \
			-e "inject=$call:signal=KILL:when=$number" package-release \
			publish --version "$call-$number" --to dir:site >killed 2>&1; do
			for pack in one two; do
				[ ! -e "site/$pack/$call-$number" ] ||
					[ "$(unzip -p "site/$pack/$call-$number/$pack.gtpack" data)" = "y $pack" ]
			done
			[ ! -e packs.lock.json ] || jq -e .packs packs.lock.json >/dev/null
			package-release publish --version "$call-$number" --to dir:site >again
			[ "$(unzip -p "site/two/$call-$number/two.gtpack" data)" = "y two" ]
			[ -z "$(find site -name '.new*')" ]
			number=$((number + 1))
		done
		echo "$call: $number"
		[ "$number" -ge 2 ] || [ "$call" = renameat ]
	done
}

@test "a folder that somebody changed before it was shown is not shown" {
	make_packs y
	rm -r packs/two
	# While the registry is asked again, all that goes to the folder is in it.
	echo 'status POST /blobs/uploads/ 1 503 3' >"$work/proxy/rules"
	package-release publish --version 1 --to dir:site --to "oci://$proxy/$repository" \
		>out 2>&1 3>&- &
	wait_until grep -q POST "$work/proxy/log"
	echo other >site/.new-1/one.gtpack
	failed=0
	wait "$!" || failed=$?
	[ "$failed" -eq 6 ]
	grep "was changed by somebody else" out
	[ ! -e site/1 ]
}

@test "an upload that is cut, or refused for a while, is ended in the same run" {
	make_packs z
	head -c 2000000 /dev/urandom >packs/one/large
	printf '%s\n' 'cut PUT /blobs/uploads/ 1 500000' 'status PUT /manifests/ 1 503' \
		>"$work/proxy/rules"
	run package-release publish --version 1 --to "oci://$proxy/$repository"
	echo "$output"
	[ "$status" -eq 0 ]
	whole "$repository/one" 1
}

# timed_out RULE... - --keep-going, and the deadline passes; packs one, two.
timed_out() {
	make_packs w
	mkdir packs/zero
	echo zero >packs/zero/data
	printf '%s\n' "$@" >"$work/proxy/rules"
	run package-release publish --version 1 --to "oci://$proxy/$repository" \
		--keep-going --deadline 3
	echo "$output"
	[ "$status" -ne 0 ]
}

@test "--keep-going: what the deadline leaves undone was not published" {
	# One fails, and one waits when the time is up.
	timed_out 'status PUT one/manifests/1$ 1000 403' \
		'status PUT two/manifests/1$ 1000 503 20'
	[[ $output == *"2 of 3 were not published"* ]]
	run ! has_tag "$repository/two" 1
	has_tag "$repository/zero" 1
	[ "$(jq -r '[.packs[].name] | join(" ")' packs.lock.json)" = zero ]
}

@test "--keep-going: nothing is sent for what could not be looked at in time" {
	timed_out 'status GET one/manifests/1$ 1000 403' \
		'status GET two/manifests/1$ 1000 503 20'
	[[ $output == *"2 of 3 were not published"* || $output == *"3 of 3"* ]]
	run ! grep -E '(POST|PUT) .*/(one|two)/' "$work/proxy/log"
	run ! has_tag "$repository/two" 1
}

@test "the version's tag is there before latest is, of all packages" {
	make_packs v
	echo 'status GET /nothing 1 500' >"$work/proxy/rules"
	package-release publish --version 1 --latest --to "oci://$proxy/$repository"
	[ "$(sed -n 's/^[0-9]* PUT .*manifests.\(1\|latest\) .*/\1/p' "$work/proxy/log" |
		uniq | tr '\n' ' ')" = "1 latest " ]
	# And where a version cannot be set, neither is latest.
	make_packs u
	rm "$work/proxy/log"
	echo 'status PUT two/manifests/2$ 1000 403' >"$work/proxy/rules"
	run package-release publish --version 2 --latest --to "oci://$proxy/$repository"
	[ "$status" -ne 0 ]
	run ! grep 'PUT .*manifests/latest' "$work/proxy/log"
}
