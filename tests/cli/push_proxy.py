#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands between a publisher and a registry, counts, and makes trouble.

usage: push_proxy.py UPSTREAM-HOST:PORT FOLDER

FOLDER gets a log: a line for each request, before it is passed on: its number,
method, path, kind of credentials, Content-Range.  Who removes the log starts all
counts anew.  FOLDER/rules, if it is there, is read anew for each request; a line
is ACTION METHOD REGEX TIMES [ARGUMENT]:

    cut       hang up after ARGUMENT bytes of the body (to both sides)
    stall     take ARGUMENT bytes of the body, then nothing, until killed
    slow      pass on ARGUMENT bytes a second
    lose      pass on the request, but hang up instead of the answer
    status    answer "CODE [RETRY-AFTER]" without asking the registry
    api       play a registry with the referrers API: list what was put by its
              digest at least ARGUMENT times
    answer    change the answer: "NAME: VALUE" takes the place of a header
    kill      kill -9 the process named in FOLDER/pid, before the request is
              passed on, or ("after") before it is answered

METHOD may be * for any, and with "#N" for REGEX the rule is for request N.
Prints its port.
"""
import http.client
import json
import os
import re
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UPSTREAM, FOLDER = sys.argv[1:3]
lock = threading.Lock()
used = {}
count = 0


def rules():
    try:
        with open(FOLDER + "/rules") as file:
            return [line.rstrip("\n").split(" ", 4) for line in file]
    except FileNotFoundError:
        return []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def note(self):
        """Number, log, and the rule for this request."""
        global count
        with lock:
            if not os.path.exists(FOLDER + "/log"):
                count = 0
                used.clear()
            count += 1
            sent = self.headers.get("Authorization", "none").split()[0]
            with open(FOLDER + "/log", "a") as log:
                print(count, self.command, self.path, sent,
                      self.headers.get("Content-Range", "-"), file=log)
            for rule in rules():
                action, method, regex, times = rule[:4]
                if method not in ("*", self.command):
                    continue
                if regex != "#%d" % count and (
                        regex[0] == "#" or not re.search(regex, self.path)):
                    continue
                key = " ".join(rule)
                used[key] = used.get(key, 0) + 1
                if used[key] <= int(times):
                    return action, rule[4] if len(rule) > 4 else ""
        return "pass", ""

    def hang_up(self):
        self.close_connection = True
        self.connection.close()

    def kill(self):
        with open(FOLDER + "/pid") as file:
            os.kill(int(file.read()), signal.SIGKILL)
        self.hang_up()

    def upstream(self):
        out = http.client.HTTPConnection(UPSTREAM)
        out.connect()
        out.putrequest(self.command, self.path, skip_host=True,
                       skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("expect", "connection"):
                out.putheader(name, value)
        out.endheaders()
        return out

    def send_body(self, out, action, argument):
        """False where the connection is gone."""
        left = int(self.headers.get("Content-Length", "0"))
        most = int(argument) if action in ("cut", "stall") else left
        while left > 0:
            data = self.rfile.read(min(left, most, 65536))
            if not data:
                break
            out.sock.sendall(data)
            left -= len(data)
            most -= len(data)
            if action == "slow":
                time.sleep(len(data) / int(argument))
        if left == 0:
            return True
        if action == "stall":
            time.sleep(3600)
        out.close()
        self.hang_up()
        return False

    def answer(self, response, body, action, argument):
        name, _, value = argument.partition(": ")
        self.send_response(response.status)
        for key, old in response.getheaders():
            if key.lower() in ("connection", "transfer-encoding",
                               "content-length"):
                continue
            if action == "answer" and key.lower() == name.lower():
                continue
            self.send_header(key, old)
        if action == "answer":
            self.send_header(name, value)
        length = len(body)
        if self.command == "HEAD":
            length = response.getheader("Content-Length", "0")
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, argument):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        code, _, after = argument.partition(" ")
        self.send_response(int(code))
        if after:
            self.send_header("Retry-After", after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def list_referrers(self, times):
        with open(FOLDER + "/log") as log:
            put = re.findall(r" PUT \S*/(sha256:[0-9a-f]{64}) ", log.read())
        kind = "application/vnd.oci.image.%s.v1+json"
        body = json.dumps({
            "schemaVersion": 2, "mediaType": kind % "index",
            "manifests": [{"mediaType": kind % "manifest", "size": 2, "digest": one}
                          for one in sorted(set(put)) if put.count(one) >= times],
        }).encode()
        self.send_response(200)
        self.send_header("Content-Type", kind % "index")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_all(self):
        action, argument = self.note()
        if action == "api":
            return self.list_referrers(int(argument))
        if action == "status":
            return self.refuse(argument)
        if action == "kill" and argument != "after":
            return self.kill()
        out = self.upstream()
        if not self.send_body(out, action, argument):
            return
        response = out.getresponse()
        body = response.read()
        out.close()
        if action == "kill":
            return self.kill()
        if action == "lose":
            return self.hang_up()
        self.answer(response, body, action, argument)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_all


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that was killed


server = Server(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
