import base64
import hashlib
import hmac
import json

from odoo.tests import tagged

from odoo.addons.order_processing.connectors.base import ConnectorError, Response, Settings, Trouble

from ..connector import AfterShip
from .bodies import checkpoint, created, pushed, refusal, tracking
from .common_aftership import AT, ITEMS, SECRET, Case

# Recorded in 2021, with the secret it was signed with: VibrentHealth/aftership-service-public, tests.
RECORDED_SECRET = "95f35e6b3dbc26527029cbd9cfa51b87"  # noqa: S105  of nobody by now
RECORDED_SIGNATURE = "FceTeaOp8Nvp9CVTnfoda0RQiRjq8VZQErBg+Gn88/s="
RECORDED = (
    b'{"event_id":"c6e7be2c-e670-42fd-b59f-faf4e559e7d0","event":"tracking_update","is_tracking_first_tag":true,'
    b'"msg":{"id":"jz7ho3394wh9skspqn97m00g","tracking_number":"123456789","title":"123456789","note":null,'
    b'"origin_country_iso3":null,"destination_country_iso3":null,"courier_destination_country_iso3":null,'
    b'"shipment_package_count":null,"active":false,"order_id":null,"order_id_path":null,"order_date":null,'
    b'"customer_name":null,"source":"api","emails":[],"smses":[],"subscribed_smses":[],"subscribed_emails":[],'
    b'"android":[],"ios":[],"return_to_sender":false,"custom_fields":{"emailaddress":"1@gmail.com",'
    b'"vibrentId":"71019410","externalId":"P512268268"},"tag":"Delivered","subtag":"Delivered_001",'
    b'"subtag_message":"Delivered","tracked_count":1,"expected_delivery":null,"signed_by":null,'
    b'"shipment_type":null,"created_at":"2021-08-24T07:19:56+00:00","updated_at":"2021-08-24T10:40:08+00:00",'
    b'"slug":"tnt","unique_token":"deprecated","path":"deprecated","shipment_weight":null,'
    b'"shipment_weight_unit":null,"delivery_time":0,"last_mile_tracking_supported":null,"language":null,'
    b'"shipment_pickup_date":null,"shipment_delivery_date":null,"last_updated_at":"2021-08-24T10:40:08+00:00",'
    b'"checkpoints":[],"order_promised_delivery_date":null,"delivery_type":null,"pickup_location":null,'
    b'"pickup_note":null,"tracking_account_number":null,"tracking_origin_country":null,'
    b'"tracking_destination_country":null,"tracking_key":null,"tracking_postal_code":null,'
    b'"tracking_ship_date":null,"tracking_state":null,"courier_tracking_link":'
    b'"https://www.tnt.com/express/en_in/site/shipping-tools/tracking.html?searchType=CON&cons=123456789",'
    b'"first_attempted_at":null,"courier_redirect_link":null},"ts":1629801608}'
)


@tagged("post_install", "-at_install")
class TestAnnouncing(Case):
    """Parcels are announced one by one; those it has let expire are taken up again."""

    def answered(self, request, said):
        status, body = said
        return self.connector.parse_subscription(Response(status, {}, json.dumps(body).encode()), request)

    def test_what_is_announced(self):
        first, second = self.connector.subscribe(
            [ITEMS[0]._replace(postcode="10115", phone="8613812345678", shipped_at=AT), ITEMS[1]]
        )
        self.assertEqual(
            (first.method, first.url, first.purpose),
            ("POST", "https://as.example/tracking/2026-01/trackings", "subscribe"),
        )
        ours = {"custom_fields": {"order_processing_parcel": "7"}, "tracking_ship_date": "2026-07-03"}
        self.assertEqual(json.loads(first.body), {"tracking_number": ITEMS[0].number, "slug": "ups", **ours})
        self.assertEqual(
            json.loads(second.body),
            {"tracking_number": ITEMS[1].number, "custom_fields": {"order_processing_parcel": "8"}},
        )
        (request,) = self.made(postcode=True).subscribe([ITEMS[0]._replace(postcode="10115")])
        self.assertEqual(json.loads(request.body)["destination_postal_code"], "10115")

    def test_announced_now_or_already(self):
        (request,) = self.connector.subscribe([ITEMS[0]])
        said = {"id": "id-1", "tracking_number": ITEMS[0].number}
        for answer, trouble in (
            (created(said), None),
            (created(said, 200), None),
            (refusal(4003, "Tracking already exists.", data=said), Trouble.ALREADY_REGISTERED),
            (refusal(4003, data={"tracking": said}), Trouble.ALREADY_REGISTERED),
        ):
            (result,) = self.answered(request, answer)
            self.assertEqual((result.key, result.trouble, result.external_ref), (7, trouble, "id-1"))

    def test_what_it_will_not_follow(self):
        (request,) = self.connector.subscribe([ITEMS[0]])
        for code in (4005, 4010, 4012, 4017):
            with self.subTest(code):
                (result,) = self.answered(request, refusal(code, "Why"))
                self.assertEqual((result.trouble, result.message), (Trouble.BAD_NUMBER, f"{code}: Why"))
        for code in (400, 4001, 4008, 4011):
            with self.subTest(code), self.assertRaises(ConnectorError) as caught:
                self.answered(request, refusal(code, "Why"))
            self.assertEqual(
                (caught.exception.trouble, caught.exception.message), (Trouble.BAD_REQUEST, f"{code}: Why")
            )

    def test_a_plan_used_up_is_the_matter_of_the_parcel(self):
        """Others are still asked for: reading costs nothing."""
        (request,) = self.connector.subscribe([ITEMS[0]])
        (result,) = self.answered(request, refusal(402, "Upgrade.", 402))
        self.assertEqual((result.trouble, result.message), (Trouble.QUOTA, "402: Upgrade."))

    def test_one_that_has_expired_is_taken_up_again(self):
        known = ITEMS[0]._replace(external_ref="id/1")
        request, again = self.connector.subscribe([known])
        self.assertTrue(again.url.endswith("/2026-01/trackings/id%2F1/retrack"))
        (result,) = self.answered(again, created({"id": "id/1"}, 200))
        self.assertEqual((result.trouble, result.external_ref), (None, "id/1"))
        # It is being followed: as after a new address for news.
        (result,) = self.answered(again, refusal(4013, "You can only retrack an inactive tracking."))
        self.assertEqual(result.trouble, Trouble.ALREADY_REGISTERED)
        # Deleted there: the call before has announced it anew.
        self.assertEqual(self.answered(again, refusal(4004, status=404)), [])
        with self.assertRaises(ConnectorError) as caught:
            self.answered(again, refusal(4016, "You can only retrack each shipment once."))
        self.assertEqual(caught.exception.trouble, Trouble.BAD_REQUEST)
        (result,) = self.answered(request, refusal(4004, status=404))
        self.assertEqual(result.trouble, Trouble.NOT_REGISTERED)


