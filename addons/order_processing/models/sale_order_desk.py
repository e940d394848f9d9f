from odoo import api, fields, models

from ..engine.review_route import HeldOrder, place_of, route
from .order_review_step import UNDECIDED

# Waiting for somebody: a reviewer, or the customer.
WAITING_STATES = ("pending", "changes_requested")


class SaleOrder(models.Model):
    """The way of a held order through the stages of the review, and where on it the order is.

    :meth:`_enter_review` may be called again at any time: what is decided and still covers the order
    stays, what is missing is added, and the first stage that has not decided gets somebody to do so.
    """

    _inherit = "sale.order"

    review_step_ids = fields.One2many(
        "order.review.step",
        "order_id",
        string="Stages of the review",
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_salesman",
    )
    review_step_id = fields.Many2one(
        "order.review.step",
        "Where the review is",
        compute="_compute_review_place",
        store=True,
        index="btree_not_null",
        copy=False,
        groups="sales_team.group_sale_salesman",
    )
    review_stage_id = fields.Many2one(
        "order.review.stage",
        "Review stage",
        compute="_compute_review_place",
        store=True,
        copy=False,
        groups="sales_team.group_sale_salesman",
    )
    review_user_id = fields.Many2one(
        "res.users",
        "Reviewer",
        compute="_compute_review_place",
        store=True,
        index="btree_not_null",
        copy=False,
        groups="sales_team.group_sale_salesman",
    )
    review_deadline = fields.Datetime(
        "Decide by",
        compute="_compute_review_place",
        store=True,
        copy=False,
        groups="sales_team.group_sale_salesman",
    )
    review_since = fields.Datetime(
        "Waits since",
        compute="_compute_review_place",
        store=True,
        copy=False,
        groups="sales_team.group_sale_salesman",
    )

    review_answer_unread = fields.Boolean(
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="The customer has written something, and nobody has decided since.",
    )

    @api.depends(
        "review_step_ids.state",
        "review_step_ids.reviewer_id",
        "review_step_ids.deadline",
        "review_step_ids.opened_at",
        "review_step_ids.sequence",
        "review_step_ids.is_current",
    )
    def _compute_review_place(self):
        for order in self:
            step = order._undecided_steps()[:1]
            order.review_step_id = step
            order.review_stage_id = step.stage_id
            order.review_user_id = step.reviewer_id
            order.review_deadline = step.deadline
            order.review_since = step.opened_at

    def write(self, vals):
        result = super().write(vals)
        if "review_state" in vals and vals["review_state"] not in WAITING_STATES:
            self.sudo().filtered("review_answer_unread").write({"review_answer_unread": False})
            self.sudo()._leave_review(vals["review_state"])  # sudo: follows from the decision
        return result

    # ---------------------------------------------------------------- in
    def _enter_review(self):
        """Put orders that are held at the stages that decide on them, and see that somebody is asked."""
        if not self:
            return
        # sudo: the way of an order follows from the settings, whoever submits
        orders = self.sudo()
        visits = orders._review_visits()
        new = []
        for order in orders:
            new += order._keep_steps(visits[order.id])
        steps = self.env["order.review.step"].sudo()  # sudo: see above
        # New rows are written at once: those that end have to be written before.
        steps.flush_model(["is_current", "state"])
        steps.create(new)
        orders._open_next_step()

    def _review_visits(self):
        """Return ``{order id: [Visit, …]}``: the way each order goes, by what is open on it now."""
        visits = {}
        for company, orders in self.grouped("company_id").items():
            stages = [stage._as_plain() for stage in self.env["order.review.stage"]._of_company(company)]
            known = orders._with_earlier_orders()
            for order in orders:
                held = HeldOrder(
                    finding_stages=order._stages_with_findings(),
                    amount=order._amount_to_route(),
                    is_new_customer=order.id not in known,
                    team_id=order.team_id.id or None,
                )
                visits[order.id] = route(stages, held)
        return visits

    def _stages_with_findings(self):
        """Return the ids of the stages something is to be decided at; what is waived where several have to
        approve keeps the order there.
        """
        several = self._undecided_steps().filtered(lambda step: step.approvals_needed > 1)
        findings = self._findings_to_decide()
        return frozenset({*several.stage_id.ids, *(f.stage_id.id or None for f in findings)})

    def _amount_to_route(self):
        """Return what the order comes to in the company's currency, whatever its stored totals say."""
        lines = self.order_line.filtered(lambda line: not line.display_type)
        total = sum(line.price_total for line in lines)
        net = sum(line.product_uom_qty * line._net_price() for line in lines)
        date = self.date_order or fields.Date.today()
        currency = self.company_id.currency_id
        amount = max(self.amount_total, total, net)
        return self.currency_id._convert(amount, currency, self.company_id, date, round=False)

    def _findings_to_decide(self):
        return self.review_finding_ids.filtered(lambda finding: finding.state == "open")

    def _keep_steps(self, visits):
        """Keep the steps the order still needs, end the others; return values of those that are missing."""
        current = self.review_step_ids.filtered("is_current")
        visited = [visit.stage_id for visit in visits]
        kept, missing = current.browse(), []
        for place, visit in enumerate(visits):
            step = current.filtered(
                lambda s, v=visit: s.stage_id.id == (v.stage_id or False) and s.state != "gone"
            )
            if step and not step._still_covers(self._findings_at(step.stage_id, visited)):
                # Nobody has approved what the order is now: everybody is asked anew.
                step.filtered(lambda s: s.state in UNDECIDED)._close("gone")
                step.write({"is_current": False})
                step = step.browse()
            reasons = [[code, figures] for code, figures in visit.reasons]
            if step:
                kept |= step
                is_by_condition = visit.is_by_condition or step.approvals_needed > 1
                step.write({"sequence": place, "reasons": reasons, "is_by_condition": is_by_condition})
            else:
                missing.append(self._prepare_step_vals(visit, place, reasons))
        (current - kept).filtered(lambda step: step.state in UNDECIDED)._close("gone")
        (current - kept).write({"is_current": False})
        return missing

    def _prepare_step_vals(self, visit, place, reasons):
        stage = self.env["order.review.stage"].browse(visit.stage_id)
        return {
            "order_id": self.id,
            "stage_id": visit.stage_id,
            "sequence": place,
            "reasons": reasons,
            # One person's waiver is not the approval of several.
            "is_by_condition": visit.is_by_condition or stage.approvals > 1,
            "approvals_needed": stage.approvals or 1,
        }

    def _findings_at(self, stage, visited=None):
        """Return what is open on the order and is decided at that stage, of those visited (ids, in order)."""
        if visited is None:
            visited = [step.stage_id.id or None for step in self._steps_of_the_way()]
        return self._findings_to_decide().filtered(
            lambda f: place_of(f.stage_id.id or None, visited) == (stage.id or None)
        )

    def _steps_of_the_way(self):
        """Return the steps of the review that runs now, in their order, decided or not."""
        steps = self.review_step_ids.filtered(lambda step: step.is_current and step.state != "gone")
        return steps.sorted("sequence")

    def _step_of(self, finding):
        """Return the step at which a finding of the order is decided."""
        steps = self._steps_of_the_way()
        place = place_of(finding.stage_id.id or None, [step.stage_id.id or None for step in steps])
        return steps.filtered(lambda step: (step.stage_id.id or None) == place)[:1]

    # ---------------------------------------------------------------- on
    def _open_next_step(self):
        """Open the first stage that has not decided yet, of each order, and ask somebody.

        Only that one: what has been open before and comes later now, waits again.
        """
        first = later = self.env["order.review.step"]
        for order in self:
            undecided = order._undecided_steps()
            first |= undecided[:1]
            later |= undecided[1:].filtered(lambda step: step.state != "waiting")
        later._wait_again()
        first.filtered(lambda step: step.state != "open")._open()
        first._assign()

    def _undecided_steps(self):
        steps = self.review_step_ids.filtered(lambda step: step.is_current and step.state in UNDECIDED)
        return steps.sorted(lambda step: (step.sequence, step.id))

    def _undecided_steps_open(self):
        """Return the steps these orders are at now."""
        at = ("open", "paused")
        return self.review_step_ids.filtered(lambda step: step.is_current and step.state in at)

    def _accept_findings(self):
        """What was found is accepted, by whoever approved it at its stage."""
        for order in self:
            approved = order.review_step_ids.filtered(
                lambda step: step.is_current and step.state == "approved"
            )
            for step in approved:
                findings = order._findings_at(step.stage_id)
                decision = step.decision_ids.filtered(lambda one: one.decision == "approved")[:1]
                findings.write(
                    {
                        "state": "accepted",
                        "decided_by_id": decision.user_id.id,
                        "decided_at": decision.decided_at,
                    }
                )

    def _log_stage_approved(self, reason, user):
        """Tell in the timeline where orders go on that are approved at a stage and not through yet."""
        data = {}
        for order in self:
            approved = order.review_step_ids.filtered(lambda s: s.is_current and s.state == "approved")
            data[order.id] = {
                "stage": approved.sorted("closed_at")[-1:].stage_id.name or order.review_stage_id.name or "",
                "next": order.review_stage_id.name or "",
                "reason": reason or "",
            }
        self.env["order.event"]._log(self.with_user(user), "stage_approved", data)

    # ---------------------------------------------------------------- out
    def _leave_review(self, review_state):
        """The review is over, whatever ended it."""
        steps = self.review_step_ids.filtered("is_current")
        if not steps:
            return
        undecided = steps.filtered(lambda step: step.state in UNDECIDED)
        at = (
            undecided.filtered(lambda step: step.state != "waiting")
            if review_state == "refused"
            else steps.browse()
        )
        at._close("refused")
        (undecided - at)._close("gone")
        steps.write({"is_current": False})
        steps.order_id._forget_review_activities()

    def _forget_review_activities(self):
        self.activity_unlink(["order_processing.mail_activity_type_review"])

    # ---------------------------------------------------------------- the customer has answered
    def _back_to_review(self):
        """The orders wait for a reviewer again: at their stage, for the same person, with a new deadline."""
        orders = self.sudo()  # sudo: guarded fields; follows from the customer's answer or a change
        orders.write({"review_state": "pending"})
        orders._enter_review()
