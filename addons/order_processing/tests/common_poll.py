from contextlib import ExitStack
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests.common import _super_send

from ..models import order_tracking_account, order_tracking_again, order_tracking_transport
from .carrier_connector import CarrierConnector, as_generic
from .carrier_server import CarrierServer
from .common_tracking import TrackingCase


class PollCase(TrackingCase):
    """Parcel Eye answers on a port of its own; ten parcels are on their way and due."""

    connector = CarrierConnector

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["order.shipment.parcel"].search([]).write({"next_poll_at": False})
        cls.numbers = [f"SW{number:03}" for number in range(10)]
        cls.parcels = cls.env["order.shipment.parcel"]
        order = cls.confirmed_order(lines=[(cls.lantern, 1)])
        for number in cls.numbers:
            cls.parcels |= cls.ship_with_number(number, order=order, shipped_at=cls.left()).parcel_ids
        cls.cron = cls.env.ref("order_processing.ir_cron_tracking_poll")

    @classmethod
    def left(cls):
        return fields.Datetime.now() - timedelta(days=2)

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        """Let time-outs be as short as the tests want them: Odoo's own would make ten seconds of them."""
        if "127.0.0.1" in request.url:
            return _super_send(session, request, **options)
        return super()._request_handler(session, request, **options)

    def server(self):
        return CarrierServer()

    def setUp(self):
        super().setUp()
        stack = ExitStack()
        self.addCleanup(stack.close)
        self.carrier = stack.enter_context(self.server())
        stack.enter_context(as_generic(self.connector))
        stack.enter_context(patch.dict(order_tracking_account._tokens, clear=True))
        self.patch(order_tracking_transport, "READ_SECONDS", 0.6)
        self.patch(order_tracking_again, "FIRST_PAUSE", 0)
        self.patch(self.env.cr, "commit", self.commit)
        self.patch(self.env.cr, "rollback", self.rollback)
        self.provider.base_url = self.carrier.url
        at = self.left().replace(microsecond=0)
        for number in self.numbers:
            self.carrier.scans[number] = [
                ((at + timedelta(hours=hours)).isoformat(), code, text)
                for hours, code, text in ((1, "PU", "Picked up"), (9, "TR", "Sorted in 北京"))
            ]
        self.make_due()
        self.commit()

    # ---------------------------------------------------------------- transactions inside the tests' own
    def commit(self):
        self.env.flush_all()
        self.env.cr.execute("SAVEPOINT committed")

    def rollback(self):
        self.env.cr.clear()
        self.env.cr.execute("ROLLBACK TO SAVEPOINT committed")

    # ---------------------------------------------------------------- what happens
    def make_due(self, parcels=None):
        now = fields.Datetime.now()
        (parcels or self.parcels).write({"next_poll_at": now - timedelta(minutes=1), "claimed_until": False})

    def poll(self):
        self.env["order.tracking.provider"]._cron_poll()
        self.env.invalidate_all()

    def well(self):
        """The provider is left alone no longer, and all is due."""
        self.provider.write({"cooldown_until": False})
        self.make_due(self.parcels.filtered("next_poll_at"))

    # ---------------------------------------------------------------- what is true
    def scans_of(self, parcels=None):
        return len((parcels or self.parcels).event_ids)

    def assert_all_told_once(self):
        """Nothing is lost and nothing doubled: each parcel has its two scans and nobody claims it."""
        self.assertEqual([len(parcel.event_ids) for parcel in self.parcels], [2] * len(self.parcels))
        self.assertEqual(set(self.parcels.mapped("status")), {"in_transit"})
        self.assertFalse(self.parcels.filtered("claimed_until"))
        self.assertFalse(self.parcels.filtered("trouble"))
        self.assertTrue(all(self.parcels.mapped("next_poll_at")))

    def asked_again_in(self, parcel):
        return parcel.next_poll_at - fields.Datetime.now()
