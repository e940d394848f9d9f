import json
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..connectors._generic_options import OPTIONS, faults
from ..connectors.base import ConnectorError, Item, Request, Response, Result, Settings, Trouble
from ..connectors.generic import Generic
from .test_connector_paths import ANYTHING

NOW = datetime(2026, 3, 2, 16)
LIST = {
    "ask_method": "POST",
    "ask_path": "track",
    "ask_body": '{"items": "{items}"}',
    "ask_item": '{"number": "{number}", "carrier": "{carrier:int}", "phone": "{phone4:optional}"}',
    "failure_path": "code",
    "failure_text_path": "message",
    "parcels_path": "data.accepted",
    "rejected_path": "data.rejected",
    "number_path": "number",
    "carrier_path": "carrier",
    "code_path": "status",
    "code_at_path": "since",
    "eta_path": "eta",
    "ref_path": "id",
    "error_path": "error.code",
    "error_text_path": "error.message",
    "scans_path": "events",
    "scan_time_path": "date + time | time",
    "scan_code_path": "code",
    "scan_text_path": "text",
    "scan_place_path": "place.city + place.country",
    "scan_id_path": "id",
    "time_zone": "Asia/Shanghai",
    "errors": "-18019909 = not_found\n-180100* = auth\nGONE = not_registered\n429 = rate",
}
ONE = {
    "ask_path": "shipments/{number}",
    "parcels_path": "shipments",
    "number_path": "id",
    "code_path": "status",
}
ITEMS = (Item(1, "AB 1", "3011", "13800138000"), Item(2, "AB2"), Item(3, "AB/3", "x"))


def connector(options=None, **more):
    return Generic(Settings("https://c.example", {**(options or LIST), **more}, "", NOW), {"key": "k"})


def parse(body, options=None, items=ITEMS, status=200, **more):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return connector(options, **more).parse(Response(status, {}, body), Request("GET", "", tuple(items)))


