from odoo import models


class SaleOrder(models.Model):
    """An order that is confirmed is accepted; below the gate, so that it never runs for one that is held."""

    _inherit = "sale.order"

    def action_confirm(self):
        quotations = self.filtered(lambda order: order.state in ("draft", "sent"))
        result = super().action_confirm()
        quotations.filtered(lambda order: order.state == "sale")._tell_accepted()
        return result
