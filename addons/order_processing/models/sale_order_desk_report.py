from odoo import models


class SaleOrder(models.Model):
    """What becomes of orders somebody has just decided on, told to whoever decided."""

    _inherit = "sale.order"

    def _decision_report(self, through, changed):
        """Return a notification for orders that are not through yet; ``changed`` were not decided on."""
        waiting = self - through
        if not waiting:
            return self._submit_report(through, changed, {})
        parts = [self.env._("Confirmed: %s.", len(through))] if through else []
        parts += [order._goes_on_words() for order in waiting[:5]]
        if len(waiting) > 5:
            parts.append(self.env._("Others that go on to their next stage: %s.", len(waiting) - 5))
        parts += [
            self.env._("%(order)s is held: %(why)s.", order=o.name, why=o.review_hold_reason)
            for o in changed[:5]
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "title": self.env._("Approved, and not through yet"),
                "message": " ".join(parts),
                "sticky": len(self) > 1,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _goes_on_words(self):
        step = self.sudo().review_step_id  # sudo: told to whoever has just decided
        stage, reviewer = step.stage_id.name or "–", step.reviewer_id.name
        if not reviewer:
            return self.env._("%(order)s waits at %(stage)s.", order=self.name, stage=stage)
        return self.env._(
            "%(order)s goes on to %(stage)s, to %(reviewer)s.",
            order=self.name,
            stage=stage,
            reviewer=reviewer,
        )
