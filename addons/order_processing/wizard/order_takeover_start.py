from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.translate import LazyTranslate

from ..engine.takeover import Bar
from ..models.takeover_facts import TakeoverFacts

_lt = LazyTranslate(__name__)

BARS = {
    Bar.OTHER_COMPANY: _lt("%s is another company's"),
    Bar.URGENT: _lt("%s is urgent itself"),
    Bar.EARLIER: _lt("%s is served before it"),
    Bar.PICKED: _lt("%s is being picked"),
    Bar.RELEASED: _lt("%s is printed, or in a batch that has begun"),
    Bar.TAKEN_LATELY: _lt("%s has lost goods already a short time ago"),
}


class OrderTakeoverStart(models.TransientModel):
    """Shows who would lose what to an urgent order, and what that does to them, before anything happens."""

    _name = "order.takeover.start"
    _description = "Take over Stock"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    line_ids = fields.One2many("order.takeover.start.line", "start_id", readonly=True)
    currency_id = fields.Many2one(related="order_id.company_id.currency_id")
    value = fields.Monetary("Worth", readonly=True, help="What the goods are sold for, without taxes.")
    kept = fields.Text("These keep theirs", readonly=True)
    missing = fields.Char("It lacks even then", readonly=True)
    reason = fields.Char(help="Your colleagues read it on all these orders.")

    def write(self, vals):
        if not self.env.su and vals.keys() - {"reason"}:
            raise AccessError(self.env._("What would be taken over is not for anybody to change."))
        return super().write(vals)

    @api.model
    def _for_order(self, order):
        facts = TakeoverFacts(order)
        decision = facts.decide()
        losses = facts.losses(decision)
        # sudo: nobody makes up what is shown
        return self.sudo().create(
            {
                "order_id": order.id,
                "value": sum(loss["value"] for loss in losses),
                "kept": self._kept_words(facts, decision),
                "missing": self._missing_words(facts, decision),
                "line_ids": [fields.Command.create(self._prepare_line_vals(loss)) for loss in losses],
            }
        )

    @api.model
    def _prepare_line_vals(self, loss):
        return {
            "move_line_id": loss["line"].id,
            "order_name": loss["order"].name,
            "customer": loss["order"].partner_id.display_name,
            "product_id": loss["line"].product_id.id,
            "quantity": loss["quantity"],
            "value": loss["value"],
            "promise_date": loss["promise"],
            "expected_date": loss["expected"],
            "is_kept": loss["survives"],
        }

    @api.model
    def _kept_words(self, facts, decision):
        orders = {order.id: order.name for order in facts.orders.values()}
        words = {code: self.env._(BARS[code]) for code in decision.barred.values()}
        return "\n".join(words[code] % orders[id_] for id_, code in decision.barred.items())

    @api.model
    def _missing_words(self, facts, decision):
        moves = {move.id: move for move in facts.moves}
        return ", ".join(
            f"{units / facts.scale:g} {moves[id_].product_id.display_name}"
            for id_, units in decision.missing.items()
            if units
        )

    def action_take_over(self):
        """Carry out what is shown, and nothing else."""
        Takeover = self.env["order.takeover"]
        Takeover._check_may_take_over()
        self.ensure_one()
        self.order_id.check_access("write")
        shown = {(line.move_line_id, round(line.quantity, 6)) for line in self.line_ids}
        Takeover._take(self.order_id, reason=self.reason, shown=shown)
        return {"type": "ir.actions.act_window_close"}


class OrderTakeoverStartLine(models.TransientModel):
    _name = "order.takeover.start.line"
    _description = "Stock to Take over"

    start_id = fields.Many2one("order.takeover.start", required=True, index=True, ondelete="cascade")
    move_line_id = fields.Integer()
    order_name = fields.Char("From")
    customer = fields.Char()
    product_id = fields.Many2one("product.product", ondelete="cascade")
    quantity = fields.Float(digits="Product Unit")
    currency_id = fields.Many2one(related="start_id.currency_id")
    value = fields.Monetary("Worth")
    promise_date = fields.Datetime("Promised for")
    expected_date = fields.Datetime("Then", help="When it can be expected instead; empty: nobody can say.")
    is_kept = fields.Boolean("Promise kept", help="Enough comes in time for it.")
