import itertools
import json
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from odoo.tests import TransactionCase, tagged

from odoo.addons.order_processing.connectors.base import (
    ConnectorError,
    Item,
    Response,
    Trouble,
)
from odoo.addons.order_processing.engine.scan_text import masked

from ..connector import AfterShip
from .bodies import checkpoint, envelope, refusal, tracking
from .common_aftership import AT, HOUR, ITEMS, KEY, Case

# What the documentation lists, and what it means here.
TAGS = {
    "Pending": "pending",
    "InfoReceived": "info_received",
    "InTransit": "in_transit",
    "OutForDelivery": "out_for_delivery",
    "AttemptFail": "attempt_failed",
    "Delivered": "delivered",
    "AvailableForPickup": "available_for_pickup",
    "Exception": "exception",
    "Expired": "expired",
}
SUBTAGS = {
    **{f"Delivered_{n:03}": "delivered" for n in range(1, 6)},
    "AvailableForPickup_001": "available_for_pickup",
    **{f"Exception_{n:03}": "exception" for n in range(1, 22)},
    "Exception_010": "returning",
    "Exception_011": "returned",
    "Exception_020": "cancelled",
    **{f"AttemptFail_{n:03}": "attempt_failed" for n in range(1, 4)},
    **{f"InTransit_{n:03}": "in_transit" for n in range(1, 14)},
    "InTransit_002": "picked_up",
    "InfoReceived_001": "info_received",
    "OutForDelivery_001": "out_for_delivery",
    "OutForDelivery_003": "out_for_delivery",
    "OutForDelivery_004": "out_for_delivery",
    **{f"Pending_{n:03}": "pending" for n in range(1, 7)},
    "Expired_001": "expired",
}
REASONS = {
    "Exception_002": "address_problem",
    "Exception_003": "refused",
    "Exception_004": "customs_problem",
    "Exception_006": "held",
    "Exception_012": "damaged",
    "Exception_013": "lost",
    "Exception_017": "delayed",
    "Exception_018": "customs_problem",
    "InTransit_005": "customs_cleared",
    "InTransit_006": "customs",
    "AttemptFail_002": "not_at_home",
    "Delivered_005": "proxy",
    "Expired_001": "no_news",
}


