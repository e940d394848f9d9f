from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.priority import PARTS, Facts, Weights, score, shares

hours = st.floats(-2000, 2000, allow_nan=False)
facts = st.builds(
    Facts,
    urgent=st.booleans(),
    starred=st.booleans(),
    slack=st.none() | hours,
    tier=st.floats(-20, 150),
    age=hours,
    slips=st.integers(0, 9),
    slip_days=st.floats(-10, 60),
    missed=st.integers(0, 9),
    value=st.floats(-1e4, 1e7),
)
weight = st.integers(0, 100)
weights = st.builds(
    Weights,
    **dict.fromkeys(PARTS, weight),
    slack_days=st.floats(0, 30),
    age_days=st.floats(0, 30),
    reference=st.floats(0, 1e5),
).filter(lambda some: some.total > 0)
# What makes an order more important, each by itself.
MORE = {
    "urgent": lambda one, step: replace(one, urgent=True),
    "starred": lambda one, step: replace(one, starred=True),
    "slack": lambda one, step: replace(one, slack=one.slack - step),
    "tier": lambda one, step: replace(one, tier=one.tier + step),
    "age": lambda one, step: replace(one, age=one.age + step),
    "slips": lambda one, step: replace(one, slips=one.slips + 1),
    "slip_days": lambda one, step: replace(one, slip_days=one.slip_days + step),
    "missed": lambda one, step: replace(one, missed=one.missed + 1),
    "value": lambda one, step: replace(one, value=one.value + step),
}


@tagged("post_install", "-at_install")
class TestPriorityEngine(BaseCase):
    def test_an_order_added_up_by_hand(self):
        """Half of its time left, 60 points, half of ten days old, a slip of a week, one missed, worth 500."""
        one = Facts(slack=60, tier=60, age=120, slips=1, slip_days=7, missed=1, value=500)
        found = score(one)
        expected = {"urgency": 0, "slack": 10, "tier": 6, "age": 4, "waiting": 6, "value": 2}
        self.assertEqual({name: round(part.points, 9) for name, part in found.parts.items()}, expected)
        self.assertEqual(found.value, 28.0)

    def test_with_no_promise_it_is_half_way(self):
        self.assertEqual(score(Facts()).parts["slack"].points, 10)
        self.assertEqual(score(Facts(slack=-1)).parts["slack"].points, 20)
        self.assertEqual(score(Facts(slack=24 * 5)).parts["slack"].points, 0)

    @given(facts, weights)
    def test_bounds(self, one, some):
        found = score(one, some)
        self.assertTrue(0 <= found.value <= 100)
        self.assertTrue(all(0 <= share <= 1 for share in shares(one, some).values()))
        self.assertAlmostEqual(sum(part.most for part in found.parts.values()), 100)
        self.assertAlmostEqual(sum(part.points for part in found.parts.values()), found.value, delta=0.051)

    @given(facts, weights, st.sampled_from(sorted(MORE)), st.floats(0, 500))
    def test_more_important_is_never_later(self, one, some, what, step):
        assume(what != "slack" or one.slack is not None)
        more = MORE[what](one, step)
        self.assertGreaterEqual(score(more, some).value, score(one, some).value)

    @given(facts, weights, st.sampled_from(sorted(MORE)), st.floats(0, 500))
    def test_weight_0_takes_a_part_out(self, one, some, what, step):
        assume(what != "slack" or one.slack is not None)
        part = {"urgent": "urgency", "starred": "urgency", "slips": "waiting", "slip_days": "waiting"}
        name = part.get(what, "waiting" if what == "missed" else what)
        without = replace(some, **{name: 0})
        assume(without.total > 0)
        self.assertEqual(score(MORE[what](one, step), without).value, score(one, without).value)

    @given(facts, weights, st.sampled_from([2, 4, 0.5]))
    def test_only_the_proportions_of_the_weights_count(self, one, some, factor):
        scaled = replace(some, **{name: getattr(some, name) * factor for name in PARTS})
        self.assertEqual(score(one, scaled), score(one, some))

    @given(st.lists(facts, max_size=8), weights, st.randoms())
    def test_the_order_of_the_input_does_not_matter(self, many, some, random):
        alone = {one: score(one, some).value for one in many}
        random.shuffle(many)
        self.assertEqual({one: score(one, some).value for one in many}, alone)

    @given(facts, facts)
    def test_urgent_comes_before_every_order_that_is_not(self, urgent, normal):
        """With the default weights; an otherwise equal one it is before by half of all points."""
        urgent = replace(urgent, urgent=True)
        normal = replace(normal, urgent=False, starred=False)
        self.assertGreaterEqual(score(urgent).value, score(normal).value)
        equal = score(replace(urgent, urgent=False, starred=False)).value
        self.assertAlmostEqual(score(urgent).value - equal, 50, delta=0.11)

    @given(facts, weights, st.sampled_from([2, 4, 1024]))
    def test_the_currency_does_not_matter(self, one, some, factor):
        other = replace(one, value=one.value * factor)
        self.assertAlmostEqual(
            shares(other, replace(some, reference=some.reference * factor))["value"],
            shares(one, some)["value"],
        )
