import logging
import time
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models import order_tracking_transport
from .carrier_connector import SECRET, SignedIn
from .carrier_server import CarrierServer, closed_port
from .common_poll import PollCase

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@tagged("post_install", "-at_install")
class TestTrackingFaults(PollCase):
    """Whatever the carrier's server does wrong: nothing is lost, nothing is doubled, nobody is annoyed."""

    @contextmanager
    def nothing_secret_logged(self):
        """Our own logs and those of the network's libraries; urllib3 says the address only when debugged."""
        with self.assertLogs(level="INFO") as logs:
            yield
            logging.getLogger("odoo.addons.order_processing").warning("the end")
        self.assertNotIn(SECRET, "\n".join(logs.output))

    def calls(self):
        return self.env["order.tracking.call"].search([("provider_id", "=", self.provider.id)])

    def failed_once(self, *script, calls=2, trouble="retry_later"):
        """Both calls go wrong so; then the carrier is well again."""
        self.carrier.script += script
        with self.nothing_secret_logged():
            self.poll()
        self.assertEqual(len(self.carrier.tracked), calls)
        self.assertEqual(self.scans_of(), 0)
        self.assertEqual(set(self.parcels.mapped("trouble")), {trouble})
        self.assertEqual(set(self.parcels.mapped("fail_count")), {1})
        for parcel in self.parcels:
            self.assertTrue(timedelta(seconds=25) < self.asked_again_in(parcel) <= HOUR)
        self.assertTrue(self.cron.active)
        self.assertEqual(self.provider.failures_in_a_row, calls)
        said = " ".join([*self.calls().mapped(lambda one: one.message or ""), self.provider.last_error])
        self.assertNotIn(SECRET, said)
        self.well()
        self.poll()
        self.assert_all_told_once()
        self.assertEqual((self.provider.health, self.provider.failures_in_a_row), ("ok", 0))

    # ---------------------------------------------------------------- no answer at all
    def test_refused(self):
        self.provider.base_url = f"http://127.0.0.1:{closed_port()}"
        self.poll()
        self.assertEqual(set(self.parcels.mapped("trouble")), {"retry_later"})
        self.assertFalse(self.parcels.filtered("claimed_until"))
        self.provider.base_url = self.carrier.url
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_reset_in_the_middle_of_the_answer(self):
        self.failed_once("reset", "reset")

    def test_an_answer_shorter_than_announced(self):
        self.failed_once("cut_off", "cut_off")

    def test_slow(self):
        self.failed_once(("slow", 1.5), ("slow", 1.5))

    def test_a_byte_now_and_then(self):
        """Each wait is short, all of them would be hours: of the body, and of the headers before it."""
        self.patch(order_tracking_transport, "WHOLE_SECONDS", 1)
        began = time.monotonic()
        self.failed_once(("drip", 6), ("drip", 6, b"HTTP/1.1 200 OK\r\nX-Slow:"))
        self.assertLess(time.monotonic() - began, 5)
        messages = {call.message for call in self.calls() if call.outcome != "ok"}
        self.assertEqual(messages, {"timeout"})

    def test_errors_and_then_an_answer(self):
        self.failed_once("error", ("error", 503))

    # ---------------------------------------------------------------- an answer of no use
    def test_a_page_where_an_answer_should_be(self):
        self.failed_once("html", "html", trouble="malformed")

    def test_half_an_answer(self):
        self.failed_once("truncated", "truncated", trouble="malformed")

    def test_nothing_that_can_be_read(self):
        self.failed_once("null", ("charset", "utf-8", "gb18030"), trouble="malformed")

    def test_another_charset_that_is_said_is_read(self):
        self.carrier.script += [("charset", "gb18030", "gb18030"), ("charset", "latin-1", "utf-8")]
        self.poll()
        self.assert_all_told_once()
        self.assertEqual(len(self.parcels.event_ids.filtered(lambda one: one.text == "Sorted in 北京")), 10)

    def test_an_endless_answer_is_not_read_to_its_end(self):
        self.patch(order_tracking_transport, "MOST_BYTES", 10_000)
        self.failed_once(("huge", 20_000), ("huge", 20_000), trouble="malformed")

    def test_nobody_is_sent_to_another_server(self):
        elsewhere = f"http://127.0.0.1:{closed_port()}/track"
        self.failed_once(("redirect", elsewhere), ("redirect", elsewhere), trouble="malformed")

    def test_on_the_same_server_the_call_is_repeated(self):
        self.carrier.script += [("redirect", "/track")]
        self.poll()
        self.assert_all_told_once()

    # ---------------------------------------------------------------- told to wait
    def told_to_wait(self, script, least, most):
        self.carrier.script += script
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 1)
        self.assertEqual(self.provider.health, "slow")
        wait = self.provider.cooldown_until - fields.Datetime.now()
        self.assertTrue(least <= wait <= most, wait)
        # Nothing is wrong with the parcels: they are due, and nobody has claimed them.
        self.assertFalse(self.parcels.filtered("claimed_until"))
        self.assertFalse(any(self.parcels.mapped("fail_count")))
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 1, "asked while it was to wait")
        woken = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        self.assertIn(self.provider.cooldown_until, woken.mapped("call_at"))
        self.provider.cooldown_until = fields.Datetime.now()
        self.poll()
        self.assert_all_told_once()
        self.assertEqual(self.provider.health, "ok")

    def test_wait_by_seconds(self):
        self.told_to_wait([("wait_seconds", 120)], 117 * MINUTE / 60, 120 * MINUTE / 60)

    def test_wait_by_date(self):
        self.told_to_wait([("wait_until", 300)], 4.9 * MINUTE, 5 * MINUTE)

    def test_wait_by_reset(self):
        self.told_to_wait([("wait_reset", 600)], 9.9 * MINUTE, 10 * MINUTE)

    def test_wait_for_how_long_it_does_not_say(self):
        self.told_to_wait(["wait"], 0.9 * MINUTE, MINUTE)

    def test_each_time_twice_as_long(self):
        waits = []
        for _time in range(3):
            self.carrier.script += ["wait"]
            self.poll()
            waits.append(round((self.provider.cooldown_until - fields.Datetime.now()) / MINUTE))
            self.provider.cooldown_until = False
        self.assertEqual(waits, [1, 2, 4])

    # ---------------------------------------------------------------- some of them
    def test_a_number_the_carrier_cannot_read_is_found(self):
        self.carrier.refuses = {"SW003"}
        self.poll()
        bad = self.parcels.filtered(lambda one: one.number == "SW003")
        self.assertEqual((bad.trouble, len(bad.event_ids)), ("bad_request", 0))
        self.assertGreater(self.asked_again_in(bad), 23 * HOUR)
        self.assertEqual(self.scans_of(), 18)
        self.assertEqual(len(self.carrier.tracked), 2 + 6)
        self.assertEqual(self.provider.health, "ok")

    def test_a_carrier_that_refuses_every_call_is_not_asked_forever(self):
        self.carrier.refuses = set(self.numbers)
        self.poll()
        self.assertLess(len(self.carrier.tracked), 15)
        self.assertEqual(set(self.parcels.mapped("trouble")), {"bad_request"})

    def test_some_are_rejected_in_a_good_answer(self):
        self.carrier.script += [("partly", "bad_number", "SW001", "SW002"), ("partly", "not_found", "SW007")]
        self.poll()
        by_number = {parcel.number: parcel for parcel in self.parcels}
        self.assertEqual(by_number["SW001"].trouble, "bad_number")
        self.assertGreater(self.asked_again_in(by_number["SW002"]), 23 * HOUR)
        self.assertEqual(by_number["SW007"].trouble, "not_found")
        self.assertLess(self.asked_again_in(by_number["SW007"]), 5 * HOUR)
        self.assertEqual(self.scans_of(), 14)
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_a_number_missing_in_the_answer_is_asked_for_again(self):
        self.carrier.script += [("without", "SW000", "SW004"), "empty"]
        self.poll()
        missing = self.parcels.filtered("trouble")
        self.assertEqual(len(missing), 7)
        self.assertEqual(set(missing.mapped("trouble_message")), {"missing"})
        self.assertTrue(all(self.asked_again_in(one) <= HOUR for one in missing))
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_numbers_twice_in_the_answer_count_once_and_strangers_not(self):
        self.carrier.script += ["doubled", "doubled"]
        self.poll()
        self.assert_all_told_once()
        self.well()
        self.poll()
        self.assert_all_told_once()

    # ---------------------------------------------------------------- the account
    def test_five_failures_open_the_circuit(self):
        self.carrier.script += ["error"] * 9
        for _time in range(3):
            self.well()
            self.poll()
        self.assertEqual(len(self.carrier.tracked), 5)
        self.assertEqual(self.provider.health, "down")
        self.assertGreater(self.provider.cooldown_until, fields.Datetime.now() + 14 * MINUTE)
        self.assertFalse(self.parcels.filtered("claimed_until"))
        # After it one call is tried.
        self.well()
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 6)
        self.carrier.script.clear()
        self.well()
        self.poll()
        self.assert_all_told_once()
        self.assertEqual((self.provider.health, self.provider.cooldown_until), ("ok", False))

    def test_an_account_that_is_refused_stops_and_somebody_is_told(self):
        self.provider.responsible_id = self.env.ref("base.user_admin")
        self.carrier.script += [("error", 401)]
        self.poll()
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 1)
        self.assertEqual(self.provider.health, "auth")
        self.assertEqual(self.provider.activity_ids.user_id, self.env.ref("base.user_admin"))
        self.assertNotIn(SECRET, self.provider.activity_ids.note)
        self.provider.base_url = f"{self.carrier.url}/"
        self.assertEqual(self.provider.health, "new")
        self.poll()
        self.assert_all_told_once()
        self.assertFalse(self.provider.activity_ids)

    def test_an_account_used_up_goes_on_tomorrow(self):
        self.carrier.script += [("error", 402)]
        self.poll()
        self.assertEqual(self.provider.health, "quota")
        self.assertTrue(self.provider.activity_ids)
        tomorrow = fields.Date.today() + timedelta(days=1)
        self.assertEqual(self.provider.cooldown_until.date(), tomorrow)
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_what_a_good_answer_says_of_the_account_counts_as_well(self):
        self.carrier.script += [("partly", "quota", "SW001")]
        self.poll()
        self.assertEqual(self.provider.health, "quota")
        self.assertEqual(self.scans_of(), 8)
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_one_bad_provider_does_not_stop_the_others(self):
        bad = self.tracking_provider(
            "Eye That Sleeps", sequence=1, base_url=f"http://127.0.0.1:{closed_port()}"
        )
        self.parcels[:4].write({"provider_id": bad.id})
        self.poll()
        self.assertEqual([len(one.event_ids) for one in self.parcels], [0] * 4 + [2] * 6)
        self.assertEqual(set(self.parcels[:4].mapped("trouble")), {"retry_later"})

    def test_one_that_hangs_does_not_hold_the_others_up(self):
        with CarrierServer() as slow:
            slow.script += [("slow", 1.5)] * 20
            hangs = self.tracking_provider("Hangs", base_url=slow.url, batch_size=1)
            late, early = fields.Datetime.now() - HOUR, fields.Datetime.now() - 2 * HOUR
            self.parcels[:5].write({"provider_id": hangs.id, "next_poll_at": early})
            self.parcels[5:].write({"next_poll_at": late})
            self.commit()
            self.poll()
            self.assertEqual(len(slow.tracked), 2, "asked on though nobody answers")
            self.assertEqual([len(one.event_ids) for one in self.parcels[5:]], [2] * 5)
            # The next time it comes last, and one call has to show whether it answers again.
            self.parcels[:5].write({"next_poll_at": early})
            self.parcels[5:].write({"next_poll_at": late})
            ready, _later = self.env["order.tracking.provider"]._due_providers()
            self.assertEqual(ready, [self.provider.id, hangs.id])
            self.commit()
            self.poll()
            self.assertEqual(len(slow.tracked), 3)
            self.assertEqual(set(self.parcels[5:].mapped("polls_today")), {2})

    def test_nothing_leaves_the_scheduled_action(self):
        providers = type(self.env["order.tracking.provider"])

        def broken(*_arguments):
            raise ZeroDivisionError(SECRET)

        for name in ("_ask", "_claim", "_due_providers", "_store_step"):
            with self.subTest(name), self.nothing_secret_logged():
                with patch.object(providers, name, broken):
                    self.env["order.tracking.provider"]._cron_poll()
                self.env.invalidate_all()
                self.well()
        self.poll()
        self.assertEqual(self.scans_of(), 20)

    def test_a_report_that_cannot_be_stored_does_not_lose_the_others(self):
        number = self.numbers[2]
        at, code, _text = self.carrier.scans[number][0]
        good = self.carrier.scans[number]
        self.carrier.scans[number] = [(at, code, "nobody can store \x00")]
        with self.assertLogs("odoo.addons.order_processing", "ERROR"):
            self.poll()
        self.assertEqual(self.scans_of(), 18)
        self.carrier.scans[number] = good
        self.well()
        self.poll()
        self.assert_all_told_once()


