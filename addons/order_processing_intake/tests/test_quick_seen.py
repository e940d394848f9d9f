import io
import re
import zipfile

import openpyxl

from odoo.tests import tagged

from .test_quick_portal import QuickHttpCase


@tagged("post_install", "-at_install")
class TestQuickOrderSeen(QuickHttpCase):
    """What is ordered is what was seen: whatever changed meanwhile, in another tab or in the price list."""

    def seen(self, page=None):
        return re.search(r'name="seen" value="([^"]*)"', (page or self.page()).text)[1]

    def test_a_price_that_has_changed(self):
        self.take("LANTERN 3")
        seen = self.seen()
        self.lantern.list_price = 99
        answer = self.send("place", quick=str(self.quick.id), seen=seen)
        self.assertIn("has changed", self.fault(answer))
        self.assertIn("297.00", answer.text)
        self.assertFalse(self.quick.order_id)
        self.send("place", quick=str(self.quick.id), seen=self.seen(answer))
        self.assertEqual(self.quick.order_id.amount_untaxed, 297)

    def test_a_line_of_another_tab(self):
        line = self.take("LANTERN 3")
        seen = self.seen()
        self.take("MUG 4")
        answer = self.send("place", quick=str(self.quick.id), seen=seen)
        self.assertIn("has changed", self.fault(answer))
        seen = self.seen(answer)
        # Nor a quantity whose price he has not seen.
        answer = self.send("place", quick=str(self.quick.id), seen=seen, **{f"quantity_{line.id}": "9"})
        self.assertIn("has changed", self.fault(answer))
        self.assertEqual(line.quantity, 9)
        self.assertFalse(self.quick.order_id)

    def test_a_tab_that_was_left_open(self):
        first = self.take("LANTERN 3")
        second = self.take("MUG 3")
        second.unlink()
        answer = self.send("update", piece="1", **{f"quantity_{second.id}": "4"}).json()
        self.assertEqual((answer["gone"], answer["rows"]), ([second.id], []))
        self.assertIn("not there any more", answer["fault"])
        order = self.quick._place()
        self.send("add", code="BLANKET 1")
        # What was begun since is not ordered by the button of the old page.
        answer = self.send("place", quick=str(self.quick.id), seen="x")
        self.assertIn(order.name, answer.text)
        self.assertTrue(self.env["order.quick"]._find_of(self.carla).line_ids)
        answer = self.send("update", piece="1", **{f"quantity_{first.id}": "4"}).json()
        self.assertEqual(answer["gone"], [first.id])

    def test_what_is_paid_first_is_not_ordered_yet(self):
        self.company.portal_confirmation_pay = True
        self.take("LANTERN 3")
        answer = self.send("place", quick=str(self.quick.id), seen=self.seen())
        self.assertTrue(self.quick.order_id)
        self.assertNotIn("We have your order", answer.text)
        self.assertIn("here: then it is ordered", answer.text)

    def test_three_decimals(self):
        self.env.ref("uom.decimal_product_uom").digits = 3
        self.mug.order_multiple = 1.125
        self.send("add", code="MUG", quantity="1")
        line = self.quick.line_ids
        right = re.search(r'name="right"[^>]*value="([^"]*)"', self.page().text)[1]
        self.send("update", right=right)
        self.assertEqual((line.quantity, line._verdict()), (1.125, None))
        self.send("update", **{f"quantity_{line.id}": "1.125"})
        self.assertEqual(self.lines(), [("MUG", 1.125, "")])

    def test_as_many_in_the_unit_it_is_sold_by(self):
        line = self.take("MUG;3;pallet")
        right = re.search(r'name="right"[^>]*value="([^"]*)"', self.page().text)[1]
        self.send("update", right=right)
        self.assertEqual(self.lines(), [("MUG", 3, "")])
        self.assertEqual(line.uom_id, self.mug.uom_id)

    def test_what_was_typed_is_not_lost(self):
        self.env["order.quick.line"].create(
            [{"quick_id": self.quick.id, "code": f"X{n}", "fault": "unknown"} for n in range(2000)]
        )
        answer = self.send("add", code="MY LONG LIST 1\nMUG 7")
        self.assertIn("up to 2000 lines", self.fault(answer))
        self.assertIn("MY LONG LIST 1", answer.text)

    def test_lines_that_need_a_look_taken_out_at_once(self):
        self.take("sku\tqty\nLANTERN\t3\nMUG\t\nNOBODY\t1")
        self.assertEqual(self.lines(), [("LANTERN", 3, ""), ("MUG", 0, "none"), ("NOBODY", 1, "unknown")])
        self.send("update", drop="1")
        self.assertEqual(self.lines(), [("LANTERN", 3, "")])

    def test_a_file_that_unpacks_to_very_much(self):
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("xl/workbook.xml", b" " * 80_000_000)
        self.assertIn("too large", self.fault(self.upload("a.xlsx", written.getvalue())))

    def test_empty_rows_do_not_count(self):
        book = openpyxl.Workbook()
        book.active.append(["LANTERN", 3])
        for row in range(2, 6000):
            book.active.cell(row=row, column=1).number_format = "0.00"
        written = io.BytesIO()
        book.save(written)
        self.upload("order.xlsx", written.getvalue())
        self.assertEqual(self.lines(), [("LANTERN", 3, "")])

    def test_the_same_product_elsewhere_is_told_anew(self):
        self.take("CANDLE\t60\tBox of 6\nCANDLE\t12")
        boxes, pieces = self.quick.line_ids
        answer = self.send("update", piece="1", **{f"quantity_{pieces.id}": "300"}).json()
        self.assertEqual([row["id"] for row in answer["rows"]], [boxes.id, pieces.id])