@tagged("post_install", "-at_install")
class TestAsking(Case):
    """What is asked, and what answers mean."""

    def test_forty_numbers_a_call(self):
        many = [Item(number, f"N{number}") for number in range(95)]
        requests = list(self.connector.build_requests(many))
        self.assertEqual([len(request.items) for request in requests], [40, 40, 15])
        query = parse_qs(urlsplit(requests[2].url).query)
        self.assertEqual(query["tracking_numbers"], [",".join(f"N{number}" for number in range(80, 95))])
        self.assertGreaterEqual(int(query["limit"][0]), 40)
        self.assertEqual(requests[0].headers["as-api-key"], KEY)
        self.assertNotIn(KEY, requests[0].url)
        self.assertEqual(AfterShip.default_url, "https://api.aftership.com/tracking/2026-01")

    def test_a_number_written_in_groups_is_asked_for_without_the_blanks(self):
        grouped = ITEMS[0]._replace(number="1Z 999 AA1 01 2345 6784")
        (asked,) = self.connector.build_requests([grouped])
        self.assertEqual(parse_qs(urlsplit(asked.url).query)["tracking_numbers"], [ITEMS[0].number])
        (announced,) = self.connector.subscribe([grouped])
        self.assertEqual(json.loads(announced.body)["tracking_number"], ITEMS[0].number)
        self.assertEqual(self.one(tracking(ITEMS[0].number, []), item=grouped).number, grouped.number)

    def test_a_parcel_and_one_it_does_not_mention(self):
        scans = [
            checkpoint(AT - HOUR, "InTransit_002", "Picked up", "Köln"),
            checkpoint(AT, "InTransit_003", "In"),
        ]
        said = tracking(ITEMS[0].number, scans, key=7)
        first, second = self.told(envelope(said))
        self.assertEqual((first.key, first.carrier, first.code), (7, "ups", "InTransit_003"))
        self.assertEqual((first.external_ref, first.trouble, first.code_at), (said["id"], None, None))
        self.assertEqual(
            [(scan.at, scan.code) for scan in first.scans],
            [(AT - HOUR, "InTransit_002"), (AT, "InTransit_003")],
        )
        self.assertEqual((first.scans[0].text, first.scans[0].place), ("Picked up", "Köln"))
        self.assertTrue(first.is_full_history)
        self.assertEqual((second.key, second.trouble, second.scans), (8, Trouble.NOT_REGISTERED, ()))

    def test_the_tag_where_there_is_no_subtag(self):
        bare = {**checkpoint(AT, "Delivered_001"), "subtag": None, "message": ""}
        result = self.one(tracking(ITEMS[0].number, [bare], subtag=None))
        self.assertEqual(
            (result.code, result.scans[0].code, result.scans[0].text), ("Delivered", "Delivered", "In words")
        )

    def test_oldest_first_or_newest_first_is_the_same(self):
        scans = [checkpoint(AT + n * HOUR, f"InTransit_00{n}") for n in range(1, 5)]
        expected = {(AT + n * HOUR, f"InTransit_00{n}") for n in range(1, 5)}
        for order in itertools.permutations(scans):
            result = self.one(tracking(ITEMS[0].number, list(order), tag="InTransit", subtag="InTransit_004"))
            self.assertEqual({(scan.at, scan.code) for scan in result.scans}, expected)
            self.assertEqual(result.code, "InTransit_004")

    def test_the_same_text_at_two_times_is_two_scans(self):
        twice = [checkpoint(AT, "InTransit_003", "In"), checkpoint(AT + HOUR, "InTransit_003", "In")]
        self.assertEqual(len(set(self.one(tracking(ITEMS[0].number, twice)).scans)), 2)

    def test_times_with_a_zone_and_without(self):
        for written, zone, at, assumed in (
            ("2026-07-03T10:30:00+02:00", "", AT, False),
            ("2026-07-03T08:30:00Z", "Asia/Shanghai", AT, False),
            ("2026-07-03T10:30:00", "", AT + 2 * HOUR, True),
            ("2026-07-03T10:30:00", "Europe/Berlin", AT, True),
        ):
            with self.subTest(written, zone=zone):
                said = tracking(ITEMS[0].number, [checkpoint(written, "InTransit_003")])
                (scan,) = self.one(said, connector=self.made(time_zone=zone)).scans
                self.assertEqual((scan.at, scan.zone_assumed, scan.raw_time), (at, assumed, written))

    def test_places_by_their_new_names_and_their_old_ones(self):
        nowhere = {"country_region_name": None, "country_name": None}
        for more, place in (
            ({"location": "Köln, DE"}, "Köln, DE"),
            ({"postal_code": "10115", "city": ""}, "10115"),
            ({"zip": "10115"}, "10115"),
            ({"country_name": "Germany"}, "Germany"),
            ({"coordinates": [1, 2]}, ""),
        ):
            with self.subTest(more):
                said = tracking(ITEMS[0].number, [checkpoint(AT, "InTransit_003", **{**nowhere, **more})])
                self.assertEqual(self.one(said).scans[0].place, place)

    def test_when_it_is_expected_by_all_its_names(self):
        for more in (
            {
                "latest_estimated_delivery": {
                    "type": "specific",
                    "datetime": "2026-07-09",
                    "datetime_max": None,
                }
            },
            {"latest_estimated_delivery": {"type": "range", "datetime": None, "datetime_max": "2026-07-09"}},
            {"courier_estimated_delivery_date": {"estimated_delivery_date": "2026-07-09"}},
            {"aftership_estimated_delivery_date": {"estimated_delivery_date": "2026-07-09T00:00:00Z"}},
            {"expected_delivery": "2026-07-09"},
        ):
            with self.subTest(more):
                result = self.one(tracking(ITEMS[0].number, [], **more))
                self.assertEqual(result.eta, datetime(2026, 7, 9))
        self.assertIsNone(self.one(tracking(ITEMS[0].number, [])).eta)

    def test_each_documented_error(self):
        one = [ITEMS[0]]
        for code, trouble in (
            (4005, Trouble.BAD_NUMBER),
            (4010, Trouble.BAD_NUMBER),
            (4012, Trouble.BAD_NUMBER),
            (4017, Trouble.BAD_NUMBER),
            (4004, Trouble.NOT_REGISTERED),
        ):
            with self.subTest(code):
                status, body = refusal(code, "Why", 404 if code == 4004 else 400)
                (result,) = self.told(body, one, status)
                self.assertEqual((result.trouble, result.message), (trouble, f"{code}: Why"))
                # Of several it is the matter of one: which, is found by smaller calls.
                self.assertEqual(self.trouble_of(body, ITEMS, status), Trouble.BAD_REQUEST)
        for code in (400, 4001, 4007, 4008, 4009, 4011, 4015, 404, 4999):
            with self.subTest(code):
                status, body = refusal(code)
                self.assertEqual(self.trouble_of(body, one, status), Trouble.BAD_REQUEST)
        self.assertEqual(self.trouble_of(*[refusal(402)[1], one, 402]), Trouble.QUOTA)
        # These come with their HTTP status, which is read before.
        self.assertFalse({401, 403, 429, 500, 502, 503, 504} & AfterShip.reads_statuses)

    def test_an_answer_without_a_list_cannot_be_read(self):
        for body in (
            {},
            {"meta": {"code": 200}, "data": []},
            {"meta": {"code": 200}, "data": {"trackings": {}}},
        ):
            self.assertEqual(self.trouble_of(body), Trouble.MALFORMED)

    def test_the_limits_of_an_account_and_of_a_number(self):
        kind = type(self.connector)
        limits = (kind.batch, kind.per_second, kind.per_day, kind.pause)
        self.assertEqual(limits, (40, 6, None, timedelta(minutes=30)))

    def test_the_test_of_the_connection_and_the_carriers(self):
        self.assertEqual(self.connector.test_request().method, "GET")
        good = Response(200, {}, b'{"meta": {"code": 200}, "data": {"trackings": []}}')
        self.assertEqual(self.connector.read_test(good), (None, ""))
        for status, trouble in ((402, Trouble.QUOTA), (404, Trouble.BAD_REQUEST)):
            body = json.dumps({"meta": {"code": status, "message": "No."}, "data": {}}).encode()
            with self.subTest(status), self.assertRaises(ConnectorError) as caught:
                self.connector.read_test(Response(status, {}, body))
            self.assertEqual((caught.exception.trouble, caught.exception.message), (trouble, "No."))
        self.assertTrue(self.connector.carriers_request().url.endswith("/2026-01/couriers"))
        body = {
            "meta": {"code": 200},
            "data": {
                "total": 2,
                "couriers": [
                    {"slug": "ups", "name": "UPS", "required_fields": []},
                    {"slug": "dhl", "name": "DHL Express"},
                ],
            },
        }
        found = self.connector.read_carriers(Response(200, {}, json.dumps(body).encode()))
        self.assertEqual([(one.code, one.name) for one in found], [("ups", "UPS"), ("dhl", "DHL Express")])
        with self.assertRaises(ConnectorError):
            self.connector.read_carriers(Response(404, {}, json.dumps(refusal(404)[1]).encode()))


