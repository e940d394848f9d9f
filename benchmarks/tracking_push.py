"""What a pushed message costs, from the socket to the commit, beside an empty public route of plain Odoo.

The same server answers both in turns. Its cost are the CPU seconds of the server's process and of all
PostgreSQL processes of the database, background processes not counted. The empty route reads the body,
does nothing, and is declared as a push route would be (type http, public, no CSRF, no session); a second one
leaves all settings as Odoo has them. The message is signed by HMAC, has a new body each time and is stored.

Then: how long senders wait at ten messages a second while a scheduled action reads what comes in, and whether
anything is lost when fifty send at once, some of it twice.
"""

import argparse
import hashlib
import hmac
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median

import psycopg2
from _lib import TICKS, closing_line, drop, fresh, in_child, registry, table

DATABASE = "op_bench_push"
REQUESTS = int(os.environ.get("BENCH_REQUESTS", 500))
RUNS = int(os.environ.get("BENCH_RUNS", 7))
SECONDS, PER_SECOND = int(os.environ.get("BENCH_SECONDS", 30)), 10
SENDERS, EACH = 50, int(os.environ.get("BENCH_EACH", 40))
PARCELS = 400
SECRET = "bench"  # noqa: S105  of nobody
HOST = "127.0.0.1"
LIMIT, LIMIT_MS = 1.2, 300


# ---------------------------------------------------------------- the server
def stub():
    """Register a connector that is told, in the place of the generic one."""
    from datetime import datetime

    from odoo.addons.order_processing.connectors import base

    class Stub(base.Connector):
        kind = "generic"
        can_push = signs_pushes = True

        def verify(self, headers, raw, form):
            sign = hmac.new(self.secrets["push_secret"].encode(), raw, "sha256").hexdigest()
            return hmac.compare_digest(sign, headers.get("x-signature", ""))

        def parse_push(self, raw, form, headers):
            told = json.loads(raw)
            scans = [base.Scan(datetime.fromisoformat(at), code, text) for at, code, text in told["scans"]]
            return [base.Result(told["number"], scans=tuple(scans), is_full_history=False)]

        def ack(self, ok=True):
            return base.Ack(200 if ok else 503, b'{"received": true}')

    base._KINDS["generic"] = Stub


def empty_routes():
    """Declare them as a module of plain Odoo would."""
    from odoo.http import Controller, request, route

    class Empty(Controller):
        __module__ = "odoo.addons.web.controllers.bench"

        @route("/bench/empty", type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
        def empty(self):
            request.httprequest.get_data()
            return request.make_response(b'{"received": true}', [("Content-Type", "application/json")])

        @route("/bench/default", type="http", auth="public", methods=["POST"], csrf=False)
        def default(self):
            request.httprequest.get_data()
            return request.make_response(b'{"received": true}', [("Content-Type", "application/json")])

    return Empty


def serve(port, crons):
    from odoo.tools import config

    arguments = ["-d", DATABASE, "--http-port", port, "--max-cron-threads", crons, "--workers=0"]
    config.parse_config([*arguments, "--log-level=warn"], setup_logging=True)
    import odoo.service.server

    empty_routes()
    stub()
    # What loading a database imports must not put another connector in its place.
    odoo.service.server.load_server_wide_modules()
    import odoo.modules.registry

    with odoo.modules.registry.Registry(DATABASE).cursor():
        stub()
    sys.exit(odoo.service.server.start(preload=[DATABASE], stop=False))


class Server:
    def __init__(self, crons=0):
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, __file__, "--serve", str(self.port), "--crons", str(crons)]
        self.process = subprocess.Popen(command)

    def __enter__(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.post("/bench/empty", b"{}")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.3)
        self.process.kill()
        sys.exit("the server did not come up")

    def __exit__(self, *exception):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def post(self, path, body, headers=None):
        """Return (status, body, seconds) of one request on a connection of its own, as from a provider."""
        began = time.monotonic()
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json", **(headers or {})})
            reply = connection.getresponse()
            return reply.status, reply.read(), time.monotonic() - began
        finally:
            connection.close()

    def push(self, path, body):
        sign = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
        return self.post(path, body, {"X-Signature": sign})

    def cpu(self):
        """CPU seconds of the server's process, and of PostgreSQL's for this database."""
        with admin() as cr:
            cr.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [DATABASE])
            backends = [pid for (pid,) in cr.fetchall()]
        return seconds_of(self.process.pid), sum(map(seconds_of, backends))


class admin:  # noqa: N801  used as a function
    def __init__(self, database="postgres"):
        self.database = database

    def __enter__(self):
        self.connection = psycopg2.connect(dbname=self.database)
        self.connection.autocommit = True
        return self.connection.cursor()

    def __exit__(self, *exception):
        self.connection.close()


