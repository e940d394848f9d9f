import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.freight_seen import key_of
from .freight_bill_facts import BillFacts

# A word that may be one of our numbers: it has a figure in it.
WORD = re.compile(r"(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]+", re.IGNORECASE)
# A word that looks like a tracking number, though nobody knows it: long, and mostly figures; no date.
NUMBER = re.compile(r"(?!\d{4}-\d\d-\d\d$)(?=(?:\D*\d){5})[A-Z0-9-]{8,}", re.IGNORECASE)


class AccountMove(models.Model):
    """A vendor bill looked at as a carrier's. What is booked stays as it is."""

    _inherit = "account.move"

    freight_bill_ids = fields.One2many(
        "order.freight.bill",
        "account_move_id",
        string="Carrier's bill",
        readonly=True,
        copy=False,
        groups="account.group_account_invoice",
    )
    has_freight_bill = fields.Boolean(
        compute="_compute_has_freight_bill", groups="account.group_account_invoice"
    )

    @api.depends("freight_bill_ids")
    def _compute_has_freight_bill(self):
        for move in self:
            move.has_freight_bill = bool(move.freight_bill_ids)

    def action_check_freight(self):
        """Compare the lines of this vendor bill with the parcels they are for."""
        self.check_access("read")
        self.env["order.freight.bill"].check_access("create")
        self.ensure_one()
        if bill := self.freight_bill_ids[:1]:
            return bill.get_formview_action()
        if self.move_type not in ("in_invoice", "in_refund"):
            raise UserError(self.env._("Only vendor bills and their refunds can be a carrier's."))
        bill = self.env["order.freight.bill"].create(self._prepare_freight_bill_vals())
        bill.action_check()
        return bill.get_formview_action()

    def _freight_carrier(self):
        carriers = self.env["delivery.carrier"].with_context(active_test=False)
        domain = [
            *carriers._check_company_domain(self.company_id),
            ("bill_partner_id", "child_of", self.commercial_partner_id.id),
        ]
        carrier = carriers.search(domain, limit=1)
        if not carrier:
            raise UserError(
                self.env._(
                    "No shipping method says that its bills come from %s. Choose it on the method, at"
                    " “Bills come from”.",
                    self.commercial_partner_id.display_name,
                )
            )
        return carrier

    def _prepare_freight_bill_vals(self):
        carrier = self._freight_carrier()
        date = self.invoice_date or fields.Date.context_today(self)
        sign = -1 if self.move_type == "in_refund" else 1
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        found = self._numbers_of(lines, carrier, date)
        return {
            "name": self.ref or self.name or self.env._("Vendor bill %s", self.id),
            "carrier_id": carrier.id,
            "company_id": self.company_id.id,
            "date": date,
            "currency_id": self.currency_id.id,
            "account_move_id": self.id,
            "total_ids": [
                fields.Command.create(
                    {"currency_id": self.currency_id.id, "declared": sign * self.amount_untaxed}
                )
            ],
            "line_ids": [
                fields.Command.create(
                    {
                        "row_number": number,
                        "tracking_number": found[line],
                        "service": _without(line.name or line.product_id.name or "", found[line]),
                        "currency_id": self.currency_id.id,
                        "amount": sign * line.price_subtotal,
                    }
                )
                for number, line in enumerate(lines, 1)
            ],
        }

    def _numbers_of(self, lines, carrier, date):
        """Return ``{line: tracking number}``: the first in its text that is ours, else what looks so."""
        words = {line: WORD.findall(line.name or "") for line in lines}
        facts = BillFacts(self.env, self.company_id, carrier, date)
        keys = {key_of(word) for some in words.values() for word in some}
        ours = {
            key_of(number)
            for parcel in facts._parcels(facts._shipments(keys - {""}, set()))
            for number in (*parcel.numbers, *parcel.references)
        }
        return {
            line: next(
                (word for word in some if key_of(word) in ours),
                max(filter(NUMBER.fullmatch, some), key=len, default=""),
            )
            for line, some in words.items()
        }


def _without(text, number):
    """Return what a line is for: its text without the number, dates and marks around it."""
    text = " ".join(text.replace(number, " ").split()) if number else " ".join(text.split())
    return text.strip(" -:,;#/")[:120]
