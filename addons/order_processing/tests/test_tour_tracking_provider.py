from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from ..connectors.base import ConnectorError, Trouble
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
