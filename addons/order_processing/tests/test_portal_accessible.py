from odoo.tests import tagged

from .common import OrderProcessingHttpCase
from .common_axe import AccessibleCase


@tagged("post_install", "-at_install")
class TestPortalAccessible(OrderProcessingHttpCase, AccessibleCase):
    """The customer's pages, with axe-core, on a desk and on a phone."""

    def test_order_page(self):
        order = self.confirmed_order()
        self.assert_accessible(f"/my/orders/{order.id}", "carla")

    def test_list(self):
        self.confirmed_order()
        self.assert_accessible("/my/orders", "carla")
