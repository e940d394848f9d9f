"""Reviewing 2,000 orders in one batch, with all shipped rules.

Compared with OCA's sale_exception and ten comparable rules (its release on PyPI, fetched for this benchmark
only), with plain set-based SQL for the same conditions, and with itself when the past is a hundred times as
long. All sides look at the same orders, one in twenty of them with something wrong.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

from _lib import BIN, closing_line, drop, fresh, in_child, measure, registry, table

ORDERS = int(os.environ.get("BENCH_ORDERS", 2000))
RUNS = int(os.environ.get("BENCH_RUNS", 3))
PAST = int(os.environ.get("BENCH_PAST", 1_000))
LONG_PAST = int(os.environ.get("BENCH_LONG_PAST", 100_000))
BASE = 200  # orders of the past that are made by Odoo; the others are copies
OCA = Path(os.environ.get("BENCH_OCA", BIN.parent / ".runtime" / "oca"))
LIBRARY_RULES = ("address", "address_detail", "contact")

# What a user of sale_exception would write for the same concerns; and for comparison, rules that only
# look at fields of the order at hand.
# ruff: noqa: E501  statements read better whole
OCA_FIELD_RULES = {
    "No street, place or postal code": "p = object.partner_shipping_id\n"
    "failed = not (p.street and p.city and p.zip and p.country_id)",
    "Nobody to be reached": "failed = not (object.partner_id.phone or object.partner_id.email)",
    "Not sold any more": "failed = any(not l.product_id.sale_ok for l in object.order_line)",
    "Negative quantity": "failed = any(l.product_uom_qty < 0 for l in object.order_line)",
    "Below cost": "failed = sum(l.price_subtotal - l.product_uom_qty * l.product_id.standard_price"
    " for l in object.order_line) < 0",
}
OCA_MORE_FIELD_RULES = {
    "Not at the product's price": "failed = any(abs(l.price_unit - l.product_id.lst_price) > 0.01 * l.product_id.lst_price"
    " for l in object.order_line)",
    "Customer flagged": "failed = bool(object.partner_id.comment)",
    "Amount too high": "failed = object.amount_total > 20000",
    "Quantity too high": "failed = any(l.product_uom_qty > 500 for l in object.order_line)",
    "Remote": "failed = object.partner_shipping_id.state_id.code in ('AK', 'HI', 'PR')",
}
OCA_COMPARABLE_RULES = {
    "Not at list price": "failed = any(abs(l.price_unit - l._get_pricelist_price()) > 0.01 * l.price_unit"
    " for l in object.order_line)",
    "Duplicate": "failed = object.search_count([('partner_id', '=', object.partner_id.id), ('id', '!=', object.id),"
    " ('amount_total', '=', object.amount_total), ('date_order', '>', object.date_order.replace(hour=0))], limit=1)",
    "New customer": "failed = object.amount_total > 1000 and not object.search_count("
    "[('partner_id', '=', object.partner_id.id), ('state', '=', 'sale')], limit=1)",
    "Many orders": "failed = object.search_count([('partner_id', '=', object.partner_id.id),"
    " ('date_order', '>', object.date_order.replace(hour=0))]) > 100",
    "Quantity unusual": "failed = any(l.product_uom_qty > 10 * max(l.search([('order_partner_id', '=', object.partner_id.id),"
    " ('product_id', '=', l.product_id.id), ('state', '=', 'sale')], limit=20).mapped('product_uom_qty') or [1])"
    " for l in object.order_line)",
}


def make_batch(env, products, people, number):
    """Return so many quotations of one to five lines, one in twenty with a price that is off."""
    from _past import quotation

    dice = random.Random(7)
    orders = env["sale.order"]
    for n in range(number):
        lines = [(product, dice.randint(1, 9)) for product in dice.sample(list(products), dice.randint(1, 5))]
        order = quotation(env, dice.choice(people), lines)
        if n % 20 == 0:
            order.order_line[0].price_unit *= 0.5
        orders |= order
    env.flush_all()
    return orders


def make_past(env, products, people):
    """Return confirmed orders to copy: like the batch, spread over two years."""
    orders = make_batch(env, products, people, BASE)
    _as_sold(env)
    return orders


def _as_sold(env):
    env.cr.execute(
        "UPDATE sale_order SET state = 'sale', date_order = now() - (3 + id % 700) * interval '1 day'"
        " WHERE state = 'sale' OR id IN (SELECT id FROM sale_order WHERE state = 'draft')"
    )
    env.cr.execute("UPDATE sale_order_line SET state = 'sale' WHERE state = 'draft'")
    env.invalidate_all()


def lengthen(env, past, times):
    """Copy the past so many times, spread over the days and over the customers."""
    from _past import multiply

    if times <= 0:
        return
    multiply(env, past, times)
    _as_sold(env)
    env.cr.execute(
        "WITH people AS (SELECT array_agg(id ORDER BY id) ids FROM res_partner WHERE name LIKE 'Customer %')"
        " UPDATE sale_order SET partner_id = ids[1 + id % cardinality(ids)],"
        " partner_shipping_id = ids[1 + id % cardinality(ids)],"
        " partner_invoice_id = ids[1 + id % cardinality(ids)] FROM people"
    )
    env.cr.execute(
        "UPDATE sale_order_line l SET order_partner_id = o.partner_id FROM sale_order o WHERE o.id = l.order_id"
    )
    env.cr.execute("ANALYZE sale_order")
    env.cr.execute("ANALYZE sale_order_line")
    env.invalidate_all()


def review(env, orders):
    orders = orders.with_env(env)
    findings = orders._review_findings()
    orders._store_findings(findings)


def forget(env, orders):
    env.cr.execute("DELETE FROM order_review_finding WHERE order_id = ANY(%s)", [orders.ids])
    env.invalidate_all()


def repeat(env, orders, work, clean=None):
    """Return the median cost of some runs, after one to warm up."""
    costs = []
    for _run in range(RUNS + 1):
        costs.append(measure(env, work, orders))
        if clean:
            clean(env, orders)
    return sorted(costs[1:], key=lambda cost: cost.cpu)[len(costs[1:]) // 2]


def library_rules(env, active):
    for name in LIBRARY_RULES:
        env.ref(f"order_processing.rule_{name}").active = active


def ours(database):
    from_past = {}
    with registry(database) as env:
        from _past import customers, goods

        env.company.review_mode = "enforce"
        products, people = goods(env), customers(env, 500)
        past = make_past(env, products, people)
        lengthen(env, past, PAST // BASE - 1)
        for length, times in ((PAST, 0), (LONG_PAST, (LONG_PAST - PAST) // BASE)):
            lengthen(env, past, times)
            env["order.review.habit"]._learn()
            env.cr.commit()
            orders = make_batch(env, products, people, ORDERS)
            env.cr.commit()
            costs = {"all": repeat(env, orders, review, forget)}
            library_rules(env, False)
            costs["plain"] = repeat(env, orders, review, forget)
            costs["judging"] = repeat(env, orders, lambda env, o: o.with_env(env)._review_findings())
            library_rules(env, True)
            costs["sql"] = repeat(env, orders, by_sql)
            costs["few"] = measure(env, lambda env, o: o.with_env(env)._review_findings(), orders[:20])
            costs["many"] = measure(env, lambda env, o: o.with_env(env)._review_findings(), orders)
            from_past[length] = costs
            orders.unlink()
            env.cr.commit()
    return from_past


def by_sql(env, orders):
    """The same conditions by somebody who knows SQL: one statement for each, results as order ids."""
    env.flush_all()
    for statement in SQL_CONDITIONS:
        env.cr.execute(statement, {"ids": orders.ids, "company": str(env.company.id)})
        env.cr.fetchall()


_LINES = "FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id WHERE o.id = ANY(%(ids)s)"
_GOODS = (
    "FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id JOIN product_product p ON p.id = l.product_id"
    " JOIN product_template t ON t.id = p.product_tmpl_id WHERE o.id = ANY(%(ids)s)"
)
SQL_CONDITIONS = [
    # totals
    f"SELECT DISTINCT o.id {_LINES} AND abs(l.price_subtotal - l.product_uom_qty * l.price_unit"
    " * (1 - l.discount / 100)) > 0.011 AND abs(l.price_total - l.price_subtotal) < 0.001",
    "SELECT id FROM sale_order WHERE id = ANY(%(ids)s) AND abs(amount_untaxed + amount_tax - amount_total) > 0.01",
    # sold, list price, taken off
    f"SELECT DISTINCT o.id {_GOODS} AND NOT (p.active AND t.active AND t.sale_ok)",
    f"SELECT DISTINCT o.id {_GOODS} AND abs(l.price_unit * (1 - l.discount / 100) - t.list_price)"
    " > 0.01 * t.list_price",
    f"SELECT DISTINCT o.id {_LINES} AND l.display_type IS NULL AND (l.product_id IS NULL OR l.product_uom_qty < 0)",
    # blocked, margin, amount
    "SELECT o.id FROM sale_order o JOIN res_partner p ON p.id = o.partner_id JOIN res_partner c"
    " ON c.id = p.commercial_partner_id JOIN res_partner s ON s.id = o.partner_shipping_id"
    " WHERE o.id = ANY(%(ids)s) AND (p.order_blocked OR c.order_blocked OR s.order_blocked)",
    f"SELECT o.id {_GOODS} GROUP BY o.id HAVING sum(l.price_subtotal)"
    " < sum(l.product_uom_qty * COALESCE((p.standard_price->>%(company)s)::numeric, 0))",
    "SELECT id FROM sale_order WHERE id = ANY(%(ids)s) AND amount_total / COALESCE(NULLIF(currency_rate, 0), 1)"
    " > 20000",
    # duplicate of the last two days
    "WITH content AS (SELECT o.id, o.partner_id, o.date_order,"
    " array_agg((l.product_id, l.product_uom_qty) ORDER BY l.product_id, l.product_uom_qty) AS lines"
    " FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id WHERE o.partner_id IN"
    " (SELECT partner_id FROM sale_order WHERE id = ANY(%(ids)s)) AND o.date_order > now() - interval '2 days'"
    " AND o.state <> 'cancel' GROUP BY o.id)"
    " SELECT DISTINCT a.id FROM content a JOIN content b ON b.partner_id = a.partner_id AND b.lines = a.lines"
    " AND b.id < a.id WHERE a.id = ANY(%(ids)s)",
    # new customer, velocity
    "SELECT o.id FROM sale_order o WHERE o.id = ANY(%(ids)s) AND o.amount_total > 1000 AND NOT EXISTS"
    " (SELECT FROM sale_order h WHERE h.partner_id = o.partner_id AND h.state = 'sale')",
    "SELECT o.partner_id FROM sale_order o WHERE o.partner_id IN (SELECT partner_id FROM sale_order"
    " WHERE id = ANY(%(ids)s)) AND o.date_order > now() - interval '1 day' GROUP BY 1 HAVING count(*) > 5",
    # unusual, by what the customer had of the product, or in all: the table of habits, as ours reads it
    f"SELECT o.id {_LINES} AND EXISTS (SELECT FROM order_review_habit h WHERE h.partner_id = o.partner_id"
    " AND h.product_id = l.product_id AND h.company_id = o.company_id AND l.product_uom_qty > 10 * h.high)",
    "SELECT o.id FROM sale_order o JOIN order_review_habit h ON h.partner_id = o.partner_id"
    " AND h.product_id IS NULL AND h.company_id = o.company_id WHERE o.id = ANY(%(ids)s)"
    " AND o.amount_total > 10 * h.high",
    f"SELECT o.id {_LINES} AND EXISTS (SELECT FROM order_review_habit h WHERE h.partner_id = o.partner_id"
    " AND h.product_id = l.product_id AND h.company_id = o.company_id"
    " AND abs(l.price_unit - h.last_value) > 0.5 * h.last_value)",
    # remote
    "SELECT o.id FROM sale_order o JOIN res_partner s ON s.id = o.partner_shipping_id WHERE o.id = ANY(%(ids)s)"
    " AND s.state_id IN (SELECT id FROM res_country_state WHERE code IN ('AK', 'HI', 'PR'))",
]


def oca(database):
    """Return what sale_exception costs for the same batch: with comparable rules, and with simple ones."""
    with registry(database) as env:
        from _past import customers, goods

        products, people = goods(env), customers(env, 500)
        past = make_past(env, products, people)
        lengthen(env, past, PAST // BASE - 1)
        env["exception.rule"].search([]).active = False
        orders = make_batch(env, products, people, ORDERS)
        costs = {}
        sets = {"simple": OCA_MORE_FIELD_RULES, "comparable": OCA_COMPARABLE_RULES}
        for name, more in sets.items():
            env["exception.rule"].search([]).active = False
            for label, code in {**OCA_FIELD_RULES, **more}.items():
                vals = {"name": label, "description": label, "model": "sale.order", "code": code}
                env["exception.rule"].create({**vals, "exception_type": "by_py_code"})
            env.cr.commit()
            costs[name] = repeat(env, orders, _detect, _undetect)
        costs["single"] = measure(env, _one_by_one, orders[:100])
        return costs


def _detect(env, orders):
    orders.with_env(env).detect_exceptions()


def _one_by_one(env, orders):
    for order in orders.with_env(env):
        order.detect_exceptions()


def _undetect(env, orders):
    orders.with_env(env).write({"exception_ids": [(5, 0, 0)]})
    env.cr.commit()
    env.invalidate_all()


def fetch_oca():
    addons = OCA / "odoo" / "addons"
    if not (addons / "sale_exception").is_dir():
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", OCA]
        subprocess.run([*command, "odoo-addon-sale-exception", "odoo-addon-base-exception"], check=True)
    return addons


def with_addons(addons):
    """Make a configuration that finds these addons too, and use it from here on."""
    text = Path(os.environ["ODOO_RC"]).read_text()
    found = [line for line in text.splitlines() if line.startswith("addons_path")]
    target = OCA / "odoo.conf"
    target.write_text(text.replace(found[0], f"{found[0]},{addons}"))
    os.environ["ODOO_RC"] = str(target)


def oca_side():
    database = "op_bench_oca"
    addons, before = fetch_oca(), os.environ["ODOO_RC"]
    fresh(database, ours=False)
    with_addons(addons)
    try:
        command = [sys.executable, BIN.parent / ".runtime" / "launch"]
        options = [
            "-d",
            database,
            "-i",
            "sale_exception",
            "--stop-after-init",
            "--no-http",
            "--log-level=warn",
        ]
        subprocess.run([*command, *options], check=True)
        return in_child(oca, database)
    finally:
        os.environ["ODOO_RC"] = before
        drop(database)


def our_side():
    database = "op_bench_review"
    fresh(database)
    try:
        return in_child(ours, database)
    finally:
        drop(database)


def main():
    lengths, rival = our_side(), oca_side()
    short, long = lengths[PAST], lengths[LONG_PAST]
    batch = rival["comparable"]

    def ms(cost, orders=ORDERS):
        return 1000 * cost.cpu / orders

    rows = [
        [f"all shipped rules, {PAST:,} past orders", ms(short["all"]), short["all"].queries],
        [f"all shipped rules, {LONG_PAST:,} past orders", ms(long["all"]), long["all"].queries],
        ["without the library checks", ms(long["plain"]), long["plain"].queries],
        ["  of this judging alone", ms(long["judging"]), long["judging"].queries],
        ["the same conditions in plain SQL", ms(long["sql"]), long["sql"].queries],
        ["sale_exception, ten comparable rules", ms(batch), batch.queries],
        ["  ten rules on fields of the order only", ms(rival["simple"]), rival["simple"].queries],
        ["  comparable rules, one by one", ms(rival["single"], 100), rival["single"].queries],
    ]
    print(f"\n{ORDERS} orders in one batch, medians of {RUNS} runs")
    table(["", "CPU ms per order", "queries"], rows)
    print(f"queries for 20 orders: {long['few'].queries}, for {ORDERS}: {long['many'].queries}")
    closing_line(
        "review",
        round(ms(long["all"]), 4),
        round(ms(batch), 4),
        unit="CPU ms per order; vanilla is sale_exception",
        orders=ORDERS,
        times_as_fast=round(batch.cpu / long["all"].cpu, 1),
        times_as_fast_as_simple_rules=round(rival["simple"].cpu / long["all"].cpu, 1),
        times_plain_sql=round(long["plain"].cpu / long["sql"].cpu, 2),
        judging_times_plain_sql=round(long["judging"].cpu / long["sql"].cpu, 2),
        long_past_to_short=round(long["all"].cpu / short["all"].cpu, 3),
        queries_few=long["few"].queries,
        queries_many=long["many"].queries,
    )


if __name__ == "__main__":
    main()
