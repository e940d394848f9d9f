"""Are first promises kept? A month of real orders, played day by day, in two worlds.

    ORDERS_FILE=orders.csv.gz make bench ARGS=promise_month

*Perfect*: what was ordered from vendors comes on its day, all of it. *Delays*: of the receipts some are told
to come later, some come later without a word, some are cancelled, some bring less (the shares are in
``_month.py``, with all that is made up). A promise is kept when the last of the goods arrives on the day that
was told first, or earlier; counted for whole orders, and for lines.

Two shops keep the same month. *odoo*: our addon on a real database, with confirmed orders, validated receipts
and deliveries, the allocator and the job that looks at promises again; time is frozen and moved. *engine*:
``engine/promise.py`` and ``engine/allocation.py`` alone, fast enough for all orders of the month.

BENCH_PARTS="odoo engine", BENCH_MONTH=2011-03, BENCH_DAYS=31 (of the month), BENCH_SHARE=0.05 (of its orders,
in the odoo part; the engine plays all), BENCH_WORLDS="perfect delays", BENCH_RESERVATION=at_once|queued;
BENCH_LIST=10 prints as many broken lines of each world.
"""

import os
import sys
from collections import Counter
from datetime import date, timedelta

from _lib import closing_line, drop, fresh, in_child, registry, table
from _month import Month, Plan

DATABASE = "op_bench_promise_month"
PARTS = os.environ.get("BENCH_PARTS", "odoo engine").split()
WORLDS = os.environ.get("BENCH_WORLDS", "perfect delays").split()
MONTH = os.environ.get("BENCH_MONTH", "2011-03")
DAYS = int(os.environ.get("BENCH_DAYS", 31))
SHARE = float(os.environ.get("BENCH_SHARE", 0.05))
LISTED = int(os.environ.get("BENCH_LIST", 0))
TARGET = 95.0  # percent, with perfect supply data


