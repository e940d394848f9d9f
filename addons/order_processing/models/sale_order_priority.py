from odoo import fields, models


class SaleOrder(models.Model):
    """How urgent an order's picking is; who gets scarce stock goes by ``allocation_rank``, not by this."""

    _inherit = "sale.order"

    priority_score = fields.Float(
        "Priority",
        digits=(5, 1),
        readonly=True,
        copy=False,
        index=True,
        aggregator="avg",
        help="0 to 100: orders the picker's work and the board.",
    )
    priority_figures = fields.Json(readonly=True, copy=False)


class StockPicking(models.Model):
    _inherit = "stock.picking"

    priority_score = fields.Float(
        "Priority score", digits=(5, 1), readonly=True, copy=False, index=True, aggregator="avg"
    )


class StockMove(models.Model):
    _inherit = "stock.move"

    priority_score = fields.Float(
        "Priority score", digits=(5, 1), readonly=True, copy=False, index=True, aggregator="avg"
    )
