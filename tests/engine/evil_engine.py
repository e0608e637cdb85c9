#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An engine that answers badly:  evil_engine.py SOCKET

What it does is the first line of the file SOCKET.mode, read anew for each
connection.  It answers all that is asked in full, but for that.
"""
import os
import socket
import sys
import time

path = sys.argv[1]
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen(8)

ID = "a" * 64
GOOD = {
    "/version": '{"Version":"27.0.1","Components":[{"Name":"Engine"}]}',
    "/info": '{"Driver":"overlay2","DockerRootDir":"/var/lib/docker","CgroupVersion":"2",'
    '"SecurityOptions":["name=seccomp,profile=default"]}',
    "/images/json": "[]",
    "/containers/json?all=1": "[]",
}


def answer(body, status="200 OK", fields=""):
    return f"HTTP/1.0 {status}\r\n{fields}\r\n{body}".encode()


def lie(mode, asked):
    good = GOOD.get(asked, "{}")
    if mode == "garbage":
        return os.urandom(1000)
    if mode == "nothing":
        return b""
    if mode == "no-json":
        return answer("<html>Welcome</html>")
    if mode == "status":
        return answer(good, "500 Oops")
    if mode == "chunks":
        return answer("2\r\n{}\r\n0\r\n\r\n", fields="Transfer-Encoding: chunked\r\n")
    if mode == "torn":
        return answer(good[:-3], fields=f"Content-Length: {len(good)}\r\n")
    if mode == "deep":
        return answer('{"Version":' + "[" * 100000)
    if mode == "large":
        return answer('{"Version":"' + "x" * (5 << 20) + '"}')
    if mode == "head":
        return b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * 10000
    if mode == "twice":
        return answer('{"Version":"1","Version":"2"}')
    if mode == "escape" and asked == "/version":
        return answer('{"Version":"27\\u001b]0;x\\u0007","Components":[{"Name":"Engine"}]}')
    if mode.startswith("stores-in ") and asked == "/info":
        return answer(good.replace("/var/lib/docker", mode.split(" ", 1)[1]))
    if mode == "crowd" and asked.startswith("/containers/json"):
        one = '{"Id":"%064x","Image":"sha256:' + ID + '","ImageID":"sha256:' + ID + '","State":"running"}'
        return answer("[" + ",".join(one % i for i in range(1000)) + "]")
    if mode == "crowd" and asked.startswith("/containers/"):
        return answer("{}", "404 Not Found")
    return answer(good)


def serve(connection):
    asked = b""
    while b"\r\n\r\n" not in asked:
        some = connection.recv(4096)
        if not some:
            return
        asked += some
    with open(path + ".mode") as file:
        mode = file.readline().strip()
    if mode == "silence":
        time.sleep(60)
    data = lie(mode, asked.decode().split(" ")[1])
    if mode == "drip":
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(0.5)
    connection.sendall(data)


while True:
    client, _ = server.accept()
    with client:
        try:
            serve(client)
        except OSError:
            pass
