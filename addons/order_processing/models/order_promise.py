from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

KINDS = [
    ("first", "First promise"),
    ("later", "Later"),
    ("earlier", "Earlier"),
    ("by_hand", "Set by hand"),
    ("customer", "Chosen by the customer"),
]
# Why a date is what it is now; ``%(source)s`` is the document that moved it.
CAUSES = {
    "first": _lt("Promised with the approval"),
    "receipt_moved": _lt("%(source)s comes on another day"),
    "receipt_cancelled": _lt("%(source)s does not come any more"),
    "receipt_changed": _lt("%(source)s brings another quantity"),
    "stock_lost": _lt("There is less in stock than there was"),
    "stock_found": _lt("There is more in stock than there was"),
    "taken_over": _lt("Its goods went to the more urgent order %(source)s"),
    "taken_back": _lt("It has its goods back from %(source)s"),
    "urgent_order": _lt("%(source)s goes before it"),
    "line_changed": _lt("The order was changed"),
    "warehouse_changed": _lt("It is sent from another warehouse"),
    "promised_twice": _lt("Others had been promised the same goods"),
    "other_demand": _lt("%(source)s needs the same goods"),
    "order_cancelled": _lt("%(source)s does not need its goods any more"),
    "customer_choice": _lt("As the customer has chosen"),
    "by_hand": _lt("Set by %(source)s"),
    "overdue": _lt("%(source)s is overdue"),
    "looked_again": _lt("Looked at again"),
}


class OrderPromise(models.Model):
    """A date told to a customer: what it was, what it is now, why, and who was told. Never changed."""

    _name = "order.promise"
    _description = "Delivery Promise"
    _order = "id desc"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", store=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    date = fields.Datetime(readonly=True, help="When it will be with the customer; empty: nobody can say.")
    previous_date = fields.Datetime("Before", readonly=True)
    slip_days = fields.Integer("Days later", readonly=True, help="Against the date before.")
    code = fields.Char(required=True, readonly=True)
    figures = fields.Json(readonly=True)
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference("Document ID", model_field="source_model", readonly=True)
    source_name = fields.Char("Document", readonly=True)
    told_at = fields.Datetime("Told on", readonly=True)
    told_to = fields.Char(readonly=True, help="Who was told, and how.")
    reason = fields.Char(compute="_compute_reason")

    @api.depends("code", "source_name")
    @api.depends_context("lang")
    def _compute_reason(self):
        for promise in self:
            promise.reason = self._cause_words(promise.code, promise.source_name)

    def _log(self):
        """Say it on the orders' timelines; the customer reads there what he was told."""
        for kind, rows in self.grouped(lambda row: row._event_kind()).items():
            data = {
                row.order_id.id: {
                    "promised_for": _day(row.date),
                    "promised_before": _day(row.previous_date),
                    "why": [row.code, row.source_name or ""],
                }
                for row in rows
            }
            self.env["order.event"]._log(rows.order_id, kind, data, audience="customer")

    def _event_kind(self):
        if not self.date:
            return "promise_unknown"
        if self.kind == "first":
            return "promised"
        if self.slip_days:
            return "promise_later" if self.slip_days > 0 else "promise_earlier"
        return "promise_lines" if self.previous_date else "promised"

    def _is_news(self):
        """Tell whether people are told beyond the order's confirmation: it moved, or never had a date."""
        return self.kind in ("later", "earlier") or (self.kind == "first" and not self.date)

    @api.model
    def _cause_words(self, code, source):
        text = self.env._(CAUSES.get(code, CAUSES["looked_again"]))
        return text % {"source": source or self.env._("A receipt")}


def _day(moment):
    return moment and fields.Date.to_string(moment)
