from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatchHardened(DispatchCase):
    """What a person has decided holds, whatever is planned, reviewed or validated in the meantime."""

    # ---------------------------------------------------------------- urgent, but not today
    def test_urgent_and_wanted_next_week_is_not_begun_today(self):
        urgent = self.transfer(urgency="urgent", requested_date=self.at(9))
        self.plan()
        self.assertEqual((urgent.departure_id.departs_at, urgent.batch_id.state), (self.at(8), "draft"))
        self.assertTrue(urgent.batch_id.is_urgent_wave)
        urgent.sale_id.sudo().requested_date = self.at(3)
        self.plan()
        self.assertLess(urgent.departure_id.departs_at, self.at(3))

    def test_its_time_come_it_is_begun(self):
        urgent = self.transfer(urgency="urgent", requested_date=self.at(9))
        self.plan()
        with freeze_time(self.at(8, 9)):
            self.plan()
            self.assertEqual(
                (urgent.departure_id.departs_at, urgent.batch_id.state), (self.at(8), "in_progress")
            )

    def test_the_next_departure_may_be_days_away(self):
        self.north.slot_ids.filtered(lambda slot: slot.weekday != "4").unlink()
        urgent = self.transfer(urgency="urgent")
        self.plan()
        self.assertLeaves(urgent, 4)
        self.assertEqual(urgent.batch_id.state, "in_progress")

    # ---------------------------------------------------------------- moved, then under review
    def test_a_review_forgets_what_was_moved(self):
        transfer = self.transfer()
        self.plan()
        transfer.with_user(self.wes).dispatch_move(self.departure(2).id)
        self.plan()
        order = transfer.sale_id.sudo()
        order.review_state = "pending"
        self.plan()
        self.assertEqual((transfer.departure_id.id, transfer.dispatch_by_hand), (False, False))
        self.assertEqual(transfer.dispatch_code, "review")
        order.review_state = "approved"
        self.plan()
        self.assertLeaves(transfer, 0, "next")
        with freeze_time(self.at(0, 15.5)):
            self.plan()
            self.assertLeaves(transfer, 1)

    def test_a_review_does_not_forget_what_is_held_back(self):
        transfer = self.transfer()
        self.plan()
        transfer.with_user(self.wes).dispatch_hold("Wet")
        transfer.sale_id.sudo().review_state = "pending"
        self.plan()
        transfer.sale_id.sudo().review_state = "approved"
        self.plan()
        self.assertEqual((transfer.dispatch_by_hand, transfer.dispatch_status), ("held", "held"))

    # ---------------------------------------------------------------- taken out of a wave
    def test_taken_out_of_a_wave_it_stays_out(self):
        lamp, other = self.transfer(), self.transfer(partner=self.neighbour)
        self.plan()
        wave = lamp.batch_id
        wave.with_user(self.wes).write({"picking_ids": [Command.unlink(lamp.id)]})
        for _again in range(2):
            self.plan()
            self.assertFalse(lamp.batch_id or lamp.departure_id)
            self.assertEqual(lamp.dispatch_status, "held")
        self.assertEqual(other.batch_id, wave)
        self.assertIn("Wes", lamp.dispatch_reason)
        self.assertIn(wave.name, lamp.dispatch_reason)
        lamp.with_user(self.wes).dispatch_release_hold()
        self.plan()
        self.assertLeaves(lamp, 0, "next")

    def test_taken_out_of_a_released_wave_on_the_transfer(self):
        lamp, other = self.transfer(), self.transfer(partner=self.neighbour)
        self.plan()
        wave = lamp.batch_id
        wave.with_user(self.wes).dispatch_release()
        lamp.with_user(self.wes).batch_id = False
        self.plan()
        self.assertEqual(lamp.dispatch_by_hand, "held")
        self.assertEqual((wave.state, wave.picking_ids), ("in_progress", other))

    def test_put_into_somebodys_own_batch_is_no_hold(self):
        lamp = self.transfer()
        self.plan()
        kind = lamp.picking_type_id
        own = self.env["stock.picking.batch"].with_user(self.wes).create({"picking_type_id": kind.id})
        lamp.with_user(self.wes).batch_id = own
        self.plan()
        self.assertEqual((lamp.batch_id, lamp.dispatch_by_hand), (own, False))

    def test_what_odoo_takes_out_is_planned_on(self):
        lamp, other = self.transfer((self.lantern, 4)), self.transfer(partner=self.neighbour)
        self.plan()
        wave = lamp.batch_id.with_user(self.wes)
        wave.dispatch_release()
        lamp.move_ids.write({"quantity": 3, "picked": True})
        wave.with_context(skip_backorder=True).action_done()
        self.assertEqual(lamp.state, "done")
        self.plan()
        self.assertLeaves(lamp.backorder_ids, 0)
        self.assertLeaves(other, 0)
        self.assertFalse((lamp.backorder_ids | other).filtered("dispatch_by_hand"))

    def test_a_wave_given_up_is_planned_anew(self):
        lamp, other = self.transfer(), self.transfer(partner=self.neighbour)
        self.plan()
        wave = lamp.batch_id
        wave.with_user(self.wes).dispatch_release()
        wave.with_user(self.wes).action_cancel()
        self.assertEqual(wave.state, "cancel")
        self.plan()
        for transfer in (lamp, other):
            self.assertLeaves(transfer, 0)
            self.assertFalse(transfer.dispatch_by_hand)

    def test_waves_put_together(self):
        self.company.dispatch_release_urgent = False
        lamp, urgent = self.transfer(), self.transfer(partner=self.neighbour, urgency="urgent")
        self.plan()
        (lamp | urgent).batch_id.with_user(self.wes).action_merge()
        self.plan()
        self.assertEqual(len((lamp | urgent).batch_id), 1)
        self.assertNotIn("held", (lamp | urgent).mapped("dispatch_by_hand"))

    def test_cancelled_with_its_order(self):
        lamp, other = self.transfer(), self.transfer(partner=self.neighbour)
        self.plan()
        wave = lamp.batch_id
        lamp.with_user(self.wes).action_cancel()
        self.assertEqual((lamp.state, lamp.dispatch_by_hand), ("cancel", False))
        self.assertEqual(wave.picking_ids, other)

    # ---------------------------------------------------------------- held back means held back
    def test_held_back_it_is_not_validated(self):
        lamp = self.transfer()
        self.plan()
        lamp.with_user(self.wes).dispatch_hold("The label is wrong")
        lamp = lamp.with_user(self.wes)
        lamp.move_ids.picked = True
        for validate in (lamp.button_validate, lamp._action_done):
            with self.assertRaisesRegex(UserError, "Wes: The label is wrong(.|\n)*Release it"):
                validate()
        self.assertEqual(lamp.state, "assigned")
        lamp.dispatch_release_hold()
        lamp.button_validate()
        self.assertEqual((lamp.state, lamp.dispatch_status), ("done", "packed"))

    def test_where_nothing_is_planned_nobody_is_stopped(self):
        lamp = self.transfer()
        self.plan()
        lamp.with_user(self.wes).dispatch_hold("The label is wrong")
        self.company.dispatch_mode = "off"
        lamp.move_ids.picked = True
        lamp.with_user(self.wes).button_validate()
        self.assertEqual((lamp.state, lamp.dispatch_status), ("done", "packed"))

    def test_the_rest_of_what_is_held_back_is_too(self):
        lamp = self.transfer((self.lantern, 2))
        self.plan()
        lamp.with_user(self.wes).dispatch_hold("Wet")
        rest = lamp._create_backorder()
        self.assertEqual((rest.dispatch_by_hand, rest.dispatch_hold_reason), ("held", "Wet"))
        self.plan()
        self.assertEqual(rest.dispatch_status, "held")
        self.assertIn("Wet", rest.dispatch_reason)

    # ---------------------------------------------------------------- who does it
    def test_moved_into_a_released_wave_it_is_its_packers(self):
        other = self.transfer(partner=self.neighbour)
        self.plan()
        wave = other.batch_id
        wave.user_id = self.wes
        wave.with_user(self.wes).dispatch_release()
        lamp = self.transfer()
        self.plan()
        lamp.with_user(self.wes).dispatch_move(self.departure(0).id, wave.id)
        self.assertEqual((lamp.batch_id, lamp.user_id), (wave, self.wes))

    # ---------------------------------------------------------------- how far it is
    def test_counting_has_only_begun(self):
        lamp = self.transfer((self.lantern, 3))
        self.plan()
        line = lamp.move_line_ids
        packer = lamp.with_user(self.wes)
        packer.pack_count(line.id, 1)
        self.assertEqual(lamp.dispatch_status, "ready", "two of three still lie on the shelf")
        packer.pack_count(line.id, 3)
        self.assertEqual(lamp.dispatch_status, "packed")
        packer.pack_count(line.id, 0)
        self.assertEqual(lamp.dispatch_status, "ready")
        lamp.move_ids.picked = True
        self.assertEqual(lamp.dispatch_status, "picked")
        line.result_package_id = self.env["stock.package"].create({"name": "P1"})
        self.assertEqual(lamp.dispatch_status, "packed")
        packer.pack_count(line.id, 2)
        self.assertEqual(lamp.dispatch_status, "ready", "in its package is not all of it")

    def test_the_status_is_read_without_compiling_it(self):
        lamp = self.transfer()
        self.plan()
        for read in (lambda: lamp.dispatch_status, lamp._ready_ids, self.plan):
            self.env.cr.execute("SET LOCAL jit = on")
            self.env.invalidate_all()
            read()
            self.env.cr.execute("SHOW jit")
            self.assertEqual(self.env.cr.fetchone(), ("off",))

    def test_what_fits_nowhere_is_found_among_those_without_departure(self):
        self.north.max_parcels = 3
        heavy = self.product("ANVIL", 90.0, stock=50, weight=40.0)
        large = self.transfer((heavy, 4))
        self.plan()
        action = self.env.ref("order_processing.stock_picking_without_departure_action")
        columns = etree.fromstring(action.view_id.arch).xpath("//field/@name")
        self.assertIn("dispatch_reason", columns)
        search = etree.fromstring(self.env["stock.picking"].get_view(action.search_view_id.id)["arch"])
        domain = search.xpath("//filter[@name='no_departure']/@domain")[0]
        found = self.env["stock.picking"].with_user(self.wes).search(safe_eval(domain))
        self.assertIn(large, found)
        self.assertIn("Fits on no departure", large.dispatch_reason)
        lane = {"kind": "none", "departure_id": 0, "batch_id": 0}
        board = self.env["order.dispatch.departure"].with_user(self.wes)
        cards = board.dispatch_board_more(self.warehouse.id, lane)["cards"]
        self.assertIn(large.id, [card["id"] for card in cards])
        self.assertIn("Fits on no departure", large.with_user(self.wes).dispatch_details()["reason"])


