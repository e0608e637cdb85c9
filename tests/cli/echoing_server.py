#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry that says back what it is shown:  echoing_server.py LOG

It asks for Basic credentials, and refuses them with a message that has them in
it, as they came and decoded.  LOG gets a line for each Authorization.  Prints
its port.
"""
import base64
import http.server
import json
import sys
import urllib.parse


class Echoing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        shown = self.headers.get("Authorization", "")
        status, message = 401, "who are you?"
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if shown:
            plain = base64.b64decode(shown.split(" ", 1)[1]).decode()
            with open(sys.argv[1], "a") as log:
                print(plain, file=log)
            status, message = 403, "%s %s %s" % (plain, shown, urllib.parse.quote(plain))
        body = json.dumps({"errors": [{"code": "ECHO", "message": message}]}).encode()
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="echo"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = answer

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echoing)
print(server.server_port, flush=True)
server.serve_forever()
