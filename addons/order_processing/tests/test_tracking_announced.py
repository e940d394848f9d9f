from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..connectors.base import Item, Result, Trouble
from ..models.order_shipment_polled import Polled
from ..models.order_tracking_subscribe import _by_key
from .common_tracking import TrackingCase

FORGOTTEN = ("none", False, False, False)


@tagged("post_install", "-at_install")
class TestAnnounced(TrackingCase):
    """What a provider calls a parcel, and how often it is announced there."""

    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now().replace(microsecond=0)
        self.parcel = self.ship_with_number(shipped_at=self.now - timedelta(days=3)).parcel_ids
        self.parcel.write({"external_ref": "R1", "history_hash": "H1", "subscription": "active"})

    def remembered(self):
        self.env.invalidate_all()
        parcel = self.parcel
        return parcel.subscription, parcel.external_ref, parcel.history_hash, parcel.trouble

    def polled(self, trouble, message=""):
        outcome = Polled(self.parcel.id, trouble, message)
        self.env["order.shipment.parcel"]._store_polled([], [outcome], self.provider)
        self.env.invalidate_all()

    # ---------------------------------------------------------------- another carrier, another kind
    def test_what_it_was_called_by_a_wrong_code_is_forgotten_with_the_code(self):
        self.polled(Trouble.BAD_NUMBER, "Whose is it?")
        self.assertGreater(self.parcel.next_poll_at, self.now + timedelta(hours=23))
        self.swift_code.code = "swift-express"
        self.assertEqual(self.remembered(), FORGOTTEN)
        self.assertEqual(self.parcel.carrier_code, "swift-express")
        # Mended: it need not wait as long as what was refused does.
        self.assertLess(self.parcel.next_poll_at, self.now + timedelta(hours=2))

    def test_what_one_kind_called_it_is_nothing_to_another(self):
        self.provider.kind = "simulator"
        self.assertEqual(self.remembered()[:3], FORGOTTEN[:3])
        self.parcel.write({"external_ref": "R2"})
        self.provider.write({"kind": "simulator", "name": "The same kind"})
        self.assertEqual(self.parcel.external_ref, "R2")

    # ---------------------------------------------------------------- refused, and again
    def test_one_that_cannot_be_announced_is_asked_for_once_a_day_and_says_why(self):
        self.provider.mode = "both"
        self.parcel.write(
            {"subscription": "failed", "trouble": "bad_number", "trouble_message": "Whose is it?"}
        )
        self.env.flush_all()
        self.polled(Trouble.NOT_REGISTERED, "Register it first")
        self.assertEqual((self.parcel.trouble, self.parcel.trouble_message), ("bad_number", "Whose is it?"))
        self.assertGreater(self.parcel.next_poll_at, self.now + timedelta(hours=23))
        # By then somebody may have mended it there.
        self.assertEqual(self.parcel.subscription, "wanted")

    def test_one_that_is_not_known_any_more_is_announced_at_once(self):
        self.provider.mode = "both"
        self.polled(Trouble.NOT_REGISTERED, "Register it first")
        self.assertEqual((self.parcel.trouble, self.parcel.subscription), ("not_registered", "wanted"))
        self.assertLess(self.parcel.next_poll_at, self.now + timedelta(hours=1))

    def test_what_is_never_scanned_is_not_announced_for_ever(self):
        inbox = self.env["order.tracking.inbox"]
        inbox._subscribe_lost([self.parcel.id])
        self.assertEqual(self.parcel.subscription, "wanted")
        self.parcel.shipped_at = self.now - timedelta(days=91)
        inbox._subscribe_lost([self.parcel.id])
        self.assertEqual((self.parcel.subscription, self.parcel.subscribe_at), ("ended", False))
        # One that was seen since is still on its way, for all we know.
        self.parcel.last_event_at = self.now - timedelta(days=60)
        inbox._subscribe_lost([self.parcel.id])
        self.assertEqual(self.parcel.subscription, "wanted")

    def test_where_credits_are_used_up_it_is_announced_again_hours_later(self):
        self.provider.mode = "both"
        self.parcel.write({"subscription": "wanted", "subscribe_at": self.now})
        self.env.flush_all()
        used_up = Result(self.parcel.number, self.parcel.id, trouble=Trouble.QUOTA)
        self.provider._note_subscribed([self.parcel.id], {self.parcel.id: used_up})
        at = self.parcel.subscribe_at
        self.assertGreater(at, self.now + timedelta(hours=4))
        # That it is not known there is no news, and no reason to announce it sooner.
        self.polled(Trouble.NOT_REGISTERED, "Register it first")
        self.assertEqual((self.parcel.subscription, self.parcel.subscribe_at), ("wanted", at))

    def test_what_a_refusal_says_of_it_is_kept(self):
        self.parcel.write({"subscription": "wanted", "subscribe_at": self.now})
        self.env.flush_all()
        answer = Result(self.parcel.number, self.parcel.id, external_ref="R3", trouble=Trouble.NOT_REGISTERED)
        self.provider._note_subscribed([self.parcel.id], {self.parcel.id: answer})
        self.assertEqual((self.parcel.external_ref, self.parcel.subscription), ("R3", "wanted"))

    def test_of_two_carriers_same_number_each_is_told_apart(self):
        items = [Item(7, "AB 1", "ups"), Item(8, "ab1", "dhl"), Item(9, "C2")]
        refused = Result("AB1", carrier="ups", trouble=Trouble.BAD_NUMBER)
        done, other = Result("AB1", carrier="dhl"), Result("C2", carrier="whose")
        self.assertEqual(_by_key([done, refused, other], items), {7: refused, 8: done, 9: other})
        self.assertEqual(_by_key([Result("AB1", carrier="gls"), Result("D3", 5)], items), {})

    # ---------------------------------------------------------------- expired
    def test_that_there_is_no_news_is_said_just_after_the_last(self):
        self.meaning("OLD", "expired")
        hours = [self.now - timedelta(hours=hour) for hour in (50, 40, 30)]
        first, late, last = (self.scan("TR", None, f"Scan {at}")._replace(at=at) for at in hours)
        self.ingest(self.parcel, first, code="OLD")
        self.assertEqual((self.parcel.status, self.parcel.status_since), ("expired", first.at + SECOND))
        count = self.parcel.event_count
        self.ingest(self.parcel, first, code="OLD", code_at=self.now)
        self.assertEqual(self.parcel.event_count, count)
        # Told of late, scanned before we were told that there is no news.
        self.ingest(self.parcel, first, late)
        self.assertEqual(self.parcel.status, "in_transit")
        self.ingest(self.parcel, code="OLD", is_full_history=False)
        self.assertEqual((self.parcel.status, self.parcel.status_since), ("expired", late.at + SECOND))
        self.ingest(self.parcel, first, late, last)
        self.assertEqual(self.parcel.status, "in_transit")


SECOND = timedelta(seconds=1)
