import hashlib
import json
from datetime import datetime, timedelta

from odoo.tests import BaseCase, TransactionCase, tagged

from odoo.addons.order_processing.connectors.base import (
    ConnectorError,
    Item,
    Request,
    Response,
    Settings,
    Trouble,
)
from odoo.addons.order_processing.engine.scan_text import masked

from ..connector import RETRACKED, STOPPED, SeventeenTrack
from .bodies import CARRIER, envelope, event, parcel, refusal, rejected

KEY = "17-t0ken-of-nobody"
AT = datetime(2026, 7, 3, 8, 30)
ITEMS = (Item(7, "RR123456789CN", "3011"), Item(8, "1Z999AA10123456784"))
# What the documentation lists, and what it means here.
STATUSES = {
    "NotFound": "pending",
    "InfoReceived": "info_received",
    "InTransit": "in_transit",
    "Expired": "expired",
    "AvailableForPickup": "available_for_pickup",
    "OutForDelivery": "out_for_delivery",
    "DeliveryFailure": "attempt_failed",
    "Delivered": "delivered",
    "Exception": "exception",
}
SUB_STATUSES = {
    "NotFound_Other": "pending",
    "NotFound_InvalidCode": "exception",
    "InfoReceived": "info_received",
    "InTransit_PickedUp": "picked_up",
    "InTransit_Other": "in_transit",
    "InTransit_Departure": "in_transit",
    "InTransit_Arrival": "in_transit",
    "InTransit_CustomsProcessing": "in_transit",
    "InTransit_CustomsReleased": "in_transit",
    "InTransit_CustomsRequiringInformation": "exception",
    "Expired_Other": "expired",
    "AvailableForPickup_Other": "available_for_pickup",
    "OutForDelivery_Other": "out_for_delivery",
    "DeliveryFailure_Other": "attempt_failed",
    "DeliveryFailure_NoBody": "attempt_failed",
    "DeliveryFailure_Security": "attempt_failed",
    "DeliveryFailure_Rejected": "attempt_failed",
    "DeliveryFailure_InvalidAddress": "attempt_failed",
    "Delivered_Other": "delivered",
    "Exception_Other": "exception",
    "Exception_Returning": "returning",
    "Exception_Returned": "returned",
    "Exception_NoBody": "exception",
    "Exception_Security": "exception",
    "Exception_Damage": "exception",
    "Exception_Rejected": "exception",
    "Exception_Delayed": "exception",
    "Exception_Lost": "exception",
    "Exception_Destroyed": "exception",
    "Exception_Cancel": "cancelled",
}
PER_NUMBER = {
    -18010012: Trouble.BAD_NUMBER,
    -18010020: Trouble.NEED_PHONE,
    -18019901: Trouble.ALREADY_REGISTERED,
    -18019902: Trouble.NOT_REGISTERED,
    -18019903: Trouble.BAD_NUMBER,
    -18019905: Trouble.BAD_REQUEST,
    -18019907: Trouble.QUOTA,
    -18019908: Trouble.QUOTA,
    -18019909: Trouble.NOT_FOUND,
}
OF_THE_CALL = {
    -18010001: Trouble.AUTH,
    -18010002: Trouble.AUTH,
    -18010003: Trouble.RETRY_LATER,
    -18010004: Trouble.AUTH,
    -18010012: Trouble.BAD_REQUEST,
    -18019907: Trouble.QUOTA,
    -1: Trouble.RETRY_LATER,
}


class Case(BaseCase):
    def setUp(self):
        super().setUp()
        self.connector = SeventeenTrack(Settings("https://c.example", {"language": "en"}), {"key": KEY})

    def results_of(self, body, items=ITEMS):
        request = Request("POST", "https://c.example/gettrackinfo", items)
        return self.connector.parse(Response(200, {}, json.dumps(body).encode()), request)

    def trouble_of(self, body):
        with self.assertRaises(ConnectorError) as caught:
            self.results_of(body)
        return caught.exception.trouble

    def push(self, event_name, data):
        raw = json.dumps({"event": event_name, "data": data}).encode()
        return self.connector.parse_push(raw, {}, {})


