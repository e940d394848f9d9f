from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.order_processing.models import order_allocation_run as allocator
from odoo.addons.order_processing.models.allocation_facts import AllocationFacts

from .common_reservation import ReservationCase

LATER, LAST = "2098-01-01", "2099-01-01"


class HardenedCase(ReservationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stock = cls.warehouse.lot_stock_id
        cls.near, cls.far = cls.env["stock.location"].create(
            [{"name": name, "location_id": cls.stock.id} for name in ("Near", "Far")]
        )

    def moves(self, *orders):
        return self.env["sale.order"].union(*orders).sudo().order_line.move_ids

    def busy(self, times, products):
        """Let somebody else have these products for the next so many looks."""
        Quant = type(self.env["stock.quant"])
        lock, looks = Quant._lock_for_reservation, []

        def locked(quants, wanted, locations, wait=True):
            if not wait and wanted & products and len(looks) < times:
                looks.append(1)
                return wanted - products
            return lock(quants, wanted, locations, wait)

        self.patch(Quant, "_lock_for_reservation", locked)


@tagged("post_install", "-at_install")
class TestNobodyIsForgotten(HardenedCase):
    """The allocator comes to everybody, whatever is in its way."""

    def test_stock_that_somebody_else_holds_is_tried_again_in_the_same_run(self):
        self.company.reservation_mode = "queued"
        order = self.order((self.few, 3))
        self.busy(3, self.few)
        self.patch(allocator, "PAUSE", 0)
        self.run_allocator()
        self.assertEqual(self.set_aside(order), [3])
        self.assertFalse(self.env["order.allocation.run"].search([], limit=1).note)

    def test_what_is_held_for_too_long_goes_on_reading_reserving(self):
        self.company.reservation_mode = "queued"
        order = self.order((self.few, 3))
        self.busy(1000, self.few)
        self.patch(allocator, "PAUSE", 0)
        self.run_allocator()
        self.assertEqual(order.reservation_state, "pending")

    def test_held_back_orders_in_front_do_not_use_up_the_steps(self):
        self.order((self.few, 10))
        held_back = [
            self.order((self.few, 1), (self.blanket, 1), picking_policy="one") for _number in range(3)
        ]
        others = [self.order((self.few, 1), requested_date=LATER) for _number in range(5)]
        self.put_in_stock(self.few, 20)
        self.patch(allocator, "FIRST_BUDGET", 2)
        self.patch(allocator, "LARGEST_BUDGET", 2)
        self.run_allocator()
        self.assertEqual(self.set_aside(*held_back, *others), [0, 0, 0, 1, 1, 1, 1, 1])

    def test_in_small_steps_nobody_on_a_shelf_is_served_before_his_turn(self):
        product = self.product("SHELF", 5.0)
        first = [self.order((product, 1)) for _number in range(5)]
        last = [self.order((product, 1), requested_date=LAST) for _number in range(3)]
        self.moves(*last).location_id = self.near
        self.put_in_stock(product, 5, self.near)
        self.patch(allocator, "FIRST_BUDGET", 2)
        self.patch(allocator, "LARGEST_BUDGET", 2)
        self.run_allocator()
        self.assertEqual(self.set_aside(*first, *last), [1] * 5 + [0] * 3)

    def test_goods_that_are_not_for_those_in_front_go_to_the_next(self):
        self.order((self.few, 10))
        dozen = self.env.ref("uom.product_uom_dozen")
        self.env["ir.config_parameter"].set_param("stock.propagate_uom", "1")
        self.rule("price").active = False
        line = {"product_id": self.few.id, "product_uom_qty": 1, "product_uom_id": dozen.id}
        bound = [self.order(line) for _number in range(7)]
        self.moves(*bound).product_uom.rounding = 1
        ordinary = self.order((self.few, 1), requested_date=LATER)
        self.put_in_stock(self.few, 0.05)
        self.run_allocator()
        self.assertEqual(self.set_aside(ordinary), [0.05])
        self.assertEqual(set(self.code(bound[0])), {"unfit"})

    def test_one_failing_transfer_does_not_stop_its_product(self):
        self.company.reservation_mode = "queued"
        orders = [self.order((self.few, 1)) for _number in range(4)]
        bad = self.moves(orders[1])
        Move = type(bad)
        prepare = Move._prepare_move_line_vals

        def broken(move, quantity=None, reserved_quant=None):
            if move == bad:
                raise ValueError("The scale is broken")
            return prepare(move, quantity, reserved_quant)

        self.patch(Move, "_prepare_move_line_vals", broken)
        self.patch(self.env.cr, "rollback", lambda: None)
        self.env.flush_all()
        with self.assertLogs("odoo.addons.order_processing.models.order_allocation_run", "ERROR"):
            self.run_allocator()
        self.assertEqual(self.set_aside(*orders), [1, 0, 1, 1])
        note = self.env["order.allocation.run"].search([], limit=1).note
        self.assertIn(bad.picking_id.name, note)

    def test_what_is_held_at_the_last_moment_does_not_keep_the_allocator_busy(self):
        """Held by something the candidates do not know of: left out, not served for ever."""
        self.company.reservation_mode = "queued"
        orders = [self.order((self.few, 1)) for _number in range(4)]
        Move = type(self.env["stock.move"])
        self.patch(Move, "_held_orders", lambda moves: moves.sudo().sale_line_id.order_id & orders[0])
        self.patch(allocator, "FIRST_BUDGET", 1)
        self.patch(allocator, "LARGEST_BUDGET", 1)
        self.run_allocator()
        self.assertEqual(self.set_aside(*orders), [0, 1, 1, 1])

    def test_what_follows_another_move_is_reserved_in_queued_mode_too(self):
        self.company.reservation_mode = "queued"
        self.warehouse.delivery_steps = "pick_ship"
        order = self.order((self.few, 3))
        self.run_allocator()
        self.ship(order)
        line = order.order_line
        line.sudo().product_uom_qty = 2
        self.env.flush_all()
        out = self.moves(order).filtered(lambda move: move.picking_code == "outgoing")
        self.assertEqual(sum(out.filtered(lambda m: m.state == "assigned").mapped("quantity")), 2)


@tagged("post_install", "-at_install")
class TestAskedForWhileBusy(HardenedCase):
    """Somebody asks for goods another has his hands on: the allocator sees to it a moment later."""

    def setUp(self):
        super().setUp()
        self.order((self.few, 10))
        self.first, self.mine = self.order((self.few, 5)), self.order((self.few, 5), requested_date=LATER)
        self.picking = self.mine.sudo().picking_ids.with_user(self.wes)
        self.put_in_stock(self.few, 5)

    def test_out_of_turn(self):
        self.wes.group_ids += self.env.ref("order_processing.group_order_processing_queue_jump")
        self.busy(1, self.few)
        self.picking._jump_queue("The truck is waiting")
        self.assertEqual(self.set_aside(self.mine), [0])
        self.run_allocator()
        self.assertEqual(self.set_aside(self.first, self.mine), [0, 5])

    def test_reserved_by_hand_only(self):
        self.moves(self.first)._action_cancel()
        self.warehouse.out_type_id.reservation_method = "manual"
        self.busy(1, self.few)
        self.picking.action_assign()
        self.assertEqual(self.mine.reservation_state, "pending")
        self.run_allocator()
        self.assertEqual(self.set_aside(self.mine), [5])


@tagged("post_install", "-at_install")
class TestNobodyGetsRound(HardenedCase):
    """Rights and marks hold whatever a client sends."""

    def test_a_client_cannot_say_that_it_is_decided(self):
        self.order((self.few, 10))
        first = self.order((self.few, 5))
        mine = self.order((self.few, 5), requested_date=LATER)
        self.put_in_stock(self.few, 5)
        picking = mine.sudo().picking_ids
        for context in ({"explicit_reservation": "jump"}, {"allocation_decided": True}):
            self.rpc(self.wes, picking.with_user(self.wes), "action_assign", context=context)
            self.assertEqual(self.set_aside(mine), [0], context)
        self.run_allocator()
        self.assertEqual(self.set_aside(first, mine), [5, 0])

    def test_nobody_types_the_marks(self):
        order = self.order((self.few, 2))
        for vals in (
            {"released_by_hand": True},
            {"reservation_asked": "first"},
            {"reservation_pending": True},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                self.moves(order).with_user(self.wes).write(vals)
        with self.assertRaises(AccessError):
            self.moves(order).move_line_ids.with_user(self.wes).reserved_by_hand = True

    def test_goods_that_were_never_there(self):
        """Odoo makes a record without a quantity for them."""
        self.warehouse.out_type_id.over_reservation = "right"
        picking = self.order((self.blanket, 2)).sudo().picking_ids
        with self.assertRaisesRegex(UserError, "There is not that much"):
            self._typed(picking, self.wes)

    def test_they_are_marked(self):
        picking = self.order((self.blanket, 2)).sudo().picking_ids
        self._typed(picking, self.wes)
        self.assertEqual(picking.move_line_ids.mapped("reserved_by_hand"), [True])
        self.assertTrue(picking.has_beyond_stock)

    def _typed(self, picking, user):
        vals = {
            "move_id": picking.move_ids.id,
            "product_id": picking.move_ids.product_id.id,
            "quantity": 2,
            "location_id": picking.location_id.id,
            "location_dest_id": picking.location_dest_id.id,
        }
        picking.with_user(user).write({"move_line_ids": [Command.create(vals)]})
        self.env.cr.flush()

    def test_refused_once_it_stays_refused(self):
        """A savepoint asks, somebody swallows the answer: the commit asks again."""
        self.warehouse.out_type_id.over_reservation = "right"
        picking = self.order((self.blanket, 2)).sudo().picking_ids
        for _time in range(2):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                try:
                    self._typed(picking, self.wes)
                except UserError:
                    self.env.cr.flush()

    def test_less_of_ones_own_is_no_more_of_anybodys(self):
        typed, honest = self.order((self.few, 2)), self.order((self.few, 5))
        self.moves(typed).move_line_ids.quantity = 12
        self.env.cr.flush()
        self.warehouse.out_type_id.over_reservation = "right"
        line = self.moves(honest).move_line_ids.with_user(self.wes)
        line.quantity = 4
        self.env.cr.flush()
        self.assertFalse(line.reserved_by_hand)

    def test_who_gets_what_does_not_depend_on_what_the_user_sees(self):
        facts = AllocationFacts(self.env(user=self.wes), self.few.ids)
        self.assertTrue(facts.env.su)
        self.assertEqual(facts.env.uid, self.wes.id)


@tagged("post_install", "-at_install")
class TestNothingIsLost(HardenedCase):
    """Several records of the same goods at the same place."""

    def quants(self, *pairs):
        product = self.product("PAIR", 5.0)
        return product, self.env["stock.quant"].create(
            [
                {
                    "product_id": product.id,
                    "location_id": self.stock.id,
                    "quantity": on_hand,
                    "reserved_quantity": held,
                }
                for on_hand, held in pairs
            ]
        )

    def test_a_release_goes_where_it_is_reserved(self):
        product, quants = self.quants((5, 0), (5, 5))
        self.env["stock.quant"]._update_reserved_quantity(product, self.stock, -5)
        self.assertEqual(quants.mapped("reserved_quantity"), [0, 0])

    def test_a_release_of_more_than_each_has_is_booked_beside(self):
        product, quants = self.quants((5, 3), (5, 2))
        self.env["stock.quant"]._update_reserved_quantity(product, self.stock, -5)
        everything = self.env["stock.quant"].search([("product_id", "=", product.id)])
        self.assertEqual(sum(everything.mapped("reserved_quantity")), 0)
        order = self.order((product, 10))
        self.assertEqual(self.set_aside(order), [10])

    def test_what_is_locked_by_somebody_else_keeps_its_reservation(self):
        product, quants = self.quants((5, 5), (5, 2))
        Quant = type(quants)
        with patch.object(Quant, "try_lock_for_update", lambda records, **options: records.browse()):
            self.env["stock.quant"]._update_reserved_quantity(product, self.stock, -5)
        everything = self.env["stock.quant"].search([("product_id", "=", product.id)])
        self.assertEqual(sum(everything.mapped("reserved_quantity")), 2)


@tagged("post_install", "-at_install")
class TestTheReasonIsTrue(HardenedCase):
    def test_released_in_the_forecast(self):
        order = self.order((self.few, 4))
        report = self.env["stock.forecasted_product_product"]
        report.action_unreserve_linked_picks(self.moves(order).id)
        self.run_allocator()
        self.assertEqual(self.set_aside(order), [0])
        self.assertIn("Released by hand", order.reservation_note)

    def test_asked_for_again_by_a_larger_order(self):
        self.company.reservation_mode = "queued"
        order = self.order((self.few, 4))
        self.run_allocator()
        order.sudo().picking_ids.do_unreserve()
        order.order_line.sudo().product_uom_qty = 5
        self.run_allocator()
        self.assertEqual(self.set_aside(order), [5])

    def test_reserving_as_odoo_does_no_reason_of_ours_is_left(self):
        self.order((self.few, 10))
        order = self.order((self.few, 4))
        self.assertTrue(order.reservation_note)
        self.company.reservation_mode = "odoo"
        self.assertFalse(order.reservation_note)

    def test_orders_shipped_complete_that_need_each_others_goods(self):
        """What the third lacks must not cost the second its turn."""
        one, two, three = (self.product(name, 5.0) for name in ("P", "R", "S"))
        self.order((self.few, 10))
        third = self.order((two, 1), (three, 1), picking_policy="one")
        second = self.order((one, 1), (two, 1), picking_policy="one", requested_date=LATER)
        self.put_in_stock(one, 1)
        self.put_in_stock(two, 1)
        last = self.order((one, 1), requested_date=LAST)
        self.assertEqual(self.set_aside(last), [0])
        self.run_allocator()
        self.assertEqual(self.set_aside(third, second, last), [0, 2, 0])

    def test_dozens_do_not_rob_a_shelf(self):
        """The second lane: Odoo takes the oldest, those bound to a shelf come first."""
        self.env["ir.config_parameter"].set_param("stock.propagate_uom", "1")
        self.rule("price").active = False
        product, dozen = self.product("EGG", 0.5), self.env.ref("uom.product_uom_dozen")
        line = {"product_id": product.id, "product_uom_qty": 1, "product_uom_id": dozen.id}
        anywhere, bound = self.order(line), self.order(line, requested_date=LATER)
        self.moves(bound).location_id = self.near
        self.put_in_stock(product, 12, self.near)
        self.put_in_stock(product, 12, self.far)
        self.run_allocator()
        self.assertEqual(self.set_aside(anywhere, bound), [1, 1])
        self.assertAddsUp(product)
