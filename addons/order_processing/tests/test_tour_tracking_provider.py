from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..connectors.base import ConnectorError, Scan, Trouble
from ..models import order_tracking_transport
from .common_tracking import TrackingCase


@tagged("post_install", "-at_install")
class TestProviderInTheBrowser(TrackingCase, HttpCase):
    """The administrator tests an account that does not answer, and tries what an answer would say."""

    def test_an_account_is_tested_and_an_answer_tried(self):
        self.provider.write(
            {
                "base_url": "http://127.0.0.1:9",
                "generic_ask_path": "v1/{number}",
                "generic_parcels_path": "parcels[]",
                "generic_number_path": "number",
                "generic_scans_path": "events[]",
                "generic_scan_code_path": "code",
                "generic_scan_time_path": "time",
            }
        )
        refused = ConnectorError(Trouble.RETRY_LATER, "refused")
        with patch.object(order_tracking_transport, "send", side_effect=refused):
            self.start_tour("/odoo/tracking-providers", "parcel_admin_tests", login="admin")

    def test_codes_are_decided_with_a_click(self):
        self.provider.write({"per_day": 100})
        now = fields.Datetime.now()
        parcel = self.ship_with_number("SW-7", shipped_at=now - timedelta(hours=9)).parcel_ids
        self.ingest(parcel, Scan(at=now - timedelta(hours=5), code="TR", text="Left depot"))
        self.ingest(parcel, Scan(at=now - timedelta(hours=2), code="VAN7", text="Out for delivery, van 7"))
        self.ingest(parcel, Scan(at=now - timedelta(hours=1), code="QZ", text="Handled"))
        self.assertEqual(parcel.status, "in_transit")
        calls = self.env["order.tracking.call"]
        for outcome in ("ok", "ok", "auth"):
            calls.create({"provider_id": self.provider.id, "purpose": "track", "outcome": outcome})
        self.start_tour("/odoo/tracking-providers", "parcel_admin_decides", login="admin")
        self.assertEqual((parcel.status, parcel.substatus), ("exception", "held"))
        self.assertEqual(self.provider.unmapped_count, 0)
