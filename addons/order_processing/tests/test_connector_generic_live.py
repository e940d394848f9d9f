import json
from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from . import test_tracking_faults as faults
from . import test_tracking_push as pushes
from .common_generic import ASKED, PUSHED, SIGNED_IN, ByRecords
from .common_poll import PollCase
from .push_connector import signature

PUSH = "odoo.addons.order_processing.controllers.tracking_push"


@tagged("post_install", "-at_install")
class TestGenericWithFaults(ByRecords, faults.TestTrackingFaults):
    """All a carrier's server can do wrong, done to the connector that records configure."""

    def test_a_report_that_cannot_be_stored_does_not_lose_the_others(self):
        """There is none: what databases refuse is taken out when it is read."""
        number = self.numbers[2]
        (at, code, _text), other = self.carrier.scans[number]
        self.carrier.scans[number] = [(at, code, "nobody can store \x00"), other]
        self.poll()
        self.assert_all_told_once()
        self.assertIn("nobody can store", self.parcels[2].event_ids.mapped("text"))


@tagged("post_install", "-at_install")
class TestGenericTokens(ByRecords, faults.TestTrackingTokens):
    """OAuth2 by records: got once, renewed when it is over, given up when it is never taken."""

    connector = ByRecords.connector
    set_up = {**ASKED, **SIGNED_IN}

    def test_the_client_signs_in(self):
        self.poll()
        call = next(call for call in self.carrier.calls if call.path == "/token")
        self.assertEqual(call.headers["authorization"], "Basic c2hvcDpzM2NyZXQta2V5")
        self.assertEqual(call.body, b"grant_type=client_credentials")


@tagged("post_install", "-at_install")
class TestGenericLive(ByRecords, PollCase):
    """A carrier nobody has written a connector for is asked over a real socket."""

    def test_what_is_sent_and_what_is_read(self):
        self.poll()
        self.assert_all_told_once()
        call = self.carrier.tracked[0]
        self.assertEqual(call.headers["x-key"], "s3cret-key")
        self.assertEqual(json.loads(call.body), {"numbers": self.numbers[:5]})
        self.assertEqual(set(self.parcels[0].event_ids.mapped("text")), {"Sorted in 北京", "Picked up"})

    def test_many_unknown_numbers_one_by_one_keep_nobody_waiting(self):
        """A carrier that refuses the call of a number it does not know has no problem of its own."""
        self.provider.write(
            {
                "generic_ask_body": '{"numbers": ["{number}"]}',
                "generic_failure_path": "parcels[0].trouble",
                "generic_number_path": False,
            }
        )
        for number in self.numbers[:6]:
            del self.carrier.scans[number]
        self.poll()
        self.assertEqual(set(self.parcels[:6].mapped("trouble")), {"not_found"})
        self.assertEqual([len(parcel.event_ids) for parcel in self.parcels[6:]], [2] * 4)
        self.assertEqual((self.provider.health, self.provider.failures_in_a_row), ("ok", 0))

    def test_words_of_carriers_need_no_decision(self):
        at = (self.left() + timedelta(hours=20)).replace(microsecond=0).isoformat()
        written = ("Out For Delivery", "OUT-FOR-DELIVERY", "OutForDelivery")
        for number, word in zip(self.numbers, written, strict=False):
            self.carrier.scans[number].append((at, word, "On the van"))
        self.carrier.scans[self.numbers[3]].append((at, "Delivery Delayed", "Snow"))
        self.poll()
        self.assertEqual(set(self.parcels[:3].mapped("status")), {"out_for_delivery"})
        self.assertEqual((self.parcels[3].status, self.parcels[3].substatus), ("exception", "delayed"))
        codes = self.env["order.tracking.status.map"].search(
            [("seen_count", ">", 0), ("kind", "=", "generic")]
        )
        self.assertFalse(codes)

    def test_abbreviations_are_no_words(self):
        """What nobody knows is left to people: a code is not taken for another that looks alike."""
        lookup = self.env["order.tracking.status.map"]._meanings(self.provider)
        self.meaning("dl", "delivered")
        self.env.registry.clear_cache()
        lookup = self.env["order.tracking.status.map"]._meanings(self.provider)
        self.assertEqual((lookup("dl"), lookup("DL"), lookup("deliver")), (("delivered", ""), None, None))


@tagged("post_install", "-at_install")
class TestGenericPush(ByRecords, pushes.RouteCase):
    """News for an account set up by records, through the real route."""

    set_up = {**ASKED, **PUSHED}
    connector = ByRecords.connector

    def test_signed_news_move_the_parcel(self):
        for _time in range(2):
            reply = self.push(self.news((1, "PU"), (9, "TR")))
            self.assertEqual((reply.status_code, reply.content), (200, b'{"received": true}'))
            self.read_inbox()
            self.assertEqual((self.parcel.status, len(self.parcel.event_ids)), ("in_transit", 2))

    def test_what_is_not_signed_is_refused(self):
        raw = self.news((1, "PU"))
        odd = "é".encode().decode("latin-1")
        with mute_logger(PUSH):
            for headers in ({}, {"X-Signature": signature(raw + b" ")}, {"X-Signature": odd}):
                self.assertEqual(self.push(raw, headers=headers).status_code, 403)
            self.provider._set_secret("push_secret", "another")
            self.env.flush_all()
            self.assertEqual(self.push(raw).status_code, 403)
        self.assertFalse(self.inbox())

    def test_the_status_we_answer_is_theirs(self):
        self.provider.generic_ack_status = 202
        self.env.flush_all()
        self.assertEqual(self.push().status_code, 202)
