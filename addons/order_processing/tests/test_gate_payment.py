from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestPaidOrders(OrderProcessingCase):
    """Carla pays online. A held order stays paid and held, and goes on by itself once it is cleared."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        cls.on_delivery = cls.env["payment.provider"].search(
            [("custom_mode", "=", "cash_on_delivery")], limit=1
        )
        cls.provider.journal_id = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")

    def online_order(self, price):
        order = self.quotation(
            lines=[(self.lantern, 2, price)], require_payment=True, require_signature=False
        )
        order.action_quotation_sent()
        return order.sudo()

    def transaction(self, order, provider=None, amount=None):
        provider = provider or self.provider
        return (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": provider.payment_method_ids[:1].id,
                    "amount": order.amount_total if amount is None else amount,
                    "currency_id": order.currency_id.id,
                    "partner_id": order.partner_id.id,
                    "operation": "online_direct",
                    "sale_order_ids": [Command.set(order.ids)],
                    "reference": f"{order.name}-{len(order.transaction_ids) + 1}",
                }
            )
        )

    def pay(self, order, state="done", **kwargs):
        """Pay as the web shop or the portal does; the provider answers with ``state``."""
        transaction = self.transaction(order, **kwargs)
        self.assertEqual(transaction.provider_code, "demo")
        transaction.provider_id.capture_manually = state == "authorized"
        simulated = "done" if state == "authorized" else state
        transaction._process("demo", {"reference": transaction.reference, "simulated_state": simulated})
        self.assertEqual(transaction.state, state)
        transaction._post_process()
        return transaction

    def assertPaidAndInvoiced(self, order, transaction):
        invoice = order.invoice_ids
        self.assertEqual(len(invoice), 1)
        self.assertEqual((invoice.state, invoice.amount_total), ("posted", order.amount_total))
        self.assertEqual(invoice.amount_residual, 0)
        self.assertTrue(invoice.is_move_sent)
        self.assertEqual(transaction.invoice_ids, invoice)
        self.assertEqual(
            transaction.payment_id.move_id.line_ids.filtered("reconciled").mapped("balance"), [-37.0]
        )

    # ---------------------------------------------------------------- nothing to object to
    def test_a_clean_order_is_confirmed_and_invoiced_when_it_is_paid(self):
        order = self.online_order(18.5)
        transaction = self.pay(order)
        self.assertConfirmed(order)
        self.assertPaidAndInvoiced(order, transaction)
        self.assertEqual(len(self.confirmation_mails(order)), 1)

    # ---------------------------------------------------------------- held
    def test_mended_and_checked_again_it_gets_the_mail_and_the_invoice_it_was_held_from(self):
        order = self.online_order(10.0)
        transaction = self.pay(order)
        self.assertOpen(order)
        order.with_user(self.sally).order_line.price_unit = 18.5
        order.transaction_ids.amount = order.amount_total
        order.with_user(self.sally).action_submit()
        self.assertConfirmed(order)
        self.assertEqual(len(self.confirmation_mails(order)), 1)
        self.assertEqual(transaction.invoice_ids, order.invoice_ids)
        self.assertEqual(order.invoice_ids.state, "posted")

    def test_a_paid_order_is_held(self):
        order = self.online_order(17.0)
        transaction = self.pay(order)
        self.assertOpen(order)
        self.assertEqual((transaction.state, transaction.is_post_processed), ("done", True))
        self.assertEqual(order.amount_paid, 34.0)
        self.assertFalse(order.invoice_ids)
        self.assertFalse(self.confirmation_mails(order))
        self.assertEqual(self.open_findings(order), ["price_off_list"])

    def test_a_paid_order_that_is_held_is_received_once_and_its_payment_is_another_message(self):
        order = self.online_order(17.0)
        self.pay(order)
        messages = order.message_ids.filtered(lambda message: self.customer in message.notified_partner_ids)
        self.assertEqual(
            sorted(messages.mapped("subject")),
            [f"Lamps & Mugs Order (Ref {order.name})", f"We have received your order {order.name}"],
        )
        payment = messages.filtered(lambda message: message.subject.startswith("Lamps"))
        self.assertIn("A payment with reference", payment.body)
        self.pay(order)  # by mistake, once more
        messages = order.message_ids.filtered(lambda message: self.customer in message.notified_partner_ids)
        self.assertEqual(sum("received" in message.subject for message in messages), 1)

    def test_approved_a_paid_order_does_all_it_was_held_from_and_once(self):
        order = self.online_order(18.5)
        self.customer.zip = "not a post code"
        transaction = self.pay(order)
        self.assertOpen(order)
        self.approve(order)
        self.assertConfirmed(order, "approved")
        self.assertPaidAndInvoiced(order, transaction)
        self.assertEqual(len(self.confirmation_mails(order)), 1)
        transaction._invoice_after_review()
        self.assertPaidAndInvoiced(order, transaction)
        self.assertEqual(len(self.confirmation_mails(order)), 1)

    def test_without_automatic_invoices_none_is_made(self):
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "False")
        order = self.online_order(17.0)
        self.pay(order)
        self.approve(order)
        self.assertConfirmed(order, "approved")
        self.assertFalse(order.invoice_ids)
        self.assertEqual(len(self.confirmation_mails(order)), 1)

    def test_an_authorised_order_is_held_and_confirmed_when_cleared(self):
        order = self.online_order(17.0)
        transaction = self.pay(order, state="authorized")
        self.assertOpen(order)
        self.approve(order)
        self.assertConfirmed(order, "approved")
        self.assertFalse(order.invoice_ids)
        self.assertEqual(transaction.state, "authorized")
        self.assertEqual(len(self.confirmation_mails(order)), 1)

    def test_money_captured_while_the_order_waits_leaves_it_waiting(self):
        order = self.online_order(17.0)
        transaction = self.pay(order, state="authorized")
        transaction._set_done()
        transaction._post_process()
        self.assertOpen(order)
        self.approve(order)
        self.assertConfirmed(order, "approved")
        self.assertEqual(len(order.invoice_ids), 1)
        self.assertEqual(len(self.confirmation_mails(order)), 1)

    def test_a_part_payment_does_not_submit_the_order(self):
        order = self.online_order(17.0)
        self.pay(order, amount=5.0)
        self.assertEqual((order.state, order.review_state), ("sent", "not_required"))
        self.assertFalse(order.submitted_at)

    def test_a_payment_that_failed_does_not_submit_the_order(self):
        order = self.online_order(17.0)
        self.pay(order, state="error")
        self.assertFalse(order.submitted_at)

    # ---------------------------------------------------------------- refused
    def test_a_refused_order_stays_refused_however_often_it_is_paid(self):
        order = self.online_order(17.0)
        self.pay(order)
        order.with_user(self.rita).action_review_refuse("We do not sell at that price.")
        self.company.review_price_tolerance = 50
        again = self.pay(order)
        self.assertEqual(again.state, "done")
        self.assertEqual((order.state, order.review_state), ("sent", "refused"))
        self.assertFalse(order.picking_ids)
        self.assertFalse(order.invoice_ids)
        self.assertFalse(self.confirmation_mails(order))

    def test_a_refused_paid_order_cannot_be_approved_behind_its_back(self):
        order = self.online_order(17.0)
        self.pay(order)
        order.with_user(self.rita).action_review_refuse("No.")
        for decide in ("action_submit", "action_confirm"):
            with self.subTest(decide), self.assertRaisesRegex(UserError, "was refused"):
                self.rpc(self.sally, order, decide)
        self.assertEqual(order.state, "sent")

    # ---------------------------------------------------------------- cash on delivery
    def promise_cash(self, price):
        order = self.quotation(lines=[(self.lantern, 2, price)]).sudo()
        transaction = self.transaction(order, provider=self.on_delivery)
        transaction._set_pending()
        transaction._post_process()
        return order

    def test_cash_on_delivery_confirms_a_clean_order(self):
        order = self.promise_cash(18.5)
        self.assertConfirmed(order)
        self.assertEqual(len(self.confirmation_mails(order)), 1)

    def test_cash_on_delivery_holds_a_bad_one(self):
        order = self.promise_cash(17.0)
        self.assertOpen(order)
        self.assertFalse(self.confirmation_mails(order))
        self.approve(order)
        self.assertConfirmed(order, "approved")
        self.assertEqual(len(self.confirmation_mails(order)), 1)
        self.assertFalse(order.invoice_ids)
