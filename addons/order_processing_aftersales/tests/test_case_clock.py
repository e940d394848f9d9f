from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CaseCase

LOG = "odoo.addons.order_processing_aftersales.models.order_case_clock"
FRIDAY_AT_FOUR = datetime(2026, 11, 27, 16)
MONDAY_AT_ELEVEN = datetime(2026, 11, 30, 11)


@tagged("post_install", "-at_install")
class TestCaseClock(CaseCase):
    """Lamps & Mugs works from eight to twelve and from one to five, Monday to Friday, in London."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {
                "name": "Week",
                "tz": "Europe/London",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {"name": "Day", "dayofweek": str(day), "hour_from": start, "hour_to": start + 4}
                    )
                    for day in range(5)
                    for start in (8, 13)
                ],
            }
        )

    def on_friday(self, **vals):
        with freeze_time(FRIDAY_AT_FOUR):
            return self.case(**vals).sudo()

    def escalate(self, moment):
        """Let the scheduled action run at this moment; return how many activities are new."""
        Activity = self.env["mail.activity"]
        domain = [("res_model", "=", "order.case")]
        before = Activity.search_count(domain)
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("order_processing_aftersales.ir_cron_escalate").method_direct_trigger()
        self.env.invalidate_all()
        return Activity.search_count(domain) - before

    # ---------------------------------------------------------------- until when
    def test_four_hours_from_friday_at_four_are_monday_at_eleven(self):
        case = self.on_friday()
        self.assertEqual(case.answer_by, MONDAY_AT_ELEVEN)
        self.assertEqual(case.solve_by, datetime(2026, 12, 2, 16))

    def test_a_holiday_is_no_working_day(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": datetime(2026, 11, 30),
                "date_to": datetime(2026, 11, 30, 23, 59),
            }
        )
        self.assertEqual(self.on_friday().answer_by, MONDAY_AT_ELEVEN + timedelta(days=1))

    def test_a_rule_without_hours_has_no_deadline(self):
        self.env["order.case.rule"].search([]).write({"answer_hours": 0, "solve_hours": 0})
        case = self.on_friday()
        self.assertFalse(case.deadline)
        self.assertEqual(self.escalate(datetime(2027, 1, 1)), 0)

    # ---------------------------------------------------------------- late
    def test_nobody_hears_at_the_weekend_and_the_right_one_on_monday(self):
        self.env["order.case.rule"].search([]).escalate_user_id = self.mona
        case = self.on_friday()
        self.assertEqual(self.escalate(datetime(2026, 11, 28, 12)), 0)
        self.assertEqual(self.escalate(MONDAY_AT_ELEVEN - timedelta(minutes=1)), 0)
        with freeze_time(MONDAY_AT_ELEVEN + timedelta(minutes=1)):
            self.assertTrue(case.is_late)
        self.assertEqual(self.escalate(MONDAY_AT_ELEVEN + timedelta(minutes=1)), 1)
        self.assertEqual(self.escalate(MONDAY_AT_ELEVEN + timedelta(hours=3)), 0)
        self.assertIn(self.mona, case.activity_ids.user_id)
        self.assertIn("case_late", self.events(self.order))
        self.assertNotIn("case_late", self.events(self.order, "customer"))

    def test_answered_in_time_it_is_the_solution_that_is_waited_for(self):
        case = self.on_friday()
        with freeze_time(datetime(2026, 11, 30, 9)):
            case.with_user(self.sally).message_post(
                body="We look", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.assertEqual((case.waits_for, case.deadline), ("solution", case.solve_by))
        self.assertEqual(self.escalate(datetime(2026, 12, 2, 15, 59)), 0)
        self.assertEqual(self.escalate(datetime(2026, 12, 2, 16, 1)), 1)
        self.assertEqual(self.escalate(datetime(2026, 12, 3, 9)), 0)

    def test_while_the_customer_is_waited_for_the_clock_stands_still(self):
        case = self.on_friday()
        with freeze_time(datetime(2026, 11, 30, 9)):
            case.with_user(self.sally).action_wait()
        self.assertEqual(self.escalate(datetime(2026, 12, 20)), 0)
        with freeze_time(datetime(2026, 12, 1, 11)):  # eight and two working hours later
            case.message_post(
                body="Yes",
                author_id=self.customer.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertEqual((case.state, case.solve_by), ("progress", datetime(2026, 12, 4, 9)))

    def test_one_that_fails_keeps_no_other_waiting(self):
        first, second = self.on_friday(), self.on_friday(quantity=1)
        escalate = type(first)._escalate

        def fail(case):
            if case == first:
                raise ValueError("broken")
            return escalate(case)

        with patch.object(type(first), "_escalate", fail), mute_logger(LOG):
            self.assertEqual(self.escalate(MONDAY_AT_ELEVEN + timedelta(minutes=1)), 1)
        self.assertEqual((first | second).mapped("escalated_for"), [False, "answer"])

    # ---------------------------------------------------------------- whose
    def test_whose_it_is_by_rule(self):
        rules = self.env["order.case.rule"]
        rules.search([]).active = False
        team = self.env["crm.team"].create({"name": "After-Sales", "user_id": self.mona.id})
        rules.create(
            [
                {"sequence": 1, "kind": "damage", "role": "user", "user_id": self.wes.id},
                {"sequence": 2, "kind": "return", "role": "team", "team_id": team.id},
                {"sequence": 9, "role": "salesperson"},
            ]
        )
        for kind, who in (("damage", self.wes), ("return", self.mona), ("praise", self.sally)):
            with self.subTest(kind):
                case = self.case(kind=kind, quantity=1).sudo()
                self.assertEqual((case.user_id, case.activity_ids.user_id), (who, who))
        self.assertEqual(self.case(user_id=self.rita.id).user_id, self.rita)

    def test_who_has_left_gets_none(self):
        rule = self.env.ref("order_processing_aftersales.order_case_rule_damage")
        rule.write({"role": "user", "user_id": self.wes.id})
        self.wes.active = False
        self.assertEqual(self.case().user_id, self.sally)

    def test_another_companys_rule_is_not_ours(self):
        other = self.env["res.company"].create({"name": "Another"})
        self.env["order.case.rule"].create(
            {
                "sequence": 0,
                "kind": "damage",
                "role": "user",
                "user_id": self.wes.id,
                "company_id": other.id,
            }
        )
        self.assertEqual(self.case().user_id, self.sally)
