from datetime import timedelta
from itertools import product as combinations

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.order_processing.models.review_facts import ReviewFacts

from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestPrice(OrderProcessingCase):
    """Is it the price we ask?"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.sally.group_ids += cls.env.ref("sale.group_discount_per_so_line")

    def findings(self, order):
        return [code for code, _facts in self.found(order)]

    def off(self, price, quantity=1, **vals):
        line = {"product_id": self.lantern.id, "product_uom_qty": quantity, "price_unit": price, **vals}
        return self.findings(self.quotation(lines=[line])) == ["price_off_list"]

    def price_rule(self, pricelist=None, **vals):
        vals = {"pricelist_id": (pricelist or self.pricelist).id, "compute_price": "fixed", **vals}
        return self.env["product.pricelist.item"].create({"applied_on": "3_global", **vals})

    def rule_for(self, goods, price, **vals):
        return self.price_rule(applied_on="0_product_variant", product_id=goods.id, fixed_price=price, **vals)

    # ---------------------------------------------------------------- tolerance
    def test_one_percent_up_or_down_passes(self):
        cases = [(18.5, False), (18.32, False), (18.31, True), (18.68, False), (18.69, True), (0, True)]
        for price, expected in cases:
            with self.subTest(price=price):
                self.assertEqual(self.off(price), expected)

    def test_without_tolerance_every_penny_counts(self):
        self.company.review_price_tolerance = 0
        self.assertEqual([self.off(price) for price in (18.5, 18.49, 18.51)], [False, True, True])

    def test_fractions_of_a_penny_count_by_the_line(self):
        self.company.review_price_tolerance = 0
        self.assertFalse(self.off(18.499, quantity=2))
        self.assertTrue(self.off(18.499, quantity=20))

    def test_a_discount_is_part_of_the_price(self):
        self.assertTrue(self.off(18.5, discount=10))
        self.assertFalse(self.off(20.56, discount=10))

    def test_the_finding_has_the_figures(self):
        order = self.quotation(lines=[(self.lantern, 2, 9.25)]).sudo()
        ((code, facts),) = self.found(order)
        self.assertEqual(code, "price_off_list")
        self.assertEqual(
            facts,
            {
                "product": "[LANTERN] Metal Lantern",
                "actual": 9.25,
                "expected": 18.5,
                "percent": "-50.0",
                "currency": self.currency.id,
            },
        )

    def test_of_many_lines_the_one_that_is_off_most_is_named(self):
        order = self.quotation(
            lines=[(self.lantern, 1, 18), (self.mug, 100, 6.9), (self.blanket, 1, 54)]
        ).sudo()
        ((code, facts),) = self.found(order)
        self.assertEqual(
            (code, facts["product"], facts["more"]), ("price_off_list_more", "[MUG] Enamel Mug", 1)
        )

    def test_a_product_that_costs_nothing_may_be_given_away(self):
        self.lantern.list_price = 0
        self.assertFalse(self.off(0))
        self.assertTrue(self.off(1))

    # ---------------------------------------------------------------- price lists
    def test_quantity_breaks(self):
        self.rule_for(self.lantern, 16, min_quantity=10)
        self.rule_for(self.lantern, 14, min_quantity=100)
        cases = [(9, 18.5), (10, 16), (99, 16), (100, 14)]
        for quantity, right in cases:
            with self.subTest(quantity=quantity):
                self.assertEqual([p for p in (18.5, 16, 14) if not self.off(p, quantity)], [right])

    def test_an_offer_holds_while_it_lasts(self):
        now = fields.Datetime.now()
        offer = self.rule_for(self.lantern, 15, date_end=now + timedelta(days=1))
        self.assertEqual((self.off(15), self.off(18.5)), (False, True))
        offer.date_end = now - timedelta(days=1)
        self.assertEqual((self.off(15), self.off(18.5)), (True, False))
        offer.write({"date_start": now + timedelta(days=1), "date_end": False})
        self.assertEqual((self.off(15), self.off(18.5)), (True, False))

    def test_a_dozen_is_twelve(self):
        self.rule_for(self.lantern, 16, min_quantity=24)
        dozen = {"product_uom_id": self.dozen.id}
        self.assertEqual([self.off(price, 1, **dozen) for price in (222, 18.5, 192)], [False, True, True])
        self.assertEqual([self.off(price, 2, **dozen) for price in (222, 192)], [True, False])

    def test_a_price_list_in_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 1.25, "company_id": self.company.id}
        )
        abroad = self.env["product.pricelist"].create({"name": "Abroad", "currency_id": euro.id})
        pounds = self.env["res.currency.rate"].search([("currency_id", "=", self.currency.id)])
        self.assertFalse(pounds.filtered(lambda rate: rate.rate != 1))
        order = self.quotation(pricelist_id=abroad.id)
        line = order.order_line
        self.assertEqual((order.currency_id, line.price_unit), (euro, 18.5 * 1.25))
        self.assertEqual(self.findings(order), [])
        line.price_unit = 18.5
        self.assertEqual(self.findings(order), ["price_off_list"])

    def test_without_price_list_the_product_has_a_price(self):
        order = self.quotation(pricelist_id=False)
        self.assertFalse(order.pricelist_id)
        self.assertEqual(self.findings(order), [])
        order.order_line.price_unit = 17
        self.assertEqual(self.findings(order), ["price_off_list"])

    def test_a_fiscal_position_takes_the_tax_out_of_the_price(self):
        included, none = self.taxes()
        self.lantern.taxes_id = included
        position = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "tax_ids": [Command.set(none.ids)]}
        )
        none.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(included.ids)],
            }
        )
        order = self.quotation(fiscal_position_id=position.id)
        self.assertEqual(order.order_line.tax_ids, none)
        self.assertAlmostEqual(order.order_line.price_unit, 18.5 / 1.2)
        self.assertEqual(self.findings(order), [])
        order.order_line.price_unit = 18.5
        self.assertEqual(self.findings(order), ["price_off_list"])

    def taxes(self):
        vals = {"type_tax_use": "sale", "amount_type": "percent"}
        return self.env["account.tax"].create(
            [
                {**vals, "name": "VAT", "amount": 20, "price_include_override": "tax_included"},
                {**vals, "name": "Export", "amount": 0},
            ]
        )

    # ---------------------------------------------------------------- combos
    def combo_order(self):
        """Return a set of lantern and mug for 20.00, which Odoo shares out between the two."""
        items = [
            self.env["product.combo"].create(
                {"name": goods.name, "combo_item_ids": [Command.create({"product_id": goods.id})]}
            )
            for goods in (self.lantern, self.mug)
        ]
        combos = [Command.set([item.id for item in items])]
        gift_set = self.product("SET", 20, type="combo", is_storable=False, combo_ids=combos)
        order = self.quotation(lines=[(gift_set, 1)])
        for item in items:
            choice = item.combo_item_ids
            vals = {"order_id": order.id, "linked_line_id": order.order_line[0].id}
            order.order_line.create({**vals, "combo_item_id": choice.id, "product_id": choice.product_id.id})
        return order

    def test_a_combo_is_shared_out_between_its_items(self):
        order = self.combo_order()
        self.assertEqual(order.order_line.mapped("price_unit"), [0, 14.02, 5.98])
        self.assertEqual(self.findings(order), [])

    def test_neither_a_combo_nor_its_items_hide_a_discount(self):
        for position, price in ((0, -5), (1, 0.01), (2, 3)):
            order = self.combo_order()
            order.order_line[position].price_unit = price
            with self.subTest(position):
                self.assertEqual(self.findings(order), ["price_off_list"])

    def test_another_list_than_the_customers_own_is_told_of(self):
        friends = self.env["product.pricelist"].create({"name": "Friends", "currency_id": self.currency.id})
        self.price_rule(friends, compute_price="percentage", percent_price=40)
        self.rule("pricelist").severity = "hold"
        self.assertEqual(self.findings(self.quotation()), [])
        self.assertEqual(self.findings(self.quotation(pricelist_id=friends.id)), ["pricelist_other"])

    # ---------------------------------------------------------------- the same as Odoo's
    def test_what_we_expect_is_what_odoo_writes_on_a_fresh_line(self):
        now = fields.Datetime.now()
        base = self.env["product.pricelist"].create({"name": "Base", "currency_id": self.currency.id})
        self.price_rule(base, compute_price="percentage", percent_price=5)
        self.rule_for(self.lantern, 16.66, min_quantity=10)
        self.rule_for(self.lantern, 11, date_end=now - timedelta(days=1))
        self.price_rule(applied_on="1_product", product_tmpl_id=self.mug.product_tmpl_id.id, fixed_price=7.77)
        self.price_rule(compute_price="percentage", percent_price=12.5, min_quantity=50)
        self.price_rule(
            compute_price="formula", base="pricelist", base_pricelist_id=base.id, price_discount=10
        )
        self.price_rule(base, compute_price="formula", base="standard_price", price_markup=40, min_quantity=7)
        goods = (self.lantern, self.mug, self.blanket, self.wrapping)
        uoms = (self.env.ref("uom.product_uom_unit"), self.dozen)
        for pricelist in (self.pricelist, base, self.env["product.pricelist"]):
            lines = [
                {"product_id": item.id, "product_uom_qty": quantity, "product_uom_id": uom.id}
                for item, quantity, uom in combinations(goods, (1, 6, 10, 50, 0.5), uoms)
            ]
            order = self.quotation(lines=lines, pricelist_id=pricelist.id).sudo()
            expected = ReviewFacts(order).list_prices
            self.assertEqual(len(expected), 40)
            for line in order.order_line:
                with self.subTest(pricelist.name, line=(line.product_id.name, line.product_uom_qty)):
                    self.assertAlmostEqual(line._net_price(), expected[line.id], places=2)
            self.assertNotIn("price", "".join(self.findings(order)))
