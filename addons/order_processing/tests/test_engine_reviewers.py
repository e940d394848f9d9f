"""Who decides and which way an order goes, alone: no Odoo."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.review_route import HeldOrder, Stage, place_of, route
from ..engine.reviewers import Candidates, Load, pick, present

MONDAY = datetime(2026, 11, 23, 9)
people = st.integers(1, 6)
crowds = st.frozensets(people, max_size=6)
absences = st.dictionaries(people, st.none() | people, max_size=4)
loads = st.dictionaries(people, st.integers(0, 9)).map(lambda open_: Load(open=dict(open_)))
candidates = st.builds(Candidates, crowds, st.lists(people, max_size=3).map(tuple), crowds)


@tagged("post_install", "-at_install")
class TestPick(BaseCase):
    """The qualified reviewer with the least open work."""

    @given(candidates, absences, loads)
    def test_nobody_barred_or_absent_is_ever_asked(self, who, away, load):
        chosen = pick(who, away, load).user_id
        self.assertNotIn(chosen, who.barred)
        self.assertNotIn(chosen, away)

    @given(candidates, absences, loads)
    def test_somebody_is_asked_whenever_somebody_may(self, who, away, load):
        chosen = pick(who, away, load)
        if (who.pool - who.barred) - away.keys():
            self.assertIn(chosen.code, ("least_loaded", "only_one", "stands_in"))

    @given(candidates, absences, st.dictionaries(people, st.integers(0, 9)))
    def test_the_same_question_has_the_same_answer(self, who, away, open_):
        first = pick(who, away, Load(open=dict(open_)))
        again = pick(who, dict(reversed(away.items())), Load(open=dict(reversed(open_.items()))))
        self.assertEqual(first, again)

    @given(st.frozensets(people, min_size=1), st.integers(1, 40))
    def test_shared_out_nobody_gets_two_more_than_another(self, pool, orders):
        load = Load()
        got = [pick(Candidates(pool), {}, load).user_id for _order in range(orders)]
        counts = [got.count(user) for user in pool]
        self.assertLessEqual(max(counts) - min(counts), 1)

    @given(st.frozensets(people, min_size=2), loads)
    def test_the_least_loaded_is_asked(self, pool, load):
        least = min(load.open.get(user, 0) for user in pool)
        chosen = pick(Candidates(pool), {}, load)
        self.assertEqual(load.open[chosen.user_id], least + 1)
        self.assertEqual(chosen.figures, {"open": least, "people": len(pool)})

    def test_of_equals_it_is_whose_turn_it_is(self):
        load = Load(last={1: MONDAY, 2: MONDAY - timedelta(hours=1)})
        pool = Candidates(frozenset({1, 2, 3}))
        self.assertEqual([pick(pool, {}, load).user_id for _time in range(6)], [3, 2, 1, 3, 2, 1])

    def test_a_stand_in_is_asked_for_the_absent(self):
        chosen = pick(Candidates(frozenset({1})), {1: 5}, Load())
        self.assertEqual((chosen.user_id, chosen.code, chosen.figures), (5, "stands_in", {"absent": 1}))

    def test_who_is_there_anyway_stands_in_for_nobody(self):
        chosen = pick(Candidates(frozenset({1, 2})), {1: 2}, Load())
        self.assertEqual((chosen.user_id, chosen.code), (2, "only_one"))

    def test_when_nobody_may_it_goes_to_the_nearest_manager_who_may(self):
        for pool, barred, away, code in (
            (frozenset(), frozenset(), {}, "manager_empty"),
            (frozenset({1}), frozenset({1}), {}, "manager_barred"),
            (frozenset({1}), frozenset(), {1: None}, "manager_absent"),
        ):
            with self.subTest(code):
                chosen = pick(Candidates(pool, (8, 9), barred | {8}), away, Load())
                self.assertEqual((chosen.user_id, chosen.code), (9, code))
                nobody = pick(Candidates(pool, (8,), barred | {8}), away, Load())
                self.assertEqual((nobody.user_id, nobody.code), (None, code.replace("manager", "nobody")))

    def test_a_circle_of_stand_ins_is_nobody(self):
        self.assertIsNone(present(1, {1: 2, 2: 3, 3: 1}))
        self.assertEqual(present(1, {1: 2, 2: 3}), 3)
        self.assertEqual(present(4, {1: 2}), 4)


stages = st.lists(
    st.builds(
        Stage,
        st.integers(1, 5),
        st.sampled_from([0.0, 100.0, 1000.0]),
        st.booleans(),
        st.booleans(),
        st.frozensets(st.integers(1, 3), max_size=2),
    ),
    max_size=5,
    unique_by=lambda stage: stage.id,
)
orders = st.builds(
    HeldOrder,
    st.frozensets(st.none() | st.integers(1, 6), min_size=1, max_size=3),
    st.floats(0, 2000),
    st.booleans(),
    st.none() | st.integers(1, 3),
)


@tagged("post_install", "-at_install")
class TestRoute(BaseCase):
    """Which stages a held order goes through."""

    @given(stages, orders)
    def test_every_order_goes_somewhere_and_in_order(self, known, order):
        visited = [visit.stage_id for visit in route(known, order)]
        self.assertTrue(visited)
        places = [stage.id for stage in known]
        if visited != [None]:
            self.assertEqual(visited, sorted(visited, key=places.index))
            self.assertEqual(len(visited), len(set(visited)))
        else:
            self.assertFalse([stage for stage in known if stage.is_open_to(order.team_id)])

    @given(stages, orders)
    def test_no_order_comes_to_a_stage_of_other_teams(self, known, order):
        by_id = {stage.id: stage for stage in known}
        for visit in route(known, order):
            self.assertTrue(visit.stage_id is None or by_id[visit.stage_id].is_open_to(order.team_id))

    @given(stages, orders)
    def test_every_finding_is_decided_somewhere(self, known, order):
        visited = [visit.stage_id for visit in route(known, order)]
        for stage in order.finding_stages:
            self.assertIn(place_of(stage, visited), visited)

    def test_each_condition_brings_it_here(self):
        order = HeldOrder(frozenset({7}), 500.0, True, 2)
        for stage, code in (
            (Stage(7), "findings"),
            (Stage(1, amount_from=500.0), "amount"),
            (Stage(1, is_for_new_customers=True), "new_customer"),
            (Stage(1, is_for_all=True), "all"),
            (Stage(1, is_for_all=True, team_ids=frozenset({2})), "team"),
        ):
            (visit,) = route([stage], order)
            self.assertEqual([code], [reason for reason, _figures in visit.reasons])
            self.assertEqual(visit.is_by_condition, code != "findings")

    def test_none_of_the_conditions_and_it_comes_for_its_findings_only(self):
        order = HeldOrder(frozenset({None}), 499.0, False, 1)
        desk, others = Stage(9), [Stage(1, 500.0), Stage(2, 0, True), Stage(3, team_ids=frozenset({2}))]
        (visit,) = route([desk, *others], order)
        self.assertEqual((visit.stage_id, visit.is_by_condition), (9, False))
