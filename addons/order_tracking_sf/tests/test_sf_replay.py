import json
import random
from datetime import timedelta
from urllib.parse import urlencode

from odoo import fields
from odoo.tests import tagged

from odoo.addons.order_processing.tests.common_replay import HOUR, EveryFault, ReplayCase
from odoo.addons.order_processing.tests.common_replay_push import EveryPush, PushReplay
from odoo.addons.order_processing.tests.replay import spoiled

from .bodies import CHECKWORD, PARTNER, answer, as_xml, digest, platform, pushed, refusal, route

JSON_ACK = '{"return_code":"0000","return_msg":"成功"}'.encode()
XML_ACK = b'<Response service="RoutePushService"><Head>OK</Head></Response>'
# (operation, words, place, status codes: in answers only)
CODES = {
    "picked_up": ("54", "顺丰速运 已收取快件", "深圳市", "1/101"),
    "in_transit": ("31", "快件到达 【北京顺义集散中心】", "北京市", "2/201"),
    "out_for_delivery": ("44", "快件交给李小四，正在派送途中", "北京市", "3/301"),
    "delivered": ("80", "已签收,感谢使用顺丰,期待再次为您服务", "北京市", "4/401"),
}
TOKEN_PATH = "/oauth2/accessToken"


class Replay(ReplayCase):
    """SF Express, as it answers by its documentation."""

    kind = "sf"
    secrets = {"partner_id": PARTNER, "checkword": CHECKWORD}
    token = None

    def is_question(self, call):
        return call.form.get("serviceCode") == "EXP_RECE_SEARCH_ROUTES"

    def numbers_of(self, call):
        form = call.form
        self.assertEqual(form["partnerID"], PARTNER)
        self.assertLess(abs(int(form["timestamp"]) / 1000 - fields.Datetime.now().timestamp()), 36 * 3600)
        if self.token:
            self.assertNotIn("msgDigest", form)
        else:
            self.assertEqual(form["msgDigest"], digest(form["msgData"], form["timestamp"]))
        self.assertNotIn(CHECKWORD, call.body.decode())
        return json.loads(form["msgData"])["trackingNumber"]

    def body(self, numbers):
        return answer({number: [] if number in self.unknown else self.routes(number) for number in numbers})

    def routes(self, number):
        picked_up, sorted_at = self.moments_of(number)
        return [route(picked_up, *CODES["picked_up"]), route(sorted_at, *CODES["in_transit"])]

    def other(self, call):
        self.assertEqual(call.path, TOKEN_PATH)
        self.assertEqual(call.form, {"partnerID": PARTNER, "secret": CHECKWORD, "grantType": "password"})
        return {"apiResultCode": "A1000", "accessToken": self.token, "expiresIn": 7200}


@tagged("post_install", "-at_install")
class TestEveryFault(EveryFault, Replay):
    """Everything carriers' servers do wrong, done by SF's."""


class Told(PushReplay, Replay):
    names_carrier = False
    is_full_history = False
    ack = (200, JSON_ACK)

    def news(self, number, scans):
        return pushed(number, [route(at, *CODES[status][:3]) for status, at in scans])

    def pushed(self, number, scans):
        return json.dumps(self.news(number, scans), ensure_ascii=False).encode(), {}

    def tell_routes(self, *routes):
        reply = self.push(json.dumps(pushed(self.parcel.number, routes), ensure_ascii=False).encode(), {})
        self.assertEqual((reply.status_code, reply.content), (200, JSON_ACK))
        self.read_inbox()

    def spoil(self, chance):
        message = spoiled(self.news("SW000", self.story), chance)
        return json.dumps(message).encode(), {}, {}


@tagged("post_install", "-at_install")
class TestEveryPush(EveryPush, Told):
    """SF tells us in JSON, unsigned."""

    def unsigned(self, raw, headers):
        return None


