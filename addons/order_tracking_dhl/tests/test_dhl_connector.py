import itertools
import json
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

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

from ..connector import Dhl
from .bodies import NOT_FOUND, answer, event, problem, shipment

KEY = "dhl-k3y-of-nobody"
NUMBER = "00340434292135100186"
AT = datetime(2026, 7, 3, 8, 30)
HOUR = timedelta(hours=1)
ITEM = Item(7, NUMBER, "parcel-de", postcode="10115", country="DE")
# What the documentation lists, those it announces among them, and what it means here.
CODES = {
    "pre-transit": "info_received",
    "transit": "in_transit",
    "delivered": "delivered",
    "failure": "exception",
    "unknown": "pending",
    "out-for-delivery": "out_for_delivery",
    "out for delivery": "out_for_delivery",
    "return": "returning",
    "return-to-origin": "returning",
    "return to origin": "returning",
    "pick-up": "available_for_pickup",
    "ready-for-pick-up": "available_for_pickup",
    "ready for pick-up": "available_for_pickup",
    # Ours, for what DHL marks with returnFlag.
    "return-delivered": "returned",
    "return-transit": "returning",
    "return-failure": "returning",
    "return-unknown": "returning",
}


class Case(BaseCase):
    def setUp(self):
        super().setUp()
        self.connector = self.made()

    def made(self, **options):
        return Dhl(Settings("https://dhl.example/track", options), {"key": KEY})

    def told(self, body, item=ITEM, status=200, headers=None, connector=None):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = Request("GET", "https://dhl.example/track/shipments", (item,))
        return (connector or self.connector).parse(Response(status, headers or {}, raw), request)

    def one(self, *shipments, **options):
        (result,) = self.told(answer(*shipments), **options)
        return result

    def trouble_of(self, body, status):
        with self.assertRaises(ConnectorError) as caught:
            self.told(body, status=status)
        return caught.exception.trouble


@tagged("post_install", "-at_install")
class TestAsking(Case):
    """What is asked: one number a call, and nothing that is empty."""

    def query(self, request):
        found = parse_qs(urlsplit(request.url).query, keep_blank_values=True)
        return {name: value[0] for name, value in found.items()}

    def test_one_number_a_call(self):
        requests = list(self.connector.build_requests([ITEM, Item(8, "CH1/&2")]))
        self.assertEqual([request.items for request in requests], [(ITEM,), (Item(8, "CH1/&2"),)])
        self.assertEqual(self.query(requests[0]), {"trackingNumber": NUMBER, "service": "parcel-de"})
        self.assertEqual(self.query(requests[1]), {"trackingNumber": "CH1/&2"})
        self.assertEqual(requests[0].headers["DHL-API-Key"], KEY)
        self.assertNotIn(KEY, requests[0].url)
        self.assertTrue(requests[0].url.startswith("https://dhl.example/track/shipments?"))

    def test_a_number_written_in_groups_is_asked_for_without_the_blanks(self):
        grouped = ITEM._replace(number="00 340 434 292135100186")
        (request,) = self.connector.build_requests([grouped])
        self.assertEqual(self.query(request)["trackingNumber"], NUMBER)
        self.assertEqual(
            self.one(shipment(NUMBER, [event(AT, "transit")]), item=grouped).number, grouped.number
        )

    def test_language_and_postcode_where_the_account_says_so(self):
        (request,) = self.made(language="de", postcode=True).build_requests([ITEM])
        self.assertEqual(
            (self.query(request)["language"], self.query(request)["recipientPostalCode"]), ("de", "10115")
        )
        (request,) = self.made(postcode=True).build_requests([Item(8, "1")])
        self.assertEqual(self.query(request), {"trackingNumber": "1"})

    def test_limits_are_those_of_a_new_key(self):
        self.assertEqual((Dhl.per_day, Dhl.batch, Dhl.can_push), (250, 1, False))
        self.assertLessEqual(timedelta(days=1) / Dhl.pause, 10)
        self.assertLessEqual(Dhl.per_second, 1)
        self.assertEqual(Dhl.default_url, "https://api-eu.dhl.com/track")


