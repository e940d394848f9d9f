import json
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

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

from ..connector import Kuaidi100
from .bodies import answer, message, refusal, scan
from .test_kuaidi100_replay import md5

AT = datetime(2026, 7, 3, 2, 30)
ITEM = Item(7, "YT1234567890", "yuantong")
SALT = "salt-of-nobody"
STATES = {
    "0": "in_transit",
    "1": "picked_up",
    "2": "exception",
    "3": "delivered",
    "4": "returned",
    "5": "out_for_delivery",
    "6": "returning",
    "7": "in_transit",
    "8": "in_transit",
    "10": "in_transit",
    "11": "in_transit",
    "12": "in_transit",
    "13": "exception",
    "14": "returned",
}
SUB_STATES = {
    **dict.fromkeys(("1001", "1002", "1003"), "in_transit"),
    **dict.fromkeys(("101", "102"), "info_received"),
    "103": "picked_up",
    **dict.fromkeys(("201", "202", "203", "205", "207", "208", "209"), "exception"),
    **dict.fromkeys(("204", "206"), "attempt_failed"),
    "210": "cancelled",
    **dict.fromkeys(("301", "302", "303", "304"), "delivered"),
    "401": "cancelled",
    "501": "available_for_pickup",
}
ASKED = {
    ("400", "参数错误"): Trouble.BAD_NUMBER,
    ("400", "余额不足"): Trouble.QUOTA,
    ("408", "快递公司参数异常：验证码错误"): Trouble.NEED_PHONE,
    ("500", "查询无结果，请隔段时间再查"): Trouble.NOT_FOUND,
    ("501", "服务器错误"): Trouble.RETRY_LATER,
    ("502", "服务器繁忙"): Trouble.RETRY_LATER,
    ("503", "验证签名失败"): Trouble.AUTH,
    ("504", "请求过于频繁"): Trouble.RATE,
    ("601", "POLL:KEY已过期"): Trouble.QUOTA,
    ("999", "?"): Trouble.RETRY_LATER,
}
ANNOUNCED = {
    ("500", "服务器错误"): Trouble.RETRY_LATER,
    ("501", "重复订阅"): Trouble.ALREADY_REGISTERED,
    ("600", "您不是合法的订阅者"): Trouble.AUTH,
    ("601", "POLL:KEY已过期"): Trouble.AUTH,
    ("601", "余额不足"): Trouble.QUOTA,
    ("700", "订阅方的订阅数据存在错误"): Trouble.BAD_NUMBER,
    ("701", "拒绝订阅的快递公司"): Trouble.BAD_NUMBER,
    ("702", "识别不到该单号对应的快递公司"): Trouble.BAD_NUMBER,
}


class Case(BaseCase):
    def setUp(self):
        super().setUp()
        self.connector = self.made()

    def made(self, **options):
        settings = Settings("https://k.example", options, "https://our.example/push/1/x")
        return Kuaidi100(settings, {"key": "KEY", "customer": "CUSTOMER", "salt": SALT})

    def told(self, body, item=ITEM, connector=None):
        request = Request("POST", "https://k.example/poll/query.do", (item,))
        return (connector or self.connector).parse(Response(200, {}, json.dumps(body).encode()), request)

    def one(self, *scans, state="0", connector=None, **more):
        (result,) = self.told(answer(ITEM.number, list(scans), state, **more), connector=connector)
        return result

    def trouble_of(self, read, body):
        """Return the trouble, of the parcel or of the call."""
        try:
            (result,) = read(body)
        except ConnectorError as error:
            return error.trouble
        return result.trouble


