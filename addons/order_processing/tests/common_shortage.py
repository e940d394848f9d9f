from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .common_reservation import ReservationCase


class ShortageCase(ReservationCase):
    """Lamps & Mugs promises dates and reserves by rank. There are no wool blankets; mona hears of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"promise_mode": "promise", "shortage_user_id": cls.mona.id})
        cls.now = fields.Datetime.now().replace(microsecond=0)

    # ---------------------------------------------------------------- acting
    @classmethod
    def look(cls, *products):
        """Look for what is short, as the promise job does; return the open rows."""
        products = cls.env["product.product"].union(*(products or [cls.blanket]))
        cls.env.flush_all()
        return cls.env["order.shortage"]._update(products, cls.warehouse)

    @classmethod
    def coming(cls, product, quantity, days=5):
        """Announce a receipt without a purchase."""
        picking = cls.env["stock.picking"].create(
            {
                "picking_type_id": cls.warehouse.in_type_id.id,
                "location_id": cls.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": cls.warehouse.lot_stock_id.id,
                "scheduled_date": cls.now + timedelta(days=days),
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "product_uom": product.uom_id.id,
                            "date": cls.now + timedelta(days=days),
                            "location_id": cls.env.ref("stock.stock_location_suppliers").id,
                            "location_dest_id": cls.warehouse.lot_stock_id.id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        return picking

    @classmethod
    def promise(cls, order, days):
        """Promise the order in so many days, as its first promise."""
        date = cls.now + timedelta(days=days)
        order = order.sudo()
        order.write({"promise_date": date, "first_promise_date": date})
        order.order_line.write({"promise_date": date, "ready_date": date})
        return date

    @classmethod
    def slip(cls, order, days, code="receipt_moved"):
        """Write into the ledger that the order comes in so many days; return the row."""
        order = order.sudo()
        before, date = order.promise_date, cls.now + timedelta(days=days)
        order.promise_date = date
        order.order_line.promise_date = date
        return cls.env["order.promise"].create(
            {
                "order_id": order.id,
                "kind": "later" if not before or date > before else "earlier",
                "date": date,
                "previous_date": before,
                "code": code,
                "source_name": "P00042",
            }
        )

    # ---------------------------------------------------------------- looking
    @classmethod
    def shortages(cls, order):
        return cls.env["order.shortage"].search([("order_id", "=", order.id)])

    @classmethod
    def activities(cls, user, model="order.shortage"):
        domain = [("user_id", "=", user.id), ("res_model", "=", model)]
        return cls.env["mail.activity"].search(domain)

    @classmethod
    def messages_to(cls, user, words):
        domain = [("partner_ids", "in", user.partner_id.ids), ("subject", "ilike", words)]
        return cls.env["mail.message"].search(domain)

    @classmethod
    def mails(cls, order, subject="About the delivery"):
        domain = [("model", "=", "sale.order"), ("res_id", "=", order.id), ("subject", "ilike", subject)]
        mails = cls.env["mail.mail"].sudo().search(domain, order="id")
        return mails.filtered(lambda mail: mail.recipient_ids & order.sudo().partner_id)
