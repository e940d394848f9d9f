import unittest
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.order_processing.engine.bill_cells import CREDIT_WORDS, CURRENCIES
from odoo.addons.order_processing.engine.bill_file import (
    Format,
    Unreadable,
    guess_meanings,
    read,
    read_amount,
    read_date,
    read_number,
)

HEADING = ("Waybill", "Service", "Net", "Fuel surcharge", "Currency")
MEANS = {
    "Waybill": "tracking",
    "Service": "service",
    "Net": "amount",
    "Fuel surcharge": "surcharge",
    "Currency": "currency",
}


class TestCells(unittest.TestCase):
    """As carriers write them, and as spreadsheets spoil them."""

    def test_amounts(self):
        for text, value in (
            ("12.50", "12.50"),
            ("12,50", "12.50"),
            ("1,234.50", "1234.50"),
            ("1.234,50", "1234.50"),
            ("1 234,50", "1234.50"),
            ("1\u00a0234,50 €", "1234.50"),
            ("1'234.50", "1234.50"),
            ("£12.50", "12.50"),
            ("-€5", "-5"),
            ("EUR 5.00", "5.00"),
            ("(12.00)", "-12.00"),
            ("12.00-", "-12.00"),
            ("12.00 CR", "-12.00"),
            ("−3.10", "-3.10"),
            ("1,234,567", "1234567"),
            ("0.125", "0.125"),
            (12.1, "12.1"),
            (7, "7"),
            (0.1 + 0.2, "0.3"),
        ):
            with self.subTest(text):
                self.assertEqual(read_amount(text), Decimal(value))

    def test_what_stands_around_the_figures(self):
        for text, value in (
            ("CR 12.00", "-12.00"),
            ("CR12.00", "-12.00"),
            ("Credit 5", "-5"),
            ("-12.00 CR", "-12.00"),
            ("12.00-CR", "-12.00"),
            ("(12.00) CR", "-12.00"),
            ("(€12.00)", "-12.00"),
            ("12.00 CR.", "-12.00"),
            ("EUR 12.00 CR", "-12.00"),
            ("Rs. 500", "500"),
            ("Fr. 45", "45"),
            ("kr. 120", "120"),
            ("120 kr.", "120"),
            ("US$ 1,234.50", "1234.50"),
            ("+5.00", "5.00"),
            ("$.50", "0.50"),
        ):
            with self.subTest(text):
                self.assertEqual(read_amount(text), Decimal(value))
        for text in (
            "12.00 H",
            "H 12.00",
            "12.00 DR",
            "12.00 kg",
            "-12.00-",
            "((12.00))",
            "(12.00",
            "1 of 2",
        ):
            with self.subTest(text), self.assertRaises(Unreadable) as refused:
                read_amount(text)
            self.assertEqual(refused.exception.code, "bad_amount")

    @given(
        st.decimals(0, 999999, places=2),
        st.sampled_from(["", "€", "EUR ", "Rs. ", "Fr.", "kr. ", "US$"]),
        st.sampled_from(["{}", "-{}", "{}-", "({})", "CR {}", "{} CR", "-{} CR", "{}-CR", "Credit {}"]),
    )
    def test_sign_and_size_never_change(self, value, currency, writing):
        negative = writing != "{}"
        expected = -value if negative else value
        self.assertEqual(read_amount(writing.format(f"{currency}{value:.2f}")), expected)

    @given(
        st.decimals(1, 999, places=2),
        st.text(st.characters(categories=("L",)), min_size=1, max_size=8),
        st.booleans(),
    )
    def test_words_nobody_knows_are_refused(self, value, word, before):
        text = f"{word} {value}" if before else f"{value} {word}"
        try:
            amount = read_amount(text)
        except Unreadable:
            return
        self.assertTrue(word.upper() in CURRENCIES or word.upper() in CREDIT_WORDS)
        self.assertEqual(abs(amount), value)

    def test_with_the_decimal_mark_given(self):
        self.assertEqual(read_amount("1,234", Format(".")), 1234)
        self.assertEqual(read_amount("1,234", Format(",")), Decimal("1.234"))
        self.assertEqual(read_amount("1.234,5", Format(",")), Decimal("1234.5"))

    def test_amounts_that_are_none(self):
        for text in ("abc", "1.2.3,4,5", "12,34,56.7", "--5", "", "1e5", True, date(2026, 1, 1), "9" * 40):
            with self.subTest(text), self.assertRaises(Unreadable) as refused:
                read_amount(text)
            self.assertEqual(refused.exception.code, "bad_amount")
        with self.assertRaises(Unreadable) as refused:
            read_amount("1,234")
        self.assertEqual(refused.exception.code, "ambiguous_amount")

    def test_tracking_numbers(self):
        for cell, text in (
            (340434161094, "340434161094"),
            (340434161094.0, "340434161094"),
            ("00340434161094015902", "00340434161094015902"),
            ('="00340434"', "00340434"),
            ("'00340434", "00340434"),
            ("1Z 999", "1Z 999"),
        ):
            with self.subTest(cell):
                self.assertEqual(read_number(cell), text)
        for cell in ("3.40434E+19", "3,40434e19", 340434161094015902, 3.4e19):
            with self.subTest(cell), self.assertRaises(Unreadable) as refused:
                read_number(cell)
            self.assertEqual(refused.exception.code, "digits_lost")

    def test_dates(self):
        form = Format(date_format="%d/%m/%Y")
        for cell in (datetime(2026, 11, 3, 9), date(2026, 11, 3), 46329, 46329.4, "03/11/2026"):
            with self.subTest(cell):
                self.assertEqual(read_date(cell, form), date(2026, 11, 3))
        for time in (" 13:05", "  9:05:17", "T13:05:00Z", " 01:05 PM", " 13:05:00.123+01:00"):
            with self.subTest(time):
                self.assertEqual(read_date(f"03/11/2026{time}", form), date(2026, 11, 3))
        for cell in ("2026-11-03", "31/02/2026", "03/11/2026 noon", -4, 1e9):
            with self.subTest(cell), self.assertRaises(Unreadable):
                read_date(cell, form)

    @given(st.text() | st.floats() | st.integers() | st.none() | st.booleans())
    def test_anything_is_an_amount_or_unreadable(self, cell):
        try:
            self.assertTrue(read_amount(cell).is_finite())
        except Unreadable as error:
            self.assertIn(error.code, ("bad_amount", "ambiguous_amount"))

    @given(st.decimals(-999999, 999999, places=2), st.sampled_from([".", ","]))
    def test_what_is_written_is_read(self, value, decimal):
        text = f"{value:,.2f}"
        if decimal == ",":
            text = text.translate({ord(","): ".", ord("."): ","})
        self.assertEqual(read_amount(text, Format(decimal)), value)
        self.assertEqual(read_amount(text), value)


