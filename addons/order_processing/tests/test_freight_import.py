import base64
import io
from datetime import datetime
from pathlib import Path

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_freight import FreightCase

DATA = Path(__file__).parent / "data"
HEADING = ("Tracking no.", "Service", "Net amount", "Fuel surcharge", "Currency", "Date")


@tagged("post_install", "-at_install")
class TestImportABill(FreightCase):
    """A file of the post: tried first, row by row, then imported; nothing in it is lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = (cls.sent(f"RP-{number}") for number in (1, 2, 3))

    def try_it(self, wizard, by=None):
        self.rpc(by or self.anna, wizard, "action_preview")
        return [(line.row_number, line.tracking_number, line.verdict) for line in wizard.line_ids]

    def import_it(self, wizard, by=None):
        action = self.rpc(by or self.anna, wizard, "action_import")
        return self.env["order.freight.bill"].browse(action["res_id"])

    # ---------------------------------------------------------------- what is planted is found
    def planted(self):
        """Send the parcels of tests/data/carrier_bill.csv; return ``{row: verdict}`` of what is wrong."""
        for number in range(101, 161):
            self.sent(f"RP 0000 {number} GB")
        self.sent("CC 0000 900 GB", carrier=self.courier)
        return {
            12: "overcharged",
            25: "overcharged",
            38: "overcharged",
            31: "duplicate",
            44: "duplicate",
            50: "unknown",
            57: "unknown",
            61: "other_carrier",
        }

    def assertFoundExactly(self, bill, planted):
        found = {line.row_number: line.verdict for line in bill.line_ids if line.dispute_state}
        self.assertEqual(found, planted)
        self.assertTrue(bill.is_total_right)
        shares = bill.line_ids.shipment_id.share_ids
        self.assertAlmostEqual(sum(shares.mapped("billed")) + bill.unassigned, bill.amount, 9)

    def test_exactly_what_was_planted_in_the_file(self):
        planted = self.planted()
        content = (DATA / "carrier_bill.csv").read_bytes()
        wizard = self.importing(content, declared={"GBP": 253.85})
        tried = {
            row: verdict for row, _number, verdict in self.try_it(wizard) if verdict in set(planted.values())
        }
        self.assertEqual(tried, planted)
        self.assertEqual((wizard.dispute_count, wizard.unreadable_count), (8, 0))
        self.assertFoundExactly(self.import_it(wizard), planted)

    def test_exactly_what_was_planted_in_a_spreadsheet(self):
        planted = self.planted()
        book = openpyxl.Workbook()
        text = (DATA / "carrier_bill.csv").read_text(encoding="utf-8-sig")
        for number, row in enumerate(text.splitlines()):
            cells = row.split(";")
            if number:
                cells[2:4] = [float(cell.replace(",", ".")) if cell else None for cell in cells[2:4]]
                cells[5] = datetime.strptime(cells[5], "%d.%m.%Y") if cells[5] else None
            book.active.append(cells)
        out = io.BytesIO()
        book.save(out)
        wizard = self.importing(out.getvalue(), declared={"GBP": 253.85}, file_name="bill.xlsx")
        self.assertFoundExactly(self.import_it(wizard), planted)

    # ---------------------------------------------------------------- trying
    def test_trying_keeps_nothing(self):
        content = self.csv_file(HEADING, ("RP-1", "freight", "4.00"), ("RP-9", "freight", "5.00"))
        wizard = self.importing(content, declared={"GBP": 9.0})
        self.assertEqual(self.try_it(wizard), [(2, "RP-1", "ok"), (3, "RP-9", "unknown")])
        self.assertEqual((wizard.total_ids.lines_total, wizard.total_ids.difference), (9.0, 0.0))
        self.assertIn("2 rows make 2 lines; 1 to dispute", wizard.summary)
        self.assertFalse(self.env["order.freight.bill"].search([]))
        self.assertFalse(self.first.is_billed)

    def test_columns_are_guessed_and_remembered(self):
        content = self.csv_file(("Num", "What", "Betrag"), ("RP-1", "freight", "4,00"), delimiter=";")
        wizard = self.importing(content, declared={"GBP": 4.0})
        self.assertEqual(wizard.column_ids.mapped("meaning"), [False, False, "amount"])
        with self.assertRaisesRegex(UserError, "tracking number"):
            self.try_it(wizard)
        wizard.column_ids[0].meaning = "tracking"
        wizard.decimal = "comma"
        self.import_it(wizard)
        content = self.csv_file(("Num", "What", "Betrag"), ("RP-2", "freight", "4,00"), delimiter=";")
        again = self.importing(content, name="F-2", declared={"GBP": 4.0})
        self.assertEqual(again.column_ids.mapped("meaning"), ["tracking", False, "amount"])
        self.assertEqual(again.decimal, "comma")
        self.assertEqual(self.try_it(again), [(2, "RP-2", "ok")])

    def test_rows_that_cannot_be_read_are_kept(self):
        content = self.csv_file(
            HEADING,
            ("RP-1", "freight", "4.00"),
            ("RP-2", "freight", "four"),
            ("3.40434E+19", "freight", "4.00"),
            ("RP-3", "freight", "4.00", "", "XYZ"),
            ("RP-3", "freight", "4.0010"),
            ("Total", "", "4.00"),
        )
        wizard = self.importing(content, declared={"GBP": 4.0})
        verdicts = [verdict for *_row, verdict in self.try_it(wizard)]
        self.assertEqual(verdicts, ["ok", *["unreadable"] * 4, "unknown"])
        self.assertIn("“four” in column Net amount is not an amount", wizard.line_ids[1].problem)
        self.assertIn("Format the column as text", wizard.line_ids[2].problem)
        self.assertIn("currency XYZ in column Currency", wizard.line_ids[3].problem)
        self.assertIn("“4.0010” in column Net amount has more decimals", wizard.line_ids[4].problem)
        bill = self.import_it(wizard)
        self.assertEqual((bill.state, bill.unreadable_count, bill.line_count), ("draft", 4, 6))
        broken = bill.line_ids.filtered(lambda line: line.row_number == 3)
        self.assertEqual(broken.cells_text, "RP-2 | freight | four")
        self.rpc(self.anna, broken, "write", {"amount": 4.0})
        self.assertEqual((broken.verdict, bill.unreadable_count), (False, 3))
        self.rpc(self.anna, bill, "action_check")
        self.assertEqual((broken.verdict, bill.state), ("ok", "checked"))
        with self.assertRaisesRegex(UserError, "cannot be read yet"):
            self.rpc(self.anna, bill, "action_settle")

    def test_the_row_that_adds_up_is_left_out(self):
        content = self.csv_file(HEADING, ("RP-1", "", "4.00"), ("RP-2", "", "4.10"), ("Total", "", "8.10"))
        wizard = self.importing(content, declared={"GBP": 8.1})
        self.assertEqual([verdict for *_row, verdict in self.try_it(wizard)], ["ok", "ok", "total"])
        self.assertEqual(self.import_it(wizard).amount, 8.1)

    def test_several_currencies_in_a_file(self):
        for code in ("EUR", "USD", "JPY"):
            self.env.ref(f"base.{code}").active = True
        content = self.csv_file(
            HEADING,
            ("RP-1", "freight", "4.00", "", "GBP"),
            ("RP-2", "freight", "4.70", "0.31", "EUR"),
            ("RP-3", "freight", "5.15", "", "USD"),
            ("RP-3", "toll", "12", "", "JPY"),
        )
        wizard = self.importing(content, declared={"GBP": 4.0, "EUR": 5.01})
        self.try_it(wizard)
        totals = {total.currency_id.name: (total.declared, total.lines_total) for total in wizard.total_ids}
        self.assertEqual(
            totals, {"GBP": (4.0, 4.0), "EUR": (5.01, 5.01), "USD": (0.0, 5.15), "JPY": (0.0, 12.0)}
        )
        bill = self.import_it(wizard)
        self.assertFalse(bill.is_total_right)
        self.assertEqual(len(bill.total_ids), 4)
        for total in bill.total_ids:
            own = bill.line_ids.filtered(lambda line, total=total: line.currency_id == total.currency_id)
            converted = total.currency_id._convert(total.lines_total, self.currency, self.company, bill.date)
            self.assertAlmostEqual(sum(own.mapped("company_amount")), converted, 9)

    # ---------------------------------------------------------------- twice
    def test_the_same_file_is_not_imported_twice(self):
        content = self.csv_file(HEADING, ("RP-1", "freight", "4.00"))
        self.import_it(self.importing(content))
        with self.assertRaisesRegex(UserError, "This very file was imported as bill F-1 of Post"):
            self.try_it(self.importing(content, name="F-2"))
        other = self.csv_file(HEADING, ("RP-2", "freight", "4.00"))
        with self.assertRaisesRegex(UserError, "F-1 of this carrier is here already"):
            self.import_it(self.importing(other))
        self.assertEqual(len(self.env["order.freight.bill"].search([])), 1)

    # ---------------------------------------------------------------- files as they come
    def test_how_files_are_written(self):
        rows = (("Sendungsnummer", "Leistung für", "Betrag"), ("RP-1", "Größe", "4,00"))
        for number, (encoding, delimiter) in enumerate(
            (("utf-8", ";"), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t"), ("utf-8", "|"))
        ):
            text = self.csv_file(*rows, delimiter=delimiter).decode()
            wizard = self.importing(text.encode(encoding), name=f"E-{number}", declared={"GBP": 4.0})
            with self.subTest(encoding):
                self.assertEqual(wizard.column_ids.mapped("name"), list(rows[0]))
                self.assertEqual(self.try_it(wizard), [(2, "RP-1", "ok")])
                self.assertEqual(wizard.line_ids.service, "Größe")

    def test_headings_further_down(self):
        content = self.csv_file(("Royal Post Ltd",), (), HEADING, ("RP-1", "freight", "4.00"))
        wizard = self.importing(content, declared={"GBP": 4.0})
        self.assertEqual(self.try_it(wizard), [(4, "RP-1", "ok")])

    def test_files_that_are_none(self):
        for content, words in (
            (b"\xd0\xcf\x11\xe0old", "old Excel"),
            (b"PK\x03\x04broken", "no table"),
            (b"\x00\x01\x02", "no table"),
            (b"", "No row looks like headings"),
            (b"1;2;3\n4;5;6\n", "No row looks like headings"),
        ):
            wizard = self.importing(self.csv_file(HEADING, ("RP-1", "", "4.00")))
            wizard.file_data = base64.b64encode(content or b" ")
            with self.subTest(content=content):
                self.assertIn(words, wizard.file_problem)
                with self.assertRaisesRegex(UserError, words):
                    self.try_it(wizard)

    # ---------------------------------------------------------------- who may
    def test_who_may(self):
        content = self.csv_file(HEADING, ("RP-1", "", "4.00"))
        for user in (self.paul, self.sally, self.wes, self.mona, self.carla):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.importing(content, by=user)
