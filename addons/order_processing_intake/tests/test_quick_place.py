from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tests import tagged

from .common import QuickCase


@tagged("post_install", "-at_install")
class TestQuickOrderPlaced(QuickCase):
    """A quick order becomes one order, through the same gate as all others."""

    def test_it_is_an_order(self):
        self.take("LANTERN 3\nMUG 12")
        day = Date.context_today(self.quick) + timedelta(days=9)
        self.quick.write(
            {"client_order_ref": "PO 7", "requested_date": day, "packing_instruction": "No paper, please"}
        )
        order = self.quick._place()
        self.assertEqual(
            (order.state, order.channel_id.code, order.channel_ref, order.client_order_ref),
            ("sale", "portal", f"Q{self.quick.id:06}", "PO 7"),
        )
        self.assertEqual((order.packing_instruction, order.requested_date.date()), ("No paper, please", day))
        self.assertEqual(
            [(line.product_id, line.product_uom_qty) for line in order.order_line],
            [(self.lantern, 3), (self.mug, 12)],
        )
        self.assertEqual((self.quick.state, self.quick.order_id), ("placed", order))
        self.assertTrue(order.submitted_at)

    def test_it_is_reviewed_like_any_other(self):
        self.customer.zip = False
        self.take("LANTERN 3")
        order = self.quick._place()
        self.assertEqual((order.state, order.processing_stage), ("sent", "in_review"))

    def test_a_second_click_orders_nothing(self):
        self.take("LANTERN 3")
        order = self.quick._place()
        self.assertEqual(self.quick._place(), order)
        self.assertEqual(self.env["order.quick"]._last_placed(self.carla, str(self.quick.id)), order)
        self.assertFalse(self.env["order.quick"]._last_placed(self.sally, str(self.quick.id)))
        self.assertFalse(self.env["order.quick"]._last_placed(self.carla, "x"))

    def test_what_needs_a_look_is_not_ordered(self):
        for text, words in (
            ("", "nothing in it"),
            ("LANTRN 3", "needs a look"),
            ("CANDLE 5\nX 1", "2 lines need"),
        ):
            self.quick.line_ids.unlink()
            self.take(text)
            with self.subTest(text), self.assertRaisesRegex(UserError, words):
                self.quick._place()
        self.assertFalse(self.quick.order_id)

    def test_a_day_that_is_over(self):
        self.take("LANTERN 3")
        self.quick.requested_date = Date.context_today(self.quick) - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "is over"):
            self.quick._place()

    def test_an_address_of_somebody_else(self):
        self.take("LANTERN 3")
        self.quick.partner_shipping_id = self.corner_shop
        with self.assertRaisesRegex(UserError, "choose where"):
            self.quick._place()

    def test_his_own_address(self):
        shed = self.env["res.partner"].create(
            {
                "name": "Shed",
                "parent_id": self.customer.id,
                "type": "delivery",
                "street": "1 Lane",
                "city": "Bath",
            }
        )
        self.take("LANTERN 3")
        self.quick.partner_shipping_id = shed
        self.assertEqual(self.quick._place().partner_shipping_id, shed)

    def test_what_is_paid_first(self):
        self.company.portal_confirmation_pay = True
        self.take("LANTERN 3")
        order = self.quick._place()
        self.assertEqual((order.state, order.require_signature), ("sent", False))
        self.assertTrue(order._has_to_be_paid())

    def test_a_person_of_a_company(self):
        shop = self.env["res.partner"].create({"name": "Big Shop", "is_company": True})
        self.customer.parent_id = shop
        self.take("LANTERN 3")
        order = self.quick._place()
        self.assertEqual((order.partner_id, order.partner_id.commercial_partner_id), (self.customer, shop))
