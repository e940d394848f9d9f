"""The company of bench portal: a customer, an order with all that happens to one, two thousand more."""

import sys
from datetime import datetime, timedelta

from _lib import registry

LOGIN = "carla"
MANY = 2000


def prepare(database, ours):
    """Return ``(path of an order's page, its signed link)``."""
    with registry(database) as env:
        if ours:
            env.company.write({"review_mode": "enforce", "reservation_mode": "at_once"})
            if "promise_mode" in env.company._fields:
                env.company.promise_mode = "promise"
        env.company.write({"portal_confirmation_sign": False, "portal_confirmation_pay": False})
        customer, products = _customer(env), _products(env)
        order = _order(env, customer, products)
        if ours:
            _parcel(env, order)
        _many(env, customer, products[0], ours)
        link = order.get_portal_url()
        env.cr.commit()
        return f"/my/orders/{order.id}", link


def _customer(env):
    user = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Carla",
                "login": LOGIN,
                "password": LOGIN,
                "email": "carla@example.com",
                "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
            }
        )
    )
    user.partner_id.write(
        {
            "street": "250 Executive Park Blvd",
            "city": "San Francisco",
            "zip": "94134",
            "state_id": env.ref("base.state_us_5").id,
            "country_id": env.ref("base.us").id,
            "phone": "+1 415 555 0123",
        }
    )
    return user.partner_id


def _products(env):
    values = {"type": "consu", "is_storable": True, "list_price": 20, "standard_price": 10}
    products = env["product.product"].create(
        [
            {**values, "name": f"Lantern {n}", "default_code": f"L{n}", "invoice_policy": "order"}
            for n in range(6)
        ]
    )
    shelf = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).lot_stock_id
    for product in products:
        env["stock.quant"]._update_available_quantity(product, shelf, 10_000)
    return products


def _order(env, customer, products):
    """Confirmed, sent, invoiced: what a customer looks at."""
    lines = [(0, 0, {"product_id": product.id, "product_uom_qty": 2}) for product in products]
    order = env["sale.order"].create({"partner_id": customer.id, "order_line": lines, "user_id": env.uid})
    if hasattr(order, "action_submit"):
        order.action_submit()
        if order.state != "sale":
            order.action_review_approve("as agreed")
    else:
        order.action_confirm()
    picking = order.picking_ids
    for move in picking.move_ids:
        move.quantity = move.product_uom_qty
    picking.move_ids.picked = True
    picking.with_context(skip_sms=True).button_validate()
    if picking.state != "done":
        sys.exit("the goods could not be sent")
    order._create_invoices().action_post()
    return order


def _parcel(env, order):
    shipment = order.shipment_ids
    now = datetime.now().replace(microsecond=0)
    shipment.write({"tracking_number": "SW-1"})
    parcel = shipment.parcel_ids or env["order.shipment.parcel"].create(
        {"company_id": env.company.id, "number": "SW-1", "number_key": "SW1", "shipment_ids": shipment.ids}
    )
    env["order.shipment.event"].create(
        [
            {
                "parcel_id": parcel.id,
                "event_time": now - timedelta(hours=n),
                "status": "in_transit",
                "text": f"Arrived at the sorting centre {n}",
                "place": "Leipzig",
                "source": "poll",
                "dedup_key": f"k{n}",
            }
            for n in range(8)
        ]
    )


def _many(env, customer, product, ours):
    """Made together and confirmed by SQL: only the list is looked at."""
    values = {"partner_id": customer.id, "order_line": [(0, 0, {"product_id": product.id})]}
    for _part in range(MANY // 500):
        env["sale.order"].create([values] * 500)
        env.flush_all()
        env.invalidate_all()
    env.cr.execute(
        """UPDATE sale_order SET state = 'sale', date_order = date_order - id * interval '1 hour'
            WHERE state = 'draft'"""
    )
    if not ours:
        return
    env.cr.execute(
        """UPDATE sale_order
              SET submitted_at = date_order, first_promise_date = date_order + interval '3 days',
                  promise_date = date_order + interval '3 days',
                  processing_stage = (ARRAY['in_transit', 'delivered', 'ready', 'completed'])[1 + id %% 4]
            WHERE submitted_at IS NULL AND state = 'sale'""".replace("%%", "%")
    )
