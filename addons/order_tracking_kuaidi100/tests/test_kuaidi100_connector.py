import json
from datetime import datetime, timedelta
from urllib.parse import parse_qs

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
from ..station import waits_there
from .bodies import SECRETS, STATION, form, md5, parcel, refusal, scan, told

AT = datetime(2026, 7, 3, 8, 30)
HOUR = timedelta(hours=1)
ITEM = Item(7, "73100012345678", "zhongtong", "8613812345678")
ASKED = {
    "400": Trouble.BAD_NUMBER,
    "408": Trouble.NEED_PHONE,
    "500": Trouble.NOT_FOUND,
    "501": Trouble.RETRY_LATER,
    "502": Trouble.RETRY_LATER,
    "503": Trouble.AUTH,
    "504": Trouble.RATE,
    "601": Trouble.QUOTA,
    "999": Trouble.RETRY_LATER,
}
SUBSCRIBED = {
    "500": Trouble.RETRY_LATER,
    "501": Trouble.ALREADY_REGISTERED,
    "600": Trouble.AUTH,
    "601": Trouble.AUTH,
    "700": Trouble.BAD_NUMBER,
    "701": Trouble.BAD_NUMBER,
    "702": Trouble.BAD_NUMBER,
    "999": Trouble.RETRY_LATER,
}
MEANINGS = {
    "info_received": "101 102",
    "picked_up": "1 103",
    "in_transit": "0 1001 1002 1003 7 8 10 11 12",
    "out_for_delivery": "5",
    "available_for_pickup": "501",
    "attempt_failed": "204 206",
    "delivered": "3 301 302 303 304",
    "exception": "2 13 201 202 203 205 207 208 209",
    "returning": "6",
    "returned": "4 14",
    "cancelled": "401 210",
    "expired": "abort",
}


class Case(BaseCase):
    def setUp(self):
        super().setUp()
        self.connector = self.account()

    @staticmethod
    def account(secrets=SECRETS, **options):
        options = {"resultv2": "4", "language": "", "station_delivers": False, **options}
        settings = Settings("https://c.example", options, "https://our.example/push/1/token", AT)
        return Kuaidi100(settings, secrets)

    @staticmethod
    def answer(body):
        return Response(200, {}, json.dumps(body, ensure_ascii=False).encode())

    def told_of(self, body, item=ITEM):
        (result,) = self.connector.parse(self.answer(body), Request("POST", "https://c.example", (item,)))
        return result

    def trouble_of(self, call):
        """Return the trouble of the parcel, or of the call."""
        try:
            return call().trouble
        except ConnectorError as error:
            return error.trouble

    def push(self, message, connector=None):
        (result,) = (connector or self.connector).parse_push(b"", form(message), {})
        return result


