# SPDX-License-Identifier: Apache-2.0
# What the benches that need a server share.  Sourced by bash scripts that set
# $work, a folder of their own, before.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(realpath "${TIDEGATE_BUILD:-$here/../../build/cc}")
PATH=$build/bin:$PATH
# Trees and what peers make of them; a second run finds them there.
cache=$(realpath -m "${BENCH_CACHE:-$here/../../build/bench}")
app=bench

# An npm application with all that it needs, and a Debian package of C++: two
# releases each.  "apt" takes the two versions furthest apart that apt offers.
npm_application=${BENCH_NPM:-directus 12.3.1 12.4.0}
debian_package=${BENCH_DEBIAN:-libreoffice-core apt}

# nginx on loopback, as the tests start it.
BATS_FILE_TMPDIR=$work
# shellcheck source=../cli/web.bash
. "$here/../cli/web.bash"

say() {
	echo "bench: $*" >&2
}

load() {
	echo "load $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) processors"
}

# --- trees -------------------------------------------------------------------

# A tree as all sides can make it again: plain modes, one time for everything,
# and no links that leave it.
settle() {
	find "$1" -xdev ! -type d ! -type f ! -type l -delete
	find "$1" -type l -lname '/*' -delete
	find "$1" -type f -name '*[[:cntrl:]]*' -delete
	find "$1" -type d -exec chmod 755 {} +
	find "$1" -type f -exec chmod u=rwX,go=rX {} +
	find "$1" -exec touch -h -d @1700000000 {} +
}

# npm_tree NAME VERSION DIR [LOCKED]: with the lock file of the release before,
# as a team goes from one release to the next.
npm_tree() {
	mkdir -p "$3"
	if [ -n "${4-}" ]; then
		cp "$4/package.json" "$4/package-lock.json" "$3"
	else
		echo '{ "name": "bench", "version": "1.0.0", "private": true }' \
			>"$3/package.json"
	fi
	say "npm install $1@$2"
	(cd "$3" && npm install --silent --ignore-scripts --omit=dev --no-audit \
		--no-fund --legacy-peer-deps --save-exact "$1@$2" >/dev/null) || return 1
	settle "$3"
}

# debian_tree NAME VERSION DIR
debian_tree() {
	say "apt-get download $1=$2"
	mkdir -p "$3.deb"
	(cd "$3.deb" && apt-get -qq download "$1=$2" 2>/dev/null) || return 1
	dpkg -x "$3.deb"/*.deb "$3"
	rm -r "$3.deb"
	settle "$3"
}

# trees_npm and trees_debian: $cache/SET with 1, 2 and "name"; sets $trees.
trees_npm() {
	local name old new
	read -r name old new <<<"$npm_application"
	trees=$cache/npm-$name-$old-$new
	[ ! -e "$trees/name" ] || return 0
	rm -rf "$trees"
	npm_tree "$name" "$old" "$trees/1" || return 1
	npm_tree "$name" "$new" "$trees/2" "$trees/1" || return 1
	echo "$name $old to $new with its dependencies (npm)" >"$trees/name"
}

trees_debian() {
	local name versions old new
	read -r name versions <<<"$debian_package"
	[ "$versions" != apt ] || versions=$(apt-cache madison "$name" |
		awk '$6 ~ /./ { print $3 }' | sort -uV | sed -n '1p;$p' | tr '\n' ' ')
	read -r old new <<<"$versions"
	[ -n "$new" ] && [ "$old" != "$new" ] || return 1
	trees=$cache/debian-$name-$(echo "$old-$new" | tr -c '[:alnum:].\n-' _)
	[ ! -e "$trees/name" ] || return 0
	rm -rf "$trees"
	debian_tree "$name" "$old" "$trees/1" || return 1
	debian_tree "$name" "$new" "$trees/2" || return 1
	echo "$name $old to $new (Debian)" >"$trees/name"
}

# --- releases and hosts ------------------------------------------------------

make_key() {
	package-release keygen --no-password --output "$work/key" >/dev/null
}

# bundle NAME VERSION TREE OUT [OPTION...]: OUT/VERSION/$app-VERSION.tar.gz, and
# what that takes in $work/NAME.times.
bundle() {
	measure "$1" env SOURCE_DATE_EPOCH=1700000000 package-release bundle \
		--app $app --version "$2" --sequence "$2" --payload "$3" \
		--out "$4" --profile dev --skip-sbom --key "$work/key" --quiet \
		"${@:5}"
}

# pack VERSION TREE: $work/dist/VERSION/$app-VERSION.tar.gz, and its parts in
# $work/parts/VERSION.
pack() {
	bundle pack "$1" "$2" "$work/dist"
	mkdir -p "$work/parts/$1"
	tar -C "$work/parts/$1" -xzf "$work/dist/$1/$app-$1.tar.gz"
}

# make_host DIR: trusts the key, and the certificate of nginx.
make_host() {
	mkdir "$1"
	install-package setup --root "$1" --app $app --key "$work/key.pub" --quiet
	cp "$web_dir/cert.pem" "$1/etc/ca.pem"
	printf '[source]\nca_file = /etc/ca.pem\n' >"$1/etc/tidegate/$app.ini"
}

# --- the server's log --------------------------------------------------------

mark() {
	logged=$(wc -l <"$web_dir/log/access")
}

# since_mark: "BYTES REQUESTS" of bodies that nginx sent since then.  nginx
# writes a line when it is done with an answer, a moment after the client is.
since_mark() {
	local before=-1 now
	until now=$(wc -l <"$web_dir/log/access") && [ "$now" -eq "$before" ]; do
		before=$now
		sleep 0.3
	done
	tail -n "+$((logged + 1))" "$web_dir/log/access" |
		awk '{ bytes += $4; n++ } END { printf "%d %d\n", bytes, n }'
}

# --- times -------------------------------------------------------------------

# measure NAME COMMAND...: append "seconds CPU-seconds KiB" to $work/NAME.times;
# what it says goes to $work/NAME.log.
measure() {
	local name=$1
	shift
	/usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@" \
		>"$work/$name.log" 2>&1 || return
	awk '{ print $1, $2 + $3, $4 }' "$work/time" >>"$work/$name.times"
}

# median NAME FIELD
median() {
	cut -d' ' -f"$2" "$work/$1.times" | sort -n |
		sed -n "$((($(wc -l <"$work/$1.times") + 1) / 2))p"
}
