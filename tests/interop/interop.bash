# SPDX-License-Identifier: Apache-2.0
# What the tests with other people's tools share.  Sourced by bats files.

bats_require_minimum_version 1.5.0

checkout=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
export build=${TIDEGATE_BUILD:-$checkout/build/cc}
export tools=$checkout/build/interop
export vectors=$checkout/../shared/vectors/sigstore
PATH=$build/bin:$tools/bin:$PATH
unset SOURCE_DATE_EPOCH COSIGN_PASSWORD COSIGN_KEY
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1700000000

# shellcheck source=tests/helpers/wait.bash
source "${BASH_SOURCE[0]%/*}/../helpers/wait.bash"

# Registries: each notes its process in the file "servers", and exports where it
# answers under the name that it has in the functions below.
start_docker_registry() {
	docker=127.0.0.1:$((10000 + RANDOM % 20000))
	cat >registry.yml <<-EOF
		version: 0.1
		log: {level: error, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $BATS_FILE_TMPDIR/store}}
		http: {addr: "$docker"}
	EOF
	docker-registry serve registry.yml >docker.log 2>&1 3>&- &
	echo "$!" >>servers
	wait_for_server "$!" docker.log curl -s "http://$docker/v2/"
	export docker
}

start_olareg() {
	local port=$((10000 + RANDOM % 20000))
	olareg serve --addr 127.0.0.1 --port "$port" --store-type mem \
		>olareg.log 2>&1 3>&- &
	echo "$!" >>servers
	olareg=127.0.0.1:$port
	wait_for_server "$!" olareg.log curl -s "http://$olareg/v2/"
	export olareg
}

# each_case DIR FUNCTION - call FUNCTION NAME EXPECTED ARGUMENTS... for each
# case of a suite laid out as the conformance suite is; EXPECTED is good or bad.
each_case() {
	local folder name expected root artifact identity issuer
	for folder in "$1"/*/; do
		name=$(basename "$folder")
		expected=good
		[[ $name != *_fail ]] || expected=bad
		root=${folder}trusted_root.json
		[ -e "$root" ] || root=$vectors/trust/production.trusted_root.json
		artifact=${folder}artifact
		[ -e "$artifact" ] || artifact=$vectors/a.txt
		identity=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main
		issuer=https://token.actions.githubusercontent.com
		[ ! -e "$folder/identity" ] || identity=$(cat "$folder/identity")
		[ ! -e "$folder/issuer" ] || issuer=$(cat "$folder/issuer")
		if [ -e "$folder/key.pub" ]; then
			set -- "$1" "$2" --key "${folder}key.pub"
		else
			set -- "$1" "$2" --certificate-identity "$identity" \
				--certificate-oidc-issuer "$issuer"
		fi
		"$2" "$name" "$expected" --bundle "${folder}bundle.sigstore.json" \
			"${@:3}" --trusted-root "$root" "$artifact"
	done
}

# Each program in a row of the same words: good or bad.
ours() {
	verdict package-release sigstore verify-bundle "$@"
}

second_opinion() {
	local node=node
	[ ! -x "$tools/node_modules/.bin/node" ] ||
		node=$tools/node_modules/.bin/node
	NODE_PATH=$tools/node_modules verdict "$node" \
		"$BATS_TEST_DIRNAME/verify.cjs" "$@"
}

verdict() {
	if "$@" >/dev/null 2>&1; then echo good; else echo bad; fi
}
