import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.order_processing.engine.freight_bill import (
    DISPUTED,
    BillLine,
    Earlier,
    Parcel,
    Tolerance,
    Verdict,
    judge,
)

LAMPS, MUGS, THEIRS = 1, 2, 3


class TestOneBill(unittest.TestCase):
    """Lamps went in one parcel for 10.00, mugs in two with two numbers for 20.00; one went with others."""

    parcels = (
        Parcel(LAMPS, ("LP-1",), 1000, references=("WH/OUT/1",)),
        Parcel(MUGS, ("MG-1", "MG-2"), 2000, 2),
        Parcel(THEIRS, ("TH-1",), 500, is_ours=False),
    )

    def judge(self, *lines, earlier=(), tolerance=Tolerance(50, 0)):  # noqa: B008
        numbered = [BillLine(key, *line) for key, line in enumerate(lines, 1)]
        self.judged = judge(numbered, self.parcels, earlier, tolerance)
        return [self.judged[line.key].verdict.value for line in numbered]

    def test_as_expected(self):
        self.assertEqual(self.judge(("LP-1", "freight", 1000)), ["ok"])
        self.assertEqual(self.judge(("lp 1", "freight", 1050)), ["ok"])

    def test_too_much_and_too_little(self):
        self.assertEqual(self.judge(("LP-1", "freight", 1051)), ["overcharged"])
        self.assertEqual((self.judged[1].expected, self.judged[1].difference), (1000, 51))
        self.assertEqual(self.judge(("LP-1", "freight", 949)), ["undercharged"])

    def test_a_tolerance_in_per_cent(self):
        self.assertEqual(self.judge(("LP-1", "", 1100), tolerance=Tolerance(50, 10.0)), ["ok"])
        self.assertEqual(self.judge(("LP-1", "", 1101), tolerance=Tolerance(50, 10.0)), ["overcharged"])

    def test_surcharges_belong_to_their_parcel(self):
        self.assertEqual(self.judge(("LP-1", "fuel", 150), ("LP-1", "freight", 850)), ["part", "ok"])
        self.assertEqual(self.judged[1].lead, 2)
        self.assertEqual(
            self.judge(("LP-1", "freight", 1000), ("LP-1", "fuel", 150)), ["overcharged", "part"]
        )

    def test_parcels_with_several_numbers(self):
        self.assertEqual(self.judge(("MG-1", "freight", 1000), ("MG-2", "freight", 1000)), ["ok", "part"])

    def test_a_line_twice(self):
        lines = [("LP-1", "freight", 1000)] * 2
        self.assertEqual(self.judge(*lines), ["ok", "duplicate"])
        self.assertEqual(self.judged[2].difference, 1000)
        # Two tolls of the same name may be right where they cost different sums.
        self.assertEqual(self.judge(("LP-1", "toll", 400), ("LP-1", "toll", 600)), ["part", "ok"])

    def test_billed_before(self):
        earlier = [Earlier("LP-1", "Freight", 1000, LAMPS)]
        self.assertEqual(self.judge(("LP-1", "freight", 1010), earlier=earlier), ["duplicate"])
        # A surcharge that comes later is too much by itself: all that was expected is billed.
        self.assertEqual(self.judge(("LP-1", "fuel", 90), earlier=earlier), ["overcharged"])
        self.assertEqual(self.judged[1].difference, 90)
        half = [Earlier("LP-1", "freight", 850, LAMPS)]
        self.assertEqual(self.judge(("LP-1", "fuel", 150), earlier=half), ["ok"])
        duplicate = [*earlier, Earlier("LP-1", "freight", 1000, LAMPS, counts=False)]
        self.assertEqual(self.judge(("LP-1", "freight", 1000), earlier=duplicate), ["duplicate"])

    def test_one_number_for_two_parcels(self):
        self.parcels = (Parcel(MUGS, ("MG-1",), 2000, 2),)
        self.assertEqual(self.judge(*[("MG-1", "freight", 1000)] * 3), ["ok", "part", "duplicate"])

    def test_numbers_nobody_knows(self):
        lines = [("XX-1", "freight", 700), ("XX-1", "freight", 700), ("", "fee", 300), ("XX-2", "", -300)]
        self.assertEqual(self.judge(*lines), ["unknown", "duplicate", "unknown", "credit"])

    def test_another_carriers_parcel(self):
        self.assertEqual(self.judge(("TH-1", "freight", 500)), ["other_carrier"])

    def test_by_our_reference_and_without_zeros_before(self):
        self.assertEqual(self.judge(("", "freight", 1000, "WH/OUT/1")), ["ok"])
        self.parcels = (Parcel(LAMPS, ("00340434",), 1000),)
        self.assertEqual(self.judge(("340434", "freight", 1000)), ["ok"])

    def test_by_hand(self):
        self.assertEqual(self.judge(("XX-9", "freight", 1000, "", LAMPS)), ["ok"])

    def test_credits(self):
        self.assertEqual(self.judge(("LP-1", "freight", 1400), ("LP-1", "rebate", -400)), ["ok", "part"])
        self.assertEqual(self.judge(("LP-1", "rebate", -400)), ["credit"])

    def test_nothing_to_compare_with(self):
        self.parcels = (Parcel(LAMPS, ("LP-1",), None),)
        self.assertEqual(self.judge(("LP-1", "freight", 1000)), ["no_expectation"])


