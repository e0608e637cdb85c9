# SPDX-License-Identifier: Apache-2.0
# The stand-in for GitHub, for bats files:  load github

# shellcheck source=tests/helpers/wait.bash
source "${BASH_SOURCE[0]%/*}/../helpers/wait.bash"

# start_github [--socket PATH] - sets $github, the folder of its state, and
# $api, its address.  stop_github ends it.
start_github() {
	github=$BATS_TEST_TMPDIR/github
	mkdir -p "$github"
	python3 "$BATS_TEST_DIRNAME/../cli/github_server.py" "$github" "$@" \
		>"$github/ports" 2>"$github/errors" 3>&- &
	github_pid=$!
	wait_for_server "$github_pid" "$github/errors" test -s "$github/ports"
	api=http://127.0.0.1:$(cut -d' ' -f1 "$github/ports")
	export github api github_pid
}

stop_github() {
	kill "$github_pid" 2>/dev/null || true
}

# behave JSON - what the stand-in does from now on.
behave() {
	printf '%s\n' "$1" >"$github/behaviour.json.new"
	mv "$github/behaviour.json.new" "$github/behaviour.json"
}

# publish TAG [MEMBERS] [FILE...] - a release of acme/tool; MEMBERS is JSON.
publish() {
	local id file members=${2:-}
	[ -n "$members" ] || members={}
	id=$(jq -nc --arg tag "$1" --argjson more "$members" \
		'{tag_name: $tag} + $more' |
		curl -sSf -d @- "$api/repos/acme/tool/releases" | jq .id)
	for file in "${@:3}"; do
		curl -sSf -o /dev/null -H 'Content-Type: application/octet-stream' \
			--data-binary "@$file" \
			"$api/repos/acme/tool/releases/$id/assets?name=$(basename "$file")"
	done
}

# requests JQ-FILTER - how many requests fit.
requests() {
	jq -s "[.[] | select($1)] | length" "$github/log"
}
