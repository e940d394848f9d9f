"""What other systems are told when an order cannot be entered, and who may ask."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_api import ApiCase


@tagged("post_install", "-at_install")
class TestPlaceOrderRefused(ApiCase):
    def assertRefused(self, words, **changes):
        with self.assertRaisesRegex(UserError, words):
            self.place(**changes)
        self.assertFalse(self.env["sale.order"].search([("channel_ref", "=", "W-1001")]))

    def test_each_refusal_names_what_is_wrong(self):
        line = {"sku": "LANTERN", "quantity": 2}
        self.product("TWIN", 1.0)
        self.product("TWIN", 1.0)
        self.product("INSIDE", 1.0, sale_ok=False)
        for words, changes in (
            ("channel is missing", {"channel": None}),
            ("no channel with the code fax", {"channel": "fax"}),
            ("customer is missing", {"customer": "Carla"}),
            ("no customer with the id 999999999", {"customer": {"id": 999999999}}),
            ("customer is not known", {"customer": {"email": "nobody@example.com"}}),
            ("lines is missing", {"lines": []}),
            ("line 2 has no sku", {"lines": [line, {"quantity": 1}]}),
            ("quantity of line 1 must be a number", {"lines": [{**line, "quantity": "2"}]}),
            ("quantity of line 1 must be a number", {"lines": [{**line, "quantity": -2}]}),
            ("quantity of line 1 must be a number", {"lines": [{**line, "quantity": float("nan")}]}),
            ("quantity of line 1 must be more than 0", {"lines": [{**line, "quantity": 0}]}),
            ("price of line 1 must be a number", {"lines": [{**line, "price": "cheap"}]}),
            ("no product with the SKU TORCH", {"lines": [{"sku": "TORCH", "quantity": 1}]}),
            ("2 products share the SKU TWIN", {"lines": [{"sku": "TWIN", "quantity": 1}]}),
            ("product INSIDE is not for sale", {"lines": [{"sku": "INSIDE", "quantity": 1}]}),
            ("urgency must be", {"urgency": "high"}),
            ("requested_date must look like", {"requested_date": "tomorrow"}),
            ("requested_date must look like", {"requested_date": 20270131}),
            ("note must be a text", {"note": {"text": "hello"}}),
            ("delivery_address must be an object", {"delivery_address": "Leeds"}),
        ):
            with self.subTest(words):
                self.assertRefused(words, **changes)

    def test_a_number_is_needed_and_an_object(self):
        for payload, words in ((self.payload(ref=" "), "ref is missing"), ([], "must be an object")):
            with self.assertRaisesRegex(UserError, words):
                self.env["sale.order"].with_user(self.sally).place_order(payload)

    def test_asked_for_an_order_that_is_not_there(self):
        with self.assertRaisesRegex(UserError, "no order W-9 of the channel api"):
            self.env["sale.order"].with_user(self.sally).order_status("api", "W-9")


@tagged("post_install", "-at_install")
class TestPlaceOrderRights(ApiCase):
    def test_any_salesperson_may(self):
        answer = self.place(by=self.paul, customer={"name": "Eve", "email": "eve@example.com"})
        self.assertEqual(answer["created"], True)
        self.assertEqual(self.env["sale.order"].browse(answer["id"]).create_uid, self.paul)

    def test_others_may_not(self):
        for user in (self.wes, self.carla, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.place(by=user)

    def test_a_salesperson_asks_for_orders_he_may_see(self):
        self.place(by=self.mona)
        Order = self.env["sale.order"]
        self.assertEqual(Order.with_user(self.mona).order_status("api", "W-1001")["stage"], "ready")
        with self.assertRaisesRegex(UserError, "no order W-1001"):
            Order.with_user(self.paul).order_status("api", "W-1001")
        with self.assertRaisesRegex(UserError, "W-1001"):
            self.place(by=self.paul)
        self.assertEqual(Order.search_count([("channel_ref", "=", "W-1001")]), 1)
