#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install-package --url, against a real nginx with a certificate of its own.

setup_file() {
	load install
	make_releases
	web=$BATS_FILE_TMPDIR/web
	mkdir -p "$web/www" "$web/log"
	cp "$(bundle 1.0.0)" "$web/www/bundle.tar.gz"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost -keyout "$web/key.pem" \
		-out "$web/cert.pem" 2>/dev/null
	port=$((20000 + RANDOM % 20000))
	cat >"$web/nginx.conf" <<-EOF
		daemon off;
		pid $web/nginx.pid;
		error_log $web/log/error;
		events {}
		http {
			access_log $web/log/access;
			client_body_temp_path $web/log/1; proxy_temp_path $web/log/2;
			fastcgi_temp_path $web/log/3; uwsgi_temp_path $web/log/4;
			scgi_temp_path $web/log/5;
			server {
				listen 127.0.0.1:$port ssl;
				ssl_certificate $web/cert.pem;
				ssl_certificate_key $web/key.pem;
				root $web/www;
				location /moved { return 302 https://localhost:$port/bundle.tar.gz; }
				location /plain { return 302 http://localhost:$port/bundle.tar.gz; }
				location /loop { return 302 https://localhost:$port/loop; }
			}
		}
	EOF
	# nginx, started as root, would read as another user.
	[ "$(id -u)" -ne 0 ] || sed -i '1iuser root;' "$web/nginx.conf"
	/usr/sbin/nginx -c "$web/nginx.conf" -e "$web/log/error" 3>&- &
	echo "$!" >"$web/pid"
	timeout 10 sh -c "until [ -s '$web/nginx.pid' ]; do :; done"
	export web port
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/web/pid")"
}

setup() {
	load install
	make_host
	cp "$web/cert.pem" "$root/etc/ca.pem"
	printf '[source]\nca_file = /etc/ca.pem\n' >"$root/etc/tidegate/$app.ini"
}

fetch() {
	run install-package --root "$root" --app "$app" --url "https://localhost:$port/$1"
}

@test "a bundle at an https address installs, and status says where it came from" {
	fetch bundle.tar.gz
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	run install-package status --root "$root" --app "$app"
	[[ "$output" == *"https://localhost:$port/bundle.tar.gz"* ]]
}

@test "a redirect to another https address is followed" {
	fetch moved
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a redirect to plain http, a loop, and a missing file are network errors" {
	for path in plain loop nothing; do
		fetch "$path"
		[ "$status" -eq 3 ]
		[[ "$output" == *"install-package: error: "*"https://localhost"* ]]
	done
	[ ! -e "$root/opt/$app" ]
}

@test "a server whose certificate the host does not trust is refused" {
	echo >"$root/etc/tidegate/$app.ini"
	fetch bundle.tar.gz
	[ "$status" -eq 3 ]
	[ ! -e "$root/opt/$app" ]
}

@test "plain http is refused" {
	run install-package --root "$root" --app "$app" --url "http://localhost:$port/bundle.tar.gz"
	[ "$status" -eq 2 ]
	[[ "$output" == *https://* ]]
}

@test "the url of the configuration is used where none is named" {
	printf '[source]\nurl = https://localhost:%s/bundle.tar.gz\nca_file = /etc/ca.pem\n' \
		"$port" >"$root/etc/tidegate/$app.ini"
	run install-package --root "$root" --app "$app"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
}

@test "a download leaves free what the configuration says" {
	printf '[source]\nca_file = /etc/ca.pem\n[install]\nreserve = 900000G\n' \
		>"$root/etc/tidegate/$app.ini"
	run install-package --root "$root" --app "$app" --verify-only \
		--url "https://localhost:$port/bundle.tar.gz"
	[ "$status" -eq 7 ]
	[[ "$output" == *reserve* ]]
}

@test "Sigstore evidence of a server is judged before its payload is asked for" {
	printf '[policy]\nrequire = minisign, sigstore, provenance\n' \
		>>"$root/etc/tidegate/$app.ini"
	export COSIGN_PASSWORD=
	package-release keygen --type cosign --no-password \
		--output "$BATS_TEST_TMPDIR/ci.key"
	cp "$BATS_TEST_TMPDIR/ci.key.pub" "$root/etc/tidegate/trust/$app/ci.pem"
	fetch bundle.tar.gz
	[ "$status" -eq 4 ]
	[[ $output == *"require = sigstore is not met"* ]]
	cp "$(bundle 1.0.0)" "$web/www/signed.tar.gz"
	package-release sign --cosign-key "$BATS_TEST_TMPDIR/ci.key" \
		"$web/www/signed.tar.gz"
	package-release attest --cosign-key "$BATS_TEST_TMPDIR/ci.key" \
		--builder https://ci.example/ "$web/www/signed.tar.gz"
	fetch signed.tar.gz
	echo "$output"
	[ "$status" -eq 0 ]
	same_tree 1.0.0
	check-health --root "$root" --app "$app"
}
