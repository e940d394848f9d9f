from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [("draft", "Draft"), ("checked", "Checked"), ("settled", "Settled")]
# What stands on the bill; not to be changed once it is checked.
FACTS = frozenset({"name", "carrier_id", "company_id", "date", "currency_id", "total_ids"})
DECIDED = frozenset({"state", "file_digest", "checked_at", "settled_at"})


class OrderFreightBill(models.Model):
    """A carrier's bill, line by line: what is right of it, and what the carrier is asked about.

    It books nothing. The vendor bill it may belong to stays Odoo's, and is never changed here.
    """

    _name = "order.freight.bill"
    _description = "Carrier's Bill"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char("Number", required=True, tracking=True, copy=False)
    carrier_id = fields.Many2one(
        "delivery.carrier", required=True, ondelete="restrict", index=True, check_company=True, tracking=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    state = fields.Selection(STATES, required=True, default="draft", copy=False, index=True, tracking=True)
    line_ids = fields.One2many("order.freight.bill.line", "bill_id", string="Lines", copy=False)
    total_ids = fields.One2many("order.freight.bill.total", "bill_id", string="Totals", copy=False)
    is_total_right = fields.Boolean("Adds up", compute="_compute_is_total_right", store=True)
    total_note = fields.Char(
        "Why the total is another", copy=False, help="Needed to settle a bill that does not add up."
    )
    account_move_id = fields.Many2one(
        "account.move",
        "Vendor bill",
        copy=False,
        index="btree_not_null",
        check_company=True,
        domain="[('move_type', 'in', ('in_invoice', 'in_refund'))]",
        help="Where it is booked. Nothing is ever posted or changed there from here.",
    )
    file_name = fields.Char(readonly=True, copy=False)
    file_digest = fields.Char(readonly=True, copy=False, index="btree_not_null")
    checked_at = fields.Datetime(readonly=True, copy=False)
    settled_at = fields.Datetime(readonly=True, copy=False)

    amount = fields.Monetary(
        "Billed", compute="_compute_amounts", store=True, currency_field="company_currency_id"
    )
    expected = fields.Monetary(
        "Expected cost", compute="_compute_amounts", store=True, currency_field="company_currency_id"
    )
    unassigned = fields.Monetary(
        "Of no parcel",
        compute="_compute_amounts",
        store=True,
        currency_field="company_currency_id",
        help="Billed on lines that no parcel of ours belongs to.",
    )
    line_count = fields.Integer("Number of lines", compute="_compute_amounts", store=True)
    dispute_count = fields.Integer("Disputes", compute="_compute_disputes", store=True)
    open_dispute_count = fields.Integer("Open disputes", compute="_compute_disputes", store=True)
    unreadable_count = fields.Integer("Unreadable", compute="_compute_disputes", store=True)

    _number_uniq = models.UniqueIndex(
        "(company_id, carrier_id, upper(name))", "This bill of the carrier is here already."
    )

    _file_uniq = models.UniqueIndex(
        "(company_id, file_digest) WHERE file_digest IS NOT NULL", "This very file was imported already."
    )

    # ---------------------------------------------------------------- sums
    @api.depends("total_ids.difference")
    def _compute_is_total_right(self):
        for bill in self:
            bill.is_total_right = bool(bill.total_ids) and all(
                total.currency_id.is_zero(total.difference) for total in bill.total_ids
            )

    @api.depends("line_ids.company_amount", "line_ids.expected", "line_ids.shipment_id")
    def _compute_amounts(self):
        for bill in self:
            lines = bill.line_ids
            bill.amount = sum(lines.mapped("company_amount"))
            bill.expected = sum(lines.mapped("expected"))
            bill.unassigned = sum(lines.filtered(lambda one: not one.shipment_id).mapped("company_amount"))
            bill.line_count = len(lines)

    @api.depends("line_ids.dispute_state", "line_ids.verdict")
    def _compute_disputes(self):
        for bill in self:
            states = bill.line_ids.mapped("dispute_state")
            bill.dispute_count = len([state for state in states if state])
            bill.open_dispute_count = len([state for state in states if state in ("open", "sent")])
            bill.unreadable_count = len(bill.line_ids.filtered(lambda line: line.verdict == "unreadable"))

    # ---------------------------------------------------------------- what may be changed when
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_decided(vals)
        bills = super().create(vals_list)
        bills._keep_totals()
        return bills

    @api.model
    def default_get(self, fields):
        values = super().default_get([name for name in fields if name not in DECIDED])
        return {**values, "state": "draft"} if "state" in fields else values

    def write(self, vals):
        self._check_decided(vals)
        if FACTS & vals.keys():
            self._check_draft()
        return super().write(vals)

    def _check_draft(self):
        """Refuse to change what stands on a checked bill: on itself, its lines and its totals."""
        if not self.env.su and any(bill.state != "draft" for bill in self):
            raise UserError(
                self.env._("The bill is checked. Take it back to draft to correct what stands on it.")
            )

    def _check_decided(self, vals):
        if not self.env.su and DECIDED & vals.keys():
            if vals.get("state") == "draft" and not self:
                return
            raise UserError(self.env._("Check and settle bills with their buttons."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_checked(self):
        if any(bill.state != "draft" for bill in self):
            raise UserError(self.env._("Only bills in draft can be deleted. Take the bill back first."))

    def _keep_totals(self):
        """Have a row of totals for each currency of the lines, whatever was declared."""
        missing = [
            {"bill_id": bill.id, "currency_id": currency.id}
            for bill in self
            for currency in (bill.line_ids.currency_id or bill.currency_id) - bill.total_ids.currency_id
        ]
        # sudo: guarded when the bill is checked; a row of nothing declared says nothing new
        self.env["order.freight.bill.total"].sudo().create(missing)

    # ---------------------------------------------------------------- its way
    def action_check(self):
        """Compare every line with what was expected of its parcel."""
        self.check_access("write")
        for bill in self:
            if not bill.line_ids:
                raise UserError(self.env._("The bill %s has no lines yet.", bill.name))
        self._keep_totals()
        bills = self.sudo()  # sudo: parcels and verdicts; the user may change the bill
        for bill in bills:  # one after the other: what the first bills is billed before for the next
            bill.line_ids._check_all()
            if bill.state == "draft":
                bill.write({"state": "checked", "checked_at": bill._next_moment()})
        bills.line_ids.shipment_id._sum_bills()
        for bill in bills:
            bill.with_user(self.env.user)._say_result()
        bills._settle_if_done()

    def _next_moment(self):
        """Return a moment after all other bills were checked: it says which of two bills was the first."""
        domain = [("company_id", "=", self.company_id.id), ("checked_at", "!=", False)]
        last = self.search(domain, order="checked_at desc", limit=1).checked_at
        now = fields.Datetime.now()
        return max(now, last + timedelta(seconds=1)) if last else now

    def action_back_to_draft(self):
        """Take the bill back: what it billed counts no more, answers of the carrier stay.

        Checked again, it comes after all that was checked meanwhile.
        """
        self.check_access("write")
        bills = self.sudo()  # sudo: guarded state; the user may change the bill
        shipments = bills.line_ids.shipment_id
        bills.write({"state": "draft", "settled_at": False, "checked_at": False})
        shipments._sum_bills()

    def action_settle(self):
        """Close the bill; what is still open is named."""
        self.check_access("write")
        for bill in self:
            if bill.state == "draft":
                raise UserError(self.env._("Check the bill %s first.", bill.name))
            if reason := bill._why_not_settled():
                raise UserError(reason)
        # sudo: guarded state; the user may change the bill
        self.sudo().write({"state": "settled", "settled_at": fields.Datetime.now()})

    def _why_not_settled(self):
        if self.unreadable_count:
            return self.env._(
                "%s lines cannot be read yet. Correct them, or delete them.", self.unreadable_count
            )
        if self.open_dispute_count:
            return self.env._("%s disputes are still open.", self.open_dispute_count)
        if not self.is_total_right and not (self.total_note or "").strip():
            return self.env._("The lines do not add up to the declared total. Say why, then settle it.")
        return None

    def _settle_if_done(self):
        """A bill nobody has a question about any more is settled."""
        done = self.filtered(lambda bill: bill.state == "checked" and not bill._why_not_settled())
        if done:
            done.write({"state": "settled", "settled_at": fields.Datetime.now()})
        again = (self - done).filtered(lambda bill: bill.state == "settled" and bill._why_not_settled())
        if again:
            again.write({"state": "checked", "settled_at": False})

    def _say_result(self):
        self.message_post(
            body=self.env._(
                "Checked: %(lines)s lines, %(disputes)s to dispute; billed %(billed)s, expected"
                " %(expected)s.",
                lines=self.line_count,
                disputes=self.dispute_count,
                billed=self.company_currency_id.format(self.amount),
                expected=self.company_currency_id.format(self.expected),
            )
        )

    # ---------------------------------------------------------------- navigation
    def action_view_disputes(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "order_processing.order_freight_dispute_action"
        )
        action.update(domain=[("bill_id", "in", self.ids), ("dispute_state", "!=", False)], context={})
        return action

    def action_view_lines(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "order_processing.order_freight_bill_line_action"
        )
        action.update(domain=[("bill_id", "in", self.ids)], context={"default_bill_id": self[:1].id})
        return action
