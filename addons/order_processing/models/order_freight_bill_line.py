from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.freight_seen import key_of
from .freight_bill_words import problem_words

VERDICTS = [
    ("ok", "As expected"),
    ("overcharged", "Too much"),
    ("undercharged", "Less than expected"),
    ("no_expectation", "Nothing to compare with"),
    ("duplicate", "Billed before"),
    ("unknown", "Unknown number"),
    ("other_carrier", "Another carrier's parcel"),
    ("credit", "Credit"),
    ("part", "Counted with its parcel"),
    ("unreadable", "Unreadable"),
]
DISPUTE_STATES = [
    ("open", "To be sent"),
    ("sent", "Carrier asked"),
    ("accepted", "Carrier accepts"),
    ("refused", "Carrier refuses"),
    ("dropped", "Let go"),
]
# Written by the check alone.
DECIDED = frozenset(
    {
        "company_amount",
        "expected",
        "difference",
        "verdict",
        "lead_id",
        "dispute_state",
        "disputed_amount",
        "is_by_hand",
        "problems",
        "cells",
        "number_key",
    }
)
# What stands on the bill; not to be changed once it is checked.
FACTS = frozenset(
    {"bill_id", "tracking_number", "reference", "service", "weight", "date", "currency_id", "amount"}
)
# Which fields a person writes to correct what could not be read; one of them is enough. Without its currency
# an amount is none, so it is typed anew.
CORRECTED_BY = {
    "bad_amount": {"amount"},
    "ambiguous_amount": {"amount"},
    "no_amount": {"amount"},
    "too_precise": {"amount"},
    "bad_weight": {"weight"},
    "ambiguous_weight": {"weight"},
    "bad_date": {"date"},
    "bad_currency": {"amount"},
    "unknown_currency": {"amount"},
    "digits_lost": {"tracking_number", "reference"},
}