@tagged("post_install", "-at_install")
class TestTrackingTokens(PollCase):
    """Accounts that sign in for a token."""

    connector = SignedIn

    def setUp(self):
        super().setUp()
        self.carrier.wants_token = True

    def test_one_token_for_many_calls(self):
        self.poll()
        self.assert_all_told_once()
        self.well()
        self.poll()
        self.assertEqual((self.carrier.tokens, len(self.carrier.tracked)), (1, 4))
        self.env.cr.execute("SELECT * FROM order_tracking_provider WHERE id = %s", [self.provider.id])
        self.assertNotIn("token-1", str(self.env.cr.fetchall()))

    def test_an_expired_token_is_renewed_and_nothing_is_lost(self):
        self.poll()
        self.carrier.tokens += 1  # what we have is no longer taken
        self.well()
        self.poll()
        self.assert_all_told_once()
        self.assertEqual((self.carrier.tokens, len(self.carrier.tracked)), (3, 2 + 3))
        self.assertEqual(self.provider.health, "ok")
        self.assertNotIn("auth", self.provider.message_ids.tracking_value_ids.mapped("new_value_char"))

    def test_a_token_that_is_never_taken_stops_the_account(self):
        self.carrier.script += [("error", 401)] * 2
        self.poll()
        self.assertEqual(self.provider.health, "auth")
        self.assertEqual(len(self.carrier.tracked), 2)
