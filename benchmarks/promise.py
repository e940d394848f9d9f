"""Dates for orders, and looking at them again when supply moves.

1,000 orders of three lines against 50,000 receipts and waiting moves: inside the engine, with Odoo around it,
after 500 lines of one supplier have moved; and how each grows with ten times as many receipts and moves.

CPU of Python and PostgreSQL together, per order. BENCH_ORDERS, BENCH_EVENTS, BENCH_PRODUCTS change the size;
BENCH_PARTS="engine promise again" says which parts.
"""

import os
import random
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from _lib import closing_line, drop, fresh, in_child, measure, registry, table
from _past import customers

ORDERS = int(os.environ.get("BENCH_ORDERS", 1_000))
EVENTS = int(os.environ.get("BENCH_EVENTS", 50_000))
PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", 500))
PARTS = os.environ.get("BENCH_PARTS", "engine promise again").split()
LINES, MOVED, TIMES = 3, 500, 10
TARGET = 2.0  # ms an order


# ---------------------------------------------------------------- the engine alone
def engine(events):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "addons" / "order_processing"))
    from engine.delivery_time import Way
    from engine.promise import Demand, Need, Promiser, Question, Stock, Supply, forecast

    dice, now = random.Random(7), datetime(2026, 3, 2, 8)
    days = [now.date() + timedelta(days=i) for i in range(400)]
    work = [(datetime(d.year, d.month, d.day, 8), datetime(d.year, d.month, d.day, 17)) for d in days]
    way = Way(work, timedelta(hours=2), now.time().replace(hour=15), days, 2)
    stocks = {product: Stock(20, [], []) for product in range(PRODUCTS)}
    for number in range(events):
        at, stock = now + timedelta(hours=dice.randint(1, 24 * 90)), stocks[dice.randrange(PRODUCTS)]
        if number % 2:
            stock.supplies.append(Supply(at, dice.randint(1, 12), number))
        else:
            stock.demands.append(Demand(number, dice.randint(1, 9), f"{at:%Y%m%d%H}", at))
    for stock in stocks.values():
        stock.supplies.sort()
    questions = [
        Question(i, [Need(dice.randrange(PRODUCTS), dice.randint(1, 9))], way) for i in range(ORDERS * LINES)
    ]
    start = time.process_time()
    promiser = Promiser(stocks, now)
    for question in questions:
        promiser.promise(question)
    promised = time.process_time() - start
    start = time.process_time()
    for stock in stocks.values():
        forecast(stock, now)
    return promised, time.process_time() - start


# ---------------------------------------------------------------- with Odoo around it
def company(env):
    env.company.write({"promise_mode": "promise", "reservation_mode": "at_once", "review_mode": "off"})
    env["order.channel"].search([]).tells_customers = False
    products = env["product.product"].create(
        [{"name": f"Article {i}", "type": "consu", "is_storable": True} for i in range(PRODUCTS)]
    )
    shelf = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).lot_stock_id
    env["stock.quant"].create(
        [{"product_id": p.id, "location_id": shelf.id, "quantity": 20} for p in products]
    )
    return products


def events(env, products, number):
    """Receipts and waiting deliveries over the next 90 days, half and half; by SQL, from one of each."""
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    supplier = env.ref("stock.stock_location_suppliers")
    customer = env.ref("stock.stock_location_customers")
    for kind, source, target, limit in (
        (warehouse.in_type_id, supplier, warehouse.lot_stock_id, 12),
        (warehouse.out_type_id, warehouse.lot_stock_id, customer, 9),
    ):
        places = {"location_id": source.id, "location_dest_id": target.id, "picking_type_id": kind.id}
        move = env["stock.move"].create(
            {**places, "product_id": products[0].id, "product_uom_qty": 1, "origin": "Supplier 0"}
        )
        env.flush_all()
        columns = column_names(env)
        fixed = {
            "id": "nextval('stock_move_id_seq')",
            "product_id": "(%(products)s)[1 + floor(random() * %(count)s)::int]",
            "product_uom_qty": "q",
            "product_qty": "q",
            "quantity": "0",
            "state": "'confirmed'" if kind.code == "outgoing" else "'assigned'",
            "date": "(now() AT TIME ZONE 'UTC') + random() * interval '90 days'",
            "origin": "'Supplier ' || n %% 40",
            "reservation_date": "NULL",
        }
        names = ", ".join(columns)
        values = ", ".join(fixed.get(name, f"m.{name}") for name in columns)
        env.cr.execute(
            f"""INSERT INTO stock_move ({names}) SELECT {values} FROM stock_move m,
                    LATERAL (SELECT n, 1 + floor(random() * %(limit)s + n * 0)::int AS q
                               FROM generate_series(1, %(number)s) n) g WHERE m.id = %(id)s""",
            {
                "products": products.ids,
                "count": len(products),
                "limit": limit,
                "number": number // 2,
                "id": move.id,
            },
        )
        move.unlink()
    env.cr.execute("ANALYZE stock_move")
    env.invalidate_all()


