from datetime import timedelta

from odoo import fields
from odoo.http import Request
from odoo.tests import tagged

from .common import OrderProcessingHttpCase
from .common_sourcing import SourcingCase

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestPortal(OrderProcessingHttpCase):
    """Carla signs and follows her orders in the browser."""

    def offer(self, price=18.5, **vals):
        order = self.quotation(lines=[(self.lantern, 2, price)], **vals)
        order.action_quotation_sent()
        order.sudo()._portal_ensure_token()
        return order.sudo()

    def sign(self, order):
        params = {"access_token": order.access_token, "name": "Carla", "signature": PIXEL}
        return self.make_jsonrpc_request(f"/my/orders/{order.id}/accept", params, timeout=60)

    def page(self, order):
        response = self.url_open(order.get_portal_url(), timeout=60)
        self.assertEqual(response.status_code, 200)
        self.assertIn(order.name, response.text)
        return response.text

    # ---------------------------------------------------------------- signing
    def test_a_signature_confirms_a_clean_order(self):
        order = self.offer()
        self.assertTrue(self.sign(order)["force_refresh"])
        self.assertConfirmed(order)
        self.assertEqual(order.signed_by, "Carla")
        self.assertEqual(len(self.confirmation_mails(order)), 1)

    def test_a_signature_is_kept_when_the_order_is_held(self):
        order = self.offer(17.0)
        self.assertNotIn("error", self.sign(order))
        self.assertOpen(order)
        self.assertEqual(order.signed_by, "Carla")
        self.assertTrue(order.signature)
        self.assertEqual(self.open_findings(order), ["price_off_list"])
        self.assertFalse(self.confirmation_mails(order))
        self.approve(order)
        self.assertConfirmed(order, "approved")
        self.assertEqual(order.signed_by, "Carla")
        self.assertEqual(len(self.confirmation_mails(order)), 1)

    def test_a_held_order_cannot_be_signed_again(self):
        order = self.offer(17.0)
        self.sign(order)
        order.signature = False
        self.assertIn("not in a state requiring customer signature", self.sign(order)["error"])
        self.assertOpen(order)

    def test_a_held_order_cannot_be_rejected(self):
        order, free = self.offer(17.0), self.offer()
        order._validate_order()
        self.authenticate("carla", "carlaxxx")
        for offered in (order, free):
            form = {
                "access_token": offered.access_token,
                "decline_message": "Too slow",
                "csrf_token": Request.csrf_token(self),
            }
            self.url_open(f"/my/orders/{offered.id}/decline", data=form, timeout=60)
        self.assertOpen(order)
        self.assertEqual(free.state, "cancel")

    # ---------------------------------------------------------------- looking
    def test_an_offer_shows_sign_and_reject_a_held_order_neither(self):
        offer, held = self.offer(require_payment=True), self.offer(17.0, require_payment=True)
        held._validate_order()
        self.assertOpen(held)
        for part in ('data-bs-target="#modalaccept"', 'data-bs-target="#modaldecline"'):
            self.assertIn(part, self.page(offer))
            self.assertNotIn(part, self.page(held))
        self.assertFalse(held._has_to_be_paid() or held._has_to_be_signed())
        self.assertTrue(offer._has_to_be_paid() and offer._has_to_be_signed())

    def test_a_held_order_says_so_and_not_why(self):
        order = self.offer(17.0)
        order._validate_order()
        page = self.page(order)
        self.assertIn("We are checking your order", page)
        for internal in ("price list", "17.00,", "off_list", "review_clearance"):
            self.assertNotIn(internal, page)

    def test_nothing_is_lost_when_the_offer_runs_out_while_we_check(self):
        yesterday = fields.Date.today() - timedelta(days=1)
        held, offer = self.offer(17.0), self.offer(17.0)
        held._validate_order()
        (held + offer).write({"validity_date": yesterday})
        self.assertEqual((held.is_expired, offer.is_expired), (False, True))
        self.assertNotIn("expired", self.page(held).lower())
        self.assertIn("expired", self.page(offer).lower())
        self.approve(held)
        self.assertConfirmed(held, "approved")

    def test_a_held_order_stands_among_the_orders_not_the_quotations(self):
        held, offer = self.offer(17.0), self.offer()
        held._validate_order()
        self.authenticate("carla", "carlaxxx")
        orders = self.url_open("/my/orders", timeout=60).text
        quotes = self.url_open("/my/quotes", timeout=60).text
        self.assertIn(held.name, orders)
        self.assertNotIn(held.name, quotes)
        self.assertIn(offer.name, quotes)
        self.assertNotIn(offer.name, orders)


@tagged("post_install", "-at_install")
class TestPortalOfWhatIsPromised(SourcingCase, OrderProcessingHttpCase):
    """Nobody is logged in; the warehouse is chosen and a date promised by what only staff may read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promise_from(fields.Datetime.now())
        cls.company.portal_confirmation_sign = True

    def offer(self, *lines):
        order = self.quotation(lines=list(lines), require_signature=True)
        order.action_quotation_sent()
        order.sudo()._portal_ensure_token()
        return order.sudo()

    def page(self, order):
        response = self.url_open(order.get_portal_url(), timeout=60)
        self.assertEqual(response.status_code, 200)
        return response.text

    def test_a_signature_chooses_the_warehouse_and_promises_a_date(self):
        order = self.offer((self.kettle, 3), (self.bowl, 9))
        params = {"access_token": order.access_token, "name": "Carla", "signature": PIXEL}
        answer = self.make_jsonrpc_request(f"/my/orders/{order.id}/accept", params, timeout=60)
        self.assertTrue(answer["force_refresh"])
        self.assertEqual((order.state, len(order.picking_ids)), ("sale", 2))
        self.assertIn(("KETTLE", 3, "Leeds"), self.sources(order))
        self.assertTrue(order.promise_date)
        self.assertIn("Expected with you on", self.page(order))
        self.authenticate("carla", "carlaxxx")
        self.assertIn("Expected with you on", self.page(order))

    def test_a_quotation_says_what_is_there_and_when_it_can_come(self):
        vase, rare = self.stocked("VASE", london=0, leeds=0), self.stocked("RARE", london=0, leeds=0)
        self.receipt(vase, 5, days=30)
        order = self.offer((self.jug, 1), (vase, 2), (rare, 1))
        possible = [order._portal_possible()[line.id] for line in order.order_line]
        self.assertEqual(possible[0]["stock"], "In stock")
        self.assertRegex(possible[1]["stock"], "^From ")
        self.assertEqual((possible[2]["stock"], possible[2]["date"]), ("Date on request", False))
        page = self.page(order)
        for words in ("In stock", possible[1]["stock"], "Date on request", "Can be with you on"):
            self.assertIn(words, page)
        self.company.promise_mode = "show"
        self.assertNotIn("o_order_possible", self.page(order), "dates are for staff there")
        self.assertFalse(order._portal_possible())
