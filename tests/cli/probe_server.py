# SPDX-License-Identifier: Apache-2.0
"""A service for probe.bats: prints its port, notes each request in argv[1]."""
import http.server
import sys
import time


class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(sys.argv[1], "a", encoding="ascii") as asked:
            agent = self.headers.get("User-Agent", "-")
            print("GET", self.path, agent, file=asked)
        what, _, code = self.path.strip("/").partition("/")
        getattr(self, what)(code)

    def status(self, code):
        self.send_response(int(code))
        self.end_headers()

    def redirect(self, _):
        self.send_response(302)
        self.send_header("Location", "/status/200")
        self.end_headers()

    def hang(self, _):
        time.sleep(60)

    def endless(self, _):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass

    def garbage(self, _):
        self.wfile.write(b"\x00\xff not HTTP\r\n\r\n")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Service)
print(server.server_address[1], flush=True)
server.serve_forever()
