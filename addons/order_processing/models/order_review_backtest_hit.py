from odoo import api, fields, models


class OrderReviewBacktestHit(models.Model):
    """An order that a rule would have found, what it would have said, and what became of the order."""

    _name = "order.review.backtest.hit"
    _description = "Order Found in a Trial"
    _order = "moment desc, id desc"
    _rec_name = "order_id"

    backtest_id = fields.Many2one(
        "order.review.backtest", "Trial", required=True, ondelete="cascade", index=True, readonly=True
    )
    line_id = fields.Many2one(
        "order.review.backtest.line", "Rule", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one(related="backtest_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    moment = fields.Datetime("Handed in", required=True, readonly=True)
    amount = fields.Monetary(readonly=True, help="As it was handed in, in the company's currency.")
    code = fields.Char(required=True, readonly=True)
    facts = fields.Json(readonly=True)
    text = fields.Char("What it says", compute="_compute_text")
    is_cancelled = fields.Boolean("Cancelled", readonly=True, help="Cancelled, or refused in the review.")
    is_refunded = fields.Boolean("Refunded", readonly=True)
    is_returned = fields.Boolean("Returned", readonly=True)
    is_changed = fields.Boolean("Changed", readonly=True)
    outcome = fields.Char("What became of it", compute="_compute_outcome")
    went_wrong = fields.Boolean(readonly=True, help="Cancelled, refunded, returned or changed later.")

    _once = models.UniqueIndex("(line_id, order_id)", "A rule finds an order once.")

    @api.depends("code", "facts")
    @api.depends_context("lang")
    def _compute_text(self):
        Finding = self.env["order.review.finding"]
        for hit in self:
            words = Finding._words(hit.code, hit.facts)
            hit.text = words[:1].upper() + words[1:]

    @api.depends("is_cancelled", "is_refunded", "is_returned", "is_changed")
    @api.depends_context("lang")
    def _compute_outcome(self):
        names = [name for name in self._fields if name.startswith("is_")]
        labels = {name: field["string"] for name, field in self.fields_get(names, ["string"]).items()}
        for hit in self:
            hit.outcome = ", ".join(labels[name] for name in names if hit[name]) or False

    def action_open_order(self):
        self.ensure_one()
        return self.order_id.get_formview_action()
