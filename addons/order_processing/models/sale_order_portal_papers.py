from odoo import fields, models
from odoo.tools import format_amount, format_date

# So many of what has happened stand open; what is older is folded.
TOLD_AT_ONCE = 5


class SaleOrder(models.Model):
    """What the customer can take home: documents and invoices; and whom he can ask."""

    _inherit = "sale.order"

    def _portal_papers(self):
        """Return ``[{kind, name, url, …}]`` of the documents; the caller may read the order (sudo)."""
        token = self._portal_ensure_token()
        papers = [
            {"kind": "order", "name": self.name, "url": self.get_portal_url(report_type="pdf", download=True)}
        ]
        sent = self.picking_ids.filtered(
            lambda picking: picking.state == "done" and picking.picking_type_id.code == "outgoing"
        )
        return papers + [
            {
                "kind": "slip",
                "name": picking.name,
                "day": self._day_words(picking.date_done),
                "url": f"/my/picking/pdf/{picking.id}?access_token={token}",
                "return_url": f"/my/picking/return/pdf/{picking.id}?access_token={token}",
            }
            for picking in sent.sorted("id")
        ]

    def _portal_invoices(self):
        """Return ``[{name, day, due, amount, state, tone, url, pay_url}]``, the newest first."""
        invoices = self.invoice_ids.filtered(lambda invoice: invoice.state == "posted")
        return [self._portal_invoice(invoice) for invoice in invoices.sorted("id", reverse=True)]

    def _portal_invoice(self, invoice):
        state, tone = self._portal_invoice_state(invoice)
        url = invoice.get_portal_url()
        return {
            "name": invoice.name,
            "is_refund": invoice.move_type == "out_refund",
            "day": format_date(self.env, invoice.invoice_date),
            "due": tone != "success" and format_date(self.env, invoice.invoice_date_due),
            "amount": format_amount(self.env, invoice.amount_total, invoice.currency_id),
            "open": format_amount(self.env, invoice.amount_residual, invoice.currency_id)
            if invoice.payment_state == "partial"
            else False,
            "state": state,
            "tone": tone,
            "url": url,
            "pay_url": url if invoice._has_to_be_paid() else False,
        }

    def _portal_invoice_state(self, invoice):
        """Return the payment in words, and how it looks."""
        is_refund = invoice.move_type == "out_refund"
        if invoice.payment_state in ("paid", "in_payment"):
            return self.env._("Settled") if is_refund else self.env._("Paid"), "success"
        if invoice.payment_state == "reversed":
            return self.env._("Cancelled by a credit note"), "success"
        if is_refund:
            return self.env._("To be paid back to you"), "info"
        if invoice.authorized_transaction_ids:
            return self.env._("Authorized"), "success"
        due = invoice.invoice_date_due
        if due and due < self._local_day(fields.Datetime.now()):
            return self.env._("Overdue"), "danger"
        if invoice.payment_state == "partial":
            return self.env._("Partly paid"), "warning"
        return self.env._("To be paid"), "info"

    def _portal_contact(self):
        """Return ``{name, phone, email}`` of who looks after the order: a colleague, or the company."""
        person = self.user_id.partner_id or self.company_id.partner_id
        company = self.company_id.partner_id
        return {
            "name": person.name,
            "phone": person.phone or company.phone,
            "email": person.email or company.email,
        }

    def _portal_timeline(self):
        """Return what has happened as ``(what is told at once, what is folded)``, the newest first."""
        events = self._portal_events()
        # Two or three lines more are shorter than something to open.
        cut = TOLD_AT_ONCE if len(events) > TOLD_AT_ONCE + 2 else len(events)
        return events[:cut], events[cut:]
