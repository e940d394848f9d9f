from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestOrderItself(OrderProcessingCase):
    """Does the order add up, do we sell it, to them, and do we earn on it?"""

    def codes(self, *args, **vals):
        return [code for code, _figures in self.found(self.quotation(*args, **vals))]

    # ---------------------------------------------------------------- totals
    def test_totals_that_add_up_pass(self):
        incl = self.env["account.tax"].create(
            {"name": "VAT in", "amount": 20, "price_include_override": "tax_included"}
        )
        excl = self.env["account.tax"].create({"name": "VAT on", "amount": 20})
        for taxes in (self.env["account.tax"], incl, excl, incl + excl):
            line = {
                "product_id": self.lantern.id,
                "product_uom_qty": 7,
                "discount": 0.5,
                "tax_ids": [Command.set(taxes.ids)],
            }
            with self.subTest(taxes.mapped("name")):
                self.assertEqual(self.codes(lines=[line, (self.mug, 3)]), [])

    def test_totals_written_by_somebody_else_are_found(self):
        order = self.quotation(lines=[(self.lantern, 2)])
        self.env.flush_all()
        for table, column, value in (
            ("sale_order", "amount_total", 30),
            ("sale_order_line", "price_subtotal", 20),
        ):
            with self.subTest(column), self.env.cr.savepoint():
                self.env.cr.execute(f"UPDATE {table} SET {column} = {value}")
                self.env.invalidate_all()
                self.assertEqual([code for code, _figures in self.found(order)][:1], ["totals_differ"])
                self.env.cr.execute(f"UPDATE {table} SET {column} = 37")
                self.env.invalidate_all()

    # ---------------------------------------------------------------- products
    def test_what_is_not_sold_any_more_is_held(self):
        for vals in ({"sale_ok": False}, {"active": False}):
            mug = self.product("OLDMUG", 5.0)
            order = self.quotation(lines=[(mug, 1)])
            self.assertEqual(self.found(order), [])
            mug.write(vals)
            with self.subTest(**vals):
                self.assertEqual([code for code, _figures in self.found(order)], ["not_sold"])

    # ---------------------------------------------------------------- customer
    def test_a_blocked_customer_is_held_with_the_reason(self):
        shop = self.customer.copy({"name": "The Shop", "is_company": True})
        clerk = self.customer.copy({"name": "A Clerk", "parent_id": shop.id})
        order = self.quotation(clerk)
        self.assertEqual(self.found(order), [])
        shop.with_user(self.mona).write({"order_blocked": True, "order_block_reason": "three unpaid bills"})
        order.action_submit()
        self.assertOpen(order)
        finding = order.sudo().review_finding_ids
        self.assertEqual(finding.text, "Orders of The Shop are blocked: three unpaid bills")
        self.assertEqual(finding.stage_id, self.env.ref("order_processing.stage_finance"))

    def test_who_may_block_and_free_a_customer(self):
        for user in (self.sally, self.anna):
            user.group_ids += self.env.ref("base.group_partner_manager")
        for user in (self.mona, self.anna):
            self.customer.with_user(user).order_blocked = True
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.customer.with_user(self.sally).order_blocked = False
            self.customer.with_user(user).order_blocked = False
        with self.assertRaises(AccessError):
            self.customer.with_user(self.sally).order_blocked = True
        self.customer.with_user(self.sally).comment = "Likes blue."

    def test_the_credit_limit_counts_what_is_owed_ordered_and_ordered_now(self):
        self.company.account_use_credit_limit = True
        self.customer.credit_limit = 100
        self.assertEqual(self.codes(lines=[(self.lantern, 5)]), [])
        self.assertEqual(self.codes(lines=[(self.lantern, 6)]), ["credit_limit"])
        self.confirmed_order(lines=[(self.lantern, 3)])
        self.assertEqual(self.codes(lines=[(self.lantern, 2)]), [])
        self.assertEqual(self.codes(lines=[(self.lantern, 3)]), ["credit_limit"])
        self.company.account_use_credit_limit = False
        self.assertEqual(self.codes(lines=[(self.lantern, 3)]), [])

    def test_orders_that_come_together_share_the_limit(self):
        self.company.account_use_credit_limit = True
        self.customer.credit_limit = 100
        orders = self.quotation(lines=[(self.lantern, 3)]) + self.quotation(lines=[(self.lantern, 3)])
        self.submit(orders)
        self.assertEqual(orders.mapped("state"), ["sale", "sent"])

    def test_a_confirmed_order_is_not_counted_twice(self):
        self.company.account_use_credit_limit = True
        self.customer.credit_limit = 100
        order = self.confirmed_order(lines=[(self.lantern, 4)])
        order.order_line.product_uom_qty = 5
        self.assertEqual(order.review_state, "not_required")
        order.order_line.product_uom_qty = 6
        self.assertEqual(order.review_state, "pending")

    # ---------------------------------------------------------------- margin
    def test_below_cost_is_held_even_at_list_price(self):
        self.rule("margin").active = True
        loser = self.product("LOSER", 10.0, standard_price=12.0)
        self.assertEqual(self.codes(lines=[(loser, 1)]), ["margin_low"])
        self.assertEqual(self.codes(lines=[(loser, 1), (self.lantern, 1)]), [])
        self.assertEqual(self.codes(lines=[(self.lantern, 1)]), [])
        self.rule("margin").threshold = 60
        self.assertEqual(self.codes(lines=[(self.lantern, 1)]), ["margin_low"])
        ((_code, figures),) = self.found(self.quotation(lines=[(self.lantern, 1)]))
        self.assertEqual((figures["percent"], figures["floor"]), ("50.0", "60"))

    def test_the_margin_is_reckoned_in_the_companys_money_and_the_products_unit(self):
        self.rule("margin").active = True
        self.rule("price").active = False
        dozen = self.env.ref("uom.product_uom_dozen").id
        line = {"product_id": self.lantern.id, "product_uom_qty": 1, "product_uom_id": dozen}
        self.assertEqual(self.codes(lines=[{**line, "price_unit": 112}]), [])
        self.assertEqual(self.codes(lines=[{**line, "price_unit": 110}]), ["margin_low"])
        eur = self.env.ref("base.EUR")
        eur.active = True
        self.env["res.currency.rate"].create(
            {"name": "2020-01-01", "currency_id": eur.id, "rate": 2, "company_id": self.company.id}
        )
        euros = self.env["product.pricelist"].create({"name": "Euro", "currency_id": eur.id})
        order = [(self.lantern, 1, 18.0)]
        self.assertEqual(self.codes(lines=order, pricelist_id=euros.id), ["margin_low"])
        self.assertEqual(self.codes(lines=[(self.lantern, 1, 19.0)], pricelist_id=euros.id), [])

    def test_what_has_no_cost_has_no_margin(self):
        self.rule("margin").active = True
        gift = self.product("GIFT", 0.0, standard_price=0.0)
        self.assertEqual(self.codes(lines=[(gift, 1)]), [])

    # ---------------------------------------------------------------- price far below
    def test_far_below_the_list_can_have_a_rule_of_its_own(self):
        self.rule("price").active = False
        self.rule("price_below").active = True
        self.assertEqual(self.codes(lines=[(self.lantern, 1, 15.0)]), [])
        self.assertEqual(self.codes(lines=[(self.lantern, 1, 25.0)]), [])
        self.assertEqual(self.codes(lines=[(self.lantern, 1, 14.0)]), ["price_off_list"])
