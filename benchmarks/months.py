"""The shipped rules in observe mode over months of real orders, as they came in.

    ORDERS_FILE=orders.csv.gz make bench ARGS=months

Each day's orders are judged together, by what was known the evening before, and are then history for the
next day. Reported: how many orders would have been held, on ordinary days and in all, by which rule; and
which of the orders that were reversed within 24 hours (a cancellation of the same customer for the same
article and quantity) would have been.

The file has no addresses and no price list. Addresses are made up, complete ones. Prices are judged by what
the same customer paid before only: the list has, for each line, what was charged, and a second run of
process_orders tells what a derived list would hold. Orders are written straight into the tables, not
confirmed one by one: what is looked at is the review, not the stock.
"""

import csv
import json
import os
import sys
from collections import Counter, defaultdict
from datetime import datetime, time, timedelta
from itertools import groupby
from statistics import median

from _lib import closing_line, cpu_seconds, drop, fresh, in_child, registry, table

DATABASE = "op_bench_months"
HOLDING = ("hold", "refuse")


def reversals(path, form, open_file):
    """Return ``{(customer, sku, quantity): [moment, …]}`` of what was taken back."""
    found = defaultdict(list)
    with open_file(path, form.encoding) as lines:
        for row in csv.DictReader(lines):
            if row["InvoiceNo"].upper().startswith(form.cancel_prefix):
                key = (
                    _customer(row["CustomerID"]),
                    row["StockCode"].strip().upper(),
                    -float(row["Quantity"]),
                )
                found[key].append(datetime.fromisoformat(row["InvoiceDate"]))
    return found


def _customer(text):
    return text.strip().removesuffix(".0")


def taken_back(order, found):
    """Return the share of an order's amount that was reversed within 24 hours of it."""
    amount = back = 0.0
    for line in order.lines:
        amount += line.quantity * line.price
        moments = found.get((_customer(order.customer), line.sku.upper(), line.quantity), ())
        if any(timedelta(0) <= moment - order.date <= timedelta(days=1) for moment in moments):
            back += line.quantity * line.price
    return back / amount if amount > 0 else 0.0


def clone(env, name, template, rows):
    """Write copies of one record with other values, past the ORM; return their ids in order."""
    from odoo.tools import SQL

    if not rows:
        return []
    env.cr.execute(
        "SELECT column_name, format_type(a.atttypid, a.atttypmod) FROM information_schema.columns c"
        " JOIN pg_attribute a ON a.attrelid = c.table_name::regclass AND a.attname = c.column_name"
        " WHERE table_name = %s AND is_generated = 'NEVER'",
        [name],
    )
    types = dict(env.cr.fetchall())
    given = list(rows[0])
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s t, jsonb_to_recordset(%s::jsonb) AS r(n int, %s)"
            " WHERE t.id = %s ORDER BY r.n RETURNING id",
            SQL.identifier(name),
            SQL(", ").join(SQL.identifier(column) for column in types if column != "id"),
            SQL(", ").join(
                SQL.identifier("r" if column in given else "t", column) for column in types if column != "id"
            ),
            SQL.identifier(name),
            json.dumps([{"n": n, **row} for n, row in enumerate(rows)]),
            SQL(", ").join(SQL("%s %s", SQL.identifier(column), SQL(types[column])) for column in given),
            template.id,
        )
    )
    return [row_id for (row_id,) in env.cr.fetchall()]


class Company:
    """The company of the file, its products and customers, and one order to copy."""

    def __init__(self, env, orders):
        from odoo.addons.order_processing.engine import made_up, price_steps
        from odoo.addons.order_processing.tools import order_file_setup

        self.env = env
        env.company.write({"review_mode": "observe"})
        plan = made_up.StockPlan(0, 0, "months")
        setup = order_file_setup.OrderFileSetup(
            lambda function: function(env), orders, price_steps.PriceLists({}, {}), plan, lambda *a: None
        )
        setup.run()
        self.codes = order_file_setup.product_codes(
            env, {line.sku for order in orders for line in order.lines}
        )
        products = env["product.product"].search([("default_code", "in", list(self.codes.values()))])
        self.products = {product.default_code: product for product in products}
        refs = {order_file_setup.customer_ref(order) for order in orders}
        self.customers = {p.ref: p for p in env["res.partner"].search([("ref", "in", list(refs))])}
        self.customer_ref = order_file_setup.customer_ref
        product = products[:1]
        self.template = env["sale.order"].create(
            {
                "partner_id": next(iter(self.customers.values())).id,
                "pricelist_id": False,
                "order_line": [(0, 0, {"product_id": product.id, "tax_ids": False})],
            }
        )
        env.flush_all()

    def enter(self, orders):
        """Write a day's orders as quotations; return them."""
        currency = self.env.company.currency_id.id
        heads, lines = [], []
        for order in orders:
            partner = self.customers[self.customer_ref(order)]
            amount = round(sum(line.quantity * line.price for line in order.lines), 2)
            heads.append(
                {
                    "name": order.ref,
                    "partner_id": partner.id,
                    "partner_invoice_id": partner.id,
                    "partner_shipping_id": partner.id,
                    "client_order_ref": order.ref,
                    "date_order": str(order.date),
                    "create_date": str(order.date),
                    "write_date": str(order.date),
                    "state": "draft",
                    "amount_untaxed": amount,
                    "amount_tax": 0,
                    "amount_total": amount,
                    "currency_id": currency,
                }
            )
        ids = clone(self.env, "sale_order", self.template, heads)
        for order_id, order, head in zip(ids, orders, heads, strict=True):
            for line in order.lines:
                product = self.products[self.codes[line.sku]]
                subtotal = round(line.quantity * line.price, 2)
                lines.append(
                    {
                        "order_id": order_id,
                        "order_partner_id": head["partner_id"],
                        "product_id": product.id,
                        "name": line.text or line.sku,
                        "product_uom_qty": line.quantity,
                        "product_uom_id": product.uom_id.id,
                        "price_unit": line.price,
                        "price_subtotal": subtotal,
                        "price_total": subtotal,
                        "state": "draft",
                        "is_delivery": line.bucket.value == "freight",
                        "create_date": head["create_date"],
                        "write_date": head["create_date"],
                    }
                )
        clone(self.env, "sale_order_line", self.template.order_line, lines)
        self.env.invalidate_all()
        return self.env["sale.order"].browse(ids)

    def confirm(self, orders):
        """What was observed goes through: from now on it is history."""
        for name, column in (("sale_order", "id"), ("sale_order_line", "order_id")):
            self.env.cr.execute(
                f"UPDATE {name} SET state = 'sale', write_date = now() at time zone 'utc'"
                f" WHERE {column} = ANY(%s)",
                [orders.ids],
            )
        self.env.invalidate_all()


