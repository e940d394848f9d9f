"""The shipped rules tried on months of real orders that are all there already.

    ORDERS_FILE=orders.csv.gz make bench ARGS=backtest

The same orders and rules as in the benchmark *months*, where each order is judged before the next one comes
in. Here all of them are history first, and a trial judges them by what was known then: the same share has to
be held. Reported: that share, the CPU time of an order, and how long the steps of the scheduled action take.
"""

import os
import sys
import time
from itertools import groupby
from statistics import median

from _lib import closing_line, cpu_seconds, drop, fresh, in_child, registry, table
from months import HOLDING, Company

DATABASE = "op_bench_backtest"


def enter(env, path):
    """Write all orders of the file into the tables, confirmed; return the first and the last moment."""
    from odoo.addons.order_processing.engine import order_file

    form = order_file.FileFormat()
    orders = sorted(order_file.load(path, form).orders, key=lambda order: (order.date, order.ref))
    company = Company(env, orders)
    for name in ("price", "taken_off"):
        env.ref(f"order_processing.rule_{name}").active = False
    walk_ins = {company.customers[company.customer_ref(order)].id for order in orders if order.is_walk_in}
    for name in ("velocity", "duplicate"):
        env.ref(f"order_processing.rule_{name}").except_partner_ids = list(walk_ins)
    for day, todays in groupby(orders, key=lambda order: order.date.date()):
        company.confirm(company.enter(list(todays)))
        print(f"\rentered: {day}   ", end="", file=sys.stderr, flush=True)
    env.cr.commit()
    env.cr.execute("ANALYZE")
    return orders[0].date, orders[-1].date


def try_rules(env, start, end):
    """Let the scheduled action do its work; return the trial, CPU time and ``(orders, seconds)`` by step."""
    Trial = type(env["order.review.backtest"])
    do_step, steps = Trial._do_step, []

    def timed(self, size):
        began = time.monotonic()
        done = do_step(self, size)
        self.env.flush_all()
        steps.append((done, time.monotonic() - began))
        return done

    Trial._do_step = timed
    trial = env["order.review.rule"].search([("active", "=", True)]).backtest(730)
    trial.write({"date_from": start.replace(hour=0), "date_to": end.replace(hour=23, minute=59)})
    before = sum(cpu_seconds(env.cr))
    env["order.review.backtest"]._cron_backtest()
    return trial, sum(cpu_seconds(env.cr)) - before, steps


def run(path):
    with registry(DATABASE) as env:
        trial, cost, steps = try_rules(env, *enter(env, path))
        rows = [[line.name, line.severity, line.judged_count, line.found_count] for line in trial.line_ids]
        held = trial.hit_ids.filtered(lambda hit: hit.line_id.severity in HOLDING).order_id
        return trial.judged_count, len(held), rows, cost, steps


def main():
    path = os.environ.get("ORDERS_FILE")
    if not path:
        print("backtest: give a file of orders, ORDERS_FILE=…; skipped.", file=sys.stderr)
        return
    fresh(DATABASE)
    try:
        judged, held, rows, cost, steps = in_child(run, path)
    finally:
        if not os.environ.get("BENCH_KEEP"):
            drop(DATABASE)
    print("\n\nfound by rule (orders)")
    table(["rule", "severity", "judged", "found"], rows)
    seconds = [one for done, one in steps if done]
    closing_line(
        "backtest",
        round(cost / judged, 5),
        None,
        unit="CPU seconds per order",
        orders=judged,
        held_percent=round(100 * held / judged, 2),
        steps=len(seconds),
        median_step_seconds=round(median(seconds), 3),
        longest_step_seconds=round(max(seconds), 3),
    )


if __name__ == "__main__":
    main()
