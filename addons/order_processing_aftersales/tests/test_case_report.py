from odoo.tests import Form, tagged

from .common import CaseCase


@tagged("post_install", "-at_install")
class TestCaseReport(CaseCase):
    """What is counted, where one gets to a case from, and what a new one knows by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freight = cls.product("FREIGHT", 5.0, type="service", is_storable=False)
        vals = {"product_id": freight.id, "delivery_type": "fixed"}
        cls.fast, cls.slow = cls.env["delivery.carrier"].create(
            [{"name": "Fast", **vals}, {"name": "Slow", **vals}]
        )
        cls.shop = cls.env["res.partner"].create(
            {**cls.customer.copy_data()[0], "name": "Shop", "email": "shop@example.com"}
        )
        cls.shops = cls.confirmed_order(cls.shop, lines=[(cls.mug, 10), (cls.lantern, 1)])
        if cls.shops.state != "sale":
            cls.approve(cls.shops, "Known")
        cls.ship(cls.shops)
        cls.order.sudo().shipment_ids.carrier_id = cls.fast
        cls.shops.sudo().shipment_ids.carrier_id = cls.slow
        cls.case(quantity=3)
        case = cls.case(order=cls.shops, quantity=4, kind="missing")
        case.line_ids.reason = "missing"
        lantern = cls.shops.sudo().order_line[1]
        case.line_ids = [(0, 0, {"sale_line_id": lantern.id, "quantity": 1, "reason": "broken"})]

    def figures(self, *groups, by=None):
        lines = self.env["order.case.line"].with_user(by or self.mona)
        return lines._read_group([], list(groups), ["quantity:sum"])

    def test_by_product_carrier_and_customer(self):
        self.assertCountEqual(self.figures("product_id"), [(self.lantern, 4), (self.mug, 4)])
        self.assertCountEqual(self.figures("carrier_id"), [(self.fast, 3), (self.slow, 5)])
        self.assertCountEqual(self.figures("partner_id"), [(self.customer, 3), (self.shop, 5)])
        self.assertCountEqual(self.figures("kind"), [("damage", 3), ("missing", 5)])
        self.assertCountEqual(
            self.figures("product_id", "reason"),
            [(self.lantern, "broken", 4), (self.mug, "missing", 4)],
        )

    def test_who_sees_some_counts_those(self):
        self.assertEqual(self.figures("product_id", by=self.paul), [])

    def test_the_screens_can_be_opened(self):
        for name in ("order_case_line_action", "order_case_action", "order_case_rule_action"):
            action = self.env.ref(f"order_processing_aftersales.{name}")
            model = self.env[action.res_model].with_user(self.mona)
            for view in action.view_mode.split(","):
                with self.subTest(name, view=view):
                    self.assertTrue(model.get_view(view_type=view)["arch"])

    def test_from_the_order_and_from_the_customer(self):
        order = self.order.with_user(self.sally)
        self.assertEqual((order.case_count, order.partner_id.case_count), (1, 1))
        self.assertEqual(order.action_view_cases()["domain"], [("order_id", "in", order.ids)])
        action = order.action_new_case()
        with Form(self.env["order.case"].with_user(self.sally).with_context(**action["context"])) as form:
            form.subject = "One more"
        case = form.record
        self.assertEqual((case.order_id, case.partner_id), (order, self.customer))
        self.assertEqual((case.company_id, case.source), (self.company, "staff"))
        self.env.invalidate_all()
        self.assertEqual(order.case_count, 2)
        self.assertEqual(case.partner_id.with_user(self.sally).case_count, 2)

    def test_of_a_company_what_its_people_have_said(self):
        self.customer.parent_id = self.env["res.partner"].create({"name": "Baker & Co", "is_company": True})
        self.env.flush_all()
        both = (self.customer | self.customer.parent_id).with_user(self.mona)
        self.assertEqual(both.mapped("case_count"), [1, 1])

    def test_the_order_of_a_new_case_says_whose_it_is(self):
        with Form(self.env["order.case"].with_user(self.sally)) as form:
            form.subject = "Hello"
            form.order_id = self.order
            self.assertEqual(form.partner_id, self.customer)
