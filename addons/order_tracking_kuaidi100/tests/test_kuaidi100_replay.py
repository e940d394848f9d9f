import json
from datetime import timedelta
from urllib.parse import urlencode

from odoo import fields
from odoo.tests import tagged

from odoo.addons.order_processing.tests.common_replay import EveryFault, ReplayCase
from odoo.addons.order_processing.tests.common_replay_push import EveryPush, PushReplay
from odoo.addons.order_processing.tests.replay import spoiled

from .bodies import NO_RESULT, OK, md5, parcel, refusal, scan, told

KEY, CUSTOMER, SALT = "k100-key-of-nobody", "k100-customer-of-nobody", "k100-salt-of-nobody"
CODES = {
    "picked_up": ("103", "【上海】已揽收", "揽收"),
    "in_transit": ("1002", "快件已到达 北京分拨中心", "干线"),
    "out_for_delivery": ("5", "快件正在派送中", "派件"),
    "delivered": ("301", "已签收，感谢使用", "本人签收"),
}


def seen(scans):
    return [scan(at, code, text, status=status) for name, at in scans for code, text, status in [CODES[name]]]


class Replay(ReplayCase):
    """Kuaidi100, as it answers by its documentation."""

    kind = "kuaidi100"
    secrets = {"key": KEY, "customer": CUSTOMER, "salt": SALT}
    carrier_code = "yuantong"

    def is_question(self, call):
        return call.path.endswith("/poll/query.do")

    def numbers_of(self, call):
        """Sign what was really sent, as the provider does."""
        form = call.form
        self.assertEqual(form["customer"], CUSTOMER)
        self.assertEqual(form["sign"], md5(form["param"] + KEY + CUSTOMER))
        param = json.loads(form["param"])
        self.assertEqual((param["com"], param["resultv2"]), ("yuantong", "4"))
        return [param["num"]]

    def body(self, numbers):
        (number,) = numbers
        if number in self.unknown:
            return NO_RESULT
        picked_up, sorted_at = self.moments_of(number)
        scans = seen([("in_transit", sorted_at), ("picked_up", picked_up)])
        return parcel(number, scans, com="yuantong")

    def other(self, call):
        return OK

    def subscribe(self):
        self.env["order.tracking.provider"]._cron_subscribe()
        self.env.invalidate_all()

    def announced(self):
        return [json.loads(call.form["param"]) for call in self.carrier.others]


@tagged("post_install", "-at_install")
class TestEveryFault(EveryFault, Replay):
    """Everything carriers' servers do wrong, done by Kuaidi100's."""


@tagged("post_install", "-at_install")
class TestEveryPush(EveryPush, Replay, PushReplay):
    """Kuaidi100 tells us: a form, whose field is signed."""

    ack = (200, '{"result":true,"returnCode":"200","message":"成功"}'.encode())

    def signed(self, message):
        param = json.dumps(message, ensure_ascii=False)
        raw = urlencode({"param": param, "sign": md5(param + SALT)}).encode()
        return raw, {"Content-Type": "application/x-www-form-urlencoded"}

    def news(self, number, scans):
        newest = max(scans, key=lambda one: one[1])[0]
        state = "3" if newest == "delivered" else "0"
        status = "shutdown" if newest == "delivered" else "polling"
        return told(parcel(number, seen(scans), state, com="yuantong"), status)

    def pushed(self, number, scans):
        return self.signed(self.news(number, scans))

    def unsigned(self, raw, headers):
        return raw.partition(b"&sign=")[0], headers

    def spoil(self, chance):
        return b"", {"param": json.dumps(spoiled(self.news("SW000", self.story), chance)), "sign": ""}, {}

    def test_it_looks_no_longer_and_is_asked_to_again_in_half_an_hour(self):
        for number, words in enumerate(("3天查询无记录", "60天无变化")):
            lost = self.parcels[number]
            lost.write({"subscription": "active", "subscribe_at": False})
            self.commit()
            last = parcel(lost.number, seen(self.story[:2] if number else []), com="yuantong")
            self.assertEqual(self.push(*self.signed(told(last, "abort", message=words))).status_code, 200)
            self.read_inbox()
            self.assertEqual((lost.status, lost.subscription), ("expired", "wanted"))
            wait = lost.subscribe_at - fields.Datetime.now()
            self.assertTrue(timedelta(minutes=29) < wait <= timedelta(minutes=30), wait)
        later = self.parcels[1]
        self.tell(self.story, later.number)
        self.read_inbox()
        self.assert_story(later)

    def test_what_was_announced_under_another_carrier_is_asked_for_by_the_right_one(self):
        news = told(
            parcel(self.parcel.number, seen(self.story[:2]), com="shentong"),
            autoCheck="1",
            comOld="yuantong",
            comNew="shentong",
        )
        self.push(*self.signed(news))
        self.read_inbox()
        self.assertEqual(self.parcel.status, "in_transit")
        self.assertEqual(self.parcel.external_ref, "shentong")
        (request,) = self.plain_connector().build_requests(self.provider._items(self.parcel.ids))
        self.assertIn(b"%22com%22%3A%22shentong%22", request.body)