def reader(order_file):
    def read(path, month):
        first = date.fromisoformat(f"{month}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return order_file.load(path, None, order_file.Selection(first, last)).orders

    return read


def say(label):
    return lambda day: print(f"\r{label}: {day}   ", end="", file=sys.stderr, flush=True)


def engine(path, world):
    from _month_engine import EngineShop  # which knows where the engine lies
    from engine import order_file

    plan = Plan(path, MONTH, 1.0, DAYS, reader(order_file))
    month = Month(plan, EngineShop(plan), world == "delays").play(say(f"engine, {world}"))
    return figures(plan, month)


def odoo(path, world):
    with registry(DATABASE) as env:
        from _month_odoo import OdooShop, clock

        from odoo.addons.order_processing.engine import order_file

        plan = Plan(path, MONTH, SHARE, DAYS, reader(order_file))
        with clock(plan.orders[0].at) as frozen:
            shop = OdooShop(env, plan, frozen, os.environ.get("BENCH_RESERVATION", "at_once"))
            month = Month(plan, shop, world == "delays").play(say(f"odoo, {world}"))
        return figures(plan, month)


# ---------------------------------------------------------------- what came of it
def kept(promised):
    return bool(promised.arrived) and promised.arrived <= promised.first


def in_time(promised, told=False):
    """Whether it was noted (told) that the date cannot be kept, before it had passed."""
    return any(
        now.date() <= promised.first < day and (not told or was_told)
        for now, _code, day, was_told in promised.slips
    )


def cause(line):
    """The last thing that moved the line before it was too late; else that nobody noticed."""
    return line.slips[-1][1] if line.slips else "our own: nothing had moved"


def figures(plan, month):
    orders, lines = plan.orders, [line for order in plan.orders for line in order.lines]
    broken = [line for line in lines if not kept(line)]
    broken_orders = [order for order in orders if not kept(order)]
    causes = Counter((cause(line), line.code) for line in broken)
    of_orders = Counter(
        cause(max(order.lines, key=lambda line: line.arrived or date.max)) for order in broken_orders
    )
    return {
        "days": len(plan.days()),
        "orders": len(orders),
        "lines": len(lines),
        "articles": len(plan.articles),
        "receipts": len(month.receipts),
        "waited": 100 * sum(line.waited for line in lines) / len(lines),
        "orders_kept": 100 - 100 * len(broken_orders) / len(orders),
        "lines_kept": 100 - 100 * len(broken) / len(lines),
        "slips": sum(len(line.slips) for line in lines),
        "broken_lines": len(broken),
        "noted": sum(in_time(line) for line in broken),
        "broken_orders": len(broken_orders),
        "orders_noted": sum(in_time(order) for order in broken_orders),
        "orders_told": sum(in_time(order, told=True) for order in broken_orders),
        "rests_on": dict(Counter(line.code for line in lines)),
        "causes": causes.most_common(),
        "of_orders": dict(of_orders),
        "fates": dict(month.fates),
        "list": [described(line) for line in broken[:LISTED]],
    }


def described(line):
    order = line.order
    slips = "; ".join(f"{now:%m-%d %H:%M} {code} → {day}" for now, code, day, _told in line.slips)
    what = f"{order.ref} of {order.at:%m-%d %H:%M}, {line.quantity} × {line.sku}"
    how = f"{'one piece, ' if order.whole else ''}{'urgent, ' if order.urgent else ''}{order.transit} days"
    left = line.left and f"{line.left:%m-%d}"
    return f"{what} ({how}): on {line.code} for {line.first}, left {left}, there {line.arrived}. {slips}"


def report(found):
    names = {
        "days": "days",
        "orders": "orders",
        "lines": "lines",
        "articles": "articles",
        "receipts": "receipts ordered",
        "waited": "lines that had to wait, %",
        "orders_kept": "first promises kept, orders, %",
        "lines_kept": "first promises kept, lines, %",
        "broken_orders": "orders late",
        "orders_noted": "  known before the day had passed",
        "orders_told": "  and the customer told",
        "broken_lines": "lines late",
        "noted": "  known before the day had passed",
        "slips": "slips noted of lines, in all",
    }
    print()
    table(
        ["", *(f"{part}, {world}" for part, world in found)],
        [[label, *(_short(result[key]) for result in found.values())] for key, label in names.items()],
    )
    for (part, world), result in found.items():
        print(f"\n{part}, {world}: receipts {result['fates']}; promises rested on {result['rests_on']}")
        if result["causes"]:
            print("what broke the rest (orders by their last line):")
            by_cause = Counter()
            for (code, _rests_on), count in result["causes"]:
                by_cause[code] += count
            rests = {
                code: ", ".join(f"{n} on {on}" for (c, on), n in result["causes"] if c == code)
                for code in by_cause
            }
            table(
                ["cause", "orders", "lines", "first promised"],
                [[c, result["of_orders"].get(c, 0), n, rests[c]] for c, n in by_cause.most_common()],
            )
        for line in result["list"]:
            print("   ", line)


def _short(value):
    return f"{value:.2f}" if isinstance(value, float) else value


def main():
    path = os.environ.get("ORDERS_FILE")
    if not path:
        print("promise_month: give a file of orders, ORDERS_FILE=…; skipped.", file=sys.stderr)
        return
    found = {}
    for part in PARTS:
        for world in WORLDS:
            if part == "engine":
                found[part, world] = in_child(engine, path, world)
                continue
            fresh(DATABASE)
            try:
                found[part, world] = in_child(odoo, path, world)
            finally:
                drop(DATABASE)
    print(f"\n{MONTH}, {DAYS} days of it; odoo: {SHARE:.0%} of the orders, engine: all")
    report(found)
    chosen = found[next(iter(found))]
    closing_line(
        "promise_month",
        round(chosen["orders_kept"], 2),
        TARGET,
        unit="% of first promises kept",
        **{
            f"{part}_{world}_{key}": round(result[key], 2)
            for (part, world), result in found.items()
            for key in ("orders_kept", "lines_kept")
        },
    )


if __name__ == "__main__":
    main()
