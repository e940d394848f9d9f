from datetime import datetime, timedelta

from odoo.fields import Command

from ..connectors.base import Result, Scan
from .common import OrderProcessingCase

# When the first parcel left, as Odoo keeps it: UTC without a zone.
SHIPPED = datetime(2026, 3, 2, 15)


class TrackingCase(OrderProcessingCase):
    """Lamps & Mugs sends with *Swift*, whose parcels *Parcel Eye* knows; Swift is called ``swift`` there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.tracking_provider("Parcel Eye")
        cls.swift = cls.delivery_method("Swift")
        cls.swift_code = cls.env["order.tracking.carrier.code"].create(
            {"provider_id": cls.provider.id, "carrier_id": cls.swift.id, "code": "swift"}
        )
        for code, status in (
            ("INF", "info_received"),
            ("PU", "picked_up"),
            ("TR", "in_transit"),
            ("OUT", "out_for_delivery"),
            ("NOT", "attempt_failed"),
            ("SHOP", "available_for_pickup"),
            ("BAD", "exception"),
            ("BACK", "returning"),
            ("HOME", "returned"),
            ("DEL", "delivered"),
        ):
            cls.meaning(code, status)

    @classmethod
    def tracking_provider(cls, name, **vals):
        values = {"name": name, "kind": "generic", "company_id": cls.company.id, "mode": "poll", **vals}
        return cls.env["order.tracking.provider"].create(values)

    @classmethod
    def delivery_method(cls, name, **vals):
        product = cls.env["product.product"].create({"name": f"Delivery by {name}", "type": "service"})
        values = {"name": name, "product_id": product.id, "delivery_type": "fixed", **vals}
        return cls.env["delivery.carrier"].create(values)

    @classmethod
    def meaning(cls, code, status, provider=None, **vals):
        """Say what a code of the provider means."""
        provider = provider or cls.provider
        values = {"kind": provider.kind, "provider_id": provider.id, "code": code, "status": status, **vals}
        return cls.env["order.tracking.status.map"].create(values)

    @classmethod
    def ship_with_number(cls, numbers="SW123", carrier=None, order=None, shipped_at=SHIPPED, **vals):
        """Return a shipment that left with these numbers: with an order where none is given."""
        order = order or cls.confirmed_order(lines=[(cls.lantern, 1)])
        return (
            cls.env["order.shipment"]
            .sudo()
            .create(
                {
                    "name": f"P-{numbers}",
                    "company_id": cls.company.id,
                    "order_ids": [Command.set(order.ids)],
                    "partner_id": order.partner_shipping_id.id,
                    "carrier_id": (carrier or cls.swift).id,
                    "tracking_number": numbers,
                    "shipped_at": shipped_at,
                    **vals,
                }
            )
        )

    @staticmethod
    def scan(code="TR", hours=1, text="", place="", **more):
        """Return what the carrier saw, so many hours after the parcel left."""
        at = None if hours is None else SHIPPED + timedelta(hours=hours)
        return Scan(at=at, code=code, text=text, place=place, **more)

    @staticmethod
    def result(*scans, number="SW123", **more):
        return Result(number=number, scans=tuple(scans), **more)

    def ingest(self, parcel, *scans, source="poll", provider=None, **more):
        """Report these scans of one parcel, as the scheduled actions do."""
        reports = [(parcel.id, self.result(*scans, number=parcel.number, **more))]
        ingested = (
            self.env["order.shipment.parcel"].sudo()._ingest(reports, source, provider or self.provider)
        )
        self.env.flush_all()
        return ingested