parcels = st.lists(
    st.builds(
        Parcel,
        st.integers(1, 9),
        st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=2, unique=True).map(tuple),
        st.none() | st.integers(0, 50),
        st.integers(1, 3),
        st.booleans(),
    ),
    max_size=5,
    unique_by=lambda parcel: parcel.key,
)
lines = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C", "D", "E", "F", "X", "Y", ""]),
        st.sampled_from(["freight", "fuel", ""]),
        st.integers(-30, 60),
    ),
    max_size=12,
)


class TestEveryBill(unittest.TestCase):
    """Whatever is on it."""

    @settings(max_examples=300)
    @given(lines, parcels, st.integers(0, 5))
    def test_each_line_has_one_verdict_and_nothing_counts_twice(self, some, ours, cents):
        billed = [BillLine(key, *line) for key, line in enumerate(some)]
        judged = judge(billed, ours, (), Tolerance(cents))
        self.assertEqual(judged.keys(), {line.key for line in billed})
        amounts = {line.key: line.amount for line in billed}
        leads = [one for one in judged.values() if one.expected is not None]
        self.assertEqual(len({one.parcel for one in leads}), len(leads))
        for key, one in judged.items():
            if one.verdict is Verdict.PART:
                self.assertEqual(judged[one.lead].parcel, one.parcel)
                self.assertIsNot(judged[one.lead].verdict, Verdict.PART)
            if one.expected is not None:
                total = amounts[key] + sum(amounts[k] for k, o in judged.items() if o.lead == key)
                self.assertEqual(one.difference, total - one.expected)
                self.assertEqual(one.verdict is Verdict.OVERCHARGED, one.difference > cents)

    @settings(max_examples=200)
    @given(lines, parcels)
    def test_the_same_bill_again_is_all_duplicates(self, some, ours):
        billed = [BillLine(key, *line) for key, line in enumerate(some)]
        first = judge(billed, ours)
        single = {parcel.key: parcel.parcels for parcel in ours}
        earlier = [
            Earlier(
                line.number,
                line.service,
                line.amount,
                first[line.key].parcel,
                first[line.key].verdict is not Verdict.DUPLICATE,
            )
            for line in billed
        ]
        again = judge(billed, ours, earlier)
        for line in billed:
            one = again[line.key]
            # (what was taken back may be billed again)
            credited = any(
                other.amount < 0 and (other.number, again[other.key].parcel) == (line.number, one.parcel)
                for other in billed
            )
            if credited:
                continue
            if line.amount > 0 and (line.number or one.parcel) and single.get(one.parcel, 1) == 1:
                self.assertIs(one.verdict, Verdict.DUPLICATE)

    @given(lines, parcels)
    def test_credits_are_never_disputed(self, some, ours):
        billed = [BillLine(key, *line) for key, line in enumerate(some)]
        for key, one in judge(billed, ours).items():
            if some[key][2] < 0 and one.verdict in DISPUTED:
                self.assertIs(one.verdict, Verdict.OTHER_CARRIER)
