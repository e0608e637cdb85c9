#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A token server for docker-registry:  oci_tokens.py FOLDER

FOLDER has key.pem and cert.pem, and gets a log: a line for each request, with
the kind of credentials.  "u:p" may pull and push everything; "reader:p" may pull;
nobody may pull acme/open; the refresh token "identity" may pull.  Prints the port it listens on.
"""
import base64
import http.server
import json
import subprocess
import sys
import time
import urllib.parse

folder = sys.argv[1]


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def basic(pair):
    return "Basic " + base64.b64encode(pair).decode()


def certificate():
    lines = open(folder + "/cert.pem").read().split("\n")
    return "".join(line for line in lines if line and "-" not in line)


def sign(scopes, allowed):
    access = []
    for scope in scopes:
        kind, name, actions = scope.split(":")
        access.append({"type": kind, "name": name,
                       "actions": [a for a in actions.split(",") if a in allowed]})
    now = int(time.time())
    head = {"typ": "JWT", "alg": "RS256", "x5c": [certificate()]}
    body = {"iss": "tests", "sub": "u", "aud": "test", "exp": now + 300,
            "nbf": now - 10, "iat": now, "jti": "1", "access": access}
    text = b".".join(encode(json.dumps(part).encode()) for part in (head, body))
    signature = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", folder + "/key.pem"],
        input=text, capture_output=True, check=True).stdout
    return (text + b"." + encode(signature)).decode()


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def note(self, text):
        with open(folder + "/log", "a") as log:
            log.write(text + "\n")

    def give(self, fields, is_known, allowed=("pull",)):
        scopes = [scope for field in fields.get("scope", [])
                  for scope in field.split()]
        is_open = all(":acme/open:" in scope for scope in scopes)
        if not is_known and not is_open:
            self.answer(401, {"errors": [{"code": "UNAUTHORIZED",
                                          "message": "who are you?"}]})
            return
        self.answer(200, {"token": sign(scopes, allowed), "expires_in": 300})

    def do_GET(self):
        fields = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        sent = self.headers.get("Authorization", "")
        self.note("GET " + (sent.split()[0] if sent else "anonymous") +
                  " " + " ".join(fields.get("scope", [])))
        rights = {"": ("pull",), basic(b"u:p"): ("pull", "push"),
                  basic(b"reader:p"): ("pull",)}
        self.give(fields, sent != "" and sent in rights, rights.get(sent, ()))

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        fields = urllib.parse.parse_qs(self.rfile.read(length).decode())
        self.note("POST " + fields.get("grant_type", [""])[0])
        self.give(fields, fields.get("refresh_token") == ["identity"])


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(server.server_port, flush=True)
server.serve_forever()
