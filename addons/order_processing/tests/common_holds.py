from datetime import timedelta

from odoo import fields

from .common_reservation import ReservationCase


class HoldCase(ReservationCase):
    """Ten brass bells. An order under review holds its goods for two days, a quotation for one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"hold_review_hours": 48, "hold_quotation_hours": 24})

    @classmethod
    def run_clock(cls):
        with cls.without_commits():
            cls.env["sale.order"]._cron_release_holds()
        cls.env.invalidate_all()

    @classmethod
    def over(cls, order):
        """Let the time be over for which the order's goods are held."""
        past = fields.Datetime.now() - timedelta(minutes=1)
        order.sudo().hold_until = past
        cls.holds(order).hold_until = past

    @classmethod
    def sent(cls, *lines, **vals):
        """Return a quotation that was sent to the customer."""
        order = cls.quotation(lines=list(lines), **vals)
        order.action_quotation_sent()
        return order

    @classmethod
    def holds(cls, order):
        return cls.env["stock.move"].search([("hold_line_id.order_id", "=", order.id)])

    @classmethod
    def held(cls, *orders):
        """Return how much is set aside by the holds of each of the orders."""
        return [sum(cls.holds(order).mapped("quantity")) for order in orders]

    @classmethod
    def free(cls, product):
        product.invalidate_recordset(["free_qty", "virtual_available"])
        return product.free_qty
