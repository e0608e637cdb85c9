# SPDX-License-Identifier: Apache-2.0
# Releases and a scratch host for the tests that install.  Sourced by bats files.

build=${TIDEGATE_BUILD:-$BATS_TEST_DIRNAME/../../build/cc}
# The programs under test come first; workers and data lie beside them.
PATH=$build/bin:$PATH
app=shop

# One key and three releases, made once per file.
make_releases() {
	work=$BATS_FILE_TMPDIR
	package-release keygen --no-password --output "$work/release.key"
	for version in 1.0.0 1.1.0 1.2.0; do
		make_release "$version"
	done
}

# make_release VERSION [SEQUENCE]: payload in $work/src-VERSION, bundle in
# $work/dist/VERSION.
make_release() {
	local version=$1 sequence=${2:-} src
	src=$BATS_FILE_TMPDIR/src-$version
	mkdir -p "$src/bin" "$src/site/deep/er"
	printf '#!/bin/sh\necho %s %s\n' "$app" "$version" >"$src/bin/hello"
	chmod 755 "$src/bin/hello"
	echo "welcome to $version" >"$src/site/index.html"
	head -c 300000 /dev/zero | tr '\0' "${version#*.}" >"$src/site/large.bin"
	: >"$src/site/empty"
	echo deep >"$src/site/deep/er/file with blank"
	ln -sfn ../site/index.html "$src/bin/link"
	[ -n "$sequence" ] || sequence=$(echo "$version" | tr -d .)
	SOURCE_DATE_EPOCH=1700000000 package-release bundle --app "$app" \
		--version "$version" --payload "$src" \
		--out "$BATS_FILE_TMPDIR/dist" --sequence "$sequence" \
		--profile dev --key "$BATS_FILE_TMPDIR/release.key" >/dev/null
}

bundle() {
	echo "$BATS_FILE_TMPDIR/dist/$1/$app-$1.tar.gz"
}

# A scratch host that trusts the key: $root.
make_host() {
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root"
	install-package setup --root "$root" --app "$app" \
		--key "$BATS_FILE_TMPDIR/release.key.pub"
}

install() {
	install-package --root "$root" --app "$app" --bundle "$(bundle "$1")" "${@:2}"
}

current() {
	readlink "$root/opt/$app/current"
}

previous() {
	readlink "$root/opt/$app/previous"
}

# The installed tree of VERSION is exactly its source, and the stamped profile.
same_tree() {
	diff -r --no-dereference -x profile.env "$BATS_FILE_TMPDIR/src-$1" \
		"$root/opt/$app/releases/$1"
}

# Everything below the host's folders, for "changes nothing"; only the lock,
# which names its last holder, may change.
snapshot() {
	(cd "$root" && find . ! -name lock -printf '%p %y %m %s %l %T@\n' | sort)
}
