from datetime import timedelta

from odoo import fields
from odoo.http import Request
from odoo.tests import new_test_user, tagged

from .common import OrderProcessingHttpCase
from .common_axe import AccessibleCase


class PortalPageCase(OrderProcessingHttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = new_test_user(cls.env, "otto", "base.group_portal", name="Otto", email="otto@example.com")

    def page(self, path, login="carla"):
        self.authenticate(login, login and login.ljust(8, "x"))
        return self.url_open(path, timeout=60)

    def post(self, path, login="carla"):
        self.authenticate(login, login and login.ljust(8, "x"))
        form = {"csrf_token": Request.csrf_token(self)}
        return self.url_open(path, data=form, timeout=60)

    def invoice(self, order, due=None):
        invoice = order.sudo()._create_invoices()
        invoice.invoice_date_due = due or fields.Date.today()
        invoice.action_post()
        return invoice


@tagged("post_install", "-at_install")
class TestPortalPage(PortalPageCase):
    """Carla's order: what is needed from her on top, then where it stands, and all she may want to have."""

    def test_in_the_order_she_needs_it(self):
        order = self.confirmed_order()
        self.ship(order)
        self.invoice(order)
        text = self.page(f"/my/orders/{order.id}").text
        marks = "progress needs parcels timeline papers invoices contact actions after"
        marks = [*(f"order_{mark}" for mark in marks.split()), "portal_sale_content"]
        places = [text.find(f'id="{mark}"') for mark in marks]
        self.assertNotIn(-1, places)
        self.assertEqual(places, sorted(places))
        self.assertEqual(text.count("Delivery slip"), 1)
        self.assertNotIn("Last Delivery Orders", text)
        self.assertNotIn("Last Invoices", text)

    def test_a_payment_that_is_due_stands_on_top(self):
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")
        order = self.confirmed_order()
        invoice = self.invoice(order, fields.Date.today() - timedelta(days=3))
        text = self.page(f"/my/orders/{order.id}").text
        self.assertIn('data-kind="invoice"', text)
        self.assertIn("was due on", text)
        self.assertIn("Overdue", text)
        self.assertIn("Payment due", self.page("/my/orders?filterby=needs").text)
        invoice.sudo().invoice_date_due = fields.Date.today() + timedelta(days=9)
        text = self.page(f"/my/orders/{order.id}").text
        self.assertNotIn('data-kind="invoice"', text)
        self.assertIn("To be paid", text)
        self.assertNotIn(order.name, self.page("/my/orders?filterby=needs").text)

    def test_what_is_old_is_folded(self):
        order = self.confirmed_order()
        for number in range(12):
            self.env["order.event"]._log(order, "answered", {"answer": f"No. {number}"}, audience="customer")
        text = self.page(f"/my/orders/{order.id}").text
        before, _mark, folded = text.partition("<summary>Earlier")
        self.assertIn("No. 11", before)
        self.assertIn("No. 2", folded)
        self.assertNotIn("No. 2<", before)

    def test_a_cancelled_order_was_no_quotation(self):
        order = self.confirmed_order()
        order.sudo()._action_cancel()
        text = self.page(f"/my/orders/{order.id}").text
        self.assertIn("This order has been cancelled", text)
        self.assertNotIn("uotation", text.partition("order_progress")[2].partition("<footer")[0])

    def test_one_date_and_no_expiration(self):
        order = self.quotation(lines=[(self.lantern, 2, 1.0)], commitment_date="2030-01-15 12:00:00")
        order.action_submit()
        text = self.page(f"/my/orders/{order.id}").text
        self.assertEqual(text.count("Delivery Date"), 1)
        self.assertNotIn("Expiration", text)

    def test_names_and_notes_are_no_script(self):
        script = "<script>alert(1)</script>"
        self.sally.partner_id.write({"name": script, "phone": '"><b>1'})
        order = self.confirmed_order(user_id=self.sally.id, packing_instruction=script)
        self.env["order.event"]._log(order, "answered", {"answer": script}, audience="customer")
        text = self.page(f"/my/orders/{order.id}").text
        self.assertNotIn(script, text)
        self.assertNotIn('"><b>1', text)

    def test_nobody_else(self):
        order = self.confirmed_order()
        token = order.sudo()._portal_ensure_token()
        page, forged = f"/my/orders/{order.id}", f"x{token[1:]}"
        for login in ("otto", None):
            unknown = self.page("/my/orders/999999999", login)
            self.assertEqual(self.page(page, login).url, unknown.url)
            self.assertEqual(self.page(f"{page}?access_token={forged}", login).url, unknown.url)
        self.assertIn('id="order_progress"', self.page(f"{page}?access_token={token}", None).text)

    def test_queries_do_not_grow(self):
        few, many = self.confirmed_order(), self.confirmed_order(lines=[(self.lantern, 1), (self.mug, 2)])
        self.ship(few)
        for _part in range(3):
            self.env["order.event"]._log(few, "answered", {"answer": "Yes"}, audience="customer")
        self.ship(many)
        for _part in range(30):
            self.env["order.event"]._log(many, "answered", {"answer": "Yes"}, audience="customer")
        counts = []
        for order in (few, many):
            for _warm in range(2):
                self.page(f"/my/orders/{order.id}")
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.url_open(f"/my/orders/{order.id}", timeout=60)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(abs(counts[1] - counts[0]), 2, counts)


@tagged("post_install", "-at_install")
class TestPortalList(PortalPageCase):
    """Carla's orders: found, filtered, and the same number of queries for one and for many."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sent, cls.waiting = cls.confirmed_order(), cls.confirmed_order(lines=[(cls.mug, 3)])
        cls.asked = cls.quotation(client_order_ref="PO-77", lines=[(cls.lantern, 2, 1.0)])
        cls.asked.action_submit()
        cls.asked.with_user(cls.rita).action_review_request_change("Which colour?")
        cls.ship(cls.sent)
        cls.sent.sudo().shipment_ids.action_delivered()

    def found(self, query):
        text = self.page(f"/my/orders?{query}").text
        return [order for order in (self.sent, self.waiting, self.asked) if f">{order.name}<" in text]

    def test_filters_and_search(self):
        self.assertEqual(self.found(""), [self.sent, self.waiting, self.asked])
        self.assertEqual(self.found("filterby=open"), [self.waiting, self.asked])
        self.assertEqual(self.found("filterby=needs"), [self.asked])
        self.assertEqual(self.found("filterby=delivered"), [self.sent])
        self.assertEqual(self.found(f"search={self.sent.name}"), [self.sent])
        self.assertEqual(self.found("search=po-77"), [self.asked])
        self.assertEqual(self.found("search=Enamel"), [self.waiting])
        self.assertEqual(self.found("search=Enamel&filterby=delivered"), [])
        self.assertEqual(
            self.found("filterby=nonsense&sortby=nonsense"), [self.sent, self.waiting, self.asked]
        )
        self.assertNotIn("<script>x", self.page("/my/orders?search=<script>x").text)

    def test_of_others_nothing(self):
        for query in ("", "filterby=needs", f"search={self.sent.name}", "search=%25"):
            text = self.page(f"/my/orders?{query}", "otto").text
            self.assertFalse([o.name for o in (self.sent, self.waiting, self.asked) if f">{o.name}<" in text])

    def test_constant_queries(self):
        self.page("/my/orders")
        counts = []
        for _more in range(2):
            self.env.flush_all()
            self.url_open("/my/orders", timeout=60)
            before = self.env.cr.sql_log_count
            self.url_open("/my/orders", timeout=60)
            counts.append(self.env.cr.sql_log_count - before)
            for _order in range(6):
                self.ship(self.confirmed_order())
        self.assertEqual(*counts)


@tagged("post_install", "-at_install")
class TestReorder(PortalPageCase):
    """Carla orders the same again."""

    def draft_of(self, order):
        return self.env["sale.order"].search([("reordered_from_id", "=", order.id)])

    def test_at_todays_prices(self):
        self.company.portal_confirmation_sign = False
        order = self.confirmed_order(lines=[(self.lantern, 2), (self.mug, 4)])
        self.lantern.list_price = 20.0
        self.post(f"/my/orders/{order.id}/reorder")
        draft = self.draft_of(order)
        self.assertEqual(draft.state, "draft")
        self.assertEqual(draft.order_line.mapped("price_unit"), [20.0, 7.9])
        self.assertEqual(draft.order_line.mapped("product_uom_qty"), [2, 4])
        self.assertEqual(draft.partner_id, self.customer)
        self.post(f"/my/orders/{order.id}/reorder")
        self.assertEqual(self.draft_of(order), draft, "a second click makes no second draft")
        self.assertIn(f">{draft.name}<", self.page("/my/quotes").text)
        self.assertIn('id="order_own_draft"', self.page(f"/my/orders/{draft.id}").text)
        page = self.post(f"/my/orders/{draft.id}/place")
        draft.invalidate_recordset()
        self.assertEqual(draft.state, "sale")
        self.assertIn("We have your order", page.text)

    def test_a_signature_stays_needed(self):
        order = self.confirmed_order()
        self.post(f"/my/orders/{order.id}/reorder")
        draft = self.draft_of(order)
        draft.require_signature = True
        self.post(f"/my/orders/{draft.id}/place")
        draft.invalidate_recordset()
        self.assertEqual(draft.state, "draft")

    def test_what_is_not_sold_any_more(self):
        order = self.confirmed_order(lines=[(self.lantern, 2), (self.mug, 4)])
        self.mug.sale_ok = False
        self.assertIn("Not all of it is sold", self.post(f"/my/orders/{order.id}/reorder").text)
        self.assertEqual(self.draft_of(order).order_line.product_id, self.lantern)
        other = self.confirmed_order()
        self.lantern.sale_ok = False
        self.assertIn("Nothing of this order", self.post(f"/my/orders/{other.id}/reorder").text)
        self.assertFalse(self.draft_of(other))

    def test_thrown_away(self):
        order = self.confirmed_order()
        self.post(f"/my/orders/{order.id}/reorder")
        self.post(f"/my/orders/{self.draft_of(order).id}/discard")
        self.assertFalse(self.draft_of(order))

    def test_only_his_own(self):
        order = self.confirmed_order()
        token = order.sudo()._portal_ensure_token()
        offered = self.quotation()
        for login in ("otto", None, "sally"):
            for path in (
                f"{order.id}/reorder",
                f"{order.id}/reorder?access_token={token}",
                f"{order.id}/discard",
            ):
                self.post(f"/my/orders/{path}", login)
        self.assertFalse(self.draft_of(order))
        self.post(f"/my/orders/{order.id}/reorder")
        draft = self.draft_of(order)
        for login in ("otto", None, "sally"):
            self.post(f"/my/orders/{draft.id}/place", login)
            self.post(f"/my/orders/{draft.id}/discard", login)
        # A colleague's draft is not the customer's to order or to throw away.
        for verb in ("place", "discard"):
            self.post(f"/my/orders/{offered.id}/{verb}")
            self.post(f"/my/orders/{order.id}/{verb}")
        self.assertEqual((draft.state, offered.state, order.state), ("draft", "draft", "sale"))
        self.assertEqual(self.page(f"/my/orders/{order.id}/reorder").status_code, 405)


@tagged("post_install", "-at_install")
class TestPortalPageAccessible(PortalPageCase, AccessibleCase):
    """The customer's pages, with axe-core, on a desk and on a phone."""

    def test_order_page(self):
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")
        order = self.confirmed_order(packing_instruction="Ring twice. " * 20)
        self.ship(order)
        order.sudo().shipment_ids.tracking_number = "SW-1234567890"
        self.invoice(order, fields.Date.today() - timedelta(days=3))
        for number in range(12):
            self.env["order.event"]._log(order, "answered", {"answer": f"No. {number}"}, audience="customer")
        self.assert_accessible(f"/my/orders/{order.id}", "carla")

    def test_what_is_asked(self):
        order = self.quotation(lines=[(self.lantern, 2, 1.0)])
        order.action_submit()
        order.with_user(self.rita).action_review_request_change("Is that right?")
        self.assert_accessible(f"/my/orders/{order.id}", "carla")

    def test_draft_and_lists(self):
        order = self.confirmed_order()
        draft, _gone = order._reorder(self.carla)
        self.assert_accessible(f"/my/orders/{draft.id}", "carla")
        self.assert_accessible("/my/orders", "carla")
        self.assert_accessible("/my/orders?search=nothing&filterby=needs", "carla")
