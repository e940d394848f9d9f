from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools.misc import formatLang

DECISIONS = [("approve", "Approve"), ("refuse", "Refuse"), ("request_change", "Ask for a change")]


class OrderReviewDecide(models.TransientModel):
    """Asks for the decision on one order or on many, and says beforehand what it will do to each."""

    _name = "order.review.decide"
    _description = "Decide on Orders"

    order_ids = fields.Many2many("sale.order", required=True)
    decision = fields.Selection(DECISIONS, required=True, default="approve")
    reason = fields.Text(help="Of a refusal or a change request the customer reads this.")
    note = fields.Text(help="For colleagues only.")
    line_ids = fields.One2many(
        "order.review.decide.line", "wizard_id", compute="_compute_line_ids", store=True, readonly=False
    )
    is_bulk = fields.Boolean(compute="_compute_is_bulk")
    shown = fields.Json(readonly=True, help="The open findings when the reviewer looked.")
    findings = fields.Text(compute="_compute_findings")
    summary = fields.Text("What this does", compute="_compute_summary")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if "order_ids" in fields and self.env.context.get("active_model") == "sale.order":
            orders = self.env["sale.order"].browse(self.env.context.get("active_ids", []))
            values["order_ids"] = [Command.set(orders.ids)]
            values["shown"] = self._open_findings(orders)
        return values

    @api.depends("order_ids")
    def _compute_line_ids(self):
        for wizard in self:
            orders = wizard.order_ids._origin
            why_not = {
                order.id: orders_words for order, orders_words in orders._why_not_decide_words().items()
            }
            wizard.line_ids = [Command.clear()] + [
                Command.create({"order_id": order.id, "why_not": why_not.get(order.id, "")})
                for order in orders
            ]

    @api.depends("order_ids")
    def _compute_is_bulk(self):
        for wizard in self:
            wizard.is_bulk = len(wizard.order_ids) > 1

    @api.depends("order_ids")
    def _compute_findings(self):
        for wizard in self:
            wizard.findings = "\n".join(
                f"{order.name}: {order.review_hold_reason}"
                for order in wizard.order_ids
                if order.review_hold_reason
            )

    @api.depends("line_ids.decision", "line_ids.outcome", "line_ids.order_id")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = "\n".join(wizard._summary_lines())

    def _summary_lines(self):
        """Say how many orders, of what worth, come to the same."""
        by_outcome = {}
        for line in self.line_ids:
            by_outcome.setdefault(line.outcome or "", []).append(line.order_id)
        for outcome, orders in by_outcome.items():
            if len(self.line_ids) == 1:
                yield outcome
                continue
            amounts = {}
            for order in orders:
                amounts[order.currency_id] = amounts.get(order.currency_id, 0.0) + order.amount_total
            total = " + ".join(formatLang(self.env, a, currency_obj=c) for c, a in amounts.items())
            yield f"{len(orders)} × {outcome} ({total})"

    def _open_findings(self, orders):
        open_findings = orders.review_finding_ids.filtered(lambda finding: finding.state == "open")
        return sorted([finding.id, finding.code, finding.facts] for finding in open_findings)

    # ---------------------------------------------------------------- deciding
    def action_decide(self):
        """Carry the decisions out; what cannot be decided stays as it is, and is named."""
        self.ensure_one()
        if self.decision == "approve" and self.shown not in (False, self._open_findings(self.order_ids)):
            raise UserError(
                self.env._("The order was changed while you were deciding. Close this and look at it again.")
            )
        if not self.is_bulk:
            return self._closing(self._carry_out(self.order_ids, self.decision, self.reason, self.note))
        failed, reports = {}, []
        for (decision, reason), lines in self.line_ids.grouped(lambda l: (l.decision, l._reason())).items():
            if decision != "leave":
                reports.append(self._carry_out_many(lines.order_id, decision, reason, failed))
        return self._closing(self._bulk_report(reports, failed))

    def _carry_out(self, orders, decision, reason, note):
        if decision == "approve":
            return orders.action_review_approve(reason or note)
        return getattr(orders, f"action_review_{decision}")(reason, note)

    def _carry_out_many(self, orders, decision, reason, failed):
        """Decide on all together; where that fails, one by one, so that one does not stop the others."""
        try:
            with self.env.cr.savepoint():
                return self._carry_out(orders, decision, reason, self.note)
        except (UserError, AccessError, ValidationError) as error:
            if len(orders) == 1:
                failed[orders] = str(error)
                return True
        for order in orders:
            self._carry_out_many(order, decision, reason, failed)
        return True

    def _bulk_report(self, reports, failed):
        """Return what has become of the orders, where there is anything to tell."""
        parts = [report["params"]["message"] for report in reports if report is not True]
        parts += [f"{order.name}: {message}" for order, message in failed.items()]
        left = self.line_ids.filtered(lambda line: line.decision == "leave" and line.why_not)
        parts += [self.env._("Not decided: %s.", line.why_not) for line in left[:5]]
        if not parts:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if failed or left else "info",
                "title": self.env._("Decided, and look at these"),
                "message": " ".join(parts),
                "sticky": True,
            },
        }

    @staticmethod
    def _closing(report):
        close = {"type": "ir.actions.act_window_close"}
        if report is True:
            return close
        report["params"]["next"] = close  # something is to be told: say so, then close
        return report


class OrderReviewDecideLine(models.TransientModel):
    """One of many orders to decide on: what becomes of it, and another decision for it alone."""

    _name = "order.review.decide.line"
    _description = "Decide on One of Many Orders"
    _order = "id"

    wizard_id = fields.Many2one("order.review.decide", required=True, ondelete="cascade", index=True)
    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="order_id.partner_id")
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_total = fields.Monetary(related="order_id.amount_total")
    hold_reason = fields.Char(related="order_id.review_hold_reason")
    why_not = fields.Char("Not for you")
    decision = fields.Selection(
        [*DECISIONS, ("leave", "Leave it")],
        compute="_compute_decision",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    reason = fields.Char("Reason for this one", help="Empty: the same as for all.")
    outcome = fields.Char("What this does", compute="_compute_outcome")

    @api.depends("wizard_id.decision", "why_not")
    def _compute_decision(self):
        for line in self:
            line.decision = "leave" if line.why_not else line.wizard_id.decision or "approve"

    @api.depends("decision", "order_id", "why_not")
    def _compute_outcome(self):
        outcomes = self.order_id._origin._approve_outcomes()
        for line in self:
            line.outcome = line._outcome_words(outcomes)

    def _outcome_words(self, outcomes):
        if self.decision == "leave":
            return self.why_not or self.env._("Left as it is")
        if self.decision == "approve":
            return outcomes.get(self.order_id.id or self.order_id._origin.id, "")
        if self.decision == "refuse":
            return self.env._("Refused: it stops, and the customer is told why")
        return self.env._("Waits until the customer has answered")

    def _reason(self):
        return self.reason or self.wizard_id.reason
