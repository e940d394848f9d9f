from odoo import models
from odoo.tools import str2bool


class PaymentTransaction(models.Model):
    """A paid order that is held stays paid and held, and confirms by itself when cleared."""

    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        held = self.filtered(lambda transaction: transaction._is_order_held())
        return super(PaymentTransaction, self - held)._check_amount_and_confirm_order()

    def _is_order_held(self):
        """Submit the one order this payment is for, as the payment would confirm it."""
        quotation = self.sale_order_ids.filtered(lambda order: order.state in ("draft", "sent"))
        if len(self.sale_order_ids) != 1 or not quotation or not quotation._is_confirmation_amount_reached():
            return False
        return not quotation.with_context(send_email=True)._review_gate()

    def _post_process(self):
        # Cash on delivery confirms whatever is still in draft: held orders are not, once asked.
        on_delivery = self.filtered(
            lambda tx: tx.provider_id.custom_mode == "cash_on_delivery" and tx.state == "pending"
        )
        drafts = on_delivery.sale_order_ids.filtered(lambda order: order.state == "draft")
        drafts.with_context(send_email=True)._review_gate()
        return super()._post_process()

    def _invoice_after_review(self):
        """Make the invoice a payment would have made, had its order not been held. Once."""
        if not str2bool(self.env["ir.config_parameter"].sudo().get_param("sale.automatic_invoice")):
            return
        done = self.filtered(
            # What Odoo has not processed yet, it will invoice itself: the order is confirmed by then.
            lambda tx: tx.state == "done"
            and tx.is_post_processed
            and tx.operation != "validation"
            and not tx.invoice_ids
        )
        if not done:
            return
        done._invoice_sale_orders()
        done.invoice_ids.filtered(lambda invoice: invoice.state == "draft").action_post()
        for transaction in done:
            transaction._reconcile_payment_with_invoices()
        done._send_invoice()

    def _reconcile_payment_with_invoices(self):
        lines = (self.payment_id.move_id | self.invoice_ids).line_ids
        lines = lines.filtered(
            lambda line: line.account_id == self.payment_id.destination_account_id and not line.reconciled
        )
        lines.reconcile()
