from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from ..engine.backtest import (
    FIRST_STEP,
    LARGEST_STEP,
    SMALLEST_STEP,
    Outcome,
    Tally,
    amounts_of,
    is_same,
    next_step,
    rule_from_json,
    rule_to_json,
    tally,
)
from ..engine.clearance import LineTerms, OrderTerms
from ..engine.review_facts import Rule
from ..engine.twins import Placed, find_twins

WELL = Outcome(False, False, False, False)


@tagged("post_install", "-at_install")
class TestBacktestEngine(BaseCase):
    """The sums of a trial, and when an order is still what it was."""

    # ---------------------------------------------------------------- sums
    def test_what_became_of_the_orders_found_and_of_all(self):
        ends = {
            1: Outcome(True, True, False, False),
            2: WELL,
            3: Outcome(False, False, True, True),
            4: Outcome(False, False, False, True),
            5: WELL,
        }
        self.assertEqual(
            tally(ends, {1, 2, 3}, ends),
            Tally(judged=5, found=3, cancelled=1, refunded=1, returned=1, changed=1, wrong=2, all_wrong=3),
        )
        self.assertEqual(tally((), (), {}), Tally())

    def test_an_order_went_wrong_in_any_of_four_ways(self):
        self.assertFalse(WELL.went_wrong)
        for name in Outcome._fields:
            self.assertTrue(WELL._replace(**{name: True}).went_wrong)

    def test_steps_are_as_long_as_the_last_one_allows(self):
        self.assertEqual(next_step(100, 2.0), 35)
        self.assertEqual(next_step(100, 0.5), 140)
        self.assertEqual(next_step(100, 60), SMALLEST_STEP)
        self.assertEqual(next_step(100, 0.0001), LARGEST_STEP)
        self.assertEqual(next_step(0, 1.0), FIRST_STEP)

    # ---------------------------------------------------------------- still the same?
    def terms(self, lines=None, **values):
        lines = lines or {"7": LineTerms(1, 2.0, 1, 10.0, 20.0, 4.0)}
        given = {"customer": 5, "address": 5, "currency": 1, "invoice": 5, "payment": 0, "incoterm": 0}
        return OrderTerms(**{**given, "lines": lines, **values})

    def test_the_same_order(self):
        self.assertTrue(is_same(self.terms(), self.terms()))
        self.assertTrue(is_same(OrderTerms.from_json(self.terms().to_json()), self.terms()))
        # Not recorded by an older version, a service of no quantity, rounding: no difference.
        self.assertTrue(is_same(self.terms(invoice=None, payment=None), self.terms(payment=3)))
        more = {**self.terms().lines, "8": LineTerms(2, 0.0, 1, 5.0)}
        self.assertTrue(is_same(self.terms(), self.terms(more)))
        self.assertTrue(is_same(self.terms(), self.terms({"7": LineTerms(1, 2.0, 1, 10.0000001)})))

    def test_another_order(self):
        for name in ("customer", "address", "currency", "invoice", "payment", "incoterm"):
            with self.subTest(name):
                self.assertFalse(is_same(self.terms(), self.terms(**{name: 9})))
        for line in (
            LineTerms(2, 2.0, 1, 10.0),
            LineTerms(1, 1.0, 1, 10.0),
            LineTerms(1, 2.0, 3, 10.0),
            LineTerms(1, 2.0, 1, 9.0),
        ):
            with self.subTest(line):
                self.assertFalse(is_same(self.terms(), self.terms({"7": line})))
        self.assertFalse(is_same(self.terms(), self.terms({"8": LineTerms(1, 2.0, 1, 10.0)})))

    def test_a_line_without_product_is_compared_as_well(self):
        text = {"7": LineTerms(False, 1.0, False, -10.0)}
        self.assertTrue(is_same(self.terms(text), self.terms({"7": LineTerms(0, 1.0, 0, -10.0)})))

    def test_amounts_as_handed_in(self):
        self.assertEqual(amounts_of(self.terms()), (20.0, 4.0))
        self.assertEqual(amounts_of(self.terms(total=25.0)), (20.0, 5.0))
        self.assertEqual(amounts_of(self.terms({"7": LineTerms(1, 2.0, 1, 3.0)})), (6.0, 0.0))

    # ---------------------------------------------------------------- the rule it was run with
    def test_a_rule_is_kept_as_it_was_run(self):
        rule = Rule(
            3,
            "statistic",
            "velocity",
            "hold",
            threshold=4.0,
            channel_ids=frozenset({2, 1}),
            failed_at=datetime(2026, 1, 1),
            date_from=date(2027, 1, 1),
        )
        kept = rule_to_json(rule)
        self.assertEqual((kept["channel_ids"], kept["date_from"]), ([1, 2], "2027-01-01"))
        again = rule_from_json(kept)
        self.assertEqual(again.channel_ids, rule.channel_ids)
        self.assertEqual((again.threshold, again.check, again.kind), (4.0, "velocity", "statistic"))
        # A rule that is to begin next year, or has failed, is tried all the same.
        self.assertTrue(again.is_active_on(date(2020, 1, 1)))
        self.assertIsNone(again.failed_at)

    # ---------------------------------------------------------------- twins
    def test_what_had_ended_is_not_repeated(self):
        first = Placed(1, 9, datetime(2026, 1, 1, 10), False, None, "mug×1", datetime(2026, 1, 1, 11))
        during = Placed(2, 9, datetime(2026, 1, 1, 10, 30), False, None, "mug×1")
        after = Placed(3, 9, datetime(2026, 1, 1, 12), False, None, "mug×1")
        self.assertEqual(find_twins([2], [first, during], 1)[2].id, 1)
        self.assertFalse(find_twins([3], [first, after], 1))
