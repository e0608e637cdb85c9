#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry that does as it is told:  false_registry.py FOLDER PORT_FILE

What it answers to a path are files of the FOLDER of that name, read anew for
each request: the body, and beside it PATH.status, PATH.type and PATH.next (the
next page).  A PATH.hang is noted and never answered; a PATH.echo is answered
with what Authorization said.  What is not there is 404, or what the file
"absent" in the FOLDER says.  FOLDER/log has a line for each request, written
before it is answered.
"""
import base64
import http.server
import json
import os
import sys
import time

folder, port_file = sys.argv[1:]
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def read(path):
    try:
        with open(folder + path, "rb") as file:
            return file.read()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def kind_of(path):
    if "/referrers/" in path:
        return INDEX
    return MANIFEST if "/manifests/" in path else "application/octet-stream"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, status, body, fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def echo(self):
        said = self.headers.get("Authorization", "")
        plain = base64.b64decode(said.removeprefix("Basic ") or b"").decode()
        body = {"errors": [{"code": "DENIED", "message": f"{said} {plain}"}]}
        status = 403 if said else 401
        self.reply(status, json.dumps(body).encode(), {"WWW-Authenticate": 'Basic realm="r"'})

    def do_GET(self):
        with open(folder + "/log", "a", encoding="ascii") as log:
            log.write(self.path + "\n")
        body = read(self.path)
        if read(self.path + ".hang") is not None:
            time.sleep(60)
        if read(self.path + ".echo") is not None:
            self.echo()
            return
        if body is None:
            self.reply(int(read("/absent") or 404), b"", {})
            return
        fields = {"Content-Type": (read(self.path + ".type") or kind_of(self.path).encode()).decode()}
        following = read(self.path + ".next")
        if following:
            fields["Link"] = f'<{following.decode()}>; rel="next"'
        self.reply(int(read(self.path + ".status") or 200), body, fields)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".new", "w", encoding="ascii") as file:
    file.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
