# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034 # for the tests
# Registries on loopback for bats files:  load lib; load oci
#
# Debian's docker-registry, which several processes may serve from one folder:
# what is pushed to the open one is seen through those that want credentials.

# shellcheck source=tests/helpers/wait.bash
source "${BASH_SOURCE[0]%/*}/../helpers/wait.bash"

type_manifest=application/vnd.oci.image.manifest.v1+json
type_index=application/vnd.oci.image.index.v1+json
type_bundle=application/vnd.tidegate.bundle.v1
type_sigstore=application/vnd.dev.sigstore.bundle.v0.3+json

# start_registry NAME [AUTH [TLS]] - a docker-registry; AUTH is a block of YAML,
# TLS the value of http.tls.  Sets $registry_NAME to host:port.
start_registry() {
	try_registry "$@" || try_registry "$@" || try_registry "$@"
}

# It fails where somebody else has the port.
try_registry() {
	local port=$((10000 + RANDOM % 20000)) folder=$BATS_FILE_TMPDIR/$1
	mkdir -p "$folder"
	cat >"$folder/config.yml" <<-EOF
		version: 0.1
		log: {level: error, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $BATS_FILE_TMPDIR/store}}
		http: {addr: "127.0.0.1:$port", secret: x${3+, tls: $3}}
		${2-}
	EOF
	docker-registry serve "$folder/config.yml" >"$folder/log" 2>&1 3>&- &
	echo "$!" >>"$BATS_FILE_TMPDIR/servers"
	wait_for_server "$!" "$folder/log" curl -sk "http${3+s}://127.0.0.1:$port/v2/" || return
	export "registry_$1=127.0.0.1:$port"
}

# start_tokens - oci_tokens.py; sets $tokens_auth, the block for start_registry.
start_tokens() {
	local folder=$BATS_FILE_TMPDIR/tokens
	mkdir -p "$folder"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tokens \
		-keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
	python3 "$BATS_TEST_DIRNAME/oci_tokens.py" "$folder" \
		>"$folder/port" 2>"$folder/err" 3>&- &
	echo "$!" >>"$BATS_FILE_TMPDIR/servers"
	wait_for_server "$!" "$folder/err" test -s "$folder/port"
	tokens_auth="auth: {token: {realm: \"http://127.0.0.1:$(cat "$folder/port")/token\", service: test, issuer: tests, rootcertbundle: $folder/cert.pem}}"
}

# start_bad_registry FOLDER - bad_registry.py with the parts of a release; sets
# $bad to its host:port, and $bad_log.
start_bad_registry() {
	bad_log=$BATS_FILE_TMPDIR/bad.log
	python3 "$BATS_TEST_DIRNAME/bad_registry.py" "$1" "$bad_log" \
		>"$BATS_FILE_TMPDIR/bad.port" 2>"$BATS_FILE_TMPDIR/bad.err" 3>&- &
	echo "$!" >>"$BATS_FILE_TMPDIR/servers"
	wait_for_server "$!" "$BATS_FILE_TMPDIR/bad.err" test -s "$BATS_FILE_TMPDIR/bad.port"
	bad=127.0.0.1:$(cat "$BATS_FILE_TMPDIR/bad.port")
	export bad bad_log
}

# start_push_proxy HOST:PORT [NAME] - push_proxy.py before a registry, with the
# folder NAME (proxy) beside; sets $NAME to its host:port.
start_push_proxy() {
	local name=${2-proxy} folder=$BATS_FILE_TMPDIR/${2-proxy}
	mkdir -p "$folder"
	python3 "$BATS_TEST_DIRNAME/push_proxy.py" "$1" "$folder" \
		>"$folder/port" 2>"$folder/err" 3>&- &
	echo "$!" >>"$BATS_FILE_TMPDIR/servers"
	wait_for_server "$!" "$folder/err" test -s "$folder/port"
	export "$name=127.0.0.1:$(cat "$folder/port")"
}

stop_servers() {
	local pid
	while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done <"$BATS_FILE_TMPDIR/servers"
}

digest_of() {
	echo "sha256:$(sha256sum "$1" | cut -d ' ' -f 1)"
}

# push_blob REGISTRY/REPOSITORY FILE
push_blob() {
	local url=http://${1/\//\/v2\/} digest location
	digest=$(digest_of "$2")
	location=$(curl -sS -o /dev/null -D - -X POST "$url/blobs/uploads/" |
		tr -d '\r' | sed -n 's/^Location: //Ip')
	curl -sS -f -o /dev/null -X PUT --data-binary "@$2" \
		-H 'Content-Type: application/octet-stream' \
		"$location&digest=$digest"
}

# push_manifest REGISTRY/REPOSITORY REFERENCE FILE [TYPE]
push_manifest() {
	curl -sS -f -o /dev/null -X PUT --data-binary "@$3" \
		-H "Content-Type: ${4-$type_manifest}" \
		"http://${1/\//\/v2\/}/manifests/$2"
}

# descriptor FILE TYPE [TITLE] - of a blob or manifest, as JSON.
descriptor() {
	jq -nc --arg type "$2" --arg digest "$(digest_of "$1")" \
		--arg size "$(stat -c %s "$1")" --arg title "${3-}" \
		'{mediaType: $type, digest: $digest, size: ($size | tonumber)} +
		if $title == "" then {} else
		{annotations: {"org.opencontainers.image.title": $title}} end'
}

# manifest TYPE [LAYER...] - with these descriptors; an empty blob is config.
manifest() {
	local type=$1
	shift
	printf '%s\n' "$@" | jq -sc --arg type "$type" --arg own "$type_manifest" \
		'{schemaVersion: 2, mediaType: $own, artifactType: $type,
		config: {mediaType: "application/vnd.oci.empty.v1+json", size: 2, data: "e30=",
		digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
		layers: .}'
}

# push_artifact REGISTRY/REPOSITORY REFERENCE TYPE FILE... - each file a layer
# called as it is; prints the manifest's digest.
push_artifact() {
	local to=$1 reference=$2 type=$3 file layers=() made=$BATS_FILE_TMPDIR/made
	shift 3
	printf '{}' >"$made.empty"
	push_blob "$to" "$made.empty"
	for file; do
		push_blob "$to" "$file"
		layers+=("$(descriptor "$file" application/octet-stream "$(basename "$file")")")
	done
	manifest "$type" "${layers[@]}" >"$made"
	push_manifest "$to" "$reference" "$made"
	digest_of "$made"
}

# parts_of FOLDER - the parts of a release, without the bundle beside them.
parts_of() {
	find "$1" -maxdepth 1 -type f ! -name '*-*.tar.gz' | sort
}

# push_release REGISTRY/REPOSITORY TAG VERSION
push_release() {
	local files
	mapfile -t files < <(parts_of "$BATS_FILE_TMPDIR/dist/$3")
	push_artifact "$1" "$2" "$type_bundle" "${files[@]}"
}
