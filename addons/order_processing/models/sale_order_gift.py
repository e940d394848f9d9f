from odoo import fields, models


class SaleOrder(models.Model):
    """What the packer has to know besides the packing instructions."""

    _inherit = "sale.order"

    gift_note = fields.Text("Greeting", help="Printed for whoever opens the parcel, with no price anywhere.")
    no_substitutes = fields.Boolean(
        "Do not substitute", help="The customer takes these goods or none: nothing else is put in instead."
    )


class StockPicking(models.Model):
    _inherit = "stock.picking"

    gift_note = fields.Text(related="sale_id.gift_note")
    no_substitutes = fields.Boolean(related="sale_id.no_substitutes")
