from contextlib import suppress
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common_parcel import ParcelCase


@tagged("post_install", "-at_install")
class TestParcelDigest(ParcelCase):
    """One mail a day where somebody wants it so; and of everything one message, however it is noticed."""

    def choose(self, kind, medium, partner=None):
        values = {"partner_id": (partner or self.customer).id, "kind": kind, "medium": medium}
        return self.env["order.notification.preference"].create(values)

    # ---------------------------------------------------------------- one mail a day
    def daily(self, **vals):
        self.company.write({"messages_digest": "daily", "messages_digest_hour": 17, **vals})
        self.second = self.sent_order()
        self.other = self.parcel_of("SW2", self.second)
        self.both = self.order_1 | self.second

    def test_all_news_of_a_day_are_one_mail(self):
        self.daily()
        with freeze_time(datetime(2027, 1, 11, 9)):
            self.becomes("out_for_delivery")
            self.becomes("exception", "lost", parcel=self.other)
            self.send()
            self.becomes("delivered")
            self.send()
        self.assertEqual(self.heard(self.both), [])
        digest = self.rows(self.both, kind="digest")
        self.assertEqual((len(digest), digest.due_at), (1, datetime(2027, 1, 11, 17)))
        with freeze_time(datetime(2027, 1, 11, 17, 1)):
            self.send()
            self.send()
        self.assertEqual(self.heard(self.both), ["News of your parcels"])
        body = digest.sudo().message_id.body
        for words in ("SW1", "SW2", "It was delivered", "cannot find it", self.second.name):
            self.assertIn(words, body)
        self.assertNotIn("with you today", body)
        self.assertEqual(
            self.states(self.both),
            [
                ("delivered", "sent"),
                ("digest", "sent"),
                ("out_for_delivery", "skipped"),
                ("parcel_problem", "sent"),
            ],
        )

    def test_the_next_day_is_another_mail(self):
        self.daily()
        for day, parcel in ((11, self.parcel), (12, self.other)):
            with freeze_time(datetime(2027, 1, day, 9)):
                self.becomes("delivered", parcel=parcel)
                self.send()
            with freeze_time(datetime(2027, 1, day, 17, 1)):
                self.send()
        self.assertEqual(self.heard(self.both), ["News of your parcels"] * 2)

    def test_the_customer_chooses_it_or_not(self):
        self.daily()
        self.customer.message_digest = "each"
        self.becomes("delivered")
        self.send()
        self.assertEqual(self.heard(self.order_1), [f"Your parcel was delivered: {self.order_1.name}"])
        self.company.messages_digest = "each"
        self.customer.message_digest = "daily"
        self.becomes("delivered", parcel=self.other)
        self.send()
        self.assertEqual(self.heard(self.second), [])

    def test_who_wants_nothing_any_more_gets_no_mail_of_the_day(self):
        self.daily()
        with freeze_time(datetime(2027, 1, 11, 9)):
            self.becomes("delivered")
            self.send()
        self.choose("delivered", "none")
        with freeze_time(datetime(2027, 1, 11, 18)):
            self.send()
        self.assertEqual(self.heard(self.both), [])
        self.assertEqual(self.states(), [("delivered", "skipped"), ("digest", "skipped")])

    def test_the_mail_of_the_day_that_fails_is_sent_again_whole(self):
        self.daily()
        with freeze_time(datetime(2027, 1, 11, 9)):
            self.becomes("delivered")
            self.becomes("delivered", parcel=self.other)
            self.send()
        kind = type(self.env["order.notification"])
        with (
            freeze_time(datetime(2027, 1, 11, 17, 1)),
            patch.object(kind, "_digest_news", side_effect=ValueError("no")),
            self.assertLogs("odoo.addons.order_processing", "WARNING"),
        ):
            self.send()
        self.assertEqual(self.heard(self.both), [])
        with freeze_time(datetime(2027, 1, 11, 17, 10)):
            self.send()
        self.assertEqual(self.heard(self.both), ["News of your parcels"])
        self.assertEqual(set(self.rows(self.both).mapped("state")), {"sent"})

    def test_who_came_too_late_is_taken_along_by_the_next(self):
        self.daily()
        with freeze_time(datetime(2027, 1, 11, 9)):
            self.becomes("delivered")
            self.send()
        with freeze_time(datetime(2027, 1, 11, 17, 1)):
            self.send()
            digest = self.rows(self.order_1, kind="digest")
            self.becomes("delivered", parcel=self.other)
            late = self.rows(self.second, kind="delivered").sudo()
            late.digest_id = digest
            self.send()
        self.assertEqual(late.state, "due")
        self.assertNotEqual(late.digest_id, digest)
        self.assertEqual(late.digest_id.due_at, datetime(2027, 1, 12, 17))

    # ---------------------------------------------------------------- once
    def test_brought_by_poll_and_push_it_is_told_once(self):
        at = fields.Datetime.now()
        self.becomes("attempt_failed", at=at)
        self.parcel.status = "in_transit"
        self.becomes("attempt_failed", at=at)
        self.send()
        self.assertEqual(len(self.heard(self.order_1)), 1)

    def test_moved_on_and_back_the_same_is_not_told_again(self):
        at = fields.Datetime.now()
        problem = self.becomes("exception", "lost", at=at)
        self.send()
        self.becomes("in_transit")
        self.assertEqual((problem.state, problem.activity_ids.ids), ("gone", []))
        done = self.env["mail.activity"].with_context(active_test=False)
        domain = [("res_model", "=", problem._name), ("res_id", "=", problem.id)]
        self.assertTrue(done.search(domain).date_done)
        self.becomes("exception", "lost", at=at)
        self.send()
        self.assertEqual(self.heard(self.order_1), [f"News of your parcel: {self.order_1.name}"])

    def test_the_watch_that_was_killed_goes_on_where_it_was(self):
        now = fields.Datetime.now() - timedelta(days=9)
        many = self.parcel.union(*(self.parcel_of(f"Q{n}", self.order_1) for n in range(5)))
        many.write({"status": "in_transit", "last_event_at": now})
        problems = self.env["order.shipment.problem"]
        calls = []

        class Killed(BaseException):
            pass

        def killed(cron, processed=0, **_more):
            calls.append(processed)
            if len(calls) == 2:
                raise Killed
            return float("inf")

        with (
            patch("odoo.addons.order_processing.models.order_shipment_problem_watch.BATCH", 2),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", killed),
            suppress(Killed),  # assertRaises would take back what was done before
        ):
            problems._cron_watch()
        self.env.invalidate_all()
        self.assertEqual((calls, len(many.problem_ids)), ([2, 2], 4))
        self.watch()
        self.assertEqual(many.problem_ids.mapped("kind"), ["silent"] * 6)
        self.assertEqual(len(many.problem_ids.parcel_id), 6)
