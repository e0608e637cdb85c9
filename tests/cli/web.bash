# SPDX-License-Identifier: Apache-2.0
# Servers on loopback for bats files:  load web

# shellcheck source=tests/helpers/wait.bash
source "${BASH_SOURCE[0]%/*}/../helpers/wait.bash"

# start_bad_server FILE - bad_server.py; sets $bad, its address, and $bad_log.
# stop_servers ends it.
start_bad_server() {
	bad_log=$BATS_FILE_TMPDIR/bad.log
	: >"$bad_log"
	python3 "$BATS_TEST_DIRNAME/bad_server.py" "$1" "$bad_log" \
		>"$BATS_FILE_TMPDIR/bad.port" 2>"$BATS_FILE_TMPDIR/bad.err" 3>&- &
	echo "$!" >>"$BATS_FILE_TMPDIR/servers"
	wait_for_server "$!" "$BATS_FILE_TMPDIR/bad.err" test -s "$BATS_FILE_TMPDIR/bad.port"
	bad=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/bad.port")
	export bad bad_log
}

# start_nginx FOLDER [LINES] - nginx over TLS with a certificate of its own,
# serving FOLDER; LINES go into its server block.  Sets $web, its address, and
# $web_dir with cert.pem and log/access.
start_nginx() {
	local port=$((10000 + RANDOM % 20000))
	web_dir=$BATS_FILE_TMPDIR/nginx
	mkdir -p "$web_dir/log"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost -keyout "$web_dir/key.pem" \
		-out "$web_dir/cert.pem" 2>/dev/null
	cat >"$web_dir/nginx.conf" <<-EOF_NGINX
		daemon off;
		pid $web_dir/nginx.pid;
		error_log $web_dir/log/error;
		events {}
		http {
			log_format line '\$request_method \$request_uri \$status \$body_bytes_sent \$http_range';
			access_log $web_dir/log/access line;
			client_body_temp_path $web_dir/log/1; proxy_temp_path $web_dir/log/2;
			fastcgi_temp_path $web_dir/log/3; uwsgi_temp_path $web_dir/log/4;
			scgi_temp_path $web_dir/log/5;
			server {
				listen 127.0.0.1:$port ssl http2;
				ssl_certificate $web_dir/cert.pem;
				ssl_certificate_key $web_dir/key.pem;
				root $1;
				${2-}
			}
		}
	EOF_NGINX
	# nginx, started as root, would read as another user.
	[ "$(id -u)" -ne 0 ] || sed -i '1iuser root;' "$web_dir/nginx.conf"
	/usr/sbin/nginx -c "$web_dir/nginx.conf" -e "$web_dir/log/error" 3>&- &
	echo "$!" >>"$BATS_FILE_TMPDIR/servers"
	wait_for_server "$!" "$web_dir/log/error" test -s "$web_dir/nginx.pid"
	web=https://localhost:$port
	export web web_dir
}

stop_servers() {
	local pid
	while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done <"$BATS_FILE_TMPDIR/servers"
}
