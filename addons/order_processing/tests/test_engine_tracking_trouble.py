from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.tracking import Status
from ..engine.tracking_trouble import Facts, Settings, remains, troubles

START = datetime(2027, 1, 11, 9)
hours = st.integers(0, 1000).map(lambda n: START + timedelta(hours=n))
facts = st.builds(
    Facts,
    status=st.sampled_from([one.value for one in Status]),
    substatus=st.sampled_from([None, "damaged", "lost", "refused"]),
    status_since=hours,
    last_event_at=hours,
    eta=st.none() | hours,
    promised=st.none() | hours,
)
BY_TIME = {"late", "silent", "pickup_waits"}


def kinds(one, now):
    return {trouble.kind for trouble in troubles(one, now, Settings())}


@tagged("post_install", "-at_install")
class TestEngineTrackingTrouble(BaseCase):
    """What is wrong with a parcel follows from where it stands, and ends when it moves on."""

    @given(facts, hours, st.integers(0, 500))
    def test_what_time_has_made_it_does_not_unmake(self, one, now, more):
        self.assertLessEqual(kinds(one, now) & BY_TIME, kinds(one, now + timedelta(hours=more)))

    @given(facts, hours)
    def test_each_kind_once(self, one, now):
        found = [trouble.kind for trouble in troubles(one, now, Settings())]
        self.assertEqual(len(found), len(set(found)))

    @given(hours)
    def test_delivered_closes_all_but_damage(self, now):
        done = Facts("delivered", promised=START, last_event_at=START)
        found = troubles(done, now, Settings())
        self.assertFalse(found)
        every = (
            "late",
            "eta_late",
            "silent",
            "attempt_failed",
            "pickup_waits",
            "lost",
            "exception",
            "damaged",
        )
        self.assertEqual([kind for kind in every if remains(kind, done, found)], ["damaged"])

    def test_a_weekend_is_no_silence(self):
        friday = datetime(2027, 1, 15, 12)
        one = Facts("in_transit", last_event_at=friday)
        self.assertFalse(kinds(one, friday + timedelta(days=4)))
        self.assertEqual(kinds(one, friday + timedelta(days=5)), {"silent"})
