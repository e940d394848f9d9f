from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.order_processing.tests.common_reservation import ReservationCase


@tagged("post_install", "-at_install")
class TestHoldKit(ReservationCase):
    """A gift set of one bell and two mugs, sold by the set."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.hold_review_hours = 48
        cls.gift = cls.product("GIFT", 25.0, name="Gift Set")
        cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": cls.gift.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": cls.few.id, "product_qty": 1}),
                    Command.create({"product_id": cls.mug.id, "product_qty": 2}),
                ],
            }
        )

    def holds(self, order):
        holds = self.env["stock.move"].search([("hold_line_id.order_id", "=", order.id)], order="product_id")
        return {(hold.product_id, hold.quantity) for hold in holds}

    def test_its_parts_are_held_and_pass_to_the_delivery(self):
        order = self.held_quotation(lines=[(self.gift, 4)])
        self.assertEqual(self.holds(order), {(self.few, 4), (self.mug, 8)})
        self.assertEqual((self.few.free_qty, self.mug.free_qty), (6, 392))
        self.order((self.few, 6))
        self.approve(order)
        moves = order.sudo().order_line.move_ids
        self.assertEqual({(move.product_id, move.quantity) for move in moves}, {(self.few, 4), (self.mug, 8)})
        self.assertFalse(self.holds(order))
        self.assertEqual(order.reservation_state, "full")
        self.assertAddsUp(self.few, self.mug)

    def test_another_number_of_sets(self):
        order = self.held_quotation(lines=[(self.gift, 4)])
        order.order_line.product_uom_qty = 2
        self.assertEqual(self.holds(order), {(self.few, 2), (self.mug, 4)})
        order.order_line.product_uom_qty = 12
        self.assertEqual(self.holds(order), {(self.few, 10), (self.mug, 24)})
        order.order_line.product_id = self.lantern
        self.assertEqual(self.holds(order), {(self.lantern, 12)})
        self.assertAddsUp(self.few, self.mug, self.lantern)

    def test_a_kit_in_a_kit_by_the_dozen(self):
        hamper = self.product("HAMPER", 60.0)
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": hamper.product_tmpl_id.id,
                "type": "phantom",
                "product_qty": 2,
                "bom_line_ids": [Command.create({"product_id": self.gift.id, "product_qty": 1})],
            }
        )
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.held_quotation(
            lines=[{"product_id": hamper.id, "product_uom_qty": 1, "product_uom_id": dozen.id}]
        )
        self.assertEqual(self.holds(order), {(self.few, 6), (self.mug, 12)})
        self.approve(order)
        moves = order.sudo().order_line.move_ids
        self.assertEqual(
            {(move.product_id, move.quantity) for move in moves}, {(self.few, 6), (self.mug, 12)}
        )
