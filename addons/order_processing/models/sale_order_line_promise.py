from odoo import fields, models


class SaleOrderLine(models.Model):
    """The date a line is promised for, and what it rests on."""

    _inherit = "sale.order.line"

    promise_date = fields.Datetime("Promised for", copy=False, readonly=True)
    ready_date = fields.Datetime(
        "Goods needed by", copy=False, readonly=True, help="When its goods have to lie in the warehouse."
    )
    promise_code = fields.Char(copy=False, readonly=True)
    promise_figures = fields.Json(copy=False, readonly=True)