@tagged("post_install", "-at_install")
class TestAsking(Case):
    """What is asked, and what answers mean."""

    def fields_of(self, request):
        return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}

    def test_the_limits_of_an_account_and_of_a_number(self):
        kind = type(self.connector)
        limits = (kind.batch, kind.per_second, kind.per_day, kind.pause)
        self.assertEqual(limits, (1, None, None, timedelta(minutes=60)))

    def test_what_is_signed_is_what_is_sent(self):
        (request,) = self.connector.build_requests([ITEM])
        self.assertEqual((request.method, request.url), ("POST", "https://c.example/poll/query.do"))
        sent = self.fields_of(request)
        self.assertEqual(sent["customer"], "9C0FFEE")
        self.assertEqual(sent["sign"], md5(sent["param"] + "k3y-of-nobody" + "9C0FFEE"))
        # By another program: printf %s '<param>k3y-of-nobody9C0FFEE' | md5sum
        self.assertEqual(
            sent["param"],
            '{"com":"zhongtong","num":"73100012345678","phone":"5678","show":"0","resultv2":"4","order":"desc"}',
        )
        self.assertEqual(sent["sign"], "156DB8B3DB591BA57E8E68A66F61F7B2")

    def test_options_are_asked_for(self):
        (request,) = self.account(resultv2="8", language="en").build_requests([ITEM])
        param = json.loads(self.fields_of(request)["param"])
        self.assertEqual((param["resultv2"], param["lang"]), ("8", "en"))

    def test_a_carrier_corrected_there_is_asked_for_and_none_is_refused_by_us(self):
        (request,) = self.connector.build_requests([ITEM._replace(external_ref="yuantong")])
        self.assertEqual(json.loads(self.fields_of(request)["param"])["com"], "yuantong")
        with self.assertRaises(ConnectorError) as caught:
            list(self.connector.build_requests([ITEM._replace(carrier="")]))
        self.assertEqual(
            (caught.exception.trouble, caught.exception.message), (Trouble.BAD_NUMBER, "carrier_code")
        )

    def test_without_keys_nothing_is_asked(self):
        for missing in ("customer", "key"):
            secrets = {name: value for name, value in SECRETS.items() if name != missing}
            with self.assertRaises(ConnectorError) as caught:
                list(self.account(secrets).build_requests([ITEM]))
            self.assertEqual(caught.exception.message, "keys")

    def test_an_answer(self):
        seen = [scan(AT, "1002", "快件已发往西安", "陕西,西安市"), scan(AT - HOUR, "103", "已揽收")]
        result = self.told_of(parcel(ITEM.number, seen, "1002", arrivalTime="2026-07-05 19"))
        self.assertEqual((result.number, result.key, result.carrier), (ITEM.number, 7, "zhongtong"))
        self.assertEqual([one.code for one in result.scans], ["1002", "103"])
        first = result.scans[0]
        self.assertEqual((first.at, first.place, first.text), (AT, "陕西,西安市", "快件已发往西安"))
        self.assertTrue(first.zone_assumed)
        self.assertEqual(result.eta, datetime(2026, 7, 5, 11))
        for written in ("2026-07-05 19:00", "2026-07-05 19:00:00"):
            self.assertEqual(
                self.told_of(parcel("", seen, arrivalTime=written)).eta, datetime(2026, 7, 5, 11)
            )

    def test_another_number_is_not_taken_for_ours(self):
        result = self.told_of(parcel("75555555555555", [scan(AT)]))
        self.assertEqual((result.number, result.key), ("75555555555555", None))
        self.assertEqual(self.told_of(parcel("", [scan(AT)])).key, 7)

    def test_a_scan_without_a_code_is_what_its_word_means(self):
        result = self.told_of(parcel(ITEM.number, [scan(AT, None, status="派件")]))
        self.assertEqual(result.scans[0].code, "派件")

    def test_each_documented_error(self):
        for code, trouble in ASKED.items():
            with self.subTest(code):
                self.assertEqual(
                    self.trouble_of(lambda code=code: self.told_of(refusal(code, "原因"))), trouble
                )
        result = self.told_of(refusal("500"))
        self.assertEqual((result.key, result.message), (7, "500: 查询无结果，请隔段时间再查"))

    def test_no_credit_is_told_by_words(self):
        self.assertEqual(self.trouble_of(lambda: self.told_of(refusal("400", "账号余额不足"))), Trouble.QUOTA)

    def test_a_locked_number_does_not_stop_the_account(self):
        result = self.told_of(refusal("504", "该单号查询过于频繁，已锁定"))
        self.assertEqual((result.trouble, result.retry_after), (Trouble.RETRY_LATER, timedelta(days=1)))

    def test_what_says_nothing_cannot_be_read(self):
        for body in ({}, [], None, {"data": []}, {"message": "ok"}):
            with self.subTest(body):
                self.assertEqual(self.trouble_of(lambda body=body: self.told_of(body)), Trouble.MALFORMED)

    def test_the_test_of_the_connection(self):
        request = self.connector.test_request()
        self.assertEqual(json.loads(self.fields_of(request)["param"])["num"], "YT2607030830000")
        for body, trouble in (
            (refusal("500"), None),
            (parcel("YT1", []), None),
            (refusal("503"), Trouble.AUTH),
            (refusal("601"), Trouble.QUOTA),
            (refusal("400", "参数错误"), Trouble.BAD_REQUEST),
        ):
            with self.subTest(body):
                self.assertEqual(self.connector.read_test(self.answer(body))[0], trouble)

    def test_couriers_and_their_phones_are_not_shown_to_customers(self):
        for text in (
            "您的快件正在派送中，请您准备签收（快递员：李小明，联系电话：13800138000）。",
            "【深圳市】深圳南山的李小明（13800138000） 正在派件",
            "快件已由【李小明 13800138000】派送",
            "快件交给李小明，正在派送途中（联系电话：13800138000）",
            "派件业务员：李小明，电话：13800138000",
        ):
            with self.subTest(text):
                self.assertNotRegex(masked(text), "李小明|1380")
        self.assertEqual(masked(STATION), STATION)


