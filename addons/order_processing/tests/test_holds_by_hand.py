from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common_holds import HoldCase


@tagged("post_install", "-at_install")
class TestHeldByHand(HoldCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"hold_review_hours": 0, "hold_quotation_hours": 0})

    def test_nothing_is_held_where_nothing_is_set(self):
        review, quotation = self.held_quotation(lines=[(self.few, 2)]), self.sent((self.few, 2))
        self.assertEqual((self.held(review, quotation), self.free(self.few)), ([0, 0], 10))

    def test_a_salesperson_holds_and_releases(self):
        order = self.quotation(lines=[(self.few, 4)])
        self.rpc(self.sally, order, "action_hold_stock")
        self.assertEqual((self.held(order), self.free(self.few)), ([4], 6))
        self.rpc(self.sally, order, "action_release_stock")
        self.assertEqual((self.held(order), self.free(self.few)), ([0], 10))

    def test_one_that_fails_does_not_stop_the_others(self):
        orders = [self.quotation(lines=[(self.few, 1)]) for _number in range(5)]
        for order in orders:
            self.rpc(self.sally, order, "action_hold_stock")
            self.over(order)
        bad = self.holds(orders[2])
        end = self.registry["stock.move"]._end_holds_over

        def failing(moves):
            if bad in moves:
                raise ValueError("no luck")
            return end(moves)

        self.patch(self.registry["stock.move"], "_end_holds_over", failing)
        self.patch(self.env.cr, "rollback", lambda: None)
        with self.assertLogs("odoo.addons.order_processing.models.sale_order_hold_clock", "ERROR") as logs:
            self.run_clock()
        self.assertEqual(self.held(*orders), [0, 0, 1, 0, 0])
        self.assertEqual(len(logs.output), 1)

    def test_who_may(self):
        order = self.held_quotation(lines=[(self.few, 4)])
        for user in (self.wes, self.anna, self.carla):
            for method in ("action_hold_stock", "action_release_stock"):
                with self.subTest(user.login, method=method), self.assertRaises(AccessError):
                    self.rpc(user, order, method)
        for user in (self.rita, self.mona):
            self.rpc(user, order, "action_hold_stock")
            self.assertEqual(self.held(order), [4])
            self.rpc(user, order, "action_release_stock")
        paul = self.quotation(lines=[(self.few, 1)], by=self.paul)
        self.rpc(self.paul, paul, "action_hold_stock")
        self.assertIn("hold_released", self.events(order))

    def test_not_for_ever(self):
        """After three days only a sales manager keeps the goods from everybody else."""
        order = self.quotation(lines=[(self.few, 4)]).sudo()
        self.rpc(self.sally, order, "action_hold_stock")
        order.hold_since -= timedelta(hours=60)
        self.over(order)
        self.run_clock()
        self.rpc(self.sally, order, "action_hold_stock")
        left = order.hold_until - fields.Datetime.now()
        self.assertTrue(timedelta(hours=11) < left <= timedelta(hours=12))
        order.hold_since -= timedelta(hours=12)
        self.over(order)
        self.run_clock()
        with self.assertRaisesRegex(UserError, "72 hours"):
            self.rpc(self.sally, order, "action_hold_stock")
        self.rpc(self.mona, order, "action_hold_stock")
        self.assertEqual(self.held(order), [4])
        with self.assertRaises(AccessError):
            self.rpc(self.sally, order, "write", {"hold_since": False})

    def test_no_longer_than_the_quotation_is_valid(self):
        today = fields.Date.today()
        order = self.quotation(lines=[(self.few, 4)], validity_date=today).sudo()
        self.company.hold_quotation_hours = 48
        self.rpc(self.sally, order, "action_hold_stock")
        self.assertEqual(order.hold_until.date(), today + timedelta(days=1))
        self.assertEqual(order.hold_until.hour, 0)
        order.with_user(self.sally).validity_date = today - timedelta(days=1)
        self.assertEqual((self.held(order), order.hold_until), ([0], False))

    def test_not_of_what_is_over(self):
        order = self.order((self.few, 4))
        with self.assertRaisesRegex(UserError, "open quotations"):
            self.rpc(self.sally, order, "action_hold_stock")

    def test_nobody_writes_it_by_hand(self):
        order = self.quotation(lines=[(self.few, 4)])
        with self.assertRaises(AccessError):
            self.rpc(self.sally, order, "write", {"hold_until": "2099-01-01"})
        self.rpc(self.sally, order, "action_hold_stock")
        keeper = new_test_user(self.env, "keeper", "stock.group_stock_manager")
        hold, other = self.holds(order), self.order((self.mug, 1)).sudo()
        for vals in (
            {"hold_until": False},
            {"hold_line_id": other.order_line.id},
            {"picking_id": other.picking_ids.id},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                self.rpc(keeper, hold, "write", vals)


@tagged("post_install", "-at_install")
class TestHoldsAreCheap(HoldCase):
    def queries(self, orders):
        self.env.flush_all()
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        orders.action_confirm()
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def quotations(self, count, sent):
        orders = self.env["sale.order"]
        for _number in range(count):
            orders |= self.sent((self.mug, 1)) if sent else self.quotation(lines=[(self.mug, 1)])
        return orders.sudo()

    def test_confirming_costs_the_same_for_many_as_for_a_few(self):
        self.queries(self.quotations(2, False) + self.quotations(2, True))  # what is read once
        extra = {}
        for count in (2, 8):
            plain = self.queries(self.quotations(count, False))
            extra[count] = self.queries(self.quotations(count, True)) - plain
        self.assertLessEqual(extra[8], extra[2] + 4, extra)

    def test_without_holds_it_costs_one_query(self):
        looked = []
        search = self.registry["sale.order.line"]._open_holds

        def counting(lines):
            before = lines.env.cr.sql_log_count
            found = search(lines)
            looked.append(lines.env.cr.sql_log_count - before)
            return found

        orders = self.quotations(3, False)
        with patch.object(self.registry["sale.order.line"], "_open_holds", counting):
            self.queries(orders)
        self.assertLessEqual(sum(looked), 2, looked)
