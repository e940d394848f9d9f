import random
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from ..connectors.base import ConnectorError, connector_of
from .common_replay import HOUR, STRANGER, ReplayCase
from .replay import chances, spoiled

LATER = "LATER001"


class PushReplay(ReplayCase, HttpCase):
    """An account of one kind is told of news, by bodies of the documented shapes."""

    account = {"mode": "both"}
    ack = (200, b"{}")  # what the provider wants to hear, to the byte
    is_full_history = True  # a message has all scans there are
    names_carrier = True  # or our own id of the parcel

    def pushed(self, number, scans):
        """Return (body, headers) of a message, signed as the provider signs it.

        :param scans: [(status, when)] in the order they are to stand in the body; "picked_up", "in_transit",
            "out_for_delivery" or "delivered". The two of ``moments_of`` read as in ``body``.
        """
        raise NotImplementedError

    def spoil(self, chance):
        """Return (body, form, headers) of a message with something else in a few places."""
        raise NotImplementedError

    def unsigned(self, raw, headers):
        """Return the same message without its signature; None where none is signed."""
        return raw, {name: value for name, value in headers.items() if name == "Content-Type"}

    def setUp(self):
        super().setUp()
        self.path = "/order_tracking/push/" + self.provider._push_url().partition("/order_tracking/push/")[2]
        self.parcel = self.parcels[0]
        picked_up, sorted_at = self.moments_of(self.parcel.number)
        out, home = sorted_at + 2 * HOUR, sorted_at + 5 * HOUR
        names = ("picked_up", "in_transit", "out_for_delivery", "delivered")
        self.story = list(zip(names, (picked_up, sorted_at, out, home), strict=True))
        self.env.registry.clear_cache()
        self.commit()

    # ---------------------------------------------------------------- what happens
    def push(self, raw, headers, method="POST", path=None):
        headers = {"Content-Type": "application/json", **headers}
        address = self.base_url() + (path or self.path)
        return self.opener.request(method, address, data=raw, headers=headers, timeout=20)

    def tell(self, scans, number=None):
        reply = self.push(*self.pushed(number or self.parcel.number, scans))
        self.assertEqual((reply.status_code, reply.content), self.ack)
        self.env.invalidate_all()

    def read_inbox(self):
        self.env["order.tracking.inbox"]._cron_read()
        self.env.invalidate_all()

    def inbox(self):
        self.env.invalidate_all()
        return self.env["order.tracking.inbox"].search([("provider_id", "=", self.provider.id)])

    def assert_story(self, parcel=None):
        """The parcel has each scan of the story once, and has arrived."""
        parcel = parcel or self.parcel
        self.assertEqual(parcel.status, "delivered")
        moments = sorted(self.real_scans(parcel).mapped("event_time"))
        self.assertEqual(len(moments), len(self.story))
        for found, (_status, expected) in zip(moments, self.story, strict=True):
            self.assertLess(abs(found - expected), timedelta(seconds=61))


