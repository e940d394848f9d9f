from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_sourcing import SourcingCase


@tagged("post_install", "-at_install")
class TestSplitAndApproval(SourcingCase):
    """A line that comes from two warehouses is still the line that was approved."""

    def test_an_approved_order_stays_approved(self):
        order = self.held_quotation(self.corner_shop, [(self.bowl, 9, 15.0)])
        self.approve(order)
        self.assertEqual(self.sources(order), [("BOWL", 6, "London"), ("BOWL", 3, "Leeds")])
        self.assertEqual((order.state, order.review_state), ("sale", "approved"))
        self.assertEqual(order.sudo()._deviations(), [])
        self.assertEqual(order.order_line.mapped("price_unit"), [15.0, 15.0])
        self.assertEqual(order.amount_untaxed, 135.0)
        self.assertNotIn("changed", self.events(order))

    def test_more_of_a_part_is_more_than_was_approved(self):
        order = self.held_quotation(self.corner_shop, [(self.bowl, 9)])
        self.approve(order)
        order.with_user(self.mona).order_line[1].product_uom_qty = 4
        self.assertEqual([one.code for one in order.sudo()._deviations()], ["quantity_raised"])
        self.assertEqual(order.review_state, "pending")

    def test_from_one_part_to_the_other_is_no_risk(self):
        order = self.order((self.bowl, 9))
        order.order_line[0].product_uom_qty = 5
        order.order_line[1].product_uom_qty = 4
        self.assertEqual(order.sudo()._deviations(), [])

    def test_a_dearer_part_is_a_line_nobody_has_approved(self):
        order = self.order((self.bowl, 9))
        order.order_line[1].price_unit = 1.0
        self.assertEqual([one.code for one in order.sudo()._deviations()], ["line_added"])
        self.assertEqual(order.review_state, "pending")

    def test_the_first_part_is_deleted(self):
        order = self.quotation(lines=[(self.bowl, 9)])
        order.sudo()._review_gate()
        order.sudo()._choose_sources()
        order.order_line[0].unlink()
        self.assertEqual(order.sudo()._deviations(), [])

    def test_price_discount_and_texts_stay_as_they_were_agreed(self):
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.pricelist.id,
                "applied_on": "0_product_variant",
                "product_id": self.bowl.id,
                "min_quantity": 8,
                "compute_price": "fixed",
                "fixed_price": 11.0,
            }
        )
        line = {"product_id": self.bowl.id, "product_uom_qty": 9, "name": "With an engraving"}
        cheaper = self.quotation(lines=[{**line, "discount": 10}])
        cheaper.sudo()._choose_sources()
        self.assertEqual(cheaper.order_line.mapped("price_unit"), [11.0, 11.0])
        self.assertEqual(cheaper.order_line.mapped("discount"), [10.0, 10.0])
        self.assertEqual(set(cheaper.order_line.mapped("name")), {"With an engraving"})
        order = self.order(line)
        self.assertEqual(len(order.order_line), 2)
        self.assertEqual(self.found(order), [], "eleven for eight and more, also for the parts of nine")


@tagged("post_install", "-at_install")
class TestWhoSeesIt(SourcingCase):
    def test_the_customer_does_not_read_what_freight_costs_us(self):
        order = self.order((self.jug, 3))
        for name in ("source_figures", "source_code", "source_reason"):
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.carla, order.order_line, "read", [name])
        self.assertTrue(self.rpc(self.sally, order.order_line, "read", ["source_reason"])[0]["source_reason"])

    def test_the_customer_does_not_read_where_our_goods_lie(self):
        order = self.order((self.bowl, 9))
        line = order.order_line[1]
        names = ("source_warehouse_id", "source_by_hand", "split_from", "promise_code", "promise_figures")
        for name in (*names, "ready_date"):
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.carla, line, "read", [name])
        self.assertEqual(self.rpc(self.carla, line, "read", ["product_uom_qty"])[0]["product_uom_qty"], 3)

    def test_nobody_passes_a_choice_off_as_the_systems(self):
        order = self.order((self.jug, 3))
        self.ship(order)
        forged = {"source_warehouse_id": self.leeds.id, "source_code": "cheapest"}
        for user in (self.sally, self.mona):
            with self.subTest(user.login):
                with self.assertRaisesRegex(AccessError, "not typed"):
                    self.rpc(user, order.order_line, "write", forged)
                with self.assertRaisesRegex(UserError, "picked or has left"):
                    self.rpc(user, order.order_line, "write", {"source_warehouse_id": self.leeds.id})
                with self.assertRaises(AccessError):
                    self.rpc(user, order.order_line, "write", {"split_from": order.order_line.id})
        lines = self.env["sale.order.line"].with_user(self.sally).with_context(default_source_code="only")
        values = {"product_id": self.jug.id, "product_uom_qty": 1}
        quote = self.quotation(lines=[(self.mug, 1)])
        self.assertFalse(lines.create({**values, "order_id": quote.id}).source_code)
        with self.assertRaises(AccessError):
            lines.create({**values, "order_id": quote.id, "source_figures": {"product": self.jug.id}})

    def test_a_salesperson_chooses_and_it_is_said_who(self):
        order = self.quotation(lines=[(self.jug, 3)], user_id=self.sally.id)
        line = order.order_line.with_user(self.sally)
        self.rpc(self.sally, line, "write", {"source_warehouse_id": self.leeds.id})
        self.assertEqual(self.sources(order), [("JUG", 3, "Leeds")])
        self.assertEqual(line.source_reason, "Leeds, set by Sally")
        added = {"order_id": order.id, "product_id": self.mug.id, "source_warehouse_id": self.leeds.id}
        added = self.env["sale.order.line"].with_user(self.sally).create(added)
        self.assertEqual((added.warehouse_id, added.source_by_hand), (self.leeds, True))
        self.assertEqual(added.source_reason, "Leeds, set by Sally")

    def test_each_role_opens_an_order_that_comes_from_two(self):
        order = self.order((self.bowl, 9))
        order.sudo().user_id = False
        for user in (self.paul, self.sally, self.rita, self.mona, self.anna):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(user.login):
                self.assertEqual(len(Form(order.with_user(user), "sale.view_order_form").order_line), 2)

    def test_a_salesperson_may_not_send_from_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        house = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        order = self.quotation(lines=[(self.jug, 3)])
        with self.assertRaises(UserError):
            order.order_line.sudo().source_warehouse_id = house


@tagged("post_install", "-at_install")
class TestWhatSourcingCosts(SourcingCase):
    def test_the_queries_do_not_grow_with_the_orders(self):
        self.queries(2)
        self.assertLessEqual(self.queries(20), self.queries(4) + 2)

    def queries(self, count):
        orders = self.env["sale.order"].concat(
            *(self.quotation(lines=[(self.jug, 1), (self.mug, 2)]) for _number in range(count))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        orders._choose_sources()
        self.env.flush_all()
        self.assertTrue(all(orders.order_line.mapped("source_code")))
        return self.env.cr.sql_log_count - before
