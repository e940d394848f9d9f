import base64
import hashlib
import hmac
import json
from datetime import datetime

from odoo.tests import BaseCase, tagged

from ..connectors._generic_options import faults
from ..connectors.base import ConnectorError, Item, Response, Settings, Trouble
from ..connectors.generic import Generic

NOW = datetime(2026, 3, 2, 16)
# As their guides describe them; nothing of it was ever sent to them.
SEVENTEEN = {
    "ask_method": "POST",
    "ask_path": "https://api.17track.net/track/v2.4/gettrackinfo",
    "ask_body": '"{items}"',
    "ask_item": '{"number": "{number}", "carrier": "{carrier:int}"}',
    "auth": "header",
    "auth_header": "17token",
    "failure_path": "code",
    "parcels_path": "data.accepted",
    "rejected_path": "data.rejected",
    "number_path": "number",
    "code_path": "track_info.latest_status.sub_status | track_info.latest_status.status",
    "eta_path": "track_info.time_metrics.estimated_delivery_date.to",
    "scans_path": "track_info.tracking.providers[].events[]",
    "scan_time_path": "time_utc | time_iso | time_raw.date + time_raw.time",
    "scan_code_path": "sub_status | stage",
    "scan_text_path": "description",
    "scan_place_path": "location",
    "error_path": "error.code",
    "error_text_path": "error.message",
    "errors": "-18010002 = auth\n-18019909 = not_found\n-18019902 = not_registered\n-18010020 = need_phone",
    "push_parcels_path": "data",
    "push_all": True,
    "sign_with": "sha256",
    "sign_header": "sign",
    "sign_text": "{body}/{secret}",
    "subscribe_path": "https://api.17track.net/track/v2.4/register",
    "subscribe_body": '"{items}"',
}
DHL = {
    "ask_path": "https://api-eu.dhl.com/track/shipments?trackingNumber={number}",
    "auth": "header",
    "auth_header": "DHL-API-Key",
    "parcels_path": "shipments[]",
    "number_path": "id",
    "code_path": "status.statusCode",
    "code_at_path": "status.timestamp",
    "eta_path": "estimatedTimeOfDelivery",
    "scans_path": "events[]",
    "scan_time_path": "timestamp",
    "scan_code_path": "statusCode",
    "scan_text_path": "description | status",
    "scan_place_path": "location.address.addressLocality",
}
SF = {
    "ask_path": "https://sf.example/std/service?n={number}",
    "failure_path": "apiResultData.@json.errorCode | apiResultCode",
    "fine": "S0000, A1000",
    "errors": "A1006 = auth\nA1005 = rate",
    "parcels_path": "apiResultData.@json.msgData.routeResps[]",
    "number_path": "mailNo",
    "scans_path": "routes[]",
    "scan_time_path": "acceptTime",
    "scan_code_path": "firstStatusCode | opCode | opcode",
    "scan_text_path": "remark",
    "scan_place_path": "acceptAddress",
    "time_zone": "Asia/Shanghai",
}
AFTERSHIP = {
    "parcels_path": "msg",
    "number_path": "tracking_number",
    "carrier_path": "slug",
    "code_path": "subtag | tag",
    "eta_path": "expected_delivery",
    "scans_path": "checkpoints",
    "scan_time_path": "checkpoint_time",
    "scan_code_path": "subtag",
    "scan_text_path": "message",
    "sign_with": "hmac-sha256",
    "sign_header": "aftership-hmac-sha256",
    "sign_encoding": "base64",
}


def account(options):
    secrets = {"key": "k1", "push_secret": "s1"}
    return Generic(Settings("", options, "https://us.example/push", NOW), secrets)


def answered(options, data, *items):
    connector = account(options)
    (request,) = connector.build_requests(items)
    return connector.parse(Response(200, {}, json.dumps(data).encode()), request)