def run(path):
    with registry(DATABASE) as env:
        from odoo.addons.order_processing.engine import order_file

        form = order_file.FileFormat()
        orders = sorted(order_file.load(path, form).orders, key=lambda order: (order.date, order.ref))
        back = reversals(path, form, order_file.open_file)
        company = Company(env, orders)
        # No price list in the file: what was charged is the list.
        env.ref("order_processing.rule_price").active = False
        env.ref("order_processing.rule_taken_off").active = False
        # Everybody whose number is missing is entered under one customer: of him nothing is usual.
        walk_ins = [company.customers[company.customer_ref(order)].id for order in orders if order.is_walk_in]
        rules = [env.ref(f"order_processing.rule_{name}") for name in ("velocity", "duplicate")]
        for rule in rules:
            rule.except_partner_ids = list(set(walk_ins))
        env.cr.commit()
        days, per_rule, cost = [], defaultdict(Counter), 0.0
        reversed_orders = {order.ref: share for order in orders if (share := taken_back(order, back)) >= 0.5}
        caught, held_refs, sentences = {}, set(), {}
        for day, todays in groupby(orders, key=lambda order: order.date.date()):
            todays = list(todays)
            records = company.enter(todays)
            env["order.review.habit"]._learn(as_of=datetime.combine(day, time.min))
            env.cr.commit()
            before = sum(cpu_seconds(env.cr))
            records._judge()
            env.flush_all()
            cost += sum(cpu_seconds(env.cr)) - before
            held = set()
            for finding in records.review_finding_ids:
                per_rule[finding.rule_id.name][finding.severity] += 1
                if finding.severity in HOLDING:
                    held.add(finding.order_id.name)
                    sentences.setdefault(finding.order_id.name, []).append(finding.text)
            for order in todays:
                if order.ref in reversed_orders:
                    caught[order.ref] = order.ref in held
            held_refs |= held
            days.append((day, len(todays), len(held)))
            company.confirm(records)
            env.cr.commit()
            print(f"\r{day}: {len(held)} of {len(todays)} held   ", end="", file=sys.stderr, flush=True)
        sizes = {order.ref: max(line.quantity for line in order.lines) for order in orders}
        return days, per_rule, caught, held_refs, sizes, sentences, cost


def main():
    path = os.environ.get("ORDERS_FILE")
    if not path:
        print("months: give a file of orders, ORDERS_FILE=…; skipped.", file=sys.stderr)
        return
    fresh(DATABASE)
    try:
        days, per_rule, caught, held_refs, sizes, sentences, cost = in_child(run, path)
    finally:
        if not os.environ.get("BENCH_KEEP"):
            drop(DATABASE)
    total = sum(count for _day, count, _held in days)
    held = sum(held for _day, _count, held in days)
    shares = [held / count for _day, count, held in days if count >= 20]
    print("\n\nfound by rule (orders)")
    table(
        ["rule", "inform", "warn", "hold"],
        [[str(name), *(found[s] for s in ("inform", "warn", "hold"))] for name, found in per_rule.items()],
    )
    print("\nby month")
    months = [
        [month, sum(c for _d, c, _h in rows), sum(h for _d, _c, h in rows)]
        for month, rows in ((m, list(g)) for m, g in groupby(days, key=lambda day: day[0].strftime("%Y-%m")))
    ]
    table(["month", "orders", "held", "%"], [[*row, 100 * row[2] / row[1]] for row in months])
    huge = sorted((ref for ref, size in sizes.items() if size >= 10_000), key=lambda ref: -sizes[ref])
    for ref in huge:
        print(f"slip of {sizes[ref]:,.0f} pieces, order {ref}: {'held' if ref in held_refs else 'NOT HELD'}")
        for sentence in sentences.get(ref, ()):
            print("   ", sentence)
    others = total - len(caught)
    print(f"\nreversed within 24 hours: {sum(caught.values())} of {len(caught)} held")
    print(f"all others: {held - sum(caught.values())} of {others} held")
    closing_line(
        "months",
        round(cost / total, 5),
        None,
        unit="CPU seconds per order",
        orders=total,
        held_percent=round(100 * held / total, 2),
        median_day_percent=round(100 * median(shares), 2),
        days_over_5_percent=sum(share > 0.05 for share in shares),
        days=len(shares),
        reversed=len(caught),
        reversed_held=sum(caught.values()),
        others_held_percent=round(100 * (held - sum(caught.values())) / others, 2),
    )


if __name__ == "__main__":
    main()