class EveryPush:
    """Tests of a ``PushReplay``: messages come late, twice, shuffled, forged, and before their parcel."""

    def test_a_message_is_answered_to_the_byte_and_read(self):
        self.tell(self.story)
        self.read_inbox()
        self.assertEqual(self.inbox().mapped("state"), ["done"])
        self.assert_story()

    def test_a_message_changed_by_one_byte_is_refused_and_not_kept(self):
        raw, headers = self.pushed(self.parcel.number, self.story)
        if not self.unsigned(raw, headers):
            return
        for place in {len(raw) // 3, len(raw) // 2, len(raw) - 3}:
            flipped = bytearray(raw)
            flipped[place] ^= 1
            with self.subTest(place), mute_logger("odoo.addons.order_processing.controllers.tracking_push"):
                self.assertEqual(self.push(bytes(flipped), headers).status_code, 403)
        with mute_logger("odoo.addons.order_processing.controllers.tracking_push"):
            self.assertEqual(self.push(*self.unsigned(raw, headers)).status_code, 403)
        self.assertFalse(self.inbox())

    def test_four_times_the_same_is_one(self):
        for _time in range(4):
            self.tell(self.story)
        self.assertEqual(self.inbox().mapped("times"), [4])
        self.read_inbox()
        self.assert_story()

    def test_the_whole_history_each_time_of_which_most_is_known(self):
        """Of what comes, 75 % has come before."""
        for count in range(1, 5):
            self.tell(self.story[:count] if self.is_full_history else self.story[count - 1 : count])
            self.tell(self.story[:count])
            self.read_inbox()
        self.assert_story()

    def test_newest_first_and_oldest_first_are_the_same(self):
        self.tell(self.story[::-1])
        self.read_inbox()
        self.assert_story()
        other = self.parcels[1]
        self.tell(self.story, other.number)
        self.read_inbox()
        self.assert_story(other)
        kept = [sorted(self.real_scans(one).mapped("code")) for one in (self.parcel, other)]
        self.assertEqual(*kept)

    def test_messages_in_any_order_end_the_same(self):
        messages = [self.story[:count] for count in (1, 2, 3, 4)] * 2
        random.Random(7).shuffle(messages)  # noqa: S311  of nothing secret
        for message in messages:
            self.tell(message)
            self.read_inbox()
        self.assert_story()

    def test_what_arrived_stays_so_whatever_older_is_told(self):
        self.tell(self.story)
        self.read_inbox()
        self.tell(self.story[:2])
        self.read_inbox()
        self.assert_story()

    def test_told_and_asked_is_told_once(self):
        """A scan is the same one whichever way it comes, though messages may be written otherwise."""
        self.tell(self.story[:2])
        self.read_inbox()
        self.assertEqual(self.scans_of(self.parcel), 2)
        self.make_due()
        self.poll()
        self.assert_all_told_once()
        self.tell(self.story[:2])
        self.read_inbox()
        self.assert_all_told_once()

    def test_a_number_nobody_has_is_kept_until_it_has_a_parcel(self):
        self.tell(self.story, LATER)
        self.read_inbox()
        self.assertEqual(self.inbox().mapped("state"), ["unknown"])
        order = self.confirmed_order(lines=[(self.lantern, 1)])
        later = self.ship_with_number(LATER, order=order, shipped_at=self.left()).parcel_ids
        self.read_inbox()
        self.assert_story(later)

    def test_a_number_used_again_is_another_parcel(self):
        """The carrier still tells of what was sent by it months ago."""
        past = [(status, at - timedelta(days=90)) for status, at in self.story]
        self.tell(past)
        self.read_inbox()
        self.assertNotEqual(self.parcel.status, "delivered")
        self.tell(past + self.story)
        self.read_inbox()
        self.assertEqual(self.parcel.status, "delivered")
        self.assertGreater(self.parcel.delivered_at, fields.Datetime.now() - timedelta(days=3))

    def test_the_same_words_at_two_times_are_two_scans(self):
        (status, first), (_status, second) = self.story[1:3]
        self.tell([(status, first), (status, second)])
        self.read_inbox()
        self.assertEqual(self.scans_of(self.parcel), 2)

    def test_one_number_with_two_parcels(self):
        """Two carriers may use the same number: news are of the one that is named, or of none."""
        other = self.delivery_method("Slow")
        code = {"provider_id": self.provider.id, "carrier_id": other.id, "code": "4711"}
        self.env["order.tracking.carrier.code"].create(code)
        order = self.confirmed_order(lines=[(self.lantern, 1)])
        number = self.parcel.number
        twin = self.ship_with_number(number, order=order, carrier=other, shipped_at=self.left()).parcel_ids
        self.assertNotEqual(twin, self.parcel)
        self.tell(self.story)
        self.read_inbox()
        self.assertEqual(self.scans_of(twin), 0)
        if self.names_carrier:
            self.assert_story()
        else:
            self.assertEqual(self.scans_of(self.parcel), 0)
            self.assertEqual(self.inbox().mapped("state"), ["unknown"])

    def test_only_messages_are_taken_and_none_too_long(self):
        raw, headers = self.pushed(self.parcel.number, self.story)
        self.assertEqual(self.push(raw, headers, "GET").status_code, 405)
        self.assertEqual(self.push(raw, headers, path=self.path + "x").status_code, 404)
        self.assertEqual(self.push(b"x" * (2 * 1024 * 1024 + 1), headers).status_code, 413)
        self.assertFalse(self.inbox())

    def test_of_a_stranger_nothing_is_kept_with_our_parcels(self):
        self.tell(self.story, STRANGER)
        self.read_inbox()
        self.assertEqual(self.scans_of(), 0)

    def test_whatever_stands_in_a_message_nothing_but_an_error_of_the_connector_leaves(self):
        connector, read = self.provider._push_connector(), 0
        for chance in chances(300):
            try:
                connector.parse_push(*self.spoil(chance))
            except ConnectorError:
                continue
            read += 1
        self.assertGreater(read, 20, "no spoiled message was read at all")

    def test_it_signs_its_messages_or_is_asked_to_be_sure(self):
        kind = connector_of(self.kind)
        if not self.unsigned(*self.pushed(self.parcel.number, self.story)):
            self.tell(self.story)
            self.read_inbox()
            self.assertEqual(self.parcel.status, "delivered")
            self.assertTrue(self.parcel.next_poll_at, "whoever knows the address could have said so")
        else:
            self.assertTrue(kind.signs_pushes)


__all__ = ["EveryPush", "PushReplay", "spoiled"]