@tagged("post_install", "-at_install")
class TestAsking(Case):
    """What is asked, and what answers mean."""

    def test_a_call_names_numbers_and_carriers(self):
        (request,) = self.connector.build_requests(ITEMS)
        self.assertEqual((request.method, request.url), ("POST", "https://c.example/gettrackinfo"))
        self.assertEqual(request.headers["17token"], KEY)
        self.assertEqual(
            json.loads(request.body),
            [{"number": "RR123456789CN", "carrier": 3011}, {"number": "1Z999AA10123456784"}],
        )

    def test_partly_accepted_and_partly_rejected(self):
        good = parcel(
            "RR123456789CN", [event(AT, "InTransit_Arrival", "In", "北京")], 3011, "7", "2026-07-09"
        )
        results = self.results_of(envelope([good], [rejected("1Z999AA10123456784", -18019909, "Wait")]))
        self.assertEqual(
            [(one.number, one.trouble) for one in results][1], (ITEMS[1].number, Trouble.NOT_FOUND)
        )
        first = results[0]
        self.assertEqual((first.key, first.carrier, first.code), (7, "3011", "InTransit_Arrival"))
        self.assertEqual((first.code_at, first.eta), (AT, datetime(2026, 7, 9)))
        (scan,) = first.scans
        self.assertEqual((scan.at, scan.code, scan.text, scan.place), (AT, "InTransit_Arrival", "In", "北京"))
        self.assertFalse(scan.zone_assumed)

    def test_each_documented_error_of_a_number(self):
        for code, trouble in PER_NUMBER.items():
            with self.subTest(code):
                (result,) = self.results_of(envelope([], [rejected("RR123456789CN", code, "Why")]))
                self.assertEqual((result.trouble, result.message), (trouble, f"{code}: Why"))

    def test_each_documented_error_of_a_call(self):
        for code, trouble in OF_THE_CALL.items():
            with self.subTest(code):
                self.assertEqual(self.trouble_of(refusal(code)), trouble)
                self.assertEqual(self.trouble_of({"code": code, "data": None}), trouble)

    def test_an_event_with_nothing_but_the_carriers_own_time(self):
        raw = {"date": "2026-07-03", "time": "10:30:00", "timezone": "+02:00"}
        bare = event(AT, "Delivered_Other", time_iso=None, time_utc=None, time_raw=raw)
        (result,) = self.results_of(envelope([parcel("RR123456789CN", [bare])]))
        self.assertEqual((result.scans[0].at, result.scans[0].zone_assumed), (AT, False))
        bare["time_raw"]["timezone"] = None
        (result,) = self.results_of(envelope([parcel("RR123456789CN", [bare])]))
        self.assertEqual((result.scans[0].at, result.scans[0].zone_assumed), (AT + timedelta(hours=2), True))
        bare["time_raw"] = {"date": None, "time": None, "timezone": None}
        (result,) = self.results_of(envelope([parcel("RR123456789CN", [bare])]))
        self.assertIsNone(result.scans[0].at)

    def test_two_carriers_of_one_parcel_are_merged(self):
        last_mile = {"provider": {"key": 21051}, "events": [event(AT, "OutForDelivery_Other", "Out")]}
        origin = [event(AT - timedelta(days=5), "InTransit_PickedUp", "Got it")]
        body = envelope([parcel("RR123456789CN", origin, more_providers=[last_mile])])
        (result,) = self.results_of(body)
        self.assertEqual({scan.code for scan in result.scans}, {"InTransit_PickedUp", "OutForDelivery_Other"})

    def test_the_test_of_the_connection_reads_the_quota(self):
        self.assertEqual(self.connector.test_request().url, "https://c.example/getquota")
        good = Response(200, {}, b'{"code": 0, "data": {"quota_total": 100}}')
        self.assertEqual(self.connector.read_test(good), (None, ""))
        with self.assertRaises(ConnectorError):
            self.connector.read_test(Response(200, {}, json.dumps(refusal(-18010002)).encode()))

    def test_couriers_and_their_phones_are_not_shown_to_customers(self):
        text = masked("[上海市] 派件员:张三，电话:13812345678 正在派件")
        self.assertNotIn("张三", text)
        self.assertNotIn("13812345678", text)


