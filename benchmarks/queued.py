"""Queued reservation: how long after its confirmation is committed an order is reserved.

A real server with cron workers of its own runs beside; orders are confirmed one by one, a random moment
apart. Once with nothing else to do, once with as many other jobs as cron workers, each busy again and again.
"""

import contextlib
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from statistics import quantiles

from _lib import BIN, closing_line, drop, fresh, in_child, registry, table

ORDERS = int(os.environ.get("BENCH_ORDERS", 40))  # in each situation
CRON_WORKERS = int(os.environ.get("BENCH_CRON_WORKERS", 2))
BUSY_SECONDS = 3
PATIENCE = 120

BUSY = f"""
env.cr.execute("SELECT pg_sleep({BUSY_SECONDS})")
env["ir.cron"].browse(env.context["cron_id"])._trigger()
"""
OPEN = """
SELECT count(*) FROM stock_move m JOIN sale_order_line l ON l.id = m.sale_line_id
WHERE l.order_id = %s AND m.state != 'assigned'
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def server(database):
    """A server as in production: web and cron workers are processes."""
    port, gevent = free_port(), free_port()
    options = ["-d", database, "--workers=1", f"--max-cron-threads={CRON_WORKERS}", "--log-level=error"]
    options += [f"--http-port={port}", f"--gevent-port={gevent}"]
    process = subprocess.Popen([BIN / "odoo", "server", *options])
    try:
        wait_for(f"http://127.0.0.1:{port}/web/health")
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(url):
    for _second in range(PATIENCE):
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(url, timeout=10).close()
            return
        time.sleep(1)
    sys.exit("The server did not start.")


def prepare(database):
    """Switch to queued, let nothing else be due, and return quotations for both situations."""
    from _past import customers, goods, quotation

    with registry(database) as env:
        env.company.write({"reservation_mode": "queued", "review_mode": "off"})
        allocator = env.ref("order_processing.ir_cron_allocate")
        env.cr.execute(
            "UPDATE ir_cron SET nextcall = now() + interval '1 day' WHERE id != %s", [allocator.id]
        )
        products, people = goods(env, 20), customers(env, 10)
        orders = env["sale.order"]
        for _number in range(2 * ORDERS + 2):
            lines = [(product, 1) for product in random.sample(list(products), 3)]
            orders |= quotation(env, random.choice(people), lines)
        env.cr.commit()
        return orders.ids


def be_busy(database):
    """Add the other jobs, and let them begin."""
    with registry(database) as env:
        for number in range(CRON_WORKERS):
            job = env["ir.cron"].create(
                {
                    "name": f"Busy {number}",
                    "model_id": env.ref("base.model_res_partner").id,
                    "state": "code",
                    "code": BUSY,
                    "interval_number": 1,
                    "interval_type": "minutes",
                }
            )
            job._trigger()
        env.cr.commit()
    time.sleep(2 * BUSY_SECONDS)


def waits(database, order_ids):
    """Confirm one by one; return how long each waited until all of it was reserved."""
    with registry(database) as env:
        measured = [_wait(env, order_id) for order_id in order_ids]
    return measured[1:]  # the first has loaded what the others find


def _wait(env, order_id):
    env["sale.order"].browse(order_id).action_confirm()
    env.cr.commit()
    committed = time.monotonic()
    while time.monotonic() < committed + PATIENCE:
        env.cr.execute(OPEN, [order_id])
        (is_open,) = env.cr.fetchone()
        env.cr.rollback()
        if not is_open:
            break
        time.sleep(0.01)
    waited = time.monotonic() - committed
    time.sleep(random.uniform(0, 1))
    return waited


def row(label, measured):
    percent = quantiles(measured, n=100, method="inclusive")
    return [label, percent[49], percent[94], max(measured)]


def main():
    random.seed(1)
    database = fresh("op_bench_queued")
    try:
        orders = in_child(prepare, database)
        with server(database):
            free = in_child(waits, database, orders[: ORDERS + 1])
            in_child(be_busy, database)
            busy = in_child(waits, database, orders[ORDERS + 1 :])
    finally:
        drop(database)
    rows = [
        row("nothing else to do", free),
        row(f"{CRON_WORKERS} other jobs, {BUSY_SECONDS} s each, again and again", busy),
    ]
    print(f"\nFrom commit to reserved, seconds; {CRON_WORKERS} cron workers, {ORDERS} orders each")
    table(["", "p50", "p95", "longest"], rows)
    closing_line(
        "queued",
        round(rows[0][2], 3),
        None,
        unit="seconds from commit to reserved, p95",
        p50=round(rows[0][1], 3),
        busy_p50=round(rows[1][1], 3),
        busy_p95=round(rows[1][2], 3),
        cron_workers=CRON_WORKERS,
    )


if __name__ == "__main__":
    main()
