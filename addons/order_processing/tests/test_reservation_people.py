from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_reservation import ReservationCase


@tagged("post_install", "-at_install")
class TestAskedFor(ReservationCase):
    """What a person does about the goods of one transfer."""

    def setUp(self):
        super().setUp()
        self.order((self.few, 10))
        self.mine = self.order((self.few, 5))
        self.picking = self.mine.sudo().picking_ids.with_user(self.wes)

    def test_check_availability_takes_what_is_left_after_those_before(self):
        urgent = self.order((self.few, 4), urgency="urgent")
        self.put_in_stock(self.few, 6)
        action = self.picking.action_assign()
        self.assertEqual(self.set_aside(urgent, self.mine), [0, 2])
        self.assertEqual(
            action["params"]["message"],
            "[FEW] Brass Bell: 2 of 5 set aside: 6 were free, 4 of them went to others before it.",
        )
        self.run_allocator()
        self.assertEqual(self.set_aside(urgent, self.mine), [4, 2])

    def test_everything_there_and_nothing_to_tell(self):
        self.put_in_stock(self.few, 6)
        self.assertIs(self.picking.action_assign(), True)

    def test_released_by_a_person_it_stays_so_until_somebody_asks(self):
        self.restock(self.few, 5)
        self.assertEqual(self.set_aside(self.mine), [5])
        self.picking.do_unreserve()
        self.run_allocator()
        self.assertEqual(self.set_aside(self.mine), [0])
        self.assertIn("Released by hand", self.picking.reservation_note)
        self.picking.action_assign()
        self.assertEqual(self.set_aside(self.mine), [5])

    def test_out_of_turn_needs_the_right_and_a_reason(self):
        with self.assertRaises(AccessError):
            self.picking._jump_queue("VIP")
        self.assertFalse(self.picking.can_jump_queue)
        self.wes.group_ids += self.env.ref("order_processing.group_order_processing_queue_jump")
        with self.assertRaisesRegex(UserError, "Say why"):
            self.picking._jump_queue(" ")

    def test_out_of_turn(self):
        self.wes.group_ids += self.env.ref("order_processing.group_order_processing_queue_jump")
        urgent = self.order((self.few, 4), urgency="urgent")
        self.put_in_stock(self.few, 6)
        wizard = Form.from_action(self.env(user=self.wes), self.picking.action_open_queue_jump())
        self.assertEqual(wizard.passed_over, f"{urgent.name}: 3 Units [FEW] Brass Bell")
        wizard.reason = "The truck is waiting"
        wizard.save().action_jump()
        self.run_allocator()
        self.assertEqual(self.set_aside(urgent, self.mine), [1, 5])
        self.assertIn("queue_jumped", self.events(self.mine))
        self.assertIn("The truck is waiting", self.mine.timeline_html)

    def test_out_of_turn_where_nothing_is_free_says_so_and_notes_nothing(self):
        self.wes.group_ids += self.env.ref("order_processing.group_order_processing_queue_jump")
        with self.assertRaisesRegex(UserError, "Nothing of what this transfer lacks is free"):
            self.picking._jump_queue("The truck is waiting")
        self.assertNotIn("queue_jumped", self.events(self.mine))


@tagged("post_install", "-at_install")
class TestRank(ReservationCase):
    def test_it_is_fixed_with_the_approval(self):
        held = self.held_quotation(requested_date="2030-05-01 08:00:00")
        self.assertFalse(held.allocation_rank)
        self.approve(held)
        self.assertTrue(held.allocation_rank.startswith("120300501080000"))
        before = held.allocation_rank
        held.sudo().commitment_date = "2031-01-01"
        self.assertEqual(held.allocation_rank, before)

    def test_only_a_person_changes_it_and_it_is_noted(self):
        order = self.order((self.few, 1))
        order.with_user(self.sally).urgency = "urgent"
        self.assertTrue(order.allocation_rank.startswith("0"))
        self.assertIn("rank_raised", self.events(order))
        order.with_user(self.sally).requested_date = "2099-01-01"
        self.assertIn("rank_lowered", self.events(order))

    def test_nobody_types_it(self):
        order = self.order((self.few, 1))
        with self.assertRaises(AccessError):
            order.with_user(self.mona).allocation_rank = "0"
        with self.assertRaises(AccessError):
            self.quotation(allocation_rank="0")

    def test_taken_back_it_starts_anew(self):
        order = self.order((self.few, 1))
        order.sudo()._action_cancel()
        order.sudo().action_draft()
        self.assertFalse(order.allocation_rank)

    def test_a_star_on_the_transfer_makes_it_urgent(self):
        self.order((self.few, 10))
        first, starred = self.order((self.few, 3)), self.order((self.few, 3))
        starred.sudo().picking_ids.priority = "1"
        self.restock(self.few, 3)
        self.assertEqual(self.set_aside(first, starred), [0, 3])

    def test_orders_before_a_shelf_that_is_filled(self):
        order = self.order((self.few, 12))
        output = self.env["stock.location"].create(
            {"name": "Shop floor", "location_id": self.warehouse.view_location_id.id}
        )
        move = self.env["stock.move"].create(
            {
                "product_id": self.few.id,
                "product_uom_qty": 5,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": output.id,
                "picking_type_id": self.warehouse.int_type_id.id,
                "date_deadline": "2000-01-01",
            }
        )
        move._action_confirm()
        self.restock(self.few, 4)
        self.assertEqual((self.set_aside(order), move.quantity), ([12], 2))


@tagged("post_install", "-at_install")
class TestByHand(ReservationCase):
    """A quantity typed by hand is a person's decision."""

    def typed(self, quantity, user=None):
        order = self.order((self.few, 2))
        line = order.sudo().picking_ids.with_user(user or self.wes).move_line_ids
        line.quantity = quantity
        self.env.flush_all()
        self.env.cr.precommit.run()
        return line

    def test_it_is_allowed_and_marked(self):
        line = self.typed(15)
        self.assertTrue(line.reserved_by_hand)
        self.assertTrue(line.picking_id.has_beyond_stock)
        self.restock(self.few, 10)
        self.env.invalidate_all()
        self.assertFalse(line.picking_id.has_beyond_stock)

    def test_within_the_stock_it_is_nothing_special(self):
        self.assertFalse(self.typed(9).reserved_by_hand)

    def test_it_needs_a_right_where_the_operation_says_so(self):
        self.warehouse.out_type_id.over_reservation = "right"
        with self.assertRaisesRegex(UserError, "There is not that much of .FEW. Brass Bell"):
            self.typed(15)

    def test_whoever_has_the_right_may(self):
        self.warehouse.out_type_id.over_reservation = "right"
        self.wes.group_ids += self.env.ref("order_processing.group_order_processing_over_reserve")
        self.assertTrue(self.typed(15).reserved_by_hand)

    def test_nothing_else_is_reserved_on_top(self):
        self.typed(15)
        self.assertEqual(self.set_aside(self.order((self.few, 1))), [0])

    def test_a_line_added_to_a_transfer_beyond_the_stock_is_marked(self):
        order = self.order((self.few, 10))
        picking = order.sudo().picking_ids
        picking.write(
            {
                "move_line_ids": [
                    Command.create(
                        {
                            "move_id": picking.move_ids.id,
                            "product_id": self.few.id,
                            "quantity": 5,
                            "location_id": picking.location_id.id,
                            "location_dest_id": picking.location_dest_id.id,
                        }
                    )
                ]
            }
        )
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertEqual(picking.move_line_ids.mapped("reserved_by_hand"), [False, True])
