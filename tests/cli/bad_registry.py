#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry that misbehaves:  bad_registry.py FOLDER LOG

FOLDER holds the parts of a release; the repository's name says what is wrong
with it.  LOG gets a line for each request: method, path, and the kind of
credentials.  Prints the port it listens on.
"""
import hashlib
import http.server
import json
import os
import sys
import threading

folder, log_path = sys.argv[1:3]
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
SIGSTORE = "application/vnd.dev.sigstore.bundle.v0.3+json"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def descriptor(data, title):
    return {"mediaType": "application/octet-stream", "digest": digest_of(data),
            "size": len(data),
            "annotations": {"org.opencontainers.image.title": title}}


parts = {name: open(os.path.join(folder, name), "rb").read()
         for name in sorted(os.listdir(folder))
         if not (name.endswith(".tar.gz") and "-" in name)}
blobs = {digest_of(data): data for data in parts.values()}
layers = [descriptor(data, name) for name, data in parts.items()]


def document(of_layers, **more):
    return {"schemaVersion": 2, "mediaType": MANIFEST,
            "artifactType": "application/vnd.tidegate.bundle.v1",
            "config": {"mediaType": EMPTY, "size": 2, "data": "e30=",
                       "digest": digest_of(b"{}")},
            "layers": of_layers, **more}


def dump(value):
    return json.dumps(value).encode()


good = dump(document(layers))
# What each repository has as its manifest; "moved" has two.
manifests = {
    "many": dump(document([descriptor(b"x%d" % i, "f%d" % i)
                           for i in range(10000)])),
    "path": dump(document(layers + [descriptor(b"x", "../../etc/passwd")])),
    "absolute": dump(document(layers + [descriptor(b"x", "/etc/passwd")])),
    "twice": dump(document(layers + [descriptor(b"x", "release.ini")])),
    "both": dump(document(layers, manifests=[])),
    "huge": b"{" + b" " * (5 << 20) + b"}",
    "html": b"<html>Please log in</html>",
    "empty": dump(document([])),
    "size": dump(document([dict(layer, size=layer["size"] + 1)
                           for layer in layers])),
    "endless": dump(document([dict(layer, size=layer["size"] - 1)
                              for layer in layers])),
}
# 70 that refer to the artifact, each with 256 pieces of evidence.
crowd = []
for number in range(70):
    pieces = [dump({"messageSignature": {}, "number": number * 256 + i})
              for i in range(256)]
    blobs.update((digest_of(piece), piece) for piece in pieces)
    crowd.append(dump(dict(document([
        {"mediaType": SIGSTORE, "digest": digest_of(piece), "size": len(piece)}
        for piece in pieces]), artifactType=SIGSTORE)))
crowd_index = dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
    {"mediaType": MANIFEST, "digest": digest_of(one), "size": len(one),
     "artifactType": SIGSTORE} for one in crowd]})
crowd_by_digest = {digest_of(one): one for one in crowd}
other = dump(document(layers, annotations={"moved": "yes"}))
lock = threading.Lock()
asked = {}


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, code, **headers):
        self.answer(status, dump({"errors": [{"code": code,
                                              "message": "no " + code}]}),
                    **headers)

    def count(self, what):
        with lock:
            asked[what] = asked.get(what, 0) + 1
            return asked[what]

    def do_GET(self):
        sent = self.headers.get("Authorization", "")
        with lock, open(log_path, "a") as log:
            log.write("%s %s %s\n" % (self.command, self.path,
                                      sent.split()[0] if sent else "-"))
        path = self.path.split("?")[0].split("/")
        if path[1] == "token":
            self.give_token(path[2])
        elif path[1] == "storage":
            self.give_storage(path[2], sent)
        elif len(path) == 5 and path[1] == "v2":
            self.give(path[2], path[3], path[4], sent)
        else:
            self.refuse(404, "NAME_UNKNOWN")

    do_POST = do_GET

    def give_token(self, name):
        if name == "tokenaway":
            self.answer(302, b"", Location="/token/loop")
        elif name == "tokenbad":
            self.answer(200, b'{"token":"a\\r\\nX-Evil: b"}')
        else:
            self.answer(200, dump({"token": "t%d" % self.count("token"),
                                   "expires_in": 300}))

    # Signed storage takes no second kind of credentials.
    def give_storage(self, digest, sent):
        if sent:
            self.answer(400, b"Only one auth mechanism allowed", "text/plain")
        else:
            self.give_blob("good", digest)

    # What this repository wants to see; True: go on.
    def is_let_in(self, name, sent):
        here = "http://127.0.0.1:%d" % self.server.server_port
        realms = {"loop": here + "/token/loop",
                  "tokenaway": here + "/token/tokenaway",
                  "tokenbad": here + "/token/tokenbad",
                  "realminner": "http://127.0.0.2:1/token",
                  "realmaway": "https://tokens.example.com/token",
                  "realmfile": "file:///etc/passwd"}
        if name in realms:
            self.refuse(401, "UNAUTHORIZED", WWW_Authenticate=
                        'Bearer realm="%s",service="s"' % realms[name])
        elif name == "storage" and not sent:
            self.refuse(401, "UNAUTHORIZED", WWW_Authenticate=
                        'Bearer realm="%s/token/storage",service="s"' % here)
        elif name == "expiry" and (not sent or self.count("use " + sent) > 3):
            # Each token is good for three requests.
            self.refuse(401, "UNAUTHORIZED", WWW_Authenticate='Negotiate, '
                        'Bearer realm="%s/token/expiry",error="invalid_token"'
                        % here)
        elif name == "basic":
            self.refuse(401, "UNAUTHORIZED", WWW_Authenticate='Basic realm="x"')
        elif name == "negotiate":
            self.refuse(401, "UNAUTHORIZED", WWW_Authenticate="Negotiate")
        elif name == "norealm":
            self.refuse(401, "UNAUTHORIZED", WWW_Authenticate='Bearer service="s"')
        elif name == "garbled":
            self.refuse(401, "UNAUTHORIZED", WWW_Authenticate='Bearer realm="s')
        elif name == "silent":
            self.refuse(401, "UNAUTHORIZED")
        elif name == "denied":
            self.refuse(403, "DENIED")
        else:
            return True
        return False

    def give(self, name, kind, what, sent):
        if not self.is_let_in(name, sent):
            return
        if kind == "manifests":
            self.give_manifest(name, what)
        elif kind == "blobs" and name == "storage":
            self.answer(307, b"", Location="/storage/" + what)
        elif kind == "blobs":
            self.give_blob(name, what)
        elif kind == "referrers" and name == "sick":
            self.answer(200, b"{", INDEX)
        elif kind == "referrers" and name == "crowd":
            self.answer(200, crowd_index, INDEX)
        else:
            self.refuse(404, "MANIFEST_UNKNOWN")

    def give_manifest(self, name, what):
        body = crowd_by_digest.get(what, manifests.get(name, good))
        if what.startswith("sha256-"):
            return self.refuse(404, "MANIFEST_UNKNOWN")
        if name == "moved" and self.count("moved") > 1:
            body = other
        digest = digest_of(body)
        if name == "digest":
            digest = digest_of(b"another")
        kind = "text/html" if name == "html" else MANIFEST
        if name == "kind":
            kind = INDEX
        return self.answer(200, body, kind, Docker_Content_Digest=digest)

    def give_blob(self, name, digest):
        body = blobs.get(digest)
        if body is None:
            return self.refuse(404, "BLOB_UNKNOWN")
        if name == "blob":
            body = bytes(len(body))
        start, first = 0, self.headers.get("Range", "")
        if not first or name == "whole":
            return self.answer(200, body, "application/octet-stream")
        start, end = first[len("bytes="):].split("-")
        start, end = int(start), min(int(end or len(body)), len(body) - 1)
        return self.answer(206, body[start:end + 1], "application/octet-stream",
                           ETag='"%s"' % digest, Content_Range="bytes %d-%d/%d"
                           % (start, end, len(body)))


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
