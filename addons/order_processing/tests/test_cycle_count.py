from collections import Counter
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_watch import StockWatchCase


class CycleCountCase(StockWatchCase):
    """Lanterns sell best by value, then mugs, then a few flasks; blankets lie there, ropes never came."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.put_in_stock(cls.blanket, 7)
        cls.flask = cls.product("FLASK", 32.0, stock=50, name="Thermos Flask")
        cls.rope = cls.product("ROPE", 5.0, name="Rope")
        cls.Plan = cls.env["order.count.plan"]
        cls.Quant = cls.env["stock.quant"]
        cls.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {"name": "Weekdays", "tz": "UTC"}
        )
        cls.warehouse.cycle_count = True

    @classmethod
    def sell(cls, product, quantity):
        order = cls.confirmed_order(lines=[(product, quantity)])
        cls.ship(order)
        return order

    @classmethod
    def sell_all(cls):
        cls.sell(cls.lantern, 100)  # 100 × 9.25 = 925
        cls.sell(cls.mug, 50)  # 50 × 3.95 = 197.50
        cls.sell(cls.flask, 1)  # 16

    def classes(self):
        plans = self.Plan.search([("warehouse_id", "=", self.warehouse.id)])
        return {plan.product_id.default_code: plan.abc_class for plan in plans}

    def plan_of(self, product):
        return self.Plan.search([("product_id", "=", product.id), ("warehouse_id", "=", self.warehouse.id)])

    def quants(self, product):
        return self.Quant.search([("product_id", "=", product.id), ("location_id.usage", "=", "internal")])

    def count(self, quant, quantity, by=None):
        quant = quant.with_user(by or self.wes).with_context(inventory_mode=True)
        quant.inventory_quantity = quantity
        quant.action_apply_inventory()

    def run_plan(self):
        self.Plan._cron_plan()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestCycleCount(CycleCountCase):
    """Goods are counted by their class, spread over the days, with Odoo's own counts."""

    # ---------------------------------------------------------------- classes
    def test_classes_by_the_value_of_what_left(self):
        self.sell_all()
        self.run_plan()
        self.assertEqual(self.classes(), {"LANTERN": "A", "MUG": "B", "FLASK": "C", "BLANKET": "C"})
        self.assertAlmostEqual(self.plan_of(self.lantern).value, 925)

    def test_what_comes_back_was_not_used(self):
        order = self.sell(self.flask, 50)
        self.sell(self.mug, 50)
        self.run_plan()
        self.assertEqual(self.classes()["FLASK"], "A")
        picking = order.sudo().picking_ids
        wizard = self.env["stock.return.picking"].with_context(active_id=picking.id, active_ids=picking.ids)
        wizard = wizard.with_context(active_model="stock.picking").create({})
        wizard.product_return_moves.quantity = 50
        returned = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        returned.move_ids.picked = True
        returned.button_validate()
        self.run_plan()
        self.assertEqual((self.classes()["FLASK"], self.classes()["MUG"]), ("C", "A"))

    def test_long_ago_does_not_count(self):
        self.sell_all()
        lines = self.env["stock.move.line"].search(
            [("product_id", "=", self.lantern.id), ("state", "=", "done")]
        )
        lines.date = fields.Datetime.now() - timedelta(days=400)
        self.run_plan()
        self.assertEqual((self.classes()["LANTERN"], self.classes()["MUG"]), ("C", "A"))

    def test_without_a_cost_the_price_counts(self):
        self.flask.standard_price = 0
        self.sell(self.flask, 10)
        self.run_plan()
        self.assertAlmostEqual(self.plan_of(self.flask).value, 320)

    def test_a_class_by_hand_stays(self):
        self.run_plan()
        plan = self.plan_of(self.blanket)
        self.rpc(self.max, plan, "write", {"fixed_class": "A"})
        self.run_plan()
        self.assertEqual((plan.abc_class, plan.computed_class), ("A", "C"))
        self.assertLessEqual(plan.next_count_date, fields.Date.today() + timedelta(days=34))
        self.rpc(self.max, plan, "write", {"fixed_class": False})
        self.assertEqual(plan.abc_class, "C")

    def test_only_where_it_is_switched_on(self):
        self.warehouse.cycle_count = False
        self.run_plan()
        self.assertFalse(self.Plan.search([]))

    # ---------------------------------------------------------------- dates
    def test_every_product_gets_its_day_in_time(self):
        self.sell_all()
        self.run_plan()
        today = fields.Date.today()
        for product, days in ((self.lantern, 30), (self.mug, 90), (self.blanket, 180)):
            plan = self.plan_of(product)
            self.assertTrue(today < plan.next_count_date <= today + timedelta(days=days), product.name)
            self.assertLess(plan.next_count_date.weekday(), 5)
            self.assertTrue(plan.is_requested)
            self.assertLessEqual(self.quants(product).inventory_date, plan.next_count_date)

    def test_no_day_gets_everything(self):
        products = [self.product(f"N{n}", 1.0, stock=1) for n in range(44)]
        self.warehouse.count_days_c = 30
        self.run_plan()
        days = Counter(self.plan_of(product).next_count_date for product in products)
        self.assertLessEqual(max(days.values()), 3)
        self.assertGreaterEqual(len(days), 19)

    def test_holidays_are_no_working_days(self):
        today = fields.Date.today()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": fields.Datetime.to_datetime(today),
                "date_to": fields.Datetime.to_datetime(today + timedelta(days=20)),
            }
        )
        self.sell_all()
        self.run_plan()
        self.assertGreaterEqual(self.plan_of(self.lantern).next_count_date, today + timedelta(days=20))

    def test_planned_again_nothing_moves(self):
        self.sell_all()
        self.run_plan()
        before = {plan.id: plan.next_count_date for plan in self.Plan.search([])}
        self.run_plan()
        self.assertEqual({plan.id: plan.next_count_date for plan in self.Plan.search([])}, before)

    def test_counted_it_gets_the_next_day(self):
        self.sell_all()
        self.run_plan()
        plan = self.plan_of(self.lantern)
        plan.planned_at = fields.Datetime.now() - timedelta(hours=1)
        self.count(self.quants(self.lantern), 20)
        self.run_plan()
        today = fields.Date.today()
        self.assertEqual(plan.last_count_date, today)
        # Not all that were counted today are due on one day again: 6 of the 30 days are free to choose.
        self.assertTrue(today + timedelta(days=20) <= plan.next_count_date <= today + timedelta(days=30))
        self.assertEqual(self.quants(self.lantern).inventory_date, plan.next_count_date)

    def test_it_gets_more_important_and_comes_earlier(self):
        self.run_plan()
        plan = self.plan_of(self.lantern)
        plan.next_count_date = fields.Date.today() + timedelta(days=170)
        self.sell_all()
        self.run_plan()
        self.assertEqual(plan.abc_class, "A")
        self.assertLessEqual(plan.next_count_date, fields.Date.today() + timedelta(days=34))

    def test_never_is_never(self):
        self.warehouse.count_days_c = 0
        self.run_plan()
        self.assertFalse(self.plan_of(self.blanket).next_count_date)

    # ---------------------------------------------------------------- with Odoo's own counts
    def test_an_earlier_count_stays(self):
        asked = fields.Date.today() + timedelta(days=1)
        self.quants(self.blanket).inventory_date = asked
        self.run_plan()
        self.assertEqual(self.quants(self.blanket).inventory_date, asked)
        self.assertTrue(self.plan_of(self.blanket).is_requested)

    def test_a_location_with_its_own_frequency_keeps_it(self):
        self.shelf.cyclic_inventory_frequency = 7
        self.quants(self.blanket).inventory_date = False
        self.run_plan()
        self.assertFalse(self.quants(self.blanket).inventory_date)
        self.assertFalse(self.plan_of(self.blanket).next_count_date)

    def test_who_counts_is_asked_unless_somebody_is(self):
        self.warehouse.count_user_id = self.wes
        self.quants(self.mug).user_id = self.max
        self.run_plan()
        self.assertEqual(self.quants(self.mug).user_id, self.max)
        self.assertEqual(self.quants(self.blanket).user_id, self.wes)

    def test_goods_that_come_to_another_shelf_are_counted_with_the_rest(self):
        self.run_plan()
        plan = self.plan_of(self.blanket)
        plan.planned_at = fields.Datetime.now() - timedelta(hours=1)
        yard = self.env["stock.location"].create({"name": "Yard", "location_id": self.shelf.id})
        self.put_in_stock(self.blanket, 3, yard)
        self.run_plan()
        new = self.quants(self.blanket).filtered(lambda quant: quant.location_id == yard)
        self.assertLessEqual(new.inventory_date, plan.next_count_date)

    def test_a_person_may_put_it_off(self):
        self.run_plan()
        later = fields.Date.today() + timedelta(days=300)
        self.Plan.search([]).planned_at = fields.Datetime.now() + timedelta(hours=1)
        self.quants(self.blanket).inventory_date = later
        self.run_plan()
        self.assertEqual(self.quants(self.blanket).inventory_date, later)

    def test_a_count_that_is_typed_already_is_left_alone(self):
        quant = self.quants(self.blanket).with_context(inventory_mode=True)
        quant.inventory_quantity = 5
        before = quant.inventory_date
        self.run_plan()
        self.assertEqual((quant.inventory_date, quant.inventory_quantity), (before, 5))

    def test_killed_in_between_the_next_night_goes_on(self):
        self.sell_all()
        self.Plan._classify(self.warehouse)
        self.assertEqual(self.classes()["LANTERN"], "A")
        self.Plan._plan(self.warehouse)
        plan = self.plan_of(self.lantern)
        date = plan.next_count_date
        self.assertFalse(plan.is_requested)
        self.run_plan()
        self.assertEqual((plan.next_count_date, plan.is_requested), (date, True))
        self.assertLessEqual(self.quants(self.lantern).inventory_date, date)

    def test_a_warehouse_that_fails_does_not_stop_the_others(self):
        other = self.env["stock.warehouse"].create({"name": "Second", "code": "WH2", "cycle_count": True})
        self.put_in_stock(self.rope, 5, other.lot_stock_id)
        classify = self.registry["order.count.plan"]._classify

        def failing(plans, warehouse):
            if warehouse == self.warehouse:
                raise ValueError("no luck")
            return classify(plans, warehouse)

        self.patch(self.registry["order.count.plan"], "_classify", failing)
        self.patch(self.env.cr, "rollback", lambda: None)
        with mute_logger("odoo.addons.order_processing.models.order_count_plan_run"):
            self.run_plan()
        self.assertEqual(self.Plan.search([]).product_id, self.rope)
        self.assertTrue(self.Plan.search([]).next_count_date)

    def test_a_product_that_fails_does_not_stop_the_others(self):
        self.sell_all()
        self.Plan._classify(self.warehouse)
        self.Plan._plan(self.warehouse)
        bad = self.quants(self.lantern)
        request = self.registry["stock.quant"]._request_count

        def failing(quants, date, user):
            if bad & quants:
                raise ValueError("no luck")
            return request(quants, date, user)

        self.patch(self.registry["stock.quant"], "_request_count", failing)
        self.patch(self.env.cr, "rollback", lambda: None)
        with mute_logger("odoo.addons.order_processing.models.order_count_plan_run"):
            self.run_plan()
        plans = self.Plan.search([("next_count_date", "!=", False)])
        self.assertGreater(len(plans), 1)
        self.assertEqual(plans.filtered(lambda plan: not plan.is_requested).product_id, self.lantern)

    def test_the_same_number_of_queries_however_many_products(self):
        def queries(number):
            for n in range(number):
                self.product(f"Q{number}-{n}", 1.0, stock=1)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Plan._classify(self.warehouse)
            self.Plan._plan(self.warehouse)
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertLessEqual(queries(40), queries(3) + 2)

    # ---------------------------------------------------------------- today's list
    def test_count_today(self):
        today = fields.Date.today()
        self.Quant.search([]).inventory_date = today + timedelta(days=9)
        self.quants(self.lantern).inventory_date = today - timedelta(days=2)
        self.quants(self.mug).inventory_date = today
        self.quants(self.mug).user_id = self.max
        self.quants(self.flask).write({"inventory_date": today, "user_id": self.wes.id})
        action = self.Quant.with_user(self.wes)._count_today_action()
        due = self.Quant.with_user(self.wes).search(action["domain"])
        self.assertEqual(due.product_id, self.lantern + self.flask)
        self.assertEqual(action["name"], "Count Today (2 open, 1 late)")
        self.count(due, 3)
        self.assertFalse(self.Quant.with_user(self.wes).search(action["domain"]))

    def test_counts_of_a_class_are_found(self):
        self.sell_all()
        self.run_plan()
        self.assertEqual(self.Quant.search([("abc_class", "=", "A")]).product_id, self.lantern)
        self.assertEqual(self.quants(self.mug).abc_class, "B")

    # ---------------------------------------------------------------- differences
    def test_differences(self):
        self.sell_all()
        self.run_plan()
        self.count(self.quants(self.lantern), 17)
        self.count(self.quants(self.mug), 350)
        self.count(self.quants(self.blanket), 9)
        Difference = self.env["order.count.difference"].with_user(self.wes)
        found = {
            one.product_id.default_code: (
                one.abc_class,
                one.counted_quantity,
                one.difference,
                one.value,
                one.user_id,
            )
            for one in Difference.search([])
        }
        expected = {
            "LANTERN": ("A", 17, -3, -27.75, self.wes),
            "MUG": ("B", 350, 0, 0, self.wes),
            "BLANKET": ("C", 9, 2, 54, self.wes),
        }
        self.assertEqual(found, expected)
        # A later cost or class does not change what was found then.
        self.lantern.standard_price = 100
        self.plan_of(self.lantern).fixed_class = "C"
        self.env.flush_all()
        self.env.invalidate_all()
        groups = Difference._read_group(
            [], ["abc_class"], ["count_number:sum", "off_number:sum", "value:sum"]
        )
        self.assertEqual(groups, [("A", 1, 1, -27.75), ("B", 1, 0, 0), ("C", 1, 1, 54)])
        line = Difference.search([("product_id", "=", self.lantern.id)])
        self.assertEqual(self.rpc(self.wes, line, "action_open_move")["res_id"], line.move_id.id)

    # ---------------------------------------------------------------- rights
    def test_who_sees_and_sets(self):
        self.run_plan()
        plan = self.plan_of(self.lantern)
        self.assertTrue(self.rpc(self.wes, plan, "read", ["abc_class"]))
        with self.assertRaises(AccessError):
            self.rpc(self.wes, plan, "write", {"fixed_class": "A"})
        with self.assertRaises(AccessError):
            self.rpc(self.max, plan, "write", {"next_count_date": "2030-01-01"})
        with self.assertRaises(AccessError):
            self.rpc(self.wes, self.warehouse, "write", {"count_days_a": 1})
        self.rpc(self.max, self.warehouse, "write", {"count_days_a": 14})
        for user in (self.paul, self.anna, self.carla):
            for model in ("order.count.plan", "order.count.difference"):
                with self.subTest(user.login, model=model), self.assertRaises(AccessError):
                    self.rpc(user, self.env[model], "search_read", [])

    def test_settings_that_make_no_sense(self):
        for vals in ({"abc_share_a": 90, "abc_share_b": 20}, {"count_days_a": -1}, {"abc_months": 0}):
            refused = self.assertRaises(IntegrityError)
            with self.subTest(**vals), mute_logger("odoo.sql_db"), refused, self.env.cr.savepoint():
                self.warehouse.write(vals)
                self.env.flush_all()

    def test_another_company_sees_nothing(self):
        self.run_plan()
        self.count(self.quants(self.lantern), 17)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.wes.write({"company_ids": [Command.link(company.id)], "company_id": company.id})
        for model in ("order.count.plan", "order.count.difference"):
            theirs = self.env[model].with_user(self.wes).with_context(allowed_company_ids=company.ids)
            self.assertFalse(theirs.search([]), model)