@tagged("post_install", "-at_install")
class TestEverySignedPush(EveryPush, Told):
    """SF tells us in XML, in a form, and signs it."""

    account = {"mode": "both", "sf_signs_pushes": True}
    ack = (200, XML_ACK)

    def pushed(self, number, scans):
        xml = as_xml(self.news(number, scans))
        signed = {
            "msgDigest": digest(xml),
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        return urlencode({"content": xml}).encode(), signed


@tagged("post_install", "-at_install")
class TestTold(Told):
    """What was seen of SF's messages by others."""

    def test_each_route_four_times_in_any_order(self):
        """Of 3,865 messages of 90 parcels three quarters came before, and in no order."""
        number = self.parcel.number
        messages = [json.dumps(self.news(number, [one])).encode() for one in self.story] * 4
        random.Random(3).shuffle(messages)  # noqa: S311  of nothing secret
        for raw in messages:
            self.assertEqual(self.push(raw, {}).content, JSON_ACK)
            self.read_inbox()
        self.assert_story()

    def test_signed_is_the_end_whatever_follows(self):
        self.tell(self.story)
        self.read_inbox()
        _status, home = self.story[-1]
        self.tell_routes(route(home + HOUR, "31", "快件到达"), route(home + 2 * HOUR, "33", "派件异常"))
        self.assertEqual(self.parcel.status, "delivered")
        self.assertEqual(self.scans_of(self.parcel), 6)
        self.tell_routes(route(home + 3 * HOUR, "99", "应客户要求,快件正在退回"))
        self.assertEqual(self.parcel.status, "returning")

    def test_a_scan_of_the_day_after_tomorrow_is_kept_and_says_nothing(self):
        ahead = fields.Datetime.now().replace(microsecond=0) + timedelta(days=2)
        self.tell(self.story[:2])
        self.read_inbox()
        self.tell_routes(route(ahead, "80", "已签收"))
        self.assertEqual((self.parcel.status, self.scans_of(self.parcel)), ("in_transit", 3))

    def test_what_it_asks_to_be_sure_confirms_it(self):
        """Nobody signs the messages: the end is made sure of."""
        self.tell(self.story)
        self.read_inbox()
        self.assertLess(self.parcel.next_poll_at - fields.Datetime.now(), HOUR)
        self.routes = lambda number: [
            route(at, *CODES[status]) for status, at in self.story[: 4 if number == self.parcel.number else 2]
        ]
        self.make_due()
        self.poll()
        self.assert_story()
        self.assertFalse(self.provider.activity_ids)

    def test_into_the_locker_and_out_of_it(self):
        _status, home = self.story[-1]
        self.tell_routes(route(home, "125", "快件已放入丰巢"))
        self.assertEqual((self.parcel.status, self.parcel.substatus), ("available_for_pickup", "locker"))
        self.tell_routes(route(home + HOUR, "80", "客户已从丰巢取件"))
        self.assertEqual(self.parcel.status, "delivered")

    def test_lost_under_the_code_of_signed(self):
        self.tell_routes(route(self.story[-1][1], "8000", "快件遗失", reasonCode="6"))
        self.assertEqual((self.parcel.status, self.parcel.substatus), ("exception", "lost"))

    def test_nothing_is_announced(self):
        """SF tells of all orders placed through Fengqiao, and of no others."""
        self.env["order.tracking.provider"]._cron_subscribe()
        self.env.invalidate_all()
        self.assertEqual(self.carrier.calls, [])
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})

    def test_a_code_nobody_knows_is_counted_once_however_often_it_is_told(self):
        self.tell(self.story[:2])
        self.read_inbox()
        for _time in range(4):
            self.tell_routes(route(self.story[2][1], "4711", "新操作"))
        self.assertEqual(self.parcel.status, "in_transit")
        known = self.env["order.tracking.status.map"].search([("kind", "=", "sf"), ("code", "=", "4711")])
        self.assertEqual((known.seen_count, known.example), (1, "新操作"))


