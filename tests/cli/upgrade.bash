# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names are of the files that are loaded
# What tests of upgrades share: release 1 of shop is installed, and $web, an nginx
# of web.bash, serves the next.  Beside lib.bash; $work has dist/1 and key.pub.

# install_first - sets $root, and forgets what nginx was asked for.
install_first() {
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root"
	install-package setup --root "$root" --app shop --key "$work/key.pub" \
		>/dev/null
	cp "$web_dir/cert.pem" "$root/etc/ca.pem"
	printf '[source]\nca_file = /etc/ca.pem\n' >"$root/etc/tidegate/shop.ini"
	install-package --root "$root" --app shop --quiet \
		--bundle "$work/dist/1/shop-1.tar.gz"
	: >"$web_dir/log/access"
}

upgrade() { # upgrade PATH [OPTION...]
	install-package --root "$root" --app shop --url "$web/$1" "${@:2}"
}
