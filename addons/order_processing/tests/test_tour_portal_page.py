from odoo import fields
from odoo.tests import tagged

from .common_axe import AccessibleCase
from .test_choice_portal import LateCase
from .test_portal_page import PortalPageCase

WIDTHS = (1366, 390)


class BothScreens(AccessibleCase):
    def on_both(self, tour, path, login="carla"):
        """Start the tour on a desk and on a phone; ``path`` is made anew for each."""
        for width in WIDTHS:
            self.browser_size = f"{width}x{900 if width > 600 else 844}"
            with self.subTest(tour=tour, width=width):
                self.start_tour(path() if callable(path) else path, tour, login=login)


@tagged("post_install", "-at_install")
class TestPortalInTheBrowser(PortalPageCase, BothScreens):
    """Carla finds an order, follows it until it is delivered, and orders the same again."""

    def asked(self):
        order = self.quotation(lines=[(self.lantern, 2, 1.0)])
        order.action_submit()
        order.with_user(self.rita).action_review_request_change("Which colour?")
        return order

    def test_the_list(self):
        sent = self.confirmed_order()
        self.ship(sent)
        sent.sudo().shipment_ids.action_delivered()
        self.confirmed_order(lines=[(self.mug, 3)])
        orders = []
        self.on_both("portal_orders_list", lambda: orders.append(self.asked()) or "/my/orders")
        for order in orders:
            self.assertEqual(order.review_state, "pending")
            self.assertEqual(order.sudo().review_decision_ids[:1].reason, "Which colour?")
            self.assertIn("answered", self.events(order, "customer"))
        self.assert_accessible("/my/orders?filterby=delivered", "carla")

    def test_followed_from_received_to_delivered(self):
        order = self.quotation(lines=[(self.lantern, 2, 15.0), (self.mug, 1)])
        order.action_submit()
        path = f"/my/orders/{order.id}"
        self.assertEqual(order.processing_stage, "in_review")
        self.on_both("portal_order_received", path)
        self.approve(order)
        self.assertEqual(order.processing_stage, "ready")
        self.on_both("portal_order_ready", path)
        self.sent_in_two(order.sudo())
        self.assertEqual((order.processing_stage, len(order.sudo().shipment_ids)), ("in_transit", 2))
        self.on_both("portal_order_on_its_way", path)
        self.assert_accessible(path, "carla")
        order.sudo().shipment_ids.action_delivered()
        self.invoice(order, fields.Date.add(fields.Date.today(), days=9))
        self.assertIn(order.processing_stage, ("delivered", "completed"))
        self.on_both("portal_order_delivered", path)
        self.assert_accessible(path, "carla")

    def sent_in_two(self, order):
        """The mug first, the lanterns later, each in a parcel."""
        picking = order.picking_ids
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty if move.product_id == self.mug else 0
        picking.move_ids.filtered("quantity").picked = True
        picking.with_context(skip_backorder=True, picking_ids_not_to_backorder=[]).button_validate()
        self.ship(order)
        for number, shipment in enumerate(order.shipment_ids.sorted("id"), 1):
            shipment.tracking_number = f"NP-{number}"
        order.shipment_ids.action_in_transit()

    def test_the_same_again(self):
        self.company.portal_confirmation_sign = False
        order = self.confirmed_order()
        self.lantern.list_price = 20.0
        domain = [("reordered_from_id", "=", order.id)]
        self.on_both("portal_order_again", f"/my/orders/{order.id}")
        again = self.env["sale.order"].search(domain)
        self.assertEqual(again.mapped("state"), ["sale", "sale"])
        self.assertEqual(again.order_line.mapped("price_unit"), [20.0, 20.0])
        self.on_both("portal_order_again_not", f"/my/orders/{order.id}")
        self.assertEqual(self.env["sale.order"].search(domain), again)


@tagged("post_install", "-at_install")
class TestChoiceOnBothScreens(LateCase, BothScreens):
    """The page that says it comes later, and asks what to do."""

    def test_chosen_on_a_phone(self):
        self.browser_size = "390x844"
        path = f"/my/orders/{self.sale.id}"
        self.assert_accessible(path, "carla")
        self.assert_accessible(f"/order/choice/{self.made._token('ship_now')}", "carla")
        self.start_tour(path, "order_choice_ship_now", login="carla")
        self.assertEqual((self.made.choice, len(self.sale.picking_ids)), ("ship_now", 2))
        self.assert_accessible(path, "carla")

    def test_chosen_at_a_desk(self):
        self.browser_size = "1366x900"
        self.start_tour(f"/my/orders/{self.sale.id}", "order_choice_ship_now", login="carla")
        self.assertEqual((self.made.choice, len(self.sale.picking_ids)), ("ship_now", 2))
