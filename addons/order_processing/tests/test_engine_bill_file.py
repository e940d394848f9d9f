import unittest
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

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
        for cell in ("2026-11-03", "31/02/2026", -4, 1e9):
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

    @given(st.lists(st.lists(st.text(max_size=8) | st.floats() | st.integers() | st.none(), max_size=6)))
    def test_every_row_with_anything_is_there(self, rows):
        result = self.rows_of(*rows)
        for row in result:
            self.assertTrue(row.is_total or row.problems or row.charges)

    def test_columns_by_their_names(self):
        self.assertEqual(guess_meanings(HEADING), MEANS)
        german = guess_meanings(("Sendungsnummer", "Leistung", "Betrag", "Maut", "Gewicht"))
        self.assertEqual(list(german.values()), ["tracking", "service", "amount", "surcharge", "weight"])
