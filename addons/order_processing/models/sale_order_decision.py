from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .sale_order_review import HELD_STATES, QUOTATION_STATES


class SaleOrder(models.Model):
    """What reviewers decide, and how an order goes on from there."""

    _inherit = "sale.order"

    def action_review_approve(self, reason=None):
        """Clear the orders as they stand; quotations among them are confirmed, with all that was due.

        A quotation that has become riskier since it was held is not approved but shown again, with
        what is found now: nobody approves what he has not been told of.
        """
        orders = self._to_decide()
        orders._check_may_overrule()
        changed = orders._hold_again_if_riskier()
        orders -= changed
        orders._decide("approved", reason)
        # sudo: the reviewer decides, the system carries out what the customer had asked for
        cleared = orders.sudo()
        cleared._clear("approved")
        # The customer hears of the approval, not of what the reviewer noted.
        self.env["order.event"]._log(
            cleared.with_user(self.env.user), "approved", {"reason": reason or ""}, audience="customer"
        )
        cleared._resume()
        return orders._submit_report(orders, changed, {})

    def _check_may_overrule(self):
        """What a rule refuses only sales managers let pass, one way or the other."""
        refused = self.filtered(lambda order: order.sudo()._is_refused_by_rule())  # sudo: see the caller
        if refused and not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(
                self.env._("A rule refuses %s; only a sales manager can let that pass.", refused[0].name)
            )

    def _hold_again_if_riskier(self):
        """Queue those quotations anew that were changed while they waited; return them."""
        # sudo: what the order was like when it was held is not for everybody to read
        quotations = self.sudo().filtered(lambda order: order.state in QUOTATION_STATES)
        beyond = {order.id: order._deviations_since_hold() for order in quotations}
        changed = quotations.filtered(lambda order: beyond[order.id] != [])
        findings = changed._review_findings()
        changed._add_deviations(findings, beyond)
        changed._hold(findings, changed._holding(findings))
        return changed.with_env(self.env)

    def _deviations_since_hold(self):
        terms = (self.review_replay or {}).get("terms")
        return self._deviations_from(terms) if terms else None

    def action_review_refuse(self, reason):
        """Refuse the orders. The reason is meant for the customer."""
        orders = self._to_decide()
        self._require_reason(reason)
        orders._decide("refused", reason)
        orders.sudo().review_finding_ids.filtered(lambda finding: finding.state == "open").write(
            {"state": "upheld", "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
        )
        orders._close_review("refused", reason)
        return True

    def action_review_request_change(self, reason):
        """Ask for a change. The reason is meant for the customer."""
        orders = self._to_decide()
        self._require_reason(reason)
        orders._decide("changes_requested", reason)
        orders._close_review("changes_requested", reason)
        return True

    def _to_decide(self):
        """Return the orders a decision is open on, after checking who asks."""
        if not self.env.user.has_group("order_processing.group_order_processing_reviewer"):
            raise AccessError(
                self.env._(
                    "Only reviewers decide on orders. Ask one of them, or your administrator for the role."
                )
            )
        self.check_access("write")
        orders = self.filtered(
            lambda order: order.review_state in ("pending", "changes_requested") and order.state != "cancel"
        )
        if not orders:
            raise UserError(
                self.env._("There is nothing to decide: these orders are not waiting for review.")
            )
        return orders

    def _require_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Give a reason. The customer and your colleagues will want to know."))

    def _decide(self, decision, reason):
        # sudo: decisions are written here only, after the role has been checked
        self.env["order.review.decision"].sudo().create(
            [
                {"order_id": o.id, "decision": decision, "reason": reason, "user_id": self.env.uid}
                for o in self
            ]
        )

    def _close_review(self, review_state, reason):
        self.sudo().write({"review_state": review_state})  # sudo: guarded field, role checked by the caller
        self.env["order.event"]._log(self, review_state, {"reason": reason}, audience="customer")
        self._tell_customer(review_state, reason)

    def _resume(self):
        """Let approved orders go on, doing once what they were held from."""
        quotations = self.filtered(lambda order: order.state in QUOTATION_STATES)
        if quotations:
            quotations.action_confirm()
        (self - quotations)._go_on_after_hold()

    def _go_on_after_waiver(self, changed):
        """Let orders go on of which nothing open is left; what still waits for a decision stays."""
        waiting = self.filtered(
            lambda order: any(f.state in ("open", "upheld") for f in order.sudo().review_finding_ids)
        )
        # sudo: guarded field; a sales manager has waived what refused the order, the rest is reviewed
        waiting.sudo().filtered(
            lambda order: order.review_state == "refused" and not order._is_refused_by_rule()
        ).write({"review_state": "pending"})
        # sudo: the reviewer decides, the system carries out what the customer had asked for
        free = (self - waiting).sudo()
        quotations = free.filtered(lambda order: order.state in QUOTATION_STATES)
        quotations.write({"review_state": "pending"})
        cleared = quotations._review_gate()
        cleared.action_confirm()
        confirmed = (free - quotations).filtered(lambda order: order.review_state in HELD_STATES)
        confirmed._clear("approved")
        self.env["order.event"]._log(confirmed, "cleared")
        confirmed._go_on_after_hold()
        return self._submit_report(cleared, (quotations - cleared) | changed, {})
