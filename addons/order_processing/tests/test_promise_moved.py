from datetime import timedelta

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from .common_promise import MONDAY, PromiseCase


@tagged("post_install", "-at_install")
class TestPromiseMoved(PromiseCase):
    """Supply moves, and the promises that rest on it with it: once, with a reason."""

    def setUp(self):
        super().setUp()
        self.coming = self.receipt(self.blanket, 10, days=3)
        self.sold = self.order((self.blanket, 4)).sudo()
        self.recheck()
        self.assertEqual(self.day(self.sold.promise_date), "2027-01-15")

    def assertMoved(self, order, day, code, kind="later"):
        self.recheck()
        self.assertEqual(self.day(order.promise_date), day)
        row = order.promise_ids.sorted("id")[-1]
        self.assertEqual((row.kind, row.code), (kind, code))
        return row

    def test_the_receipt_comes_forty_days_later(self):
        """Plain Odoo moves the delivery's deadline with it, and tells nobody."""
        self.coming.move_ids.date = MONDAY + timedelta(days=43)
        row = self.assertMoved(self.sold, "2027-02-24", "receipt_moved")
        self.assertEqual(row.slip_days, 40)
        self.assertEqual(row.reason, f"{self.coming.name} comes on another day")
        self.assertEqual(self.day(self.sold.first_promise_date), "2027-01-15")
        self.assertEqual((self.sold.promise_slip, len(self.sold.promise_ids)), (40, 2))
        self.assertIn("promise_later", self.events(self.sold, "customer"))
        self.assertEqual(self.day(self.sold.picking_ids.date_deadline), "2027-02-24")

    def test_shipped_in_one_piece_all_of_it_moves(self):
        whole = self.order((self.lantern, 1), (self.blanket, 4), picking_policy="one").sudo()
        self.coming.move_ids.date = MONDAY + timedelta(days=43)
        row = self.assertMoved(whole, "2027-02-24", "receipt_moved")
        self.assertEqual(len(row.figures["lines"]), 2)
        self.assertEqual({self.day(line.promise_date) for line in whole.order_line}, {"2027-02-24"})
        self.coming.move_ids.date = MONDAY + timedelta(days=1)
        self.assertMoved(whole, "2027-01-15", "receipt_moved", "earlier")
        self.assertEqual({self.day(line.promise_date) for line in whole.order_line}, {"2027-01-15"})

    def test_looked_at_again_with_nothing_moved_nothing_is_written(self):
        self.coming.move_ids.date = MONDAY + timedelta(days=43)
        self.recheck()
        rows = self.sold.promise_ids
        self.env["order.promise.recheck"]._note(self.blanket, self.warehouse, "looked_again")
        self.recheck()
        self.assertEqual(self.sold.promise_ids, rows)

    def test_it_comes_back_to_what_was_told_first_and_never_before(self):
        self.coming.move_ids.date = MONDAY + timedelta(days=43)
        self.recheck()
        self.coming.move_ids.date = MONDAY + timedelta(days=1)
        self.assertMoved(self.sold, "2027-01-15", "receipt_moved", "earlier")
        self.assertEqual(self.sold.promise_slip, 0)

    def test_the_receipt_is_cancelled(self):
        self.coming.action_cancel()
        self.assertMoved(self.sold, False, "receipt_cancelled")
        self.assertIn("promise_unknown", self.events(self.sold, "customer"))
        self.receipt(self.blanket, 4, days=7)
        self.assertMoved(self.sold, "2027-01-19", "receipt_moved", "earlier")

    def test_it_brings_less(self):
        other = self.order((self.blanket, 4)).sudo()
        self.receipt(self.blanket, 4, days=10)
        self.coming.move_ids.product_uom_qty = 5
        self.recheck()
        self.assertEqual(self.day(self.sold.promise_date), "2027-01-15")
        self.assertMoved(other, "2027-01-22", "receipt_changed")

    def test_an_urgent_order_goes_before_it(self):
        self.receipt(self.blanket, 10, days=10)
        urgent = self.order((self.blanket, 8), urgency="urgent").sudo()
        row = self.assertMoved(self.sold, "2027-01-22", "urgent_order")
        self.assertEqual(row.source_name, urgent.name)
        self.assertEqual(self.day(urgent.promise_date), "2027-01-22")

    def test_some_is_scrapped(self):
        self.receipt(self.few, 10, days=10)
        order = self.order((self.few, 10)).sudo()
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.few.id,
                "scrap_qty": 3,
                "location_id": self.warehouse.lot_stock_id.id,
            }
        )
        scrap.do_scrap()
        self.run_allocator()
        self.assertMoved(order, "2027-01-22", "stock_lost")

    def test_overdue_without_anybody_writing_anything(self):
        with freeze_time(MONDAY + timedelta(days=7)):
            self.env["order.promise.recheck"]._cron_sweep()
            row = self.assertMoved(self.sold, "2027-01-25", "overdue")
            self.assertEqual(row.reason, "PO-1 is overdue")
            self.assertIn("is overdue", self.sold.order_line.promise_reason)

    def test_the_customer_wants_it_later(self):
        self.sold.with_user(self.sally).requested_date = MONDAY + timedelta(days=14)
        self.assertEqual(self.day(self.sold.promise_date), "2027-01-25")
        self.assertEqual(self.sold.allocation_rank[1:9], "20270125")

    def test_wanted_later_it_lets_others_go_first(self):
        self.receipt(self.blanket, 10, days=7)
        other = self.order((self.blanket, 8))
        self.sold.with_user(self.sally).requested_date = MONDAY + timedelta(days=14)
        self.coming.button_validate()
        self.run_allocator()
        self.assertEqual(self.set_aside(self.sold, other), [2, 8])

    def test_what_was_bought_for_it_alone(self):
        """Made to order: the vendor's date is the order's; it must not move the deadline silently."""
        mto = self.env.ref("stock.route_warehouse0_mto")
        mto.active = True
        buy = self.env["stock.rule"].search([("action", "=", "buy")], limit=1).route_id
        vendor = self.env["res.partner"].create({"name": "Mill"})
        throw = self.product(
            "THROW",
            30.0,
            route_ids=[Command.set((mto | buy).ids)],
            seller_ids=[Command.create({"partner_id": vendor.id, "delay": 6})],
        )
        order = self.order((throw, 2)).sudo()
        self.assertEqual(
            (order.order_line.promise_code, self.day(order.promise_date)), ("on_order", "2027-01-19")
        )
        purchase = self.env["purchase.order"].search([("partner_id", "=", vendor.id)])
        purchase.button_confirm()
        purchase.order_line.date_planned = MONDAY + timedelta(days=40)
        purchase.picking_ids.move_ids.date = MONDAY + timedelta(days=40)
        self.assertMoved(order, "2027-02-23", "receipt_moved")
        self.assertEqual(self.day(order.picking_ids.date_deadline), "2027-02-23")

    def test_straight_from_the_vendor(self):
        vendor = self.env["res.partner"].create({"name": "Mill"})
        dropship = self.env["stock.route"].create(
            {
                "name": "From the mill",
                "rule_ids": [
                    Command.create(
                        {
                            "name": "Mill to customer",
                            "action": "buy",
                            "picking_type_id": self.warehouse.in_type_id.copy(
                                {
                                    "name": "Straight",
                                    "sequence_code": "STR",
                                    "default_location_dest_id": self.customer.property_stock_customer.id,
                                }
                            ).id,
                            "location_dest_id": self.customer.property_stock_customer.id,
                        }
                    )
                ],
            }
        )
        rug = self.product(
            "RUG",
            90.0,
            route_ids=[Command.set(dropship.ids)],
            seller_ids=[Command.create({"partner_id": vendor.id, "delay": 6})],
        )
        order = self.order((rug, 1)).sudo()
        self.assertEqual(self.day(order.promise_date), "2027-01-18")
        purchase = self.env["purchase.order"].search([("partner_id", "=", vendor.id)])
        purchase.button_confirm()
        move = purchase.picking_ids.move_ids
        move.sale_line_id = order.order_line
        move.date = MONDAY + timedelta(days=16)
        self.assertMoved(order, "2027-01-27", "receipt_moved")

    def test_a_date_set_by_hand_stands(self):
        self.sold.with_user(self.sally).commitment_date = MONDAY + timedelta(days=7)
        self.assertFalse(self.sold.promise_at_risk)
        rows = self.sold.promise_ids
        self.coming.move_ids.date = MONDAY + timedelta(days=43)
        self.recheck()
        self.assertEqual(self.day(self.sold.promise_date), "2027-01-18")
        self.assertTrue(self.sold.promise_at_risk)
        self.assertIn("02/24/2027", self.sold.order_line.promise_reason)
        self.assertEqual(self.sold.promise_ids, rows)

    def test_one_that_fails_does_not_keep_the_others_waiting(self):
        Recheck = self.env["order.promise.recheck"]
        self.env.cr.precommit.run()
        Recheck.search([("tries", ">=", 0)]).unlink()
        Recheck._note(self.blanket | self.few, self.warehouse, "looked_again")
        self.env.cr.precommit.run()
        rows = Recheck.search([("tries", ">=", 0)])
        serve = type(Recheck)._serve

        def fail(records):
            if self.few in records.product_id:
                raise ValueError("broken")
            return serve(records)

        self.patch(type(Recheck), "_serve", fail)
        self.patch(self.env.cr, "rollback", lambda: self.env.invalidate_all())
        with self.assertLogs("odoo.addons.order_processing.models.order_promise_recheck", "ERROR"):
            self.recheck()
        self.assertEqual(rows.exists().product_id, self.few)
        self.assertEqual(rows.exists().tries, 5)

    def test_many_lines_are_looked_at_again_with_as_many_queries_as_a_few(self):
        def cost(count):
            lines = self.env["sale.order.line"]
            for _ in range(count):
                lines |= self.order((self.blanket, 1)).sudo().order_line
            self.coming.move_ids.product_uom_qty += 20
            self.recheck()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines._look_again(lambda line: ("looked_again", False, False, False))
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(1)
        few = cost(2)
        self.assertLessEqual(cost(10), few + 2)
