import json
from datetime import datetime

from odoo.tests import BaseCase, tagged

from odoo.addons.order_processing.connectors.base import ConnectorError, Settings, Trouble

from ..connector import SFExpress
from .bodies import CHECKWORD, as_xml, digest, pushed, route

AT = datetime(2026, 7, 3, 8, 30)
BOMB = """<?xml version="1.0"?>
<!DOCTYPE r [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Request><Body><WaybillRoute mailno="SF1" remark="&b;" opCode="50"/></Body></Request>"""
FILE = """<?xml version="1.0"?><!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname">]>
<Request><Body><WaybillRoute mailno="SF1" opCode="50"/>&f;</Body></Request>"""


def sf(secrets=None, **options):
    return SFExpress(
        Settings("https://sf.example", options), {"checkword": CHECKWORD} if secrets is None else secrets
    )


@tagged("post_install", "-at_install")
class TestBeingTold(BaseCase):
    """RoutePushService: as JSON, or as XML in a form."""

    MESSAGE = pushed("SF1", [route(AT, "50", "上门收件 <a&b>", "深圳"), route(AT, "80", "已签收", "苏州")])

    def test_the_same_as_json_and_as_xml(self):
        told = []
        for raw, form in (
            (json.dumps(self.MESSAGE, ensure_ascii=False).encode(), {}),
            (b"", {"content": as_xml(self.MESSAGE)}),
            (b"", {"msgData": json.dumps(self.MESSAGE)}),
            (b"\xef\xbb\xbf\n" + as_xml(self.MESSAGE).encode(), {}),
        ):
            (result,) = sf().parse_push(raw, form, {})
            self.assertEqual((result.number, result.is_full_history, len(result.scans)), ("SF1", False, 2))
            told.append(result)
        self.assertEqual(told, [told[0]] * 4)
        scan = told[0].scans[0]
        self.assertEqual((scan.at, scan.code, scan.text, scan.place), (AT, "50", "上门收件 <a&b>", "深圳"))
        self.assertTrue(scan.zone_assumed)

    def test_routes_of_several_parcels_and_one_alone(self):
        both = (
            pushed("SF1", [route(AT, "50")])["Body"]["WaybillRoute"]
            + pushed("SF2", [route(AT, "50")])["Body"]["WaybillRoute"]
        )
        results = sf().parse_push(json.dumps({"Body": {"WaybillRoute": both}}).encode(), {}, {})
        self.assertEqual([one.number for one in results], ["SF1", "SF2"])
        results = sf().parse_push(json.dumps({"Body": {"WaybillRoute": both[0]}}).encode(), {}, {})
        self.assertEqual([one.number for one in results], ["SF1"])

    def test_status_codes_are_taken_where_they_come_after_all(self):
        raw = json.dumps(pushed("SF1", [route(AT, "80", status="4/401")])).encode()
        self.assertEqual(sf().parse_push(raw, {}, {})[0].scans[0].code, "4/401")

    def test_told_of_the_locker_under_the_code_of_signed_it_is_signed(self):
        """Putting it in is told by 125; the same words under 80 are asked answers only."""
        raw = json.dumps(pushed("SF1", [route(AT, "80", "快件已放入自助柜")])).encode()
        self.assertEqual(sf().parse_push(raw, {}, {})[0].scans[0].status, "")

    def test_lost_is_told_by_the_reason(self):
        raw = json.dumps(pushed("SF1", [route(AT, "8000", reasonCode="6")])).encode()
        scan = sf().parse_push(raw, {}, {})[0].scans[0]
        self.assertEqual((scan.status, scan.substatus), ("exception", "lost"))

    def test_told_and_asked_it_is_the_same_scan(self):
        raw = json.dumps(pushed("SF1", [route(AT, "80", "已签收")])).encode()
        again = json.dumps(pushed("SF1", [route(AT, "80", "已签收 ", "苏州", "4/401")])).encode()
        ids = {sf().parse_push(one, {}, {})[0].scans[0].event_id for one in (raw, again)}
        self.assertEqual(len(ids), 1)
        for other in (
            route(AT, "44", "已签收"),
            route(AT.replace(minute=31), "80", "已签收"),
            route(AT, "80", "签收"),
        ):
            ids.add(sf().parse_push(json.dumps(pushed("SF1", [other])).encode(), {}, {})[0].scans[0].event_id)
        self.assertEqual(len(ids), 4)

    def test_a_message_that_is_none(self):
        empty = {"Body": {"WaybillRoute": []}}
        nobody = pushed("", [route(AT, "50")])
        for raw in (
            b"",
            b"{}",
            b"null",
            b"<",
            b"<a/>",
            b"<a>",
            json.dumps(empty).encode(),
            json.dumps(nobody).encode(),
        ):
            with self.subTest(raw), self.assertRaises(ConnectorError) as caught:
                sf().parse_push(raw, {}, {})
            self.assertEqual(caught.exception.trouble, Trouble.MALFORMED)

    def test_xml_cannot_fill_our_memory_or_read_our_files(self):
        for xml in (BOMB, FILE):
            for raw in (xml.encode(), xml.replace("1.0", '1.0" encoding="UTF-16', 1).encode("utf-16")):
                with self.subTest(raw), self.assertRaises(ConnectorError) as caught:
                    sf().parse_push(raw, {}, {})
                self.assertEqual(caught.exception.trouble, Trouble.MALFORMED)

    def test_xml_that_says_another_charset_is_read_as_utf_8(self):
        xml = as_xml(self.MESSAGE).replace("UTF-8", "GBK")
        self.assertEqual(sf().parse_push(b"", {"content": xml}, {})[0].scans[0].place, "深圳")