class OrderFreightBillLine(models.Model):
    """One line of a carrier's bill, and what came out when it was checked."""

    _name = "order.freight.bill.line"
    _description = "Line of a Carrier's Bill"
    _order = "bill_id desc, row_number, id"
    _rec_name = "tracking_number"
    _check_company_auto = True

    bill_id = fields.Many2one("order.freight.bill", required=True, ondelete="cascade", index=True)
    bill_state = fields.Selection(related="bill_id.state", store=True, index=True, string="State of the bill")
    bill_date = fields.Date("Date of the bill", related="bill_id.date", store=True)
    company_id = fields.Many2one(related="bill_id.company_id", store=True, index=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    carrier_id = fields.Many2one(related="bill_id.carrier_id", store=True, index=True)
    row_number = fields.Integer("Row", aggregator=None)
    tracking_number = fields.Char(index="btree_not_null")
    number_key = fields.Char(compute="_compute_number_key", store=True, index="btree_not_null")
    reference = fields.Char()
    service = fields.Char()
    weight = fields.Float(digits="Stock Weight")
    date = fields.Date()
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    amount = fields.Monetary(aggregator=None)

    shipment_id = fields.Many2one(
        "order.shipment", index="btree_not_null", ondelete="set null", check_company=True
    )
    is_by_hand = fields.Boolean("Parcel by hand", readonly=True)
    company_amount = fields.Monetary("Billed", readonly=True, currency_field="company_currency_id")
    expected = fields.Monetary("Expected cost", readonly=True, currency_field="company_currency_id")
    difference = fields.Monetary(
        readonly=True, currency_field="company_currency_id", help="How much more than expected."
    )
    verdict = fields.Selection(VERDICTS, readonly=True, index=True)
    lead_id = fields.Many2one(
        "order.freight.bill.line", "Counted with", readonly=True, index="btree_not_null", ondelete="set null"
    )
    problems = fields.Json(readonly=True)
    problem_text = fields.Char("What is wrong", compute="_compute_problem_text")
    cells = fields.Json("The row as it came", readonly=True)
    cells_text = fields.Char("Row in the file", compute="_compute_problem_text")

    dispute_state = fields.Selection(DISPUTE_STATES, "Dispute", readonly=True, index="btree_not_null")
    disputed_amount = fields.Monetary("In dispute", readonly=True, aggregator=None)
    credited_amount = fields.Monetary(
        "Credited",
        aggregator=None,
        help="What the carrier says it gives back. It counts when it is on a bill.",
    )
    dispute_note = fields.Char("Note")

    @api.depends("tracking_number")
    def _compute_number_key(self):
        for line in self:
            line.number_key = key_of(line.tracking_number or "") or False

    @api.depends("problems", "cells")
    @api.depends_context("lang")
    def _compute_problem_text(self):
        for line in self:
            line.problem_text = problem_words(self.env, line.problems)
            line.cells_text = " | ".join(line.cells or ())

    # ---------------------------------------------------------------- what may be changed when
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_decided(vals)
            if vals.get("shipment_id") and not self.env.su:
                vals["is_by_hand"] = True
        lines = super().create(vals_list)
        lines.bill_id._check_draft()
        # (where a bill is made with its lines, its totals come after them)
        lines.bill_id.filtered("total_ids")._keep_totals()
        return lines

    @api.model
    def default_get(self, fields):
        return super().default_get([name for name in fields if name not in DECIDED])

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self._check_decided(vals)
        if FACTS & vals.keys():
            self.bill_id._check_draft()
            self._correct(vals)
        result = super().write(vals)
        if "bill_id" in vals:
            self.bill_id._check_draft()
        if "shipment_id" in vals:
            self._follow_hand(bool(vals["shipment_id"]))
        if "currency_id" in vals:
            self.bill_id._keep_totals()
        return result

    def _check_decided(self, vals):
        if not self.env.su and DECIDED & vals.keys():
            raise UserError(self.env._("What a line is worth comes out when the bill is checked."))

    def _correct(self, vals):
        """A person has read what could not be read: the line is, when all that was wrong has been."""
        # sudo: guarded fields; what was wrong is corrected by who may change the line
        for line in self.sudo().filtered(lambda line: line.verdict == "unreadable"):
            left = [
                problem
                for problem in line.problems or ()
                if not CORRECTED_BY.get(problem[0], FACTS) & vals.keys()
            ]
            if not left:
                line.write({"verdict": False, "problems": False})
            elif len(left) < len(line.problems):
                line.problems = left

    def _follow_hand(self, by_hand):
        self.sudo().write({"is_by_hand": by_hand})  # sudo: guarded; the user has chosen the parcel
        checked = self.bill_id.filtered(lambda bill: bill.state != "draft")
        if checked:
            checked.action_check()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_checked(self):
        if any(line.bill_id.state != "draft" for line in self):
            raise UserError(self.env._("The bill is checked. Take it back to draft to delete lines of it."))

    # ---------------------------------------------------------------- disputes
    def action_dispute_sent(self):
        """The carrier has been asked."""
        self._decide("sent", ("open", "refused"))

    def action_dispute_accepted(self):
        """The carrier gives the money back: all of it where nobody has noted another amount."""
        lines = self._decide("accepted", ("open", "sent", "refused"))
        for line in lines.filtered(lambda line: not line.credited_amount):
            line.credited_amount = line.disputed_amount

    def action_dispute_refused(self):
        """The carrier says it is right."""
        self._decide("refused", ("open", "sent"))

    def action_dispute_dropped(self):
        """We pay it: not worth the trouble, or right after all."""
        self._decide("dropped", ("open", "sent", "refused"))

    def action_dispute_reopened(self):
        """Decided too soon."""
        self._decide("open", ("sent", "accepted", "refused", "dropped"))

    def _decide(self, state, before):
        """Note the answer on those lines that it can be said of, and return them."""
        self.check_access("write")
        lines = self.filtered(lambda line: line.dispute_state in before)
        if not lines:
            raise UserError(self.env._("None of these lines has a dispute that this could be said of."))
        lines.sudo().write({"dispute_state": state})  # sudo: guarded field; the user may change the lines
        words = dict(self._fields["dispute_state"]._description_selection(self.env))
        for bill, some in lines.grouped("bill_id").items():
            numbers = ", ".join(line.tracking_number or line.service or str(line.row_number) for line in some)
            bill.message_post(body=self.env._("%(state)s: %(numbers)s", state=words[state], numbers=numbers))
        lines.bill_id.sudo()._settle_if_done()  # sudo: guarded state; it follows from the last answer
        return lines
