from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .review_duties import ReviewDuties


class OrderReviewFinding(models.Model):
    """Letting single findings pass, and who may."""

    _inherit = "order.review.finding"

    @api.depends_context("uid")
    @api.depends("state", "severity", "observed")
    def _compute_can_waive(self):
        waivable = self.filtered(lambda finding: finding._is_waivable())
        may = waivable - self.browse(finding.id for finding in waivable._why_not_waive())
        for finding in self:
            finding.can_waive = finding in may

    def _is_waivable(self):
        by_rule = self.state == "upheld" and self.severity == "refuse" and not self.decided_by_id
        # First what refuses it: until then the order is at no stage, and nobody is asked for the rest.
        is_open = self.state == "open" and self.order_id.review_state != "refused"
        return self.order_id.state != "cancel" and not self.observed and (is_open or by_rule)

    def _why_not_waive(self):
        """Return ``{finding: words}`` of those the acting user may not let pass.

        To waive is to decide: it takes somebody who may at the stage the finding is decided at, who has
        neither made the order nor raised its risk; and a sales manager for what refuses an order.
        """
        user, why = self.env.user, {}
        self.order_id._note_raised()
        duties = ReviewDuties(self.order_id)
        is_manager = user.has_group("sales_team.group_sale_manager")
        for finding in self:
            # sudo: who may follows from the settings
            order = finding.order_id.sudo()
            code = duties.why_not(user.id, order, order._step_of(finding))
            if code and code != "approved_already":
                why[finding] = order.with_env(self.env)._why_not_words(code)
            elif finding.severity == "refuse" and not is_manager:
                why[finding] = self.env._(
                    "“%s” refuses the order; only a sales manager can let that pass", finding.text
                )
        return why

    def action_waive(self, reason, until=None):
        """Let these findings pass, for this order and as they are now; the order goes on when none is left.

        A waiver covers nothing that is found later by another rule, nothing bigger, and nothing after
        the day ``until``.
        """
        self._check_may_waive(reason, until)
        # As with an approval: nobody lets pass what he has not been told of.
        changed = self.order_id._hold_again_if_riskier()
        findings = self.filtered(lambda finding: finding.order_id not in changed)
        return findings._waive(reason, until, changed)

    def _waive(self, reason, until, changed):
        orders = self.order_id
        values = {
            "state": "waived",
            "decided_by_id": self.env.uid,
            "decided_at": fields.Datetime.now(),
            "reason": reason.strip(),
            "waived_until": until or False,
            "in_force": True,
        }
        # sudo: findings are written by the system only; the role has been checked
        self.sudo().write(values)
        orders._decide("waived", "; ".join(dict.fromkeys([*self.mapped("text"), reason.strip()])))
        data = {
            order.id: {"findings": [[f.code, f.facts] for f in found], "reason": reason.strip()}
            for order, found in self.grouped("order_id").items()
        }
        self.env["order.event"]._log(orders, "waived", data)
        return orders._go_on_after_waiver(changed)

    def _check_may_waive(self, reason, until):
        if not self.env.user.has_group("order_processing.group_order_processing_reviewer"):
            raise AccessError(
                self.env._(
                    "Only reviewers waive findings. Ask one of them, or your administrator for the role."
                )
            )
        self.order_id.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why it may pass: it stays readable on the order."))
        if until and fields.Date.to_date(until) < fields.Date.context_today(self):
            raise UserError(self.env._("The waiver would end before it begins: choose a later day, or none."))
        for words in self._why_not_waive().values():
            raise AccessError(self.env._("You may not let this pass: %s.", words))
        if settled := self.filtered(lambda finding: not finding._is_waivable()):
            raise UserError(
                self.env._(
                    "“%s” does not wait for anybody any more; there is nothing to waive.", settled[0].text
                )
            )

    def action_open_waive(self):
        """Open the question why, and until when."""
        action = self.env["ir.actions.act_window"]._for_xml_id("order_processing.order_review_waive_action")
        return {**action, "context": {"default_finding_ids": self.ids}}
