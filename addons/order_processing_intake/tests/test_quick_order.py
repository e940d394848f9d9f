from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..engine.quick_order import read_text
from .common import QuickCase


@tagged("post_install", "-at_install")
class TestQuickOrder(QuickCase):
    """What Carla puts in is understood, priced and dated; what is not understood stays, and says so."""

    def test_a_pasted_list(self):
        self.take("LANTERN\t3\nmug\t12\nEnamel Mug\t1\nLANTRN\t2\nCANDLE\t3\nMUG\tmany")
        self.assertEqual(
            self.lines(),
            [
                ("LANTERN", 3, ""),
                ("MUG", 13, ""),
                ("LANTRN", 2, "unknown"),
                ("CANDLE", 3, "below_minimum"),
                ("MUG", 0, "bad_quantity"),
            ],
        )

    def test_the_same_again_is_added(self):
        self.take("LANTERN 3\nMUG 1")
        self.take("BLANKET 1\nLANTERN 2")
        self.assertEqual(self.lines(), [("BLANKET", 1, ""), ("LANTERN", 5, ""), ("MUG", 1, "")])

    def test_no_quantity_means_the_least(self):
        self.take("LANTERN\nCANDLE")
        self.assertEqual(self.lines(), [("LANTERN", 1, ""), ("CANDLE", 12, "")])

    def test_a_barcode_and_a_number_with_a_number(self):
        self.mug.barcode = "4006381333931"
        self.lantern.default_code = "LANTERN 2"
        self.take("4006381333931 5\nLANTERN 2\n7\t4006381333931")
        self.assertEqual(self.lines(), [("MUG", 12, ""), ("LANTERN 2", 1, "")])

    def test_units(self):
        lines = self.take(
            "CANDLE;2;Box of 6;4.50\nCANDLE;1;box of 6\nMUG;4;pcs\nMUG;1;pallet\nLANTERN;1;Made of metal"
        )
        self.assertEqual(lines.mapped("uom_id"), self.box | self.mug.uom_id)
        self.assertIn(("LANTERN", 1, ""), self.lines())
        self.assertIn(("MUG", 1, "bad_unit"), self.lines())
        boxes = self.quick.line_ids.filtered(lambda line: line.uom_id == self.box)
        self.assertEqual((sum(boxes.mapped("quantity")), boxes[0]._verdict()), (3, None))
        boxes[0]._set_quantity(1)
        self.assertEqual(boxes[0]._verdict(), ("below_minimum", 2))

    def test_what_is_proposed(self):
        line = self.take("LANTREN 2")
        found = self.quick._suggestions(line)[line]
        self.assertEqual(found[0], self.lantern)
        self.assertEqual(line._set_product(self.lantern), line)
        self.assertEqual(self.lines(), [("LANTERN", 2, "")])
        again = self.take("LANTREN 3")
        self.assertEqual(again._set_product(self.lantern), line)
        self.assertEqual(self.lines(), [("LANTERN", 5, "")])

    def test_what_is_not_for_sale_is_not_found(self):
        self.lantern.sale_ok = False
        self.mug.is_quick_ordered = False
        self.blanket.active = False
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.product("THEIRS", 1.0, company_id=elsewhere.id)
        self.take("LANTERN 1\nMUG 1\nBLANKET 1\nTHEIRS 12")
        self.assertEqual({fault for _code, _quantity, fault in self.lines()}, {"unknown"})
        self.assertFalse(self.quick._search_products("LANT") | self.quick._search_products("enamel"))

    def test_a_product_that_is_gone_meanwhile(self):
        self.take("LANTERN 1")
        self.lantern.sale_ok = False
        self.assertEqual(self.lines(), [("LANTERN", 1, "not_sold")])

    def test_two_of_one_number(self):
        self.product("MUG", 9.0, name="Other Mug")
        self.take("MUG 2")
        self.assertEqual(self.lines(), [("MUG", 2, "several")])
        self.assertEqual(len(self.quick._suggestions(self.quick.line_ids)[self.quick.line_ids]), 2)

    def test_prices_are_those_of_the_order(self):
        tax = self.env["account.tax"].create(
            {"name": "20 % in", "amount": 20, "price_include_override": "tax_included"}
        )
        self.mug.taxes_id = tax
        self.pricelist.item_ids = [
            Command.create({"compute_price": "percentage", "percent_price": 10, "min_quantity": 10}),
            Command.create(
                {
                    "applied_on": "0_product_variant",
                    "product_id": self.lantern.id,
                    "compute_price": "fixed",
                    "fixed_price": 15,
                    "min_quantity": 5,
                }
            ),
        ]
        self.take("LANTERN\t4\nMUG\t12\nBLANKET\t1\nCANDLE\t2\tBox of 6")
        shown = {line.product_id: line.subtotal for line in self.quick.line_ids}
        order = self.quick._place()
        self.assertEqual({line.product_id: line.price_subtotal for line in order.order_line}, shown)
        self.assertEqual(shown[self.lantern], 74.0)
        self.assertAlmostEqual(shown[self.mug], 71.1, 2)

    def test_price_breaks_follow_the_quantity(self):
        self.pricelist.item_ids = [
            Command.create(
                {"compute_price": "fixed", "fixed_price": 10, "min_quantity": 10, "applied_on": "3_global"}
            )
        ]
        line = self.take("LANTERN 9")
        self.assertEqual(line.subtotal, 166.5)
        line._set_quantity(10)
        line._price()
        self.assertEqual((line.price, line.subtotal), (10, 100))

    def test_when_it_can_be_there(self):
        lines = self.take("LANTERN 3\nBLANKET 1")
        possible = self.quick._possible(lines)
        words = {line.product_id: possible[line]["stock"] for line in lines}
        self.assertEqual(words, {self.lantern: "In stock", self.blanket: "Date on request"})
        self.assertTrue(possible[lines[0]]["date"])

    def test_without_promises_it_is_there_or_not(self):
        self.company.promise_mode = "off"
        lines = self.take("LANTERN 121\nMUG 400\nWRAP 1")
        possible = self.quick._possible(lines)
        self.assertEqual(
            [possible.get(line, {}).get("stock") for line in lines], ["Date on request", "In stock", None]
        )

    def test_too_many_lines(self):
        self.env["order.quick.line"].create(
            [{"quick_id": self.quick.id, "code": f"X{n}", "fault": "unknown"} for n in range(1999)]
        )
        self.quick.invalidate_recordset()
        self.take("LANTERN 1")
        with self.assertRaisesRegex(UserError, "up to 2000 lines"):
            self.take("MUG 1")
        self.take("LANTERN 1")  # more of what is there already

    def test_lists(self):
        self.take("LANTERN\t3\nCANDLE\t2\tBox of 6\nNOBODY\t1")
        lists = self.env["order.quick.list"]
        kept = lists._keep(self.carla, " Every  Monday ", self.quick.line_ids)
        self.assertEqual((kept.name, len(kept.line_ids)), ("Every Monday", 2))
        self.quick.line_ids.unlink()
        self.lantern.sale_ok = False
        wanted = [(one.product_id, one.quantity, one.uom_id) for one in kept.line_ids]
        lines, gone = self.quick._take_products(wanted)
        self.assertEqual((lines.product_id, lines.uom_id, gone), (self.candle, self.box, self.lantern))
        again = lists._keep(self.carla, "Every Monday", lines)
        self.assertEqual((again, len(again.line_ids)), (kept, 1))
        with self.assertRaisesRegex(UserError, "give the list a name"):
            lists._keep(self.carla, " ", lines)

    def test_one_at_a_time(self):
        self.assertEqual(self.env["order.quick"]._begin(self.carla), self.quick)
        self.assertEqual(self.env["order.quick"]._of(self.carla), self.quick)

    def test_what_is_read_is_what_was_typed(self):
        for text in ("<b>x</b> 1", "100% wool 2", "a_b 1", "\\ 1", "'; DROP TABLE x 1"):
            with self.subTest(text):
                line = self.take(text)
                self.assertEqual(line.fault, "unknown")
                self.assertEqual(line.code, read_text(text)[0].code)
                self.quick._page_rows(line)
