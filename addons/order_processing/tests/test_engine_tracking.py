from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine.tracking import TERMINAL, Event, State, Status, combine, dedup_key, edited, fold

LEFT = datetime(2026, 3, 2, 15)
NOW = LEFT + timedelta(days=10)
EVENTS = st.lists(
    st.builds(
        Event,
        at=st.none() | st.integers(-300, 400).map(lambda hours: LEFT + timedelta(hours=hours)),
        status=st.none() | st.sampled_from(Status),
        substatus=st.sampled_from(("", "customs")),
        is_header=st.booleans(),
        by_hand=st.booleans(),
    ),
    max_size=8,
)


def at(hours, status, **more):
    return Event(LEFT + timedelta(hours=hours), Status(status) if status else None, **more)


def status(*events):
    found = fold(events, LEFT, NOW).status
    return found and found.value


class TestTracking(BaseCase):
    @given(EVENTS, st.data())
    def test_order_and_repetition_do_not_matter(self, events, data):
        again = events + data.draw(st.lists(st.sampled_from(events), max_size=4)) if events else events
        self.assertEqual(fold(data.draw(st.permutations(again)), LEFT, NOW), fold(events, LEFT, NOW))

    @given(EVENTS, st.sampled_from([one for one in Status if one not in TERMINAL | {Status.RETURNING}]))
    def test_the_end_is_the_end(self, events, later):
        events = [one._replace(by_hand=False) for one in events]
        end = Event(LEFT + timedelta(hours=1), Status.DELIVERED)
        later_one = Event(LEFT + timedelta(hours=200), later)
        before = fold([*events, end], LEFT, NOW).status
        self.assertEqual(fold([*events, end, later_one], LEFT, NOW).status, before)

    @given(st.lists(st.sampled_from(Status), min_size=1, max_size=5))
    def test_combined_whatever_the_order(self, statuses):
        self.assertEqual(combine(statuses), combine([*reversed(statuses), statuses[0]]))
        arrived = {*statuses} - {Status.CANCELLED} == {Status.DELIVERED}
        self.assertEqual(combine(statuses) == Status.DELIVERED, arrived)

    def test_newest_decides(self):
        self.assertEqual(status(at(5, "delivered"), at(3, "in_transit")), "delivered")
        self.assertEqual(status(at(3, "in_transit"), at(3, "picked_up")), "in_transit")
        self.assertEqual(status(at(5, "in_transit"), at(3, "out_for_delivery")), "in_transit")
        self.assertEqual(status(at(5, "expired"), at(6, "in_transit")), "in_transit")
        self.assertEqual(status(at(5, "in_transit"), at(6, None)), "in_transit")
        self.assertIsNone(status())

    def test_after_the_end(self):
        self.assertEqual(status(at(5, "delivered"), at(6, "in_transit")), "delivered")
        self.assertEqual(status(at(5, "delivered"), at(6, "returning"), at(7, "in_transit")), "returning")
        self.assertEqual(status(at(5, "delivered"), at(6, "returned")), "returned")
        self.assertEqual(status(at(5, "delivered"), at(6, "in_transit", by_hand=True)), "in_transit")

    def test_times_that_cannot_be(self):
        self.assertEqual(status(at(5, "in_transit"), at(24 * 12, "delivered")), "in_transit")
        self.assertEqual(status(at(-24 * 8, "delivered"), at(5, "in_transit")), "in_transit")
        self.assertIsNone(status(at(-24 * 8, "delivered")))
        self.assertEqual(status(Event(None, Status.DELIVERED), at(1, "in_transit")), "in_transit")

    def test_header(self):
        self.assertEqual(
            status(at(5, "out_for_delivery"), at(4, "exception", is_header=True)), "out_for_delivery"
        )
        self.assertEqual(status(at(5, "out_for_delivery"), at(5, "exception", is_header=True)), "exception")
        self.assertEqual(
            status(at(5, "out_for_delivery"), at(5, "in_transit", is_header=True)), "out_for_delivery"
        )

    def test_figures(self):
        state = fold([at(1, "in_transit"), at(2, "in_transit"), at(3, "delivered"), at(4, "")], LEFT, NOW)
        hour = timedelta(hours=1)
        self.assertEqual(
            state, State(Status.DELIVERED, "", LEFT + 3 * hour, LEFT + 3 * hour, LEFT + 4 * hour)
        )

    def test_same_scan(self):
        key = dedup_key(LEFT, "", "TR", "In  Leeds", "Hub")
        self.assertEqual(key, dedup_key(LEFT + timedelta(microseconds=5), "x", "TR", "In Leeds", "Hub"))
        self.assertNotEqual(key, dedup_key(LEFT, "", "TR", "In Leeds", "Depot"))
        self.assertEqual(dedup_key(LEFT, "", "TR", "a", "", "9"), dedup_key(None, "", "XX", "b", "", "9"))

    def test_edited_words(self):
        self.assertEqual(edited([(LEFT, "TR")], [(LEFT, "TR"), (NOW, "TR")]), {(LEFT, "TR")})
        self.assertEqual(edited([(LEFT, "TR")], [(LEFT, "TR"), (LEFT, "TR")]), set())
        self.assertEqual(edited([("Monday", "TR")], [("Monday", "TR")]), {("Monday", "TR")})
        # Of when they are nothing is known: nothing says that they are the same.
        self.assertEqual(edited([("", "TR"), (None, "TR")], [("", "TR"), (None, "TR")]), set())

    def test_combined(self):
        for expected, *statuses in (
            ("delivered", "delivered", "cancelled"),
            ("in_transit", "delivered", "pending"),
            ("exception", "delivered", "exception", "in_transit"),
            ("returned", "delivered", "returned"),
            ("pending", "pending", "picked_up"),
            ("in_transit", "expired", "in_transit"),
        ):
            self.assertEqual(combine(map(Status, statuses)), expected, statuses)
        self.assertIsNone(combine([]))
