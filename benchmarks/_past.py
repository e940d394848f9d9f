"""A company's past: orders in every situation, made once by Odoo and then multiplied by SQL."""

from odoo.fields import Command
from odoo.tools import SQL

# Parents before children; what each points to.
TABLES = {
    "sale_order": (),
    "sale_order_line": (("order_id", "sale_order"),),
    "stock_picking": (("sale_id", "sale_order"),),
    "stock_move": (("sale_line_id", "sale_order_line"), ("picking_id", "stock_picking")),
    "order_review_finding": (("order_id", "sale_order"),),
    "order_review_step": (("order_id", "sale_order"),),
}
UNIQUE_NAMES = {"sale_order": "name", "stock_picking": "name"}


def goods(env, count=60):
    """Products with plenty of stock."""
    products = env["product.product"].create(
        [
            {
                "name": f"Article {number}",
                "default_code": f"BENCH{number:04}",
                "is_storable": True,
                "list_price": 5.0 + number,
                "invoice_policy": "delivery",
                "taxes_id": False,
            }
            for number in range(count)
        ]
    )
    shelf = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).lot_stock_id
    for product in products:
        env["stock.quant"]._update_available_quantity(product, shelf, 1_000_000)
    return products


def customers(env, count=100):
    """Customers whose addresses are complete."""
    return env["res.partner"].create(
        [
            {
                "name": f"Customer {number}",
                "street": f"{number} Main Street",
                "city": "Los Angeles",
                "zip": "90001",
                "state_id": env.ref("base.state_us_5").id,
                "country_id": env.ref("base.us").id,
                "email": f"customer{number}@example.com",
            }
            for number in range(count)
        ]
    )


def quotation(env, customer, lines):
    commands = [Command.create({"product_id": product.id, "product_uom_qty": qty}) for product, qty in lines]
    return env["sale.order"].create({"partner_id": customer.id, "order_line": commands})


def delivered(env, customer, lines):
    order = quotation(env, customer, lines)
    order.action_confirm()
    send(order.picking_ids)
    return order


def send(pickings, **context):
    pickings.move_ids.picked = True
    pickings.with_context(skip_backorder=True, **context).button_validate()


def situations(env, customer, products):
    """One order in each situation a company has lying in its tables."""
    one, two = products[:2]
    rare = env["product.product"].create({"name": "Rare", "is_storable": True, "invoice_policy": "delivery"})
    service = env["product.product"].create(
        {"name": "Fitting", "type": "service", "invoice_policy": "delivery"}
    )
    orders = quotation(env, customer, [(one, 1)])
    orders |= (sent := quotation(env, customer, [(one, 1)]))
    sent.action_quotation_sent()
    confirmed = [
        quotation(env, customer, lines)
        for lines in (
            [(one, 2)],
            [(rare, 1)],
            [(one, 1), (rare, 1)],
            [(service, 1)],
            [(service, 2)],
            [(one, 3)],
        )
    ]
    for order in confirmed:
        order.action_confirm()
    confirmed[4].order_line.qty_delivered = 2
    confirmed[5]._action_cancel()
    orders |= env["sale.order"].union(*confirmed)
    orders |= (partly := quotation(env, customer, [(one, 2), (rare, 1)]))
    partly.action_confirm()
    partly.picking_ids.move_ids.filtered(lambda move: move.product_id == one).picked = True
    partly.picking_ids.with_context(skip_backorder=True).button_validate()
    return orders | delivered(env, customer, [(one, 1), (two, 4)])


def multiply(env, orders, times):
    """Write each of the orders ``times`` more, with its lines, transfers and moves."""
    env.flush_all()
    lines = orders.order_line
    rows = {"sale_order": orders, "sale_order_line": lines, "stock_picking": orders.picking_ids}
    rows["stock_move"] = lines.move_ids
    if "order.review.step" in env:
        rows["order_review_finding"] = orders.review_finding_ids
        rows["order_review_step"] = orders.review_step_ids
    spans = {table: _span(env, table, records) for table, records in rows.items() if records}
    for table in spans:
        _clone(env, table, spans, rows[table].ids, times)
    if "order_review_step" in spans:
        env.cr.execute(
            "UPDATE sale_order o SET review_step_id = s.id FROM order_review_step s"
            " WHERE s.order_id = o.id AND s.state = 'open'"
        )
    env.invalidate_all()
    for table in spans:
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


def _span(env, table, records):
    """(first id to copy, how far apart copies stand, first free id)"""
    env.cr.execute(SQL("SELECT max(id) + 1 FROM %s", SQL.identifier(table)))
    return min(records.ids), max(records.ids) - min(records.ids) + 1, env.cr.fetchone()[0]


def _moved(column, span):
    low, stride, free = span
    return SQL("%s + (n - 1) * %s + (%s - %s)", free, stride, SQL.identifier(column), low)


def _clone(env, table, spans, ids, times):
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    columns = [name for (name,) in env.cr.fetchall()]
    values = {name: SQL.identifier(name) for name in columns}
    values["id"] = _moved("id", spans[table])
    for column, parent in TABLES[table]:
        if parent in spans:
            values[column] = _moved(column, spans[parent])
    if name := UNIQUE_NAMES.get(table):
        values[name] = SQL("%s || '-' || %s", SQL.identifier(name), values["id"])
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s, generate_series(1, %s) n WHERE id = ANY(%s)",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(values[name] for name in columns),
            SQL.identifier(table),
            times,
            ids,
        )
    )
    env.cr.execute(
        SQL("SELECT setval(%s, (SELECT max(id) FROM %s))", f"{table}_id_seq", SQL.identifier(table))
    )
