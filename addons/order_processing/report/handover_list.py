from odoo import api, fields, models

from ..models.stock_picking_papers import numbers_in


class HandoverList(models.AbstractModel):
    """What a carrier takes with it, one page for each carrier, to be signed by who takes it."""

    _name = "report.order_processing.report_handover_list"
    _description = "Hand-over List"

    @api.model
    def _get_report_values(self, docids, data=None):
        departures = self.env["order.dispatch.departure"].browse(docids)
        return {"docs": departures, "pages": {one.id: self._pages(one) for one in departures}}

    def _pages(self, departure):
        pickings = departure.picking_ids.filtered(
            lambda p: p.location_dest_id._is_at_customer() and p.state not in ("draft", "cancel")
        )
        if departure.state == "departed":
            pickings = pickings.filtered(lambda picking: picking.state == "done")
        by_carrier = pickings.grouped("carrier_id") or {self.env["delivery.carrier"]: pickings}
        ordered = sorted(by_carrier.items(), key=lambda item: (not item[0], item[0].name or ""))
        return [self._page(carrier, some) for carrier, some in ordered]

    def _page(self, carrier, pickings):
        """Return what goes with one carrier; what is not packed yet is named, but not handed over."""
        packed = pickings.filtered(lambda picking: picking._is_packed())
        groups = [group & packed for group in packed.sorted("id")._joined_shipments()]
        rows = [self._row(group) for group in groups]
        return {
            "carrier": carrier,
            "rows": rows,
            "parcels": sum(row["parcels"] for row in rows),
            "weight": sum(row["weight"] for row in rows),
            "unit": pickings[:1].weight_uom_name or "",
            "waiting": pickings - packed,
        }

    def _row(self, pickings):
        partner = pickings.partner_id[:1]
        place = " ".join(filter(None, [partner.zip, partner.city, partner.country_id.code]))
        return {
            "pickings": pickings,
            "orders": ", ".join(pickings._paper_orders().sorted("id").mapped("name")),
            "receiver": partner.name or partner.parent_id.name or "",
            "place": place,
            "parcels": len(pickings._parcels()),
            "weight": sum(picking.shipping_weight or picking.weight for picking in pickings),
            "numbers": numbers_in(pickings._tracking_numbers()),
            "is_urgent": pickings._is_urgent(),
        }


class OrderDispatchDeparture(models.Model):
    _inherit = "order.dispatch.departure"

    def _local_departure(self):
        """Return the day and time it leaves, as it is written on papers in the warehouse."""
        self.ensure_one()
        zone = self.warehouse_id._dispatch_zone()
        local = fields.Datetime.context_timestamp(self.with_context(tz=zone), self.departs_at)
        return f"{local:%Y-%m-%d %H:%M}"
