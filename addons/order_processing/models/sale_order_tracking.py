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
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("order_processing.order_shipment_action")
        action["domain"] = [("order_ids", "in", self.ids)]
        action["context"] = {}
        if len(self.shipment_ids) == 1:
            action.update(view_mode="form", views=[(False, "form")], res_id=self.shipment_ids.id)
        return action
