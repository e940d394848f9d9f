from odoo import fields, models


class StockPickingType(models.Model):
    _inherit = "stock.picking.type"

    over_reservation = fields.Selection(
        [("anybody", "Anybody"), ("right", 'Only with the right "Reserve beyond stock"')],
        "Quantities beyond stock",
        required=True,
        default="anybody",
        help="Who may set more aside on these transfers than is there. It is never done by itself.",
    )
