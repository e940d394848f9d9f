from odoo import fields, models


class OrderShipment(models.Model):
    """The parcels of a shipment: its status follows from theirs."""

    _inherit = "order.shipment"

    parcel_ids = fields.Many2many("order.shipment.parcel", string="Parcels of it", readonly=True, copy=False)
