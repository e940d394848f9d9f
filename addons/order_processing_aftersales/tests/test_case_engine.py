import io
from datetime import datetime

from PIL import Image

from odoo.tests import BaseCase, tagged

from ..engine.cases import InvoicedLine, due, first_rule, from_invoices, is_low, numbers_in
from ..engine.photos import PhotoError, clean
from .common import photo

NOON, EVENING = datetime(2026, 11, 27, 12), datetime(2026, 11, 27, 18)


@tagged("post_install", "-at_install")
class TestCaseEngine(BaseCase):
    def test_what_is_due(self):
        self.assertEqual(due("new", NOON, None, EVENING), ("answer", NOON))
        self.assertEqual(due("progress", NOON, NOON, EVENING), ("solution", EVENING))
        self.assertEqual(due("waiting", NOON, NOON, EVENING), (None, None))
        self.assertEqual(due("new", None, None, None), (None, None))

    def test_the_first_rule_that_fits(self):
        rules = [(1, "damage", 7), (2, "damage", None), (3, None, None)]
        self.assertEqual(first_rule("damage", 7, rules), 1)
        self.assertEqual(first_rule("damage", 8, rules), 2)
        self.assertEqual(first_rule("praise", 8, rules), 3)
        self.assertIsNone(first_rule("praise", 8, rules[:2]))

    def test_never_more_than_was_invoiced(self):
        invoiced = [InvoicedLine(1, 3), InvoicedLine(2, 2)]
        self.assertEqual(from_invoices(4, invoiced, 0), [InvoicedLine(1, 3), InvoicedLine(2, 1)])
        self.assertEqual(from_invoices(4, invoiced, 2), [InvoicedLine(1, 1), InvoicedLine(2, 2)])
        self.assertEqual(from_invoices(1, invoiced, 5), [])
        self.assertEqual(from_invoices(9, invoiced, 9), [])

    def test_low_ratings(self):
        self.assertTrue(is_low(1, 2))
        self.assertFalse(is_low(3, 2))
        self.assertFalse(is_low(1, 0))

    def test_numbers_of_orders(self):
        self.assertEqual(numbers_in("Re: S00049, please. S00049!"), ["S00049"])
        self.assertEqual(numbers_in("no number"), [])

    def test_a_photo_loses_its_place(self):
        for kind in ("JPEG", "PNG", "WEBP"):
            before = photo(kind)
            self.assertIn(b"SECRET-PLACE", before)
            mimetype, _ending, after = clean(before + b"<script>alert(1)</script>")
            self.assertEqual(mimetype, f"image/{kind.lower()}")
            self.assertNotIn(b"SECRET-PLACE", after)
            self.assertNotIn(b"script", after)
            self.assertEqual(Image.open(io.BytesIO(after)).size, (40, 30))

    def test_what_is_no_photo(self):
        for content in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"", photo()[:60]):
            with self.assertRaises(PhotoError) as caught:
                clean(content)
            self.assertEqual(str(caught.exception), "kind")
        with self.assertRaises(PhotoError) as caught:
            clean(b"x" * (10 * 1024 * 1024 + 1))
        self.assertEqual(str(caught.exception), "big")
