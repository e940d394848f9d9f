"""Installing into a company with 100,000 past orders, by the real command; beside it an empty one.

Afterwards no old order has an event, and a sample of them has the stage the Python would give it.
"""

import os
import subprocess
import sys
import time

from _lib import BIN, closing_line, drop, fresh, in_child, registry, table

ORDERS = int(os.environ.get("BENCH_ORDERS", 100_000))
SAMPLE = 1_000
DATABASE = "op_bench_install"


def fill(database):
    """Make each situation once in Odoo, and the rest by SQL."""
    from _past import customers, goods, multiply, situations

    with registry(database) as env:
        orders = situations(env, customers(env, 1), goods(env, 2))
        multiply(env, orders, ORDERS // len(orders))
        env.cr.commit()


def install(database):
    """Return the seconds it took."""
    command = [BIN / "odoo", "-d", database, "-i", "order_processing", "--stop-after-init", "--no-http"]
    start = time.monotonic()
    done = subprocess.run(
        [*command, "--max-cron-threads=0", "--log-level=warn"], stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)
    return time.monotonic() - start


def check(database):
    """Return how many orders and events there are, and the sampled orders whose stage differs."""
    with registry(database) as env:
        env.cr.execute("SELECT count(*), (SELECT count(*) FROM order_event) FROM sale_order")
        orders, events = env.cr.fetchone()
        env.cr.execute("SELECT id FROM sale_order ORDER BY hashint4(id) LIMIT %s", [SAMPLE])
        sample = env["sale.order"].browse(number for (number,) in env.cr.fetchall())
        names = ("processing_stage", "fulfilment", "reservation_state")
        stored = {order: tuple(order[name] for name in names) for order in sample}
        env.add_to_compute(sample._fields["processing_stage"], sample)
        env.flush_all()
        differ = [order.name for order in sample if tuple(order[name] for name in names) != stored[order]]
        env.cr.rollback()
        return orders, events, differ, len(set(stored.values()))


def timed(filled):
    fresh(DATABASE, ours=False)
    try:
        if filled:
            in_child(fill, DATABASE)
        seconds = install(DATABASE)
        return seconds, *in_child(check, DATABASE)
    finally:
        drop(DATABASE)


def main():
    empty, *_nothing = timed(filled=False)
    seconds, orders, events, differ, kinds = timed(filled=True)
    table(
        ["", "seconds", "orders", "events"],
        [["an empty company", empty, 0, 0], ["a company with a past", seconds, orders, events]],
    )
    print(
        f"Of {SAMPLE} orders of {kinds} kinds, {len(differ)} have another stage than in Python: {differ[:5]}"
    )
    if events or differ:
        sys.exit("Installing has written events, or given an order another stage than the Python.")
    closing_line("install", round(seconds, 1), round(empty, 1), unit="seconds", orders=orders, events=events)


if __name__ == "__main__":
    main()