@tagged("post_install", "-at_install")
class TestTraps(Case):
    """What these codes are taken for, and are not."""

    def status_of(self, *scans, state="0", connector=None):
        """Return the newest scan's own status, and the header's code."""
        result = self.push(told(parcel("N1", list(scans), state)), connector)
        return result.scans[0].status, result.code

    def test_501_in_the_locker_is_not_delivered_whatever_the_header_says(self):
        for state in ("5", "501"):
            self.assertIn(self.status_of(scan(AT, "501", "已投递至丰巢"), state=state)[1], ("", "501"))

    def test_304_before_pickup_waits_in_the_station(self):
        for state in ("304", "3"):
            found = self.status_of(scan(AT, "304", STATION), scan(AT - HOUR, "5"), state=state)
            self.assertEqual(found, ("available_for_pickup", ""))
        # Something after it does not make it delivered.
        result = self.push(told(parcel("N1", [scan(AT + HOUR, "0"), scan(AT, "304", STATION)], "304")))
        self.assertEqual(result.code, "")
        self.assertEqual(result.scans[1].substatus, "locker")

    def test_304_when_it_is_fetched_is_delivered(self):
        fetched = scan(AT + HOUR, "304", "您已在快递驿站完成取件，感谢使用")
        self.assertEqual(self.status_of(fetched, scan(AT, "304", STATION), state="304"), ("", ""))
        self.assertEqual(self.status_of(scan(AT + HOUR, "301", "本人签收"), scan(AT, "304", STATION))[0], "")
        # The same moment, in whichever order they are told.
        for scans in (
            [scan(AT, "301", "已取件"), scan(AT, "304", STATION)],
            [scan(AT, "304", STATION), scan(AT, "301")],
        ):
            self.assertEqual(self.push(told(parcel("N1", scans, "302"))).code, "302")

    def test_the_option_has_stations_deliver(self):
        connector = self.account(station_delivers=True)
        self.assertEqual(self.status_of(scan(AT, "304", STATION), state="3", connector=connector), ("", ""))

    def test_what_stations_say(self):
        for text in (
            STATION,
            "快件已暂存至菜鸟驿站，请凭取件码及时取件",
            "您的包裹已存放至【丰巢的幸福小区3号柜】，记得早点来取件，取件码 123",
            "已投放到自提柜，待取件",
            "包裹在自提点，请本人携带证件领取",
            "已签收，签收人类型：驿站代收",
        ):
            with self.subTest(text):
                self.assertTrue(waits_there(text))
        for text in (
            "您已在菜鸟驿站完成取件，感谢使用",
            "包裹已被取走，如有疑问请联系快递柜",
            "已签收，签收人凭取货码签收，驿站",
            "客户已取出，丰巢柜",
            "您的快递已签收，签收人在【菜鸟驿站】领取",
            "本人在驿站签收",
            "已签收",
            "",
        ):
            with self.subTest(text):
                self.assertFalse(waits_there(text))

    def test_the_same_text_at_two_times_is_two_scans(self):
        twice = [scan(AT, "5", "派送中"), scan(AT - HOUR, "5", "派送中")]
        self.assertEqual(len(self.push(told(parcel("N1", twice))).scans), 2)

    def test_a_header_as_coarse_as_the_code_it_stands_for_says_nothing(self):
        self.assertEqual(self.status_of(scan(AT, "206"), state="2")[1], "")
        self.assertEqual(self.status_of(scan(AT, "401"), state="4")[1], "")
        self.assertEqual(self.status_of(scan(AT, "0"), state="203")[1], "203")


@tagged("post_install", "-at_install")
class TestAnnouncing(Case):
    """Each parcel is announced by a call of its own."""

    def sent(self, item):
        (request,) = self.connector.subscribe([item])
        self.assertEqual((request.url, request.purpose), ("https://c.example/poll", "subscribe"))
        sent = parse_qs(request.body.decode())
        self.assertEqual(sent["schema"], ["json"])
        return json.loads(sent["param"][0])

    def test_what_is_announced(self):
        self.assertEqual(
            self.sent(ITEM),
            {
                "company": "zhongtong",
                "number": "73100012345678",
                "key": "k3y-of-nobody",
                "parameters": {
                    "callbackurl": "https://our.example/push/1/token",
                    "salt": "s4lt-of-nobody",
                    "resultv2": "4",
                    "phone": "5678",
                },
            },
        )

    def test_without_a_code_it_finds_the_carrier_itself(self):
        sent = self.sent(ITEM._replace(carrier=""))
        self.assertEqual((sent["company"], sent["parameters"]["autoCom"]), ("", "1"))

    def test_each_documented_reply(self):
        (request,) = self.connector.subscribe([ITEM])

        def trouble(code, message="原因"):
            answer = self.answer(refusal(code, message))
            return self.trouble_of(lambda: self.connector.parse_subscription(answer, request)[0])

        for code, expected in SUBSCRIBED.items():
            with self.subTest(code):
                self.assertEqual(trouble(code), expected)
        self.assertEqual(trouble("601", "单量已用完"), Trouble.QUOTA)
        self.assertIsNone(trouble("200", "提交成功"))


