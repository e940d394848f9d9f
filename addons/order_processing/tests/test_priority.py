from datetime import timedelta

from odoo.tests import tagged

from .common_priority import MONDAY, PriorityCase


@tagged("post_install", "-at_install")
class TestPriority(PriorityCase):
    """What makes an order be picked sooner; everything else being equal."""

    def test_an_order_gets_its_score_with_the_confirmation(self):
        order = self.quotation(commitment_date=MONDAY + timedelta(days=3.5))
        self.commit()
        self.assertEqual(order.priority_score, 0)

        order.action_submit()
        self.commit()
        # Half of five days left, 37 of 500: nothing else speaks for it.
        self.assertEqual((self.points(order, "slack"), self.points(order, "value")), (10.0, 0.3))
        self.assertEqual(order.priority_score, 10.3)
        picking = order.sudo().picking_ids
        self.assertEqual((picking.priority_score, picking.move_ids.priority_score), (10.3, 10.3))

    def test_urgent_goes_before_everything_else(self):
        late = self.sold((self.lantern, 50), days=-3)
        self.customer.customer_tier_id = self.gold
        self.frozen.tick(timedelta(days=20))
        self.customer.customer_tier_id = False
        urgent = self.sold(urgency="urgent", days=30)
        self.customer.customer_tier_id = self.gold
        self.run_clock()
        self.assertGreater(late.priority_score, 35)
        self.assertGreater(urgent.priority_score, late.priority_score)

    def test_a_person_makes_it_urgent_and_back(self):
        order = self.sold()
        before = order.priority_score
        order.with_user(self.sally).urgency = "urgent"
        self.commit()
        self.assertEqual(order.priority_score, before + 50)
        self.assertEqual(order.picking_ids.priority_score, before + 50)
        order.with_user(self.sally).urgency = "normal"
        self.commit()
        self.assertEqual(order.priority_score, before)

    def test_a_star_on_the_transfer_counts(self):
        order = self.sold()
        before = order.priority_score
        order.picking_ids.with_user(self.wes).priority = "1"
        self.commit()
        self.assertEqual(order.picking_ids.priority_score, before + 50)
        self.assertEqual(order.picking_ids.move_ids.priority_score, before + 50)
        self.assertEqual(order.priority_score, before + 50)
        self.assertIn("star", order.priority_note)

    def test_the_tier_of_the_customer_counts_for_its_contacts(self):
        order = self.sold()
        before = order.priority_score
        self.customer.with_user(self.mona).sudo(False).customer_tier_id = self.gold
        self.commit()
        self.assertEqual(order.priority_score, before + 10)
        contact = self.env["res.partner"].create({"name": "Store", "parent_id": self.customer.id})
        other = self.sold(partner=contact)
        self.assertEqual(self.points(other, "tier"), 10)

    def test_a_tier_of_another_company_does_not(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.customer.customer_tier_id = self.gold
        self.gold.company_id = elsewhere
        self.assertEqual(self.points(self.sold(), "tier"), 0)

    def test_another_date_is_another_priority(self):
        order = self.sold(days=30)
        self.assertEqual(self.points(order, "slack"), 0)
        order.commitment_date = MONDAY - timedelta(days=1)
        self.commit()
        self.assertEqual(self.points(order, "slack"), 20)

    def test_what_the_plan_says_goes_before_the_promise(self):
        order = self.sold(days=30)
        order.picking_ids.dispatch_due = MONDAY + timedelta(days=2.5)
        self.commit()
        self.assertEqual(self.points(order, "slack"), 10)

    def test_without_a_promise_it_is_half_way(self):
        order = self.sold(days=None)
        order.write({"commitment_date": False, "promise_date": False})
        self.commit()
        self.assertEqual(self.points(order, "slack"), 10)
        self.assertIn("nothing promised", order.priority_note)

    def test_value_is_in_the_companys_currency(self):
        self.company.review_mode = "observe"
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create({"currency_id": euro.id, "rate": 2.0, "name": "2027-01-01"})
        prices = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        order = self.sold((self.lantern, 1, 1000.0), pricelist_id=prices.id)
        self.assertEqual(self.points(order, "value"), 2.0)

    def test_a_changed_amount(self):
        order = self.sold((self.lantern, 1))
        before = self.points(order, "value")
        order.order_line.product_uom_qty = 30
        self.commit()
        self.assertGreater(self.points(order, "value"), before)

    def test_what_it_has_suffered(self):
        order = self.sold()
        before = order.priority_score
        promise = {"order_id": order.id, "kind": "later", "code": "receipt_moved", "slip_days": 7}
        self.env["order.promise"].create(promise)
        order.promise_slip = 7
        order._note_priority()
        order.invalidate_recordset()
        self.env["sale.order"]._reprioritise(order)
        # A slip, and a week, weigh two: two thirds of eight.
        self.assertEqual(self.points(order, "waiting"), 5.3)
        self.assertAlmostEqual(order.priority_score, before + 5.3, delta=0.11)

    def test_a_missed_departure(self):
        order = self.sold()
        picking, (first, second) = order.picking_ids.sudo(), self.departures(2)
        for departure in (first, second, first):  # before the first has left: nothing missed
            picking.departure_id = departure
            self.commit()
        self.frozen.tick(timedelta(days=1))
        picking.departure_id = second
        self.commit()
        self.assertEqual(picking.departures_missed, 1)
        self.assertEqual(self.points(order, "waiting"), 4)
        self.assertIn("departures missed: 1", order.priority_note)

    def test_one_that_left_early_was_missed_and_one_that_does_not_run_was_not(self):
        first, other = self.sold().picking_ids.sudo(), self.sold().picking_ids.sudo()
        left, cancelled = self.departures(2)
        first.departure_id, other.departure_id = left, cancelled
        self.commit()
        left.sudo().state, cancelled.sudo().state = "departed", "cancelled"
        both = first + other
        both._write_multi([{"departure_id": None}] * 2)  # as the plan does
        self.assertEqual(both.mapped("departures_missed"), [1, 0])

    def test_what_has_left_with_it_has_not_missed_it(self):
        order = self.sold()
        picking = order.picking_ids.sudo()
        picking.departure_id = self.departures(1)
        self.ship(order)
        self.frozen.tick(timedelta(days=1))
        picking.departure_id = False
        self.commit()
        self.assertEqual(picking.departures_missed, 0)

    def departures(self, count):
        route = self.env["order.dispatch.route"].create({"name": "North", "warehouse_id": self.warehouse.id})
        at = [MONDAY + timedelta(days=day, hours=6) for day in range(count)]
        return self.env["order.dispatch.departure"].create(
            [{"route_id": route.id, "departs_at": one, "cut_off_at": one - timedelta(hours=1)} for one in at]
        )


@tagged("post_install", "-at_install")
class TestPriorityOfTransfers(PriorityCase):
    """What is open has a score, what has left has none."""

    def test_shipped_it_has_none(self):
        order = self.sold()
        self.ship(order)
        self.commit()
        picking = order.picking_ids
        scores = order.priority_score, picking.priority_score, picking.move_ids.priority_score
        self.assertEqual((*scores, order.priority_note), (0, 0, 0, False))

    def test_cancelled_it_has_none(self):
        order = self.sold()
        order._action_cancel()
        self.commit()
        self.assertEqual((order.priority_score, order.picking_ids.priority_score), (0, 0))

    def test_what_is_left_behind_has_one(self):
        order = self.sold((self.lantern, 4))
        before, picking = order.priority_score, order.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.with_context(skip_backorder=True, picking_ids_not_to_backorder=[]).button_validate()
        self.commit()
        backorder = order.picking_ids - picking
        self.assertEqual((picking.priority_score, backorder.priority_score), (0, before))
        self.assertEqual((order.priority_score, backorder.move_ids.priority_score), (before, before))

    def test_a_return_has_none(self):
        order = self.sold()
        picking = self.ship(order)
        wizard = self.env["stock.return.picking"].with_context(
            active_id=picking.id, active_model=picking._name
        )
        made = wizard.create({"picking_id": picking.id})
        made.product_return_moves.quantity = 1
        made._create_return()
        self.commit()
        self.assertEqual(set(order.picking_ids.mapped("priority_score")), {0})
        self.assertEqual(order.priority_score, 0)

    def test_of_several_orders_the_highest(self):
        low, high = self.sold(), self.sold(urgency="urgent")
        shared, alone = low.picking_ids, high.picking_ids
        alone.move_ids.picking_id = shared
        self.commit()
        self.assertEqual(shared.priority_score, high.priority_score)
        self.assertEqual(shared.move_ids.mapped("priority_score"), [low.priority_score, high.priority_score])
        self.assertIn(high.name, shared.priority_note)
        self.assertLess(low.priority_score, high.priority_score)

    def test_in_three_steps_all_of_them(self):
        self.warehouse.delivery_steps = "pick_pack_ship"
        order = self.sold()
        self.assertEqual(
            order.picking_ids.mapped("priority_score"), [order.priority_score] * len(order.picking_ids)
        )
        first = order.picking_ids
        first.move_ids.picked = True
        first.button_validate()
        self.commit()
        following = order.picking_ids - first
        self.assertEqual(first.priority_score, 0)
        self.assertEqual(following.mapped("priority_score"), [order.priority_score] * len(following))
        self.assertGreater(order.priority_score, 0)

    def test_services_only(self):
        order = self.sold((self.wrapping, 1))
        self.assertEqual(order.priority_score, 0)

    def test_a_company_that_does_not_score(self):
        self.company.dispatch_mode = "off"
        self.assertEqual(self.sold(urgency="urgent").priority_score, 0)
        self.company.is_priority_scored = True
        self.assertGreater(self.sold(urgency="urgent").priority_score, 50)

    def test_the_pickers_list(self):
        self.sold(urgency="normal", days=30)
        last = self.sold(days=40).picking_ids
        first = self.sold(urgency="urgent", days=40).picking_ids
        action = self.env.ref("order_processing.order_picking_action")
        view = self.env.ref("order_processing.order_picking_view_list")
        self.assertEqual(action.views[0], (view.id, "list"))
        arch = self.env["stock.picking"].get_view(view.id)["arch"]
        order = arch.split('default_order="')[1].split('"')[0]
        mine = ("id", "in", (first + last).ids)
        self.assertEqual(self.env["stock.picking"].search([mine], order=order), first + last)

    # ---------------------------------------------------------------- not the rank
    def test_the_score_does_not_move_the_rank_nor_the_rank_the_score(self):
        """Four bells for two: who ordered first gets them, however pressing the other is."""
        early = self.sold((self.few, 7), days=20)
        ranks = [early.allocation_rank]
        self.customer.customer_tier_id = self.gold
        pressing = self.sold((self.few, 7), days=20)
        ranks.append(pressing.allocation_rank)
        pressing.picking_ids.dispatch_due = MONDAY - timedelta(days=1)
        self.commit()
        self.assertGreater(pressing.priority_score, early.priority_score)
        self.assertEqual([early.allocation_rank, pressing.allocation_rank], ranks)
        self.run_allocator()
        self.assertEqual([sum(o.picking_ids.move_ids.mapped("quantity")) for o in early + pressing], [7, 3])

        scores = (early + pressing).mapped("priority_score")
        (early + pressing).allocation_rank = "9"
        self.commit()
        self.assertEqual((early + pressing).mapped("priority_score"), scores)
