import time
from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.tests import new_test_user, tagged

from ..connectors import base
from ..connectors.base import Item, Request, Result, Trouble
from ..connectors.generic import Generic
from ..models import order_tracking_call
from ..models.order_shipment_polled import LAST_TRIES, MISSING, Polled
from ..models.order_tracking_ask import Asked, _sort
from .common_poll import PollCase

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


@tagged("post_install", "-at_install")
class TestTrackingPoll(PollCase):
    """Asking where parcels are: what is due, no more, no sooner, and for all of it."""

    def test_what_is_due_is_asked_for_in_batches(self):
        self.poll()
        self.assert_all_told_once()
        self.assertEqual([len(call.numbers) for call in self.carrier.tracked], [5, 5])
        for parcel in self.parcels:
            self.assertTrue(3.1 * HOUR < self.asked_again_in(parcel) < 4.9 * HOUR)
            self.assertEqual((parcel.polls_today, parcel.fail_count), (1, 0))
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 2, "asked though nothing was due")

    def test_only_what_is_due_is_asked_for(self):
        self.parcels[3:].write({"next_poll_at": fields.Datetime.now() + HOUR})
        self.poll()
        self.assertEqual([call.numbers for call in self.carrier.tracked], [self.numbers[:3]])

    def test_what_somebody_else_asks_for_is_left_to_him_while_he_lives(self):
        self.parcels[:6].write({"claimed_until": fields.Datetime.now() + MINUTE})
        self.parcels[6:8].write({"claimed_until": fields.Datetime.now() - MINUTE})
        self.poll()
        self.assertEqual(sorted(n for call in self.carrier.tracked for n in call.numbers), self.numbers[6:])

    def test_the_same_again_stores_nothing(self):
        self.poll()
        before = self.parcels.event_ids
        self.well()
        self.poll()
        self.assertEqual(self.parcels.event_ids, before)

    def test_an_answer_as_before_is_not_even_looked_at(self):
        self.poll()
        self.well()
        parcels = type(self.env["order.shipment.parcel"])
        with patch.object(parcels, "_ingest", side_effect=AssertionError("nothing was new")):
            self.poll()
        self.assertEqual(set(self.parcels.mapped("polls_today")), {2})
        self.assertFalse(self.parcels.filtered("trouble"))
        at = fields.Datetime.now() - HOUR
        self.carrier.scans[self.numbers[0]].append((at.isoformat(), "OUT", "In the van"))
        self.well()
        self.poll()
        self.assertEqual(self.parcels[0].status, "out_for_delivery")
        self.assertEqual(set(self.parcels[1:].mapped("status")), {"in_transit"})

    def test_a_phone_number_is_given_only_to_carriers_that_want_it(self):
        parcel = self.parcels[0]
        parcel.shipment_ids.partner_id.phone = "+86 138-1234"
        self.env.flush_all()
        self.assertEqual([item.phone for item in self.provider._items(parcel.ids)], [""])
        self.swift_code.needs_phone = True
        self.env.flush_all()
        (item,) = self.provider._items(parcel.ids)
        self.assertEqual((item.phone, item.number, item.carrier), ("861381234", "SW000", "swift"))

    def test_two_carriers_same_number_is_told_apart_by_the_carrier(self):
        asked, items = Asked(), [Item(1, "X 1", "swift"), Item(2, "x1", "slow"), Item(3, "Y")]
        results = [
            Result("X1", carrier="slow"),
            Result("X1", carrier="other"),
            Result("Z"),
            Result("Y", trouble=Trouble.NOT_FOUND),
            Result("Y", code="TR"),
        ]
        _sort(results, items, asked)
        self.assertEqual(asked.reports, [(2, results[0]), (3, results[4])])
        self.assertEqual((asked.outcomes[1].trouble, asked.outcomes[3].trouble), (Trouble.RETRY_LATER, None))

    # ---------------------------------------------------------------- when again
    def test_arrived_it_is_asked_for_once_more_and_then_no_more(self):
        for number in self.numbers:
            at = fields.Datetime.now() - HOUR
            self.carrier.scans[number].append((at.isoformat(), "DEL", "Left at the door"))
        self.poll()
        self.assertEqual(set(self.parcels.mapped("status")), {"delivered"})
        for parcel in self.parcels:
            self.assertTrue(23.9 * HOUR < self.asked_again_in(parcel) <= DAY)
        self.make_due()
        self.poll()
        self.assertFalse(any(self.parcels.mapped("next_poll_at")))
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 4)

    def test_out_for_delivery_is_asked_for_every_hour(self):
        number, parcel = self.numbers[0], self.parcels[0]
        self.carrier.scans[number].append((fields.Datetime.now().isoformat(), "OUT", "In the van"))
        self.poll()
        self.assertEqual(parcel.status, "out_for_delivery")
        self.assertTrue(47 * MINUTE < self.asked_again_in(parcel) < 73 * MINUTE)

    def test_who_tells_us_is_asked_once_a_day(self):
        self.provider.mode = "both"
        self.poll()
        for parcel in self.parcels:
            self.assertTrue(19 * HOUR < self.asked_again_in(parcel) < 29 * HOUR)

    def test_not_more_often_than_the_provider_puts_up_with(self):
        self.provider.pause_minutes = 600
        self.parcels.write({"polls_today": 1, "polls_day": fields.Date.today()})
        self.carrier.script += ["error", "error"]
        self.poll()
        tomorrow = fields.Datetime.to_datetime(fields.Date.today() + DAY)
        self.assertTrue(all(parcel.next_poll_at >= tomorrow for parcel in self.parcels))

    def test_nothing_heard_for_45_days_it_is_given_up(self):
        long_ago = fields.Datetime.now() - 46 * DAY
        silent = self.parcels[0]
        silent.write({"shipped_at": long_ago})
        self.carrier.scans.pop(silent.number)
        self.poll()
        self.assertEqual((silent.status, silent.next_poll_at), ("expired", False))
        self.assertEqual(set(self.parcels[1:].mapped("status")), {"in_transit"})

    def test_one_the_answers_never_mention_is_given_up_as_well(self):
        parcel = self.parcels[0]
        parcel.write({"shipped_at": fields.Datetime.now() - 46 * DAY})
        outcome = Polled(parcel.id, Trouble.RETRY_LATER, MISSING)
        self.env["order.shipment.parcel"]._store_polled([], [outcome], self.provider)
        self.env.invalidate_all()
        self.assertEqual((parcel.status, parcel.next_poll_at), ("expired", False))

    def test_arrived_it_is_not_asked_for_forever_without_an_answer(self):
        parcel = self.parcels[0]
        self.ingest(parcel, self.scan("DEL", 1)._replace(at=fields.Datetime.now() - 8 * DAY))
        parcel.write({"shipped_at": False, "fail_count": LAST_TRIES - 2, "next_poll_at": "2026-01-01"})
        for is_asked, trouble in ((True, Trouble.BAD_NUMBER), (False, Trouble.RETRY_LATER)):
            outcome = Polled(parcel.id, trouble)
            self.env["order.shipment.parcel"]._store_polled([], [outcome], self.provider)
            self.env.invalidate_all()
            self.assertEqual((parcel.status, bool(parcel.next_poll_at)), ("delivered", is_asked))

    def test_the_test_of_a_connection_reads_what_a_good_status_says(self):
        options = {"ask_path": "/t/{number}", "code_path": "at", "failure_path": "code", "errors": "9 = auth"}
        self.provider.options = options
        self.enterContext(patch.dict(base._KINDS, {"generic": Generic}))
        for status, body, kind, health in (
            (404, b"{}", "success", "ok"),
            (200, b'{"code": 9}', "danger", "auth"),
            (200, b'{"at": null}', "success", "ok"),
        ):
            answer = base.Response(status, {}, body)
            with patch.object(order_tracking_call.transport, "send", lambda _request, got=answer: got):
                told = self.provider.action_test_connection()["params"]
            self.assertEqual((told["type"], self.provider.health), (kind, health))

    def test_who_reads_the_account_need_not_read_its_calls(self):
        user = new_test_user(self.env, "eye", "sales_team.group_sale_salesman", company_id=self.company.id)
        (read,) = self.provider.with_user(user).read()
        self.assertNotIn("call_ids", read)

    def test_news_that_came_by_themselves_change_when_it_is_asked_for(self):
        parcel = self.parcels[0]
        self.provider.mode = "both"
        parcel.next_poll_at = fields.Datetime.now() + 20 * DAY
        scan = self.scan("DEL")._replace(at=fields.Datetime.now() - MINUTE)
        self.ingest(parcel, scan, source="push")
        parcel.invalidate_recordset()
        self.assertEqual(parcel.status, "delivered")
        # Nobody signed it: it is made sure of soon.
        self.assertTrue(0 * HOUR < self.asked_again_in(parcel) < HOUR)
        with self.subTest("signed"):
            self.patch(self.connector, "signs_pushes", True)
            parcel._poll_after_change()
            self.assertTrue(23 * HOUR < self.asked_again_in(parcel) <= DAY)
        with self.subTest("nobody to ask"):
            self.provider.active = False
            parcel._poll_after_change()
            self.assertFalse(parcel.next_poll_at)

    # ---------------------------------------------------------------- limits
    def test_no_more_calls_a_second_than_allowed(self):
        self.provider.write({"per_second": 4, "batch_size": 1})
        began = time.monotonic()
        self.poll()
        self.assert_all_told_once()
        moments = [call.at for call in self.carrier.tracked]
        self.assertEqual(len(moments), 10)
        # A second's worth at once, then one every quarter of a second.
        self.assertGreaterEqual(time.monotonic() - began, 6 / 4 - 0.1)
        for first, at in enumerate(moments):
            within = sum(at <= other < at + 1 for other in moments[first:])
            self.assertLessEqual(within, 4 + 4)

    def test_a_quota_of_the_day_is_kept(self):
        today = fields.Date.today()
        self.provider.write({"per_day": 3, "batch_size": 1, "calls_day": today, "calls_today": 3})
        self.poll()
        self.assertEqual(self.carrier.tracked, [])
        self.assertFalse(self.parcels.filtered("claimed_until"))
        self.assertFalse(any(self.parcels.mapped("fail_count")))
        self.assertNotIn(self.provider.health, ("slow", "quota"), "our own limit is nobody's fault")

    def test_rate_limited_providers_are_nothing_to_go_on_with(self):
        self.provider.write({"per_day": 2, "batch_size": 1})
        told = []
        crons = type(self.env["ir.cron"])

        def noted(cron, processed=0, *, remaining=None, deactivate=False):
            told.append(remaining)
            self.commit()
            return 10

        self.patch(crons, "_commit_progress", noted)
        self.poll()
        self.assertLessEqual(len(self.carrier.tracked), 1)
        self.assertEqual(told[-1], 0)
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]))

    def test_who_is_out_of_time_stops(self):
        self.provider.write({"batch_size": 1, "per_second": 1})
        self.commit()  # a step that is begun again begins with these
        crons = type(self.env["ir.cron"])
        self.patch(crons, "_commit_progress", lambda *_arguments, **_options: self.commit() or 0)
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 1)

    # ---------------------------------------------------------------- others at work
    def test_a_step_somebody_got_in_the_way_of_is_begun_again(self):
        providers = type(self.env["order.tracking.provider"])
        store, failures = providers._store_step, []

        def in_the_way(provider, *arguments):
            store(provider, *arguments)
            if len(failures) < 2:
                failures.append(1)
                raise psycopg2.errors.SerializationFailure

        self.patch(providers, "_store_step", in_the_way)
        self.poll()
        self.assertEqual(len(failures), 2)
        self.assert_all_told_once()
        self.assertEqual(len(self.carrier.tracked), 2, "asked again though it was answered")

    def test_asking_holds_no_lock(self):
        """While the answer is on its way the claim is committed: nothing is pending."""
        providers, seen = type(self.env["order.tracking.provider"]), []
        answer = providers._answer

        def looked(provider, *arguments):
            seen.append(committed[-1])
            committed.append("asked")
            return answer(provider, *arguments)

        committed = ["nothing"]

        def commit():
            self.commit()
            committed.append("committed")

        self.patch(self.env.cr, "commit", commit)
        self.patch(providers, "_answer", looked)
        self.poll()
        self.assertEqual(seen, ["committed"] * 2)

    def test_nobody_is_called_while_something_is_locked(self):
        """A test's transaction has always written something: here it counts, as it does on a server."""
        request = Request("POST", f"{self.carrier.url}/track", body=b'{"numbers": []}')
        with (
            patch.object(order_tracking_call, "current_test_is_running", return_value=False),
            self.assertRaisesRegex(RuntimeError, "commit first"),
        ):
            self.provider._call(request)
        self.assertEqual(self.carrier.calls, [])

    def test_a_batch_costs_as_many_statements_as_a_parcel(self):
        def statements(parcels):
            self.parcels.write({"next_poll_at": False})
            self.make_due(parcels)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.poll()
            return self.env.cr.sql_log_count - before

        self.provider.batch_size = 0
        self.poll()
        self.assertLessEqual(statements(self.parcels[:5]), statements(self.parcels[:1]) + 3)

    def test_old_calls_are_forgotten(self):
        self.poll()
        calls = self.env["order.tracking.call"].search([("provider_id", "=", self.provider.id)])
        self.assertEqual(calls.mapped("outcome"), ["ok", "ok"])
        self.assertEqual((calls[0].parcels, calls[0].http_status), (5, 200))
        calls[0].called_at = fields.Datetime.now() - 15 * DAY
        self.env["order.tracking.call"]._gc_calls()
        self.assertEqual(len(calls.exists()), 1)