@tagged("post_install", "-at_install")
class TestTraps(Case):
    """What is easily mistaken, by name."""

    def test_one_number_with_two_shipments(self):
        number = ITEMS[0].number
        ups = tracking(number, [checkpoint(AT, "InTransit_003", "UPS")], "ups")
        other = tracking(
            number, [checkpoint(AT, "Delivered_001", "Other")], "dhl", updated_at="2026-07-09T00:00:00+00:00"
        )
        for item, expected in (
            (ITEMS[0], "UPS"),
            (ITEMS[0]._replace(carrier="dhl"), "Other"),
            (ITEMS[0]._replace(carrier="", external_ref=ups["id"]), "UPS"),
            (ITEMS[0]._replace(carrier="ups", external_ref=other["id"]), "Other"),
            (ITEMS[0]._replace(carrier=""), "Other"),
            (ITEMS[0]._replace(carrier="fedex"), "Other"),
        ):
            for order in ((ups, other), (other, ups)):
                with self.subTest(item):
                    self.assertEqual(self.one(*order, item=item).scans[0].text, expected)

    def test_one_number_of_two_carriers_asked_for_at_once(self):
        number = ITEMS[0].number
        items = [ITEMS[0], Item(9, number, "dhl")]
        ups = tracking(number, [checkpoint(AT, "InTransit_003")], "ups")
        first, second = self.told(envelope(ups), items)
        self.assertEqual((first.trouble, second.trouble), (None, Trouble.NOT_REGISTERED))

    def test_returning_is_010_and_returned_011(self):
        """One list of facts had it the other way round; AfterShip's own has not."""
        self.assertEqual((SUBTAGS["Exception_010"], SUBTAGS["Exception_011"]), ("returning", "returned"))

    def test_expired_is_since_it_was_said(self):
        """At the time of the last scan it would be what that says."""
        said = tracking(
            ITEMS[0].number,
            [checkpoint(AT, "InTransit_003")],
            tag="Expired",
            subtag="Expired_001",
            updated_at="2026-08-03T09:00:00+00:00",
        )
        result = self.one(said)
        self.assertEqual((result.code, result.code_at), ("Expired_001", datetime(2026, 8, 3, 9)))
        self.assertIsNone(result.trouble)

    def test_who_has_signed_is_not_told(self):
        for words in (
            "DELIVERED, signed by MUSTERMANN",
            "Delivered - Signed for by: MUSTERMANN",
            "Driver: Max Mustermann +49 170 1234567",
        ):
            result = self.one(tracking(ITEMS[0].number, [checkpoint(AT, "Delivered_003", words)]))
            self.assertNotRegex(masked(result.scans[0].text), "(?i)mustermann|1234567")


@tagged("post_install", "-at_install")
class TestData(TransactionCase):
    """Each tag and subtag the documentation lists has a meaning as delivered."""

    def test_each_documented_code(self):
        provider = self.env["order.tracking.provider"].create({"name": "AfterShip", "kind": "aftership"})
        lookup = self.env["order.tracking.status.map"]._meanings(provider)
        for code, status in {**TAGS, **SUBTAGS}.items():
            with self.subTest(code):
                self.assertEqual(lookup(code), (status, lookup(code)[1]))
        for code, reason in REASONS.items():
            with self.subTest(code):
                self.assertEqual(lookup(code)[1], reason)
        # What may be added is what its tag says.
        self.assertEqual(lookup("Exception_099")[0], "exception")
        self.assertEqual(lookup("InTransit_099")[0], "in_transit")
        self.assertIsNone(lookup("Teleported_001"))

    def test_a_few_carriers_are_there_from_the_start(self):
        known = self.env["order.tracking.carrier"].search([("kind", "=", "aftership")]).mapped("code")
        self.assertLessEqual({"ups", "usps", "fedex", "dhl"}, set(known))
