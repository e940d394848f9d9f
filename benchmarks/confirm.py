"""Confirming 500 clean orders: review, stage and timeline, reserved at once, against plain Odoo.

Also shown: what one order costs in queries, and that it does not grow with the orders of the past.
"""

import os
import random
from statistics import median

from _lib import alternate, closing_line, drop, fresh, in_child, measure, registry, table

ORDERS = int(os.environ.get("BENCH_ORDERS", 500))
RUNS = int(os.environ.get("BENCH_RUNS", 3))
MODE = os.environ.get("BENCH_MODE", "at_once")
FEW = 25  # orders confirmed to count queries
PAST = 1_000  # orders in the table at first; then ten times as many


def quotations(env, products, people, number):
    """Return so many clean quotations of one to five lines; the same ones in every run."""
    from _past import quotation

    dice = random.Random(number)
    orders = env["sale.order"]
    for _i in range(number):
        lines = [(product, dice.randint(1, 9)) for product in dice.sample(list(products), dice.randint(1, 5))]
        orders |= quotation(env, dice.choice(people), lines)
    return orders


def confirm(env, orders):
    submit = getattr(orders, "action_submit", orders.action_confirm)
    submit()


def once(database, ours):
    """Return the costs of a few orders, of a few with ten times the past, and of the many."""
    from _past import customers, delivered, goods, multiply  # Odoo is loaded in the child only

    with registry(database) as env:
        if ours:
            env.company.review_mode = "enforce"
            env.company.reservation_mode = MODE
            # A hundred customers order all day long here: that is found, and must not hold them.
            for name in ("velocity", "duplicate"):
                env.ref(f"order_processing.rule_{name}").severity = "inform"
        products, people = goods(env), customers(env)
        past = delivered(env, people[0], [(product, 2) for product in products[:4]])
        confirm(env, quotations(env, products, people, 10))  # everything loaded and cached once
        costs = {}
        for name, times, number in (
            ("few", PAST - 1, FEW),
            ("few_later", PAST * 9, FEW),
            ("many", 0, ORDERS),
        ):
            if times:
                multiply(env, past, times)
            orders = quotations(env, products, people, number)
            costs[name] = measure(env, confirm, orders)
            assert set(orders.mapped("state")) == {"sale"}
            reserved = set(orders.picking_ids.mapped("state"))
            assert reserved == ({"confirmed"} if ours and MODE == "queued" else {"assigned"}), reserved
        return costs


def side(ours):
    database = f"op_bench_{'ours' if ours else 'vanilla'}"
    fresh(database, ours=ours)
    try:
        return in_child(once, database, ours)
    finally:
        drop(database)


def main():
    runs = alternate({"vanilla": lambda: side(False), "ours": lambda: side(True)}, RUNS)

    def middle(who, what, figure):
        return median(getattr(costs[what], figure) for costs in runs[who])

    def row(label, what, figure, per=1):
        vanilla, ours = (middle(who, what, figure) / per for who in ("vanilla", "ours"))
        return [label, vanilla, ours, ours / vanilla]

    print(f"\n{ORDERS} clean orders confirmed at once, medians of {RUNS} runs")
    rows = [
        row("CPU seconds", "many", "cpu"),
        row("  of these Python", "many", "python"),
        row("  of these PostgreSQL", "many", "postgres"),
        row("queries per order", "many", "queries", ORDERS),
        row(f"queries per order, {FEW} at once, {PAST:,} past orders", "few", "queries", FEW),
        row(f"queries per order, {FEW} at once, {10 * PAST:,} past orders", "few_later", "queries", FEW),
    ]
    table(["", "vanilla", "ours", "ratio"], rows)
    closing_line(
        "confirm",
        round(middle("ours", "many", "cpu"), 3),
        round(middle("vanilla", "many", "cpu"), 3),
        unit="CPU seconds",
        orders=ORDERS,
        runs=RUNS,
        mode=MODE,
        queries_per_order=round(rows[3][2], 2),
        queries_per_order_few=round(rows[4][2], 2),
        queries_per_order_ten_times_the_past=round(rows[5][2], 2),
    )


if __name__ == "__main__":
    main()
