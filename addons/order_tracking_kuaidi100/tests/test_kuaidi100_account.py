from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .bodies import SECRETS, refusal
from .test_kuaidi100_replay import Replay

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestAccount(Replay):
    """An account with Kuaidi100 from its first parcel to its last."""

    def subscribe(self):
        self.env["order.tracking.provider"]._cron_subscribe()
        self.env.invalidate_all()

    def refuse(self, code, message):
        self.carrier.script += [("says", refusal(code, message))]
        self.poll()

    def test_a_number_is_asked_for_once_an_hour_at_most(self):
        self.env.cr.execute(
            "UPDATE order_shipment_parcel SET status = 'out_for_delivery' WHERE id = ANY(%s)",
            [self.parcels.ids],
        )
        self.env.invalidate_all()
        self.commit()
        self.poll()
        now = fields.Datetime.now()
        self.assertTrue(all(at >= now + 0.99 * HOUR for at in self.parcels.mapped("next_poll_at")))
        self.parcels._ask_soon()
        self.assertTrue(all(at >= now + 0.99 * HOUR for at in self.parcels.mapped("next_poll_at")))

    def test_without_a_carrier_nothing_is_asked_and_somebody_can_tell_why(self):
        self.swift_code.code = False
        self.assertTrue(self.provider.carrier_code_missing)
        self.commit()
        self.poll()
        self.assertFalse(self.carrier.calls)
        self.assertEqual(set(self.parcels.mapped("trouble")), {"bad_number"})
        self.assertIn("cannot be told by the number", self.parcels[0].trouble_words)
        self.assertEqual(self.provider.health, "new")
        self.swift_code.known_id = self.env.ref("order_tracking_kuaidi100.carrier_kuaidi100_zhongtong")
        self.assertEqual((self.swift_code.code, self.swift_code.needs_phone), ("zhongtong", True))
        self.make_due()
        self.commit()
        self.poll()
        self.assert_all_told_once()

    def test_two_shipments_with_one_number_are_asked_for_once(self):
        order = self.confirmed_order(lines=[(self.lantern, 1)])
        again = self.ship_with_number(self.numbers[0], order=order, shipped_at=self.left())
        self.assertEqual(again.parcel_ids, self.parcels[0])
        self.commit()
        self.poll()
        self.assertEqual(len(self.carrier.tracked), len(self.numbers))
        self.assertEqual(again.status, "in_transit")
        self.assert_all_told_once()

    def test_what_had_the_number_before_says_nothing_of_this_parcel(self):
        parcel = self.parcels[0]
        self.env.cr.execute(
            "UPDATE order_shipment_parcel SET shipped_at = %s WHERE id = %s",
            [self.left() + timedelta(days=8), parcel.id],
        )
        self.env.invalidate_all()
        self.commit()
        self.poll()
        self.assertEqual((self.scans_of(parcel), parcel.status), (2, "pending"))
        self.assertEqual(self.parcels[1].status, "in_transit")

    def test_the_account_is_refused_used_up_or_told_to_wait(self):
        for code, message, health in (
            ("503", "验证签名失败", "auth"),
            ("601", "KEY已过期", "quota"),
            ("400", "余额不足", "quota"),
            ("504", "查询过于频繁", "slow"),
        ):
            with self.subTest(code=code, message=message):
                self.refuse(code, message)
                self.assertEqual(self.provider.health, health)
                self.assertEqual(len(self.carrier.tracked), 1)
                self.carrier.calls.clear()
                self.provider.write({"cooldown_until": False, "health": "ok"})
                self.commit()

    def test_a_locked_number_waits_alone(self):
        self.refuse("504", "该单号已锁定")
        (locked,) = self.parcels.filtered("trouble")
        self.assertGreater(self.asked_again_in(locked), 23 * HOUR)
        self.assertEqual((self.provider.health, self.scans_of()), ("ok", 2 * (len(self.numbers) - 1)))

    def test_the_connection_is_tested(self):
        self.carrier.script += [("says", refusal("500"))]
        self.assertEqual(self.provider.action_test_connection()["params"]["type"], "success")
        self.carrier.script += [("says", refusal("503", "验证签名失败"))]
        said = self.provider.action_test_connection()["params"]
        self.assertEqual((said["type"], self.provider.health), ("danger", "auth"))
        self.assertIn("验证签名失败", said["message"])

    # ---------------------------------------------------------------- announcing
    def test_parcels_are_announced_once_each(self):
        self.provider.mode = "both"
        self.commit()
        self.subscribe()
        sent = self.announced()
        self.assertEqual({one["number"] for one in sent}, set(self.numbers))
        address = self.provider._push_url()
        self.assertEqual({one["parameters"]["callbackurl"] for one in sent}, {address})
        self.assertEqual({one["parameters"]["salt"] for one in sent}, {SECRETS["salt"]})
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})
        self.subscribe()
        self.assertEqual(len(self.announced()), len(self.numbers))

    def test_the_salt_is_made_by_itself_and_stays(self):
        self.provider.write({"mode": "both"})
        self.provider._set_secret("salt", "")
        self.commit()
        self.subscribe()
        salt = self.provider._secrets()["salt"]
        self.assertRegex(salt, "^[0-9a-f]{32}$")
        self.assertEqual({one["parameters"]["salt"] for one in self.announced()}, {salt})
        self.provider._renew_push_token()
        self.provider._push_url()
        self.assertEqual(self.provider._secrets()["salt"], salt)

    def test_other_kinds_have_no_salt(self):
        other = self.tracking_provider("Other", kind="simulator")
        other._push_url()
        self.assertNotIn("salt", other._secrets())

    def test_known_already_is_announced_and_refused_is_not(self):
        self.provider.mode = "both"
        self.commit()
        replies = iter([refusal("501", "重复订阅"), refusal("702", "无法识别"), refusal("600", "KEY无效")])
        self.other = lambda call: next(replies)
        self.subscribe()
        found = self.parcels.sorted("id").mapped("subscription")
        self.assertEqual(sorted(found[:3]), ["active", "failed", "wanted"])
        self.assertEqual(set(found[3:]), {"wanted"})
        self.assertEqual(self.provider.health, "auth")