@tagged("post_install", "-at_install")
class TestSignature(BaseCase):
    """Nothing says that SF signs its news; where an account says so, they have to be."""

    RAW = json.dumps(pushed("SF1", [route(AT, "50", "上门收件 a~b*c d")]), ensure_ascii=False).encode()

    def test_without_the_switch_the_address_is_all_that_is_secret(self):
        self.assertFalse(sf().signs_pushes)
        self.assertTrue(sf().verify({}, self.RAW, {}))

    def test_over_the_body_with_its_header(self):
        connector = sf(signs_pushes=True)
        self.assertTrue(connector.signs_pushes)
        good = digest(self.RAW.decode())
        self.assertTrue(connector.verify({"msgdigest": good}, self.RAW, {}))
        stamped = {"msgdigest": digest(self.RAW.decode(), "17"), "timestamp": "17"}
        self.assertTrue(connector.verify(stamped, self.RAW, {}))
        self.assertFalse(connector.verify({**stamped, "timestamp": "18"}, self.RAW, {}))
        for place in range(len(self.RAW)):
            flipped = bytearray(self.RAW)
            flipped[place] ^= 1
            self.assertFalse(connector.verify({"msgdigest": good}, bytes(flipped), {}))
        for headers in ({}, {"msgdigest": ""}, {"msgdigest": good.lower()}):
            self.assertFalse(connector.verify(headers, self.RAW, {}))

    def test_over_a_field_of_the_form(self):
        data = self.RAW.decode()
        for field in ("msgData", "content"):
            form = {field: data, "timestamp": "17", "msgDigest": digest(data, "17")}
            self.assertTrue(sf(signs_pushes=True).verify({}, b"", form))
            self.assertFalse(sf(signs_pushes=True).verify({}, b"", {**form, field: data + " "}))
        # What is read is what was signed.
        form = {
            "msgData": data,
            "msgDigest": digest(data),
            "content": as_xml(pushed("EVIL", [route(AT, "80")])),
        }
        self.assertTrue(sf(signs_pushes=True).verify({}, b"", form))
        self.assertEqual(sf().parse_push(b"", form, {})[0].number, "SF1")

    def test_signed_without_url_encoding_where_questions_are(self):
        connector = sf(signs_pushes=True, login="plain")
        self.assertTrue(
            connector.verify({"msgdigest": digest(self.RAW.decode(), encoded=False)}, self.RAW, {})
        )
        self.assertFalse(connector.verify({"msgdigest": digest(self.RAW.decode())}, self.RAW, {}))

    def test_without_a_check_word_nothing_is_signed(self):
        signed = {"msgdigest": digest(self.RAW.decode(), checkword="")}
        self.assertFalse(sf({}, signs_pushes=True).verify(signed, self.RAW, {}))

    def test_what_it_wants_to_hear_to_the_byte(self):
        connector = sf()
        self.assertEqual(
            connector.ack(), (200, '{"return_code":"0000","return_msg":"成功"}'.encode(), "application/json")
        )
        self.assertEqual(
            connector.ack(ok=False),
            (503, '{"return_code":"1000","return_msg":"系统异常"}'.encode(), "application/json"),
        )
        connector.verify({}, b"", {"content": as_xml(pushed("SF1", [route(AT, "50")]))})
        self.assertEqual(
            connector.ack(),
            (
                200,
                b'<Response service="RoutePushService"><Head>OK</Head></Response>',
                "application/xml;charset=UTF-8",
            ),
        )
        self.assertEqual(connector.ack(ok=False).status, 503)
        self.assertIn(b"<Head>ERR</Head>", connector.ack(ok=False).body)
