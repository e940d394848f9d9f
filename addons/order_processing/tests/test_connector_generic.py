import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..connectors import _moments
from ..connectors import _template as template
from ..connectors._generic_options import OPTIONS, faults
from ..connectors.base import ConnectorError, Item, Response, Settings, Trouble
from ..connectors.generic import Generic
from ..models.order_tracking_generic import OrderTrackingProvider as Account

NOW = datetime(2026, 3, 3, 12)
SECRETS = {"user": "lamps", "key": "k€y", "push_secret": "shared", "token": "t0ken"}
SWIFT = {
    "ask_path": "v1/parcels/{number}?carrier={carrier}",
    "parcels_path": "data.parcels[]",
    "number_path": "number",
    "code_path": "state",
    "eta_path": "expected",
    "scans_path": "events[]",
    "scan_code_path": "code",
    "scan_time_path": "time",
    "scan_text_path": "words.en",
    "scan_place_path": "place",
    "error_path": "error.code",
    "failure_path": "code",
    "rejected_path": "data.rejected[]",
    "errors": "E1 = not_found\nE2 = rate\n* = retry_later",
    "time_zone": "Asia/Shanghai",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["data", "parcels", "rejected", "number", "events", "code", "time", "words", "en", "error"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=15,
)


def swift(**options):
    return Generic(Settings("https://api.example.com/", {**SWIFT, **options}, now=NOW), SECRETS)


def answer(data, status=200):
    return Response(status, {}, data if isinstance(data, bytes) else json.dumps(data).encode())


@tagged("post_install", "-at_install")
class TestGenericQuestions(BaseCase):
    """What is sent follows from the records, and no value can become anything but a value."""

    def request(self, *items, **options):
        return list(swift(**options).build_requests(items))

    def test_one_call_for_each_parcel(self):
        first, second = self.request(Item(1, "A 1/..", "swift"), Item(2, "B2"))
        self.assertEqual(first.url, "https://api.example.com/v1/parcels/A%201%2F..?carrier=swift")
        self.assertEqual(second.items, (Item(2, "B2"),))

    def test_one_call_for_several(self):
        items = [Item(key, f"N{key}") for key in range(150)]
        first, second = self.request(
            *items, ask_path="v1", ask_body='{"of": "{numbers}", "by": "us: {user}"}'
        )
        body = json.loads(first.body)
        self.assertEqual((len(body["of"]), len(second.items)), (100, 50))
        self.assertEqual(body["by"], "us: lamps")
        (request,) = self.request(*items[:2], ask_path="v1?n={numbers}")
        self.assertEqual(request.url, "https://api.example.com/v1?n=N0%2CN1")

    def test_a_list_of_what_each_parcel_is(self):
        options = {
            "ask_path": "v1",
            "ask_body": '{"list": "{items}"}',
            "ask_item": '{"no": "{number}", "zip": "{postcode}"}',
        }
        (request,) = self.request(Item(1, "A"), Item(2, 'B", "x": "', postcode="1"), **options)
        self.assertEqual(
            json.loads(request.body)["list"], [{"no": "A", "zip": ""}, {"no": 'B", "x": "', "zip": "1"}]
        )

    def test_a_form(self):
        options = {"ask_body": '{"no": "{number}", "param": {"a": 1}}', "ask_form": True}
        (request,) = self.request(Item(1, "A&b=c"), **options)
        self.assertEqual(request.body, b"no=A%26b%3Dc&param=%7B%22a%22%3A%201%7D")

    def test_who_we_are(self):
        basic = f"Basic {base64.b64encode('lamps:k€y'.encode()).decode()}"
        for auth, name, value in (
            ("header", "X-Api-Key", "ky"),
            ("basic", "Authorization", basic),
            ("bearer", "Authorization", "Bearer ky"),
            ("oauth2", "Authorization", "Bearer t0ken"),
        ):
            (request,) = self.request(Item(1, "A"), auth=auth)
            self.assertEqual(request.headers[name], value)

    def test_a_header_stays_one_header(self):
        (request,) = self.request(Item(1, "A\r\nX-Evil: 1"), ask_headers="X-Number: {number}")
        self.assertEqual(request.headers["X-Number"], "AX-Evil: 1")

    def test_tokens(self):
        connector = swift(auth="oauth2", token_path="oauth/token", token_scope="track")  # noqa: S106
        request = connector.token_request()
        self.assertEqual(request.body, b"grant_type=client_credentials&scope=track")
        token = connector.read_token(answer({"access_token": "new", "expires_in": "120"}))
        self.assertEqual(token, ("new", timedelta(seconds=120)))
        self.assertIsNone(swift().token_request())

    @given(st.text(), st.text())
    def test_values_stay_where_they_are_put(self, number, user):
        values = {"number": number, "user": user}
        written = json.loads(json.dumps(template.filled_json({"a": "x{number}y", "b": ["{user}"]}, values)))
        self.assertEqual(written, {"a": f"x{number}y", "b": [user]})


@tagged("post_install", "-at_install")
class TestGenericAnswers(BaseCase):
    """Where things stand in the answer, the records say; whatever comes, it is read or refused."""

    def parse(self, data, *numbers, status=200, **options):
        items = tuple(Item(key, number) for key, number in enumerate(numbers or ("A",), 1))
        connector = swift(**options)
        (request,) = swift(ask_path="{numbers}").build_requests(items)
        return connector.parse(answer(data, status), request)

    def test_scans_with_times_of_their_zone(self):
        event = {"code": "TR", "time": "2026-03-03 09:00:00", "words": {"en": "Left depot"}, "place": "上海"}
        parcels = [{"number": "A", "state": "moving", "expected": "2026-03-05T10:00:00Z", "events": [event]}]
        (result,) = self.parse({"data": {"parcels": parcels}, "code": 0})
        (scan,) = result.scans
        self.assertEqual((scan.at, scan.zone_assumed), (datetime(2026, 3, 3, 1), True))
        self.assertEqual((scan.code, scan.text, scan.place), ("TR", "Left depot", "上海"))
        self.assertEqual((result.code, result.eta), ("moving", datetime(2026, 3, 5, 10)))

    def test_forms_of_times(self):
        for written, form, expected in (
            ("1772528400", "", datetime(2026, 3, 3, 9)),
            ("1772528400123", "", datetime(2026, 3, 3, 9)),
            ("2026-03-03T09:00:00+01:00", "", datetime(2026, 3, 3, 8)),
            ("03.03.2026 09:00", "%d.%m.%Y %H:%M", datetime(2026, 3, 3, 9)),
            ("yesterday", "", None),
            ("", "", None),
        ):
            self.assertEqual(_moments.moment(written, form)[0], expected, written)

    def test_what_is_refused_is_said_of_which(self):
        data = {
            "parcels": [{"number": "A", "error": {"code": "E1"}}, {"number": "B"}],
            "rejected": [{"number": "C", "error": {"code": "E9"}}],
        }
        results = self.parse({"data": data}, "A", "B", "C")
        self.assertEqual(
            [(one.number, one.trouble) for one in results],
            [("A", Trouble.NOT_FOUND), ("B", None), ("C", Trouble.RETRY_LATER)],
        )

    def test_a_failure_of_all(self):
        with self.assertRaises(ConnectorError) as caught:
            self.parse({"code": "E2"})
        self.assertEqual(caught.exception.trouble, Trouble.RATE)

    def test_what_is_no_json(self):
        for body in (b"<html>busy</html>", b'{"data": {"par', b"\xff\xfe\x00", b"[" * 100_000, b""):
            with self.subTest(body[:20]), self.assertRaises(ConnectorError) as caught:
                self.parse(body)
            self.assertEqual(caught.exception.trouble, Trouble.MALFORMED)

    def test_not_found_is_of_the_one(self):
        (result,) = self.parse(b"nothing", status=404)
        self.assertEqual(result.trouble, Trouble.NOT_FOUND)

    def test_an_answer_without_number_is_of_the_one_asked_for(self):
        (result,) = self.parse({"state": "moving"}, number_path="", parcels_path="")
        self.assertEqual((result.key, result.code), (1, "moving"))
        self.assertEqual(self.parse({"state": "moving"}, "A", "B", number_path="", parcels_path=""), [])

    @given(JSON)
    def test_whatever_comes_is_read_or_refused(self, data):
        for parse in (self.parse, self.parse_pushed):
            try:
                results = parse(data)
            except ConnectorError:
                continue
            for result in results:
                self.assertTrue(result.number)
                json.dumps([scan._replace(at=None) for scan in result.scans])

    def parse_pushed(self, data):
        return swift().parse_push(answer(data).body, {}, {})

    @given(st.binary())
    def test_whatever_bytes_come(self, body):
        for parse in (self.parse, lambda raw: swift().parse_push(raw, {}, {})):
            try:
                parse(body)
            except ConnectorError as error:
                self.assertIn(error.trouble, (Trouble.MALFORMED, Trouble.RETRY_LATER))


@tagged("post_install", "-at_install")
class TestGenericPushes(BaseCase):
    """A message counts only if it is signed by the secret we share, to the byte."""

    BODY = b'{"data": {"parcels": [{"number": "A"}]}}'

    def test_the_ways_carriers_sign(self):
        hexed = hmac.new(b"shared", self.BODY, "sha256").hexdigest()
        based = base64.b64encode(hmac.new(b"shared", self.BODY, "sha1").digest()).decode()
        summed = hashlib.sha256(self.BODY + b"/shared").hexdigest()
        stamped = hmac.new(b"shared", b"1772539200." + self.BODY, "sha256").hexdigest()
        for signature, more, options in (
            (f"sha256={hexed}", {}, {"sign_with": "hmac-sha256", "sign_prefix": "sha256="}),
            (hexed.upper(), {}, {"sign_with": "hmac-sha256"}),
            (based, {}, {"sign_with": "hmac-sha1", "sign_encoding": "base64"}),
            (summed, {}, {"sign_with": "sha256", "sign_text": "{body}/{secret}"}),
            (
                stamped,
                {"x-time": "1772539200"},
                {"sign_with": "hmac-sha256", "sign_text": "{timestamp}.{body}", "timestamp_header": "X-Time"},
            ),
        ):
            connector = swift(sign_header="X-Signature", **options)
            headers = {"x-signature": signature, **more}
            with self.subTest(options):
                self.assertTrue(connector.signs_pushes)
                self.assertTrue(connector.verify(headers, self.BODY, {}))
                for place in range(0, len(self.BODY), 7):
                    flipped = bytearray(self.BODY)
                    flipped[place] ^= 1
                    self.assertFalse(connector.verify(headers, bytes(flipped), {}))
                for name in headers:
                    rest = {key: value for key, value in headers.items() if key != name}
                    self.assertFalse(connector.verify(rest, self.BODY, {}))

    def test_an_old_message_is_none(self):
        stamp = "1772530000"
        signature = hmac.new(b"shared", stamp.encode() + self.BODY, "sha256").hexdigest()
        connector = swift(
            sign_with="hmac-sha256",
            sign_header="X-S",
            sign_text="{timestamp}{body}",
            timestamp_header="X-Time",
        )
        self.assertFalse(connector.verify({"x-s": signature, "x-time": stamp}, self.BODY, {}))

    def test_a_body_that_looks_like_a_template_is_a_body(self):
        body = b"{secret}"
        signature = hmac.new(b"shared", body, "sha256").hexdigest()
        connector = swift(sign_with="hmac-sha256", sign_header="X-S")
        self.assertTrue(connector.verify({"x-s": signature}, body, {}))

    def test_without_a_secret_nothing_is_signed(self):
        options = {**SWIFT, "sign_with": "hmac-sha256", "sign_header": "X-S"}
        connector = Generic(Settings("", options), {})
        signature = hmac.new(b"", self.BODY, "sha256").hexdigest()
        self.assertFalse(connector.verify({"x-s": signature}, self.BODY, {}))

    def test_a_form(self):
        text = self.BODY.decode()
        options = {
            "push_field": "param",
            "sign_field": "sign",
            "sign_with": "md5",
            "sign_text": "{body}{secret}",
        }
        connector = swift(**options)
        form = {"param": text, "sign": hashlib.md5(self.BODY + b"shared").hexdigest()}  # noqa: S324
        self.assertTrue(connector.verify({}, b"", form))
        self.assertFalse(connector.verify({}, b"", {**form, "param": text + " "}))
        self.assertEqual(connector.parse_push(b"", form, {})[0].number, "A")

    def test_what_we_answer(self):
        self.assertEqual(
            swift(ack_body='{"result":true}').ack(), (200, b'{"result":true}', "application/json")
        )
        self.assertEqual(swift().ack(ok=False).status, 503)


@tagged("post_install", "-at_install")
class TestGenericOptions(BaseCase):
    def test_what_is_wrong_is_named(self):
        for option, value, code in (
            ("ask_path", "", "missing"),
            ("ask_path", "x/{nummer}", "name"),
            ("ask_body", "{", "json"),
            ("scans_path", "a[b]", "path"),
            ("time_zone", "Mars/Base", "zone"),
            ("ask_headers", "no colon", "line"),
            ("errors", "E1 = strange", "trouble"),
        ):
            found = [(one.option, one.code) for one in faults({**SWIFT, option: value}, asks=True)]
            self.assertEqual(found, [(option, code)], value)
        self.assertEqual(list(faults(SWIFT, asks=True)), [])
        options = {"sign_with": "sha256", "sign_header": "X", "sign_text": "{body}"}
        self.assertEqual([one.code for one in faults(options, asks=False)], ["no_secret"])

    def test_every_option_has_a_field(self):
        missing = [name for name in OPTIONS if not hasattr(Account, f"generic_{name}")]
        self.assertEqual(missing, [])
