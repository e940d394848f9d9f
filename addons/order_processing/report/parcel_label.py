from odoo import api, models


class ParcelLabel(models.AbstractModel):
    """An address label for each parcel, where the carrier gives none of its own."""

    _name = "report.order_processing.report_parcel_label"
    _description = "Parcel Label"

    @api.model
    def _get_report_values(self, docids, data=None):
        pickings = self.env["stock.picking"].browse(docids)
        return {"labels": [label for group in pickings._joined_shipments() for label in self._labels(group)]}

    def _labels(self, pickings):
        picking, parcels = pickings[0], pickings._parcels()
        sender = picking.picking_type_id.warehouse_id.partner_id or picking.company_id.partner_id
        rows = [sender.name, *sender._display_address(without_company=True).split("\n")]
        departure = picking.departure_id
        return [
            {
                "o": picking,
                "sender_line": ", ".join(filter(None, rows)),
                "receiver": picking.partner_id,
                "carrier": picking.carrier_id.name or "",
                "route": departure.route_id.name or "",
                "departs": departure._local_departure() if departure else "",
                "is_urgent": pickings._is_urgent(),
                "orders": self._order_words(pickings),
                "name": parcel["name"],
                "weight": parcel["weight"] and f"{parcel['weight']:.2f} {picking.weight_uom_name}",
                "number": number,
                "count": len(parcels),
            }
            for number, parcel in enumerate(parcels, 1)
        ]

    def _order_words(self, pickings):
        """Return the names of the orders; of several customers' none, as one of them opens the parcel."""
        if len(pickings._paper_customers()) > 1:
            return ""
        return ", ".join(pickings._paper_orders().sorted("id").mapped("name")) or pickings[0].origin
