from odoo import models

# What the page of an order shows of other records. They are wide, a company has two hundred columns: read
# are those the page needs. What is not named here is read when it is asked for, with a query more.
COMPANY = (
    *("name", "partner_id", "currency_id", "account_price_include", "tax_calculation_rounding_method"),
    *("promise_mode", "offers_choices"),
    *("customer_may_cancel", "customer_may_quantity", "customer_may_address", "customer_may_date"),
)
USER = ("partner_id", "company_id", "share", "active")
PARTNER = (
    *("name", "complete_name", "type", "parent_id", "commercial_partner_id", "is_company", "lang", "tz"),
    *("company_name", "commercial_company_name", "email", "email_normalized", "phone", "website", "vat"),
    *("street", "street2", "zip", "city", "state_id", "country_id"),
)
INVOICE = (
    *("name", "state", "move_type", "payment_state", "invoice_date", "invoice_date_due", "access_token"),
    *("currency_id", "amount_total", "amount_residual"),
)
TRANSFER = (
    *("name", "state", "picking_type_id", "sale_id", "date_done", "create_date", "scheduled_date"),
    *("carrier_id", "carrier_tracking_ref"),
)


class SaleOrder(models.Model):
    """Reading together what the page of an order would ask for one by one."""

    _inherit = "sale.order"

    def _portal_read(self, user):
        """Read people, company, invoices and transfers of the page; the caller may read the order (sudo)."""
        self.company_id.fetch(COMPANY)
        self.user_id.fetch(USER)
        reader, company = user.sudo().partner_id, self.company_id.partner_id  # sudo: his own time zone
        people = reader | self.partner_id | self.partner_invoice_id | self.partner_shipping_id | company
        (people | self.user_id.partner_id).fetch(PARTNER)
        invoice_lines = self.order_line.invoice_lines
        invoice_lines.fetch(["move_id"])
        invoice_lines.move_id.fetch(INVOICE)
        self.picking_ids.fetch(TRANSFER)
        self.picking_ids.picking_type_id.fetch(["code"])