@tagged("post_install", "-at_install")
class TestAnswers(Case):
    """What answers mean."""

    def test_a_parcel(self):
        events = [
            event(AT, "delivered", "The shipment has been successfully delivered", place="Berlin"),
            event(AT - 5 * HOUR, "transit", "Loaded onto the delivery vehicle", place="Berlin"),
        ]
        result = self.one(shipment(NUMBER, events, estimatedTimeOfDelivery="2026-07-04T00:00:00Z"))
        self.assertEqual((result.number, result.key, result.carrier), (NUMBER, 7, "parcel-de"))
        self.assertEqual((result.code, result.code_at, result.eta), ("delivered", AT, datetime(2026, 7, 4)))
        self.assertEqual([scan.code for scan in result.scans], ["delivered", "transit"])
        self.assertEqual((result.scans[1].at, result.scans[1].place), (AT - 5 * HOUR, "Berlin"))
        self.assertEqual(result.scans[1].text, "Loaded onto the delivery vehicle")
        self.assertTrue(result.is_full_history)
        self.assertFalse(result.scans[0].zone_assumed)

    def test_a_time_frame_where_there_is_no_time(self):
        frame = {"estimatedFrom": "2026-07-04T10:00:00Z", "estimatedThrough": "2026-07-04T12:00:00Z"}
        result = self.one(shipment(NUMBER, [], estimatedDeliveryTimeFrame=frame))
        self.assertEqual(result.eta, datetime(2026, 7, 4, 12))

    def test_times_without_a_zone_are_of_the_accounts_zone(self):
        body = answer(shipment(NUMBER, [event("2026-07-03T10:30:00", "transit", "Sorted")]))
        (result,) = self.told(body)
        self.assertEqual((result.scans[0].at, result.scans[0].zone_assumed), (AT + 2 * HOUR, True))
        (result,) = self.told(body, connector=self.made(time_zone="Europe/Berlin"))
        self.assertEqual((result.scans[0].at, result.code_at), (AT, AT))
        self.assertTrue(result.scans[0].zone_assumed)
        (result,) = self.told(answer(shipment(NUMBER, [event("2026-07-03T10:30:00+02:00", "transit")])))
        self.assertEqual((result.scans[0].at, result.scans[0].zone_assumed), (AT, False))

    def test_oldest_first_or_newest_first_is_the_same(self):
        events = [
            event(AT - hours * HOUR, code, code)
            for hours, code in enumerate(("delivered", "transit", "transit"))
        ]
        status = events[0]
        for order in itertools.permutations(events):
            result = self.one(shipment(NUMBER, list(order), status=status))
            self.assertEqual((result.code, result.code_at), ("delivered", AT))
            self.assertEqual(
                {(scan.at, scan.code) for scan in result.scans},
                {(AT, "delivered"), (AT - HOUR, "transit"), (AT - 2 * HOUR, "transit")},
            )

    def test_the_same_text_at_two_times_is_two_scans(self):
        twice = [event(AT, "transit", "Sorted"), event(AT - HOUR, "transit", "Sorted")]
        self.assertEqual(len(set(self.one(shipment(NUMBER, twice)).scans)), 2)

    def test_each_documented_error(self):
        (result,) = self.told(NOT_FOUND[1], status=404)
        self.assertEqual(
            (result.trouble, result.message),
            (Trouble.NOT_FOUND, "No shipment with given tracking number found."),
        )
        (result,) = self.told(problem(400, "trackingNumber is not valid", "Bad Request")[1], status=400)
        self.assertEqual(
            (result.trouble, result.message), (Trouble.BAD_NUMBER, "trackingNumber is not valid")
        )
        too_many = "Too many requests within defined time period, please try again later."
        for words, trouble in (
            (too_many, Trouble.RATE),
            ("", Trouble.RATE),
            ("Daily limit exceeded", Trouble.QUOTA),
            ("Your quota is used up", Trouble.QUOTA),
            ("250 calls per day", Trouble.QUOTA),
        ):
            with self.subTest(words):
                self.assertEqual(self.trouble_of(problem(429, words, "Too Many Requests")[1], 429), trouble)
        self.assertEqual(self.trouble_of(b"Too many", 429), Trouble.RATE)

    def test_an_error_that_is_not_dhls_says_nothing_of_the_parcel(self):
        for status in (400, 404):
            self.assertEqual(self.trouble_of(b"no such route", status), Trouble.MALFORMED)

    def test_no_shipments_at_all(self):
        (result,) = self.told(answer())
        self.assertEqual((result.trouble, result.message), (Trouble.NOT_FOUND, ""))
        self.assertEqual(self.trouble_of({}, 200), Trouble.MALFORMED)
        self.assertEqual(self.trouble_of({"shipments": {"id": NUMBER}}, 200), Trouble.MALFORMED)

    def test_the_limits_of_an_account_and_of_a_number(self):
        kind = type(self.connector)
        limits = (kind.batch, kind.per_second, kind.per_day, kind.pause)
        self.assertEqual(limits, (1, 0.2, 250, timedelta(minutes=150)))

    def test_the_test_of_the_connection_needs_no_parcel(self):
        request = self.connector.test_request()
        self.assertEqual((request.purpose, request.items), ("test", ()))
        for status, body in ((200, answer()), NOT_FOUND):
            said = Response(status, {}, json.dumps(body).encode())
            self.assertEqual(self.connector.read_test(said), (None, ""))
        with self.assertRaises(ConnectorError) as caught:
            self.connector.read_test(Response(429, {}, b"{}"))
        self.assertEqual(caught.exception.trouble, Trouble.RATE)
        # Nobody of DHL says that: the address is wrong.
        with self.assertRaises(ConnectorError) as caught:
            self.connector.read_test(Response(404, {}, b"no such route"))
        self.assertEqual(caught.exception.trouble, Trouble.MALFORMED)


