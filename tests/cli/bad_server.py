#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A web server on loopback that does whatever a server should not.

usage: bad_server.py FILE LOG [ADDRESS]

FILE is what it serves; LOG gets a line of JSON for each request.  Listens on
127.0.0.1 unless an ADDRESS is given.  Prints its port, then serves until it is killed.  The last part of the path names what it
does; ?key=value pairs are its arguments, and requests of one whole path are
counted, so that a scenario can change after some.  A folder of parts can stand
before it: /FOLDER/... in FILE's own folder is served well, but the n-th request
for NAME waits for as long as NAME.open lies beside it and holds less than n.
"""
import collections
import hashlib
import json
import os
import random
import re
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FILE, LOG = sys.argv[1:3]
ADDRESS = sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1"
DATA = open(FILE, "rb").read()
ETAG = '"%s"' % hashlib.sha256(DATA).hexdigest()[:16]
counts = collections.Counter()
cuts = {}
sent = collections.Counter()
lock = threading.Lock()


def is_shut(gate, count):
    try:
        with open(gate) as file:
            return int(file.read() or 0) < count
    except FileNotFoundError:
        return False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self):
        with lock:
            counts[self.path] += 1
            with open(LOG, "a") as log:
                log.write(json.dumps({
                    "method": self.command, "path": self.path,
                    "range": self.headers.get("Range"),
                    "if_range": self.headers.get("If-Range"),
                    "authorization": self.headers.get("Authorization"),
                    "agent": self.headers.get("User-Agent"),
                }) + "\n")
            return counts[self.path]

    def begin(self, status, length=None, headers=()):
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def answer(self, status, body=b"", headers=()):
        self.begin(status, len(body), headers)
        if self.command != "HEAD":
            self.wfile.write(body)

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    # --- well behaved ---

    def wanted(self):
        """The range that is asked for, or None."""
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if match is None or self.headers.get("If-Range", ETAG) != ETAG:
            return None
        last = int(match[2]) if match[2] else len(DATA) - 1
        return int(match[1]), min(last, len(DATA) - 1)

    def head_of(self, etag=ETAG):
        """Send the head; returns the bytes that should follow."""
        wanted = self.wanted()
        common = [("ETag", etag), ("Accept-Ranges", "bytes")]
        if wanted is None:
            self.begin(200, len(DATA), common)
            return DATA
        first, last = wanted
        if first >= len(DATA):
            self.begin(416, 0, [("Content-Range", "bytes */%d" % len(DATA))])
            return b""
        self.begin(206, last - first + 1, common + [
            ("Content-Range", "bytes %d-%d/%d" % (first, last, len(DATA)))])
        return DATA[first:last + 1]

    def do_file(self, *_):
        body = self.head_of()
        if self.command != "HEAD":
            self.wfile.write(body)

    # --- ranges ---

    def do_norange(self, *_):
        self.answer(200, DATA)

    def do_refuses(self, args, _):
        """?status=S to any range; the whole file otherwise."""
        if "Range" in self.headers:
            return self.answer(int(args["status"]))
        return self.answer(200, DATA)

    def do_otherrange(self, *_):
        self.begin(206, 10, [("Content-Range", "bytes 7-16/%d" % len(DATA))])
        self.wfile.write(DATA[7:17])

    def do_unasked(self, *_):
        self.begin(206, len(DATA), [("Content-Range", "bytes 0-%d/%d" % (
            len(DATA) - 1, len(DATA)))])
        self.wfile.write(DATA)

    # --- bodies ---

    def do_cut(self, args, count):
        """Hangs up at ?times=N random offsets of the file, in order."""
        offsets = cuts.setdefault(self.path, sorted(
            random.sample(range(1, len(DATA)), int(args["times"]))))
        first = (self.wanted() or (0, 0))[0]
        body = self.head_of()
        if count <= len(offsets):
            body = body[:max(0, offsets[count - 1] - first)]
        sent[self.path] += len(body)
        self.wfile.write(body)
        if count <= len(offsets):
            self.hang_up()

    def do_sent(self, args, _):
        """?path=P: how many bytes of a file that is cut were sent."""
        self.answer(200, b"%d" % sent[args["path"]])

    def do_changing(self, _, count):
        """Another file behind each cut."""
        body = self.head_of('"%d"' % count)
        self.wfile.write(body[:len(body) // 2])
        self.hang_up()

    def do_short(self, *_):
        """Fewer bytes than announced."""
        self.begin(200, len(DATA))
        self.wfile.write(DATA[:100])
        self.hang_up()

    def do_endless(self, *_):
        self.begin(200, headers=[("Connection", "close")])
        try:
            while True:
                self.wfile.write(DATA)
        except OSError:
            self.close_connection = True

    def do_slow(self, *_):
        """A drop now and then."""
        self.begin(200, len(DATA))
        try:
            for byte in DATA:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            self.close_connection = True

    def do_throttled(self, *_):
        """?rate=N bytes a second."""
        rate = int(self.arguments()["rate"])
        body = self.head_of()
        for at in range(0, len(body), rate // 10):
            self.wfile.write(body[at:at + rate // 10])
            time.sleep(0.1)

    def do_silent(self, *_):
        time.sleep(60)

    def do_html(self, *_):
        self.answer(200, b"<html><body>Please log in</body></html>\n",
                    [("Content-Type", "text/html; charset=utf-8")])

    def do_coded(self, *_):
        self.answer(200, b"\x1f\x8b....", [("Content-Encoding", "gzip")])

    def do_transfercoded(self, *_):
        self.begin(200, headers=[("Transfer-Encoding", "gzip, chunked")])
        self.wfile.write(b"0\r\n\r\n")

    # --- heads ---

    def do_flood(self, *_):
        """?lines=N&size=S: N headers of S bytes."""
        args = self.arguments()
        self.send_response(200)
        for i in range(int(args["lines"])):
            self.send_header("X-%d" % i, "x" * int(args["size"]))
        self.send_header("Content-Length", "0")
        try:
            self.end_headers()
        except OSError:
            self.close_connection = True

    def do_status(self, args, count):
        """?status=S&times=N&after=T: S to the first N, with Retry-After: T."""
        headers = [("Retry-After", args["after"])] if "after" in args else []
        if count > int(args.get("times", "1000000")):
            return self.do_file()
        return self.answer(int(args["status"]), b"no \x1b[31m such\n luck",
                           headers + [("WWW-Authenticate", "Basic realm=x")])

    def do_redirect(self, args, _):
        """?to=URL&status=S"""
        self.answer(int(args.get("status", "302")), b"over there",
                    [("Location", args["to"])])

    def do_loop(self, *_):
        self.answer(302, headers=[("Location", self.path)])

    def do_hops(self, args, _):
        """?n=N: N redirects, then the file."""
        left = int(args["n"])
        if left == 0:
            return self.do_file()
        return self.answer(307, headers=[("Location", "hops?n=%d" % (left - 1))])

    def do_storage(self, args, count):
        """Storage whose signature expires after ?uses=N requests."""
        if self.headers.get("Authorization") is not None:
            return self.answer(400, b"Only one auth mechanism allowed")
        if count > int(args["uses"]):
            return self.answer(403, b"Request has expired")
        return self.do_file()

    def do_asset(self, args, count):
        """An address that redirects to storage, with a fresh signature."""
        self.answer(302, headers=[("Location", "storage?sig=%d%%2F%s&uses=%s" % (
            count, args["id"], args["uses"]))])

    def do_nothing(self, *_):
        self.answer(404, b"nothing here")

    # --- which one ---

    def arguments(self):
        query = urllib.parse.urlsplit(self.path).query
        return dict(urllib.parse.parse_qsl(query))

    def serve_part(self, path, count):
        """A file below FILE's folder."""
        name = os.path.join(os.path.dirname(FILE), path.lstrip("/"))
        while is_shut(name + ".open", count):
            time.sleep(0.02)
        if not os.path.isfile(name):
            return self.answer(404)
        return self.answer(200, open(name, "rb").read())

    def do_GET(self):
        count = self.note()
        path = urllib.parse.urlsplit(self.path).path
        scenario = getattr(self, "do_" + path.rsplit("/", 1)[-1], None)
        if scenario is None:
            return self.serve_part(path, count)
        return scenario(self.arguments(), count)

    do_HEAD = do_GET

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Clients hang up on us, and are right to."""


server = Server((ADDRESS, 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
