from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common_shortage import ShortageCase
from .test_portal_page import PortalPageCase


@tagged("post_install", "-at_install")
class TestPromiseHistory(ShortageCase):
    """The date on the page, each it had before, and why it moved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = cls.now.replace(hour=12)
        cls.sale = cls.order((cls.blanket, 4)).sudo()
        cls.sale.promise_ids.unlink()
        cls.first = cls.slip(cls.sale, 3)
        cls.sale.first_promise_date = cls.first.date

    def told(self):
        return self.sale._portal_promise()

    def test_not_moved(self):
        told = self.told()
        self.assertEqual(told["date"], self.sale._day_words(self.first.date))
        self.assertEqual((told["before"], told["history"]), (False, []))

    def test_moved_twice_with_reasons(self):
        self.slip(self.sale, 10, "overdue")
        self.slip(self.sale, 20, "stock_lost")
        told = self.told()
        self.assertEqual(told["date"], self.sale._day_words(self.now + timedelta(days=20)))
        self.assertEqual(told["before"], self.sale._day_words(self.first.date))
        self.assertEqual(told["reason"], "Goods we had in stock cannot be sent.")
        self.assertEqual(
            [(one["date"], one["reason"]) for one in told["history"]],
            [
                (
                    self.sale._day_words(self.now + timedelta(days=10)),
                    "Goods we had in stock cannot be sent.",
                ),
                (
                    self.sale._day_words(self.first.date),
                    "We are still waiting for a delivery from our supplier.",
                ),
            ],
        )

    def test_moved_within_a_day_is_no_news(self):
        row = self.slip(self.sale, 3, "overdue")
        row.date += timedelta(hours=1)
        self.assertEqual((self.told()["history"], self.told()["before"]), ([], False))

    def test_nobody_can_say(self):
        row = self.slip(self.sale, 9, "receipt_cancelled")
        row.date = self.sale.promise_date = False
        told = self.told()
        self.assertFalse(told["date"])
        self.assertEqual(told["reason"], "Our supplier cannot deliver as announced.")
        self.slip(self.sale, 30, "receipt_changed")
        self.assertEqual([one["date"] for one in self.told()["history"]][0], False)

    def test_back_where_it_was(self):
        self.slip(self.sale, 10, "overdue")
        self.slip(self.sale, 3, "stock_found")
        told = self.told()
        self.assertFalse(told["before"])
        self.assertEqual(len(told["history"]), 2)

    def test_of_what_has_left_nothing_is_chosen(self):
        self.slip(self.sale, 40)
        self.env["sale.order"]._tell_slip(self.sale.promise_ids[:1])
        self.put_in_stock(self.blanket, 4)
        self.sale.picking_ids.action_assign()
        self.ship(self.sale)
        self.assertEqual(self.sale.fulfilment, "full")
        self.assertEqual(self.told()["choices"], [])
        needing = self.env["sale.order"].sudo()._needing_customer_domain(self.customer)
        self.assertNotIn(self.sale, self.env["sale.order"].sudo().search(needing))


@tagged("post_install", "-at_install")
class TestPapersOnThePage(PortalPageCase):
    """Invoices with their state, documents, and whom to ask."""

    def paid(self, invoice, amount=None):
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        register.create({"amount": amount or invoice.amount_residual})._create_payments()

    def states(self, order):
        return [(one["state"], bool(one["pay_url"])) for one in order.sudo()._portal_invoices()]

    def test_invoices_in_each_state(self):
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")
        order = self.confirmed_order(lines=[(self.lantern, 10)])
        self.assertEqual(self.states(order), [])
        draft = order.sudo()._create_invoices()
        self.assertEqual(self.states(order), [], "a draft is no news for the customer")
        draft.invoice_date_due = fields.Date.add(fields.Date.today(), days=9)
        draft.action_post()
        self.assertEqual(self.states(order), [("To be paid", True)])
        self.assertEqual(order.sudo()._portal_needs(self.carla, {}), [])
        draft.invoice_date_due = fields.Date.subtract(fields.Date.today(), days=3)
        self.assertEqual(self.states(order), [("Overdue", True)])
        [need] = order.sudo()._portal_needs(self.carla, {})
        self.assertTrue(need["overdue_since"])
        draft.invoice_date_due = fields.Date.add(fields.Date.today(), days=9)
        self.paid(draft, 50.0)
        [invoice] = order.sudo()._portal_invoices()
        self.assertEqual((invoice["state"], bool(invoice["pay_url"])), ("Partly paid", True))
        self.assertIn("135", invoice["open"])
        self.paid(draft)
        self.assertEqual([state for state, _pay in self.states(order)], ["Paid"])

    def test_a_credit_note(self):
        order = self.confirmed_order()
        invoice = self.invoice(order).sudo()
        self.paid(invoice)
        refund = invoice._reverse_moves([{"invoice_date": fields.Date.today()}])
        refund.action_post()
        self.assertEqual(self.states(order)[0], ("To be paid back to you", False))
        self.assertIn("Credit note", self.page(f"/my/orders/{order.id}").text)

    def test_set_off_against_its_invoice(self):
        order = self.confirmed_order()
        refund = self.invoice(order).sudo()._reverse_moves([{}], cancel=True)
        self.assertEqual(refund.payment_state, "paid")
        self.assertEqual(self.states(order), [("Settled", False), ("Cancelled by a credit note", False)])

    def test_without_paying_online_no_button(self):
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "False")
        order = self.confirmed_order()
        self.invoice(order)
        self.assertEqual(self.states(order), [("To be paid", False)])
        self.assertNotIn('data-kind="invoice"', self.page(f"/my/orders/{order.id}").text)

    def test_documents_open_by_signed_link_too(self):
        order = self.confirmed_order()
        self.ship(order)
        papers = order.sudo()._portal_papers()
        self.assertEqual([paper["kind"] for paper in papers], ["order", "slip"])
        self.authenticate(None, None)
        for url in (papers[0]["url"], papers[1]["url"], papers[1]["return_url"]):
            self.assertEqual(self.url_open(url, timeout=120).headers["Content-Type"], "application/pdf")
        forged = papers[1]["url"].rpartition("=")[0] + "=x"
        self.assertNotIn("pdf", self.url_open(forged, timeout=60).headers["Content-Type"])

    def test_whom_to_ask(self):
        self.company.partner_id.write({"phone": "+44 20 7946 0000", "email": "shop@example.com"})
        order = self.confirmed_order()
        contact = order.sudo()._portal_contact()
        self.assertEqual((contact["name"], contact["email"]), ("Sally", "sally@example.com"))
        self.assertEqual(contact["phone"], "+44 20 7946 0000", "the company's, where she has none")
        order.sudo().user_id = False
        self.assertEqual(order.sudo()._portal_contact()["email"], "shop@example.com")

    def test_a_draft_is_the_customer_s_alone(self):
        order = self.confirmed_order()
        draft, _gone = order._reorder(self.carla)
        token, path = draft._portal_ensure_token(), f"/my/orders/{draft.id}"
        self.assertIn('id="order_own_draft"', self.page(path).text)
        for login in ("otto", None):
            self.assertEqual(self.page(path, login).url, self.page("/my/orders/999999999", login).url)
        # Whoever has the link sees what is offered, as of Odoo's quotations, and orders nothing with a click.
        for login in ("otto", None, "sally"):
            self.assertNotIn(f"{path}/place", self.page(f"{path}?access_token={token}", login).text)
        self.assertNotIn(draft.name, self.page("/my/quotes", "otto").text)
        self.assertNotIn(draft.name, self.page("/my/orders").text, "nothing is ordered yet")


@tagged("post_install", "-at_install")
class TestWhatAPageCosts(PortalPageCase):
    """Queries of an order's page, and of the list however long it is."""

    def cost(self, path):
        for _warm in range(2):
            self.page(path)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.url_open(path, timeout=60)
        return self.env.cr.sql_log_count - before

    def test_an_order(self):
        """Plain Odoo needs 41 for an order that was sent and invoiced, and the issue allows 12 more."""
        order = self.confirmed_order(lines=[(self.lantern, 2), (self.mug, 1)])
        self.ship(order)
        order.sudo().shipment_ids.tracking_number = "SW-1"
        self.invoice(order)
        self.assertLessEqual(self.cost(f"/my/orders/{order.id}"), 48)

    def test_two_thousand_orders(self):
        few = self.cost("/my/orders")
        for _order in range(2):
            self.confirmed_order()
        few = self.cost("/my/orders")
        line = {"product_id": self.lantern.id}
        values = {"partner_id": self.customer.id, "order_line": [(0, 0, line)]}
        orders = self.env["sale.order"].create([values] * 90)
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE sale_order SET state = 'sale', submitted_at = date_order, processing_stage =
                  (ARRAY['in_transit', 'delivered', 'ready', 'completed'])[1 + id %% 4] WHERE id IN %s""",
            [tuple(orders.ids)],
        )
        self.env.invalidate_all()
        self.assertEqual([self.cost("/my/orders"), self.cost("/my/orders/page/4")], [few, few])
        text = self.page("/my/orders/page/4").text
        self.assertIn("/my/orders/page/5", text)
        self.assertNotIn("/my/orders/page/6", text)
        text = self.page("/my/orders?filterby=delivered&search=Lantern").text
        self.assertIn("page/2?search=Lantern&amp;filterby=delivered", text)
