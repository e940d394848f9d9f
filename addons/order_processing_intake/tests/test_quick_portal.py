import io
import json
import re

import openpyxl

from odoo.http import Request
from odoo.tests import tagged

from odoo.addons.order_processing.tests.common import OrderProcessingHttpCase

from .common import QuickCase

PAGE = "/my/quick-order"


class QuickHttpCase(QuickCase, OrderProcessingHttpCase):
    """Carla at the page itself."""

    def setUp(self):
        super().setUp()
        self.authenticate("carla", "carlaxxx")

    def page(self, query=""):
        return self.url_open(f"{PAGE}{query}", timeout=60)

    def send(self, what, files=None, **form):
        data = {"csrf_token": Request.csrf_token(self), **form}
        return self.url_open(f"{PAGE}/{what}", data=data, files=files, timeout=60)

    def upload(self, name, content):
        return self.send("upload", files={"list_file": (name, content)})

    def fault(self, answer):
        return re.search(r'id="quick_order_fault"[^>]*>([^<]*)<', answer.text)[1].strip()


@tagged("post_install", "-at_install")
class TestQuickOrderPage(QuickHttpCase):
    """The page with forms only, as a browser without scripts uses it, and the pieces scripts ask for."""

    def test_from_the_first_page_to_the_number(self):
        self.assertIn(PAGE, self.url_open("/my").text)
        self.assertIn("Nothing yet", self.page().text)
        self.send("add", code="lantern", quantity="3")
        page = self.send("add", code="MUG\t12\nLANTREN\t2")
        self.assertIn("1 line needs a look", page.text)
        wrong = self.quick.line_ids.filtered("fault")
        self.send("update", use=f"{wrong.id}:{self.lantern.id}")
        page = self.send("update", **{f"quantity_{self.quick.line_ids[0].id}": "1,5"})
        self.assertEqual(self.quick.line_ids[0].quantity, 1.5)
        self.send("update", **{f"quantity_{self.quick.line_ids[0].id}": "2"})
        answer = self.send("place", quick=str(self.quick.id), client_order_ref="PO 9")
        order = self.quick.order_id
        self.assertEqual(order.client_order_ref, "PO 9")
        self.assertEqual(answer.url.split("?")[0].rsplit("/", 1)[1], str(order.id))
        self.assertIn(
            f"We have your order {order.name}", re.sub(r"<[^>]+>|\s+", " ", answer.text).replace("  ", " ")
        )
        again = self.send("place", quick=str(self.quick.id))
        self.assertIn(order.name, again.text)
        self.assertEqual(
            self.env["sale.order"].search_count([("channel_ref", "=", f"Q{self.quick.id:06}")]), 1
        )

    def test_the_draft_is_kept(self):
        self.send(
            "update", client_order_ref="PO 7", packing_instruction="Upright", requested_date="2099-01-05"
        )
        self.send("add", code="MUG 4")
        self.authenticate(None, None)
        self.authenticate("carla", "carlaxxx")
        page = self.page().text
        for words in ("PO 7", "Upright", "2099-01-05", "Enamel Mug"):
            self.assertIn(words, page)

    def test_what_is_typed_into_two_fields(self):
        self.send("add", code="Metal Lantern", quantity="2")
        self.send("add", code="MUG", quantity="many")
        self.assertEqual(self.lines(), [("MUG", 0, "bad_quantity"), ("LANTERN", 2, "")])
        self.assertIn("We could not read: many", self.page().text)
        self.assertIn("Please type the number", self.fault(self.send("add", code="  ")))

    def test_what_would_be_right(self):
        self.send("add", code="CANDLE", quantity="13")
        page = self.page().text
        self.assertIn("Sold by 6 Units: the next is 18 Units", page)
        line = self.quick.line_ids
        self.send("update", right=f"{line.id}:18.0")
        self.assertEqual(self.lines(), [("CANDLE", 18, "")])
        self.send("update", **{f"quantity_{line.id}": "18", f"unit_{line.id}": str(self.box.id)})
        self.assertEqual((line.quantity, line.uom_id, line.subtotal), (18, self.box, 216))

    def test_taking_out(self):
        self.take("LANTERN 3\nMUG 4\nBLANKET 1")
        self.send("update", remove=str(self.quick.line_ids[1].id))
        self.assertEqual(self.lines(), [("LANTERN", 3, ""), ("BLANKET", 1, "")])
        self.send("update", empty="1")
        self.assertFalse(self.quick.line_ids)

    def test_a_wrong_line_is_not_ordered(self):
        self.take("LANTRN 3")
        answer = self.send("place", quick=str(self.quick.id))
        self.assertIn("One line needs a look", self.fault(answer))
        self.assertFalse(self.quick.order_id)

    # ---------------------------------------------------------------- files
    def test_files(self):
        book = openpyxl.Workbook()
        for row in (
            ["Our order"],
            [],
            ["Item", "Name", "Quantity"],
            ["LANTERN", "Metal", 3],
            [None, "Enamel Mug", 2],
        ):
            book.active.append(row)
        written = io.BytesIO()
        book.save(written)
        self.upload("order.xlsx", written.getvalue())
        self.assertEqual(self.lines(), [("LANTERN", 3, ""), ("MUG", 2, "")])
        self.upload("order.csv", "sku;qty\nLANTERN;1\nBLANKET;2,5\n".encode("utf-16"))
        self.assertEqual(self.lines(), [("BLANKET", 2.5, ""), ("LANTERN", 4, ""), ("MUG", 2, "")])

    def test_files_that_cannot_be_read(self):
        for name, content, words in (
            ("a.csv", b"", "no lines"),
            ("a.xlsx", b"PK\x03\x04nonsense", "cannot read"),
            ("a.xls", b"\xd0\xcf\x11\xe0" + b"x" * 100, "old kind"),
            ("a.csv", b"A;1\n" * 5001, "too large"),
            ("a.csv", b"x" * (2 * 1024 * 1024 + 1), "too large"),
            ("a.png", b"\x89PNG\r\n\0\0", "cannot read"),
        ):
            with self.subTest(words, name=name):
                self.assertIn(words, self.fault(self.upload(name, content)))
        self.assertIn("choose a file", self.fault(self.send("upload")))
        self.assertFalse(self.quick.line_ids)

    # ---------------------------------------------------------------- again
    def test_earlier_orders_and_lists(self):
        order = self.confirmed_order(lines=[(self.mug, 4), (self.wrapping, 1)])
        self.assertIn(order.name, self.page().text)
        self.send("again", order=str(order.id))
        self.assertEqual(self.lines(), [("MUG", 4, ""), ("WRAP", 1, "")])
        page = self.send("list/keep", name="Mondays")
        self.assertIn("Mondays", page.text)
        kept = self.env["order.quick.list"].search([("name", "=", "Mondays")])
        self.mug.sale_ok = False
        self.send("update", empty="1")
        answer = self.send("list", list_id=str(kept.id))
        self.assertIn("Not sold any more, so left out: Enamel Mug", self.fault(answer))
        self.assertEqual(self.lines(), [("WRAP", 1, "")])
        self.send("list/delete", list_id=str(kept.id))
        self.assertFalse(kept.exists())
        self.assertIn("not there any more", self.fault(self.send("list", list_id=str(kept.id))))

    # ---------------------------------------------------------------- for scripts
    def test_pieces(self):
        answer = json.loads(self.send("add", code="LANTERN", quantity="3", piece="1").text)
        line = self.quick.line_ids
        self.assertEqual(
            ([row["id"] for row in answer["rows"]], answer["gone"], answer["fault"]), ([line.id], [], "")
        )
        self.assertEqual(answer["said"], "Added: Metal Lantern")
        self.assertIn("55.50", answer["summary"])
        self.assertIn(f'id="quick_line_{line.id}"', answer["rows"][0]["html"])
        self.send("add", code="MUG 1")
        answer = json.loads(self.send("update", piece="1", **{f"quantity_{line.id}": "4"}).text)
        self.assertEqual([row["id"] for row in answer["rows"]], [line.id])
        answer = json.loads(self.send("update", piece="1", remove=str(line.id)).text)
        self.assertEqual((answer["rows"], answer["gone"]), ([], [line.id]))
        answer = json.loads(self.send("add", code=" ", piece="1").text)
        self.assertIn("Please type", answer["fault"])

    def test_while_typing(self):
        found = json.loads(self.page("/products?words=lan").text)
        # What begins with it first, then what has it in its name.
        self.assertEqual([one["code"] for one in found], ["LANTERN", "BLANKET"])
        self.assertEqual(json.loads(self.page("/products?words=enamel%20mug").text)[0]["code"], "MUG")
        for words in ("", "l", "%25%25", "__", "x" * 500):
            self.assertEqual(json.loads(self.page(f"/products?words={words}").text), [])
        self.assertIn("Metal Lantern", self.page("?search=metal").text)

    def test_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        module = self.env["ir.module.module"].search([("name", "=", "order_processing_intake")])
        module._update_translations(["zh_CN"])
        self.carla.lang = "zh_CN"
        self.authenticate("carla", "carlaxxx")
        self.take("LANTRN 3")
        self.assertIn("快速下单", self.page().text)
