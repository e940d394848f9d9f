from odoo.tests import tagged

from .common import OrderProcessingHttpCase
from .common_axe import AccessibleCase
from .test_customer_change import ChangeCase


@tagged("post_install", "-at_install")
class TestCustomerInTheBrowser(ChangeCase, OrderProcessingHttpCase, AccessibleCase):
    """Carla looks up her order without log-in, and changes another; on a desk and on a phone."""

    def both(self, path, tour, login, again):
        for width in (1366, 390):
            self.browser_size = f"{width}x900"
            with self.subTest(width=width):
                again()
                self.start_tour(path, tour, login=login)

    def test_look_up(self):
        self.sale.name = "S04711"
        self.ship(self.sale)
        self.both("/order/status", "customer_looks_up", None, lambda: None)
        self.assert_accessible("/order/status", None)
        self.assert_accessible(f"/order/status/{self.sale._lookup_token()}", None)

    def test_change(self):
        path = f"/my/orders/{self.sale.id}"
        self.both(
            path, "customer_changes_quantity", "carla", lambda: self.lanterns.write({"product_uom_qty": 5})
        )
        self.assertEqual(self.lanterns.product_uom_qty, 4)
        self.assert_accessible(f"{path}/change", "carla")
        self.assert_accessible(f"{path}?message=change_done", "carla")

    def test_address(self):
        path = f"/my/orders/{self.sale.id}"
        self.both(
            path,
            "customer_changes_address",
            "carla",
            lambda: self.sale.write({"partner_shipping_id": self.customer.id}),
        )
        self.assertEqual(self.sale.partner_shipping_id.street, "222 Baker Street")

    def test_higher_price(self):
        for quantity, price in ((1, 20.0), (5, 18.5)):
            self.env["product.pricelist.item"].create(
                {
                    "pricelist_id": self.pricelist.id,
                    "applied_on": "0_product_variant",
                    "product_id": self.lantern.id,
                    "min_quantity": quantity,
                    "fixed_price": price,
                }
            )
        path = f"/my/orders/{self.sale.id}"
        self.both(
            path,
            "customer_accepts_a_higher_price",
            "carla",
            lambda: self.lanterns.write({"product_uom_qty": 5}),
        )
        self.assertEqual((self.lanterns.product_uom_qty, self.lanterns.price_unit), (4, 20))

    def test_cancel(self):
        for width in (1366, 390):
            self.browser_size = f"{width}x900"
            order = self.confirmed_order().sudo()
            with self.subTest(width=width):
                self.start_tour(f"/my/orders/{order.id}", "customer_cancels", login="carla")
                self.assertEqual(order.state, "cancel")
        self.assert_accessible(f"/my/orders/{order.id}?message=change_done_less", "carla")
        self.assert_accessible("/my/orders", "carla")
