from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_promise import MONDAY, PromiseCase


@tagged("post_install", "-at_install")
class TestPromise(PromiseCase):
    """When an order can be there, and that it is kept."""

    def assertPromised(self, order, day, code=None):
        order = order.sudo()
        self.assertEqual(self.day(order.promise_date), day)
        if code:
            self.assertEqual(order.order_line.filtered("promise_code").mapped("promise_code"), [code])

    def test_what_is_in_stock_leaves_today_and_is_there_tomorrow(self):
        order = self.order((self.lantern, 2))
        self.assertPromised(order, "2027-01-12", "in_stock")
        self.assertEqual(order.sudo().first_promise_date, order.sudo().promise_date)
        self.assertEqual(order.sudo().order_line.promise_reason, "In stock; leaves on 01/11/2027.")
        self.assertIn("promised", self.events(order))
        self.assertIn("promised", self.events(order, "customer"))

    def test_the_transfer_is_planned_for_the_day_it_leaves(self):
        picking = self.order((self.lantern, 2)).sudo().picking_ids
        self.assertEqual(self.day(picking.scheduled_date), "2027-01-11")
        self.assertEqual(self.day(picking.date_deadline), "2027-01-12")

    def test_after_the_cut_off_it_leaves_tomorrow(self):
        self.warehouse.shipping_cut_off = 10
        self.assertPromised(self.order((self.lantern, 2)), "2027-01-13")

    def test_over_a_public_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Inventory",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": MONDAY,
                "date_to": MONDAY + timedelta(days=2, hours=9),
            }
        )
        self.assertPromised(self.order((self.lantern, 2)), "2027-01-15")

    def test_how_far_it_is(self):
        zone = self.env["order.freight.zone"].create(
            {"name": "Highlands", "country_ids": [Command.link(self.gb.id)], "zip_from": "IV", "zip_to": "IV"}
        )
        self.env["order.freight.rate"].create({"zone_id": zone.id, "transit_days": 3})
        self.assertPromised(self.order((self.lantern, 2)), "2027-01-12")
        self.customer.zip = "IV1 1AA"
        self.assertPromised(self.order((self.lantern, 2)), "2027-01-14")

    def test_what_comes_in_on_thursday(self):
        self.receipt(self.blanket, 10, days=3)
        order = self.order((self.blanket, 4))
        self.assertPromised(order, "2027-01-15", "receipt")
        self.assertEqual(
            order.sudo().order_line.promise_reason,
            "Comes in on 01/14/2027 with PO-1; leaves on 01/14/2027.",
        )

    def test_after_all_that_was_promised_before(self):
        self.receipt(self.blanket, 10, days=1)
        self.receipt(self.blanket, 10, days=8)
        orders = [self.order((self.blanket, 4)) for _ in range(3)]
        self.assertEqual(
            [self.day(order.sudo().promise_date) for order in orders],
            ["2027-01-13", "2027-01-13", "2027-01-20"],
        )

    def test_in_one_batch_as_well(self):
        self.receipt(self.blanket, 10, days=1)
        self.receipt(self.blanket, 10, days=8)
        orders = self.env["sale.order"].union(*(self.quotation(lines=[(self.blanket, 4)]) for _ in range(3)))
        self.submit(orders)
        self.assertEqual(
            [self.day(order.sudo().promise_date) for order in orders],
            ["2027-01-13", "2027-01-13", "2027-01-20"],
        )

    def test_what_has_to_be_bought_first(self):
        vendor = self.env["res.partner"].create({"name": "Mill"})
        self.blanket.seller_ids = [Command.create({"partner_id": vendor.id, "delay": 10})]
        self.assertPromised(self.order((self.blanket, 50)), "2027-01-25", "lead_time")

    def test_nobody_orders_it_on_a_sunday(self):
        vendor = self.env["res.partner"].create({"name": "Mill"})
        self.blanket.seller_ids = [Command.create({"partner_id": vendor.id, "delay": 10})]
        with freeze_time(MONDAY + timedelta(days=4)):  # ordered on Monday, the eighteenth
            self.assertPromised(self.order((self.blanket, 50)), "2027-01-29", "lead_time")

    def test_nobody_can_say(self):
        """Plain Odoo promises fifty blankets for now: there are none, none come in, none can be bought."""
        order = self.order((self.blanket, 50))
        self.assertPromised(order, False, "unknown")
        self.assertEqual(
            order.sudo().order_line.promise_reason,
            "Nothing comes in, and it can be neither bought nor made: nobody can say when.",
        )
        self.assertIn("promise_unknown", self.events(order, "customer"))

    def test_part_of_it_could_leave_now(self):
        self.receipt(self.few, 10, days=3)
        line = self.order((self.few, 12)).sudo().order_line
        self.assertEqual((line.promise_figures["now"], self.day(line.promise_date)), (10, "2027-01-15"))
        self.assertIn("10 of 12 could leave at once.", line.promise_reason)

    def test_all_of_it_is_there_when_the_last_line_is(self):
        self.receipt(self.blanket, 10, days=3)
        order = self.order((self.lantern, 1), (self.blanket, 4))
        self.assertEqual(
            [self.day(line.promise_date) for line in order.sudo().order_line], ["2027-01-12", "2027-01-15"]
        )
        self.assertPromised(order, "2027-01-15")

    def test_shipped_in_one_piece_all_of_it_leaves_with_the_last_line(self):
        self.receipt(self.blanket, 10, days=3)
        order = self.order((self.lantern, 1), (self.blanket, 4), picking_policy="one").sudo()
        self.assertEqual({self.day(line.promise_date) for line in order.order_line}, {"2027-01-15"})
        self.assertEqual({self.day(line.first_promise_date) for line in order.order_line}, {"2027-01-15"})
        self.assertEqual(order.order_line[0].promise_reason, "In stock; leaves on 01/14/2027.")
        self.assertEqual(self.day(order.picking_ids.scheduled_date), "2027-01-14")

    def test_shipped_in_one_piece_what_it_was_promised_is_not_given_to_others(self):
        """Ten bells are there, and no more come in: whoever takes them takes them for good."""
        self.receipt(self.blanket, 10, days=3)
        whole = self.order((self.few, 8), (self.blanket, 4), picking_policy="one")
        other = self.order((self.few, 5))
        self.assertEqual(self.set_aside(whole, other), [8, 2])
        self.assertPromised(whole, "2027-01-15")
        self.assertPromised(other, False)

    def test_goods_go_to_whoever_was_promised_them_however_long_their_way(self):
        freight = self.env["product.product"].create({"name": "Freight", "type": "service"})
        slow = self.env["delivery.carrier"].create(
            {"name": "By sea", "product_id": freight.id, "transit_days": 9}
        )
        thursday, _friday = self.receipt(self.blanket, 4, days=3), self.receipt(self.blanket, 4, days=4)
        far = self.order((self.blanket, 4), carrier_id=slow.id)
        near = self.order((self.blanket, 4))
        self.assertPromised(far, "2027-01-27")
        self.assertPromised(near, "2027-01-18")
        thursday.button_validate()
        self.run_allocator()
        self.assertEqual(self.set_aside(far, near), [4, 0])

    def test_nobody_is_promised_what_an_urgent_order_will_take(self):
        """It waits for bells till the week after next, and goes first for blankets all the same."""
        self.receipt(self.blanket, 4, days=1)
        self.receipt(self.blanket, 4, days=4)
        self.receipt(self.few, 10, days=14)
        self.order((self.blanket, 4), (self.few, 20), urgency="urgent", picking_policy="one")
        calm = self.order((self.blanket, 4))
        self.assertPromised(calm, "2027-01-18")
        self.recheck()
        self.assertPromised(calm, "2027-01-18")

    def test_each_line_gets_the_goods_it_was_promised(self):
        """One waits for Thursday's blankets, and for bells; the other only for Friday's blankets."""
        thursday, _friday = self.receipt(self.blanket, 4, days=3), self.receipt(self.blanket, 4, days=4)
        self.receipt(self.few, 10, days=10)
        two = self.order((self.blanket, 4), (self.few, 20))
        one = self.order((self.blanket, 4))
        self.assertPromised(one, "2027-01-18")
        thursday.button_validate()
        self.run_allocator()
        self.assertEqual(self.set_aside(two, one), [14, 0])

    def test_not_before_the_day_it_is_wanted(self):
        order = self.order((self.few, 10), requested_date=MONDAY + timedelta(days=9))
        self.assertPromised(order, "2027-01-20", "in_stock")
        # Nobody else gets the ten meanwhile: nothing comes in that would replace them.
        self.assertPromised(self.order((self.few, 1)), False)

    def test_wanted_sooner_than_it_can_be_there_it_takes_nothing_from_others(self):
        self.receipt(self.blanket, 4, days=1)
        first = self.order((self.blanket, 4))
        eager = self.order((self.blanket, 4), requested_date=MONDAY + timedelta(days=1))
        self.receipt(self.blanket, 4, days=4)
        self.recheck()
        self.assertPromised(first, "2027-01-13")
        self.assertPromised(eager, "2027-01-18")
        self.assertLess(first.sudo().allocation_rank, eager.sudo().allocation_rank)

    def test_what_is_added_later_gets_a_date_too(self):
        self.receipt(self.blanket, 10, days=3)
        order = self.order((self.lantern, 2))
        order.order_line = [Command.create({"product_id": self.blanket.id, "product_uom_qty": 1})]
        self.assertEqual(
            [self.day(line.promise_date) for line in order.sudo().order_line], ["2027-01-12", "2027-01-15"]
        )
        self.assertPromised(order, "2027-01-15")

    def test_a_date_set_by_hand_is_what_was_promised(self):
        order = self.order((self.lantern, 2), commitment_date=MONDAY + timedelta(days=7))
        self.assertPromised(order, "2027-01-18", "by_hand")
        self.assertIn("01/12/2027", order.sudo().order_line.promise_reason)

    def test_somebody_sets_another_date(self):
        order = self.order((self.lantern, 2))
        order.with_user(self.sally).commitment_date = MONDAY + timedelta(days=9)
        self.assertPromised(order, "2027-01-20", "by_hand")
        row = order.sudo().promise_ids.sorted("id")[-1]
        self.assertEqual((row.kind, row.source_name, row.slip_days), ("by_hand", "Sally", 8))
        self.assertEqual(self.day(order.sudo().first_promise_date), "2027-01-12")
        order.with_user(self.sally).commitment_date = False
        self.assertPromised(order, "2027-01-12")

    def test_services_and_what_is_not_counted(self):
        cup = self.product("CUP", 3.0, is_storable=False)
        self.assertPromised(self.order((self.wrapping, 1), (cup, 3)), "2027-01-12", "not_stocked")
        order = self.order((self.wrapping, 1))
        self.assertFalse(order.sudo().promise_ids)

    def test_switched_off_nothing_is_promised(self):
        for mode in ("off", "show"):
            self.company.promise_mode = mode
            order = self.order((self.lantern, 2)).sudo()
            self.assertFalse(order.promise_date or order.promise_ids or order.commitment_date, mode)

    def test_shown_before_it_is_promised(self):
        self.receipt(self.blanket, 10, days=3)
        quotation = self.quotation(lines=[(self.lantern, 2), (self.blanket, 4)])
        self.assertEqual(
            [self.day(line.possible_date) for line in quotation.order_line], ["2027-01-12", "2027-01-15"]
        )
        self.assertEqual(self.day(quotation.possible_date), "2027-01-15")
        self.assertEqual(
            quotation.order_line.mapped("availability_note"),
            ["120 Units free", "0 Units free, 10 more on 01/14/2027"],
        )
        self.assertFalse(quotation.sudo().promise_ids)
        self.company.promise_mode = "off"
        self.env.invalidate_all()
        self.assertFalse(quotation.possible_date)

    def test_what_lies_in_another_warehouse_is_seen(self):
        """Plain Odoo waits, and does not hint at it."""
        north = self.env["stock.warehouse"].create({"name": "North", "code": "NO"})
        self.put_in_stock(self.blanket, 8, north.lot_stock_id)
        line = self.quotation(lines=[(self.blanket, 4)]).order_line
        self.assertEqual(line.availability_note, "0 Units free, 8 in North")

    def test_shown_while_the_line_is_typed(self):
        form = Form(self.env["sale.order"].with_user(self.sally))
        form.partner_id = self.customer
        with form.order_line.new() as line:
            line.product_id = self.few
            line.product_uom_qty = 3
        self.assertEqual(self.day(form.possible_date), "2027-01-12")

    def test_nobody_types_a_promise(self):
        order = self.order((self.lantern, 2))
        for user in (self.sally, self.mona):
            with self.assertRaises(AccessError):
                order.with_user(user).promise_date = MONDAY
            with self.assertRaises(AccessError):
                order.order_line.with_user(user).promise_date = MONDAY
            with self.assertRaises(AccessError):
                order.sudo().promise_ids.with_user(user).unlink()

    def test_what_is_free_of_many_products_in_a_few_queries(self):
        products = self.lantern | self.mug | self.few | self.blanket
        self.receipt(self.blanket, 10, days=3)
        self.order((self.few, 4))
        products._order_availability(self.warehouse)
        self.env.flush_all()
        with self.assertQueryCount(4):
            found = products._order_availability(self.warehouse, MONDAY + timedelta(days=4))
        self.assertEqual(found[self.few.id, self.warehouse.id].free_now, 6)
        blanket = found[self.blanket.id, self.warehouse.id]
        self.assertEqual((blanket.free_now, blanket.free_at, blanket.next_quantity), (0, 10, 10))
        self.assertEqual(self.few.with_user(self.sally).order_availability, "6 Units free")

    def test_promising_many_orders_costs_as_many_queries_as_a_few(self):
        def cost(count):
            orders = self.env["sale.order"].union(
                *(self.quotation(lines=[(self.lantern, 1), (self.mug, 1)]) for _ in range(count))
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            orders.sudo()._promise()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(1)
        few = cost(2)
        self.assertLessEqual(cost(12), few + 2)

    def test_the_ledger_says_what_was_told(self):
        order = self.order((self.lantern, 2)).sudo()
        self.assertEqual(order.promise_ids.kind, "first")
        self.assertEqual(order.promise_ids.date, order.promise_date)
        self.assertEqual(order.promise_ids.reason, "Promised with the approval")
        self.assertEqual(order.commitment_date, order.promise_date)
        self.assertEqual(fields.Datetime.now(), MONDAY)


@tagged("post_install", "-at_install")
class TestWhatCanBeHad(PromiseCase):
    """Products by warehouse: free now, free on a day, and how soon more comes."""

    def rows(self, user, **context):
        rows = self.env["order.availability"].with_user(user).with_context(**context)
        return rows.search([("product_id", "in", (self.few + self.blanket).ids)])

    def test_now_and_on_a_day(self):
        self.receipt(self.blanket, 10, days=3)
        self.order((self.few, 4))
        for user in (self.sally, self.wes):
            with self.subTest(user.login):
                few, blanket = self.rows(user, availability_days=7).sorted("free_now", reverse=True)
                self.assertEqual((few.product_id, few.free_now, few.free_at), (self.few, 6, 6))
                self.assertEqual((blanket.free_now, blanket.free_at, blanket.next_quantity), (0, 10, 10))
                self.assertEqual(self.day(blanket.next_date), "2027-01-14")
                self.assertFalse(blanket.lead_days, "nobody sells it to us")
        blanket = self.rows(self.sally, availability_at=["2027-01-12"]).filtered(
            lambda row: row.product_id == self.blanket
        )
        self.assertEqual((blanket.free_at, str(blanket.at)), (0, "2027-01-12"))
        self.assertEqual(str(self.rows(self.sally, availability_at="nonsense")[0].at), "2027-01-18")

    def test_as_the_list_reads_it(self):
        found = self.rpc(
            self.sally,
            self.env["order.availability"],
            "web_search_read",
            [("product_id", "=", self.few.id)],
            {"product_id": {"fields": {"display_name": {}}}, "free_now": {}, "lead_days": {}},
        )
        self.assertEqual((found["length"], found["records"][0]["free_now"]), (1, 10))

    def test_not_of_other_companies_and_not_for_customers(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        house = self.env["stock.warehouse"].search([("company_id", "=", other.id)])
        self.assertFalse(
            self.env["order.availability"].with_user(self.sally).search([("warehouse_id", "in", house.ids)])
        )
        with self.assertRaises(AccessError):
            self.rpc(self.carla, self.env["order.availability"], "search_read", [])

    def test_many_products_cost_as_many_queries_as_a_few(self):
        products = self.env["product.product"].union(
            *(self.product(f"P{number}", 5.0, stock=number) for number in range(1, 20))
        )

        def cost(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = self.env["order.availability"].with_user(self.sally)
            rows.search([("product_id", "in", some.ids)]).mapped("free_at")
            return self.env.cr.sql_log_count - before

        cost(products)
        self.assertLessEqual(cost(products), cost(products[:2]) + 1)


@tagged("post_install", "-at_install")
class TestOnTime(PromiseCase):
    """Whether the first date was kept, when all of it is there."""

    def test_kept_broken_and_under_way(self):
        orders = kept, late, partly, gone = [self.order((self.mug, 2)).sudo() for _number in range(4)]
        self.assertEqual([order.promise_kept for order in orders], ["open"] * 4)
        move = partly.picking_ids.move_ids
        move.write({"quantity": 1, "picked": True})
        partly.picking_ids.with_context(skip_backorder=True).button_validate()
        self.ship(kept)
        gone._action_cancel()
        with freeze_time(MONDAY + timedelta(days=3)):
            self.ship(late)
        self.assertEqual([order.promise_kept for order in orders], ["kept", "broken", "open", False])
        found = self.env["sale.order"].with_user(self.mona).search([("promise_kept", "=", "broken")])
        self.assertEqual(found, late)

    def test_what_the_carrier_tells_counts(self):
        order = self.order((self.mug, 2)).sudo()
        self.ship(order)
        self.assertEqual(order.promise_kept, "kept")
        order.shipment_ids.delivered_at = MONDAY + timedelta(days=2)
        self.assertEqual(order.promise_kept, "broken")

    def test_nobody_types_it(self):
        order = self.order((self.mug, 2))
        for user in (self.sally, self.mona):
            with self.assertRaises(AccessError):
                order.with_user(user).promise_kept = "kept"
