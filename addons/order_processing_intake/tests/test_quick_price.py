from odoo.fields import Command
from odoo.tests import tagged

from .common import QuickCase


@tagged("post_install", "-at_install")
class TestQuickOrderPrices(QuickCase):
    """What is shown is what the order says, and what is there is there once."""

    def shown_and_placed(self):
        self.quick.line_ids._price()
        shown = self.quick.line_ids.mapped("subtotal")
        order = self.quick._place()
        self.assertEqual(order.order_line.mapped("price_subtotal"), shown)
        self.assertEqual(order.currency_id, self.quick.currency_id)
        return order

    def test_price_lists_on_price_lists(self):
        euro = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "GBP")])
        euro.active = True
        euro.rate_ids = [Command.create({"name": "2020-01-01", "rate": 0.8, "company_id": self.company.id})]
        base = self.env["product.pricelist"].create(
            {
                "name": "Base",
                "currency_id": euro.id,
                "item_ids": [
                    Command.create(
                        {
                            "compute_price": "formula",
                            "base": "standard_price",
                            "price_markup": 40,
                            "price_round": 0.05,
                            "price_surcharge": 0.3,
                        }
                    ),
                ],
            }
        )
        category = self.env["product.category"].create({"name": "Kitchen"})
        self.mug.categ_id = self.blanket.categ_id = category
        self.pricelist.currency_id = euro
        self.pricelist.item_ids = [
            Command.create(
                {
                    "compute_price": "formula",
                    "base": "pricelist",
                    "base_pricelist_id": base.id,
                    "price_discount": 7,
                }
            ),
            Command.create(
                {
                    "applied_on": "2_product_category",
                    "display_applied_on": "2_product_category",
                    "categ_id": category.id,
                    "compute_price": "percentage",
                    "percent_price": 12.5,
                    "min_quantity": 24,
                }
            ),
            Command.create(
                {
                    "applied_on": "1_product",
                    "product_tmpl_id": self.candle.product_tmpl_id.id,
                    "compute_price": "fixed",
                    "fixed_price": 1.11,
                    "min_quantity": 12,
                    "date_end": "2020-01-01",
                }
            ),
        ]
        self.take("LANTERN\t3\nMUG\t23\nCANDLE\t2\tBox of 6\nBLANKET\t30\nWRAP\t1")
        self.shown_and_placed()

    def test_what_is_there_is_there_once(self):
        self.take("CANDLE\t60\tBox of 6\nCANDLE\t300")
        for mode in ("off", "promise"):
            self.company.promise_mode = mode
            with self.subTest(mode):
                lines = self.quick.line_ids
                together = [one["stock"] for one in self.quick._possible(lines).values()]
                self.assertNotEqual(together, ["In stock"] * 2)
                # A line alone is told what it is told among the others.
                alone = [self.quick._possible(line)[line]["stock"] for line in lines]
                self.assertEqual(alone, together)