def column_names(env):
    env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'stock_move'")
    return [name for (name,) in env.cr.fetchall()]


def quotations(env, products, number):
    dice, people = random.Random(11), customers(env, 50)
    return env["sale.order"].create(
        [
            {
                "partner_id": people[i % 50].id,
                "order_line": [
                    (0, 0, {"product_id": dice.choice(products).id, "product_uom_qty": dice.randint(1, 9)})
                    for _line in range(LINES)
                ],
            }
            for i in range(number)
        ]
    )


def promise(name, number):
    with registry(name) as env:
        products = company(env)
        events(env, products, number)
        orders = quotations(env, products, ORDERS)
        env.cr.commit()
        env.invalidate_all()
        quotations(env, products, 1)._promise()  # calendars and settings are known to a running server
        cost = measure(env, lambda _env: orders._promise())
        env.cr.execute("SELECT count(*) FROM sale_order_line WHERE promise_date IS NOT NULL")
        return cost.cpu, cost.python, cost.queries, env.cr.fetchone()[0]


def again(name, number):
    with registry(name) as env:
        products = company(env)
        events(env, products, number)
        for orders in split(quotations(env, products, ORDERS), 100):
            orders.action_confirm()
            env.cr.commit()
        env["order.promise.recheck"]._cron_recheck()
        env.cr.execute(
            """UPDATE stock_move SET date = date + interval '10 days'
                WHERE id IN (SELECT id FROM stock_move WHERE origin LIKE 'Supplier%%' AND state = 'assigned'
                              ORDER BY (substr(origin, 10))::int, date LIMIT %s) RETURNING product_id""",
            [MOVED],
        )
        moved = products.browse({product_id for (product_id,) in env.cr.fetchall()})
        warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
        env["order.promise.recheck"]._note(moved, warehouse, "receipt_moved")
        env.cr.commit()
        env.cr.execute("SELECT max(id) FROM order_promise")
        last = env.cr.fetchone()[0] or 0
        lines = env["order.promise.recheck"]._lines_of({(p.id, warehouse.id) for p in moved})
        affected = len(env["sale.order.line"].browse(lines).order_id)
        env.invalidate_all()
        cost = measure(env, lambda e: e["order.promise.recheck"]._cron_recheck())
        env.cr.execute("SELECT count(*) FROM order_promise WHERE id > %s", [last])
        return cost.cpu, cost.python, cost.queries, affected, env.cr.fetchone()[0]


def split(records, size):
    return [records[i : i + size] for i in range(0, len(records), size)]


def with_database(part, number):
    name = fresh("op_bench_promise")
    try:
        return in_child(part, name, number)
    finally:
        drop(name)


def main():
    rows, figures = [], {}
    for number in (EVENTS, EVENTS * TIMES):
        label = f"{number:,} receipts and moves"
        if "engine" in PARTS:
            promised, looked = in_child(engine, number)
            figures["engine", number] = promised / ORDERS * 1000
            rows.append(("engine: promise", label, f"{promised / ORDERS * 1000:.3f} ms an order", ""))
            rows.append(("engine: forecast of all", label, f"{looked * 1000:.0f} ms in all", ""))
        if "promise" in PARTS:
            cpu, python, queries, lines = with_database(promise, number)
            figures["promise", number] = cpu / ORDERS * 1000
            detail = f"Python {python / ORDERS * 1000:.2f}, {queries} queries, {lines} lines dated"
            rows.append(("promise", label, f"{cpu / ORDERS * 1000:.2f} ms an order", detail))
        if "again" in PARTS:
            cpu, python, queries, affected, moved = with_database(again, number)
            figures["again", number] = cpu / max(affected, 1) * 1000
            detail = f"{affected} orders looked at, {moved} moved, Python {python:.2f} s, {queries} queries"
            each = f"{figures['again', number]:.2f} ms an order"
            rows.append((f"again after {MOVED} lines moved", label, each, detail))
    table(("what", "beside", "CPU", ""), rows)
    growth = {
        f"{part}_growth": round(figures[part, EVENTS * TIMES] / figures[part, EVENTS], 2)
        for part in PARTS
        if (part, EVENTS) in figures
    }
    chosen = next(part for part in ("promise", "again", "engine") if part in PARTS)
    closing_line("promise", round(figures[chosen, EVENTS], 3), TARGET, unit="ms an order", **growth)


if __name__ == "__main__":
    main()
