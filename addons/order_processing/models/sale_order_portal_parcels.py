from collections import defaultdict

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from .order_shipment_parcel_screen import tone_of

# What the page shows of each, read with the search: the rest of these records is long.
SHIPMENT = ("name", "status", "carrier_id", "tracking_number", "shipped_at", "delivered_at")
PARCEL = ("number", "carrier_id", "status", "eta", "shipped_at", "delivered_at", "shipment_ids")
SCAN = ("parcel_id", "event_time", "status", "text", "place")


class SaleOrder(models.Model):
    """What has left for the customer, as his page and the look-up show it."""

    _inherit = "sale.order"

    def _portal_shipments(self):
        """Return ``[{name, carrier, shipped_at, delivered_at, status, tone, numbers, parcels}]``.

        The caller may read the order. A constant number of queries, however many parcels and scans.
        """
        # sudo: of this order only; who else's goods are in it is found out below
        shipments = self.env["order.shipment"].sudo()
        shipments = shipments.search_fetch([("order_ids", "in", self.ids)], SHIPMENT)
        shared = shipments._shared_with_others_than(self)
        parcels = shipments._portal_parcels(self, shared)
        labels = dict(shipments._fields["status"]._description_selection(self.env))
        return [
            {
                "name": shipment._name_for(self) if shipment in shared else shipment.name,
                "carrier": shipment.carrier_id.name or "",
                "shipped_at": shipment.shipped_at,
                "delivered_at": shipment.delivered_at,
                "status": labels[shipment.status],
                "tone": tone_of(shipment.status),
                "numbers": [] if parcels[shipment.id] else shipment._portal_numbers(self, shared),
                "parcels": parcels[shipment.id],
            }
            for shipment in shipments
        ]


class OrderShipment(models.Model):
    _inherit = "order.shipment"

    def _shared_with_others_than(self, orders):
        """Return those in which goods of customers are whose orders these are not, in one query.

        The same as ``_has_others_than``, which serves one shipment amid what is being done with it.
        """
        if not self:
            return self
        orders = orders.sudo()  # sudo: only to keep customers apart
        self.env["stock.move"].flush_model(["picking_id", "sale_line_id"])
        self.env["stock.picking"].flush_model(["sale_id"])
        self.env["sale.order"].flush_model(["partner_id"])
        query = SQL(
            """WITH sent AS (
                   SELECT order_shipment_id AS shipment, sale_order_id AS sale
                     FROM order_shipment_sale_order_rel WHERE order_shipment_id = ANY(%(ids)s)
                    UNION
                   SELECT rel.order_shipment_id, picking.sale_id
                     FROM order_shipment_stock_picking_rel rel
                     JOIN stock_picking picking ON picking.id = rel.stock_picking_id
                    WHERE rel.order_shipment_id = ANY(%(ids)s)
                    UNION
                   SELECT rel.order_shipment_id, line.order_id
                     FROM order_shipment_stock_picking_rel rel
                     JOIN stock_move move ON move.picking_id = rel.stock_picking_id
                     JOIN sale_order_line line ON line.id = move.sale_line_id
                    WHERE rel.order_shipment_id = ANY(%(ids)s))
               SELECT DISTINCT sent.shipment
                 FROM sent
                 JOIN sale_order sale ON sale.id = sent.sale
                 JOIN res_partner person ON person.id = sale.partner_id
                WHERE person.commercial_partner_id <> ALL(%(theirs)s)""",
            ids=self.ids,
            theirs=orders.partner_id.commercial_partner_id.ids,
        )
        return self.browse(shipment for (shipment,) in self.env.execute_query(query))

    def _portal_parcels(self, order, shared):
        """Return ``{shipment id: what the customer of the order reads of his parcels in it}``.

        :param shared: those of these in which goods of others are
        """
        # sudo: his own, as found out here
        parcels = self.env["order.shipment.parcel"].sudo()
        parcels = parcels.search_fetch(Domain("shipment_ids", "in", self.ids), PARCEL, order="id")
        scans = self.env["order.shipment.event"].sudo()  # sudo: as above
        scans = scans.search_fetch(Domain("parcel_id", "in", parcels.ids), SCAN) if parcels else scans
        by_parcel = scans.grouped("parcel_id")
        theirs = order.sudo().partner_id.commercial_partner_id  # sudo: only to keep customers apart
        found = defaultdict(list)
        for parcel in parcels:
            values = None
            for shipment in parcel.shipment_ids & self:
                if shipment in shared and not parcel._told_orders().partner_id.commercial_partner_id & theirs:
                    continue
                values = values or parcel._portal_values(by_parcel.get(parcel, scans.browse()))
                found[shipment.id].append(values)
        return found

    def _portal_numbers(self, order, shared):
        """Return ``[(number, url or False)]`` of a shipment of which no parcel is known."""
        return self._tracking_links(order) if self in shared else self._tracking_links()
