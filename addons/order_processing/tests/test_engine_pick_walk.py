from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.pick_walk import Row, Stop, Take, natural_key, walk

takes = st.lists(
    st.builds(
        Take,
        place=st.sampled_from(["A-1", "A-2", "A-10", "B", "Ä 3", ""]),
        thing=st.integers(0, 4),
        label=st.just("x"),
        quantity=st.integers(1, 9).map(float),
        box=st.integers(1, 5),
    )
)


@tagged("-at_install", "post_install")
class TestPickWalk(BaseCase):
    """One walk: nothing is taken twice, nothing forgotten."""

    def test_an_example(self):
        found = walk(
            [
                Take("A-10", "mug", "mug", 2, 2),
                Take("A-2", "mug", "mug", 3, 1),
                Take("A-10", "mug", "mug", 1, 1),
                Take("A-10", "bell", "bell", 4, 1),
                Take("A-10", "mug", "mug", 5, 2),
            ]
        )
        mugs, bells = Row("mug", 8, ((1, 1), (2, 7))), Row("bell", 4, ((1, 4),))
        self.assertEqual(found, [Stop("A-2", (Row("mug", 3, ((1, 3),)),)), Stop("A-10", (bells, mugs))])

    def test_shelves_are_in_the_order_people_read_them(self):
        names = ["A-10", "A-2", "a-3", "B", "A", "10", "9"]
        self.assertEqual(sorted(names, key=natural_key), ["9", "10", "A", "A-2", "a-3", "A-10", "B"])

    @given(takes)
    def test_nothing_is_lost_or_doubled(self, some):
        stops = walk(some)
        places = [stop.place for stop in stops]
        self.assertEqual(len(places), len(set(places)))
        self.assertEqual(places, sorted(places, key=lambda place: (natural_key(place), place)))
        taken = {}
        for stop in stops:
            things = [row.thing for row in stop.rows]
            self.assertEqual(len(things), len(set(things)))
            for row in stop.rows:
                self.assertEqual(row.quantity, sum(quantity for _box, quantity in row.split))
                taken.update({(stop.place, row.thing, box): quantity for box, quantity in row.split})
        asked = {}
        for take in some:
            key = take.place, take.thing, take.box
            asked[key] = asked.get(key, 0) + take.quantity
        self.assertEqual(taken, asked)
