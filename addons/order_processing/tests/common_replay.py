import json
import logging
import os
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo import fields

from ..connectors.base import ConnectorError, Item, Response, Result, Settings, connector_of
from ..models import order_tracking_transport
from ..models.order_secret import VARIABLE
from .carrier_server import closed_port
from .common_poll import PollCase
from .replay import STRANGER, ReplayServer, chances, spoiled, turned

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class ReplayCase(PollCase):
    """An account of one kind asks a server that answers as that provider does.

    A kind gives what follows, and the methods below it; then ``EveryFault`` plays what can go wrong.
    """

    kind = ""
    secrets = {}
    account = {}  # values of the account
    carrier_code = "swift"  # what the provider calls the delivery method
    needs_phone = False

    def numbers_of(self, call):
        """Return the numbers a question asks for, read as the provider reads it."""
        raise NotImplementedError

    def body(self, numbers):
        """Return what the provider answers of these (or (status, body)); of ``STRANGER`` as of the others.

        Each has the two scans of ``moments_of``: picked up, then in transit. Of a number in ``self.unknown``
        the documented "not known".
        """
        raise NotImplementedError

    def is_question(self, call):
        """Tell whether a call asks where parcels are, and does not announce them or get a token."""
        return True

    def other(self, call):
        """Return the answer to calls that are no questions."""
        raise NotImplementedError

    # ---------------------------------------------------------------- the company
    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(patch.dict(os.environ, {VARIABLE: Fernet.generate_key().decode()}))
        super().setUpClass()
        cls.swift_code.write({"code": cls.carrier_code, "needs_phone": cls.needs_phone})
        # Limits have tests of their own; here nobody waits for a turn.
        cls.provider.write({"kind": cls.kind, "per_second": 1000, **cls.account})
        for name, value in cls.secrets.items():
            cls.provider._set_secret(name, value)
        cls.parcels.shipment_ids.partner_id.phone = "+86 138 1234 5678"

    def setUp(self):
        self.unknown = set()
        self.began = self.left().replace(microsecond=0)
        super().setUp()
        self.provider.base_url = f"{self.carrier.url}/v1"
        self.commit()

    def server(self):
        return ReplayServer(self)

    def moments_of(self, number):
        """Return when the two scans of a parcel were, UTC."""
        return self.began + HOUR, self.began + 9 * HOUR

    @property
    def batch(self):
        return connector_of(self.kind).batch

    # ---------------------------------------------------------------- what is true
    def real_scans(self, parcels=None):
        """Return the scans; what is said of a parcel as a whole is none."""
        events = (parcels or self.parcels).event_ids
        return events.filtered(lambda one: not one.dedup_key.startswith("header:"))

    def scans_of(self, parcels=None):
        return len(self.real_scans(parcels))

    def assert_all_told_once(self):
        self.assertEqual([self.scans_of(parcel) for parcel in self.parcels], [2] * len(self.parcels))
        self.assertEqual(set(self.parcels.mapped("status")), {"in_transit"})
        for parcel in self.parcels:
            moments = sorted(self.real_scans(parcel).mapped("event_time"))
            for found, expected in zip(moments, self.moments_of(parcel.number), strict=True):
                self.assertLess(abs(found - expected), timedelta(seconds=61))
        self.assertFalse(self.parcels.filtered("claimed_until"))
        self.assertFalse(self.parcels.filtered("trouble"))
        self.assertTrue(all(self.parcels.mapped("next_poll_at")))

    @contextmanager
    def nothing_secret_logged(self):
        with self.assertLogs(level="INFO") as logs:
            yield
            logging.getLogger("odoo.addons.order_processing").warning("the end")
        for secret in self.secrets.values():
            self.assertNotIn(secret, "\n".join(logs.output))

    def calls(self):
        return self.env["order.tracking.call"].search([("provider_id", "=", self.provider.id)])

    def plain_connector(self):
        """Return the connector as it is without Odoo."""
        settings = Settings(
            "https://carrier.example", self.provider._connector_options(), "https://our.example/x"
        )
        return connector_of(self.kind)(settings, self.secrets)

    def item(self, number="SW000", **values):
        return Item(self.parcels[0].id, number, self.carrier_code, **{"phone": "8613812345678", **values})


