from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .bodies import refusal
from .test_kuaidi100_replay import Replay

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestAccount(Replay):
    """What an account with Kuaidi100 may ask, and what refusals mean to it."""

    def test_a_number_is_asked_for_once_an_hour_at_most(self):
        query = "UPDATE order_shipment_parcel SET status = 'out_for_delivery' WHERE id = ANY(%s)"
        self.env.cr.execute(query, [self.parcels.ids])
        self.env.invalidate_all()
        self.commit()
        self.poll()
        now = fields.Datetime.now()
        self.assertTrue(all(at >= now + 0.99 * HOUR for at in self.parcels.mapped("next_poll_at")))
        self.parcels._ask_soon()
        self.assertTrue(all(at >= now + 0.99 * HOUR for at in self.parcels.mapped("next_poll_at")))

    def test_without_a_carrier_nothing_is_asked_until_one_is_chosen(self):
        self.swift_code.code = False
        self.assertTrue(self.provider.carrier_code_missing)
        self.commit()
        self.poll()
        self.assertFalse(self.carrier.calls)
        self.assertEqual(set(self.parcels.mapped("trouble")), {"bad_number"})
        self.swift_code.known_id = self.env["order.tracking.carrier"].search(
            [("kind", "=", "kuaidi100"), ("code", "=", "yuantong")]
        )
        # Not only on the next day.
        self.assertTrue(all(self.asked_again_in(one) <= HOUR for one in self.parcels))
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
        query = "UPDATE order_shipment_parcel SET shipped_at = %s WHERE id = %s"
        self.env.cr.execute(query, [self.left() + timedelta(days=8), parcel.id])
        self.env.invalidate_all()
        self.commit()
        self.poll()
        self.assertEqual((self.scans_of(parcel), parcel.status), (2, "pending"))
        self.assertEqual(self.parcels[1].status, "in_transit")

    def test_what_a_refusal_does_to_the_account(self):
        for code, message, health in (
            ("503", "验证签名失败", "auth"),
            ("601", "KEY已过期", "quota"),
            ("400", "账号余额不足", "quota"),
            ("504", "查询过于频繁", "slow"),
            # Of the number, and no more.
            ("400", "参数长度不足", "ok"),
        ):
            with self.subTest(code=code, message=message):
                self.provider.write({"cooldown_until": False, "health": "ok"})
                self.make_due()
                self.commit()
                self.carrier.script += [("says", refusal(code, message))]
                asked = len(self.carrier.tracked)
                self.poll()
                self.assertEqual(self.provider.health, health)
                expected = len(self.numbers) if health == "ok" else 1
                self.assertEqual(len(self.carrier.tracked) - asked, expected)

    def test_its_words_for_each_code(self):
        lookup = self.env["order.tracking.status.map"]._meanings(self.provider)
        words = {"揽收": "1", "干线": "1002", "投柜或驿站": "501", "签收": "3", "销单": "210", "拒收": "203"}
        for word, code in words.items():
            self.assertEqual(lookup(word), lookup(code), word)