def seconds_of(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


# ---------------------------------------------------------------- the messages
def prepare(database):
    from datetime import datetime

    with registry(database) as env:
        stub()
        provider = env["order.tracking.provider"].create({"name": "Eye", "kind": "generic", "mode": "both"})
        provider._set_secret("push_secret", SECRET)
        means = {"kind": "generic", "provider_id": provider.id, "code": "TR", "status": "in_transit"}
        env["order.tracking.status.map"].create(means)
        parcel = {"company_id": env.company.id, "provider_id": provider.id, "shipped_at": datetime.now()}
        env["order.shipment.parcel"].create(
            [{**parcel, "number": f"B{n}", "number_key": f"B{n}"} for n in range(PARCELS)]
        )
        path = "/order_tracking/push/" + provider._push_url().partition("/order_tracking/push/")[2]
        env.cr.commit()
    return path


def message(serial):
    """Return a message of about a kilobyte, as providers send them."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 40_000 + serial % 30_000))
    scans = [[at, "TR", f"Arrived at the sorting centre {serial} {part} " + "·" * 20] for part in range(8)]
    return json.dumps({"number": f"B{serial % PARCELS}", "scans": scans, "serial": serial}).encode()


# ---------------------------------------------------------------- what is measured
def cost(server, send):
    """Return CPU milliseconds a request: (server, PostgreSQL)."""
    before = server.cpu()
    for serial in range(REQUESTS):
        status = send(serial)[0]
        if status != 200:
            sys.exit(f"a request was answered by {status}")
    after = server.cpu()
    return tuple((new - old) / REQUESTS * 1000 for old, new in zip(before, after, strict=True))


def costs(path):
    serials = iter(range(10**9))
    with Server() as server:
        sides = {
            "empty public route": lambda _n: server.post("/bench/empty", message(next(serials))),
            "the same, session as Odoo has it": lambda _n: server.post(
                "/bench/default", message(next(serials))
            ),
            "push": lambda _n: server.push(path, message(next(serials))),
            "push of what is stored already": lambda _n: server.push(path, message(-1)),
            "push, refused": lambda _n: (200, server.post(path, message(next(serials)))),
        }
        for send in sides.values():
            for serial in range(50):
                send(serial)
        found = {name: [] for name in sides}
        for run in range(RUNS):
            for name in list(sides)[:: 1 if run % 2 == 0 else -1]:
                found[name].append(cost(server, sides[name]))
    return found


def waits(path):
    """Return how long senders wait, in milliseconds, at ten messages a second with the reader running."""
    found, threads = [], []

    def send(serial):
        status, _body, seconds = server.push(path, message(10**6 + serial))
        found.append((status, seconds * 1000))

    with Server(crons=1) as server:
        for serial in range(20):
            server.push(path, message(2 * 10**6 + serial))
        began = time.monotonic()
        for serial in range(SECONDS * PER_SECOND):
            time.sleep(max(0, began + serial / PER_SECOND - time.monotonic()))
            threads.append(threading.Thread(target=send, args=(serial,)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        read = read_up()
    return found, read


def read_up():
    """Return how many messages are left unread, after at most two minutes."""
    for _second in range(120):
        with admin(DATABASE) as cr:
            cr.execute("SELECT count(*) FROM order_tracking_inbox WHERE state = 'new'")
            left = cr.fetchone()[0]
        if not left:
            break
        time.sleep(1)
    return left


class Crowd:
    """Fifty senders at once; each message is sent until it is taken, one in five by two of them."""

    def __init__(self, server, path):
        self.server, self.path = server, path
        self.statuses, self.taken, self.lock = Counter(), set(), threading.Lock()

    def send(self):
        """Return the seconds it took."""
        began = time.monotonic()
        threads = [threading.Thread(target=self._sender, args=(number,)) for number in range(SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.monotonic() - began

    def _sender(self, number):
        for part in range(EACH):
            owner = number - number % 2 if part % 5 == 0 else number
            self._deliver(message(3 * 10**6 + owner * 10_000 + part))

    def _deliver(self, body):
        for _attempt in range(20):
            try:
                status = self.server.push(self.path, body)[0]
            except OSError as error:
                status = type(error).__name__
            with self.lock:
                self.statuses[str(status)] += 1
            if status == 200:
                with self.lock:
                    self.taken.add(hashlib.sha256(b"raw:" + body).hexdigest())
                return
            time.sleep(random.uniform(0.1, 1))


def crowd(path):
    """Return what became of the messages of many senders."""
    with Server(crons=1) as server:
        senders = Crowd(server, path)
        took = senders.send()
        left = read_up()
    with admin(DATABASE) as cr:
        cr.execute("SELECT digest FROM order_tracking_inbox")
        stored = {digest for (digest,) in cr.fetchall()}
    return {
        "messages": len(senders.taken),
        "lost": len(senders.taken - stored),
        "answers": dict(senders.statuses),
        "per_second": round(senders.statuses.total() / took),
        "unread": left,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--serve")
    parser.add_argument("--crons", default="0")
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.crons)
    fresh(DATABASE)
    try:
        path = in_child(prepare, DATABASE)
        found = costs(path)
        waited, left = waits(path)
        many = crowd(path)
    finally:
        drop(DATABASE)
    report(found, waited, left, many)


def report(found, waited, left, many):
    middle = {name: [median(part) for part in zip(*runs, strict=True)] for name, runs in found.items()}
    total = {name: median(sum(run) for run in runs) for name, runs in found.items()}
    empty, push = total["empty public route"], total["push"]
    print(f"\nCPU milliseconds a request, medians of {RUNS} runs of {REQUESTS}")
    rows = [[name, *middle[name], total[name], total[name] / empty] for name in found]
    table(["", "server", "PostgreSQL", "together", "ratio"], rows)
    times = sorted(ms for _status, ms in waited)
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    refused = sum(status != 200 for status, _ms in waited)
    print(
        f"\n{len(times)} messages at {PER_SECOND} a second while the reader runs, milliseconds a sender waits"
    )
    table(["p50", "p99", "longest", "not taken", "unread"], [[p50, p99, times[-1], refused, left]])
    print(f"\n{SENDERS} senders at once: {json.dumps(many)}")
    print(f"limits: ratio {LIMIT}, p99 {LIMIT_MS} ms, lost 0")
    closing_line(
        "tracking_push",
        round(push, 4),
        round(empty, 4),
        unit="CPU milliseconds a request",
        p99_ms=round(p99, 1),
        lost=many["lost"],
        runs=RUNS,
    )


if __name__ == "__main__":
    main()
