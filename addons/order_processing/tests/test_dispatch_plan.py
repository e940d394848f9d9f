from freezegun import freeze_time

from odoo.tests import tagged

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatchPlan(DispatchCase):
    """Which transfer leaves with which departure."""

    def test_what_is_there_leaves_today_in_one_wave(self):
        first, second = self.transfer(), self.transfer(partner=self.shop)
        self.plan()
        self.assertLeaves(first, 0, "next")
        self.assertEqual(first.batch_id, second.batch_id)
        self.assertEqual(first.batch_id.state, "draft")
        self.assertEqual(first.batch_id.departure_id, self.departure(0))
        self.assertTrue(first.batch_id.is_planned_wave)
        self.assertEqual(first.dispatch_status, "ready")
        self.assertEqual(first.dispatch_route_id, self.north)
        self.assertEqual(first.dispatch_due, self.at(0).replace(hour=23, minute=59, second=59))

    def test_planned_again_nothing_moves(self):
        transfers = [self.transfer() for _number in range(3)]
        self.plan()
        waves = [transfer.batch_id for transfer in transfers]
        stamps = [transfer.write_date for transfer in transfers]
        self.assertEqual(self.plan(), 0)
        self.assertEqual([transfer.batch_id for transfer in transfers], waves)
        self.assertEqual([transfer.write_date for transfer in transfers], stamps)
        self.assertEqual(self.env["stock.picking.batch"].search_count([("departure_id", "!=", False)]), 1)

    # ---------------------------------------------------------------- who goes first
    def test_the_urgent_go_first_in_a_wave_of_their_own(self):
        normal = self.transfer(partner=self.shop)
        urgent = self.transfer(urgency="urgent")
        starred = self.transfer(partner=self.neighbour)
        starred.priority = "1"
        self.north.max_parcels = 2
        self.plan()
        self.assertLeaves(urgent, 0)
        self.assertLeaves(starred, 0)
        self.assertLeaves(normal, 1, "full")
        self.assertIn(urgent.name, normal.dispatch_reason)
        self.assertEqual(urgent.batch_id, starred.batch_id)
        self.assertTrue(urgent.batch_id.is_urgent_wave)
        self.assertEqual(urgent.batch_id.state, "in_progress", "work on it begins at once")
        self.assertEqual(normal.batch_id.state, "draft")

    def test_urgent_waves_wait_where_the_company_wants_it(self):
        self.company.dispatch_release_urgent = False
        urgent = self.transfer(urgency="urgent")
        self.plan()
        self.assertTrue(urgent.batch_id.is_urgent_wave)
        self.assertEqual(urgent.batch_id.state, "draft")

    def test_an_urgent_one_that_lacks_goods_is_not_released(self):
        self.receipt(self.blanket, 5, 1)
        urgent = self.transfer((self.blanket, 1), urgency="urgent")
        self.plan()
        self.assertEqual((urgent.batch_id.is_urgent_wave, urgent.batch_id.state), (True, "draft"))
        self.restock(self.blanket, 5)
        self.plan()
        self.assertEqual((urgent.batch_id.is_urgent_wave, urgent.batch_id.state), (True, "in_progress"))
        self.assertLeaves(urgent, 0)

    def test_by_priority_within_capacity_and_in_the_wave(self):
        low, high = self.transfer(), self.transfer(partner=self.shop)
        (low | high).sudo().write({"priority_score": 20})
        high.priority_score = 80
        self.plan()
        self.assertEqual((low | high).sorted("batch_sequence").ids, [high.id, low.id])
        self.north.max_parcels = 1
        self.plan()
        self.assertLeaves(high, 0)
        self.assertLeaves(low, 1, "full")

    def test_waves_are_as_large_as_the_operation_type_says(self):
        self.warehouse.out_type_id.batch_max_pickings = 2
        transfers = self.env["stock.picking"].concat(*[self.transfer() for _number in range(5)])
        self.plan()
        waves = transfers.batch_id
        self.assertEqual(sorted(len(wave.picking_ids) for wave in waves), [1, 2, 2])
        self.assertEqual(self.plan(), 0)

    # ---------------------------------------------------------------- when it can leave
    def test_what_is_not_packed_by_the_cut_off_goes_tomorrow(self):
        with freeze_time(self.at(0, 14)):
            late = self.transfer()
            self.plan()
            self.assertLeaves(late, 1, "cut_off")
            self.assertIn("packed by", late.dispatch_reason)

    def test_planned_in_time_it_stays_until_the_cut_off(self):
        early = self.transfer()
        self.plan()
        with freeze_time(self.at(0, 14.5)):
            self.assertEqual(self.plan(), 0)
            self.assertLeaves(early, 0)
        with freeze_time(self.at(0, 15.5)):
            self.plan()
            self.assertLeaves(early, 1)

    def test_what_waits_for_goods_leaves_after_they_come(self):
        self.receipt(self.blanket, 5, 2)
        waiting = self.transfer((self.blanket, 2))
        self.plan()
        self.assertLeaves(waiting, 2, "waits")
        self.assertEqual(waiting.dispatch_status, "short")
        self.restock(self.blanket, 5)
        self.plan()
        self.assertLeaves(waiting, 0)
        self.assertEqual(waiting.dispatch_status, "ready")

    def test_nobody_knows_when_its_goods_come(self):
        unknown = self.transfer((self.blanket, 2))
        self.plan()
        self.assertFalse(unknown.departure_id or unknown.batch_id)
        self.assertEqual((unknown.dispatch_code, unknown.dispatch_status), ("no_date", "short"))

    def test_a_customer_who_wants_it_later(self):
        later = self.transfer(requested_date=self.at(4, 12))
        self.plan()
        self.assertLeaves(later, 3, "wanted")

    def test_what_fits_nowhere_is_seen(self):
        self.north.max_parcels = 3
        heavy = self.product("ANVIL", 90.0, stock=50, weight=40.0)
        small, large = self.transfer(), self.transfer((heavy, 4), partner=self.shop)
        self.plan()
        self.assertEqual(large.parcel_count, 6)
        self.assertEqual((large.departure_id.id, large.dispatch_code), (False, "outsize"))
        self.assertIn("6", large.dispatch_reason)
        self.assertLeaves(small, 0)

    def test_late_is_said(self):
        self.north.slot_ids.filtered(lambda slot: slot.weekday != "4").unlink()
        transfer = self.transfer()
        self.plan()
        self.assertLeaves(transfer, 4)
        self.assertEqual(transfer.dispatch_status, "late")

    def test_nothing_of_an_order_under_review_is_planned(self):
        transfer = self.transfer()
        self.plan()
        transfer.sale_id.sudo().write({"review_state": "pending"})
        self.plan()
        self.assertEqual((transfer.departure_id.id, transfer.dispatch_code), (False, "review"))
        self.assertFalse(transfer.batch_id)

    # ---------------------------------------------------------------- what follows
    def test_the_rest_comes_in_again_by_itself(self):
        transfer = self.transfer((self.lantern, 4))
        self.plan()
        transfer.batch_id.with_user(self.wes).dispatch_release()
        move = transfer.move_ids
        move.quantity, move.picked = 3, True
        transfer.with_context(skip_backorder=True).with_user(self.wes)._action_done()
        rest = transfer.backorder_ids
        self.plan()
        self.assertLeaves(rest, 0)
        self.assertEqual(rest.batch_id.state, "draft")
        self.assertEqual(transfer.departure_id, self.departure(0), "what is packed waits for its departure")
        self.assertEqual(self.departure(0).load_parcels, 2)

    def test_what_is_packed_takes_room(self):
        self.north.max_parcels = 1
        first = self.transfer()
        self.plan()
        self.ship(first.sale_id)
        second = self.transfer(partner=self.shop)
        self.plan()
        self.assertLeaves(second, 1, "full")

    def test_switched_off_waves_are_left_alone(self):
        transfer = self.transfer()
        self.plan()
        wave = transfer.batch_id
        self.company.dispatch_mode = "off"
        self.assertEqual(self.plan(), 0)
        self.assertEqual((transfer.batch_id, wave.state), (wave, "draft"))
        wave.with_user(self.wes).action_confirm()

    def test_odoos_own_batches_stay_out_of_it(self):
        self.warehouse.out_type_id.write({"auto_batch": True, "batch_group_by_partner": True})
        transfer = self.transfer()
        self.assertFalse(transfer.batch_id)
        self.company.dispatch_mode = "off"
        self.assertTrue(self.transfer().batch_id)

    def test_no_notes_about_every_step(self):
        transfer = self.transfer()
        before = len(transfer.message_ids)
        self.plan()
        self.assertEqual(len(transfer.message_ids), before)
        self.assertFalse(transfer.batch_id.message_ids)


