# SPDX-License-Identifier: Apache-2.0
# Waiting for what is to come, for bats files:  load ../helpers/wait

# wait_until COMMAND... - until it succeeds; for a minute, then that is said.
wait_until() {
	wait_for_server "" /dev/null "$@"
}

# wait_for_server PID LOG COMMAND... - the same for a server, which must live as
# long; when it does not come, its LOG is shown.
wait_for_server() {
	local pid=$1 log=$2 began=$SECONDS
	shift 2
	until "$@" >/dev/null 2>&1; do
		if [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null; then
			echo "it has ended; waited for: $*" >&2
		elif [ $((SECONDS - began)) -ge 60 ]; then
			echo "after a minute not yet: $*" >&2
		else
			sleep 0.02
			continue
		fi
		cat "$log" >&2
		return 1
	done
}
