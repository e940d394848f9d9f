from odoo import models

from .sale_order_review import QUOTATION_STATES


class SaleOrder(models.Model):
    """What has happened of which customers are told by the outbox."""

    _inherit = "sale.order"

    def action_confirm(self):
        quotations = self.filtered(lambda order: order.state in QUOTATION_STATES)
        result = super().action_confirm()
        quotations.filtered(lambda order: order.state == "sale")._tell_accepted()
        return result

    def _tell_accepted(self):
        """The order is confirmed. Cancelled and confirmed again, it is accepted once more."""
        self.env["order.notification"]._due("accepted", self, lambda order: order.date_order.isoformat())


class OrderShipment(models.Model):
    _inherit = "order.shipment"

    def _log_shipped(self, user):
        result = super()._log_shipped(user)
        self.env["order.notification"]._due("shipped", self)
        return result

    def write(self, vals):
        result = super().write(vals)
        if vals.get("tracking_number"):
            self.env["order.notification"]._wait_no_longer(self)
        return result