class EveryFault:
    """Tests of a ``ReplayCase``: what carriers' servers do wrong, done to a provider of this kind."""

    # So many calls go wrong before the others are left for later.
    @property
    def calls_that_fail(self):
        return min(2, -(-len(self.numbers) // self.batch))

    def failed_once(self, *script, trouble="retry_later"):
        count = self.calls_that_fail
        self.carrier.script += (script * count)[:count]
        with self.nothing_secret_logged():
            self.poll()
        self.assertEqual(len(self.carrier.tracked), count)
        self.assertEqual(self.scans_of(), 0)
        failed = self.parcels.filtered("trouble")
        self.assertEqual(set(failed.mapped("trouble")), {trouble})
        self.assertEqual(len(failed), min(len(self.numbers), self.batch * count))
        for parcel in failed:
            self.assertTrue(timedelta(seconds=25) < self.asked_again_in(parcel) <= HOUR)
        said = " ".join([*self.calls().mapped(lambda one: one.message or ""), self.provider.last_error])
        for secret in self.secrets.values():
            self.assertNotIn(secret, said)
        self.assertTrue(self.cron.active)
        self.well()
        self.poll()
        self.assert_all_told_once()
        self.assertEqual((self.provider.health, self.provider.failures_in_a_row), ("ok", 0))

    # ---------------------------------------------------------------- all is well
    def test_it_is_asked_and_the_same_again_writes_nothing(self):
        self.poll()
        self.assert_all_told_once()
        self.assertEqual(len(self.carrier.tracked), -(-len(self.numbers) // self.batch))
        self.env.cr.execute("SELECT id, xmin::text FROM order_shipment_event ORDER BY id")
        before = self.env.cr.fetchall()
        self.well()
        self.poll()
        self.env.cr.execute("SELECT id, xmin::text FROM order_shipment_event ORDER BY id")
        self.assertEqual(self.env.cr.fetchall(), before)
        self.assert_all_told_once()

    # ---------------------------------------------------------------- no answer at all
    def test_refused(self):
        self.provider.base_url = f"http://127.0.0.1:{closed_port()}"
        self.poll()
        self.assertEqual(set(self.parcels.filtered("trouble").mapped("trouble")), {"retry_later"})
        self.assertFalse(self.parcels.filtered("claimed_until"))
        self.provider.base_url = f"{self.carrier.url}/v1"
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_reset_in_the_middle_of_the_answer(self):
        self.failed_once("reset")

    def test_an_answer_shorter_than_announced(self):
        self.failed_once("cut_off")

    def test_slow(self):
        self.failed_once(("slow", 1.5))

    def test_a_byte_now_and_then(self):
        self.patch(order_tracking_transport, "WHOLE_SECONDS", 0.7)
        self.failed_once(("drip", 3))

    def test_errors_and_then_an_answer(self):
        self.failed_once("error", ("error", 503))

    # ---------------------------------------------------------------- an answer of no use
    def test_a_page_where_an_answer_should_be(self):
        self.failed_once("html", trouble="malformed")

    def test_half_an_answer(self):
        self.failed_once("truncated", trouble="malformed")

    def test_nothing_that_can_be_read(self):
        self.failed_once("null", ("says", b"[]"), trouble="malformed")

    def test_an_empty_answer(self):
        """Whatever it is taken for, nothing is lost by it."""
        self.carrier.script += [("says", {})] * self.calls_that_fail
        self.poll()
        self.assertEqual(self.scans_of(), 0)
        self.assertEqual(len(self.parcels.filtered("next_poll_at")), len(self.parcels))
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_another_charset_that_is_not_said(self):
        self.failed_once(("says", '{"快递": "中文"}'.encode("gb18030")), trouble="malformed")

    def test_an_endless_answer_is_not_read_to_its_end(self):
        self.patch(order_tracking_transport, "MOST_BYTES", 100_000)
        self.failed_once(("huge", 200_000), trouble="malformed")

    def test_nobody_is_sent_to_another_server(self):
        elsewhere = f"http://127.0.0.1:{closed_port()}/track"
        self.failed_once(("redirect", elsewhere), trouble="malformed")

    # ---------------------------------------------------------------- told to wait
    def told_to_wait(self, script, least, most):
        self.carrier.script += [script]
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 1)
        self.assertEqual(self.provider.health, "slow")
        wait = self.provider.cooldown_until - fields.Datetime.now()
        self.assertTrue(least <= wait <= most, wait)
        self.assertFalse(self.parcels.filtered("claimed_until"))
        self.assertFalse(any(self.parcels.mapped("fail_count")))
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 1, "asked while it was to wait")
        self.provider.cooldown_until = fields.Datetime.now()
        self.poll()
        self.assert_all_told_once()

    def test_wait_by_seconds(self):
        self.told_to_wait(("wait_seconds", 120), 1.9 * MINUTE, 2 * MINUTE)

    def test_wait_by_date(self):
        self.told_to_wait(("wait_until", 300), 4.9 * MINUTE, 5 * MINUTE)

    def test_wait_by_reset(self):
        self.told_to_wait(("wait_reset", 600), 9.9 * MINUTE, 10 * MINUTE)

    def test_wait_for_how_long_it_does_not_say(self):
        self.told_to_wait("wait", 0.9 * MINUTE, MINUTE)

    # ---------------------------------------------------------------- some of them
    def test_a_number_it_does_not_know(self):
        self.unknown = set(self.numbers[:2])
        self.poll()
        unknown = self.parcels.filtered(lambda one: one.number in self.unknown)
        self.assertEqual(self.scans_of(unknown), 0)
        self.assertEqual(self.scans_of(), 2 * (len(self.numbers) - 2))
        self.assertEqual(self.provider.health, "ok")
        self.assertTrue(all(unknown.mapped("next_poll_at")))
        self.unknown = set()
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_an_answer_for_another_number_is_not_taken_for_ours(self):
        self.carrier.swapped = {self.numbers[3]: STRANGER}
        self.poll()
        robbed = self.parcels.filtered(lambda one: one.number == self.numbers[3])
        self.assertEqual((self.scans_of(robbed), robbed.status), (0, "pending"))
        self.assertTrue(robbed.trouble and robbed.next_poll_at)
        self.assertEqual(self.scans_of(), 2 * (len(self.numbers) - 1))
        self.carrier.swapped = {}
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_numbers_missing_and_strangers_where_an_answer_is_of_several(self):
        if self.batch == 1:
            return
        self.carrier.silent, self.carrier.strangers = set(self.numbers[:3]), [STRANGER, self.numbers[5]]
        self.poll()
        self.assertEqual(self.scans_of(), 2 * (len(self.numbers) - 3))
        self.assertEqual(len(self.parcels.filtered("trouble")), 3)
        self.carrier.silent, self.carrier.strangers = set(), []
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_a_number_used_again_is_another_parcel(self):
        """The carrier still answers with what was sent by these numbers months ago."""
        self.began -= timedelta(days=90)
        self.poll()
        self.assertEqual(set(self.parcels.mapped("status")), {"pending"})
        self.began += timedelta(days=90)
        self.well()
        self.poll()
        self.assertEqual(set(self.parcels.mapped("status")), {"in_transit"})

    def test_newest_first_and_oldest_first_say_the_same(self):
        connector = self.plain_connector()
        items = tuple(self.item(number) for number in self.numbers[: self.batch])
        (request,) = list(connector.build_requests(items))[:1]
        body = self.body([item.number for item in request.items])
        said = []
        for way in (body, turned(body)):
            results = connector.parse(Response(200, {}, json.dumps(way).encode()), request)
            facts = [(one.number, one.code, one.eta, one.code_at, sorted(one.scans)) for one in results]
            said.append(sorted(facts, key=lambda one: one[0]))
        self.assertEqual(*said)
        self.assertEqual({len(one[4]) for one in said[0]}, {2})

    # ---------------------------------------------------------------- the account
    def test_an_account_that_is_refused_stops_and_somebody_is_told(self):
        self.provider.responsible_id = self.env.ref("base.user_admin")
        self.carrier.script += [("error", 401)] * 2  # a token is renewed once
        self.poll()
        asked = len(self.carrier.tracked)
        self.poll()
        self.assertEqual(len(self.carrier.tracked), asked)
        self.assertEqual(self.provider.health, "auth")
        self.assertEqual(self.provider.activity_ids.user_id, self.env.ref("base.user_admin"))
        for secret in self.secrets.values():
            self.assertNotIn(secret, self.provider.activity_ids.note)
        self.carrier.script.clear()
        self.provider._set_secret(*next(iter(self.secrets.items())))
        self.assertEqual(self.provider.health, "new")
        self.poll()
        self.assert_all_told_once()
        self.assertFalse(self.provider.activity_ids)

    def test_five_failures_open_the_circuit(self):
        self.carrier.script += ["error"] * 9
        for _time in range(5):
            if self.provider.health != "down":  # of one number a call, two go wrong each time
                self.well()
                self.poll()
        self.assertEqual(len(self.carrier.tracked), 5)
        self.assertEqual(self.provider.health, "down")
        self.carrier.script.clear()
        self.well()
        self.poll()
        self.well()
        self.poll()
        self.assert_all_told_once()

    # ---------------------------------------------------------------- limits
    def test_no_more_calls_a_day_than_the_account_has(self):
        self.provider.write({"per_day": 3, "batch_size": 2 if self.batch > 1 else 1})
        self.commit()
        for _time in range(2):
            self.make_due()
            self.poll()
        asked = [number for call in self.carrier.tracked for number in self.numbers_of(call)]
        self.assertEqual((len(self.carrier.tracked), len(asked)), (3, 3 * self.provider._batch()))
        self.assertFalse(any(self.parcels.mapped("fail_count")))
        self.assertFalse(self.parcels.filtered("claimed_until"))

    def test_a_number_is_asked_for_no_more_often_than_the_provider_bears(self):
        self.provider.pause_minutes = 0
        self.poll()
        asked_at = fields.Datetime.now()
        self.provider.action_ask_now()
        pause = connector_of(self.kind).pause
        for parcel in self.parcels:
            self.assertGreaterEqual(parcel.next_poll_at, asked_at + pause - MINUTE)

    # ---------------------------------------------------------------- bodies nobody has documented
    def test_whatever_stands_in_an_answer_nothing_but_an_error_of_the_connector_leaves(self):
        connector = self.plain_connector()
        items = tuple(self.item(number, external_ref="") for number in self.numbers[: self.batch])
        (request,) = list(connector.build_requests(items))[:1]
        proper = self.body([item.number for item in request.items])
        proper = proper[1] if isinstance(proper, tuple) else proper
        read = 0
        for chance in chances(400):
            body = json.dumps(spoiled(proper, chance)).encode()
            try:
                results = connector.parse(Response(200, {}, body), request)
            except ConnectorError:
                continue
            read += 1
            for result in results:
                self.assertIsInstance(result, Result)
                self.assertIsInstance(result.number, str)
                for scan in result.scans:
                    self.assertTrue(all("\x00" not in part for part in (scan.code, scan.text, scan.place)))
                    self.assertTrue(scan.at is None or scan.at.tzinfo is None)
        self.assertGreater(read, 20, "no spoiled body was read at all")
