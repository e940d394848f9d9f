from odoo import api, fields, models
from odoo.fields import Domain


class PurchaseOrder(models.Model):
    """Which customers' orders wait for a purchase, and what becomes of them when it changes."""

    _inherit = "purchase.order"

    # Accountants open purchases, too, and may not look at shortages.
    waiting_order_count = fields.Integer(
        "Orders waiting for it",
        compute="_compute_waiting_order_count",
        groups="purchase.group_purchase_user,stock.group_stock_user",
    )

    @api.depends("state")
    def _compute_waiting_order_count(self):
        groups = self.env["order.shortage.help"]._read_group(
            self._waiting_domain(), ["document_id", "shortage_id"]
        )
        waiting = {}
        for document_id, shortage in groups:
            waiting.setdefault(document_id, set()).add(shortage.sudo().order_id.id)  # sudo: counted only
        for order in self:
            order.waiting_order_count = len(waiting.get(order.id, ()))

    def _waiting_domain(self):
        return (
            Domain("document_model", "=", self._name)
            & Domain("document_id", "in", self.ids)
            & Domain("shortage_id.state", "=", "open")
        )

    def action_view_waiting_orders(self):
        """Show for whom what this purchase brings is meant, by rank."""
        self.check_access("read")
        shortages = self.env["order.shortage.help"].search(self._waiting_domain()).shortage_id
        action = self.env["ir.actions.act_window"]._for_xml_id("order_processing.order_shortage_action")
        action.update(domain=[("id", "in", shortages.ids)], context={"search_default_open": 1})
        return action

    # ---------------------------------------------------------------- promises rest on it
    def button_confirm(self):
        result = super().button_confirm()
        self.order_line._note_for_promises("receipt_changed")
        return result

    def button_cancel(self):
        lines = self.order_line
        result = super().button_cancel()
        lines._note_for_promises("receipt_cancelled")
        return result