@tagged("post_install", "-at_install")
class TestAsking(Case):
    """What is asked, and what answers mean."""

    def test_the_limits_of_an_account_and_of_a_number(self):
        kind = type(self.connector)
        limits = (kind.batch, kind.per_second, kind.per_day, kind.pause)
        self.assertEqual(limits, (1, None, None, timedelta(minutes=60)))

    def test_what_is_signed_is_what_is_sent(self):
        (request,) = self.connector.build_requests([ITEM._replace(phone="8613812345678")])
        self.assertEqual(request.url, "https://k.example/poll/query.do")
        form = dict(parse_qsl(request.body.decode()))
        self.assertEqual(form["sign"], md5(form["param"] + "KEY" + "CUSTOMER"))
        asked = {"com": "yuantong", "num": "YT1234567890", "phone": "5678", "show": "0", "order": "desc"}
        self.assertEqual(json.loads(form["param"]), {**asked, "resultv2": "4"})
        # printf '%s' '{"com":"yuantong","num":"YT1"}KEYCUSTOMER' | md5sum
        self.assertEqual(md5('{"com":"yuantong","num":"YT1"}KEYCUSTOMER'), "AA5AC7CF80BF52055CC76428BD5E83FB")

    def test_times_are_clocks_in_china(self):
        result = self.one(scan(AT, "1002", "到达", place="陕西,西安市,灞桥区"))
        (seen,) = result.scans
        self.assertEqual((seen.at, seen.raw_time, seen.zone_assumed), (AT, "2026-07-03 10:30:00", True))
        self.assertEqual((seen.code, seen.place), ("1002", "陕西,西安市,灞桥区"))

    def test_each_documented_error_of_a_question(self):
        for (code, words), trouble in ASKED.items():
            with self.subTest(code):
                self.assertEqual(self.trouble_of(self.told, refusal(code, words)), trouble)

    def test_each_documented_error_of_an_announcement(self):
        (request,) = self.connector.subscribe([ITEM])

        def read(body):
            return self.connector.parse_subscription(Response(200, {}, json.dumps(body).encode()), request)

        for (code, words), trouble in ANNOUNCED.items():
            with self.subTest(code + words):
                self.assertEqual(self.trouble_of(read, refusal(code, words)), trouble)
        self.assertIsNone(self.trouble_of(read, {"result": True, "returnCode": "200", "message": "提交成功"}))

    def test_when_it_is_to_arrive(self):
        result = self.one(scan(AT, "1002"), arrivalTime="2026-07-05 18", connector=self.made(resultv2="8"))
        self.assertEqual(result.eta, datetime(2026, 7, 5, 10))

    def test_an_answer_without_anything(self):
        for body in ({}, {"message": "ok"}, {"status": "", "data": []}):
            with self.subTest(body), self.assertRaises(ConnectorError):
                self.told(body)

    def test_couriers_and_their_phones_are_not_shown_to_customers(self):
        for text in (
            "您的快件正在派送中，请您准备签收（快递员：张某，联系电话：13800001111）。",
            "【北京】的张某（13800001111）正在第1次派件, 电话:13800001111, 请保持电话畅通",
            "快件已由张某派件，电话13800001111",
        ):
            with self.subTest(text):
                self.assertNotIn("13800001111", masked(text))
        self.assertNotIn("张某", masked("请您准备签收（快递员：张某，联系电话：13800001111）"))


@tagged("post_install", "-at_install")
class TestBeingTold(Case):
    """Pushed messages are forms; the field is signed as it came."""

    def push(self, told):
        return self.connector.parse_push(b"", {"param": json.dumps(told, ensure_ascii=False)}, {})

    def test_signed_by_salt_before_anything_is_read(self):
        # printf '%s' '{"status":"polling","说":"中文 ~"}salt-of-nobody' | md5sum
        form = {
            "param": '{"status":"polling","说":"中文 ~"}',
            "sign": "65D5F75B02C32E68D9FA967784B22D86",
        }
        self.assertTrue(self.connector.verify({}, b"", form))
        self.assertTrue(self.connector.verify({}, b"", {**form, "sign": form["sign"].lower()}))
        self.assertFalse(self.connector.verify({}, b"", {**form, "param": form["param"].replace(":", ": ")}))
        for place in range(len(form["param"])):
            flipped = form["param"][:place] + chr(ord(form["param"][place]) ^ 1) + form["param"][place + 1 :]
            self.assertFalse(self.connector.verify({}, b"", {**form, "param": flipped}))
        for sign in ("", "0" * 32):
            self.assertFalse(self.connector.verify({}, b"", {**form, "sign": sign}))
        nobody = Kuaidi100(self.connector.settings, {})
        self.assertFalse(nobody.verify({}, b"", {**form, "sign": md5(form["param"])}))

    def test_both_legs_of_a_parcel_from_abroad_are_one_history(self):
        here = answer("YT1", [scan(AT, "1002")])
        abroad = answer("YT1", [scan(AT + timedelta(days=3), "301")], "3", com="usps")
        (result,) = self.push(message(here, destResult=abroad))
        self.assertEqual([one.code for one in result.scans], ["1002", "301"])

    def test_the_words_it_wants_to_hear(self):
        self.assertEqual(
            json.loads(self.connector.ack().body), {"result": True, "returnCode": "200", "message": "成功"}
        )
        again = self.connector.ack(ok=False)
        self.assertEqual((again.status, json.loads(again.body)["result"]), (503, False))

    def test_what_cannot_be_read(self):
        for form in ({}, {"param": ""}, {"param": "[]"}, {"param": '{"status": "polling"}'}):
            with self.subTest(form), self.assertRaises(ConnectorError):
                self.connector.parse_push(b"", form, {})


@tagged("post_install", "-at_install")
class TestCodes(TransactionCase):
    """Each state and sub-state the documentation lists has a meaning as delivered."""

    def test_each_documented_code(self):
        provider = self.env["order.tracking.provider"].create({"name": "K", "kind": "kuaidi100"})
        lookup = self.env["order.tracking.status.map"]._meanings(provider)
        for code, status in {**STATES, **SUB_STATES}.items():
            with self.subTest(code):
                self.assertEqual(lookup(code)[0], status)
        self.assertEqual(lookup("abort"), ("expired", "no_news"))
        self.assertIsNone(lookup("9"))

    def test_carriers_that_want_the_phone_number_say_so(self):
        carriers = self.env["order.tracking.carrier"].search([("kind", "=", "kuaidi100")])
        self.assertGreater(len(carriers), 40)
        wanting = set(carriers.filtered("needs_phone").mapped("code"))
        self.assertLessEqual({"shunfeng", "shunfengkuaiyun", "zhongtong"}, wanting)
