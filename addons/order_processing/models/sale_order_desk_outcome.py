from odoo import models

from .review_duties import ReviewDuties
from .sale_order_review import QUOTATION_STATES


class SaleOrder(models.Model):
    """What a decision will do, said before it is taken."""

    _inherit = "sale.order"

    def _why_not_decide_words(self):
        """Return ``{order: words}`` of those the acting user may not decide on, or that wait for nobody."""
        words = {
            order: self.env._("%s does not wait for a decision any more", order.name)
            for order in self
            if order.review_state not in ("pending", "changes_requested") or order.state == "cancel"
        }
        waiting = self - self.browse(order.id for order in words)
        return words | {
            order: order._why_not_words(code) for order, code in waiting._why_not_decide().items()
        }

    def _approve_outcomes(self):
        """Return ``{order id: words}``: what becomes of each when the acting user approves it now."""
        orders = self.sudo()  # sudo: said to whoever may decide, nothing is done
        duties = ReviewDuties(orders)
        return {order.id: order._approve_outcome(duties) for order in orders}

    def _approve_outcome(self, duties):
        """Walk the way the approval would go."""
        for place, step in enumerate(self._undecided_steps()):
            if place and duties.why_not(self.env.uid, self, step):
                return self.env._("Approved here, goes on to %s", step.stage_id.name)
            missing = step.approvals_needed - len(step._approvers()) - 1
            if missing > 0:
                return self.env._(
                    "Counts as one approval at %(stage)s; approvals still needed: %(missing)s",
                    stage=step.stage_id.name,
                    missing=missing,
                )
        if self.state not in QUOTATION_STATES:
            return self.env._("Approved as it is now, and what was kept back goes on")
        if (self.review_replay or {}).get("send_email"):
            return self.env._("Confirmed, and the customer gets the confirmation")
        return self.env._("Confirmed")