@tagged("post_install", "-at_install")
class TestDispatchStepsHardened(DispatchCase):
    """Goods that go through several transfers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(cls.env, "boss", "stock.group_stock_manager")

    def test_a_pick_in_progress_is_not_torn_from_its_wave(self):
        self.north.max_parcels = 1
        pick, out = self.chained()
        self.plan()
        wave = pick.batch_id
        wave.with_user(self.wes).dispatch_release()
        pick.with_user(self.wes).move_ids.picked = True
        self.in_steps("ship_only")
        urgent = self.transfer(partner=self.shop, urgency="urgent")
        self.plan()
        self.assertEqual((pick.batch_id, wave.state), (wave, "in_progress"))
        self.assertLeaves(pick, 0)
        self.assertLeaves(out, 0)
        self.assertLeaves(urgent, 1)

    def test_a_pick_that_is_only_released_neither(self):
        self.north.max_parcels = 1
        pick, out = self.chained()
        self.plan()
        wave = pick.batch_id
        wave.with_user(self.wes).dispatch_release()
        self.in_steps("ship_only")
        self.transfer(partner=self.shop, urgency="urgent")
        self.plan()
        self.assertEqual((pick.batch_id, out.departure_id), (wave, self.departure(0)))

    def test_what_is_picked_may_still_go_with_another(self):
        self.in_steps("pick_ship")
        pick = self.transfer()
        order = pick.move_ids.sale_line_id.order_id
        self.plan()
        self.ship(order)
        out = order.sudo().picking_ids - pick
        departure = self.departure(0)
        departure.with_user(self.boss).action_cancel_departure()
        self.assertEqual(departure.state, "cancelled")
        self.plan()
        self.assertLeaves(out, 1)
        self.plan()
        self.ship(order)
        with self.assertRaisesRegex(UserError, "handed over already"):
            self.departure(1).with_user(self.boss).action_cancel_departure()

    def test_only_what_reaches_the_customer_has_left(self):
        self.in_steps("pick_ship")
        first, second = self.transfer(), self.transfer(partner=self.shop)
        gone, stays = first.move_ids.sale_line_id.order_id, second.move_ids.sale_line_id.order_id
        self.plan()
        self.ship(gone)
        self.ship(stays)
        self.plan()
        self.ship(gone)
        departure = self.departure(0)
        departure.with_user(self.wes).action_depart()
        self.assertIn("Left with 1 transfers; 1 go", departure.message_ids[0].body)

    def test_goods_left_behind_are_counted_once(self):
        self.chained()
        self.plan()
        departure = self.departure(0)
        departure.with_user(self.wes).action_depart()
        self.assertIn("Left with 0 transfers; 1 go", departure.message_ids[0].body)
