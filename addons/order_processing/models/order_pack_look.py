from odoo import fields, models


class OrderPackLook(models.Model):
    """Who packs which transfer, right now, so that two do not pack the same."""

    _name = "order.pack.look"
    _inherit = ["order.look"]
    _description = "Packer at a Transfer"
    _log_access = False
    _order = "id"
    _looked_at = "picking_id"

    picking_id = fields.Many2one("stock.picking", required=True, ondelete="cascade", index=True)

    _once = models.UniqueIndex("(picking_id, user_id)", "One note for each packer and transfer.")
