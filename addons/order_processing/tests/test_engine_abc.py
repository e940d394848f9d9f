from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.abc import classify

values = st.dictionaries(st.integers(1, 500), st.integers(-5, 1000), max_size=60)
shares = st.sampled_from([(0.8, 0.15), (0.5, 0.3), (0.0, 0.5), (1.0, 0.0)])


def plainly(values, share_a, share_b):
    """For each by itself: what do those that are used more make up together?"""
    total = sum(value for value in values.values() if value > 0)
    classes = {}
    for key, value in values.items():
        more = sum(other for other in values.values() if other > max(value, 0))
        if value <= 0:
            classes[key] = "C"
        elif more < share_a * total:
            classes[key] = "A"
        else:
            classes[key] = "B" if more < (share_a + share_b) * total else "C"
    return classes


@tagged("post_install", "-at_install")
class TestAbcEngine(BaseCase):
    def test_a_small_shop(self):
        used = {"lantern": 800, "mug": 120, "flask": 50, "blanket": 30, "rope": 0}
        expected = {"lantern": "A", "mug": "B", "flask": "B", "blanket": "C", "rope": "C"}
        self.assertEqual(classify(used), expected)

    def test_nothing_used(self):
        self.assertEqual(classify({1: 0, 2: -3}), {1: "C", 2: "C"})
        self.assertEqual(classify({}), {})

    @given(values, shares)
    def test_as_plainly_counted(self, used, share):
        self.assertEqual(classify(used, *share), plainly(used, *share))

    @given(values)
    def test_shares(self, used):
        """A makes up 80 %, and would not without its smallest."""
        classes = classify(used)
        positive = {key: value for key, value in used.items() if value > 0}
        total, of_a = sum(positive.values()), [v for k, v in positive.items() if classes[k] == "A"]
        if total:
            self.assertGreaterEqual(sum(of_a), 0.8 * total)
            self.assertLess(sum(value for value in of_a if value > min(of_a)), 0.8 * total)

    @given(values)
    def test_more_used_is_no_worse_and_equal_is_equal(self, used):
        classes = classify(used)
        for key, value in used.items():
            for other, less in used.items():
                if value == less:
                    self.assertEqual(classes[key], classes[other])
                elif value > less:
                    self.assertLessEqual(classes[key], classes[other])

    @given(values, st.randoms())
    def test_the_order_does_not_matter(self, used, random):
        pairs = list(used.items())
        random.shuffle(pairs)
        self.assertEqual(classify(dict(pairs)), classify(used))

    @given(values, st.sampled_from([2, 4, 1024]))
    def test_the_currency_does_not_matter(self, used, factor):
        self.assertEqual(classify({key: value * factor for key, value in used.items()}), classify(used))
