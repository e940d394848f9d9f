"""What is released, alone: no Odoo."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.drift import Figures, Line, kinds_of, to_release

lines = st.lists(
    st.builds(Line, st.integers(1, 9), st.integers(1, 20), st.sampled_from("abc")),
    max_size=6,
    unique_by=lambda line: line.line_id,
)


@tagged("post_install", "-at_install")
class TestToRelease(BaseCase):
    @given(lines, st.integers(-5, 60))
    def test_no_more_and_no_less_than_needed(self, held, excess):
        released = to_release(held, excess)
        expected = min(max(excess, 0), sum(line.quantity for line in held))
        self.assertEqual(sum(quantity for _line, quantity in released), expected)

    @given(lines, st.integers(0, 60))
    def test_nobody_gives_back_before_a_lower_rank_has_given_all(self, held, excess):
        released = dict(to_release(held, excess))
        by_rank = sorted(held, key=lambda line: (line.rank, line.line_id))
        for higher, lower in zip(by_rank, by_rank[1:], strict=False):
            if released.get(higher.line_id):
                self.assertEqual(released.get(lower.line_id), lower.quantity)

    def test_less_than_nothing_on_hand_is_wrong_only_where_something_is_reserved(self):
        self.assertEqual(kinds_of(Figures(on_hand=-3, records=1)), [])
        over = Figures(on_hand=-3, reserved=2, by_lines=2, automatic=2, records=1)
        self.assertEqual(kinds_of(over), ["over"])