@tagged("post_install", "-at_install")
class TestAccount(Replay):
    """An account with SF from its first question to its last."""

    def test_phones_are_given_by_their_ends_where_the_delivery_method_says_so(self):
        self.poll()
        (call,) = self.carrier.tracked
        self.assertNotIn("checkPhoneNo", json.loads(call.form["msgData"]))
        self.swift_code.needs_phone = True
        self.well()
        self.poll()
        calls = [json.loads(call.form["msgData"]) for call in self.carrier.tracked[1:]]
        self.assertEqual([len(one["trackingNumber"]) for one in calls], [6, 4])
        self.assertEqual(
            {one["checkPhoneNo"] for one in calls}, {",".join(["5678"] * size) for size in (6, 4)}
        )
        self.assert_all_told_once()

    def test_that_no_phone_was_given_is_said_with_the_parcel(self):
        self.unknown = {self.numbers[0]}
        self.poll()
        parcel = self.parcels[0]
        self.assertEqual((parcel.trouble, parcel.trouble_message), ("not_found", "sf_no_phone"))
        self.assertIn("phone", parcel.trouble_words)
        self.swift_code.needs_phone = True
        self.well()
        self.poll()
        self.assertEqual(parcel.trouble_message, "sf_no_routes")
        self.assertIn("three months", parcel.trouble_words)

    def test_a1000_around_a_refusal_keeps_the_parcels(self):
        self.carrier.script += [("says", refusal("S9999", "系统繁忙"))]
        self.poll()
        self.assertEqual(set(self.parcels.mapped("trouble")), {"retry_later"})
        self.assertEqual(set(self.parcels.mapped("trouble_message")), {"S9999: 系统繁忙"})
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_asked_too_often_the_account_waits(self):
        self.carrier.script += [("says", platform("A1005", message="流量控制"))]
        self.poll()
        self.assertEqual(self.provider.health, "slow")
        self.assertGreater(self.provider.cooldown_until, fields.Datetime.now())
        self.provider.cooldown_until = False
        self.poll()
        self.assert_all_told_once()

    def test_a_wrong_check_word_stops_the_account(self):
        self.carrier.script += [("says", platform("A1006", message="数字签名无效"))]
        self.poll()
        self.poll()
        self.assertEqual((len(self.carrier.tracked), self.provider.health), (1, "auth"))
        self.assertIn("A1006: 数字签名无效", self.provider.last_error)

    def test_one_number_it_does_not_like_is_found_by_smaller_calls(self):
        bad = self.numbers[3]
        proper = self.body
        self.body = lambda numbers: refusal("8247", "运单号不合法") if bad in numbers else proper(numbers)
        self.poll()
        self.assertEqual(self.parcels.filtered("trouble").mapped("number"), [bad])
        self.assertEqual(self.parcels[3].trouble, "bad_number")
        self.assertEqual(self.scans_of(), 18)

    def test_in_the_locker_by_the_words(self):
        self.routes = lambda number: [
            route(self.moments_of(number)[1], "80", "快件已放入快递柜", "", "4/401")
        ]
        self.poll()
        self.assertEqual(set(self.parcels.mapped("status")), {"available_for_pickup"})
        self.assertEqual(set(self.parcels.mapped("substatus")), {"locker"})

    def test_the_connection_is_tested(self):
        said = self.provider.action_test_connection()
        self.assertEqual(said["params"]["type"], "success")
        (call,) = self.carrier.tracked
        self.assertEqual(self.numbers_of(call), ["SF0000000000000"])
        self.carrier.script += [("says", platform("A1004"))]
        self.assertEqual(self.provider.action_test_connection()["params"]["type"], "danger")
        self.assertEqual(self.provider.health, "auth")

    def test_the_address_is_sfs_own_unless_one_is_given(self):
        self.provider.base_url = False
        self.assertEqual(
            self.provider._connector().settings.base_url, "https://bspgw.sf-express.com/std/service"
        )


@tagged("post_install", "-at_install")
class TestToken(Replay):
    """An account that logs in by OAuth2."""

    account = {"sf_login": "oauth2"}
    token = "9EA4+B2D/0C3="  # forms write it otherwise

    def setUp(self):
        super().setUp()
        self.provider.sf_token_url = f"{self.carrier.url}{TOKEN_PATH}"
        self.valid, self.given = self.token, []
        self.commit()

    def body(self, numbers):
        call = self.carrier.calls[-1]
        self.given.append(call.form["accessToken"])
        if call.form["accessToken"] != self.valid:
            return platform(self.refused_with, message="token")
        return super().body(numbers)

    refused_with = "A1002"

    def test_a_token_is_got_once_and_used(self):
        self.poll()
        self.assert_all_told_once()
        self.well()
        self.poll()
        self.assertEqual(len(self.carrier.others), 1)
        self.assertEqual(set(self.given), {self.token})

    def test_a_token_that_is_over_is_renewed_within_the_question(self):
        self.poll()
        for code, new in (("A1002", "new+one/="), ("A1011", "plain0")):
            with self.subTest(code):
                self.refused_with, self.valid, self.token = code, new, new
                self.well()
                self.poll()
                self.assertEqual(self.given[-1], new)
                self.assertEqual(self.provider.health, "ok")
                self.assert_all_told_once()
        self.assertEqual(len(self.carrier.others), 3)

    def test_an_account_that_gets_no_token_is_refused(self):
        self.other = lambda call: platform("A1004", message="无权限")
        self.poll()
        self.assertEqual((len(self.carrier.tracked), self.provider.health), (0, "auth"))
