import json

from odoo.tests import tagged

from odoo.addons.order_processing.tests.common_replay import EveryFault, ReplayCase

from .bodies import SECRETS, md5, parcel, refusal, scan


class Replay(ReplayCase):
    """Kuaidi100, as it answers by its documentation."""

    kind = "kuaidi100"
    secrets = SECRETS
    carrier_code = "zhongtong"
    needs_phone = True

    def is_question(self, call):
        return call.path.endswith("/poll/query.do")

    def numbers_of(self, call):
        sent = call.form
        self.assertEqual(sent["customer"], SECRETS["customer"])
        self.assertEqual(sent["sign"], md5(sent["param"] + SECRETS["key"] + SECRETS["customer"]))
        asked = json.loads(sent["param"])
        self.assertEqual((asked["com"], asked["phone"]), ("zhongtong", "5678"))
        return [asked["num"]]

    def body(self, numbers):
        (number,) = numbers
        return refusal("500") if number in self.unknown else self.parcel_of(number)

    def parcel_of(self, number):
        picked_up, sorted_at = self.moments_of(number)
        seen = [scan(sorted_at, "1002", "快件在【西安】分拣完成"), scan(picked_up, "103", "已揽收")]
        return parcel(number, seen, "1002")

    def other(self, call):
        return {"result": True, "returnCode": "200", "message": "提交成功"}

    def announced(self):
        return [json.loads(call.form["param"]) for call in self.carrier.others]


@tagged("post_install", "-at_install")
class TestEveryFault(EveryFault, Replay):
    """Everything carriers' servers do wrong, done by Kuaidi100's."""
