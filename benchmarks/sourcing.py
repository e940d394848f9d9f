"""Choosing the warehouses of orders: eight warehouses, three lines an order, some of them to be split.

First the decision alone, as plain Python: milliseconds per order, for 1,000 orders and for ten times as many,
for orders of fifty lines, and for twenty warehouses, where it is a search with a bound. Then with Odoo around
it: reading stock and freight, writing the choice, making lines of what is split; for BENCH_ORDERS orders and
for a tenth of them, to see how it grows. All in CPU seconds, of Python and PostgreSQL together.

There is nothing to compare with: plain Odoo sends every line from the order's own warehouse.

BENCH_ORDERS, BENCH_PRODUCTS change the size; BENCH_PARTS="engine odoo" says which parts.
"""

import os
import random
import sys
import time
from pathlib import Path

from _lib import closing_line, drop, fresh, in_child, measure, registry, table

ORDERS = int(os.environ.get("BENCH_ORDERS", 1_000))
PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", 200))
PARTS = os.environ.get("BENCH_PARTS", "engine odoo").split()
HOUSES = 8
LINES = 3


# ---------------------------------------------------------------- the engine
def problems(number, houses, lines):
    from engine.sourcing import Demand, Source, Warehouse

    dice = random.Random(number)
    found = []
    for _number in range(number):
        places = [
            Warehouse(i, i, dice.uniform(3, 12), dice.uniform(0.2, 1), dice.uniform(0.1, 0.9))
            for i in range(1, houses + 1)
        ]
        demands = []
        for key in range(lines):
            sources = tuple(
                Source(
                    one.id,
                    dice.choice((0, 0, 3, 8, 40)),
                    dice.randint(1, 4),
                    dice.choice((None, 9)),
                    dice.random(),
                )
                for one in places
            )
            demands.append(Demand(key, dice.randint(1, 12), sources, dice.uniform(0, 9), latest=4))
        found.append((demands, places))
    return found


def engine():
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "addons" / "order_processing"))
    from engine.sourcing import choose

    rows, first = [], None
    for number, houses, lines in (
        (ORDERS, HOUSES, LINES),
        (ORDERS * 10, HOUSES, LINES),
        (200, HOUSES, 50),
        (50, 20, 25),
    ):
        given = problems(number, houses, lines)
        before = time.process_time()
        choices = [
            choose(demands, places, split_penalty=5.0, balance=2.0, home=1) for demands, places in given
        ]
        each = (time.process_time() - before) / number * 1000
        first = first or each
        split = sum(len(choice.plan.pieces) > lines for choice in choices) / number
        gap = max(1 - choice.bound / choice.plan.cost for choice in choices)
        rows.append([f"{number} × {lines} lines, {houses} warehouses", each, split, gap])
    print("\nThe decision alone")
    table(["", "ms per order", "orders with a split", "largest gap to the bound"], rows)
    return first


# ---------------------------------------------------------------- with Odoo around it
def company(env):
    dice = random.Random(7)
    env.company.write({"sourcing_mode": "choose", "sourcing_balance": 2.0, "review_mode": "off"})
    places = env["stock.warehouse"].search([("company_id", "=", env.company.id)])
    places += env["stock.warehouse"].create(
        [{"name": f"House {i}", "code": f"H{i}"} for i in range(HOUSES - len(places))]
    )
    env["order.freight.zone"].create(
        {
            "name": "Everywhere",
            "rate_ids": [
                (
                    0,
                    0,
                    {"warehouse_id": one.id, "fixed_cost": dice.uniform(3, 12), "cost_per_kg": dice.random()},
                )
                for one in places
            ],
        }
    )
    goods = env["product.product"].create(
        [
            {"name": f"Article {i}", "type": "consu", "is_storable": True, "weight": dice.random()}
            for i in range(PRODUCTS)
        ]
    )
    env["stock.quant"].create(
        [
            {"product_id": one.id, "location_id": place.lot_stock_id.id, "quantity": quantity * ORDERS / 100}
            for one in goods
            for place in places
            if (quantity := dice.choice((0, 0, 3, 8, 40)))
        ]
    )
    return goods, env["res.partner"].create({"name": "Customer", "country_id": env.ref("base.uk").id})


def orders(env, goods, customer, number):
    dice = random.Random(number)
    return env["sale.order"].create(
        [
            {
                "partner_id": customer.id,
                "order_line": [
                    (0, 0, {"product_id": one.id, "product_uom_qty": dice.randint(1, 12)})
                    for one in dice.sample(goods, LINES)
                ],
            }
            for _number in range(number)
        ]
    )


def around():
    def once(database):
        with registry(database) as env:
            goods, customer = company(env)
            rows = []
            for number in (ORDERS // 10, ORDERS):
                some = orders(env, goods, customer, number)
                cost = measure(env, lambda env, some: some._choose_sources(), some)
                split = sum(len(order.order_line) > LINES for order in some)
                rows.append(
                    [number, cost.cpu / number * 1000, cost.python / number * 1000, cost.queries, split]
                )
            return rows

    database = fresh("op_bench_sourcing")
    try:
        rows = in_child(once, database)
    finally:
        drop(database)
    print("\nWith Odoo around it")
    table(["orders", "ms per order", "of it Python", "queries", "orders with a split"], rows)
    return rows[-1][1]


if __name__ == "__main__":
    alone = engine() if "engine" in PARTS else None
    whole = around() if "odoo" in PARTS else None
    closing_line("sourcing", whole or alone, None, unit="CPU ms per order", engine=alone, orders=ORDERS)