@tagged("post_install", "-at_install")
class TestKnownCarriersByRecords(BaseCase):
    """What well-known providers look like can be entered; it takes no addon."""

    def test_nothing_is_wrong_with_them(self):
        for options in (SEVENTEEN, DHL, SF):
            self.assertEqual(list(faults(options, asks=True)), [])
        self.assertEqual(list(faults(AFTERSHIP, asks=False)), [])

    def test_17track(self):
        items = Item(1, "RR1CN", "3011"), Item(2, "RR2CN")
        (request,) = account(SEVENTEEN).build_requests(items)
        self.assertEqual(
            json.loads(request.body), [{"number": "RR1CN", "carrier": 3011}, {"number": "RR2CN"}]
        )
        self.assertEqual(request.headers["17token"], "k1")
        event = {"time_utc": None, "time_iso": None, "description": "Sorted", "sub_status": "InTransit_Other"}
        raw = {"date": "2026-03-01", "time": "10:00:00", "timezone": None}
        info = {
            "latest_status": {"status": "InTransit", "sub_status": "InTransit_Departure"},
            "tracking": {"providers": [{"events": [{**event, "time_raw": raw}]}, {"events": [event]}]},
        }
        rejected = {"number": "RR2CN", "error": {"code": -18019909, "message": "No tracking info yet"}}
        data = {"accepted": [{"number": "RR1CN", "track_info": info}], "rejected": [rejected]}
        first, second = answered(SEVENTEEN, {"code": 0, "data": data}, *items)
        self.assertEqual((first.code, len(first.scans)), ("InTransit_Departure", 2))
        self.assertEqual((first.scans[0].at, first.scans[0].zone_assumed), (datetime(2026, 3, 1, 10), True))
        self.assertEqual(second.trouble, Trouble.NOT_FOUND)

    def test_17track_tells_us(self):
        raw = json.dumps(
            {"event": "TRACKING_UPDATED", "data": {"number": "RR1CN", "track_info": None}}
        ).encode()
        connector = account(SEVENTEEN)
        self.assertTrue(connector.verify({"sign": hashlib.sha256(raw + b"/s1").hexdigest()}, raw, {}))
        self.assertFalse(connector.verify({"sign": hashlib.sha256(raw + b"/s2").hexdigest()}, raw, {}))
        (result,) = connector.parse_push(raw, {}, {})
        self.assertEqual((result.number, result.scans, result.is_full_history), ("RR1CN", (), True))

    def test_dhl(self):
        place = {"address": {"addressLocality": "Leipzig"}}
        event = {"timestamp": "2026-03-01T10:00:00+01:00", "statusCode": "transit", "status": "Sorted"}
        shipment = {
            "id": "JD1",
            "status": {"statusCode": "transit", "timestamp": "2026-03-01T10:00:00+01:00"},
            "events": [{**event, "location": place}],
        }
        (result,) = answered(DHL, {"shipments": [shipment]}, Item(1, "JD1"))
        self.assertEqual((result.key, result.code, result.code_at), (1, "transit", datetime(2026, 3, 1, 9)))
        self.assertEqual((result.scans[0].place, result.scans[0].text), ("Leipzig", "Sorted"))

    def test_json_within_json_and_two_envelopes(self):
        route = {
            "acceptTime": "2026-03-01 18:00:00",
            "opCode": "50",
            "remark": "已收取",
            "acceptAddress": "深圳",
        }
        inner = {"errorCode": "S0000", "msgData": {"routeResps": [{"mailNo": "SF1", "routes": [route]}]}}
        said = {"apiResultCode": "A1000", "apiResultData": json.dumps(inner, ensure_ascii=False)}
        (result,) = answered(SF, said, Item(1, "SF1"))
        self.assertEqual((result.scans[0].at, result.scans[0].code), (datetime(2026, 3, 1, 10), "50"))
        for said, trouble in (
            ({"apiResultCode": "A1006", "apiResultData": None}, Trouble.AUTH),
            ({"apiResultCode": "A1000", "apiResultData": '{"errorCode": "8003"}'}, Trouble.RETRY_LATER),
            ({"apiResultCode": "A1000", "apiResultData": "{"}, Trouble.MALFORMED),
        ):
            with self.subTest(said), self.assertRaises(ConnectorError) as caught:
                answered(SF, said, Item(1, "SF1"))
            self.assertEqual(caught.exception.trouble, trouble)

    def test_aftership_tells_us(self):
        point = {"checkpoint_time": "2026-03-01T10:00:00", "subtag": "InTransit_003", "message": "Arrived"}
        parcel = {"tracking_number": "A1", "slug": "ups", "tag": "InTransit", "checkpoints": [point]}
        raw = json.dumps({"event": "tracking_update", "msg": parcel}).encode()
        sign = base64.b64encode(hmac.new(b"s1", raw, "sha256").digest()).decode()
        connector = account(AFTERSHIP)
        self.assertTrue(connector.verify({"aftership-hmac-sha256": sign}, raw, {}))
        self.assertFalse(connector.verify({"aftership-hmac-sha256": sign.lower()}, raw, {}))
        (result,) = connector.parse_push(raw, {}, {})
        self.assertEqual(
            (result.carrier, result.code, result.scans[0].code), ("ups", "InTransit", "InTransit_003")
        )
