from odoo.tests import tagged

from .common import OrderProcessingHttpCase


@tagged("post_install", "-at_install")
class TestOrderLifeInTheBrowser(OrderProcessingHttpCase):
    """One order from quotation to completed, in the hands of all four people."""

    def _order(self):
        return self.env["sale.order"].search([("partner_id", "=", self.customer.id)], limit=1)

    def test_from_quotation_to_completed(self):
        self.start_tour("/odoo/order-processing", "order_life_sally_writes", login="sally")
        order = self._order()
        self.assertEqual((order.processing_stage, order.user_id), ("in_review", self.sally))
        self.start_tour("/my/orders", "order_life_carla_held", login="carla")

        self.start_tour("/odoo/order-review", "order_life_rita_approves", login="rita")
        self.assertEqual((order.processing_stage, order.review_state), ("ready", "approved"))

        self.start_tour("/odoo/to-ship", "order_life_wes_ships", login="wes")
        self.assertEqual(order.processing_stage, "in_transit")
        signed_link = order.get_portal_url()
        self.start_tour(signed_link, "order_life_carla_in_transit", login=None)

        self.start_tour("/odoo/shipments", "order_life_wes_delivers", login="wes")
        self.assertEqual(order.processing_stage, "delivered")
        self.start_tour(f"/my/orders/{order.id}", "order_life_carla_delivered", login="carla")

        order.with_user(self.anna)._create_invoices().action_post()
        self.assertEqual(order.processing_stage, "completed")
        self.start_tour(f"/odoo/order-processing/{order.id}", "order_life_sally_completed", login="sally")


@tagged("post_install", "-at_install")
class TestPortalOnAPhone(OrderProcessingHttpCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_order_page_fits_the_screen(self):
        order = self.confirmed_order()
        self.ship(order)
        shipment = order.sudo().shipment_ids
        shipment.tracking_number = "NP-4711"
        shipment.action_in_transit()
        self.start_tour(order.get_portal_url(), "order_phone_in_transit", login=None)
        shipment.action_delivered()
        self.start_tour(f"/my/orders/{order.id}", "order_life_carla_delivered", login="carla")
