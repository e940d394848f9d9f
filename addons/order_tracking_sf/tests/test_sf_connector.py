import json
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from odoo.tests import BaseCase, tagged

from odoo.addons.order_processing.connectors.base import ConnectorError, Item, Response, Settings, Trouble
from odoo.addons.order_processing.engine.scan_text import masked

from ..codes import NO_PHONE, NO_ROUTES
from ..connector import SFExpress
from .bodies import CHECKWORD, DOCUMENTED, PARTNER, answer, digest, platform, refusal, route, service

AT = datetime(2026, 7, 3, 8, 30)
NOW = datetime(2026, 7, 4, 1, 2, 3)
SECRETS = {"partner_id": PARTNER, "checkword": CHECKWORD}
NUMBERS = ("SF1011603494291", "SF1011603494292", "SF1011603494293")
ITEMS = tuple(Item(key, number) for key, number in enumerate(NUMBERS, 1))
OF_THE_PLATFORM = {
    "A1001": Trouble.BAD_REQUEST,
    "A1002": Trouble.AUTH,
    "A1003": Trouble.AUTH,
    "A1004": Trouble.AUTH,
    "A1005": Trouble.RATE,
    "A1006": Trouble.AUTH,
    "A1007": Trouble.RETRY_LATER,
    "A1008": Trouble.RETRY_LATER,
    "A1009": Trouble.RETRY_LATER,
    "A1010": Trouble.RETRY_LATER,
    "A1011": Trouble.AUTH,
    "A1099": Trouble.RETRY_LATER,
    "A9999": Trouble.RETRY_LATER,
    "": Trouble.MALFORMED,
}
OF_THE_SERVICE = {
    "6133": Trouble.BAD_REQUEST,
    "8003": Trouble.BAD_REQUEST,
    "8013": Trouble.BAD_REQUEST,
    "8247": Trouble.BAD_NUMBER,
    "9999": Trouble.RETRY_LATER,
    "": Trouble.MALFORMED,
}


def sf(secrets=SECRETS, **options):
    return SFExpress(Settings("https://sf.example/std/service", options, now=NOW), secrets)


def form_of(request):
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))


class Case(BaseCase):
    def parsed(self, body, items=ITEMS, **options):
        (request, *_more) = sf(**options).build_requests(items)
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return sf(**options).parse(Response(200, {}, body), request)

    def trouble_of(self, body, items=ITEMS):
        with self.assertRaises(ConnectorError) as caught:
            self.parsed(body, items)
        return caught.exception.trouble

    def scan(self, *args, **more):
        (result,) = self.parsed(answer({NUMBERS[0]: [route(AT, *args, **more)]}))
        return result.scans[0]


