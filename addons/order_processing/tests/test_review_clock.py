from datetime import date, datetime

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_desk import ReviewDeskCase

ACTIVITY = "order_processing.mail_activity_type_review"


@tagged("post_install", "-at_install")
class TestReviewClock(ReviewDeskCase):
    """By when, and what happens when nobody decides. Working hours are nine to five, London, in winter."""

    def run_clock(self):
        with self.enter_registry_test_mode():
            self.env.ref("order_processing.ir_cron_review_clock").method_direct_trigger()
        self.env.invalidate_all()

    def held_at(self, moment, *reasons, **vals):
        with self.at_time(moment):
            order = self.held(*(reasons or ("address",)), **vals)
            self.env.flush_all()
        return order

    def activities(self, order):
        return order.sudo().activity_ids.filtered(lambda a: a.activity_type_id == self.env.ref(ACTIVITY))

    # ---------------------------------------------------------------- deadlines
    def test_within_a_day(self):
        self.desk.deadline_hours = 4
        order = self.held_at("2026-11-23 10:00:00")  # Monday
        self.assertEqual(order.review_deadline, datetime(2026, 11, 23, 14))

    def test_over_night(self):
        order = self.held_at("2026-11-23 16:00:00")
        self.assertEqual(order.review_deadline, datetime(2026, 11, 24, 16))

    def test_over_a_weekend(self):
        order = self.held_at("2026-11-27 15:00:00")  # Friday
        self.assertEqual(order.review_deadline, datetime(2026, 11, 30, 15))
        self.assertEqual(order.sudo().review_step_id.remind_at, datetime(2026, 11, 30, 13))

    def test_handed_in_at_the_weekend_the_time_starts_on_monday(self):
        order = self.held_at("2026-11-28 12:00:00")
        self.assertEqual(order.review_deadline, datetime(2026, 11, 30, 17))

    def test_over_a_weekend_and_a_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Boxing Day (substitute)",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": "2026-12-28 00:00:00",
                "date_to": "2026-12-28 23:59:59",
            }
        )
        order = self.held_at("2026-12-24 15:00:00")  # Thursday; the 25th is a working day in this calendar
        self.assertEqual(order.review_deadline, datetime(2026, 12, 25, 15))
        order = self.held_at("2026-12-25 15:00:00")
        self.assertEqual(order.review_deadline, datetime(2026, 12, 29, 15))

    def test_a_stage_may_have_hours_of_its_own(self):
        week = self.env["resource.calendar"].create(
            {
                "name": "Round the clock",
                "tz": "UTC",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "Day",
                                "dayofweek": str(day),
                                "hour_from": 0,
                                "hour_to": 24,
                                "day_period": "full_day",
                            }
                        )
                        for day in range(7)
                    ),
                ],
            }
        )
        self.desk.calendar_id = week
        order = self.held_at("2026-11-28 12:00:00")
        self.assertEqual(order.review_deadline, datetime(2026, 11, 28, 20))

    def test_no_deadline_is_none(self):
        self.desk.write({"reminder_hours": 0, "deadline_hours": 0})
        self.assertFalse(self.held("address").review_deadline)

    def test_while_the_customer_answers_no_time_runs(self):
        order = self.held_at("2026-11-23 10:00:00")
        order.with_user(self.rita).action_review_request_change("Where to, exactly?")
        self.assertFalse(order.review_deadline)
        reviewer = order.sudo().review_user_id
        with self.at_time("2026-11-25 10:00:00"):
            order._back_to_review()
        self.assertEqual(order.review_state, "pending")
        self.assertEqual(order.review_deadline, datetime(2026, 11, 26, 10))
        self.assertEqual(order.sudo().review_user_id, reviewer)

    def test_how_long_it_took_is_kept_in_working_hours(self):
        order = self.held_at("2026-11-27 15:00:00")
        with self.at_time("2026-11-30 10:00:00"):
            self.approve(order)
        step = order.sudo().review_step_ids
        self.assertEqual((step.waited_hours, step.is_late), (3.0, False))
        late = self.held_at("2026-11-27 15:00:00")
        with self.at_time("2026-12-01 10:00:00"):
            self.approve(late)
        self.assertEqual(
            (late.sudo().review_step_ids.waited_hours, late.sudo().review_step_ids.is_late), (11.0, True)
        )

    # ---------------------------------------------------------------- reminder, escalation
    def test_before_the_deadline_the_reviewer_is_reminded_once(self):
        order = self.held_at("2026-11-23 09:00:00", team_id=self.team.id)
        with self.at_time("2026-11-23 14:59:00"):
            self.run_clock()
            self.assertFalse(self.activities(order))
        with self.at_time("2026-11-23 15:01:00"):
            self.run_clock()
            self.run_clock()
        activity = self.activities(order)
        self.assertEqual(activity.user_id, order.sudo().review_user_id)
        self.assertEqual(activity.date_deadline, date(2026, 11, 23))
        self.assertEqual(self.events(order).count("reminded"), 1)

    def test_not_decided_in_time_it_goes_to_the_manager(self):
        order = self.held_at("2026-11-23 09:00:00", team_id=self.team.id)
        asked = order.sudo().review_user_id
        with self.at_time("2026-11-23 17:00:00"):
            self.run_clock()
            self.run_clock()
        self.assertEqual(order.sudo().review_user_id, self.max)
        self.assertIn("not decided in time", order.review_assigned_because)
        self.assertEqual(self.activities(order).user_id, self.max)
        self.assertEqual(self.events(order).count("escalated"), 1)
        self.assertIn(f"from {asked.name} to Max", order.timeline_html)
        self.assertTrue(order.with_user(asked).review_may_decide)
        self.approve(order, by=self.max)
        self.assertConfirmed(order, "approved")
        self.assertFalse(self.activities(order))

    def test_whom_the_stage_names_comes_before_the_manager(self):
        self.desk.escalation_user_id = self.fiona
        self.desk.user_ids = self.rita
        order = self.held_at("2026-11-23 09:00:00", team_id=self.team.id)
        with self.at_time("2026-11-23 17:00:00"):
            self.run_clock()
        self.assertEqual(order.sudo().review_user_id, self.fiona)

    def test_before_it_is_escalated_the_manager_does_not_decide(self):
        order = self.held_at("2026-11-23 09:00:00", team_id=self.team.id)
        with self.assertRaisesRegex(AccessError, "stage"):
            self.approve(order, by=self.max)

    def test_an_order_decided_or_paused_is_not_escalated(self):
        decided = self.held_at("2026-11-23 09:00:00", team_id=self.team.id)
        paused = self.held_at("2026-11-23 09:00:00", team_id=self.team.id)
        self.approve(decided)
        paused.with_user(self.rita).action_review_request_change("Where to?")
        with self.at_time("2026-11-25 17:00:00"):
            self.run_clock()
        for order in decided + paused:
            self.assertNotIn("escalated", self.events(order))

    def test_stopped_in_the_middle_the_rest_is_done_next_time(self):
        orders = self.env["sale.order"]
        for _n in range(3):
            orders |= self.held_at("2026-11-23 09:00:00", team_id=self.team.id)
        with self.at_time("2026-11-23 17:00:00"):
            orders.sudo().review_step_id[:1]._escalate()
            self.run_clock()
        self.assertEqual([self.events(order).count("escalated") for order in orders], [1, 1, 1])

    def test_an_order_that_waits_nowhere_is_taken_in(self):
        order = self.held("address")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM order_review_step WHERE order_id = %s", [order.id])
        self.env.cr.execute(
            "UPDATE sale_order SET review_step_id = NULL, review_user_id = NULL WHERE id = %s", [order.id]
        )
        self.env.invalidate_all()
        self.run_clock()
        self.assertEqual(self.way(order), [("Sales desk", "open")])
        self.assertTrue(order.sudo().review_user_id)

    # ---------------------------------------------------------------- away
    def away(self, user, stand_in=None, first="2026-11-23", last="2026-11-27", by=None):
        vals = {"user_id": user.id, "date_from": first, "date_to": last}
        vals["stand_in_id"] = stand_in.id if stand_in else False
        return self.env["order.review.absence"].with_user(by or user).create(vals)

    def test_away_without_a_stand_in_the_colleagues_get_it(self):
        with self.at_time("2026-11-24 10:00:00"):
            self.away(self.rita)
            asked = {self.held("address").sudo().review_user_id for _n in range(3)}
        self.assertEqual(asked, {self.fiona})

    def test_a_stand_in_decides_for_the_absent(self):
        self.finance.user_ids = self.fiona
        with self.at_time("2026-11-24 10:00:00"):
            order = self.held("margin")
            self.approve(order, by=self.rita)
            self.assertEqual(order.sudo().review_user_id, self.fiona)
            with self.assertRaises(AccessError):
                self.approve(order, by=self.rita)
            self.away(self.fiona, self.rita)
            self.run_clock()
            self.assertEqual(order.sudo().review_user_id, self.rita)
            self.assertIn("stands in for Fiona", order.review_assigned_because)
            self.assertIn("handed_over", self.events(order))
            self.approve(order, by=self.rita)
        self.assertConfirmed(order, "approved")
        self.assertEqual(order.sudo().review_decision_ids[:1].on_behalf_of, "Fiona")

    def test_after_the_absence_the_stand_in_decides_no_more(self):
        self.finance.user_ids = self.fiona
        with self.at_time("2026-11-24 10:00:00"):
            self.away(self.fiona, self.rita)
        with self.at_time("2026-11-30 10:00:00"):
            order = self.held("margin")
            self.approve(order, by=self.rita)
            self.assertEqual(order.sudo().review_user_id, self.fiona)
            with self.assertRaises(AccessError):
                self.approve(order, by=self.rita)

    def test_a_stand_in_does_not_decide_on_what_they_made(self):
        self.desk.user_ids = self.fiona
        with self.at_time("2026-11-24 10:00:00"):
            self.away(self.fiona, self.rita)
            order = self.held("address", by=self.rita, team_id=self.team.id)
            self.assertEqual(order.sudo().review_user_id, self.max)
            with self.assertRaisesRegex(AccessError, "yours"):
                self.approve(order, by=self.rita)

    def test_the_day_is_that_of_the_absent(self):
        self.rita.tz = "Pacific/Auckland"
        with self.at_time("2026-11-22 10:00:00"):
            absence = self.away(self.rita, first="2026-11-23", last="2026-11-23")
            self.assertFalse(absence.is_now)
        with self.at_time("2026-11-22 12:00:00"):
            absence.invalidate_recordset()
            self.assertTrue(absence.is_now)

    def test_ones_own_absences_and_those_of_nobody_else(self):
        with self.assertRaisesRegex(AccessError, "your own absences"):
            self.away(self.fiona, by=self.rita)
        absence = self.away(self.rita)
        with self.assertRaises(AccessError):
            self.rpc(self.fiona, absence, "write", {"date_to": "2026-12-31"})
        with self.assertRaises(AccessError):
            self.rpc(self.fiona, absence, "unlink")
        self.away(self.fiona, by=self.max)
        self.rpc(self.max, absence, "unlink")

    def test_an_absence_makes_sense(self):
        with self.assertRaisesRegex(ValidationError, "role Reviewer"), self.env.cr.savepoint():
            self.away(self.rita, self.sally)
        self.away(self.rita)
        with self.assertRaisesRegex(ValidationError, "away in this time already"):
            self.away(self.rita, first="2026-11-27", last="2026-11-29")
        for vals in ({"stand_in": self.fiona}, {"last": "2026-11-01"}):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.away(self.fiona, **vals)
                self.env.flush_all()