@tagged("post_install", "-at_install")
class TestAccount(Replay):
    """An account with Kuaidi100 from its first parcel to its last."""

    account = {"mode": "both"}

    def test_each_parcel_is_announced_with_our_address_and_salt(self):
        self.subscribe()
        announced = self.announced()
        self.assertEqual({one["number"] for one in announced}, set(self.numbers))
        for one in announced:
            self.assertEqual((one["company"], one["key"]), ("yuantong", KEY))
            self.assertEqual(one["parameters"]["callbackurl"], self.provider._push_url())
            self.assertEqual(one["parameters"]["salt"], SALT)
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})
        self.subscribe()
        self.assertEqual(len(self.announced()), 10)

    def test_the_salt_is_made_by_itself_and_stays(self):
        self.provider._set_secret("salt", "")
        self.subscribe()
        (salt,) = {one["parameters"]["salt"] for one in self.announced()}
        self.assertGreaterEqual(len(salt), 16)
        self.provider._renew_push_token()
        self.assertEqual(self.provider._secrets()["salt"], salt)

    def test_announced_before_is_as_good(self):
        self.other = lambda call: refusal("501", "重复订阅")
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})

    def test_a_carrier_it_does_not_know_says_so_with_the_parcel(self):
        self.other = lambda call: refusal("702", "识别不到该单号对应的快递公司")
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"failed"})
        self.assertIn("702", self.parcels[0].trouble_words)

    def test_without_a_carrier_it_guesses_when_announced_and_cannot_be_asked(self):
        self.swift_code.code = False
        self.commit()
        self.subscribe()
        announced = self.announced()
        self.assertEqual({one["company"] for one in announced}, {""})
        self.assertEqual({one["parameters"]["autoCom"] for one in announced}, {"1"})
        self.make_due()
        self.poll()
        self.assertFalse(self.carrier.tracked)
        self.assertEqual(set(self.parcels.mapped("trouble")), {"bad_number"})
        self.assertIn("choose the carrier", self.parcels[0].trouble_words)
        self.assertTrue(self.provider.carrier_code_missing)

    def test_the_phone_number_goes_along_where_the_carrier_wants_it(self):
        self.poll()
        self.assertNotIn("phone", self.carrier.tracked[0].form["param"])
        self.swift_code.needs_phone = True
        self.well()
        self.poll()
        self.assertIn('"phone":"5678"', self.carrier.tracked[-1].form["param"])

    def test_a_locked_number_waits_a_day_and_the_others_go_on(self):
        self.carrier.script += [("says", refusal("504", "同一单号24小时内查询超过48次，已锁单"))]
        self.poll()
        (locked,) = self.parcels.filtered("trouble")
        self.assertGreater(self.asked_again_in(locked), timedelta(hours=23))
        self.assertEqual(self.scans_of(), 18)
        self.assertEqual(self.provider.health, "ok")

    def test_the_connection_is_tested_by_a_number_nobody_has(self):
        self.carrier.script += [("says", NO_RESULT)]
        self.assertEqual(self.provider.action_test_connection()["params"]["type"], "success")
        self.carrier.script += [("says", refusal("503", "验证签名失败"))]
        self.assertEqual(self.provider.action_test_connection()["params"]["type"], "danger")
        self.assertEqual(self.provider.health, "auth")