@tagged("post_install", "-at_install")
class TestAsking(Case):
    """Questions are signed as SF's documentation shows."""

    def test_the_documented_signature(self):
        data, stamp, checkword, expected = DOCUMENTED
        self.assertEqual(sf({"checkword": checkword})._digest(data, stamp), expected)
        self.assertEqual(digest(data.decode(), stamp, checkword), expected)

    def test_what_java_writes_otherwise_is_signed_as_java_writes_it(self):
        data = '{"a":"b c*d~e-f_g.h/i?=&+%中文（）"}'
        self.assertEqual(sf()._digest(data.encode(), "1"), digest(data, "1"))
        self.assertEqual(sf(login="plain")._digest(data.encode(), "1"), digest(data, "1", encoded=False))
        self.assertNotEqual(sf()._digest(data.encode(), "1"), sf(login="plain")._digest(data.encode(), "1"))

    def test_what_is_asked_and_signed_is_the_same_text(self):
        for options in ({}, {"login": "plain", "language": "en"}):
            (request,) = sf(**options).build_requests(ITEMS)
            form = form_of(request)
            self.assertEqual((request.method, request.url), ("POST", "https://sf.example/std/service"))
            self.assertEqual(
                request.headers["Content-Type"], "application/x-www-form-urlencoded;charset=UTF-8"
            )
            self.assertEqual(
                form["msgDigest"], digest(form["msgData"], form["timestamp"], encoded=not options)
            )
            self.assertEqual(form["timestamp"], "1783126923000")
            self.assertEqual(form["partnerID"], PARTNER)
            self.assertEqual(form["serviceCode"], "EXP_RECE_SEARCH_ROUTES")
            self.assertRegex(
                form["requestID"], r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$"
            )
            self.assertNotIn(CHECKWORD, request.body.decode())
            language = options.get("language", "zh-CN")
            self.assertEqual(
                form["msgData"],
                f'{{"language":"{language}","trackingType":"1","trackingNumber":["{NUMBERS[0]}",'
                f'"{NUMBERS[1]}","{NUMBERS[2]}"],"methodType":"1"}}',
            )

    def test_each_question_has_an_id_of_its_own(self):
        ids = {
            form_of(one)["requestID"] for one in sf().build_requests([Item(n, f"N{n}") for n in range(30)])
        }
        self.assertEqual(len(ids), 3)

    def test_numbers_in_groups_are_sent_without_blanks(self):
        (request,) = sf().build_requests([Item(1, "SF 1234 5678 9012")])
        self.assertEqual(json.loads(form_of(request)["msgData"])["trackingNumber"], ["SF123456789012"])

    def test_the_limits_of_an_account_and_of_a_number(self):
        kind = type(sf())
        limits = (kind.batch, kind.per_second, kind.per_day, kind.pause)
        self.assertEqual(limits, (10, 30, 3000, timedelta(minutes=30)))

    def test_ten_a_call_and_six_where_phones_are_given(self):
        """checkPhoneNo has room for thirty characters; the ends stand in the order of the numbers."""
        many = [Item(n, f"N{n:02}", phone=f"861381234{n:04}" if n % 2 else "") for n in range(33)]
        sizes, phones = [], []
        for request in sf().build_requests(many):
            data = json.loads(form_of(request)["msgData"])
            self.assertEqual(data["trackingNumber"], [item.number for item in request.items])
            sizes.append(len(request.items))
            if given := data.get("checkPhoneNo"):
                self.assertLessEqual(len(given), 30)
                self.assertEqual(given.split(","), [item.phone[-4:] for item in request.items])
                phones.append(given)
        self.assertEqual(sizes, [6, 6, 4, 10, 7])
        self.assertEqual(len(phones), 3)
        self.assertNotIn("1381234", "".join(phones))

    def test_the_whole_of_a_phone_number_is_never_sent(self):
        (request,) = sf().build_requests([ITEMS[0]._replace(phone="8613812345678")])
        self.assertIn("5678", request.body.decode())
        self.assertNotIn("45678", request.body.decode())

    def test_a_token_in_the_place_of_the_signature(self):
        connector = sf({**SECRETS, "token": "t0+k/n="}, login="oauth2")
        (request,) = connector.build_requests(ITEMS)
        self.assertEqual(form_of(request)["accessToken"], "t0+k/n=")
        self.assertNotIn("msgDigest", form_of(request))
        asked = connector.token_request()
        self.assertEqual(
            (asked.url, asked.purpose), ("https://sfapi.sf-express.com/oauth2/accessToken", "token")
        )
        self.assertEqual(form_of(asked), {"partnerID": PARTNER, "secret": CHECKWORD, "grantType": "password"})
        self.assertEqual(
            sf(login="oauth2", token_url="https://t.example").token_request().url, "https://t.example"
        )
        for login in ("digest", "plain", None):
            self.assertIsNone(sf(login=login).token_request())

    def test_a_token_is_good_for_two_hours_at_most(self):
        for seconds, expected in (
            (7199, 7199),
            ("60", 60),
            (99999, 7200),
            (None, 7200),
            ("soon", 7200),
            (-1, 7200),
        ):
            body = {"apiResultCode": "A1000", "accessToken": "t", "expiresIn": seconds}
            read = sf().read_token(Response(200, {}, json.dumps(body).encode()))
            self.assertEqual(read, ("t", timedelta(seconds=expected)))
        for code, trouble in OF_THE_PLATFORM.items():
            with self.subTest(code), self.assertRaises(ConnectorError) as caught:
                sf().read_token(Response(200, {}, json.dumps(platform(code)).encode()))
            self.assertEqual(caught.exception.trouble, trouble)

    def test_the_test_of_the_connection_asks_for_a_number_nobody_has(self):
        request = sf().test_request()
        self.assertEqual(json.loads(form_of(request)["msgData"])["trackingNumber"], ["SF0000000000000"])
        self.assertEqual(request.purpose, "test")
        # Whatever is wrong with the number, the account is right.
        for body in (answer({"SF0000000000000": []}), refusal("8247")):
            self.assertEqual(sf().read_test(Response(200, {}, json.dumps(body).encode())), (None, ""))
        with self.assertRaises(ConnectorError) as caught:
            sf().read_test(Response(200, {}, json.dumps(platform("A1006", message="签名无效")).encode()))
        self.assertEqual((caught.exception.trouble, str(caught.exception)), (Trouble.AUTH, "A1006: 签名无效"))


