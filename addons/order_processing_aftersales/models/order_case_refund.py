from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..engine.cases import InvoicedLine, from_invoices


class OrderCase(models.Model):
    """Money given back: a credit note for the goods of the case, followed until it is paid."""

    _inherit = "order.case"

    refund_ids = fields.One2many("account.move", "case_id", "Refunds", readonly=True)

    def action_refund(self):
        """Make the credit note: a draft for finance, or posted by who may, as the company has it."""
        self._check_access_to_refund()
        self._check_solvable()
        case = self.sudo()  # sudo: checked above; a draft is made for finance
        is_new = not case._live_refunds()
        refund = case._make_refund()
        is_finance = self.env.user.has_group("account.group_account_invoice")
        if is_new and case.company_id.case_post_refunds and is_finance:
            refund.action_post()
        return self._open_records(refund)

    def _check_access_to_refund(self):
        # Those of finance read cases only, and give money back all the same.
        self.check_access("read")
        self.ensure_one()
        self._check_may_refund()

    def _may_refund(self):
        """Who may give money back: finance, and who sells and may change the order."""
        user = self.env.user
        if self.env.su or user.has_group("account.group_account_invoice"):
            return True
        order = self.order_id.sudo(False)
        return user.has_group("sales_team.group_sale_salesman") and order.has_access("write")

    def _check_may_refund(self):
        if not self._may_refund():
            raise AccessError(
                self.env._("%s: only finance, or who may change the order, gives money back.", self.name)
            )

    def _live_refunds(self):
        return self.refund_ids.filtered(lambda move: move.state != "cancel")

    def _make_refund(self):
        """Return the credit note of the case: the one there is, or a new draft."""
        if live := self._live_refunds():
            return live
        lines = [one for line in self.line_ids for one in self._credit_lines(line)]
        if not lines:
            raise UserError(
                self.env._(
                    "Nothing of it is invoiced, or all of it has been given back: there is nothing to refund."
                )
            )
        move = self.env["account.move"].create(self._refund_vals(lines))
        self._go("progress")
        self._tell_order("case_refund", "customer")
        return move

    def _refund_vals(self, lines):
        invoices = self.env["account.move"].union(*(source.move_id for source, _quantity in lines))
        if len(invoices.currency_id) > 1:
            raise UserError(
                self.env._("The goods are on invoices of several currencies: make a case of each.")
            )
        first = invoices[0]
        return {
            "move_type": "out_refund",
            "partner_id": first.partner_id.id,
            "currency_id": first.currency_id.id,
            "journal_id": first.journal_id.id,
            "company_id": first.company_id.id,
            "fiscal_position_id": first.fiscal_position_id.id,
            "reversed_entry_id": first.id if len(invoices) == 1 else False,
            "ref": self.display_name,
            "invoice_origin": self.order_id.name,
            "invoice_user_id": first.invoice_user_id.id,
            "case_id": self.id,
            "invoice_line_ids": [self._credit_line_vals(*one) for one in lines],
        }

    def _credit_lines(self, line):
        """Return ``(invoice line, quantity in its unit)``: what was invoiced, less what was given back."""
        sold = line.sale_line_id
        charged, back = self.env["account.move.line"], 0.0
        for one in sold.invoice_lines:
            if one.move_id.move_type == "out_invoice" and one.parent_state == "posted":
                charged |= one
            elif one.move_id.move_type == "out_refund" and one.parent_state != "cancel":
                back += one.product_uom_id._compute_quantity(one.quantity, sold.product_uom_id)
        charged = charged.sorted("id")
        rows = [
            InvoicedLine(one.id, one.product_uom_id._compute_quantity(one.quantity, sold.product_uom_id))
            for one in charged
        ]
        found = from_invoices(line.quantity, rows, back)
        return [
            (source, sold.product_uom_id._compute_quantity(part.quantity, source.product_uom_id))
            for part in found
            for source in charged.browse(part.line)
        ]

    def _credit_line_vals(self, source, quantity):
        return Command.create(
            {
                "product_id": source.product_id.id,
                "name": source.name,
                "quantity": quantity,
                "product_uom_id": source.product_uom_id.id,
                "price_unit": source.price_unit,
                "discount": source.discount,
                "tax_ids": [Command.set(source.tax_ids.ids)],
                "account_id": source.account_id.id,
                "analytic_distribution": source.analytic_distribution,
                "sale_line_ids": [Command.set(source.sale_line_ids.ids)],
            }
        )

    def _refund_paid(self):
        """The money is on its way: where nothing else is open, the case is done."""
        for case in self:
            case._tell_order("case_paid", "customer")
            if not case._is_going_on():
                case._resolve("refunded")
