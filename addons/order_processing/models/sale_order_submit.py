from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Handing orders in, and telling what became of them."""

    _inherit = "sale.order"

    def action_submit(self):
        """Check the orders; confirm those that are in order, queue the others for review.

        One order that cannot be confirmed at all (a line without product, say) raises when it is
        alone; in a batch it stays as it is, the others go on, and the message names it.
        """
        self.check_access("write")
        errors = {order: message for order in self if (message := order._confirmation_error_message())}
        if errors and len(self) == 1:
            raise UserError(errors[self])
        orders = self - self.browse(order.id for order in errors)
        cleared = orders._review_gate()
        if cleared:
            cleared.action_confirm()
        return self._submit_report(cleared, orders - cleared, errors)

    def _submit_report(self, confirmed, held, errors):
        """Return a notification that says what became of a batch; nothing for one confirmed order."""
        warnings = self._warnings_of(confirmed)
        if not held and not errors and not warnings:
            return True
        parts = []
        if confirmed:
            parts.append(self.env._("Confirmed: %s.", len(confirmed)))
        parts += [
            self.env._("%(order)s is held: %(why)s.", order=o.name, why=o.review_hold_reason)
            for o in held[:5]
        ]
        if len(held) > 5:
            parts.append(self.env._("%s more are held; see the review list.", len(held) - 5))
        parts += [f"{order.name}: {message}" for order, message in list(errors.items())[:5]]
        parts += warnings[:5]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self._submit_title(held, errors),
                "message": " ".join(parts),
                "sticky": len(self) > 1,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _submit_title(self, held, errors):
        if held:
            return self.env._("Held for review")
        return self.env._("Not confirmed") if errors else self.env._("Confirmed, but look at this")

    @staticmethod
    def _warnings_of(confirmed):
        """Return what the rules warn of on orders that went through."""
        findings = confirmed.sudo().review_finding_ids  # sudo: whoever submits is told
        warnings = findings.filtered(lambda f: f.state == "noted" and f.severity == "warn" and not f.observed)
        return [f"{finding.order_id.name}: {finding.text}." for finding in warnings]
