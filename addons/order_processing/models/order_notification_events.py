from collections import Counter

from odoo import api, models

from .order_event import PENDING


class SaleOrder(models.Model):
    """What has happened of which customers are told by the outbox."""

    _inherit = "sale.order"

    def _tell_accepted(self):
        """The order is confirmed. Taken back to quotation and confirmed again, it is accepted once more."""
        times = self.env["order.event"]._counted("taken_back", self)
        self.env["order.notification"]._due("accepted", self, lambda order: times.get(order.id, 0))


class OrderEvent(models.Model):
    _inherit = "order.event"

    @api.model
    def _counted(self, kind, orders):
        """Return ``{order id: how often}`` something happened to these orders, up to now."""
        domain = [("kind", "=", kind), ("order_id", "in", orders.ids)]
        # sudo: the timeline counts for whoever acts
        times = Counter(dict(self.sudo()._read_group(domain, ["order_id"], ["__count"])))
        for event in self.env.cr.precommit.data.get(PENDING, ()):
            if event["kind"] == kind and event["order_id"] in orders._ids:
                times[event["order_id"]] += 1
        return times


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
