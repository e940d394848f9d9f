from odoo.tests import tagged

from odoo.addons.order_processing.tests.common import OrderProcessingHttpCase

from .common import QuickCase


@tagged("post_install", "-at_install")
class TestQuickOrderCost(QuickCase, OrderProcessingHttpCase):
    """Five hundred lines cost as many queries as ten, and one changed line as much among five hundred."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.env["product.product"].create(
            [
                {"name": f"Screw {n}", "default_code": f"SCREW-{n}", "list_price": 1 + n, "is_storable": True}
                for n in range(500)
            ]
        )
        cls.otto = cls.env["res.users"].create(
            {"login": "otto", "name": "Otto", "group_ids": [(6, 0, cls.env.ref("base.group_portal").ids)]}
        )

    def asked(self, count, quantity=3):
        return "\n".join(f"SCREW-{n}\t{quantity + n % 7}" for n in range(count))

    def queries(self, act):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_taking_and_showing(self):
        other = self.env["order.quick"]._begin(self.otto)
        self.queries(lambda: self.take("MUG 1", other))  # what is read once
        few = self.queries(lambda: self.take(self.asked(10)))
        many = self.queries(lambda: self.take(self.asked(500), other))
        self.assertEqual(len(other.line_ids), 501)
        self.assertLessEqual(many, few + 12)
        few = self.queries(self.quick._page_rows)
        many = self.queries(other._page_rows)
        self.assertLessEqual(many, few + 6)

    def test_one_line_among_many(self):
        few = self.take(self.asked(2))[0]
        other = self.env["order.quick"]._begin(self.otto)
        many = self.take(self.asked(500), other)[0]

        def change(line):
            line._set_quantity(9)
            line._price()
            line.quick_id._page_rows(line)
            line.quick_id._page_summary()

        self.queries(lambda: change(few))
        alone = self.queries(lambda: change(few))
        self.assertLessEqual(self.queries(lambda: change(many)), alone + 4)

    def test_misspelt_lines_are_looked_up_together(self):
        lines = self.take("\n".join(f"SCRW-{n}\t3" for n in range(30)))
        few = self.queries(lambda: self.quick._suggestions(lines[:2]))
        self.assertLessEqual(self.queries(lambda: self.quick._suggestions(lines)), few + 1)
