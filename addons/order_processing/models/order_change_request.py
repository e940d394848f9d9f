from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .sale_order_customer_change_words import STAFF_WHY

KINDS = [
    ("cancel", "Cancel the order"),
    ("quantity", "Change quantities"),
    ("address", "Change the delivery address"),
    ("date", "Change the requested date"),
]
STATES = [
    ("open", "To be decided"),
    ("accepted", "Accepted"),
    ("refused", "Refused"),
    ("void", "Not needed any more"),
]


class OrderChangeRequest(models.Model):
    """What a customer would like to have changed when it is too late to simply do it: a person decides."""

    _name = "order.change.request"
    _description = "Change Asked for by a Customer"
    _inherit = ["order.guarded"]
    _order = "id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", store=True)
    kind = fields.Selection(KINDS, string="Wish", required=True, readonly=True)
    reason_code = fields.Char("Code of the reason", readonly=True)
    reason_text = fields.Char("Why it was not done at once", compute="_compute_reason_text")
    wish = fields.Json("Figures of the wish", readonly=True)
    wish_text = fields.Text("What is to be changed", readonly=True)
    note = fields.Text("The customer writes", readonly=True)
    asked_by = fields.Char(readonly=True, help="Who was logged in; empty: who had the link of our message.")
    state = fields.Selection(STATES, required=True, default="open", readonly=True)
    answer = fields.Text("Answer to the customer", help="The customer reads it; needed to refuse.")
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, ondelete="set null")
    decided_at = fields.Datetime("Decided on", readonly=True)

    _one_open = models.UniqueIndex("(order_id) WHERE state = 'open'")

    @api.depends_context("lang")
    @api.depends("reason_code")
    def _compute_reason_text(self):
        for request in self:
            words = STAFF_WHY.get(request.reason_code)
            request.reason_text = words and str(self.env._(words))

    def _guarded_fields(self):
        own = set(self._fields) - set(models.MAGIC_COLUMNS) - {"answer", "display_name"}
        return super()._guarded_fields() | own

    def write(self, vals):
        if "answer" in vals and not self.env.su and any(request.state != "open" for request in self.sudo()):
            raise AccessError(self.env._("It is decided; what was answered stays as it is."))
        return super().write(vals)

    # ---------------------------------------------------------------- deciding
    def action_accept(self):
        """Do what the customer asks for; where goods or money have moved, ask first what becomes of them."""
        self.check_access("write")
        self.ensure_one()
        order = self._lock_open()
        order.check_access("write")
        if self.kind == "cancel":
            order._check_may_cancel()
            if order._to_ask_about():
                return order.action_ask_cancel()
        else:
            order._check_may_change()
        before = order.amount_total
        self._decide("accepted")
        # sudo: the right to change the order was checked; what follows of it is the system's
        order.sudo()._carry_out_change(self.kind, self.sudo().wish)
        self._tell(order.sudo()._is_less_due(before))
        return True

    def action_refuse(self):
        self.check_access("write")
        self.ensure_one()
        order = self._lock_open()
        order.check_access("write")
        if not (self.answer or "").strip():
            raise UserError(self.env._("Write to the customer why it is not possible."))
        self._close("refused")
        return True

    def action_open_order(self):
        self.ensure_one()
        return self.order_id._get_records_action()

    def _lock_open(self):
        """Return the order; two colleagues at once decide once."""
        self.env.execute_query(SQL("SELECT id FROM order_change_request WHERE id = %s FOR UPDATE", self.id))
        self.invalidate_recordset(["state"])
        if self.state != "open":
            raise UserError(self.env._("This has been decided meanwhile. Please look again."))
        return self.order_id.with_company(self.company_id)

    def _close(self, state):
        """Note what was decided, and tell the customer; the caller has checked the right."""
        self._decide(state)
        if state != "void":
            for request in self:
                request._tell(state == "accepted" and request.kind == "cancel")

    def _decide(self, state):
        requests = self.sudo()  # sudo: guarded fields
        requests.write({"state": state, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()})
        for request in requests:
            request.order_id._close_change_activity()

    def _tell(self, is_less):
        """Tell the customer what was decided.

        :param is_less: less is to be paid than before
        """
        request = self.sudo()  # sudo: the order's timeline and messages, whoever decides
        what, answer = f"{request.state}_{request.kind}", (request.answer or "").strip()
        self.env["order.event"]._log(
            request.order_id,
            f"change_{what}",
            {"wish": request.wish_text or "", "answer": answer},
            audience="customer",
        )
        request.order_id._tell_change(what, request.wish_text, answer, is_less)
