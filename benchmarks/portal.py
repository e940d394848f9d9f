"""What the customer's pages cost: the page of an order beside plain Odoo's page of the same order, and the
list of two thousand orders on its first and its hundredth page.

A load generator on loopback asks two servers in turns, ours and one of plain Odoo, each with its own
database. A page's cost are the CPU seconds of the server's process and of the PostgreSQL processes of its
database. Odoo's list has 80 orders on a page, ours 20: theirs is shown, and not compared.
"""

import argparse
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import psycopg2
from _lib import TICKS, alternate, closing_line, drop, fresh, in_child, table
from _portal import LOGIN, prepare

REQUESTS = int(os.environ.get("BENCH_REQUESTS", 100))
RUNS = int(os.environ.get("BENCH_RUNS", 5))
HOST = "127.0.0.1"
SIDES = {"vanilla": "op_bench_portal_plain", "ours": "op_bench_portal"}
LIMIT, LIMIT_QUERIES, LIMIT_PAGES = 1.2, 12, 1.1
PAGES = {"vanilla": 25, "ours": 100}  # of 2,000 orders
ASKED = re.compile(r'"GET (\S+) HTTP/1\.\d" 200 - (\d+) [\d.]+ [\d.]+')


class Server:
    """A server of one of the databases, and a customer logged in to it."""

    def __init__(self, side, path, link):
        self.database = database = SIDES[side]
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port = free.getsockname()[1]
        self.log = Path(tempfile.mkdtemp()) / "log"
        command = [sys.executable, __file__, "--serve", database, "--port", str(self.port), "--log", self.log]
        self.process = subprocess.Popen(command)
        self.cookie = ""
        self.pages = {
            "order": path,
            "order by signed link": link,
            "list, page 1": "/my/orders",
            "list, last page": f"/my/orders/page/{PAGES[side]}",
        }

    def wait(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.ask("GET", "/web/health")[0] == 200:
                    return self._log_in()
            except OSError:
                time.sleep(0.3)
        return sys.exit("the server did not come up")

    def _log_in(self):
        page = self.ask("GET", "/web/login")[1].decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        form = urlencode({"login": LOGIN, "password": LOGIN, "csrf_token": token})
        status = self.ask("POST", "/web/login", form, {"Content-Type": "application/x-www-form-urlencoded"})[
            0
        ]
        if status != 303:
            sys.exit(f"the customer cannot log in: {status}")
        return self

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def ask(self, method, path, body=None, headers=None, anonymous=False):
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        headers = {**(headers or {}), **({} if anonymous else {"Cookie": self.cookie})}
        try:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            for cookie in reply.headers.get_all("Set-Cookie") or ():
                if cookie.startswith("session_id=") and not anonymous:
                    self.cookie = cookie.partition(";")[0]
            return reply.status, reply.read()
        finally:
            connection.close()

    def cpu(self):
        """CPU seconds of the server's process, and of PostgreSQL's for its database."""
        connection = psycopg2.connect(dbname="postgres")
        with connection.cursor() as cr:
            cr.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [self.database])
            backends = [pid for (pid,) in cr.fetchall()]
        connection.close()
        return sum(map(seconds_of, [self.process.pid, *backends]))

    def cost(self, name):
        """Return CPU milliseconds a page."""
        before = self.cpu()
        for _request in range(REQUESTS):
            self.visit(name)
        return (self.cpu() - before) / REQUESTS * 1000

    def visit(self, name):
        status, page = self.ask("GET", self.pages[name])
        if status != 200:
            sys.exit(f"{self.pages[name]} was answered by {status}")
        return page

    def queries(self, name):
        """Return how many queries one visit takes, as the server's log says."""
        self.log.write_text("")
        self.visit(name)
        time.sleep(0.3)
        return [int(count) for _path, count in ASKED.findall(self.log.read_text())][-1]


def seconds_of(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def serve(options):
    from odoo.tools import config

    config.parse_config(
        [
            *("-d", options.serve, "--http-port", options.port, "--max-cron-threads=0", "--workers=0"),
            *("--log-level=warn", "--log-handler=werkzeug:INFO", f"--logfile={options.log}"),
        ],
        setup_logging=True,
    )
    import odoo.service.server

    odoo.service.server.load_server_wide_modules()
    sys.exit(odoo.service.server.start(preload=[options.serve], stop=False))


def run(keep=False):
    servers = {}
    try:
        for side, database in SIDES.items():
            fresh(database, ours=side == "ours")
            servers[side] = Server(side, *in_child(prepare, database, side == "ours"))
            servers[side].wait()
        return measured(servers)
    finally:
        for server in servers.values():
            server.stop()
        if not keep:
            for database in SIDES.values():
                drop(database)


def measured(servers):
    """Return ``{page: {side: {cpu, queries, kilobytes}}}``."""
    found = {}
    for name in servers["ours"].pages:
        for server in servers.values():
            for _request in range(5):
                server.visit(name)
        costs = alternate({side: partial(server.cost, name) for side, server in servers.items()}, RUNS)
        found[name] = {
            side: {
                "cpu": median(costs[side]),
                "queries": server.queries(name),
                "kilobytes": len(server.visit(name)) / 1024,
            }
            for side, server in servers.items()
        }
    return found


def report(found):
    print(f"\nCPU milliseconds, queries and kilobytes of HTML a page; medians of {RUNS} runs of {REQUESTS}")
    rows = []
    for name, sides in found.items():
        plain, ours = sides["vanilla"], sides["ours"]
        ratio = ours["cpu"] / plain["cpu"]
        rows.append(
            [
                name,
                *(plain["cpu"], ours["cpu"], ratio),
                *(plain["queries"], ours["queries"], ours["queries"] - plain["queries"]),
                *(plain["kilobytes"], ours["kilobytes"]),
            ]
        )
    table(["", "vanilla", "ours", "ratio", "queries", "ours", "more", "kB", "ours"], rows)
    first, last = found["list, page 1"]["ours"]["cpu"], found["list, last page"]["ours"]["cpu"]
    print(f"limits: order page {LIMIT} and {LIMIT_QUERIES} queries more; last page of the list {LIMIT_PAGES}")
    order = found["order"]
    closing_line(
        "portal",
        round(order["ours"]["cpu"], 3),
        round(order["vanilla"]["cpu"], 3),
        unit="CPU milliseconds an order page",
        runs=RUNS,
        queries_ours=order["ours"]["queries"],
        queries_vanilla=order["vanilla"]["queries"],
        last_to_first_page=round(last / first, 3),
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("--serve", "--port", "--log"):
        parser.add_argument(name)
    options = parser.parse_args()
    if options.serve:
        serve(options)
    found = run()
    print(json.dumps(found), file=sys.stderr)
    report(found)


if __name__ == "__main__":
    main()
