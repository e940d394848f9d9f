"""A carrier's server with real sockets on 127.0.0.1, which does whatever carriers' servers do wrong.

    with CarrierServer() as carrier:
        carrier.scans["SW1"] = [("2026-03-02T16:00:00", "TR", "Sorted")]
        carrier.script += ["error", "html"]      # so it answers the next two calls; then properly

Free of Odoo, so that programs beside the tests can use it.
"""

import contextlib
import email.utils
import json
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TRACK, TOKEN = "/track", "/token"


@dataclass
class Call:
    path: str
    headers: dict
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def numbers(self):
        return json.loads(self.body)["numbers"] if self.path == TRACK else []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        carrier = self.server.carrier
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        call = Call(
            self.path.partition("?")[0], {name.lower(): value for name, value in self.headers.items()}, body
        )
        with carrier.lock:
            carrier.calls.append(call)
            fault = carrier.script.popleft() if carrier.script and call.path == TRACK else None
        if call.path == TOKEN:
            carrier.tokens += 1
            token = f"token-{carrier.tokens}"
            names = ({"token": token, "seconds": 3600}, {"access_token": token, "expires_in": 3600})
            return self.reply(200, json.dumps({**names[0], **names[1]}))
        name, *arguments = fault if isinstance(fault, tuple) else (fault or "proper",)
        return getattr(self, f"do_{name}")(carrier, call, *arguments)

    do_GET = do_POST

    def reply(self, status, body, kind="application/json", **headers):
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    # ---------------------------------------------------------------- as it should
    def do_proper(self, carrier, call):
        time.sleep(carrier.delay)
        if carrier.wants_token and call.headers.get("authorization") != f"Bearer token-{carrier.tokens}":
            return self.reply(401, '{"error": "expired"}')
        if bad := carrier.refuses.intersection(call.numbers):
            return self.reply(400, json.dumps({"error": f"{len(bad)} bad"}))
        return self.reply(200, json.dumps(carrier.answer(call.numbers)))

    # ---------------------------------------------------------------- as it should not
    def do_reset(self, carrier, call):
        body = json.dumps(carrier.answer(call.numbers))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2].encode())
        self.wfile.flush()
        # Closed with a reset: no time to linger.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def do_cut_off(self, carrier, call):
        """End early, politely: the body is shorter than was said."""
        body = json.dumps(carrier.answer(call.numbers))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + 10))
        self.end_headers()
        self.wfile.write(body.encode())
        self.close_connection = True

    def do_slow(self, carrier, call, seconds):
        time.sleep(seconds)
        self.close_connection = True

    def do_drip(self, carrier, call, seconds, beginning=b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"):
        """Send a byte now and then: no single wait is long."""
        with contextlib.suppress(OSError):
            self.wfile.write(beginning)
            for _byte in range(int(seconds / 0.1)):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.1)
        self.close_connection = True

    def do_wait_seconds(self, carrier, call, seconds):
        self.reply(429, "{}", Retry_After=str(seconds))

    def do_wait_until(self, carrier, call, seconds):
        self.reply(429, "{}", Retry_After=email.utils.formatdate(time.time() + seconds, usegmt=True))

    def do_wait_reset(self, carrier, call, seconds):
        self.reply(429, "{}", X_RateLimit_Reset=str(int(time.time() + seconds)))

    def do_wait(self, carrier, call):
        self.reply(429, "{}")

    def do_error(self, carrier, call, status=500):
        self.reply(status, "oops", "text/plain")

    def do_html(self, carrier, call):
        self.reply(200, "<!DOCTYPE html><p>We are back soon", "text/html")

    def do_truncated(self, carrier, call):
        body = json.dumps(carrier.answer(call.numbers))
        self.reply(200, body[: len(body) // 2])

    def do_null(self, carrier, call):
        self.reply(200, "null")

    def do_empty(self, carrier, call):
        self.reply(200, '{"parcels": []}')

    def do_charset(self, carrier, call, said, written):
        body = json.dumps(carrier.answer(call.numbers), ensure_ascii=False).encode(written)
        self.reply(200, body, f"application/json; charset={said}")

    def do_partly(self, carrier, call, trouble, *numbers):
        answer = carrier.answer([number for number in call.numbers if number not in numbers])
        answer["parcels"] += [{"number": number, "trouble": trouble} for number in numbers]
        self.reply(200, json.dumps(answer))

    def do_without(self, carrier, call, *numbers):
        self.reply(200, json.dumps(carrier.answer([one for one in call.numbers if one not in numbers])))

    def do_doubled(self, carrier, call):
        self.reply(200, json.dumps(carrier.answer([*call.numbers, *call.numbers, "STRANGER"])))

    def do_redirect(self, carrier, call, to):
        self.reply(307, "", Location=to)

    def do_huge(self, carrier, call, size):
        self.reply(200, b" " * size)

    def log_message(self, *_arguments):
        """Say nothing."""


class CarrierServer:
    """Answers ``POST /track`` by what is in ``scans``, unless the script says otherwise."""

    handler = Handler

    def __init__(self):
        self.lock = threading.Lock()
        self.scans, self.calls, self.script = {}, [], deque()
        self.refuses, self.wants_token, self.tokens, self.delay = set(), False, 0, 0.0

    def __enter__(self):
        ThreadingHTTPServer.request_queue_size = 128
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        self.server.daemon_threads, self.server.carrier = True, self
        self.server.handle_error = lambda *_arguments: None  # the other side may hang up
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_exception):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, numbers):
        return {
            "parcels": [
                {
                    "number": number,
                    "scans": [
                        {"at": at, "code": code, "text": text} for at, code, text in self.scans[number]
                    ],
                }
                if number in self.scans
                else {"number": number, "trouble": "not_found"}
                for number in numbers
            ]
        }

    @property
    def tracked(self):
        return [call for call in self.calls if call.path == TRACK]


def closed_port():
    """Return a port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
