from odoo import models

from ..engine.freight_bill import BillLine, Verdict
from .freight_bill_facts import BillFacts
from .freight_money import amount, coins


class OrderFreightBillLine(models.Model):
    """Checking the lines of a bill: read once, the engine judges, written once."""

    _inherit = "order.freight.bill.line"

    def _check_all(self):
        """Judge the readable lines of each bill; those that cannot be read stay as they are."""
        for bill, lines in self.grouped("bill_id").items():
            readable = lines.filtered(lambda line: line.verdict != "unreadable").sorted(
                lambda line: (line.row_number, line.id)
            )
            facts = BillFacts(self.env, bill.company_id, bill.carrier_id, bill.date, bill)
            billed = facts.company_coins([(line.currency_id, line.amount) for line in readable])
            asked = [line._as_bill_line(cents) for line, cents in zip(readable, billed, strict=True)]
            judged = facts.judge(asked)
            before = readable.shipment_id
            for line, cents in zip(readable, billed, strict=True):
                line._write_verdict(judged[line.id], cents)
            (before - readable.shipment_id)._sum_bills()

    def _as_bill_line(self, cents):
        return BillLine(
            self.id,
            self.tracking_number or "",
            self.service or "",
            cents,
            self.reference or "",
            self.shipment_id.id if self.is_by_hand else None,
            self.currency_id.name,
            coins(self.amount, self.currency_id),
        )

    def _write_verdict(self, judged, cents):
        currency = self.company_currency_id
        verdict = judged.verdict
        vals = {
            "verdict": verdict.value,
            "shipment_id": judged.parcel or False,
            "lead_id": judged.lead or False,
            "company_amount": amount(cents, currency),
            "expected": amount(judged.expected or 0, currency),
            "difference": amount(judged.difference, currency),
        }
        if judged.is_disputed:
            vals["dispute_state"] = self.dispute_state or "open"
            vals["disputed_amount"] = self._in_dispute(verdict, vals["difference"])
        else:
            vals |= {"dispute_state": False, "disputed_amount": 0.0}
        self.write(vals)

    def _in_dispute(self, verdict, difference):
        """Return what the carrier is asked to give back, in the currency he billed in."""
        if verdict in (Verdict.DUPLICATE, Verdict.UNKNOWN):
            return self.amount
        bill = self.bill_id
        return self.company_currency_id._convert(difference, self.currency_id, bill.company_id, bill.date)
