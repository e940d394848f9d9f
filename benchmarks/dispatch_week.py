"""Is dispatch by priority and plan better than first come, first served? A week of real orders, both ways.

    ORDERS_FILE=orders.csv.gz make bench ARGS=dispatch_week

The same orders, departures and room, played in the same run: *first come* fills each departure with what was
ordered first and fits; *ours* is ``engine/priority.py`` and ``engine/schedule.py`` with the default weights.
What is made up (areas, routes, cut-offs, room, weights, dates, tiers, 5 % urgent) is told in ``_week.py``.
Nothing of Odoo is needed.

BENCH_WEEK=2011-03-07 (its first day), BENCH_DAYS=7 (31: a month), BENCH_ROOM="1.2 1.05 0.95" (how much room
there is, times the average need; the closing line is about the middle one), BENCH_URGENT=0.05, BENCH_WAIT=1
(days an order may wait for another to the same address; 0: none does).
"""

import os
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from _lib import closing_line, table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "addons" / "order_processing"))

from _week import ROUTES, Week, goods
from engine import order_file
from engine.dispatch_trial import by_priority, first_come, play

FIRST = date.fromisoformat(os.environ.get("BENCH_WEEK", "2011-03-07"))
DAYS = int(os.environ.get("BENCH_DAYS", 7))
ROOMS = [float(room) for room in os.environ.get("BENCH_ROOM", "1.2 1.05 0.95").split()]
WAIT = int(os.environ.get("BENCH_WAIT", 1))
WAYS = {"first come": first_come, "ours": by_priority(wait_days=WAIT)}


def read(path):
    selection = order_file.Selection(FIRST, FIRST + timedelta(days=DAYS - 1))
    orders = order_file.load(path, None, selection).orders
    return [order for order in orders if goods(order)]


def figures(week, played):
    urgent, normal = played.of(urgent=True), played.of(urgent=False)
    late = [played.lateness(sale).total_seconds() / 3600 for sale in urgent]
    return {
        "on time, all, %": played.on_time(played.of(promised=True)),
        "on time, urgent, %": played.on_time(urgent),
        "on time, others, %": played.on_time([sale for sale in normal if sale.due]),
        "hours urgent ones were late, in all": sum(late),
        "hours packed to left, urgent": played.waited(urgent),
        "hours packed to left, others": played.waited(normal),
        "hours packed to left, longest": longest(played),
        "fill of the days with orders, %": played.fill(week.last),
        "parcels saved by joining": played.saved(),
        "left in the end": len(played.sales) - len(played.left),
    }


def longest(played):
    spans = [played.left[sale.key].departs - sale.ready for sale in played.sales if sale.key in played.left]
    return max(spans).total_seconds() / 3600


def compare(orders, room):
    """Play it both ways, print what came of it and return it."""
    week = Week(orders, room)
    found, seconds = {}, []
    for name, way in WAYS.items():
        began = time.process_time()
        found[name] = figures(week, play(week.sales, week.departures, way))
        seconds.append(f"{name} {time.process_time() - began:.2f}")
    parcels, urgent = sum(sale.load.parcels for sale in week.sales), len([s for s in week.sales if s.urgent])
    rooms = ", ".join(f"{ROUTES[route]} {number}" for route, number in sorted(week.room.items()))
    print(f"\nRoom for {room} times the average; parcels a departure takes: {rooms}")
    print(
        f"{len(week.sales)} orders of {parcels} parcels, {urgent} urgent; {week.by_pallet} more go by pallet"
    )
    table(
        ["", *found],
        [[what, *(f"{result[what]:.1f}" for result in found.values())] for what in found["ours"]],
    )
    print("CPU seconds for all decisions: " + ", ".join(seconds))
    return found


def main():
    path = os.environ.get("ORDERS_FILE")
    if not path:
        print("dispatch_week: give a file of orders, ORDERS_FILE=…; skipped.", file=sys.stderr)
        return
    print(f"\n{FIRST}, {DAYS} days")
    orders = read(path)
    results = [compare(orders, room) for room in ROOMS]
    chosen, what = results[len(results) // 2], "on time, all, %"
    closing_line(
        "dispatch_week",
        round(chosen["ours"][what], 2),
        round(chosen["first come"][what], 2),
        unit="% on time; vanilla is first come, first served",
        urgent_ours=round(chosen["ours"]["on time, urgent, %"], 2),
        urgent_first_come=round(chosen["first come"]["on time, urgent, %"], 2),
    )


if __name__ == "__main__":
    main()