@tagged("post_install", "-at_install")
class TestAnswers(Case):
    """Two envelopes, and what stands inside."""

    def test_json_in_a_string_in_json(self):
        body = answer({NUMBERS[0]: [route(AT, "54", "顺丰速运 已收取快件", "深圳市", "1/101")]})
        self.assertIsInstance(body["apiResultData"], str)
        (result,) = self.parsed(body)
        self.assertEqual((result.number, result.trouble, result.is_full_history), (NUMBERS[0], None, True))
        (scan,) = result.scans
        self.assertEqual(
            (scan.at, scan.code, scan.text, scan.place, scan.raw_time, scan.zone_assumed, scan.status),
            (AT, "1/101", "顺丰速运 已收取快件", "深圳市", "2026-07-03 16:30:00", True, ""),
        )

    def test_an_object_instead_of_the_string(self):
        said = service({NUMBERS[0]: [route(AT, "54")]})
        plainly = {**platform(), "apiResultData": said}
        deeper = platform(data={**said, "msgData": json.dumps(said["msgData"])})
        for body in (plainly, deeper):
            (result,) = self.parsed(body)
            self.assertEqual(result.scans[0].code, "54")

    def test_a1000_around_an_error_of_the_service_is_no_answer(self):
        self.assertEqual(self.trouble_of(refusal("8003", "查询单号超过最大限制")), Trouble.BAD_REQUEST)
        # Without its code as well.
        self.assertEqual(
            self.trouble_of(platform(data={**service({}), "success": "false"})), Trouble.RETRY_LATER
        )
        self.assertEqual(self.trouble_of(platform(data={"succ": "fail"})), Trouble.MALFORMED)
        # Said to be a success, with routes, and yet an error.
        routes = service({NUMBERS[0]: [route(AT, "54")]}, code="S9999")
        self.assertEqual(self.trouble_of(platform(data=routes)), Trouble.RETRY_LATER)

    def test_each_documented_error_of_the_platform(self):
        for code, trouble in OF_THE_PLATFORM.items():
            with self.subTest(code):
                self.assertEqual(self.trouble_of(platform(code, message="No")), trouble)

    def test_each_documented_error_of_the_service(self):
        for code, trouble in OF_THE_SERVICE.items():
            with self.subTest(code):
                if trouble != Trouble.BAD_NUMBER:
                    self.assertEqual(self.trouble_of(refusal(code)), trouble)
                    continue
                # Which of several, is found by smaller calls.
                self.assertEqual(self.trouble_of(refusal(code)), Trouble.BAD_REQUEST)
                (result,) = self.parsed(refusal(code, "运单号不合法"), ITEMS[:1])
                self.assertEqual((result.trouble, result.message), (trouble, f"{code}: 运单号不合法"))

    def test_an_answer_that_cannot_be_read(self):
        for data in (
            None,
            "",
            "null",
            "[]",
            "{",
            "7",
            {"success": True, "errorCode": "S0000", "msgData": None},
        ):
            with self.subTest(data):
                self.assertEqual(self.trouble_of(platform(data=data)), Trouble.MALFORMED)
        self.assertEqual(self.trouble_of({**platform(), "apiResultData": [1]}), Trouble.MALFORMED)
        self.assertEqual(self.trouble_of(b"{}"), Trouble.MALFORMED)

    def test_no_routes_are_not_known_and_without_a_phone_number_it_is_said(self):
        items = [ITEMS[0]._replace(phone="8613812345678"), ITEMS[1]._replace(phone="8613812340000")]
        (result,) = self.parsed(answer({NUMBERS[0]: []}), items)
        self.assertEqual((result.trouble, result.message), (Trouble.NOT_FOUND, NO_ROUTES))
        results = self.parsed(answer({NUMBERS[0]: [], NUMBERS[1]: None}))
        self.assertEqual([(one.trouble, one.message) for one in results], [(Trouble.NOT_FOUND, NO_PHONE)] * 2)

    def test_a_number_it_does_not_mention_is_not_answered_for(self):
        self.assertEqual([one.number for one in self.parsed(answer({NUMBERS[1]: []}))], [NUMBERS[1]])

    def test_the_older_spelling_without_status_codes(self):
        one = route(AT, "44", "正在派送途中")
        one["opcode"] = one.pop("opCode")
        (result,) = self.parsed(answer({NUMBERS[0]: [one]}))
        self.assertEqual(result.scans[0].code, "44")

    def test_numbers_where_texts_are_documented(self):
        (result,) = self.parsed(
            answer({NUMBERS[0]: [route(AT, 80, firstStatusCode=4, secondaryStatusCode=401), route(AT, 80)]})
        )
        self.assertEqual([scan.code for scan in result.scans], ["4/401", "80"])

    def test_two_number_spaces_do_not_mix(self):
        """Operation 204 delivers; status 204 is customs."""
        self.assertEqual(self.scan("204", "正在派送").code, "204")
        self.assertEqual(self.scan("204", "清关中", status="2/204").code, "2/204")
        self.assertEqual(self.scan("204", "?", status="2/").code, "2/")

    def test_forwarding_and_returning_have_no_status_so_the_operation_counts(self):
        for code in ("99", "648", "631"):
            for status in ("-/-", None, "2/201", "4/401"):
                with self.subTest(code, status=status):
                    self.assertEqual(self.scan(code, "x", status=status).code, code)
        self.assertEqual(self.scan("30", status="-/-").code, "30")