@tagged("post_install", "-at_install")
class TestTraps(Case):
    """What DHL really does, by name."""

    def codes(self, *events, **more):
        result = self.one(shipment(NUMBER, list(events), **more))
        return [scan.code for scan in result.scans], result.code

    def test_out_for_delivery_and_delivered_under_one_code_is_not_delivered(self):
        """As UPS's D is both: words beside a code make nothing of it."""
        told = event(AT, "transit", "Out for delivery", "DELIVERED soon: delivered to the driver")
        self.assertEqual(self.codes(told), (["transit"], "transit"))

    def test_a_description_alone_never_makes_delivered(self):
        told = event(AT, "", "", "Delivered")
        told["status"] = ""
        self.assertEqual(self.codes(told), ([""], ""))
        del told["statusCode"], told["status"]
        self.assertEqual(self.codes(told), ([""], ""))

    def test_delivered_in_the_words_of_a_failure_is_a_failure(self):
        told = event(
            AT,
            "failure",
            "The shipment could not be delivered",
            "Not delivered: delivered to the wrong address",
        )
        self.assertEqual(self.codes(told), (["failure"], "failure"))

    def test_what_comes_back_and_is_delivered_is_returned(self):
        """DHL says "delivered" of a parcel that has come back to its sender, and marks it."""
        events = [event(AT, "delivered", "Delivered"), event(AT - HOUR, "transit", "Returning")]
        self.assertEqual(
            self.codes(*events, returnFlag=True), (["return-delivered", "transit"], "return-delivered")
        )
        self.assertEqual(self.codes(events[1], returnFlag=True), (["transit"], "return-transit"))
        self.assertEqual(self.codes(*events, returnFlag=False)[1], "delivered")

    def test_no_simplified_code_is_no_step_back(self):
        events = [event(AT, "unknown", "Weighed"), event(AT - HOUR, "transit", "Sorted")]
        self.assertEqual(self.codes(*events), (["", "transit"], ""))
        self.assertEqual(self.codes(event(AT, "unknown", "Weighed")), (["unknown"], "unknown"))

    def test_the_divisions_own_word_where_there_is_no_code(self):
        told = event(AT, None, "Out for Delivery", "On its way")
        self.assertEqual(self.codes(told)[0], ["out for delivery"])

    def test_one_number_with_two_shipments(self):
        new = shipment(NUMBER, [event(AT, "transit", "New")], "parcel-nl", "NL", "1011 AB")
        old = shipment(NUMBER, [event(AT - 900 * HOUR, "delivered", "Old")], "express", "DE", "10115")
        german = shipment(NUMBER, [event(AT - 9 * HOUR, "transit", "German")], "ecommerce", "DE", "20095")
        all_of_them = (old, new, german)
        for item, expected in (
            (ITEM._replace(carrier="express"), "Old"),
            (ITEM._replace(carrier="ecommerce"), "German"),
            (ITEM._replace(carrier="", country="NL", postcode=""), "New"),
            (ITEM._replace(carrier="", country="DE", postcode="20095"), "German"),
            (ITEM._replace(carrier="", country="", postcode="1011ab"), "New"),
            (ITEM._replace(carrier="", country="", postcode=""), "New"),
            (ITEM._replace(carrier="freight", country="FR", postcode="75001"), "New"),
        ):
            for order in itertools.permutations(all_of_them):
                with self.subTest(item):
                    self.assertEqual(self.one(*order, item=item).scans[0].text, expected)

    def test_another_numbers_shipment_is_not_ours(self):
        """Without ``service`` DHL may answer for the number another division has given the parcel."""
        (result,) = self.told(answer(shipment("1098765432", [event(AT, "delivered", "Delivered")])))
        self.assertEqual((result.trouble, result.scans), (Trouble.NOT_FOUND, ()))
        self.assertEqual(result.message, "other_number: 1098765432")
        ours = shipment(NUMBER, [event(AT, "transit", "Ours")])
        self.assertEqual(self.one(shipment("1", [event(AT, "delivered")]), ours).code, "transit")

    def test_a_number_of_a_piece_and_one_without_its_zeros_are_ours(self):
        other = shipment("7777777770", [event(AT, "transit", "Sorted")])
        other["details"]["pieceIds"] = ["JD014600006281230704"]
        self.assertEqual(self.one(other, item=Item(7, "JD01 4600 0062 8123 0704")).code, "transit")
        self.assertEqual(self.one(shipment(NUMBER.lstrip("0"), [event(AT, "transit")])).code, "transit")

    def test_who_has_signed_is_not_told(self):
        told = event(AT, "delivered", "DELIVERED", "JESSICA")
        self.assertEqual(self.one(shipment(NUMBER, [told])).scans[0].text, "DELIVERED")
        for words in ("Delivered - Signed for by: JESSICA", "Zugestellt - Unterschrift von: JESSICA"):
            told = event(AT, "delivered", words)
            self.assertNotIn("JESSICA", masked(self.one(shipment(NUMBER, [told])).scans[0].text))
        told = event(AT, "transit", "Driver: Max Mustermann, +49 170 1234567")
        seen = masked(self.one(shipment(NUMBER, [told])).scans[0].text)
        self.assertNotRegex(seen, "Mustermann|1234567")


@tagged("post_install", "-at_install")
class TestData(TransactionCase):
    """Each code and each division the documentation lists is there as delivered."""

    def test_each_documented_code(self):
        provider = self.env["order.tracking.provider"].create({"name": "DHL", "kind": "dhl"})
        lookup = self.env["order.tracking.status.map"]._meanings(provider)
        for code, status in CODES.items():
            with self.subTest(code):
                self.assertEqual(lookup(code)[0], status)
        for code in ("delivered - parcel locker", "shipment picked up", "zu"):
            self.assertIsNone(lookup(code), code)

    def test_each_documented_division(self):
        known = self.env["order.tracking.carrier"].search([("kind", "=", "dhl")]).mapped("code")
        documented = {
            "express",
            "parcel-de",
            "parcel-nl",
            "parcel-pl",
            "parcel-uk",
            "ecommerce",
            "ecommerce-europe",
        }
        documented |= {"post-de", "sameday", "freight", "dgf", "dsc", "svb"}
        self.assertFalse(documented - set(known))
