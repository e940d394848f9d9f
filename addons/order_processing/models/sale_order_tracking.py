from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    shipment_ids = fields.Many2many("order.shipment", string="Shipments", readonly=True, copy=False)
    shipment_count = fields.Integer(compute="_compute_shipment_count", compute_sudo=True)

    @api.depends("shipment_ids")
    def _compute_shipment_count(self):
        for order in self:
            order.shipment_count = len(order.shipment_ids)

    def action_view_shipments(self):
        return self.shipment_ids._action_view()