@tagged("post_install", "-at_install")
class TestBeingTold(Case):
    """Pushed messages: signed by the salt, whole histories, corrected carriers, and no more news."""

    def test_signed_by_the_field_as_it_came_and_the_salt(self):
        signed = form('{"status":"polling","说":"已签收 100% +"}')
        # By another program: printf %s '<param>s4lt-of-nobody' | md5sum
        self.assertEqual(signed["sign"], "F7506A849E8A3DA4B49CAC258AFE119B")
        self.assertTrue(self.connector.verify({}, b"", signed))
        self.assertTrue(self.connector.verify({}, b"", {**signed, "sign": signed["sign"].lower()}))
        for position, letter in enumerate(signed["param"]):
            flipped = signed["param"][:position] + chr(ord(letter) ^ 1) + signed["param"][position + 1 :]
            self.assertFalse(self.connector.verify({}, b"", {**signed, "param": flipped}))
        spaced = json.dumps(json.loads(signed["param"]))
        for wrong in ({"param": spaced}, {"sign": ""}, {"sign": signed["sign"][:-1] + "G"}):
            self.assertFalse(self.connector.verify({}, b"", {**signed, **wrong}))
        self.assertFalse(self.connector.verify({}, b"", {}))
        self.assertFalse(self.account({}).verify({}, b"", form("{}", "")))

    def test_each_status(self):
        for status in ("polling", "shutdown", "updateall"):
            result = self.push(told(parcel("N1", [scan(AT, "1")], "1"), status))
            self.assertEqual((result.number, len(result.scans), result.trouble), ("N1", 1, None))
            self.assertTrue(result.is_full_history)

    def test_no_longer_looked_for(self):
        result = self.push(told(parcel("N1", [scan(AT)]), "abort", message="60天无变化"))
        self.assertEqual(
            (result.trouble, result.code, result.message), (Trouble.NOT_REGISTERED, "abort", "60天无变化")
        )
        self.assertEqual((len(result.scans), result.code_at), (1, AT + timedelta(seconds=1)))
        result = self.push(told(parcel("N1", []), "abort", message="3天查询无记录"))
        self.assertEqual((result.scans, result.code, result.code_at), ((), "abort", None))

    def test_a_carrier_corrected_is_asked_for_from_now_on(self):
        last = parcel("N1", [scan(AT)], com="yuantong")
        result = self.push(told(last, autoCheck="1", comOld="zhongtong", comNew="yuantong"))
        self.assertEqual((result.carrier, result.external_ref), ("zhongtong", "yuantong"))
        result = self.push(told(last))
        self.assertEqual((result.carrier, result.external_ref), ("yuantong", "yuantong"))

    def test_the_second_leg_abroad_is_of_the_same_parcel(self):
        abroad = parcel("N1", [scan(AT + HOUR, "3", "Delivered")], "3", "usps")
        result = self.push(told(parcel("N1", [scan(AT, "7")], "7"), destResult=abroad))
        self.assertEqual([one.code for one in result.scans], ["7", "3"])

    def test_what_cannot_be_read(self):
        for message in ("", "null", "[]", "{", '{"lastResult": {}}', '{"lastResult": {"data": []}}'):
            with self.subTest(message), self.assertRaises(ConnectorError) as caught:
                self.push(message)
            self.assertEqual(caught.exception.trouble, Trouble.MALFORMED)

    def test_what_it_wants_to_hear(self):
        done, again = self.connector.ack(), self.connector.ack(False)
        self.assertEqual(done.body.decode(), '{"result":true,"returnCode":"200","message":"成功"}')
        self.assertEqual((done.status, again.status), (200, 503))
        self.assertIs(json.loads(again.body)["result"], False)


@tagged("post_install", "-at_install")
class TestCodes(TransactionCase):
    """Each code and each word of the documentation has a meaning as delivered; carriers can be chosen."""

    def test_each_documented_code(self):
        provider = self.env["order.tracking.provider"].create({"name": "快递100", "kind": "kuaidi100"})
        lookup = self.env["order.tracking.status.map"]._meanings(provider)
        codes = {code: status for status, codes in MEANINGS.items() for code in codes.split()}
        self.assertEqual(len(codes), 36 + 1)
        for code, status in codes.items():
            with self.subTest(code):
                self.assertEqual(lookup(code)[0], status)
        for word, code in {
            "揽收": "1",
            "干线": "1002",
            "投柜或驿站": "501",
            "签收": "3",
            "销单": "210",
        }.items():
            self.assertEqual(lookup(word), lookup(code))
        self.assertIsNone(lookup("9"))

    def test_carriers_that_want_a_phone_number(self):
        carriers = self.env["order.tracking.carrier"].search([("kind", "=", "kuaidi100")])
        self.assertGreaterEqual(len(carriers), 40)
        self.assertEqual(
            set(carriers.filtered("needs_phone").mapped("code")), {"shunfeng", "shunfengkuaiyun", "zhongtong"}
        )
        self.assertTrue(all(code == code.lower() for code in carriers.mapped("code")))