@tagged("post_install", "-at_install")
class TestBeingTold(Case):
    """Pushed messages: signed with the webhook's secret, and whole histories."""

    def headers(self, raw, secret=SECRET):
        return {
            "aftership-hmac-sha256": base64.b64encode(hmac.digest(secret.encode(), raw, "sha256")).decode()
        }

    def push(self, body):
        return AfterShip(Settings(""), {}).parse_push(json.dumps(body).encode(), {}, {})

    def test_a_recorded_message_is_signed_as_it_was(self):
        connector = self.made(RECORDED_SECRET)
        headers = {"aftership-hmac-sha256": RECORDED_SIGNATURE}
        self.assertTrue(connector.verify(headers, RECORDED, {}))
        for position in range(0, len(RECORDED), 7):
            flipped = bytearray(RECORDED)
            flipped[position] ^= 1
            self.assertFalse(connector.verify(headers, bytes(flipped), {}))
        (result,) = connector.parse_push(RECORDED, {}, headers)
        self.assertEqual(
            (result.number, result.carrier, result.code, result.key),
            ("123456789", "tnt", "Delivered_001", None),
        )
        self.assertEqual((result.external_ref, result.scans), ("jz7ho3394wh9skspqn97m00g", ()))

    def test_what_is_not_signed_with_our_secret(self):
        raw = json.dumps(pushed(tracking("1Z", [])), ensure_ascii=False).encode()
        self.assertTrue(self.connector.verify(self.headers(raw), raw, {}))
        hexadecimal = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        for headers in (
            {},
            {"aftership-hmac-sha256": ""},
            self.headers(raw, "another"),
            {"aftership-hmac-sha256": hexadecimal},
        ):
            self.assertFalse(self.connector.verify(headers, raw, {}))
        self.assertFalse(self.made("").verify(self.headers(raw, ""), raw, {}))
        self.assertFalse(AfterShip(Settings(""), {}).verify(self.headers(raw, ""), raw, {}))

    def test_all_three_events_are_the_whole_history(self):
        said = tracking("1Z", [checkpoint(AT, "OutForDelivery_001", "Out")], key=7)
        for event in ("tracking_update", "edd_revise", "tracking_pending_time"):
            (result,) = self.push(pushed(said, event))
            self.assertEqual(
                (result.number, result.key, result.code, result.trouble),
                ("1Z", 7, "OutForDelivery_001", None),
            )
            self.assertTrue(result.is_full_history)
        del said["checkpoints"]
        (result,) = self.push(pushed(said, "edd_revise"))
        self.assertFalse(result.is_full_history)

    def test_expired_is_to_be_taken_up_again(self):
        (result,) = self.push(pushed(tracking("1Z", [], tag="Expired", subtag="Expired_001")))
        self.assertEqual((result.trouble, result.code), (Trouble.NOT_REGISTERED, "Expired_001"))

    def test_keys_that_are_none_of_ours(self):
        for fields in (
            None,
            [],
            {"order_processing_parcel": "٧"},
            {"order_processing_parcel": "9" * 30},
            {"order": "7"},
        ):
            (result,) = self.push(pushed(tracking("1Z", [], custom_fields=fields)))
            self.assertIsNone(result.key)

    def test_other_messages_cannot_be_read(self):
        for body in (
            {},
            [],
            {"msg": None},
            {"msg": {"id": "1"}},
            {"event": "order_update", "msg": {"order": {}}},
        ):
            with self.subTest(body), self.assertRaises(ConnectorError):
                self.push(body)
