from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..connectors.base import Item, Settings, connector_of
from ..connectors.simulator import JOURNEYS, Simulator, journey_of, scans_of
from ..engine.tracking import Event, Status, fold
from .common_tracking import SHIPPED, TrackingCase

LONG_AFTER = SHIPPED + timedelta(days=60)
MEANS = {
    "INFO": "info_received",
    "PICKUP": "picked_up",
    "TRANSIT": "in_transit",
    "OUT": "out_for_delivery",
    "DONE": "delivered",
    "FAILED": "attempt_failed",
    "LOCKER": "available_for_pickup",
    "DELAY": "exception",
    "DAMAGED": "exception",
    "LOST": "exception",
    "REFUSED": "attempt_failed",
    "RETURN": "returning",
    "BACK": "returned",
}
NUMBERS = st.text("0123456789ABCDEFXYZ", min_size=4, max_size=14)
ENDS = {
    **dict.fromkeys(("arrives", "tried_twice", "locker", "delayed"), Status.DELIVERED),
    **dict.fromkeys(("damaged", "refused"), Status.RETURNED),
    "lost": Status.EXCEPTION,
    "silent": Status.IN_TRANSIT,
}


def simulator(now=LONG_AFTER, **options):
    return Simulator(Settings("", options, now=now), {})


@tagged("post_install", "-at_install")
class TestSimulator(BaseCase):
    """The carrier that is not there says the same however often it is asked, and more as time passes."""

    def ask(self, number, now, **options):
        connector = simulator(now, **options)
        (request,) = connector.build_requests([Item(7, number, shipped_at=SHIPPED)])
        return connector.parse(connector.answer(request), request)

    @given(NUMBERS, st.integers(0, 4000), st.integers(0, 4000))
    def test_asked_later_it_says_the_same_and_more(self, number, minutes, more):
        early, late = (SHIPPED + timedelta(minutes=m) for m in (minutes, minutes + more))
        (first,), (again,), (later,) = (self.ask(number, when) for when in (early, early, late))
        self.assertEqual(first, again)
        self.assertEqual(later.scans[: len(first.scans)], first.scans)

    @given(NUMBERS)
    def test_every_journey_ends_as_it_should(self, number):
        scans = scans_of(number, SHIPPED, LONG_AFTER, 48)
        state = fold([Event(one.at, Status(MEANS[one.code])) for one in scans], SHIPPED, LONG_AFTER)
        self.assertEqual(state.status, ENDS[journey_of(number)])
        self.assertEqual([one.at for one in scans], sorted(one.at for one in scans))

    def test_most_arrive_and_some_do_not(self):
        journeys = Counter(journey_of(f"1Z{number:06}") for number in range(3000))
        self.assertEqual(set(journeys), set(JOURNEYS))
        self.assertAlmostEqual(journeys["arrives"] / 3000, 0.64, delta=0.04)
        self.assertEqual(sum(share for share, _steps in JOURNEYS.values()), 100)

    def test_a_number_may_name_its_journey(self):
        self.assertEqual(journey_of("SIM-LOST-1"), "lost")

    def test_hours_make_it_a_short_one(self):
        (result,) = self.ask("SIM-ARRIVES-1", SHIPPED + timedelta(minutes=40), hours=0.5)
        self.assertEqual(result.scans[-1].code, "DONE")
        (result,) = self.ask("SIM-ARRIVES-1", SHIPPED + timedelta(minutes=40), hours="nonsense")
        self.assertNotEqual(result.scans[-1].code, "DONE")

    def test_it_is_known_by_its_kind(self):
        self.assertIs(connector_of("simulator"), Simulator)


@tagged("post_install", "-at_install")
class TestSimulatorInOdoo(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sim = cls.tracking_provider("Trial", kind="simulator")
        cls.swift_code.provider_id = cls.sim

    def test_every_code_it_has_is_known(self):
        lookup = self.env["order.tracking.status.map"]._meanings(self.sim)
        codes = {step.code for _share, steps in JOURNEYS.values() for step in steps}
        self.assertEqual({code: lookup(code)[0] for code in codes}, MEANS)

    def test_a_parcel_travels_by_the_clock(self):
        shipment = self.ship_with_number("SIM-ARRIVES-1", shipped_at=datetime(2026, 3, 2, 15))
        parcel = shipment.parcel_ids
        self.assertEqual(parcel.provider_id, self.sim)
        self.sim._play(parcel)
        self.assertEqual((parcel.status, shipment.status), ("delivered", "delivered"))
        events = len(parcel.event_ids)
        self.sim._play(parcel)
        self.assertEqual(len(parcel.event_ids), events)

    def test_hours_have_to_make_sense(self):
        with self.assertRaisesRegex(Exception, "Hours a parcel takes"):
            self.sim.simulator_hours = 0
