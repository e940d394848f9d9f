from odoo import fields, models


class StockPickingBatch(models.Model):
    """A wave: what is picked and packed together for one departure."""

    _inherit = "stock.picking.batch"

    departure_id = fields.Many2one(
        "order.dispatch.departure",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        check_company=True,
    )
    is_urgent_wave = fields.Boolean(
        "Urgent", copy=False, help="Urgent orders only: picked before all others."
    )
    is_planned_wave = fields.Boolean(
        "Made by the plan", copy=False, readonly=True, help="The plan fills it until it is released."
    )
