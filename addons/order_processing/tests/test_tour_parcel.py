from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..connectors.base import ConnectorError, Trouble
from ..models import order_tracking_transport
from .test_shipment_screen import ShownCase


@tagged("post_install", "-at_install")
class TestParcelsInTheBrowser(ShownCase, HttpCase):
    """Wes looks where a parcel is, sally sends a broken one again, the administrator tries an account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.parcel_problems = True
        cls.meaning("BROKEN", "exception", substatus="damaged")

    def broken(self):
        now = fields.Datetime.now()
        self.ingest(
            self.parcel,
            self.scan("PU", 1, "Collected", "Leeds"),
            self.scan("BROKEN", 5, "Contents damaged", "Lyon")._replace(at=now),
        )

    def test_a_shipment_is_followed(self):
        self.broken()
        self.start_tour("/odoo/shipments", "parcel_wes_follows", login="wes")

    def test_a_broken_lamp_is_sent_again(self):
        self.broken()
        self.start_tour("/odoo/parcel-problems", "parcel_sally_sends_again", login="sally")
        self.assertTrue(self.parcel.problem_ids.replacement_order_id)

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
