from odoo import api, fields, models


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "order.guarded"]

    shipment_ids = fields.Many2many("order.shipment", string="Shipments", readonly=True, copy=False)
    packing_instruction = fields.Text(related="sale_id.packing_instruction", string="Packing instructions")
    order_urgency = fields.Selection(related="sale_id.urgency", string="Urgency")

    def button_validate(self):
        self.move_ids.filtered(lambda move: not move.location_id._is_at_customer())._check_not_held()
        return super().button_validate()

    def _action_done(self):
        result = super()._action_done()
        self.filtered(lambda picking: picking.state == "done")._create_shipments()
        return result

    def _create_shipments(self):
        """Note a shipment for each transfer that has just left for a customer of an order."""
        # sudo: the packer ships; that a shipment is noted follows from it
        leaving = self.sudo().filtered(
            lambda picking: picking.location_dest_id._is_at_customer()
            and not picking.location_id._is_at_customer()
            and not picking.shipment_ids
            and picking._shipped_orders()
        )
        shipments = (
            self.env["order.shipment"]
            .sudo()
            .create([pickings._prepare_shipment_vals() for pickings in leaving._shipped_together()])
        )
        for shipment in shipments:
            shipment._log_shipped(self.env.user)

    def action_view_shipments(self):
        return self.shipment_ids._action_view()

    def _shipped_orders(self):
        return self.move_ids.sale_line_id.order_id | self.sale_id

    def _prepare_shipment_vals(self):
        return {
            "name": self.name,
            "company_id": self.company_id.id,
            "order_ids": [fields.Command.set(self._shipped_orders().ids)],
            "picking_ids": [fields.Command.set(self.ids)],
            "partner_id": self.partner_id.id,
            "carrier_id": self.carrier_id.id,
            "tracking_number": self.carrier_tracking_ref,
            "shipped_at": self.date_done or fields.Datetime.now(),
        }

    @api.model
    def _guarded_fields(self):
        # Whoever could tie a stranger's parcel to his own transfer could read and change it.
        return super()._guarded_fields() | {"shipment_ids"}

    def write(self, vals):
        result = super().write(vals)
        if "carrier_tracking_ref" in vals or "carrier_id" in vals:
            self._update_shipments(vals)
        return result

    def _update_shipments(self, vals):
        """A tracking number typed, or a label bought, after the goods have left."""
        values = {
            field: vals[name]
            for name, field in (("carrier_tracking_ref", "tracking_number"), ("carrier_id", "carrier_id"))
            if name in vals
        }
        # sudo: whoever may write the transfer may write what it says of the parcel
        self.sudo().shipment_ids.filtered(lambda shipment: len(shipment.picking_ids) == 1).write(values)