@tagged("post_install", "-at_install")
class TestDispatchSteps(DispatchCase):
    """Deliveries in two and three steps, kits, and many at once."""

    def test_picked_then_shipped_with_the_same_departure(self):
        self.in_steps("pick_ship")
        pick = self.transfer()
        self.assertEqual(pick.picking_type_id, self.warehouse.pick_type_id)
        self.plan()
        self.assertLeaves(pick, 0)
        self.assertEqual(pick.batch_id.picking_type_id, self.warehouse.pick_type_id)
        order = pick.sale_id or pick.move_ids.sale_line_id.order_id
        self.ship(order)
        out = order.sudo().picking_ids - pick
        self.assertEqual((out.departure_id, out.state), (self.departure(0), "assigned"))
        with freeze_time(self.at(0, 14.5)):
            self.plan()
            self.assertLeaves(out, 0)
        self.assertEqual(out.batch_id.picking_type_id, self.warehouse.out_type_id)
        self.assertEqual(self.departure(0).load_parcels, 1, "counted once")

    def test_three_steps(self):
        self.in_steps("pick_pack_ship")
        pick = self.transfer()
        order = pick.move_ids.sale_line_id.order_id
        kinds = []
        for _step in range(3):
            self.plan()
            open_ = order.sudo().picking_ids.filtered(lambda one: one.state not in ("done", "cancel"))
            self.assertLeaves(open_, 0)
            kinds.append(open_.batch_id.picking_type_id)
            self.ship(order)
        warehouse = self.warehouse
        self.assertEqual(kinds, [warehouse.pick_type_id, warehouse.pack_type_id, warehouse.out_type_id])

    def test_received_at_the_other_end_they_have_no_departure(self):
        out = self.transfer()
        self.plan()
        move = out.move_ids
        receipt = move.copy(
            {
                "picking_id": False,
                "picking_type_id": self.warehouse.in_type_id.id,
                "location_id": move.location_dest_id.id,
                "location_dest_id": move.location_id.id,
                "location_final_id": False,
                "move_orig_ids": [(6, 0, move.ids)],
                "sale_line_id": False,
            }
        )
        receipt._action_confirm(merge=False)
        self.assertEqual(receipt.picking_id.picking_type_id, self.warehouse.in_type_id)
        self.assertFalse(receipt.picking_id.departure_id or receipt.picking_id.dispatch_route_id)

    def test_goods_in_two_transfers_leave_together(self):
        pick, out = self.chained()
        self.assertEqual(out.state, "waiting")
        self.plan()
        self.assertLeaves(out, 0)
        self.assertLeaves(pick, 0)
        self.assertEqual((pick.dispatch_status, out.dispatch_status), ("ready", "ready"))
        self.assertNotEqual(pick.batch_id, out.batch_id)
        self.assertEqual(self.departure(0).load_parcels, 1)
        out.with_user(self.wes).dispatch_move(self.departure(2).id)
        self.assertEqual(pick.departure_id, self.departure(2))
        self.plan()
        self.assertLeaves(pick, 2)
        self.assertLeaves(out, 2)
        pick.with_user(self.wes).dispatch_hold("Wet")
        self.plan()
        self.assertEqual((pick | out).mapped("dispatch_by_hand"), ["held", "held"])

    def test_many_are_planned_with_few_queries(self):
        for _number in range(3):
            self.transfer()
        self.plan()
        transfers = [self.transfer() for _number in range(12)]
        few = self._count_queries()
        self.assertEqual(len({transfer.batch_id for transfer in transfers}), 1)
        for _number in range(24):
            self.transfer()
        many = self._count_queries()
        self.assertLessEqual(many, few + 6)
        self.assertLessEqual(self._count_queries(), 32)

    def _count_queries(self):
        return self.queries(lambda: self.env["order.dispatch.departure"]._plan(self.warehouse))