@tagged("post_install", "-at_install")
class TestTraps(Case):
    """Codes that do not mean what they say."""

    def told(self, *args, **more):
        scan = self.scan(*args, **more)
        return scan.status, scan.substatus

    def test_signed_by_the_locker_is_only_in_the_locker(self):
        for remark in (
            "快件已放入自助柜",
            "已签收,签收人:丰巢智能柜",
            "快件已派送至快递柜",
            "已派送至【丰巢】,请您凭取件码领取",
            "快件已放入豐巢自助櫃，請憑取件碼領取",
        ):
            for status in (None, "4/401"):
                with self.subTest(remark):
                    self.assertEqual(
                        self.told("80", remark, status=status), ("available_for_pickup", "locker")
                    )

    def test_taken_out_of_the_locker_is_delivered(self):
        for remark in ("客户已从丰巢取件", "自助柜 已取出", "快递柜,本人签收", "凭取件码已取件 丰巢"):
            with self.subTest(remark):
                self.assertEqual(self.told("80", remark), ("", ""))

    def test_signed_elsewhere_is_delivered(self):
        self.assertEqual(self.told("80", "已签收,感谢使用顺丰,期待再次为您服务"), ("", ""))
        self.assertEqual(self.told("125", "快件已放入丰巢"), ("", ""))

    def test_lost_or_destroyed_under_the_code_of_signed(self):
        self.assertEqual(self.told("8000", "x", reasonCode="6"), ("exception", "lost"))
        self.assertEqual(self.told("8000", "x", reasonCode=2), ("exception", "damaged"))
        self.assertEqual(self.told("8000", "x", reasonCode="1"), ("", ""))
        self.assertEqual(self.told("70", "x", reasonCode="6"), ("", ""))

    def test_forwarded_or_sent_back_by_the_words(self):
        for remark in ("应客户要求,快件正在退回", "快件退件中", "转寄后又退回"):
            self.assertEqual(self.told("99", remark), ("returning", ""))
        self.assertEqual(self.told("99", "快件处理中", reasonCode="2"), ("returning", ""))
        # By the map on its way, as people may decide otherwise.
        self.assertEqual(self.told("99", "应客户要求,快件正在转寄中"), ("", ""))

    def test_couriers_and_their_phones_are_not_shown_to_customers(self):
        for text in (
            "[武汉市]快件交给李小四，正在派送途中（联系电话：18600001111）",
            "快件交给李小四,正在派送途中（联系电话：18600001111,顺丰已开启“安全呼叫”保护您的电话隐私,请放心接听！）",
            "正在派送途中,请您准备签收(派件人:李小四,电话:18600001111)",
            "快件正在派送,派件员【李小四】,电话18600001111",
            "已签收,签收人:李小四",
        ):
            with self.subTest(text):
                self.assertNotRegex(masked(text), "李小四|18600001111")
        self.assertEqual(masked("快件到达 【深圳宝安集散中心】"), "快件到达 【深圳宝安集散中心】")
