#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
echoing_server.py LOG - a registry that answers whoever shows credentials with
a message that has them in it, as they came and decoded, behind padding of 0 to
200 letters, another length each time, so that cuts fall into them; long ones
as often as no client reads to the end.  Below
bearer/ it wants a token, which /token gives to whoever shows something.  LOG
gets a line for each Authorization.  Prints its port.
"""
import base64
import http.server
import json
import sys
import urllib.parse

count = 0


class Echoing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, status, answer, challenge=None):
        body = json.dumps(answer).encode()
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, shown, plain):
        global count
        padding = "x" * (count * 37 % 200)
        count += 1
        message = "%s %s %s %s" % (padding + plain, plain, shown, urllib.parse.quote(plain))
        if len(plain) > 200:  # what is replaced makes room for what was cut
            return self.send(400, padding + plain * 40)
        self.send(403, {"errors": [{"code": "ECHO", "message": message}]})

    def answer(self):
        shown = self.headers.get("Authorization", "")
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        challenge = 'Basic realm="echo"'
        if "/bearer/" in self.path:
            challenge = 'Bearer realm="http://%s/token",service="echo"' % self.headers["Host"]
        if not shown:
            return self.send(401, {"errors": [{"code": "WHO", "message": "who are you?"}]}, challenge)
        kind, value = shown.split(" ", 1)
        plain = value if kind == "Bearer" else base64.b64decode(value).decode()
        with open(sys.argv[1], "a") as log:
            print(plain, file=log)
        if self.path.startswith("/token"):
            return self.send(200, {"token": "canary-token-of-the-service"})
        return self.refuse(shown, plain)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = answer

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echoing)
print(server.server_port, flush=True)
server.serve_forever()