@tagged("post_install", "-at_install")
class TestAnnouncing(Case):
    """Parcels are registered; those it has stopped following are taken up again."""

    def test_what_is_registered(self):
        (request,) = self.connector.subscribe([ITEMS[0]._replace(phone="8613812345678")])
        self.assertEqual((request.url, request.purpose), ("https://c.example/register", "subscribe"))
        self.assertEqual(
            json.loads(request.body),
            [{"number": "RR123456789CN", "carrier": 3011, "tag": "7", "lang": "en", "param": "5678"}],
        )

    def test_the_limits_of_an_account_and_of_a_number(self):
        kind = type(self.connector)
        limits = (kind.batch, kind.per_second, kind.per_day, kind.pause)
        self.assertEqual(limits, (40, 3, None, timedelta(minutes=30)))

    def test_forty_a_call(self):
        many = [Item(number, f"N{number}") for number in range(95)]
        for requests in (
            self.connector.subscribe(many),
            self.connector.unsubscribe(many),
            self.connector.build_requests(many),
        ):
            self.assertEqual([len(request.items) for request in requests], [40, 40, 15])

    def test_one_that_was_stopped_is_taken_up_again_once(self):
        stopped = ITEMS[0]._replace(external_ref=STOPPED)
        request, again = self.connector.subscribe([stopped, ITEMS[1]])
        self.assertEqual(
            [request.url.rpartition("/")[2], again.url.rpartition("/")[2]], ["register", "retrack"]
        )
        accepted = envelope([{"number": stopped.number, "carrier": 3011}])
        (result,) = self.connector.parse_subscription(Response(200, {}, json.dumps(accepted).encode()), again)
        self.assertEqual((result.trouble, result.external_ref), (None, RETRACKED))
        once = envelope([], [rejected(stopped.number, -18019905, "Only once")])
        (result,) = self.connector.parse_subscription(Response(200, {}, json.dumps(once).encode()), again)
        self.assertEqual(result.trouble, Trouble.BAD_REQUEST)

    def test_registered_already_is_as_good(self):
        (request,) = self.connector.subscribe([ITEMS[0]])
        body = json.dumps(envelope([], [rejected(ITEMS[0].number, -18019901)])).encode()
        (result,) = self.connector.parse_subscription(Response(200, {}, body), request)
        self.assertEqual(result.trouble, Trouble.ALREADY_REGISTERED)


@tagged("post_install", "-at_install")
class TestBeingTold(Case):
    """Pushed messages: signed by the key, whole histories, and the end of being told."""

    def signature(self, raw, key=KEY):
        return hashlib.sha256(raw + b"/" + key.encode()).hexdigest()

    def test_signed_by_body_and_key(self):
        raw = '{"event":"TRACKING_UPDATED","data":{"number":"RR1","说":"中文"}}'.encode()
        # By hand, with another program: printf '%s' '<body>/17-t0ken-of-nobody' | sha256sum
        self.assertTrue(self.connector.verify({"sign": self.signature(raw)}, raw, {}))
        self.assertTrue(self.connector.verify({"sign": self.signature(raw).upper()}, raw, {}))
        for position in range(len(raw)):
            flipped = bytearray(raw)
            flipped[position] ^= 1
            self.assertFalse(self.connector.verify({"sign": self.signature(raw)}, bytes(flipped), {}))
        for headers in ({}, {"sign": ""}, {"sign": self.signature(raw, "another")}):
            self.assertFalse(self.connector.verify(headers, raw, {}))
        nobody = SeventeenTrack(self.connector.settings, {})
        self.assertFalse(nobody.verify({"sign": self.signature(raw, "")}, raw, {}))

    def test_an_update_is_the_whole_history(self):
        (result,) = self.push("TRACKING_UPDATED", parcel("RR1", [event(AT, "Delivered_Other")], 3011, "7"))
        self.assertEqual((result.number, result.key, result.code), ("RR1", 7, "Delivered_Other"))
        self.assertTrue(result.is_full_history)

    def test_stopped_is_to_be_taken_up_again(self):
        (result,) = self.push("TRACKING_STOPPED", {"number": "RR1", "carrier": 3011, "tag": "7"})
        self.assertEqual(
            (result.trouble, result.external_ref, result.code),
            (Trouble.NOT_REGISTERED, STOPPED, "TRACKING_STOPPED"),
        )

    def test_a_tag_that_is_none_of_ours(self):
        for tag in (None, "", "order 7", "٧", "9" * 30, {"a": 1}):
            with self.subTest(tag):
                (result,) = self.push("TRACKING_UPDATED", parcel("RR1", [], tag=tag))
                self.assertIsNone(result.key)

    def test_other_messages_cannot_be_read(self):
        for event_name, data in (("HELLO", {}), ("TRACKING_UPDATED", None), (None, [])):
            with self.subTest(event_name), self.assertRaises(ConnectorError):
                self.push(event_name, data)


@tagged("post_install", "-at_install")
class TestCodes(TransactionCase):
    """Each status the documentation lists has a meaning as delivered."""

    def test_each_documented_status(self):
        provider = self.env["order.tracking.provider"].create({"name": "17TRACK", "kind": "17track"})
        lookup = self.env["order.tracking.status.map"]._meanings(provider)
        for code, status in {**STATUSES, **SUB_STATUSES}.items():
            with self.subTest(code):
                self.assertEqual(lookup(code)[0], status)
        self.assertEqual(lookup("TRACKING_STOPPED"), ("expired", "no_news"))
        # Seen in the wild, listed nowhere.
        self.assertEqual(lookup("InTransit_TransportArrived")[0], "in_transit")
        self.assertIsNone(lookup("Something_New"))
        self.assertEqual(len(SUB_STATUSES), 30)
        self.assertEqual(str(CARRIER), "100002")
