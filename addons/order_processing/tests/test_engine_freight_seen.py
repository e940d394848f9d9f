import time
import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.order_processing.engine.freight import convert
from odoo.addons.order_processing.engine.freight_bill import BillLine, Earlier, Parcel, judge

LAMPS = 1


class TestTakenBack(unittest.TestCase):
    """Lamps went in one parcel for 10.00; the carrier bills, takes back, and bills again."""

    parcels = (Parcel(LAMPS, ("LP-1",), 1000),)

    def judge(self, *lines, earlier=()):
        numbered = [BillLine(key, "LP-1", *line) for key, line in enumerate(lines, 1)]
        before = [Earlier("LP-1", *line[:2], LAMPS, *line[2:]) for line in earlier]
        self.judged = judge(numbered, self.parcels, before)
        return [self.judged[line.key].verdict.value for line in numbered]

    def test_billed_wrong_taken_back_and_billed_right(self):
        self.assertEqual(
            self.judge(("freight", 1000), earlier=[("freight", 1400), ("freight", -1400)]), ["ok"]
        )
        self.assertEqual(self.judged[1].expected, 1000)
        # ... whatever the credit is called, and in one credit for freight and fuel
        self.assertEqual(
            self.judge(("freight", 1000), earlier=[("freight", 1400), ("credit", -1400)]), ["ok"]
        )
        earlier = [("freight", 1300), ("fuel", 100), ("credit", -1400)]
        self.assertEqual(self.judge(("freight", 900), ("fuel", 100), earlier=earlier), ["ok", "part"])

    def test_a_rebate_takes_nothing_off(self):
        earlier = [("freight", 1400), ("freight", -400)]
        self.assertEqual(self.judge(("freight", 1000), earlier=earlier), ["duplicate"])

    def test_taken_back_and_billed_right_on_one_bill(self):
        self.assertEqual(
            self.judge(("freight", 1400), ("freight", -1400), ("freight", 1000)), ["ok", "part", "part"]
        )
        self.assertEqual(self.judge(("freight", 1000), ("freight", -1000), ("freight", 1000))[0], "ok")
        lines = [("freight", 1000), ("freight", -1400)]
        self.assertEqual(self.judge(*lines, earlier=[("freight", 1400)]), ["ok", "credit"])

    def test_taken_back_once_it_may_be_billed_once(self):
        earlier = [("freight", 1000), ("freight", -1000), ("freight", 1000)]
        self.assertEqual(self.judge(("freight", 1000), earlier=earlier), ["duplicate"])

    def test_a_credit_for_what_was_billed_twice_leaves_the_first(self):
        earlier = [("freight", 1000), ("freight", 1000, False), ("freight", -1000)]
        self.assertEqual(self.judge(("freight", 1000), earlier=earlier), ["duplicate"])
        # The parcel is paid for: a surcharge is too much, all of it.
        self.assertEqual(self.judge(("fuel", 90), earlier=earlier), ["overcharged"])
        self.assertEqual((self.judged[1].expected, self.judged[1].difference), (0, 90))
        # In part as well, and where the credit is on the same bill as the surcharge.
        partly = [("freight", 1000), ("freight", 1000, False), ("freight", -600)]
        self.assertEqual(self.judge(("fuel", 90), earlier=partly), ["overcharged"])
        lines = [("freight", -1000), ("fuel", 90)]
        self.assertEqual(self.judge(*lines, earlier=earlier[:2]), ["credit", "overcharged"])
        self.assertEqual(self.judged[2].difference, 90)

    def test_nothing_is_no_dispute(self):
        numbered = [BillLine(1, "XX", "info", 0), BillLine(2, "XX", "freight", 1)]
        judged = judge(numbered, self.parcels)
        self.assertEqual([judged[key].verdict.value for key in (1, 2)], ["unknown", "unknown"])
        self.assertEqual([judged[key].is_disputed for key in (1, 2)], [False, True])

    # ---------------------------------------------------------------- in other currencies
    def in_euros(self, cents):
        own = convert(cents, 0.8865, 0.01, 0.01)
        return [
            BillLine(key, "LP-1", "freight", one, currency="EUR", billed=other)
            for key, (one, other) in enumerate(zip(own, cents, strict=True), 1)
        ]

    def test_twice_in_euros(self):
        lines = self.in_euros([1001, 1001])
        self.assertEqual([line.amount for line in lines], [888, 887])  # together what 20.02 are worth
        judged = judge(lines, [Parcel(LAMPS, ("LP-1",), None)])
        self.assertEqual([judged[key].verdict.value for key in (1, 2)], ["no_expectation", "duplicate"])

    @given(st.integers(1, 10**6), st.integers(2, 6))
    def test_the_same_in_euros_is_always_seen(self, cents, times):
        judged = judge(self.in_euros([cents] * times), [Parcel(LAMPS, ("LP-1",), None)])
        duplicates = [one for one in judged.values() if one.verdict.value == "duplicate"]
        self.assertEqual(len(duplicates), times - 1)

    def test_taken_back_in_euros(self):
        earlier = [
            Earlier("LP-1", "freight", 888, LAMPS, True, "EUR", 1001),
            Earlier("LP-1", "freight", -887, LAMPS, True, "EUR", -1001),
        ]
        judged = judge([BillLine(1, "LP-1", "freight", 888, "", None, "EUR", 1001)], self.parcels, earlier)
        self.assertNotEqual(judged[1].verdict.value, "duplicate")

    # ---------------------------------------------------------------- whatever comes
    @settings(max_examples=200)
    @given(st.lists(st.tuples(st.sampled_from(["freight", "fuel"]), st.integers(1, 50)), max_size=6))
    def test_all_taken_back_all_may_be_billed_again(self, charges):
        first = [BillLine(key, "LP-1", *charge) for key, charge in enumerate(charges)]
        verdicts = judge(first, self.parcels)
        counted = [(s, a, verdicts[k].verdict.value != "duplicate") for k, (s, a) in enumerate(charges)]
        back = [(service, -amount) for service, amount in charges]
        earlier = [Earlier("LP-1", s, a, LAMPS, counts) for s, a, counts in counted]
        earlier += [Earlier("LP-1", s, a, LAMPS) for s, a in back]
        again = judge(first, self.parcels, earlier)
        self.assertEqual(again, verdicts)

    def test_fifty_thousand_lines(self):
        count = 50_000
        parcels = [Parcel(key, (f"T{key}",), 1000, 2) for key in range(1, count + 1)]
        earlier = [Earlier(f"T{key}", "express", 1000, key) for key in range(1, count + 1)]
        lines = [BillLine(key, f"T{key}", "express", 1000) for key in range(1, count + 1)]
        began = time.process_time()
        judged = judge(lines, parcels, earlier)
        self.assertEqual(len(judged), count)
        self.assertLess(time.process_time() - began, 15)
        began = time.process_time()
        one = [BillLine(key, "T1", f"service {key}", key) for key in range(count)]
        judge(one, parcels[:1], [Earlier("T1", f"service {key}", key, 1) for key in range(count)])
        self.assertLess(time.process_time() - began, 15)
