from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..connectors.base import Scan
from .common_tracking import TrackingCase


@tagged("post_install", "-at_install")
class TestTrackingScreen(TrackingCase):
    """What the pages of accounts, codes and messages say in words, and who decides what a code means."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()
        cls.parcel = cls.ship_with_number("SW-1", shipped_at=cls.now - timedelta(hours=9)).parcel_ids

    def seen(self, code, text, hours=1):
        self.ingest(self.parcel, Scan(at=self.now - timedelta(hours=hours), code=code, text=text))
        return self.env["order.tracking.status.map"].search([("code", "=", code)])

    def called(self, minutes=0, provider=None, outcome="ok", **more):
        at = self.now - timedelta(minutes=minutes)
        vals = {"provider_id": (provider or self.provider).id, "called_at": at, "outcome": outcome}
        return self.env["order.tracking.call"].create({**vals, **more})

    # ---------------------------------------------------------------- codes
    def test_a_code_is_decided_with_a_click(self):
        self.seen("TR", "Left depot", hours=3)
        code = self.seen("VAN7", "Out for delivery, van 7")
        self.assertEqual((code.status, code.guess), (False, "out_for_delivery"))
        self.assertIn(code, self.provider.unmapped_ids)
        self.assertEqual(self.parcel.status, "in_transit")
        said = self.rpc(self.mona, code, "action_accept")
        self.assertIn("Parcels read again: 1.", said["params"]["message"])
        self.assertEqual((code.status, code.guess), ("out_for_delivery", False))
        self.assertEqual(self.parcel.status, "out_for_delivery")
        self.provider.invalidate_recordset()
        self.assertNotIn(code, self.provider.unmapped_ids)

    def test_what_its_words_do_not_say_people_do(self):
        code = self.seen("QZ", "Handled")
        self.assertFalse(code.guess)
        for action in ("action_accept", "action_apply"):
            with self.subTest(action), self.assertRaises(UserError):
                self.rpc(self.mona, code, action)
        opened = self.rpc(self.mona, code, "action_decide")
        self.assertEqual((opened["res_id"], opened["target"]), (code.id, "new"))
        code.status = "exception"
        self.rpc(self.mona, code, "action_apply")
        self.assertEqual(self.parcel.status, "exception")

    def test_a_word_is_decided_however_it_is_written(self):
        self.seen("Held At Depot", "Held")
        code = self.env["order.tracking.status.map"].create(
            {"kind": self.provider.kind, "provider_id": self.provider.id, "code": "held_at_depot"}
        )
        code.status = "exception"
        self.rpc(self.mona, code, "action_apply")
        self.assertEqual(self.parcel.status, "exception")

    def test_who_decides(self):
        code = self.seen("VAN7", "Out for delivery, van 7")
        for user in (self.sally, self.wes, self.carla):
            for action in ("action_accept", "action_decide", "action_apply"):
                with self.subTest(user.login, action=action), self.assertRaises(AccessError):
                    self.rpc(user, code, action)
        self.assertFalse(code.status)

    def test_a_code_of_another_account_stays(self):
        other = self.tracking_provider("Other Eye")
        code = self.meaning("VAN8", "delivered", provider=other)
        self.seen("VAN8", "Out for delivery")
        said = code.action_apply()
        self.assertIn("No parcel has a scan", said["params"]["message"])
        self.assertNotEqual(self.parcel.status, "delivered")

    def test_each_carrier_has_codes_of_its_own(self):
        other = self.tracking_provider("Other Eye")
        code = self.seen("VAN7", "Out for delivery, van 7")
        self.assertEqual(code.provider_id, self.provider)
        self.assertEqual((self.provider.unmapped_count, other.unmapped_count), (1, 0))
        code.action_accept()
        lookup = self.env["order.tracking.status.map"]._meanings
        self.assertEqual(lookup(self.provider)("VAN7"), ("out_for_delivery", ""))
        self.assertIsNone(lookup(other)("VAN7"))
        # Seen twice, it is one code still.
        self.seen("QZ", "Handled", hours=3)
        again = self.seen("QZ", "Handled again", hours=2)
        self.assertEqual((len(again), again.seen_count, again.example), (1, 2, "Handled again"))

    # ---------------------------------------------------------------- use
    def test_how_much_of_the_account_is_used(self):
        other = self.tracking_provider("Other Eye")
        self.called(provider=other)
        self.called(minutes=60 * 24 * 2)
        for _time in range(3):
            self.called()
        used = self.provider.with_user(self.wes)
        self.assertEqual(used.used_today, "3")
        self.assertEqual(used.used_a_minute, "3 now, at most 3 within the last hour")
        self.provider.write({"per_day": 100, "per_second": 0.5})
        self.assertEqual(used.used_today, "3 of 100")
        self.assertEqual(used.used_a_minute, "3 now, at most 3 within the last hour, 30 allowed")
        self.assertEqual(other.used_today, "1")
        # What took its turn counts, though it is not noted yet; yesterday's does not.
        self.provider.write({"calls_today": 8, "calls_day": self.now.date()})
        self.provider.invalidate_recordset()
        self.assertEqual(self.provider.used_today, "8 of 100")
        self.provider.write({"calls_day": self.now.date() - timedelta(days=1)})
        self.provider.invalidate_recordset()
        self.assertEqual(self.provider.used_today, "3 of 100")

    def test_many_accounts_cost_as_many_queries_as_one(self):
        accounts = self.provider
        for number in range(8):
            accounts |= self.tracking_provider(f"Eye {number}")

        def cost(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.read(["used_today", "unmapped_count", "open_parcel_count"])
            return self.cr.sql_log_count - before

        cost(accounts)
        self.assertEqual(cost(accounts), cost(accounts[:1]))

    def test_an_account_that_tells_us_is_not_to_be_asked(self):
        self.assertIn("Test the connection", self.provider.todo)
        self.provider.mode = "push"
        self.assertIn("tells us by itself", self.provider.todo)
        self.assertFalse(self.provider.last_push_at)
        vals = {"provider_id": self.provider.id, "digest": "x", "received_at": self.now}
        self.env["order.tracking.inbox"].create(vals)
        self.provider.invalidate_recordset()
        self.assertEqual(self.provider.last_push_at, self.now)

    # ---------------------------------------------------------------- in words
    def test_what_came_of_it_is_said_in_words(self):
        call = self.called(outcome="retry_later", message="connection: ConnectTimeout", purpose="track")
        self.assertEqual(call.result, "No answer")
        self.assertEqual(call.detail, "There is no connection to its server. (ConnectTimeout)")
        self.assertEqual(call.question, "Where parcels are")
        self.assertEqual(self.called(outcome="auth", message="401", http_status=401).detail, "")
        said = self.called(outcome="not_found", message="No such parcel: SW", purpose="else")
        self.assertEqual(
            (said.result, said.detail, said.question),
            ("Not known there yet", "No such parcel: SW", "else"),
        )
        vals = {"provider_id": self.provider.id, "digest": "x", "state": "failed"}
        message = self.env["order.tracking.inbox"].create({**vals, "error": "malformed: json"})
        self.assertEqual(message.error_words, "Cannot be read: It is no JSON.")
        message.error = False
        self.assertEqual(message.error_words, "")
        self.parcel.write({"trouble": "malformed", "trouble_message": "missing"})
        self.assertEqual(self.parcel.trouble_words, "Cannot be read: The answer does not speak of it.")
        self.provider.last_error = "auth: 401"
        self.assertEqual(self.provider.last_error_words, "Account refused: 401")

    def test_an_account_that_is_not_filled_in_says_so(self):
        self.provider.base_url = False
        said = self.provider.action_test_connection()
        self.assertEqual(said["params"]["type"], "danger")
        self.assertIn("not filled in yet", said["params"]["message"])

    def test_a_status_by_hand_is_seen_last(self):
        shipment = self.parcel.shipment_ids
        shipment.action_in_transit()
        self.assertEqual(shipment.last_scan, "In transit")

    # ---------------------------------------------------------------- the day that was promised
    def test_the_day_that_was_promised_is_said(self):
        order = self.parcel.shipment_ids.order_ids.sudo()
        for zone in ("UTC", "America/Los_Angeles", "Asia/Shanghai"):
            with self.subTest(zone):
                order.partner_shipping_id.tz = order.partner_id.tz = zone
                order.promise_date = fields.Datetime.to_datetime("2026-03-10 12:00:00")
                late_from = self.parcel._late_from(order)
                problem = self.env["order.shipment.problem"].new(
                    {
                        "parcel_id": self.parcel.id,
                        "order_id": order.id,
                        "kind": "late",
                        "figures": {"promised": fields.Datetime.to_string(late_from)},
                    }
                )
                self.assertIn("03/10/2026", problem.proposal_reason)
