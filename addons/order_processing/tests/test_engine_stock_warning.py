from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.stock_warning import CRITICAL, RECOVERED, WARNING, Watch, after, look

quantities = st.lists(st.integers(-20, 60), max_size=60)
levels = st.integers(1, 30)
margins = st.sampled_from([0, 0.1, 0.5])


def story(sequence, level, critical=0, margin=0.0):
    """Return what is said as the quantity goes through the sequence."""
    said, severity = [], None
    for quantity in sequence:
        verdict = look(quantity, Watch(level, critical, margin, severity))
        said.append(verdict)
        severity = after(verdict, severity)
    return said


def crossings(sequence, level, margin):
    """Count them the plain way: at or below the level, having been above it and its margin since."""
    count, is_low = 0, False
    for quantity in sequence:
        if is_low and quantity > level * (1 + margin):
            is_low = False
        elif not is_low and quantity <= level:
            count, is_low = count + 1, True
    return count


@tagged("post_install", "-at_install")
class TestStockWarningEngine(BaseCase):
    def test_a_story(self):
        self.assertEqual(
            story([30, 10, 9, 11, 10, 3, 2, 9, 3, 12, 4], level=10, critical=3, margin=0.1),
            [None, WARNING, None, None, None, CRITICAL, None, None, None, RECOVERED, WARNING],
        )

    def test_no_level_no_word(self):
        self.assertEqual(story([5, 0, -5], level=0), [None] * 3)

    def test_at_once_critical_is_one_alert(self):
        self.assertEqual(story([20, 1, 8, 20], level=10, critical=3), [None, CRITICAL, None, RECOVERED])

    @given(quantities, levels, margins)
    def test_one_alert_for_each_crossing(self, sequence, level, margin):
        said = story(sequence, level, margin=margin)
        self.assertEqual(said.count(WARNING), crossings(sequence, level, margin))

    @given(quantities, levels, st.integers(0, 30), margins)
    def test_alerts_and_recoveries_take_turns(self, sequence, level, critical, margin):
        said = [one for one in story(sequence, level, min(critical, level), margin) if one]
        for before, now in zip([RECOVERED, *said], said, strict=False):
            allowed = {RECOVERED: {WARNING, CRITICAL}, WARNING: {CRITICAL, RECOVERED}, CRITICAL: {RECOVERED}}
            self.assertIn(now, allowed[before])

    @given(quantities, levels, margins)
    def test_looking_twice_says_nothing_new(self, sequence, level, margin):
        twice = [quantity for quantity in sequence for _again in range(2)]
        said = story(twice, level, critical=level // 2, margin=margin)
        self.assertEqual(said[1::2], [None] * len(sequence))
        self.assertEqual(said[::2], story(sequence, level, critical=level // 2, margin=margin))

    @given(quantities, levels, margins)
    def test_what_is_open_is_low(self, sequence, level, margin):
        severity = None
        for quantity in sequence:
            severity = after(look(quantity, Watch(level, 0, margin, severity)), severity)
            if quantity <= level:
                self.assertTrue(severity)
            if quantity > level * (1 + margin):
                self.assertIsNone(severity)
