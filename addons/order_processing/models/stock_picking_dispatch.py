from odoo import fields, models


class StockPicking(models.Model):
    """With which departure a transfer leaves, and why."""

    _inherit = "stock.picking"

    dispatch_route_id = fields.Many2one(
        "order.dispatch.route", "Delivery route", readonly=True, copy=False, index="btree_not_null"
    )
    departure_id = fields.Many2one(
        "order.dispatch.departure", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    # The last departure that keeps the promise leaves not later than this.
    dispatch_due = fields.Datetime("Has to leave by", readonly=True, copy=False)
    dispatch_code = fields.Char(readonly=True, copy=False)
    dispatch_figures = fields.Json(readonly=True, copy=False)
    dispatch_by_hand = fields.Selection(
        [("moved", "Moved by hand"), ("held", "Held back")],
        readonly=True,
        copy=False,
        help="What a person decided about the departure; the plan leaves it alone.",
    )
    dispatch_hold_reason = fields.Char("Held back because", readonly=True, copy=False)