@tagged("post_install", "-at_install")
class TestGenericReader(BaseCase):
    """What an answer says, and that nothing in it gets through as anything else."""

    def trouble(self, *arguments, **options):
        with self.assertRaises(ConnectorError) as caught:
            parse(*arguments, **options)
        return caught.exception.trouble

    def test_a_full_answer(self):
        event = {"date": "2026-03-02", "time": "09:00", "code": 12, "text": "Sorted"}
        place = {"city": "Shenzhen", "country": "CN"}
        accepted = {
            "number": "ab1",
            "carrier": 3011,
            "status": "InTransit",
            "since": "2026-03-02T01:00:00Z",
            "eta": "2026-03-05",
            "id": 77,
            "events": [{**event, "place": place}, {"id": 1}, None, "x"],
        }
        rejected = {"number": "AB2", "error": {"code": -18019909, "message": "No info yet"}}
        first, second = parse({"code": 0, "data": {"accepted": [accepted], "rejected": [rejected]}})
        self.assertEqual((first.number, first.carrier, first.code), ("ab1", "3011", "InTransit"))
        self.assertEqual((first.code_at, first.external_ref), (datetime(2026, 3, 2, 1), "77"))
        self.assertEqual((first.eta, first.is_full_history), (datetime(2026, 3, 4, 16), True))
        (scan,) = first.scans
        self.assertEqual((scan.at, scan.zone_assumed), (datetime(2026, 3, 2, 1), True))
        self.assertEqual((scan.code, scan.text, scan.place), ("12", "Sorted", "Shenzhen CN"))
        self.assertEqual((second.trouble, second.message), (Trouble.NOT_FOUND, "-18019909: No info yet"))

    def test_what_is_sent_for_each(self):
        (call,) = connector().build_requests(ITEMS)
        self.assertEqual(
            json.loads(call.body)["items"],
            [
                {"number": "AB 1", "carrier": 3011, "phone": "8000"},
                {"number": "AB2"},
                {"number": "AB/3"},
            ],
        )

    def test_numbers_of_dots_lead_nowhere_else(self):
        for number in (".", "..", "..."):
            with self.subTest(number), self.assertRaises(ConnectorError) as caught:
                list(connector(ONE).build_requests([Item(1, number)]))
            self.assertEqual(caught.exception.trouble, Trouble.BAD_NUMBER)

    def test_refusals_of_the_whole_call(self):
        for body, trouble in (
            ({"code": -18010002, "message": "bad key"}, Trouble.AUTH),
            ({"code": 429}, Trouble.RATE),
            ({"code": "weird"}, Trouble.RETRY_LATER),
            ({"code": -18019909}, Trouble.BAD_REQUEST),  # of one of them: smaller calls find out
        ):
            with self.subTest(str(body)):
                self.assertEqual(self.trouble(body), trouble)

    def test_what_is_unknown_to_a_carrier_of_one_parcel_a_call_is_no_failure_of_its_server(self):
        (result,) = parse({"code": -18019909, "message": "none"}, items=ITEMS[:1])
        self.assertEqual((result.key, result.trouble), (1, Trouble.NOT_FOUND))
        self.assertEqual(result.message, "-18019909: none")

    def test_what_looks_otherwise_than_thought_is_said(self):
        for body in (
            *({"code": 0}, {"code": 0, "data": {"accepted": None}}, [], None, "null", 7, [[]]),
            *(b"<!DOCTYPE html><p>soon", b'{"data": {"accep', "é".encode("latin-1"), b"[" * 100_000, b""),
        ):
            with self.subTest(str(body)[:40]):
                self.assertEqual(self.trouble(body), Trouble.MALFORMED)
        self.assertEqual(parse({"code": 0, "data": {"accepted": []}}), [])

    def test_one_parcel_is_the_one_asked_for(self):
        for given_, number, key in ((None, "AB 1", 1), ("ab1", "AB 1", 1), ("OTHER", "OTHER", None)):
            (result,) = parse({"shipments": [{"id": given_, "status": "x"}]}, ONE, ITEMS[:1])
            self.assertEqual((result.number, result.key), (number, key))
        (result,) = parse({"shipments": {"id": "AB1"}}, ONE, ITEMS[:1])
        self.assertEqual((result.key, result.code, result.trouble), (1, "", None))

    def test_http_statuses(self):
        (result,) = parse(b"no json", ONE, ITEMS[:1], 404)
        self.assertEqual((result.key, result.trouble), (1, Trouble.NOT_FOUND))
        # Of several it is one that is unknown: all would wait for it for ever.
        self.assertEqual(self.trouble({}, status=404), Trouble.BAD_REQUEST)
        self.assertEqual(self.trouble({"code": "new"}, status=401), Trouble.AUTH)
        self.assertEqual(self.trouble({}, status=503), Trouble.RETRY_LATER)
        (result,) = parse({"code": "GONE"}, LIST, ITEMS[:1], 400)
        self.assertEqual(result.trouble, Trouble.NOT_REGISTERED)
        self.assertEqual(connector(read_statuses="400, 422").reads_statuses, {400, 404, 422})

    def test_pushed_news(self):
        options = {**LIST, "push_parcels_path": "msg", "push_all": True}
        raw = json.dumps({"msg": {"number": "AB1", "status": "Delivered"}}).encode()
        (result,) = connector(options).parse_push(raw, {}, {})
        self.assertEqual((result.number, result.code, result.is_full_history), ("AB1", "Delivered", True))
        self.assertFalse(connector(options, push_all=False).parse_push(raw, {}, {})[0].is_full_history)
        self.assertEqual(connector(options).parse_push(b'{"ping": 1}', {}, {}), [])
        for bad in (b"", b"null", b"{", b'{"msg": {"status": "x"}}'):
            with self.subTest(bad), self.assertRaises(ConnectorError):
                connector(options).parse_push(bad, {}, {})
        self.assertEqual(connector(ack_status=202).ack().status, 202)

    def test_announcing(self):
        options = {**LIST, "subscribe_path": "sub", "subscribe_body": '{"n": "{numbers}"}'}
        (call,) = connector(options).subscribe(ITEMS[:2])
        for body, expected in (
            (b"", [None, None]),
            (b'{"code": 0}', [None, None]),
            (b'{"code": 0, "data": {"accepted": [{"number": "AB1", "id": 5}]}}', [None, None]),
            (
                b'{"data": {"rejected": [{"number": "AB2", "error": {"code": "GONE"}}]}}',
                [None, Trouble.NOT_REGISTERED],
            ),
        ):
            told = connector(options).parse_subscription(Response(200, {}, body), call)
            self.assertEqual([result.trouble for result in told], expected)
        with self.assertRaises(ConnectorError):
            connector(options).parse_subscription(Response(404, {}, b"x"), call)

    @given(
        ANYTHING | st.fixed_dictionaries({"data": st.fixed_dictionaries({"accepted": ANYTHING})}),
        st.sampled_from((200, 400, 404)),
        st.integers(1, 3),
    )
    def test_nothing_but_a_connector_error_ever_leaves(self, body, status, asked):
        try:
            results = parse(body, items=ITEMS[:asked], status=status)
        except ConnectorError:
            return
        self.assert_plain(results)

    @given(
        st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    name: ANYTHING | st.sampled_from(("AB1", "2026-03-02T10:00:00Z", "x\ud800\x00y"))
                    for name in (
                        *("number", "status", "since", "eta", "id", "error", "events", "carrier"),
                        *("code", "text", "time", "place"),
                    )
                },
            ),
            min_size=1,
            max_size=4,
        )
    )
    def test_wrong_kinds_anywhere_in_a_parcel(self, parcels):
        self.assert_plain(parse({"code": 0, "data": {"accepted": parcels}}))
        named = [{**one, "number": "AB1", "events": parcels} for one in parcels]
        self.assert_plain(self.pushed(named))

    def pushed(self, parcels):
        return connector(push_parcels_path="p").parse_push(json.dumps({"p": parcels}).encode(), {}, {})

    @given(st.binary(max_size=200), st.sampled_from((200, 404)))
    def test_bytes_that_are_no_answer(self, body, status):
        response, request = Response(status, {}, body), Request("GET", "", ITEMS)
        for call in (
            lambda: connector().parse(response, request),
            lambda: connector().parse_push(body, {}, {}),
            lambda: connector(auth="oauth2").read_token(response),
            lambda: connector().parse_subscription(response, request),
        ):
            try:
                call()
            except ConnectorError:
                continue

    def test_a_token_for_how_long(self):
        for said, seconds in (
            ("90", 90),
            (90.0, 90),
            (None, 3600),
            ("soon", 3600),
            (-1, 3600),
            (float("nan"), 3600),
        ):
            body = json.dumps({"access_token": "t", "expires_in": said}).encode()
            token, good_for = connector().read_token(Response(200, {}, body))
            self.assertEqual((token, good_for.total_seconds()), ("t", seconds))

    def assert_plain(self, results):
        """What leaves can be stored: texts without what databases refuse, moments without zones."""
        for result in results:
            self.assertIsInstance(result, Result)
            moments = [result.eta, result.code_at, *(scan.at for scan in result.scans)]
            self.assertTrue(all(at is None or at.tzinfo is None for at in moments))
            texts = [result.number, result.carrier, result.code, result.external_ref, result.message]
            for scan in result.scans:
                texts += [scan.code, scan.text, scan.place, scan.raw_time, scan.event_id]
            for text in texts:
                self.assertNotIn("\x00", text)
                text.encode()


