"""The table of stages, alone: no Odoo, every row, and what holds for any facts at all."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.stage import (
    PARCEL_ENDED,
    PARCEL_NOT_MOVING,
    RULES,
    OrderFacts,
    Progress,
    Stage,
    derive_fulfilment,
    derive_reservation,
    derive_stage,
)

REVIEW_STATES = ("not_required", "pending", "approved", "refused", "changes_requested")
MOVING = (
    "in_transit",
    "out_for_delivery",
    "available_for_pickup",
    "attempt_failed",
    "exception",
    "returning",
    "expired",
)
SUBMITTED = OrderFacts(state="sent", submitted=True)
CONFIRMED = OrderFacts(state="sale", submitted=True, has_goods=True, open_moves=1)
ALL_OUT = replace(CONFIRMED, open_moves=0, done_moves=1)
SERVICES = OrderFacts(state="sale", submitted=True, services_done=True)

# What an order must look like for each row of the table, from top to bottom.
LIKENESS = (
    (Stage.REFUSED, replace(SUBMITTED, review="refused", state="cancel")),
    (Stage.CANCELLED, replace(ALL_OUT, state="cancel")),
    (Stage.IN_REVIEW, replace(SUBMITTED, review="pending")),
    (Stage.RECEIVED, replace(SUBMITTED, review="approved")),
    (Stage.QUOTATION, OrderFacts(state="sent")),
    (Stage.COMPLETED, replace(SERVICES, invoiced=True)),
    (Stage.DELIVERED, replace(SERVICES, invoiced=False)),
    (Stage.COMPLETED, replace(ALL_OUT, invoiced=True, parcel_states=("delivered",))),
    (Stage.DELIVERED, replace(ALL_OUT, invoiced=True, parcel_states=("delivered",), open_returns=1)),
    (Stage.IN_REVIEW, replace(CONFIRMED, review="changes_requested", reserved_moves=1)),
    (Stage.IN_TRANSIT, replace(ALL_OUT, parcel_states=("delivered", "exception"))),
    (Stage.SHIPPED, replace(ALL_OUT, parcel_states=("delivered", "picked_up"))),
    (Stage.IN_PRODUCTION, replace(CONFIRMED, in_production=True, short_moves=1)),
    (Stage.WAITING_STOCK, replace(CONFIRMED, open_moves=2, short_moves=1, reserved_moves=1)),
    (Stage.READY, replace(CONFIRMED, open_moves=2, reserved_moves=1)),
    (Stage.APPROVED, CONFIRMED),
)

counts = st.integers(0, 3)
facts = st.builds(
    OrderFacts,
    state=st.sampled_from(("draft", "sent", "sale", "cancel")),
    submitted=st.booleans(),
    review=st.sampled_from(REVIEW_STATES),
    has_goods=st.booleans(),
    open_moves=counts,
    short_moves=counts,
    reserved_moves=counts,
    partly_reserved_moves=counts,
    done_moves=counts,
    open_returns=counts,
    in_production=st.booleans(),
    parcel_states=st.lists(
        st.sampled_from(sorted(PARCEL_ENDED | PARCEL_NOT_MOVING) + list(MOVING)), max_size=3
    ).map(tuple),
    services_done=st.booleans(),
    invoiced=st.booleans(),
    open_cases=counts,
)


@tagged("post_install", "-at_install")
class TestStageTable(BaseCase):
    def test_each_row_has_an_order_like_it(self):
        """The first row that holds for each of the orders above is the one of its place, and no other."""
        for position, (stage, likeness) in enumerate(LIKENESS):
            first = next(i for i, row in enumerate(RULES) if row.holds(likeness))
            self.assertEqual((first, RULES[first].stage), (position, stage), likeness)
        self.assertEqual(len(LIKENESS), len(RULES))

    def test_the_customers_change_after_refusal_counts_only_once_confirmed(self):
        """A refused quotation is refused; a refused change of a confirmed order holds what is still here."""
        self.assertEqual(derive_stage(replace(SUBMITTED, review="refused")), Stage.REFUSED)
        self.assertEqual(derive_stage(replace(CONFIRMED, review="refused")), Stage.IN_REVIEW)

    def test_goods_without_a_parcel_count_as_handed_over(self):
        self.assertEqual(derive_stage(replace(ALL_OUT, invoiced=False)), Stage.DELIVERED)

    def test_an_open_case_keeps_an_order_from_completion(self):
        self.assertEqual(derive_stage(replace(ALL_OUT, invoiced=True, open_cases=1)), Stage.DELIVERED)
        self.assertEqual(derive_stage(replace(ALL_OUT, invoiced=True)), Stage.COMPLETED)

    def test_production_matters_only_until_everything_is_reserved(self):
        made = replace(CONFIRMED, in_production=True, reserved_moves=1)
        self.assertEqual(derive_stage(made), Stage.READY)

    def test_every_parcel_state_is_moving_ended_or_waiting(self):
        for state in MOVING:
            self.assertEqual(derive_stage(replace(ALL_OUT, parcel_states=(state,))), Stage.IN_TRANSIT)
        for state in PARCEL_NOT_MOVING:
            self.assertEqual(derive_stage(replace(ALL_OUT, parcel_states=(state,))), Stage.SHIPPED)
        for state in PARCEL_ENDED:
            self.assertEqual(derive_stage(replace(ALL_OUT, parcel_states=(state,))), Stage.DELIVERED)


@tagged("post_install", "-at_install")
class TestStageOfAnything(BaseCase):
    """What holds whatever the documents say, in any combination."""

    @given(facts)
    def test_there_is_always_one_stage(self, given_facts):
        self.assertIsInstance(derive_stage(given_facts), Stage)

    @given(facts)
    def test_before_confirmation_nothing_moves(self, given_facts):
        early = {Stage.QUOTATION, Stage.RECEIVED, Stage.REFUSED, Stage.CANCELLED}
        stage = derive_stage(given_facts)
        if given_facts.state == "sale":
            self.assertNotIn(stage, early)
        else:
            self.assertIn(stage, early | {Stage.IN_REVIEW})

    @given(facts)
    def test_an_order_never_handed_in_is_a_quotation_or_cancelled(self, given_facts):
        given_facts = replace(given_facts, submitted=False)
        if given_facts.state != "sale":
            expected = Stage.CANCELLED if given_facts.state == "cancel" else Stage.QUOTATION
            self.assertEqual(derive_stage(given_facts), expected)

    @given(facts)
    def test_what_has_left_is_not_called_back_by_a_review(self, given_facts):
        given_facts = replace(given_facts, state="sale", has_goods=True, open_moves=0, done_moves=1)
        gone = {Stage.SHIPPED, Stage.IN_TRANSIT, Stage.DELIVERED, Stage.COMPLETED}
        self.assertIn(derive_stage(given_facts), gone)

    @given(facts)
    def test_completed_means_that_nobody_owes_anything(self, given_facts):
        if derive_stage(given_facts) is Stage.COMPLETED:
            self.assertTrue(given_facts.invoiced)
            self.assertEqual((given_facts.open_returns, given_facts.open_cases), (0, 0))
            self.assertTrue(given_facts.nothing_to_ship or given_facts.open_moves == 0)

    @given(facts)
    def test_a_return_only_keeps_an_order_from_completion(self, given_facts):
        returned = derive_stage(replace(given_facts, open_returns=1))
        without = derive_stage(replace(given_facts, open_returns=0))
        self.assertEqual(returned, Stage.DELIVERED if without is Stage.COMPLETED else without)

    @given(counts, counts, counts, counts)
    def test_fulfilment_and_reservation_say_how_much(self, done, reserved, partly, waiting):
        """Made of moves in one state each, as orders are."""
        moves = OrderFacts(
            done_moves=done,
            reserved_moves=reserved,
            partly_reserved_moves=partly,
            open_moves=reserved + partly + waiting,
        )
        out = Progress.NONE if not done else Progress.PARTIAL if moves.open_moves else Progress.FULL
        self.assertEqual(derive_fulfilment(moves), out)
        if not reserved + partly:
            self.assertEqual(derive_reservation(moves), Progress.NONE)
        else:
            full = not partly and not waiting
            self.assertEqual(derive_reservation(moves), Progress.FULL if full else Progress.PARTIAL)
