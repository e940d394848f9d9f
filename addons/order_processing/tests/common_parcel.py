from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from ..models.order_shipment_ingest import Change
from .common_messages import MessagesCase


class ParcelCase(MessagesCase):
    """Lamps & Mugs looks after its parcels. Carla's first order has left with parcel *SW1*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "tell_accepted": False,
                "tell_shipped": False,
                "tell_delivered": True,
                "tell_attempt_failed": True,
                "tell_available_for_pickup": True,
                "tell_out_for_delivery": True,
                "tell_parcel_problem": True,
                "parcel_problems": True,
            }
        )
        cls.customer.tz = "Europe/London"
        cls.order_1 = cls.sent_order()
        cls.parcel = cls.parcel_of("SW1", cls.order_1)

    @classmethod
    def sent_order(cls, partner=None, lines=None):
        order = cls.confirmed_order(partner, lines or [(cls.lantern, 2)]).sudo()
        cls.ship(order)
        return order

    @classmethod
    def parcel_of(cls, number, orders, **vals):
        """Return the parcel with this number: a new one, unless it has come with the transfers' numbers."""
        parcels = cls.env["order.shipment.parcel"].sudo()
        if known := parcels.search([("number", "=", number)]):
            return known
        return parcels.create(
            {
                "number": number,
                "number_key": number,
                "company_id": cls.company.id,
                "shipment_ids": [Command.set(orders.shipment_ids.ids)],
                "shipped_at": fields.Datetime.now(),
                "event_count": 1,
                **vals,
            }
        )

    @classmethod
    def becomes(cls, status, substatus=False, is_news=True, at=None, parcel=None):
        """Let a parcel be somewhere else now; return its open problems."""
        parcel = parcel or cls.parcel
        before, at = parcel.status, at or fields.Datetime.now()
        parcel.write({"status": status, "substatus": substatus, "status_since": at, "last_event_at": at})
        parcel._status_changed([Change(parcel.id, before, status, substatus or "", at, is_news)])
        cls.env.flush_all()
        return parcel.problem_ids.filtered(lambda one: one.state == "open")

    @classmethod
    def watch(cls):
        """Let the scheduled action look for what time has made a problem."""
        cls.env.flush_all()
        with cls.without_commits():
            cls.env["order.shipment.problem"]._cron_watch()
        cls.env.invalidate_all()

    def promised(self, days, order=None):
        """Let the order be promised for so many days from now."""
        (order or self.order_1).commitment_date = fields.Datetime.now() + timedelta(days=days)

    def states(self, orders=None, **filters):
        return sorted(self.rows(orders or self.order_1, **filters).mapped(lambda row: (row.kind, row.state)))
