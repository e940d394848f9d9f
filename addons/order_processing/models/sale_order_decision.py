from odoo import models
from odoo.exceptions import AccessError, UserError

from .review_duties import ReviewDuties
from .sale_order_desk import WAITING_STATES
from .sale_order_review import HELD_STATES, QUOTATION_STATES


class SaleOrder(models.Model):
    """What reviewers decide, and how an order goes on from there."""

    _inherit = "sale.order"

    # ---------------------------------------------------------------- approving
    def action_review_approve(self, reason=None):
        """Approve the orders at the stages where the user may decide; those that are through go on.

        Cleared as they stand, quotations are confirmed, with all that was due. The others wait at their
        next stage. A quotation that has become riskier since it was held is not approved but shown
        again, with what is found now: nobody approves what he has not been told of.
        """
        orders = self._to_decide()
        orders._check_may_overrule()
        changed = orders._hold_again_if_riskier()
        orders -= changed
        through = orders._approve_here(reason)
        through._finish_approval(reason)
        return orders._decision_report(through, changed)

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

    def _approve_here(self, reason):
        """Approve at the current stage, and at those that follow as far as the same person may decide there.

        Return the orders of which all stages have approved.
        """
        # sudo: steps and decisions are written here only; who may has been checked
        orders = self.sudo()
        duties = ReviewDuties(orders)
        counted = {order.id: order._approve_steps(duties, self.env.uid) for order in orders}
        self._decide("approved", reason, counted)
        through = orders.filtered(lambda order: not order._undecided_steps())
        waiting = orders - through
        # Also at a stage that needs more than one: whoever has approved makes room for the next.
        waiting._open_next_step()
        waiting._log_stage_approved(reason, self.env.user)
        return through.with_env(self.env)

    def _approve_steps(self, duties, user_id):
        """Close the steps this user's approval completes; return those it counts at."""
        counted = self.env["order.review.step"]
        for place, step in enumerate(self._undecided_steps()):
            if place and duties.why_not(user_id, self, step):
                break
            counted |= step
            step._note_approval()
            if step.state != "approved":
                break
        return counted

    def _finish_approval(self, reason):
        """All stages have approved: the orders are cleared as they stand, and go on."""
        # sudo: the reviewer decides, the system carries out what the customer had asked for
        cleared = self.sudo()
        cleared._accept_findings()
        cleared._clear("approved")
        # The customer hears of the approval, not of what the reviewer noted.
        self.env["order.event"]._log(
            cleared.with_user(self.env.user), "approved", {"reason": reason or ""}, audience="customer"
        )
        cleared._resume()

    # ---------------------------------------------------------------- saying no, asking back
    def action_review_refuse(self, reason, note=None):
        """Refuse the orders. The reason is meant for the customer, the note for colleagues."""
        orders = self._to_decide()
        self._require_reason(reason)
        orders._decide("refused", reason, note=note)
        orders.sudo().review_finding_ids.filtered(lambda finding: finding.state == "open").write(
            {"state": "upheld", "decided_by_id": self.env.uid, "decided_at": self.env.cr.now()}
        )
        orders._close_review("refused", reason)
        return True

    def action_review_request_change(self, reason, note=None):
        """Ask for a change. The reason is meant for the customer, the note for colleagues."""
        orders = self._to_decide()
        self._require_reason(reason)
        orders._decide("changes_requested", reason, note=note)
        orders._close_review("changes_requested", reason)
        orders.sudo()._undecided_steps_open()._pause()  # sudo: steps are written by the system only
        return True

    # ---------------------------------------------------------------- who, and what there is to decide
    def _to_decide(self):
        """Return the orders a decision is open on, after checking who asks."""
        self._check_is_reviewer()
        self.check_access("write")
        orders = self.filtered(
            lambda order: order.review_state in ("pending", "changes_requested") and order.state != "cancel"
        )
        if not orders:
            raise UserError(
                self.env._("There is nothing to decide: these orders are not waiting for review.")
            )
        # sudo: held by an older version, or its stage is gone: first it gets its way
        orders.sudo().filtered(lambda order: not order._undecided_steps())._enter_review()
        orders._check_may_decide()
        return orders

    def _check_is_reviewer(self):
        if not self.env.user.has_group("order_processing.group_order_processing_reviewer"):
            raise AccessError(
                self.env._(
                    "Only reviewers decide on orders. Ask one of them, or your administrator for the role."
                )
            )

    def _require_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Give a reason. The customer and your colleagues will want to know."))

    # ---------------------------------------------------------------- writing it down
    def _decide(self, decision, reason, counted=None, note=None):
        """Keep the decision on each order, for ever; ``counted`` are the steps of each order it counts at."""
        # sudo: decisions are written here only, after the role has been checked
        orders = self.sudo()
        duties = ReviewDuties(orders)
        said = {"decision": decision, "reason": reason, "note": note}
        vals_list = []
        for order in orders:
            steps = counted[order.id] if counted else order.review_step_id
            vals_list += [{**order._prepare_decision_vals(step, duties), **said} for step in steps or [steps]]
        self.env["order.review.decision"].sudo().create(vals_list)  # sudo: see above
        if decision != "waived":
            orders.filtered("review_answer_unread").write({"review_answer_unread": False})

    def _prepare_decision_vals(self, step, duties):
        user = self.env.user
        absent = duties.on_behalf_of(user.id, self, step) if step else None
        return {
            "order_id": self.id,
            "order_name": self.name,
            "company_id": self.company_id.id,
            "user_id": user.id,
            "user_name": user.name,
            "on_behalf_of": self.env["res.users"].browse(absent).name if absent else False,
            "step_id": step.id,
            "stage_id": step.stage_id.id,
            "amount": self.amount_total / (self.currency_rate or 1.0),
            "findings": [[finding.code, finding.facts] for finding in self._findings_to_decide()],
        }

    def _close_review(self, review_state, reason):
        self.sudo().write({"review_state": review_state})  # sudo: guarded field, role checked by the caller
        self.env["order.event"]._log(self, review_state, {"reason": reason}, audience="customer")
        self._tell_customer(review_state, reason)

    # ---------------------------------------------------------------- going on
    def _resume(self):
        """Let approved orders go on, doing once what they were held from."""
        quotations = self.filtered(lambda order: order.state in QUOTATION_STATES)
        if quotations:
            quotations.action_confirm()
        (self - quotations)._go_on_after_hold()

    def _go_on_after_waiver(self, changed):
        """Let orders go on of which nothing is left to decide; what still waits for a decision stays."""
        # sudo: the reviewer decides, the system carries out what the customer had asked for
        orders = self.sudo()
        waiting = orders.filtered(lambda order: order._has_open_findings() or order._waits_by_condition())
        decided = waiting._shorten_way()
        decided.with_env(self.env)._finish_approval(None)
        free = orders - waiting
        quotations = free.filtered(lambda order: order.state in QUOTATION_STATES)
        quotations.write({"review_state": "pending"})
        cleared = quotations._review_gate()
        cleared.action_confirm()
        confirmed = (free - quotations).filtered(lambda order: order.review_state in HELD_STATES)
        confirmed._clear("approved")
        self.env["order.event"]._log(confirmed, "cleared")
        confirmed._go_on_after_hold()
        return self._submit_report(cleared | decided, (quotations - cleared) | changed, {})

    def _has_open_findings(self):
        return any(finding.state in ("open", "upheld") for finding in self.review_finding_ids)

    def _waits_by_condition(self):
        """Tell whether a stage has still to decide because of the order itself, whatever is found on it."""
        return self.review_state in WAITING_STATES and any(s.is_by_condition for s in self._undecided_steps())

    def _shorten_way(self):
        """Drop the stages with nothing left to decide; return the orders all other stages have approved."""
        self.filtered(
            lambda order: order.review_state == "refused" and not order._is_refused_by_rule()
        ).write({"review_state": "pending"})
        in_review = self.filtered(lambda order: order.review_state in WAITING_STATES)
        paused = in_review._undecided_steps_open().filtered(lambda step: step.state == "paused")
        (in_review - paused.order_id)._enter_review()
        return in_review.filtered(lambda order: order.review_step_ids and not order._undecided_steps())
