from odoo import api, fields, models
from odoo.exceptions import UserError


class OrderReviewDecision(models.Model):
    """What somebody decided on an order: never changed, never deleted.

    It outlives the order and the user: their names are kept beside them.
    """

    _name = "order.review.decision"
    _description = "Review Decision"
    _order = "id desc"
    _rec_name = "order_name"

    order_id = fields.Many2one("sale.order", ondelete="set null", index="btree_not_null", readonly=True)
    order_name = fields.Char("Order number", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", index=True, readonly=True)
    decision = fields.Selection(
        [
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("changes_requested", "Change requested"),
            ("waived", "Finding waived"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Text(
        readonly=True,
        help="Of a refusal or a change request the customer reads this; of the others colleagues.",
    )
    note = fields.Text(readonly=True, help="For colleagues only.")
    user_id = fields.Many2one("res.users", ondelete="set null", index="btree_not_null", readonly=True)
    user_name = fields.Char("Decided by", required=True, readonly=True)
    on_behalf_of = fields.Char("Standing in for", readonly=True)
    decided_at = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)
    step_id = fields.Many2one("order.review.step", ondelete="set null", index="btree_not_null", readonly=True)
    stage_id = fields.Many2one(
        "order.review.stage",
        string="Review stage",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary("Total then", readonly=True, help="In the company's currency.")
    findings = fields.Json(readonly=True, help="What was open then: codes and figures.")
    findings_text = fields.Text("What was open then", compute="_compute_findings_text")

    @api.depends("findings")
    @api.depends_context("lang")
    def _compute_findings_text(self):
        words = self.env["order.review.finding"]._words
        for decision in self:
            decision.findings_text = "; ".join(words(*finding) for finding in decision.findings or ())

    def write(self, vals):  # pylint: disable=method-required-super
        self.check_access("write")
        raise UserError(self.env._("A decision cannot be changed. Decide again instead."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("Decisions are kept for ever, also when their order is deleted."))
