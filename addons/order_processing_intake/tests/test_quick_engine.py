from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.likeness import closest
from ..engine.quantities import MOST, UnreadableQuantity, check_quantity, read_quantity
from ..engine.quick_order import read_rows, read_text

amounts = st.decimals(min_value=0, max_value=1000, places=2)
codes = st.from_regex(r"[A-Z]{2,4}-[0-9]{1,4}", fullmatch=True)


@tagged("post_install", "-at_install")
class TestQuickOrderEngine(BaseCase):
    """What is typed, pasted or uploaded becomes lines, and nothing is lost."""

    def found(self, text):
        return [
            (one.code, one.quantity and str(one.quantity), one.unit, one.fault) for one in read_text(text)
        ]

    def test_as_people_write(self):
        for text, code, quantity, unit in (
            ("LAMP 3", "LAMP", "3", ""),
            ("LAMP\t3", "LAMP", "3", ""),
            ("LAMP;3", "LAMP", "3", ""),
            ("LAMP,3", "LAMP", "3", ""),
            ("LAMP: 3 pcs", "LAMP", "3", "pcs"),
            ("3 x LAMP", "LAMP", "3", ""),
            ("3x LAMP", "LAMP", "3", ""),
            ("LAMP x 3", "LAMP", "3", ""),
            ("LAMP × 2,5 kg", "LAMP", "2.5", "kg"),
            ("Metal Lantern 12", "Metal Lantern", "12", ""),
            ("LAMP", "LAMP", None, ""),
            ("4711\t12", "4711", "12", ""),
            ("LAMP\t1 200", "LAMP", "1200", ""),
            ('"LAMP, red"\t4', "LAMP, red", "4", ""),
        ):
            with self.subTest(text):
                self.assertEqual(self.found(text), [(code, quantity, unit, "")])

    def test_out_of_a_spreadsheet(self):
        table = (
            "Order of today\n\nItem No.\tDescription\tQty\tUnit\nA-1\tLamp 60 W\t3\tbox\nA-2\tMug\t\t"
            "\n\tTotal\t3\t"
        )
        self.assertEqual(self.found(table), [("A-1", "3", "box", ""), ("A-2", 0, "", "")])
        self.assertEqual(self.found("产品编号\t名称\t数量\nA1\t灯\t3"), [("A1", "3", "", "")])
        self.assertEqual(self.found('sku,name,quantity\nA-1,"Lamp, red",3'), [("A-1", "3", "", "")])

    def test_cells_of_a_workbook(self):
        rows = [
            (1, ["SKU", "Qty"]),
            (2, [4711.0, 3.0]),
            (3, ["A-1", 2.5]),
            (4, [None, None]),
            (5, ["A-2", "x"]),
        ]
        found = [(one.number, one.code, one.quantity, one.fault) for one in read_rows(rows)]
        expected = [
            (2, "4711", Decimal(3), ""),
            (3, "A-1", Decimal("2.5"), ""),
            (5, "A-2", None, "bad_quantity"),
        ]
        self.assertEqual(found, expected)

    def test_what_can_be_meant_two_ways_is_asked(self):
        self.assertEqual(self.found("LAMP\t1,200"), [("LAMP", None, "", "ambiguous_quantity")])
        self.assertEqual(read_text("LAMP\t1,200")[0].given, "1,200")
        self.assertEqual(self.found("LAMP\tmany"), [("LAMP", None, "", "bad_quantity")])

    def test_a_line_is_read_in_several_ways(self):
        self.assertIn(("4711", Decimal(3), ""), read_text("3\t4711")[0].readings())
        self.assertIn(("MUG 2", None, ""), read_text("MUG 2")[0].readings())
        self.assertIn(("MUG", Decimal(2), ""), read_text("MUG blue enamel 2")[0].readings())

    # ---------------------------------------------------------------- what was not meant
    def test_decimals_behind_a_code(self):
        for text, quantity, fault in (
            ("LAMP 2,5", "2.5", ""),
            ("LAMP, 2,5 kg", "2.5", ""),
            ("LAMP 1,200", None, "ambiguous_quantity"),
            ("LAMP, 1,200", None, "ambiguous_quantity"),
            ("LAMP,2,5\nMUG,1,5", None, "ambiguous_quantity"),
            ("LAMP,2,4.50\nMUG,1,5.00", "2", ""),
        ):
            with self.subTest(text):
                one = read_text(text)[0]
                self.assertEqual(
                    (one.code, one.quantity and str(one.quantity), one.fault), ("LAMP", quantity, fault)
                )

    def test_a_quantity_that_is_not_understood_is_not_one(self):
        for text in ("LAMP -3", "LAMP (3)", "LAMP 1e5", "LAMP 3/4", "LAMP qty=3", "LAMP 3pcs white 60"):
            with self.subTest(text):
                self.assertNotIn("LAMP", [reading.code for reading in read_text(text)[0].readings()])
        for text in ("LAMP E27 white", "LAMP white T-2"):
            self.assertIn(("LAMP", None, ""), read_text(text)[0].readings(), text)

    def test_how_many_then_what(self):
        self.assertIn(("LAMP", Decimal(3), ""), read_text("3 LAMP")[0].readings())
        self.assertIn(("LAMP", Decimal(3), "pcs"), read_text("3 pcs LAMP")[0].readings())
        self.assertIn(("0471", Decimal(3), ""), read_text("3\t0471")[0].readings())
        self.assertIn(("LAMP", Decimal(3), ""), read_text("3\tLAMP")[0].readings())
        for text in ("4711 Enamel Mug", "4711\tEnamel Mug"):
            readings = read_text(text)[0].readings()
            self.assertIn("4711", [reading.code for reading in readings])
            self.assertNotIn(("Enamel Mug", Decimal(4711), ""), readings)
        # Twenty of a long number; not a hundred thousand of number 20.
        self.assertNotIn("20", [reading.code for reading in read_text("100045\t20")[0].readings()])

    def test_a_line_is_no_heading(self):
        self.assertEqual(self.found("PART-7 3 pcs")[0][:2], ("PART-7", "3"))
        found = self.found("REF-5\t3\tpcs\nLAMP\t3")
        self.assertEqual(found, [("REF-5", "3", "pcs", ""), ("LAMP", "3", "", "")])
        self.assertEqual(self.found("sku\tname\tqty\n\tTotal Station\t3"), [("Total Station", "3", "", "")])

    def test_the_right_column(self):
        for table, code, quantity in (
            ("Item\tPart number\tQty\n1\tA-1\t5", "A-1", "5"),
            ("Product name\tSKU\tQty\nLamp\tA-1\t5", "A-1", "5"),
            ("SKU\tQty in stock\tMin. qty\tOrder qty\nA-1\t50\t10\t5", "A-1", "5"),
            ("SKU\tQty\nA-1\t5 pcs", "A-1", "5"),
        ):
            with self.subTest(table):
                self.assertEqual(self.found(table)[0][:2], (code, quantity))

    def test_headings_in_other_languages(self):
        for heading in (
            "Art.-Nr.\tMenge",
            "Bestellnummer\tStk.",
            "Réf.\tQté",
            "Código\tCantidad",
            "Código\tQuantidade",
            "Codice\tQuantità",
            "Artikelnummer\tAantal",
            "品番\t数量",
        ):
            with self.subTest(heading):
                self.assertEqual(self.found(f"{heading}\nA-1\t3"), [("A-1", "3", "", "")])

    def test_an_empty_quantity_in_a_table_is_asked(self):
        """An order form lists what there is; what has no quantity in it was not ordered."""
        for row in ("A-2\tMug\t", "A-2\tMug\t0"):
            found = read_text(f"sku\tname\tqty\nA-1\tLamp\t3\n{row}")
            self.assertEqual([one.quantity for one in found], [3, 0], row)

    def test_long_lines_are_not_taken_apart(self):
        line = "LAMP " + "1," * 50_000 + "!"
        (one,) = read_text(line)
        self.assertEqual((one.text, one.quantity), (line, None))

    def test_quantities(self):
        for text, value in (
            ("3", "3"),
            ("2,5", "2.5"),
            ("1'200", "1200"),
            ("1.200,5", "1200.5"),
            ("1,200,000", "1200000"),
        ):
            if Decimal(value) <= MOST:
                self.assertEqual(read_quantity(text), Decimal(value), text)
        for text in ("", "-1", "1e5", "nan", "inf", "1.2.3", "٣", "1,2,3", "1000001", True):
            with self.subTest(text), self.assertRaises(UnreadableQuantity):
                read_quantity(text)

    def test_the_next_quantity_that_is_right(self):
        for quantity, minimum, multiple, step, expected in (
            (5, 12, 6, 1, ("below_minimum", 12)),
            (13, 12, 6, 1, ("not_multiple", 18)),
            (12, 12, 6, 1, None),
            (10, 10, 4, 1, ("not_multiple", 12)),
            (0, 0, 0, 1, ("none", 1)),
            ("2.5", 0, 0, 1, ("too_fine", 3)),
            ("2.5", 0, "2.5", 1, None),
        ):
            with self.subTest(quantity=quantity, minimum=minimum):
                verdict = check_quantity(*(Decimal(one) for one in (quantity, minimum, multiple, step)))
                self.assertEqual(verdict and (verdict.code, verdict.suggestion), expected)

    def test_what_is_like_it(self):
        known = {1: ["LANTERN", "Metal Lantern"], 2: ["MUG", "Enamel Mug"], 3: ["LANTERN-XL"]}
        self.assertEqual(closest("LANTREN", known)[0], 1)
        self.assertEqual(closest("enamel", known), [2])
        self.assertEqual(closest("zzzz", known), [])

    # ---------------------------------------------------------------- whatever is pasted
    @given(st.text(max_size=200))
    def test_any_text_ends_in_lines(self, text):
        numbers = [one.number for one in read_text(text)]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertLessEqual(len(numbers), len(text.splitlines()))

    @given(
        st.lists(st.tuples(codes, st.integers(1, 99999)), min_size=1, max_size=20), st.sampled_from("\t;, ")
    )
    def test_nothing_is_lost(self, lines, mark):
        text = "\n".join(f"{code}{mark}{quantity}" for code, quantity in lines)
        found = [(one.code, one.quantity) for one in read_text(text)]
        self.assertEqual(found, [(code, Decimal(quantity)) for code, quantity in lines])

    @given(amounts, amounts, st.integers(0, 24), st.sampled_from(["0", "1", "0.01"]))
    def test_what_is_proposed_is_right(self, quantity, minimum, multiple, step):
        multiple, step = Decimal(multiple), Decimal(step)
        verdict = check_quantity(quantity, minimum, multiple, step)
        if verdict and verdict.suggestion is not None:
            self.assertGreaterEqual(verdict.suggestion, quantity)
            self.assertIsNone(check_quantity(verdict.suggestion, minimum, multiple, step))
