from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestHabitChecks(OrderProcessingCase):
    """Against what is usual: each check says nothing about an ordinary order, and finds the odd one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.rule("duplicate") + cls.rule("velocity")).active = True
        cls.baker = cls.customer.copy({"name": "Baker & Sons", "email": "baker@example.com"})
        cls.new = cls.customer.copy({"name": "Nell New", "email": "nell@example.com"})
        quantities = (10, 12, 8, 10, 15, 12)
        for days_ago, quantity in enumerate(quantities, 10):
            cls.past(cls.customer, [(cls.mug, quantity)], days_ago)
            cls.past(cls.baker, [(cls.lantern, 1 + quantity // 3)], days_ago)
        cls.learn()

    @classmethod
    def past(cls, partner, lines, days_ago=10, **vals):
        mode, cls.company.review_mode = cls.company.review_mode, "off"
        order = cls.quotation(partner, lines, by=cls.env.user, **vals)
        order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(days=days_ago)
        cls.company.review_mode = mode
        return order

    @classmethod
    def learn(cls):
        cls.env["order.review.habit"]._learn()
        cls.env.invalidate_all()

    def findings(self, rule, *orders):
        """Return what one rule finds on each of the orders: code and figures, or None."""
        records = self.env["sale.order"].union(*orders).sudo()
        wanted = self.rule(rule)
        found = {
            order_id: one
            for order_id, pairs in records._review_findings().items()
            for each, one in pairs
            if each.id == wanted.id
        }
        self.assertNotIn("check_failed", [one.code for one in found.values()])
        return [found.get(order.id) for order in orders]

    def code(self, rule, order):
        (found,) = self.findings(rule, order)
        return found and found.code

    def words(self, found):
        return self.env["order.review.finding"]._words(found.code, found.figures)

    # ---------------------------------------------------------------- quantity
    def test_an_ordinary_quantity_passes_and_a_slip_is_found(self):
        ordinary = self.quotation(lines=[(self.mug, 30)])
        slip = self.quotation(lines=[(self.mug, 1200)])
        none, found = self.findings("quantity_unusual", ordinary, slip)
        self.assertIsNone(none)
        self.assertEqual(
            self.words(found),
            "[MUG] Enamel Mug: 1200 is 110× what this customer usually orders (usual 10–12)",
        )
        self.assertEqual(found.sizes, {f"product:{self.mug.id}": 1200})

    def test_lines_of_one_product_are_added_up(self):
        parts = self.quotation(lines=[(self.mug, 60), (self.mug, 60)])
        (found,) = self.findings("quantity_unusual", parts)
        self.assertEqual(found.figures["quantity"], 120)

    def test_dozens_are_counted_in_pieces(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        line = {"product_id": self.mug.id, "product_uom_qty": 12, "product_uom_id": dozen.id}
        (found,) = self.findings("quantity_unusual", self.quotation(lines=[line]))
        self.assertEqual(found.figures["quantity"], 144)

    def test_without_a_past_with_the_product_others_are_looked_at(self):
        cases = [
            (self.customer, self.lantern, "quantity_unusual_customer"),
            (self.new, self.mug, "quantity_unusual_product"),
            (self.new, self.blanket, "quantity_unusual_company"),
        ]
        for partner, product, code in cases:
            with self.subTest(code):
                self.assertEqual(
                    self.code("quantity_unusual", self.quotation(partner, [(product, 900)])), code
                )
                self.assertIsNone(self.code("quantity_unusual", self.quotation(partner, [(product, 12)])))

    def test_the_one_that_stands_out_most_is_named(self):
        order = self.quotation(lines=[(self.lantern, 900), (self.mug, 9000)])
        (found,) = self.findings("quantity_unusual", order)
        self.assertEqual(found.code, "quantity_unusual_more")
        self.assertIn("[MUG] Enamel Mug: 9000", self.words(found))
        self.assertEqual(len(found.sizes), 2)

    def test_cheap_goods_are_found_only_if_it_is_a_slip(self):
        pin = self.product("PIN", 0.05)
        for days_ago in range(10, 16):
            self.past(self.customer, [(pin, 10), (self.mug, 10)], days_ago)
        self.learn()
        self.assertIsNone(self.code("quantity_unusual", self.quotation(lines=[(pin, 150)])))
        self.assertEqual(
            self.code("quantity_unusual", self.quotation(lines=[(pin, 74215)])), "quantity_unusual"
        )

    def test_free_goods_are_worth_their_list_price(self):
        (found,) = self.findings("quantity_unusual", self.quotation(lines=[(self.mug, 600, 0.0)]))
        self.assertEqual(found.code, "quantity_unusual")

    def test_a_waiver_covers_that_quantity_and_no_more(self):
        order = self.quotation(lines=[(self.mug, 600)])
        order.action_submit()
        self.assertIn("quantity_unusual", self.open_findings(order))
        order.sudo().review_finding_ids.filtered(lambda f: f.state == "open").with_user(
            self.rita
        ).action_waive("Called him, it is for a fair.")
        self.assertConfirmed(order, "approved")
        self.assertFalse(order.sudo()._holding(order.sudo()._review_findings()))
        order.sudo().order_line.product_uom_qty = 900
        self.assertTrue(order.sudo()._holding(order.sudo()._review_findings()))

    # ---------------------------------------------------------------- amount
    def test_an_amount_many_times_the_usual_is_found(self):
        usual = self.quotation(lines=[(self.blanket, 3)])
        huge = self.quotation(lines=[(self.blanket, 40)])
        none, found = self.findings("amount_unusual", usual, huge)
        self.assertIsNone(none)
        self.assertEqual(found.code, "amount_unusual")
        self.assertEqual(found.figures["amount"], 2160)
        self.assertIn("2,160.00", self.words(found))
        self.assertEqual(
            self.code("amount_unusual", self.quotation(self.new, [(self.blanket, 40)])),
            "amount_unusual_company",
        )

    def test_a_limit_for_any_amount(self):
        self.rule("amount_high").threshold = 1000
        below, above = self.quotation(lines=[(self.mug, 100)]), self.quotation(lines=[(self.mug, 200)])
        none, found = self.findings("amount_high", below, above)
        self.assertIsNone(none)
        self.assertEqual(self.words(found), "the total of £\xa01,580.00 is over £\xa01,000.00")

    # ---------------------------------------------------------------- price
    def test_a_price_far_from_the_last_one_paid_is_found(self):
        self.rule("price_paid").threshold = 50
        near, half = self.quotation(lines=[(self.mug, 1, 6.0)]), self.quotation(lines=[(self.mug, 1, 2.0)])
        none, found = self.findings("price_paid", near, half)
        self.assertIsNone(none)
        self.assertEqual((found.code, found.figures["percent"]), ("price_paid", "-75"))
        two = self.quotation(self.customer, [(self.mug, 1, 20.0), (self.mug, 5, 1.0)])
        self.assertEqual(self.code("price_paid", two), "price_paid_more")
        self.assertIsNone(self.code("price_paid", self.quotation(self.new, [(self.mug, 1, 2.0)])))

    def test_a_price_per_dozen_is_compared_per_piece(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        line = {
            "product_id": self.mug.id,
            "product_uom_qty": 1,
            "product_uom_id": dozen.id,
            "price_unit": 94.8,
        }
        self.assertIsNone(self.code("price_paid", self.quotation(lines=[line])))

    # ---------------------------------------------------------------- first order
    def test_a_large_first_order_is_found(self):
        self.rule("new_customer").threshold = 500
        small, large = self.quotation(self.new, [(self.mug, 10)]), self.quotation(self.new, [(self.mug, 100)])
        known = self.quotation(self.customer, [(self.mug, 100)])
        none, found, neither = self.findings("new_customer", small, large, known)
        self.assertIsNone(none)
        self.assertIsNone(neither)
        self.assertEqual(self.words(found), "the first order of Nell New, and it comes to £\xa0790.00")

    # ---------------------------------------------------------------- velocity
    def test_the_first_orders_of_a_day_pass_the_many_after_them_do_not(self):
        self.rule("velocity").write({"threshold": 3, "period_days": 1, "factor": 3})
        orders = [self.quotation(lines=[(self.mug, 1 + n)]) for n in range(5)]
        codes = [one and one.code for one in self.findings("velocity", *orders)]
        self.assertEqual(codes, [None, None, None, "velocity", "velocity"])

    def test_orders_placed_before_count_and_older_ones_do_not(self):
        self.rule("velocity").write({"threshold": 2, "period_days": 1, "factor": 2})
        for days_ago in (0, 0, 2, 3):
            self.past(self.baker, [(self.lantern, 1)], days_ago)
        (found,) = self.findings("velocity", self.quotation(self.baker))
        self.assertEqual(found.figures["count"], 3)
        self.past(self.customer, [(self.mug, 1)], 0)._action_cancel()
        self.assertIsNone(self.code("velocity", self.quotation()))

    # ---------------------------------------------------------------- duplicate
    def test_the_same_again_is_found_and_named(self):
        first = self.past(self.customer, [(self.mug, 3), (self.lantern, 1)], 1)
        again = self.quotation(lines=[(self.lantern, 1), (self.mug, 2), (self.mug, 1)])
        other = self.quotation(lines=[(self.lantern, 1), (self.mug, 4)])
        found, none = self.findings("duplicate", again, other)
        self.assertIsNone(none)
        self.assertEqual(
            self.words(found), f"the same products and quantities as {first.name}; ordered twice?"
        )

    def test_the_same_reference_is_found(self):
        self.past(self.customer, [(self.mug, 3)], 0, client_order_ref="PO 77")
        again = self.quotation(lines=[(self.mug, 4)], client_order_ref="po 77 ")
        self.assertEqual(self.code("duplicate", again), "duplicate_reference")
        elsewhere = self.quotation(self.baker, [(self.mug, 4)], client_order_ref="PO 77")
        self.assertIsNone(self.code("duplicate", elsewhere))

    def test_of_two_in_one_batch_the_later_one_is_found(self):
        first, second = self.quotation(lines=[(self.mug, 3)]), self.quotation(lines=[(self.mug, 3)])
        codes = [one and one.code for one in self.findings("duplicate", first, second)]
        self.assertEqual(codes, [None, "duplicate"])

    def test_old_cancelled_refused_and_never_submitted_orders_do_not_count(self):
        self.past(self.customer, [(self.mug, 3)], 9)
        self.past(self.customer, [(self.mug, 3)], 0)._action_cancel()
        refused = self.held_quotation(self.corner_shop, [(self.mug, 3)])
        refused.with_user(self.rita).action_review_refuse("No.")
        self.quotation(lines=[(self.mug, 3)])  # a draft nobody has accepted
        self.assertIsNone(self.code("duplicate", self.quotation(lines=[(self.mug, 3)])))
        self.assertIsNone(self.code("duplicate", self.quotation(self.corner_shop, [(self.mug, 3)])))

    def test_a_held_order_counts_and_is_no_duplicate_of_its_own_repetition(self):
        held = self.held_quotation(self.corner_shop, [(self.mug, 3)])
        again = self.held_quotation(self.corner_shop, [(self.mug, 3)])
        self.assertIn("duplicate", self.open_findings(again))
        self.assertIsNone(self.code("duplicate", held))

    # ---------------------------------------------------------------- cost
    def test_ten_times_the_orders_take_no_more_queries(self):
        rules = ("quantity_unusual", "amount_unusual", "amount_high", "price_paid")
        others = ("new_customer", "velocity", "duplicate")
        self.env["order.review.rule"].search([]).active = False
        for name in (*rules, *others):
            self.rule(name).write({"active": True, "threshold": 1 if name != "velocity" else 0})
        few, many = self.many_orders(2), self.many_orders(20)
        self.queries_of(few)
        self.assertEqual(self.queries_of(few), self.queries_of(many))

    def many_orders(self, count):
        partners = [self.customer.copy({"name": f"Customer {n} of {count}"}) for n in range(count)]
        return (
            self.env["sale.order"]
            .union(
                *(
                    self.quotation(partner, [(self.mug, 2 + n), (self.lantern, 1)])
                    for n, partner in enumerate(partners)
                )
            )
            .sudo()
        )

    def queries_of(self, orders):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(len(orders._review_findings()), len(orders))
        return self.env.cr.sql_log_count - before