class TestRows(unittest.TestCase):
    """Nothing is lost: a row is read, named with what is wrong, or the sum of those above it."""

    def rows_of(self, *rows, form=Format(currency="GBP")):  # noqa: B008
        return read(HEADING, list(enumerate(rows, 2)), MEANS, form)

    def test_a_row_with_a_surcharge(self):
        [row] = self.rows_of(("A-1", "Express", "10.00", "1.20", "EUR"))
        self.assertEqual(
            [tuple(each) for each in row.charges],
            [
                ("Express", Decimal("10.00")),
                ("Fuel surcharge", Decimal("1.20")),
            ],
        )
        self.assertEqual((row.currency, row.amount), ("EUR", Decimal("11.20")))

    def test_empty_rows_and_cells(self):
        rows = self.rows_of(("", None, " ", "", ""), ("A-1", "Express", 10.0, None))
        self.assertEqual([(row.number, row.currency, row.amount) for row in rows], [(3, "GBP", 10)])

    def test_what_is_wrong_is_named(self):
        rows = self.rows_of(
            ("A-1", "", "ten", "", ""), ("A-2", "", "1", "", "pounds"), (3.4e19, "", "1"), ("A-4",)
        )
        problems = [tuple(row.problems[0]) for row in rows]
        self.assertEqual(
            problems,
            [
                ("bad_amount", "Net", "ten"),
                ("bad_currency", "Currency", "pounds"),
                ("digits_lost", "Waybill", "3.4e+19"),
                ("no_amount", "Net", ""),
            ],
        )

    def test_the_row_that_adds_up(self):
        body = [("A-1", "", "10.00"), ("A-2", "", "5.50")]
        self.assertTrue(self.rows_of(*body, ("Total", "", "15.50"))[-1].is_total)
        self.assertFalse(self.rows_of(*body, ("Total", "", "16.50"))[-1].is_total)  # says another sum: kept
        self.assertFalse(self.rows_of(*body, ("A-3", "Total care", "15.50"))[-1].is_total)

    def test_subtotals_and_the_total(self):
        one, two = ("A-1", "", "4.00"), ("A-2", "", "6.00")
        three, four = ("A-3", "", "5.00"), ("A-4", "", "5.00")
        rows = self.rows_of(
            *(one, two, ("", "Subtotal 1", "10.00"), three, four, ("", "Subtotal 2", "10.00")),
            *(("A-5", "", "7.00"), ("", "Subtotal 3", "7.00"), ("", "Total", "27.00")),
        )
        self.assertEqual([row.number for row in rows if row.is_total], [4, 7, 9, 10])
        self.assertEqual(sum(row.amount for row in rows if not row.is_total), 27)

    def test_a_wrong_date_does_not_hide_the_amount(self):
        means = {**MEANS, "Day": "date"}
        rows = [("A-1", "", "4.00", "", "", "soon"), ("A-2", "", "6.00"), ("Total", "", "10.00")]
        result = read((*HEADING, "Day"), list(enumerate(rows, 2)), means, Format(currency="GBP"))
        self.assertEqual((result[0].amount, result[0].problems[0].code), (4, "bad_date"))
        self.assertTrue(result[2].is_total)

    @given(st.lists(st.lists(st.text(max_size=8) | st.floats() | st.integers() | st.none(), max_size=6)))
    def test_every_row_with_anything_is_there(self, rows):
        result = self.rows_of(*rows)
        for row in result:
            self.assertTrue(row.is_total or row.problems or row.charges)

    def test_columns_by_their_names(self):
        self.assertEqual(guess_meanings(HEADING), MEANS)
        german = guess_meanings(("Sendungsnummer", "Leistung", "Betrag", "Maut", "Gewicht"))
        self.assertEqual(list(german.values()), ["tracking", "service", "amount", "surcharge", "weight"])
