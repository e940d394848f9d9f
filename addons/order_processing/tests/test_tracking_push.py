import base64
import hashlib
import json
import logging
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlencode

import psycopg2

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.order_processing.connectors import base
from odoo.addons.order_processing.models.order_tracking_inbox import OrderTrackingInbox

from ..connectors.base import ConnectorError, Trouble
from ..models.order_shipment_polled import Polled
from .common_push import PushCase
from .push_connector import SECRET, FormConnector, UnsignedConnector, signature

WRONG = "order_processing.controllers.tracking_push"


class RouteCase(PushCase, HttpCase):
    def push(self, raw=None, path=None, headers=None, **options):
        raw = self.news((1, "PU")) if raw is None else raw
        headers = {"X-Signature": signature(raw)} if headers is None else headers
        headers = {"Content-Type": "application/json", **headers}
        return self.opener.request(
            "POST", self.base_url() + (path or self.path), data=raw, headers=headers, timeout=20, **options
        )

    def inbox(self):
        self.env.invalidate_all()
        return self.env["order.tracking.inbox"].search([("provider_id", "=", self.provider.id)])


@tagged("post_install", "-at_install")
class TestPushRoute(RouteCase):
    """Whatever is sent to the address for news: it is stored once and answered, or refused."""

    def test_a_signed_message_is_stored_as_it_came_and_answered_in_its_words(self):
        raw = self.news((1, "PU"))
        reply = self.push(raw)
        self.assertEqual((reply.status_code, reply.content), (200, b'{"received": true}'))
        self.assertEqual(reply.headers["Content-Type"], "application/json")
        self.assertNotIn("Set-Cookie", reply.headers)
        row = self.inbox()
        self.assertEqual((row.state, row.times), ("new", 1))
        self.assertEqual(base64.b64decode(row.raw), raw)
        self.assertEqual(self.parcel.status, "pending")

    def test_without_the_key_of_our_secrets_it_is_to_come_again(self):
        broken = ConnectorError(Trouble.RETRY_LATER, "secret_key")
        self.env.registry.clear_cache()
        with patch.object(type(self.provider), "_connector_secrets", side_effect=broken):
            self.assertEqual(self.push().status_code, 503)
        self.assertFalse(self.inbox())
        self.assertEqual(self.push().status_code, 200)

    def test_one_byte_flipped_is_refused_and_not_kept(self):
        raw = self.news((1, "PU"))
        for position in (0, len(raw) // 2, len(raw) - 1):
            flipped = bytearray(raw)
            flipped[position] ^= 1
            with self.subTest(position):
                self.assertEqual(
                    self.push(bytes(flipped), headers={"X-Signature": signature(raw)}).status_code, 403
                )
        self.assertFalse(self.inbox())

    def test_without_the_header_or_with_an_odd_one_it_is_refused(self):
        for headers in ({}, {"X-Signature": ""}, {"X-Signature": "é".encode().decode("latin-1")}):
            with self.subTest(headers), mute_logger(f"odoo.addons.{WRONG}"):
                self.assertEqual(self.push(headers=headers).status_code, 403)
        self.assertFalse(self.inbox())

    def test_keys_in_another_order_are_another_message(self):
        parcel = {"number": "SW123", "scans": []}
        one, other = json.dumps({"parcels": [parcel], "a": 1}), json.dumps({"a": 1, "parcels": [parcel]})
        headers = {"X-Signature": signature(one.encode())}
        self.assertEqual(self.push(other.encode(), headers=headers).status_code, 403)
        self.assertEqual(self.push(one.encode()).status_code, 200)
        self.assertEqual(self.push(other.encode()).status_code, 200)
        self.assertEqual(len(self.inbox()), 2)

    def test_four_times_the_same_is_one_row_and_one_wake_up(self):
        triggers = self.env["ir.cron.trigger"].search([])
        for _time in range(4):
            reply = self.push()
            self.assertEqual((reply.status_code, reply.content), (200, b'{"received": true}'))
        self.assertEqual(self.inbox().mapped("times"), [4])
        self.push(self.news((2, "TR")))
        self.assertEqual(len(self.inbox()), 2)
        new = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertEqual(new.cron_id, self.env.ref("order_processing.ir_cron_tracking_read"))
        self.assertEqual(len(new), 1)

    def test_wrong_addresses_do_not_exist(self):
        wrong = self.path[:-1] + ("a" if self.path[-1] != "a" else "b")
        other = self.tracking_provider("Without an address")
        paths = [
            wrong,
            self.path + "x",
            f"/order_tracking/push/{other.id}/x",
            "/order_tracking/push/999999999/x",
        ]
        for path in [*paths, self.path.replace(f"/{self.provider.id}/", f"/{other.id}/")]:
            with self.subTest(path):
                self.assertEqual(self.push(path=path).status_code, 404)
        self.provider.active = False
        self.assertEqual(self.push().status_code, 404)
        self.provider.active = True
        self.assertEqual(self.push().status_code, 200)

    def test_the_former_address_is_worth_nothing(self):
        self.provider._renew_push_token()
        self.assertEqual(self.push().status_code, 404)

    def test_a_new_secret_counts_at_once(self):
        self.assertEqual(self.push().status_code, 200)
        self.provider._set_secret("push_secret", "another")
        self.assertEqual(self.push(self.news((2, "TR"))).status_code, 403)

    def test_it_is_only_posted_to(self):
        for method in ("GET", "PUT", "DELETE"):
            with self.subTest(method):
                reply = self.opener.request(method, self.base_url() + self.path, timeout=20)
                self.assertEqual(reply.status_code, 405)
        self.assertFalse(self.inbox())

    def test_more_than_two_megabytes_are_refused(self):
        raw = b'{"parcels": [], "pad": "' + b"x" * (2 * 1024 * 1024) + b'"}'
        self.assertEqual(self.push(raw).status_code, 413)
        self.assertFalse(self.inbox())

    def test_almost_two_megabytes_are_stored(self):
        raw = b'{"parcels": [], "pad": "' + b"x" * (2 * 1024 * 1024 - 100) + b'"}'
        self.assertEqual(self.push(raw).status_code, 200)
        self.assertEqual(len(self.inbox()), 1)

    def test_what_cannot_be_stored_is_to_come_again(self):
        failure = psycopg2.errors.DiskFull("disk full")
        with (
            patch.object(OrderTrackingInbox, "_store", side_effect=failure),
            mute_logger(f"odoo.addons.{WRONG}"),
        ):
            reply = self.push()
        self.assertEqual((reply.status_code, reply.content), (503, b'{"received": false}'))
        self.assertEqual(self.push().status_code, 200)

    def test_the_token_is_not_in_the_log(self):
        record = logging.LogRecord(
            "werkzeug", logging.INFO, "", 1, '"%s" %s', (f"POST {self.path} H", 200), None
        )
        self.assertTrue(logging.getLogger("werkzeug").filter(record))
        shown = f'"POST /order_tracking/push/{self.provider.id}/… H" 200'
        self.assertEqual(record.getMessage(), shown)
        other = logging.LogRecord("werkzeug", logging.INFO, "", 1, '"%s" %s', ("GET /web 100%", 200), None)
        logging.getLogger("werkzeug").filter(other)
        self.assertEqual(other.getMessage(), '"GET /web 100%" 200')

    def test_headers_with_secrets_or_addresses_are_not_kept(self):
        raw = self.news((1, "PU"))
        headers = {"X-Signature": signature(raw), "X-Key": f"Key {SECRET}", "Authorization": "Bearer x"}
        self.push(raw, headers={**headers, "X-Forwarded-For": "198.51.100.7", "X-Event": "moved"})
        kept = self.inbox().headers
        self.assertEqual(kept["x-event"], "moved")
        self.assertFalse({"x-key", "authorization", "x-forwarded-for", "cookie"} & kept.keys())


@tagged("post_install", "-at_install")
class TestPushForm(RouteCase):
    """A provider that posts a form and signs one of its decoded fields."""

    connector = FormConnector

    def form(self, param=None, sign=None):
        param = param or self.news((1, "PU"), text="已签收").decode()
        sign = sign or hashlib.md5((param + SECRET).encode(), usedforsecurity=False).hexdigest().upper()
        return urlencode({"param": param, "sign": sign}).encode()

    def post(self, body):
        return self.push(body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    def test_the_decoded_field_is_what_is_signed(self):
        reply = self.post(self.form())
        self.assertEqual(reply.status_code, 200)
        self.assertEqual(reply.content.decode(), '{"result":true,"returnCode":"200","message":"成功"}')
        self.assertEqual(reply.headers["Content-Type"], "application/json;charset=UTF-8")
        self.post(self.form())
        self.assertEqual(self.inbox().mapped("times"), [2])
        self.read_inbox()
        self.assertEqual(self.parcel.status, "picked_up")

    def test_a_wrong_sign_or_none_is_refused(self):
        self.assertEqual(self.post(self.form(sign="0" * 32)).status_code, 403)
        self.assertEqual(self.post(b"param=%7B%7D").status_code, 403)
        self.assertFalse(self.inbox())

    def test_a_form_too_large_is_refused(self):
        self.assertEqual(self.post(self.form("x" * (2 * 1024 * 1024))).status_code, 413)

    def test_a_nul_in_a_field_is_stored(self):
        self.assertEqual(self.post(self.form(self.news((1, "PU")).decode() + "\x00")).status_code, 200)


@tagged("post_install", "-at_install")
class TestPushRead(PushCase):
    """What was stored is read: scans once, whatever the order, and nothing is lost."""

    def test_news_move_the_parcel_once(self):
        row = self.store(self.news((1, "PU"), (2, "TR")))
        self.read_inbox()
        self.assertEqual(
            (row.state, self.parcel.status, len(self.parcel.event_ids)), ("done", "in_transit", 2)
        )
        self.assertEqual(set(self.parcel.event_ids.mapped("source")), {"push"})
        self.store(self.news((2, "TR"), (1, "PU"), number="sw 123"))
        self.read_inbox()
        self.assertEqual(len(self.parcel.event_ids), 2)

    def test_delivered_then_an_older_scan(self):
        self.store(self.news((9, "DEL")))
        self.read_inbox()
        self.store(self.news((5, "OUT")))
        self.read_inbox()
        self.assertEqual((self.parcel.status, len(self.parcel.event_ids)), ("delivered", 2))

    def test_a_parcel_made_while_its_news_was_read_hears_of_it(self):
        row = self.store(self.news((1, "PU"), number="LATER-2"))
        self.read_inbox()
        # Who makes it has begun before, and does not see what was read meanwhile.
        with patch.object(type(row), "_read_again", lambda *arguments: None):
            later = self.ship_with_number("later 2").parcel_ids
        self.assertEqual((row.state, later.status), ("unknown", "pending"))
        self.read_inbox()
        self.assertEqual((row.state, later.status), ("done", "picked_up"))

    def test_an_unknown_number_waits_for_its_parcel(self):
        row = self.store(self.news((1, "PU"), number="LATER-1"))
        self.read_inbox()
        self.assertEqual((row.state, row.number_ids.number_key), ("unknown", "LATER1"))
        later = self.ship_with_number("later 1").parcel_ids
        self.env.invalidate_all()
        self.assertEqual(row.state, "new")
        self.read_inbox()
        self.assertEqual((row.state, later.status, row.number_ids.ids), ("done", "picked_up", []))

    def test_a_parcel_of_another_account_is_not_touched(self):
        other = self.tracking_provider("Other Eye")
        raw = self.news((1, "DEL"))
        self.env["order.tracking.inbox"]._store(other.id, raw, {}, {})
        self.read_inbox()
        self.assertEqual(self.parcel.status, "pending")

    def test_with_the_account_its_messages_go_even_those_that_come_meanwhile(self):
        other = self.tracking_provider("Other Eye")
        inbox, raw = self.env["order.tracking.inbox"], self.news((1, "DEL"))
        inbox._store(other.id, raw, {}, {})
        id_ = other.id
        other.unlink()
        self.assertFalse(inbox.search([("provider_id", "=", id_)]))
        inbox._store(id_, raw, {}, {})
        good = self.store(self.news((1, "PU")))
        self.read_inbox()
        self.env.cr.execute("SELECT count(*) FROM order_tracking_inbox WHERE provider_id = %s", [id_])
        self.assertEqual((self.env.cr.fetchone()[0], good.state), (0, "done"))

    def test_what_cannot_be_read_is_kept_and_shown_and_the_others_go_on(self):
        bad = self.store(b"<html>")
        odd = self.store(b'{"parcels": [1]}')
        good = self.store(self.news((1, "PU")))
        self.read_inbox()
        self.assertEqual((bad + odd + good).mapped("state"), ["failed", "failed", "done"])
        self.assertEqual(bad.error, "malformed: json")
        bad.with_user(self.env.ref("base.user_admin")).action_read_again()
        self.assertEqual((bad.state, bad.error), ("new", False))

    def test_what_cannot_be_stored_is_tried_again_later(self):
        parcels = type(self.env["order.shipment.parcel"])
        row = self.store(self.news((1, "PU")))
        logger = "odoo.addons.order_processing.models.order_tracking_inbox_read"
        with patch.object(parcels, "_ingest", side_effect=ZeroDivisionError("SW123")), mute_logger(logger):
            for attempt in range(1, 7):
                self.read_inbox()
                self.assertEqual(row.attempts, attempt)
                self.assertNotIn("SW123", row.error)
                row.sudo().retry_at = False
        self.assertEqual(row.state, "failed")
        row.with_user(self.env.ref("base.user_admin")).action_read_again()
        self.read_inbox()
        self.assertEqual((row.state, self.parcel.status), ("done", "picked_up"))

    def test_one_that_cannot_be_stored_does_not_stop_the_others(self):
        parcels = type(self.env["order.shipment.parcel"])
        other = self.ship_with_number("SW9").parcel_ids
        bad, good = self.store(self.news((1, "PU"))), self.store(self.news((1, "PU"), number="SW9"))
        ingest, this = parcels._ingest, self.parcel.id

        def some(parcels, reports, *args):
            if any(id_ == this for id_, _result in reports):
                raise ZeroDivisionError
            return ingest(parcels, reports, *args)

        logger = "odoo.addons.order_processing.models.order_tracking_inbox_read"
        with patch.object(parcels, "_ingest", some), mute_logger(logger):
            self.read_inbox()
        self.assertEqual((bad.state, good.state, other.status), ("new", "done", "picked_up"))
        self.assertTrue(bad.retry_at)

    def test_given_up_by_the_provider_it_is_announced_again(self):
        left = fields.Datetime.now() - timedelta(days=5)
        self.parcel.write({"subscription": "active", "shipped_at": left})
        self.store(self.news(trouble="not_registered"))
        self.read_inbox()
        self.assertEqual(self.parcel.subscription, "wanted")

    def test_of_two_carriers_with_the_number_the_one_named(self):
        slow = self.delivery_method("Slow")
        vals = {"provider_id": self.provider.id, "carrier_id": slow.id, "code": "slow"}
        self.env["order.tracking.carrier.code"].create(vals)
        other = self.ship_with_number("SW123", carrier=slow).parcel_ids
        self.assertNotEqual(other, self.parcel)
        self.store(self.news((1, "PU"), carrier="slow"))
        row = self.store(self.news((2, "TR")))
        self.read_inbox()
        self.assertEqual((self.parcel.status, other.status, row.state), ("pending", "picked_up", "unknown"))

    def test_after_a_month_messages_go_and_failures_stay_without_content(self):
        done, bad = self.store(self.news((1, "PU"))), self.store(b"<html>")
        self.read_inbox()
        self.env.cr.execute("UPDATE order_tracking_inbox SET received_at = received_at - interval '31 days'")
        self.env.invalidate_all()
        self.env["order.tracking.inbox"]._gc_inbox()
        self.assertFalse(done.exists())
        self.assertEqual((bad.exists().state, bad.raw, bad.headers), ("failed", False, False))
        self.env.cr.execute("UPDATE order_tracking_inbox SET received_at = received_at - interval '180 days'")
        self.env["order.tracking.inbox"]._gc_inbox()
        self.assertFalse(bad.exists())

    def test_statements_do_not_grow_with_messages(self):
        def read(count, prefix):
            for number in range(count):
                self.ship_with_number(f"{prefix}{number}")
                self.store(self.news((1, "INF"), number=f"{prefix}{number}"))
            self.in_steps()
            before = self.env.cr.sql_log_count
            self.env["order.tracking.inbox"]._read_batch()
            return self.env.cr.sql_log_count - before

        read(2, "W")
        self.assertLessEqual(read(12, "B"), read(3, "A") + 9 * 4)  # timelines are written order by order


@tagged("post_install", "-at_install")
class TestPushUnsigned(PushCase):
    connector = UnsignedConnector

    def test_an_arrival_anybody_could_have_told_is_asked_for(self):
        self.store(self.news((1, "TR")))
        self.read_inbox()
        before = self.parcel.next_poll_at
        self.store(self.news((9, "DEL")))
        self.read_inbox()
        self.assertEqual(self.parcel.status, "delivered")
        self.assertLess(self.parcel.next_poll_at, before)
        self.assertLessEqual(self.parcel.next_poll_at, fields.Datetime.now())


@tagged("post_install", "-at_install")
class TestPushDoubted(PushCase):
    """Nobody signs what is pushed: that a parcel has arrived is so only while the provider says so itself."""

    connector = UnsignedConnector

    def setUp(self):
        super().setUp()
        self.store(self.news((1, "PU"), (2, "TR")))
        self.store(self.news((9, "DEL")))
        self.read_inbox()
        self.shipment = self.parcel.shipment_ids
        self.assertEqual((self.parcel.status, self.shipment.status), ("delivered", "delivered"))

    def answer(self, *scans, trouble=None, minutes=60, **more):
        """Let the provider be asked, so long after it was pushed."""
        self.env.cr.execute(
            "UPDATE order_shipment_event SET received_at = received_at - %s", [timedelta(minutes=minutes)]
        )
        reports = [] if trouble else [(self.parcel.id, self.result(*scans, **more))]
        outcome = Polled(self.parcel.id, trouble)
        self.env["order.shipment.parcel"]._store_polled(reports, [outcome], self.provider)
        self.env.flush_all()
        self.env.invalidate_all()

    def told_of_forgery(self):
        return self.provider.activity_ids.filtered(lambda one: "Untrue" in (one.summary or ""))

    def test_denied_it_is_taken_back(self):
        self.answer(self.scan("PU", 1), self.scan("TR", 2), self.scan("OUT", 8))
        self.assertEqual((self.parcel.status, self.shipment.status), ("out_for_delivery",) * 2)
        self.assertFalse(self.parcel.delivered_at or self.shipment.delivered_at)
        self.assertEqual(sorted(self.parcel.event_ids.mapped("code")), ["OUT", "PU", "TR"])
        self.assertEqual(self.parcel.event_count, 3)
        self.assertTrue(self.parcel.next_poll_at)
        self.assertTrue(self.told_of_forgery())

    def test_confirmed_it_stays(self):
        self.answer(self.scan("TR", 2), self.scan("DEL", 9))
        self.assertEqual((self.parcel.status, self.parcel.next_poll_at), ("delivered", False))
        self.assertFalse(self.told_of_forgery())

    def test_what_the_provider_does_not_know_at_all_has_not_arrived(self):
        self.answer(trouble=base.Trouble.NOT_FOUND)
        self.assertEqual(self.parcel.status, "in_transit")

    def test_denied_at_once_it_is_asked_again_within_the_hour(self):
        self.answer(self.scan("TR", 2), minutes=1)
        self.assertEqual(self.parcel.status, "delivered")
        self.assertLess(self.parcel.next_poll_at, fields.Datetime.now() + timedelta(hours=1))
        self.answer(self.scan("TR", 2))
        self.assertEqual(self.parcel.status, "in_transit")

    def test_no_answer_says_nothing_and_it_is_asked_again(self):
        self.answer(trouble=base.Trouble.RETRY_LATER)
        self.assertEqual(self.parcel.status, "delivered")
        self.assertTrue(self.parcel.next_poll_at)
        self.answer(is_full_history=False)
        self.assertEqual(self.parcel.status, "delivered")
        self.assertTrue(self.parcel.next_poll_at)

    def test_signed_it_is_believed(self):
        with patch.object(self.connector, "signs_pushes", True):
            self.answer(self.scan("TR", 2))
        self.assertEqual(self.parcel.status, "delivered")

    def test_the_page_says_who_can_tell_us(self):
        self.assertIn("made sure of by asking", self.provider.push_hint)
        with patch.object(self.connector, "can_poll", False):
            self.provider.invalidate_recordset()
            self.assertIn("cannot be asked", self.provider.push_hint)
        with patch.object(self.connector, "signs_pushes", True):
            self.provider.invalidate_recordset()
            self.assertFalse(self.provider.push_hint)
