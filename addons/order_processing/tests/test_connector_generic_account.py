import hmac
import json

from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged

from .common_tracking import SHIPPED, TrackingCase

WORDS = {
    "generic_ask_path": "v1/parcels/{number}",
    "generic_parcels_path": "parcels[]",
    "generic_number_path": "number",
    "generic_scans_path": "events[]",
    "generic_scan_code_path": "code",
    "generic_scan_time_path": "time",
    "generic_scan_text_path": "text",
}


@tagged("post_install", "-at_install")
class TestGenericAccount(TrackingCase):
    """Anna connects a carrier nobody has written an addon for, by filling in a form."""

    def test_the_form_becomes_the_connector(self):
        self.provider.write({**WORDS, "base_url": "https://api.example.com"})
        self.assertEqual(set(self.provider.options), {name.removeprefix("generic_") for name in WORDS})
        connector = self.provider._connector()
        (request,) = connector.build_requests(self.provider._items(self.ship_with_number().parcel_ids.ids))
        self.assertEqual(request.url, "https://api.example.com/v1/parcels/SW123")
        self.assertEqual(self.provider._batch(), 1)
        self.provider.generic_ask_path = "v1?numbers={numbers}"
        self.assertEqual(self.provider._batch(), 100)

    def test_what_is_wrong_is_said_with_the_field(self):
        with self.assertRaisesRegex(ValidationError, "Question: nothing is known by the name {nummer}"):
            self.provider.write({**WORDS, "generic_ask_path": "v1/{nummer}"})
        with self.assertRaisesRegex(ValidationError, "there is no time zone Mars"):
            self.provider.write({**WORDS, "generic_time_zone": "Mars"})

    def test_an_answer_is_tried_before_anybody_is_asked(self):
        self.provider.write(WORDS)
        scan = {"code": "DEL", "time": "2026-03-03T09:00:00Z", "text": "Delivered"}
        body = json.dumps({"parcels": [{"number": "SW123", "events": [scan, {**scan, "code": "NEW"}]}]})
        tried = self.env["order.tracking.try"].create({"provider_id": self.provider.id, "body": body})
        tried.action_try()
        self.assertIn("SW123", tried.found)
        self.assertIn("DEL → Delivered", tried.found)
        self.assertIn("NEW → nobody has decided", tried.found)
        tried.body = "<html>"
        with self.assertRaisesRegex(Exception, "This cannot be read: json"):
            tried.action_try()


@tagged("post_install", "-at_install")
class TestGenericAccountOverHttp(TrackingCase, HttpCase):
    def test_a_signed_message_through_the_real_address(self):
        self.provider.write(
            {
                **WORDS,
                "mode": "both",
                "generic_sign_with": "hmac-sha256",
                "generic_sign_header": "X-Signature",
                "generic_ack_body": '{"ok":1}',
            }
        )
        self.provider._set_secret("push_secret", "shared")
        shipment = self.ship_with_number()
        url = self.provider._push_url().partition("/order_tracking")[2]
        at = SHIPPED.replace(day=3).isoformat() + "Z"
        scan = {"code": "DEL", "time": at, "text": "Delivered"}
        body = json.dumps({"parcels": [{"number": "SW123", "events": [scan]}]}).encode()
        signature = hmac.new(b"shared", body, "sha256").hexdigest()
        address = f"/order_tracking{url}"
        refused = self.url_open(address, data=body + b" ", headers={"X-Signature": signature})
        self.assertEqual(refused.status_code, 403)
        taken = self.url_open(address, data=body, headers={"X-Signature": signature})
        self.assertEqual((taken.status_code, taken.content), (200, b'{"ok":1}'))
        self.env["order.tracking.inbox"]._read_step(100)
        self.assertEqual(shipment.status, "delivered")
        self.assertTrue(self.provider._connector().signs_pushes)
