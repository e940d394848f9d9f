from datetime import timedelta
from unittest.mock import patch

from odoo import fields

from odoo.addons.order_processing.models.product_availability import Availability

from .common_reservation import ReservationCase


class TakeoverCase(ReservationCase):
    """Ten brass bells. Two orders have them all when an urgent one comes in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.takeover_policy = "ask"
        cls.first, cls.second = cls.order((cls.few, 6)), cls.order((cls.few, 4))
        cls.urgent = cls.order((cls.few, 3), urgency="urgent")

    @classmethod
    def ask(cls, order=None, by=None):
        """Return the wizard as it is shown."""
        order = (order or cls.urgent).with_user(by or cls.mona)
        action = order.action_open_takeover()
        return cls.env[action["res_model"]].with_user(by or cls.mona).browse(action["res_id"])

    @classmethod
    def take(cls, order=None, by=None, reason="The hospital waits"):
        wizard = cls.ask(order, by)
        wizard.reason = reason
        wizard.action_take_over()
        order = order or cls.urgent
        return cls.env["order.takeover"].search([("winner_order_id", "=", order.id)], limit=1)

    @classmethod
    def run_clock(cls):
        with cls.without_commits():
            cls.env["order.takeover"]._cron_take_over()
        cls.env.invalidate_all()

    @classmethod
    def coming(cls, days, quantity):
        """Let so many come in so many days."""

        def availability(products, warehouses, at=None, besides=None, **_more):
            when = fields.Datetime.now() + timedelta(days=days)
            return {(p.id, w.id): Availability(0, 0, when, quantity) for p in products for w in warehouses}

        return patch.object(cls.registry["product.product"], "_order_availability", availability)

    def state(self, *orders):
        """Return who has what where, to the line."""
        lines = self.env["sale.order"].union(*orders).sudo().order_line.move_ids.move_line_ids
        return sorted(
            (
                line.move_id.id,
                line.location_id.id,
                line.lot_id.id,
                line.package_id.id,
                line.quantity,
                line.state,
            )
            for line in lines
        )
