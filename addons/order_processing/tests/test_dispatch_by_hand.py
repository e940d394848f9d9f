from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatchByHand(DispatchCase):
    """What people decide stays, until they let the plan decide again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lamp, cls.other = cls.transfer(), cls.transfer(partner=cls.shop)
        cls.plan()

    def by_wes(self, records, method, *args):
        return self.rpc(self.wes, records, method, *args)

    # ---------------------------------------------------------------- moved
    def test_moved_it_stays_moved(self):
        self.by_wes(self.lamp, "dispatch_move", self.departure(2).id)
        self.assertEqual(self.lamp.batch_id.departure_id, self.departure(2))
        for _again in range(2):
            self.plan()
            self.assertLeaves(self.lamp, 2, "moved")
            self.assertEqual(self.lamp.dispatch_by_hand, "moved")
            self.assertEqual(self.lamp.batch_id.departure_id, self.departure(2))
        self.assertIn("Wes", self.lamp.dispatch_reason)
        self.assertLeaves(self.other, 0)

    def test_moved_beyond_what_fits_is_allowed_and_said(self):
        self.departure(2).max_parcels = 1
        self.by_wes(self.lamp | self.other, "dispatch_move", self.departure(2).id)
        self.plan()
        self.assertLeaves(self.lamp, 2)
        self.assertLeaves(self.other, 2)
        self.assertIn("parcels: 1", self.lamp.dispatch_reason)
        self.assertTrue(self.departure(2).is_overfull)

    def test_the_plan_may_decide_again(self):
        self.by_wes(self.lamp, "dispatch_move", self.departure(2).id)
        self.by_wes(self.lamp, "dispatch_let_plan")
        self.plan()
        self.assertLeaves(self.lamp, 0, "next")
        self.assertEqual(self.lamp.batch_id, self.other.batch_id)
        self.assertFalse(self.departure(2).batch_ids)

    def test_moved_into_a_released_wave(self):
        wave = self.other.batch_id
        self.by_wes(self.lamp, "dispatch_move", self.departure(1).id)
        self.by_wes(wave, "dispatch_release")
        self.by_wes(self.lamp, "dispatch_move", self.departure(0).id, wave.id)
        self.plan()
        self.assertEqual(self.lamp.batch_id, wave)

    def test_what_cannot_be_is_refused_in_words(self):
        departure = self.departure(1)
        departure.action_cancel_departure()
        with self.assertRaisesRegex(UserError, "does not run"):
            self.by_wes(self.lamp, "dispatch_move", departure.id)
        with self.assertRaisesRegex(UserError, "not there any more"):
            self.by_wes(self.lamp, "dispatch_move", 0)
        with self.assertRaisesRegex(UserError, "not open for this departure"):
            self.by_wes(self.lamp, "dispatch_move", self.departure(2).id, self.other.batch_id.id)
        elsewhere = self.env["stock.warehouse"].create({"name": "Second", "code": "SEC"})
        there = self.route("South", warehouse_id=elsewhere.id).departure_ids[0]
        with self.assertRaisesRegex(UserError, "this departure from Second"):
            self.by_wes(self.lamp, "dispatch_move", there.id)

    def test_another_companys_departure(self):
        other = self.env["res.company"].create({"name": "Others", "dispatch_mode": "plan"})
        place = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        theirs = self.route("Theirs", warehouse_id=place.id).departure_ids[0]
        with self.assertRaises(AccessError):
            self.by_wes(self.lamp, "dispatch_move", theirs.id)
        self.wes.company_ids |= other
        with self.assertRaisesRegex(UserError, "belongs to"):
            self.rpc(
                self.wes,
                self.lamp.with_context(allowed_company_ids=[1, other.id]),
                "dispatch_move",
                theirs.id,
            )

    def test_put_into_a_wave_in_odoos_own_screens(self):
        self.by_wes(self.other, "dispatch_move", self.departure(2).id)
        wave = self.other.batch_id
        wave.with_user(self.wes).write({"picking_ids": [(4, self.lamp.id)]})
        self.plan()
        self.assertLeaves(self.lamp, 2, "moved")
        self.assertEqual(self.lamp.batch_id, wave)

    def test_somebodys_own_batch_is_left_alone(self):
        batch = (
            self.env["stock.picking.batch"]
            .with_user(self.wes)
            .create({"picking_ids": [(4, self.lamp.id)], "picking_type_id": self.lamp.picking_type_id.id})
        )
        self.plan()
        self.assertEqual(self.lamp.batch_id, batch)
        self.assertLeaves(self.lamp, 0)

    # ---------------------------------------------------------------- held
    def test_held_back_no_departure_takes_it(self):
        self.by_wes(self.lamp, "dispatch_hold", "The label is wrong")
        self.plan()
        self.assertFalse(self.lamp.departure_id or self.lamp.batch_id)
        self.assertEqual((self.lamp.dispatch_status, self.lamp.dispatch_code), ("held", "held"))
        self.assertIn("The label is wrong", self.lamp.dispatch_reason)
        self.assertIn("The label is wrong", self.lamp.message_ids[0].body)
        self.by_wes(self.lamp, "dispatch_release_hold")
        self.plan()
        self.assertLeaves(self.lamp, 0, "next")

    def test_a_hold_needs_a_reason(self):
        for nothing in ("", "  ", False):
            with self.assertRaisesRegex(UserError, "Say why"):
                self.by_wes(self.lamp, "dispatch_hold", nothing)

    # ---------------------------------------------------------------- released, split
    def test_a_released_wave_is_left_alone(self):
        wave = self.lamp.batch_id
        self.by_wes(wave, "dispatch_release")
        self.assertEqual(wave.state, "in_progress")
        new = self.transfer()
        self.plan()
        self.assertNotEqual(new.batch_id, wave)
        self.assertEqual(new.batch_id.departure_id, wave.departure_id)
        self.assertEqual(wave.picking_ids, self.lamp | self.other)
        with self.assertRaisesRegex(UserError, "released already"):
            self.by_wes(wave, "dispatch_release")

    def test_released_without_what_lacks_goods(self):
        self.put_in_stock(self.blanket, 1)
        short = self.transfer((self.lantern, 1), (self.blanket, 3))
        self.receipt(self.blanket, 5, 0)
        short.move_ids.sale_line_id.ready_date = self.at(0, 9)
        self.plan()
        wave = short.batch_id
        self.assertEqual((wave, short.dispatch_status), (self.lamp.batch_id, "short"))
        self.by_wes(wave, "dispatch_release")
        self.assertEqual(wave.picking_ids, self.lamp | self.other)
        self.plan()
        self.assertTrue(short.batch_id.is_planned_wave)
        with self.assertRaisesRegex(UserError, "nothing is ready"):
            self.by_wes(short.batch_id, "dispatch_release")

    def test_what_lacks_goods_is_found_at_one_look(self):
        wave = self.lamp.batch_id.with_prefetch()
        few = self.queries(wave._leave_out_short)
        for _number in range(6):
            self.transfer()
        self.plan()
        self.assertEqual(len(wave.picking_ids), 8)
        self.assertEqual(self.queries(wave._leave_out_short), few)

    def test_split_off_it_stays_apart(self):
        wave = self.lamp.batch_id
        new = self.env["stock.picking.batch"].browse(self.by_wes(wave, "dispatch_split", self.lamp.ids))
        self.plan()
        self.assertEqual(
            (new.picking_ids, new.departure_id, new.state), (self.lamp, wave.departure_id, "draft")
        )
        self.assertEqual(wave.picking_ids, self.other)
        with self.assertRaisesRegex(UserError, "not all of them"):
            self.by_wes(wave, "dispatch_split", self.other.ids)

    def test_split_of_a_released_wave_is_released(self):
        wave = self.lamp.batch_id
        self.by_wes(wave, "dispatch_release")
        new = self.env["stock.picking.batch"].browse(self.by_wes(wave, "dispatch_split", self.lamp.ids))
        self.assertEqual(new.state, "in_progress")

    # ---------------------------------------------------------------- left, cancelled
    def test_what_is_not_done_goes_with_the_next(self):
        departure = self.departure(0)
        self.by_wes(self.lamp.batch_id, "dispatch_release")
        self.ship(self.lamp.sale_id)
        self.by_wes(departure, "action_depart")
        self.assertEqual((departure.state, departure.departed_at), ("departed", self.at(0, 9)))
        self.assertEqual(self.lamp.departure_id, departure)
        self.assertFalse(self.other.departure_id)
        self.assertIn("without", self.other.dispatch_reason)
        self.plan()
        self.assertLeaves(self.other, 1)
        self.assertEqual(self.other.batch_id.state, "draft")
        with self.assertRaisesRegex(UserError, "has left"):
            self.by_wes(departure, "action_depart")

    def test_its_time_over_the_transfers_go_on(self):
        with freeze_time(self.at(0, 17)):
            self.plan()
            self.assertLeaves(self.lamp, 1)
            self.assertEqual(self.departure(0).state, "planned", "nobody has said that it left")
        self.by_wes(self.lamp, "dispatch_move", self.departure(0).id)
        with freeze_time(self.at(1, 8)):
            self.plan()
            self.assertEqual(self.departure(0).state, "departed", "after a night everybody believes it")
            self.assertLeaves(self.lamp, 1)

    def test_a_departure_that_does_not_run(self):
        departure = self.departure(0)
        with self.assertRaises(AccessError):
            self.by_wes(departure, "action_cancel_departure")
        boss = new_test_user(self.env, "boss", "stock.group_stock_manager")
        self.rpc(boss, departure, "action_cancel_departure")
        self.plan()
        self.assertLeaves(self.lamp, 1)
        self.assertEqual(len(self.north.departure_ids.filtered(lambda one: one == departure)), 1)
        self.rpc(boss, departure, "action_run_again")
        self.plan()
        self.assertLeaves(self.lamp, 0)

    def test_less_room_moves_what_does_not_fit(self):
        boss = new_test_user(self.env, "boss", "stock.group_stock_manager")
        self.departure(0).with_user(boss).max_parcels = 1
        self.assertTrue(self.departure(0).is_set_by_hand)
        self.plan()
        self.assertEqual(
            {self.lamp.departure_id, self.other.departure_id}, {self.departure(0), self.departure(1)}
        )
        later = (self.lamp | self.other).filtered(lambda one: one.departure_id == self.departure(1))
        self.assertEqual(later.dispatch_code, "full")
        self.assertIn("parcels", later.dispatch_reason)
        self.assertEqual(self.departure(0).max_parcels, 1, "the route does not take it back")

    # ---------------------------------------------------------------- who may
    def test_only_the_warehouse_decides(self):
        calls = [
            (self.lamp, "dispatch_move", self.departure(1).id),
            (self.lamp, "dispatch_hold", "mine"),
            (self.lamp, "dispatch_release_hold"),
            (self.lamp, "dispatch_let_plan"),
            (self.lamp.batch_id, "dispatch_release"),
            (self.lamp.batch_id, "dispatch_split", self.lamp.ids),
            (self.departure(0), "action_depart"),
            (self.departure(0), "action_cancel_departure"),
            (self.departure(0), "action_run_again"),
            (self.departure(0), "dispatch_plan_now", self.warehouse.id),
        ]
        for user in (self.carla, self.sally, self.paul):
            for records, method, *args in calls:
                with self.assertRaises(AccessError, msg=f"{user.login} {method}"):
                    self.rpc(user, records, method, *args)
        self.plan()  # the priorities follow the plan, and their order in the waves follows the priorities
        self.assertEqual(self.by_wes(self.departure(0), "dispatch_plan_now", self.warehouse.id), 0)

    def test_what_the_plan_decides_is_not_typed(self):
        for values in (
            {"departure_id": self.departure(1).id},
            {"dispatch_by_hand": "moved"},
            {"dispatch_join_key": "x"},
            {"dispatch_due": False},
        ):
            with self.assertRaises(AccessError, msg=values):
                self.rpc(self.wes, self.lamp, "write", values)
        for values in ({"departure_id": self.departure(1).id}, {"is_planned_wave": False}):
            with self.assertRaises(AccessError, msg=values):
                self.rpc(self.wes, self.lamp.batch_id, "write", values)
        with self.assertRaises(AccessError):
            self.rpc(self.wes, self.departure(0), "write", {"state": "departed"})
        wave = self.env["stock.picking.batch"].with_user(self.wes)
        made = wave.with_context(default_departure_id=self.departure(1).id).create(
            {"picking_type_id": self.lamp.picking_type_id.id}
        )
        self.assertFalse(made.departure_id)
