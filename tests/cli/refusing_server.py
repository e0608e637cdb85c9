#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Servers that refuse, each in the words of a real one:  refusing_server.py

GET KIND/ROW answers as docs/publishing-errors.md says of that row, KIND being
v2 (a registry), repos (GitHub) or any other path.  As a registry it has
repositories that are called as rows: they hold nothing, and answer so to each
attempt to push.  Prints its port.

    refusing_server.py --list    prints KIND and ROW of all
"""
import http.server
import json
import sys


def oci(code, message, status):
    return status, json.dumps({"errors": [{"code": code, "message": message}]})


def github(message, status, *errors):
    return status, json.dumps({"message": message, "errors": list(errors)})


def page(title, status):
    return status, "<html><title>%s</title></html>" % title


ROWS = {
    "ghcr-token-scopes": ("v2", oci("DENIED", "permission_denied: The token provided does not match expected scopes.", 403)),
    "ghcr-write-package": ("v2", oci("DENIED", "permission_denied: write_package", 403)),
    "ghcr-read-package": ("v2", oci("DENIED", "permission_denied: read_package", 403)),
    "ghcr-create-package": ("v2", oci("DENIED", "installation not allowed to Create organization package", 403)),
    "quota": ("v2", oci("DENIED", "storage quota of 500 MB is used up", 403)),
    "storage-limit": ("v2", oci("DENIED", "adding 5.0 GiB of storage resource, which when updated to current usage of 9.9 GiB will exceed the configured upper limit of 10.0 GiB.", 403)),
    "denied": ("v2", oci("DENIED", "requested access to the resource is denied", 403)),
    "expired-token": ("v2", oci("UNAUTHORIZED", "Your authorization token has expired. Reauthenticate and try again.", 401)),
    "unauthorized": ("v2", oci("UNAUTHORIZED", "authentication required", 401)),
    "name-invalid": ("v2", oci("NAME_INVALID", "invalid repository name", 400)),
    "name-upper-case": ("v2", oci("INVALID", "repository name must be lowercase", 400)),
    "name-unknown": ("v2", oci("NAME_UNKNOWN", "repository name not known to registry", 404)),
    "repository-not-found": ("v2", oci("NOT_FOUND", "The repository with name 'a' does not exist in the registry with id '1'", 404)),
    "manifest-unknown": ("v2", oci("MANIFEST_UNKNOWN", "manifest unknown", 404)),
    "tag-immutable": ("v2", oci("PRECONDITION", "configured as immutable, cannot be updated", 412)),
    "tag-exists": ("v2", oci("ImageTagAlreadyExistsException", "tag 1.2.3 already exists", 400)),
    "tag-invalid": ("v2", oci("TAG_INVALID", "manifest tag did not match URI", 400)),
    "manifest-blob-unknown": ("v2", oci("MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", 400)),
    "blob-unknown": ("v2", oci("BLOB_UNKNOWN", "blob unknown to registry", 404)),
    "blob-upload-unknown": ("v2", oci("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", 404)),
    "blob-upload-invalid": ("v2", oci("BLOB_UPLOAD_INVALID", "blob upload invalid", 404)),
    "manifest-too-large": ("v2", oci("MANIFEST_INVALID", "http: request body too large", 400)),
    "manifest-invalid": ("v2", oci("MANIFEST_INVALID", "manifest invalid", 400)),
    "digest-invalid": ("v2", oci("DIGEST_INVALID", "provided digest did not match uploaded content", 400)),
    "size-invalid": ("v2", oci("SIZE_INVALID", "provided length did not match content length", 400)),
    "chunk-too-large": ("v2", (416, "the request body is too large and exceeds the maximum permissible limit of 4.00MiB")),
    "range-invalid": ("v2", oci("RANGE_INVALID", "invalid content range", 416)),
    "unsupported": ("v2", oci("UNSUPPORTED", "The operation is unsupported.", 405)),
    "pull-limit": ("v2", oci("TOOMANYREQUESTS", "You have reached your pull rate limit.", 429)),
    "too-many-requests": ("v2", oci("TOOMANYREQUESTS", "retry-after: 60s, allowed: 2000/minute", 429)),
    "github-bad-credentials": ("repos", github("Bad credentials", 401)),
    "github-sso": ("repos", github("Resource protected by organization SAML enforcement. You must grant your token access to this organization.", 403)),
    "github-integration": ("repos", github("Resource not accessible by integration", 403)),
    "github-personal-token": ("repos", github("Resource not accessible by personal access token", 403)),
    "github-secondary-rate": ("repos", github("You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", 403)),
    "github-rate": ("repos", github("API rate limit exceeded for 192.0.2.1.", 403)),
    "github-archived": ("repos", github("Repository was archived so is read-only.", 403)),
    "github-workflows": ("repos", github("refusing to allow a GitHub App to create or update workflow without `workflows` permission", 422)),
    "github-immutable-release": ("repos", github("Cannot upload assets to an immutable release.", 422)),
    "github-tag-used": ("repos", github("Validation Failed", 422, {"field": "tag_name", "message": "tag_name was used by an immutable one"})),
    "github-already-exists": ("repos", github("Validation Failed", 422, {"resource": "ReleaseAsset", "code": "already_exists", "field": "name"})),
    "github-target": ("repos", github("Validation Failed", 422, {"resource": "Release", "code": "invalid", "field": "target_commitish"})),
    "github-asset-size": ("repos", github("Validation Failed", 422, {"field": "size", "message": "size must be less than or equal to 2147483648"})),
    "github-not-found": ("repos", github("Not Found", 404)),
    "body-too-large": ("v2", page("413 Request Entity Too Large", 413)),
    "proxy-login": ("other", page("407 Proxy Authentication Required", 407)),
    "storage-full": ("v2", page("507 Insufficient Storage", 507)),
    "unavailable": ("v2", page("503 Service Unavailable", 503)),
    "bad-gateway": ("repos", page("502 Bad Gateway", 502)),
    "gateway-timeout": ("other", page("504 Gateway Timeout", 504)),
    "server-error": ("v2", oci("UNKNOWN", "unknown error", 500)),
}

ID_HEADERS = ["X-GitHub-Request-Id", "X-Request-Id", "x-ms-request-id", "x-amzn-RequestId", "CF-Ray"]


class Refusing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        row = self.path.rsplit("/", 1)[1]
        kind, answer = ROWS.get(row, ("", (404, "no such row")))
        if row in ROWS and self.path.split("/")[1] != kind:
            answer = 404, "another kind"
        self.answer(row, *answer)

    def do_HEAD(self):
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        row = self.path.split("/")[2]
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(row, *ROWS[row][1])

    def answer(self, row, status, body):
        self.send_response(status)
        header = ID_HEADERS[sum(row.encode()) % len(ID_HEADERS)]
        self.send_header(header, "id-of-" + row)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args):
        pass


if sys.argv[1:] == ["--list"]:
    for row, (kind, _) in ROWS.items():
        print(kind, row)
else:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    print(server.server_port, flush=True)
    server.serve_forever()
