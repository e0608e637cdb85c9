# SPDX-License-Identifier: Apache-2.0
# One operation of install-package that is interrupted, and what must hold of
# the host then: `current` names a whole release at every moment, and the next
# run needs no operator.  Sourced by sweep and faults, with $operation set.
# shellcheck shell=bash disable=SC2034,SC2154 # operation, at and status are the caller's

here=$(cd "$(dirname "$0")" && pwd)
build=${TIDEGATE_BUILD:-$here/../../build/cc}
PATH=$build/bin:$PATH
app=shop
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=tests/helpers/wait.bash
source "${BASH_SOURCE[0]%/*}/../helpers/wait.bash"

source_of() {
	local version=$1 src=$work/src-$1
	mkdir -p "$src/bin" "$src/share/deep"
	echo "program $version" >"$src/bin/program"
	chmod 755 "$src/bin/program"
	head -c 200000 /dev/zero | tr '\0' "${version%%.*}" >"$src/share/large"
	: >"$src/share/empty"
	echo "$version" >"$src/share/deep/version"
	ln -s ../share/large "$src/bin/link"
}

pack() {
	source_of "$1"
	SOURCE_DATE_EPOCH=1700000000 package-release bundle --app "$app" \
		--version "$1" --payload "$work/src-$1" --out "$work/dist" \
		--sequence "${1%%.*}" --profile dev --key "$work/key" >/dev/null
}

# run ROOT COMMAND...: without progress on the screen.
host() {
	local root=$1
	shift
	install-package "$@" --root "$root" --app "$app" --quiet
}

configure() {
	printf '[health]\ncommand = %s\nuser = nobody\ntimeout = 1\n' "$1" \
		>"$work/template/etc/tidegate/$app.ini"
}

bundle() {
	echo "$work/dist/$1/$app-$1.tar.gz"
}

prepare() {
	package-release keygen --no-password --output "$work/key" >/dev/null
	for version in 1.0.0 2.0.0 3.0.0; do
		pack $version
	done
	mkdir "$work/template"
	host "$work/template" setup --key "$work/key.pub"
	host "$work/template" install --bundle "$(bundle 1.0.0)"
	case $operation in
	install) ;;
	activate) host "$work/template" install --no-activate --bundle "$(bundle 2.0.0)" ;;
	rollback) host "$work/template" install --bundle "$(bundle 2.0.0)" ;;
	repair)
		host "$work/template" install --bundle "$(bundle 2.0.0)"
		rm "$work/template/opt/$app/releases/2.0.0/share/empty"
		;;
	renew) # a second key vouches for what is installed
		host "$work/template" install --bundle "$(bundle 2.0.0)"
		package-release keygen --no-password --output "$work/key2" >/dev/null
		host "$work/template" trust add "$work/key2.pub"
		package-release sign --key "$work/key2" "$(bundle 2.0.0)" >/dev/null
		;;
	prune)
		host "$work/template" install --bundle "$(bundle 2.0.0)"
		host "$work/template" install --bundle "$(bundle 3.0.0)"
		;;
	gate | revert) # a release marked bad, which may pass its gate this time
		configure /bin/false
		host "$work/template" install --bundle "$(bundle 2.0.0)" 2>/dev/null ||
			[ $? -eq 8 ]
		[ "$operation" = revert ] || configure /bin/true
		;;
	*)
		echo "unknown operation $operation" >&2
		exit 2
		;;
	esac
}

# The command that is killed, and run again.
set_command() {
	case $operation in
	install | repair | renew) set -- install --bundle "$(bundle 2.0.0)" ;;
	activate) set -- activate 2.0.0 ;;
	rollback) set -- rollback --to 1.0.0 ;;
	prune) set -- prune --keep 1 ;;
	gate | revert) set -- activate 2.0.0 --even-if-bad ;;
	esac
	command=("$@" --root "$work/root" --app "$app" --quiet)
}

# What current may name, what it names before, what the operation is to make of
# it, what it must name in the end; and the status of a run that is let be.
usual=0
case $operation in
install | activate | gate) allowed='1.0.0 2.0.0' start=1.0.0 goal=2.0.0 final=2.0.0 ;;
revert) allowed='1.0.0 2.0.0' start=1.0.0 goal=2.0.0 final=1.0.0 usual=8 ;;
rollback) allowed='1.0.0 2.0.0' start=2.0.0 goal=1.0.0 final=1.0.0 ;;
repair | renew) allowed=2.0.0 start=2.0.0 goal=2.0.0 final=2.0.0 ;;
prune) allowed=3.0.0 start=3.0.0 goal=3.0.0 final=3.0.0 ;;
esac

fail() {
	echo "not ok 1 - $operation: killed $at: $*"
	exit 1
}

fresh_root() {
	rm -rf "$work/root"
	cp -a "$work/template" "$work/root"
}

current() {
	local target
	target=$(readlink "$work/root/opt/$app/current") || fail "there is no current"
	echo "${target#releases/}"
}

whole() {
	diff -r --no-dereference -x profile.env "$work/src-$1" "$work/root/opt/$app/releases/$1" >&2 ||
		fail "release $1 is not whole"
}

check_killed() {
	local version
	version=$(current)
	case " $allowed " in
	*" $version "*) ;;
	*) fail "current names $version" ;;
	esac
	# The damaged release of a repair stays damaged until it is exchanged.
	[ "$operation" = repair ] || whole "$version"
}

# A run that reports an error has changed nothing, or says what is current; one
# that cannot go back has a status of its own.
check_failed() {
	local version
	version=$(current)
	if [ "$start" = "$final" ]; then
		: # no error can be wrong about it
	elif [ "$version" = "$start" ]; then
		! grep -q "release $goal is current" "$work/stderr"
	elif [ "$status" -eq 9 ]; then
		grep -q 'going back failed' "$work/stderr"
	else
		grep -q "release $version is current" "$work/stderr"
	fi || fail "current is $version, status $status: $(cat "$work/stderr")"
}

check_final() {
	[ "$(current)" = "$final" ] || fail "current is $(current) after the next run"
	whole "$final"
	[ "$operation" != renew ] ||
		grep -q ' = key2' "$work/root/opt/$app/packages/2.0.0/receipt.ini" ||
		fail "the new evidence is not there"
	[ "$operation" != prune ] || [ ! -e "$work/root/opt/$app/releases/1.0.0" ] ||
		fail "prune left 1.0.0"
	leftovers=$(find "$work/root" -name '.staging*' -o -name '.trash*' \
		-o -name '.next' -o -name 'journal*' -o -name '.*.new')
	[ -z "$leftovers" ] || fail "left over: $leftovers"
}

had_the_lock() {
	status=0
	"$build/bin/install-package" "${command[@]}" 2>"$work/stderr" ||
		status=$?
	[ "$status" -ne 75 ]
}

next_run() {
	local status
	# What failed its gate stays away by itself.
	[ "$operation" != revert ] || command=(recover --root "$work/root" --app "$app" --quiet)
	# A rollback that was complete has nothing left to do.  What watches a
	# health command needs a moment to end it, and keeps the lock till then.
	wait_until had_the_lock || fail "the lock is never free"
	[ "$status" -eq 0 ] ||
		fail "the next run failed: $(cat "$work/stderr")"
	check_final
}
