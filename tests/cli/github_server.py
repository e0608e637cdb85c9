#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for GitHub: its API of releases and its storage, on loopback.

usage: github_server.py STATE [--socket PATH]

STATE is a folder: releases live in STATE/releases.json (made and changed by
the API as well), the bytes of assets in STATE/assets/ID.  STATE/behaviour.json,
read at each request, may hold:

    "token": "..."       private: 404 without it, 401 with another
    "faults": [{"path": REGEX, "times": N, ...}]   the first that fits and is
                         not used up: "status", "headers", "body", or "cut": N
                         (hang up behind N bytes of a body); "skip": N of
                         those that fit; "method", "server"; "starter": true
                         (of an upload an asset without bytes is kept);
                         "hangup" or "kill": "before" or "after" it was
                         done (kill: the process of STATE/pid, as well)
    "life": SECONDS      of a signed storage address (default 300)
    "storage": "direct"  assets are sent by the API itself, without a redirect
    "whole": true        storage ignores ranges
    "renamed": "OLD"     requests for this OWNER/REPO are redirected (301) to
                         /repositories/1, which is the one that exists
    "embedded": N        a release shows its first N assets only (default all)
    "readers": [TOKEN]   which may change nothing: 403, as a workflow's may be
    "digests": false     assets have none, as those of older servers
    "immutable": true    releases are, from when they are published
    "uploads": URL       what releases name for uploads (default: the API's)

STATE/tags.json has the commit of each tag; publishing a release makes one.

STATE/log has a line of JSON for each request.  Two servers, API and storage,
print their ports on one line; with --socket both, and uploads, are served on
that Unix socket as well, by the Host header, as gh speaks to GitHub there.

Storage refuses a request with Authorization as S3 does (400, XML), and one
whose query is not byte for byte what was signed (403), or has expired (403).
"""
import collections
import datetime
import hashlib
import hmac
import json
import os
import re
import signal
import socketserver
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STATE = sys.argv[1]
SOCKET = sys.argv[3] if len(sys.argv) > 3 else None
REPOSITORY = "acme/tool"
SECRET = os.urandom(16)
lock = threading.RLock()
used = collections.Counter()
ports = {}


# --- what is stored ---

def load(name, default):
    try:
        with open(os.path.join(STATE, name)) as file:
            return json.load(file)
    except FileNotFoundError:
        return default


def save_releases(releases):
    path = os.path.join(STATE, "releases.json")
    with open(path + ".new", "w") as file:
        json.dump(releases, file, indent=1)
    os.replace(path + ".new", path)


def releases():
    return load("releases.json", [])


def behaviour():
    return load("behaviour.json", {})


def asset_path(number):
    return os.path.join(STATE, "assets", str(number))


def next_id(all_releases):
    numbers = [1000]
    for release in all_releases:
        numbers.append(release["id"])
        numbers += [asset["id"] for asset in release["assets"]]
    return max(numbers) + 1


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def github_name(name):
    """GitHub makes dots of characters that it does not like."""
    name = re.sub(r"[^A-Za-z0-9._-]+", ".", name)
    return name.strip(".") or "default"


# --- answers, in the form of GitHub's own schema ---

def user(api):
    base = api + "/users/octocat"
    return {
        "login": "octocat", "id": 1, "node_id": "MDQ6VXNlcjE=",
        "avatar_url": "https://avatars.githubusercontent.com/u/1",
        "gravatar_id": "", "url": base, "html_url": "https://github.com/octocat",
        "followers_url": base + "/followers",
        "following_url": base + "/following{/other_user}",
        "gists_url": base + "/gists{/gist_id}",
        "starred_url": base + "/starred{/owner}{/repo}",
        "subscriptions_url": base + "/subscriptions",
        "organizations_url": base + "/orgs", "repos_url": base + "/repos",
        "events_url": base + "/events{/privacy}",
        "received_events_url": base + "/received_events",
        "type": "User", "site_admin": False,
    }


def show_asset(asset, api, tag):
    return {
        "url": "%s/repos/%s/releases/assets/%d" % (api, REPOSITORY, asset["id"]),
        "id": asset["id"], "node_id": "RA_%d" % asset["id"],
        "name": asset["name"], "label": asset.get("label", ""),
        "uploader": user(api),
        "content_type": asset.get("content_type", "application/octet-stream"),
        "state": asset.get("state", "uploaded"), "size": asset["size"],
        "digest": asset.get("digest") if behaviour().get("digests", True) else None,
        "download_count": 0,
        "created_at": asset.get("created_at", "2026-01-01T00:00:00Z"),
        "updated_at": asset.get("created_at", "2026-01-01T00:00:00Z"),
        "browser_download_url": "https://github.com/%s/releases/download/%s/%s"
                                % (REPOSITORY, urllib.parse.quote(tag), asset["name"]),
    }


def show_release(release, api):
    base = "%s/repos/%s/releases/%d" % (api, REPOSITORY, release["id"])
    tag = release["tag_name"]
    shown = release["assets"][:behaviour().get("embedded", len(release["assets"]))]
    uploads = "https://uploads.github.com" if api.startswith("https") else api
    uploads = behaviour().get("uploads", uploads)
    return {
        "url": base, "assets_url": base + "/assets",
        "upload_url": "%s/repos/%s/releases/%d/assets{?name,label}"
                      % (uploads, REPOSITORY, release["id"]),
        "html_url": "https://github.com/%s/releases/tag/%s" % (REPOSITORY, tag),
        "id": release["id"], "node_id": "RE_%d" % release["id"],
        "tag_name": tag, "target_commitish": release.get("target_commitish", "main"),
        "name": release.get("name", tag), "body": release.get("body", ""),
        "draft": release.get("draft", False),
        "prerelease": release.get("prerelease", False),
        "immutable": release.get("immutable", False),
        "created_at": release.get("created_at", "2026-01-01T00:00:00Z"),
        "published_at": None if release.get("draft") else
                        release.get("published_at", "2026-01-01T00:00:00Z"),
        "author": user(api),
        "tarball_url": "%s/repos/%s/tarball/%s" % (api, REPOSITORY, tag),
        "zipball_url": "%s/repos/%s/zipball/%s" % (api, REPOSITORY, tag),
        "assets": [show_asset(asset, api, tag) for asset in shown],
    }


def error(message):
    return {"message": message, "documentation_url": "https://docs.github.com/rest"}


def invalid(resource, field):
    return {"message": "Validation Failed", "errors": [{
        "resource": resource, "code": "already_exists", "field": field}],
        "documentation_url": "https://docs.github.com/rest"}


def make_tag(release):
    """GitHub makes the tag of a release that is published, if there is none."""
    tags = load("tags.json", {})
    commit = release.get("target_commitish", "")
    if not re.fullmatch("[0-9a-f]{40}", commit):
        commit = hashlib.sha1(b"main").hexdigest()
    tags.setdefault(release["tag_name"], commit)
    with open(os.path.join(STATE, "tags.json"), "w") as file:
        json.dump(tags, file)


def mark_latest(all_releases, release, choice):
    """"true" takes it from the others; "false" is never the latest."""
    for other in all_releases:
        if choice == "true":
            other["latest"] = other is release
    if choice == "false":
        release["latest"] = False


# --- signed addresses ---

def sign(text):
    return hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()


def signed_query(number):
    """With characters that a client might like to spell in another way."""
    life = behaviour().get("life", 300)
    text = ("X-Amz-Credential=AKIA%%2F20260101%%2Fus-east-1&X-Amz-Expires=%s"
            "&response-content-disposition=attachment%%3B%%20filename%%3Da+b~c(d)"
            "&expires=%.3f&id=%d" % (life, time.time() + life, number))
    return text + "&X-Amz-Signature=" + sign(text)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    role = "api"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "local"

    def setup(self):
        super().setup()
        self.is_socket = isinstance(self.server, UnixServer)

    # -- which server this is --

    def find_role(self):
        if not self.is_socket:
            return self.role
        host = (self.headers.get("Host") or "").split(":")[0]
        return {"api.github.com": "api", "uploads.github.com": "uploads",
                "github.com": "web"}.get(host, "storage")

    def api_base(self):
        if self.is_socket:
            return "https://api.github.com"
        return "http://%s" % self.headers["Host"]

    def storage_base(self):
        if self.is_socket:
            return "https://objects.githubusercontent.com"
        return "http://127.0.0.1:%d" % ports["storage"]

    # -- sending --

    def send(self, status, value=None, headers=(), body=None):
        kind = "application/json; charset=utf-8"
        if body is None:
            body = b"" if value is None else json.dumps(value).encode()
        else:
            kind = "application/xml"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", kind)
        for name, content in headers:
            self.send_header(name, content)
        # Noted first: who has the answer may read the log at once.
        self.note(status)
        self.keep_answer(status, value)
        if self.is_lost:
            self._headers_buffer = []
            return
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = status >= 400

    def keep_answer(self, status, value):
        """For the test that holds each answer against GitHub's own schema."""
        if value is None or self.find_role() not in ("api", "uploads"):
            return
        with lock, open(os.path.join(STATE, "answers"), "a") as file:
            file.write(json.dumps({"method": self.command, "path": self.path,
                                   "status": status, "body": value}) + "\n")

    def note(self, status):
        with lock, open(os.path.join(STATE, "log"), "a") as file:
            file.write(json.dumps({
                "server": self.find_role(), "method": self.command,
                "path": self.path, "status": status,
                "range": self.headers.get("Range"),
                "authorization": self.headers.get("Authorization"),
                "accept": self.headers.get("Accept"),
            }) + "\n")

    def fault(self):
        with lock:
            for place, fault in enumerate(behaviour().get("faults", [])):
                # Another fault begins anew, also in the place of one before.
                number = "%d %s" % (place, json.dumps(fault))
                if not re.search(fault["path"], self.path) or "server" in fault \
                        and fault["server"] != self.find_role() or "method" in \
                        fault and fault["method"] != self.command:
                    continue
                skip = fault.get("skip", 0)
                if used[number] >= skip + fault.get("times", 1 << 30):
                    continue
                used[number] += 1
                if used[number] > skip:
                    return fault
        return None

    # -- requests --

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.fault() or {}
        self.cut = fault.get("cut")
        self.is_lost = False
        if "before" in (fault.get("kill"), fault.get("hangup")):
            return self.hang_up(fault)
        if "after" in (fault.get("kill"), fault.get("hangup")):
            self.is_lost = True
            self.answer(body)
            return self.hang_up(fault)
        if fault.get("starter"):
            with lock:
                self.add_asset(self.path, state="starter", size=0)
        if "status" in fault:
            headers = [(name, str(int(time.time()) + value
                                  if name == "x-ratelimit-reset" else value))
                       for name, value in fault.get("headers", {}).items()]
            return self.send(fault["status"], fault.get("body", error("a fault")), headers)
        return self.answer(body)

    def hang_up(self, fault):
        """Without a word; the client may be killed first."""
        if "kill" in fault:
            with open(os.path.join(STATE, "pid")) as file:
                os.kill(int(file.read()), signal.SIGKILL)
        if not self.is_lost:
            self.note(0)
        self.close_connection = True

    def answer(self, body):
        path, _, query = self.path.partition("?")
        role = self.find_role()
        if role == "storage":
            return self.storage(path, query)
        with lock:
            return self.api(path, dict(urllib.parse.parse_qsl(query)), body)

    do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = handle_request

    # -- the storage host --

    def storage(self, path, query):
        if self.headers.get("Authorization"):
            return self.send(400, body=b"<?xml version=\"1.0\"?><Error><Code>"
                             b"InvalidArgument</Code><Message>Only one auth mechanism "
                             b"allowed</Message></Error>")
        text, _, signature = query.partition("&X-Amz-Signature=")
        if signature != sign(text):
            return self.send(403, body=b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        if float(dict(urllib.parse.parse_qsl(text))["expires"]) < time.time():
            return self.send(403, body=b"<Error><Code>AccessDenied</Code>"
                             b"<Message>Request has expired</Message></Error>")
        return self.send_file(asset_path(int(path.rsplit("/", 1)[1])))

    def send_file(self, path):
        with open(path, "rb") as file:
            data = file.read()
        etag = '"%s"' % hashlib.sha256(data).hexdigest()[:16]
        first, last, status = 0, len(data) - 1, 200
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if_range = self.headers.get("If-Range")
        if wanted and if_range in (None, etag) and not behaviour().get("whole"):
            first = int(wanted[1])
            last = min(int(wanted[2] or last), last)
            status = 206
        self.send_response(status)
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", etag)
        if status == 206:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (first, last, len(data)))
        self.note(status)
        self.end_headers()
        piece = data[first:last + 1]
        if self.cut is not None and self.cut < len(piece):
            piece = piece[:self.cut]
            self.close_connection = True
        self.wfile.write(piece)

    # -- the API --

    def api(self, path, query, body):
        config = behaviour()
        given = (self.headers.get("Authorization") or "").split(" ")[-1]
        if given and "token" in config and given != config["token"]:
            return self.send(401, error("Bad credentials"))
        if not given and "token" in config:
            return self.send(404, error("Not Found"))
        if given in config.get("readers", []) and self.command not in ("GET", "HEAD"):
            return self.send(403, error("Resource not accessible by integration"))
        if path == "/graphql":
            return self.graphql(json.loads(body))
        if path in ("/", ""):
            return self.send(200, {}, [("X-Oauth-Scopes", "repo")])
        if "renamed" in config and path.startswith("/repos/%s/" % config["renamed"]):
            rest = self.path[len("/repos/" + config["renamed"]):]
            where = self.api_base() + "/repositories/1" + rest
            return self.send(301, {"message": "Moved Permanently", "url": where},
                             [("Location", where)])
        for prefix in ("/repos/" + REPOSITORY, "/repositories/1"):
            # GitHub's names are equal in any case.
            if path.lower().startswith(prefix + "/"):
                return self.repository(path[len(prefix):], query, body)
            if path.lower() == prefix:
                return self.send(200, {"default_branch": "main"})
        return self.send(404, error("Not Found"))

    def visible(self):
        """Newest first, as GitHub lists them: by the time of creation."""
        drafts = bool(self.headers.get("Authorization"))
        return sorted((release for release in releases()
                       if drafts or not release.get("draft")),
                      key=lambda release: release.get("created_at", ""), reverse=True)

    def repository(self, path, query, body):
        method = "GET" if self.command == "HEAD" else self.command
        for pattern, function in (
                (r"GET /releases", self.list_releases),
                (r"POST /releases", self.create_release),
                (r"GET /releases/latest", self.latest),
                (r"GET /releases/tags/(.+)", self.by_tag),
                (r"(GET|PATCH|DELETE) /releases/(\d+)", self.one_release),
                (r"GET /releases/(\d+)/assets", self.list_assets),
                (r"POST /releases/(\d+)/assets", self.upload),
                (r"(GET|PATCH|DELETE) /releases/assets/(\d+)", self.one_asset),
                (r"GET /commits/tags/(.+)", self.commit_of_tag)):
            match = re.fullmatch(pattern, method + " " + path)
            if match:
                return function(query, body, *match.groups())
        return self.send(404, error("Not Found"))

    def page(self, items, query, show):
        size = min(int(query.get("per_page", 30)), 100)
        number = int(query.get("page", 1))
        pages = max(1, -(-len(items) // size))
        base = self.api_base() + "/repositories/1" + \
            re.sub(r"^/(repos/[^/]+/[^/]+|repositories/1)", "", self.path.split("?")[0])
        links = []
        if number < pages:
            links = ['<%s?per_page=%d&page=%d>; rel="%s"' % (base, size, at, rel)
                     for at, rel in ((number + 1, "next"), (pages, "last"))]
        headers = [("Link", ", ".join(links))] if links else []
        self.send(200, [show(item) for item in
                        items[(number - 1) * size:number * size]], headers)

    def list_releases(self, query, _):
        self.page(self.visible(), query,
                  lambda release: show_release(release, self.api_base()))

    def latest(self, _query, _body):
        fit = [release for release in releases()
               if not release.get("draft") and not release.get("prerelease")]
        marked = [release for release in fit if release.get("latest")]
        fit = [release for release in fit if release.get("latest") is not False]
        if not fit and not marked:
            return self.send(404, error("Not Found"))
        best = (marked or sorted(fit, key=lambda release:
                                 release.get("created_at", "")))[-1]
        return self.send(200, show_release(best, self.api_base()))

    def by_tag(self, _query, _body, tag):
        tag = urllib.parse.unquote(tag)
        for release in releases():
            if release["tag_name"] == tag and not release.get("draft"):
                return self.send(200, show_release(release, self.api_base()))
        return self.send(404, error("Not Found"))

    def commit_of_tag(self, _query, _body, tag):
        tag = urllib.parse.unquote(tag)
        commit = load("tags.json", {}).get(tag)
        if commit is None:
            return self.send(422, error("No commit found for SHA: tags/" + tag))
        return self.send(200, body=commit.encode())

    def one_release(self, _query, body, method, number):
        all_releases = releases()
        for release in all_releases:
            if release["id"] != int(number):
                continue
            if method == "DELETE":
                all_releases.remove(release)
                save_releases(all_releases)
                return self.send(204)
            if method == "PATCH":
                change = json.loads(body)
                if release.get("draft") and change.get("draft") is False:
                    if any(other["tag_name"] == release["tag_name"] and
                           not other.get("draft") for other in all_releases):
                        return self.send(422, invalid("Release", "tag_name"))
                    release["published_at"] = now()
                    release["immutable"] = behaviour().get("immutable", False)
                    make_tag({**release, **change})
                mark_latest(all_releases, release, change.pop("make_latest", None))
                release.update(change)
                save_releases(all_releases)
            return self.send(200, show_release(release, self.api_base()))
        return self.send(404, error("Not Found"))

    def create_release(self, _query, body):
        all_releases = releases()
        wanted = json.loads(body)
        release = {"id": next_id(all_releases), "assets": [],
                   "created_at": now(), "published_at": now()}
        release.update({key: value for key, value in wanted.items()
                        if value is not None})
        if not release.get("draft"):
            make_tag(release)
        save_releases(all_releases + [release])
        self.send(201, show_release(release, self.api_base()))

    def list_assets(self, query, _body, number):
        for release in releases():
            if release["id"] == int(number):
                return self.page(release["assets"], query, lambda asset: show_asset(
                    asset, self.api_base(), release["tag_name"]))
        return self.send(404, error("Not Found"))

    def upload(self, query, body, number):
        name = github_name(query["name"])
        for release in releases():
            if release["id"] != int(number):
                continue
            if release.get("immutable"):
                return self.send(422, error("Cannot upload assets to an immutable release."))
            if not body:
                return self.send(400, error("Bad Content-Length"))
            if any(asset["name"] == name for asset in release["assets"]):
                return self.send(422, invalid("ReleaseAsset", "name"))
            asset = self.add_asset(self.path, body, size=len(body),
                                   digest="sha256:" + hashlib.sha256(body).hexdigest())
            return self.send(201, show_asset(asset, self.api_base(),
                                             release["tag_name"]))
        return self.send(404, error("Not Found"))

    def add_asset(self, path, body=b"", **members):
        """Of the release and the name that the address of an upload has."""
        all_releases = releases()
        path, _, query = path.partition("?")
        query = dict(urllib.parse.parse_qsl(query))
        number = int(re.search(r"/releases/(\d+)/assets", path)[1])
        asset = {"id": next_id(all_releases), "name": github_name(query["name"]),
                 "label": query.get("label", ""), "created_at": now(),
                 "content_type": self.headers.get("Content-Type"), **members}
        os.makedirs(os.path.join(STATE, "assets"), exist_ok=True)
        with open(asset_path(asset["id"]), "wb") as file:
            file.write(body)
        for release in all_releases:
            if release["id"] == number:
                release["assets"].append(asset)
        save_releases(all_releases)
        return asset

    def one_asset(self, _query, body, method, number):
        all_releases = releases()
        for release in all_releases:
            for asset in release["assets"]:
                if asset["id"] == int(number):
                    return self.asset(all_releases, release, asset, body, method)
        return self.send(404, error("Not Found"))

    def asset(self, all_releases, release, asset, body, method):
        if method != "GET" and release.get("immutable"):
            return self.send(422, error("Cannot change assets of an immutable release."))
        if method == "DELETE":
            release["assets"].remove(asset)
            save_releases(all_releases)
            return self.send(204)
        if method == "PATCH":
            change = json.loads(body)
            if any(other["name"] == change.get("name") and other is not asset
                   for other in release["assets"]):
                return self.send(422, invalid("ReleaseAsset", "name"))
            asset.update({key: change[key] for key in ("name", "label") if key in change})
            save_releases(all_releases)
        if "application/octet-stream" not in (self.headers.get("Accept") or ""):
            return self.send(200, show_asset(asset, self.api_base(), release["tag_name"]))
        if behaviour().get("storage") == "direct":
            return self.send_file(asset_path(asset["id"]))
        return self.send(302, headers=[("Location", "%s/storage/%d?%s" % (
            self.storage_base(), asset["id"], signed_query(asset["id"])))])

    def graphql(self, query):
        """What gh asks: whether a draft with this tag is there, which fields a
        release has, and the list of releases."""
        tag = query.get("variables", {}).get("tagName")
        found = [release for release in releases() if release["tag_name"] == tag]
        repository = {"release": {
            "databaseId": found[0]["id"], "isDraft": bool(found[0].get("draft"))}
            if found else None}
        if "releases(" in query["query"]:
            repository = {"releases": {
                "nodes": [{"name": show["name"], "tagName": show["tag_name"],
                           "isDraft": show["draft"], "isLatest": False,
                           "isPrerelease": show["prerelease"],
                           "createdAt": show["created_at"],
                           "publishedAt": show["published_at"]}
                          for show in (show_release(release, self.api_base())
                                       for release in self.visible())],
                "pageInfo": {"hasNextPage": False, "endCursor": ""}}}
        data = {"repository": repository}
        if "__type" in query["query"]:
            data = {"Release": {"fields": [{"name": "isLatest"}]}}
        # No REST answer: not held against its schema.
        body = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.note(200)
        self.end_headers()
        self.wfile.write(body)


class StorageHandler(Handler):
    role = "storage"


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main():
    api = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    storage = ThreadingHTTPServer(("127.0.0.1", 0), StorageHandler)
    ports["storage"] = storage.server_address[1]
    serve(storage)
    if SOCKET:
        serve(UnixServer(SOCKET, Handler))
    print(api.server_address[1], ports["storage"], flush=True)
    api.serve_forever()


main()
