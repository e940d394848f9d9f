from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.order_processing.models.order_takeover_clock import SWEPT

from .common_takeover import TakeoverCase


@tagged("post_install", "-at_install")
class TestTakeoverRights(TakeoverCase):
    def test_who_may(self):
        for user in (self.sally, self.rita, self.paul, self.wes, self.anna, self.carla):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, self.urgent, "action_open_takeover")
            self.assertFalse(user.has_group("base.group_user") and self.urgent.with_user(user).can_take_over)
        self.assertTrue(self.urgent.with_user(self.mona).can_take_over)
        planner = new_test_user(self.env, "planner", "stock.group_stock_manager")
        self.assertTrue(self.urgent.sudo().picking_ids.with_user(planner).can_take_over)
        self.assertEqual(self.take(by=planner).user_id, planner)
        with self.assertRaises(AccessError):
            self.rpc(self.sally, self.env["order.takeover"].search([]), "action_undo")

    def test_above_the_amount_a_right_is_needed(self):
        self.company.takeover_value_limit = 35
        planner = new_test_user(self.env, "planner", "stock.group_stock_manager")
        with self.assertRaisesRegex(AccessError, "36.00.*up to.*35.00"):
            self.take(by=planner)
        self.assertEqual(self.set_aside(self.urgent), [0])
        self.take(by=self.mona)
        self.assertEqual(self.set_aside(self.urgent), [3])

    def test_where_the_policy_is_never_there_is_no_button(self):
        self.company.takeover_policy = "never"
        self.assertFalse(self.urgent.with_user(self.mona).can_take_over)
        with self.assertRaises(UserError):
            self.ask()

    def test_the_question_is_no_way_around(self):
        wizard = self.ask()
        with self.subTest("policy"), self.env.cr.savepoint() as savepoint:
            self.company.takeover_policy = "never"
            with self.assertRaisesRegex(UserError, "Only an urgent"):
                self.rpc(self.mona, wizard, "action_take_over")
            savepoint.rollback()
            self.env.invalidate_all()
        with self.subTest("review"), self.env.cr.savepoint() as savepoint:
            self.urgent.sudo().review_state = "pending"
            with self.assertRaisesRegex(UserError, "Only an urgent"):
                self.rpc(self.mona, wizard, "action_take_over")
            savepoint.rollback()
            self.env.invalidate_all()
        self.assertEqual(self.set_aside(self.urgent), [0])
        self.rpc(self.mona, wizard, "action_take_over")
        self.assertEqual(self.set_aside(self.urgent), [3])

    def test_nobody_makes_up_what_is_shown(self):
        wizard = self.ask()
        line = wizard.line_ids
        for records, call, args in (
            (wizard, "create", [{"order_id": self.urgent.id}]),
            (wizard, "write", [{"order_id": self.first.id}]),
            (wizard, "write", [{"line_ids": [(2, line.id)]}]),
            (line, "create", [{"start_id": wizard.id}]),
            (line, "write", [{"quantity": 9}]),
            (line, "unlink", []),
        ):
            with self.subTest(records._name, call=call), self.assertRaises(AccessError):
                self.rpc(self.mona, records, call, *args)
        self.rpc(self.mona, wizard, "write", {"reason": "The hospital waits"})

    def test_nobody_marks_an_order_by_hand(self):
        with self.assertRaises(AccessError):
            self.rpc(self.mona, self.urgent, "write", {"takeover_due": True})


@tagged("post_install", "-at_install")
class TestTakeoverByItself(TakeoverCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.takeover_policy = "automatic"
        cls.look_later()

    @classmethod
    def look_later(cls):
        """Nothing is noted of the orders that are short already; it is not the time to look at them all."""
        cls.env["sale.order"].search([("takeover_due", "=", True)]).takeover_due = False
        cls.env["ir.config_parameter"].set_param(SWEPT, fields.Datetime.to_string(fields.Datetime.now()))

    def test_when_the_company_wants_it_from_now_on(self):
        self.company.takeover_policy = "ask"
        self.company.takeover_policy = "automatic"
        self.run_clock()
        self.assertEqual(self.set_aside(self.second, self.urgent), [1, 3])

    def test_who_has_come_to_lack_something_is_found_within_the_hour(self):
        self.run_clock()
        self.assertEqual(self.set_aside(self.urgent), [0])
        self.env["ir.config_parameter"].set_param(SWEPT, "2020-01-01 00:00:00")
        self.run_clock()
        self.assertEqual(self.set_aside(self.second, self.urgent), [1, 3])

    def test_after_a_hold_it_is_seen_to_again(self):
        order = self.order((self.few, 2), urgency="urgent").sudo()
        order.review_state = "pending"
        self.run_clock()
        self.assertEqual((self.set_aside(order), order.takeover_due), ([0], True))
        order.takeover_due = False
        order.review_state = "approved"
        order._go_on_after_hold()
        self.run_clock()
        self.assertEqual(self.set_aside(order), [2])

    def test_that_it_is_too_dear_is_said_once(self):
        self.company.takeover_value_limit = 20
        order = self.order((self.few, 2), urgency="urgent").sudo()
        self.run_clock()
        order.takeover_due = True
        self.run_clock()
        self.assertEqual(self.events(order).count("takeover_too_dear"), 1)

    def test_at_the_approval_of_an_urgent_order(self):
        self.run_clock()
        self.assertEqual(self.set_aside(self.urgent), [0])  # it has been looked at
        order = self.order((self.few, 4), urgency="urgent")
        self.run_clock()
        self.assertEqual(self.set_aside(self.second, order), [0, 4])
        self.assertTrue(self.env["order.takeover"].search([("winner_order_id", "=", order.id)]).automatic)
        self.assertFalse(order.sudo().takeover_due)

    def test_when_it_becomes_urgent(self):
        order = self.order((self.few, 2))
        order.urgency = "urgent"
        self.run_clock()
        self.assertEqual(self.set_aside(order), [2])

    def test_not_before_the_allocator_has_looked(self):
        self.company.reservation_mode = "queued"
        order = self.order((self.few, 2), urgency="urgent")
        self.run_clock()
        self.assertEqual((self.set_aside(order), order.sudo().takeover_due), ([0], True))
        self.run_allocator()
        self.run_clock()
        self.assertEqual((self.set_aside(order), order.sudo().takeover_due), ([2], False))

    def test_who_has_everything_takes_nothing(self):
        order = self.order((self.mug, 2), urgency="urgent")
        self.run_clock()
        self.assertFalse(self.env["order.takeover"].search([("winner_order_id", "=", order.id)]))

    def test_what_is_worth_too_much_is_left_to_a_person(self):
        self.company.takeover_value_limit = 20
        order = self.order((self.few, 2), urgency="urgent")
        self.run_clock()
        self.assertEqual(self.set_aside(order), [0])
        self.assertIn("takeover_too_dear", self.events(order))

    def test_what_a_person_has_undone_stays_undone(self):
        order = self.order((self.few, 2), urgency="urgent")
        self.run_clock()
        takeover = self.env["order.takeover"].search([("winner_order_id", "=", order.id)])
        takeover.with_user(self.mona).action_undo()
        order.sudo().takeover_due = True
        self.run_clock()
        self.assertEqual(self.set_aside(order), [0])
