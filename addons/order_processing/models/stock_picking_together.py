from odoo import fields, models

from .dispatch_address import address_lines


class StockPicking(models.Model):
    """Transfers to one address that leave with one departure are one parcel of several orders."""

    _inherit = "stock.picking"

    def _shipped_together(self):
        """Return these transfers by parcel: those of one join key go as one.

        The key is as old as the last plan: what has got another carrier, departure or address since goes
        alone.
        """
        parcels = self.grouped(lambda one: one._parcel_key() if one.dispatch_join_key else one)
        return list(parcels.values())

    def _parcel_key(self):
        address = self.partner_id
        return (
            self.dispatch_join_key,
            self.company_id,
            self.carrier_id,
            self.departure_id,
            self.sudo()._shipped_orders().partner_id.commercial_partner_id,  # sudo: who the customer is
            address.commercial_partner_id,
            address.country_id,
            address_lines(address) or address,
        )

    def write(self, vals):
        if not {"partner_id", "carrier_id"} & vals.keys():
            return super().write(vals)
        # sudo: guarded fields; that it goes alone follows from its other address or carrier
        joined = self.sudo().filtered(
            lambda one: one.dispatch_join_key and one.state not in ("done", "cancel")
        )
        before = {one: (one.partner_id, one.carrier_id) for one in joined}
        result = super().write(vals)
        joined.filtered(lambda one: (one.partner_id, one.carrier_id) != before[one])._leave_parcel()
        return result

    def _leave_parcel(self):
        """These no longer go with those they were to go with; the next plan looks for others."""
        if self:
            self._write_dispatch({"dispatch_join_key": False})

    def _prepare_shipment_vals(self):
        if len(self) == 1:
            return super()._prepare_shipment_vals()
        return {
            **super(StockPicking, self[0])._prepare_shipment_vals(),
            "name": ", ".join(self.mapped("name")),
            "order_ids": [fields.Command.set(self._shipped_orders().ids)],
            "picking_ids": [fields.Command.set(self.ids)],
            "tracking_number": self._tracking_numbers(),
        }

    def _tracking_numbers(self):
        """Return the numbers of these transfers, each once, as Odoo writes several of them."""
        numbers = (
            ref.strip() for refs in self.mapped("carrier_tracking_ref") if refs for ref in refs.split(",")
        )
        return ", ".join(dict.fromkeys(filter(None, numbers))) or False

    def _update_shipments(self, vals):
        """A number typed later on one of the transfers is that of the parcel they are in."""
        result = super()._update_shipments(vals)
        # sudo: whoever may write the transfer may write what it says of the parcel
        for shipment in self.sudo().shipment_ids.filtered(lambda one: len(one.picking_ids) > 1):
            values = {}
            if "carrier_tracking_ref" in vals:
                values["tracking_number"] = shipment.picking_ids._tracking_numbers()
            if "carrier_id" in vals and len(shipment.picking_ids.carrier_id) == 1:
                values["carrier_id"] = shipment.picking_ids.carrier_id.id
            if values:
                shipment.write(values)
        return result


class OrderShipment(models.Model):
    _inherit = "order.shipment"

    def _log_shipped(self, user):
        result = super()._log_shipped(user)
        for shipment in self.filtered(lambda one: len(one.picking_ids) > 1 and len(one.order_ids) > 1):
            figures = {
                order.id: {"parcel": shipment.name, "orders": (shipment.order_ids - order).mapped("name")}
                for order in shipment.order_ids
            }
            shipment.env["order.event"].with_user(user)._log(
                shipment.order_ids, "shipped_together", figures, document=shipment
            )
        return result