@tagged("post_install", "-at_install")
class TestGenericFaults(BaseCase):
    """What is wrong with what was entered is said before anybody is called."""

    def faults(self, **options):
        return {(fault.option, fault.code) for fault in faults({**ONE, **options}, asks=True)}

    def test_what_works_is_not_complained_about(self):
        for options in (
            {},
            LIST,
            {"ask_path": "https://c.example/x?n={number}"},
            {"time_format": "%d.%m.%Y %H:%M"},
        ):
            self.assertEqual(self.faults(**options), set())

    def test_each_mistake_is_named(self):
        signed = {"sign_with": "hmac-sha1", "sign_header": "s"}
        for options, expected in (
            ({"code_path": ""}, ("scans_path", "nothing_read")),
            ({"ask_path": "x?n={numbers}", "number_path": ""}, ("number_path", "several")),
            ({"ask_path": "https://{number}.example/"}, ("ask_path", "address")),
            ({"ask_path": "ftp://c.example/"}, ("ask_path", "address")),
            ({"token_path": "https://me@c.example/", "auth": "oauth2"}, ("token_path", "address")),
            ({"ask_path": "x/{number:int}"}, ("ask_path", "wish")),
            ({"ask_body": '{"n": "{number:float}"}'}, ("ask_body", "wish")),
            ({"parcels_path": "a..b"}, ("parcels_path", "path")),
            ({"parcels_path": "a.b c"}, ("parcels_path", "path")),
            ({"ask_headers": "Two Words: x"}, ("ask_headers", "header")),
            ({"auth_header": "X\n"}, ("auth_header", "header")),
            ({"time_format": "%H:%M"}, ("time_format", "time")),
            ({"read_statuses": "200, 400"}, ("read_statuses", "statuses")),
            ({"ack_status": 404}, ("ack_status", "ack")),
            ({**signed, "sign_text": "{timestamp}"}, ("sign_text", "no_body")),
            ({**signed, "sign_text": "{timestamp}{body}"}, ("timestamp_header", "missing")),
            ({**signed, "timestamp_header": "t"}, ("sign_text", "no_time")),
        ):
            with self.subTest(str(options)[:80]):
                self.assertIn(expected, self.faults(**options))

    @given(st.fixed_dictionaries({}, optional={name: ANYTHING for name in OPTIONS if name.endswith("_path")}))
    def test_whatever_is_written_there(self, options):
        self.assertIsInstance(list(faults(options, asks=True)), list)
