from datetime import timedelta

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

KINDS = [
    ("late", "Later than promised"),
    ("eta_late", "The carrier expects it later than promised"),
    ("silent", "No scan for days"),
    ("attempt_failed", "Delivery attempt failed"),
    ("pickup_waits", "Waits to be collected"),
    ("damaged", "Damaged"),
    ("lost", "Lost"),
    ("returning", "On its way back"),
    ("returned", "Came back"),
    ("exception", "Problem on the way"),
]
PROPOSED = [
    ("re_ship", "Send it again"),
    ("refund", "Refund"),
    ("new_date", "Agree on a new date"),
    ("contact", "Ask the carrier"),
    ("pick_up", "Remind the customer"),
    ("wait", "Wait for the next scan"),
]
LATE = {"late", "eta_late"}
# Why that is proposed; the figures are those of the problem.
WHY = {
    "late": _lt("It was promised for %(promised)s. Ask the carrier where it is, and agree on a new date."),
    "eta_late": _lt("Promised for %(promised)s, the carrier expects it on %(eta)s."),
    "silent": _lt("The last scan was %(days)s working days ago."),
    "silent_expired": _lt("The carrier has had no news of it for a long time."),
    "attempt_failed": _lt("The carrier tries again as a rule. %(substatus)s"),
    "pickup_waits": _lt("It has been ready for %(days)s days; carriers send it back after a while."),
    "damaged": _lt("The carrier reports damage."),
    "lost": _lt("The carrier cannot find it."),
    "returning": _lt("It comes back to us; send it again or refund it when it is here. %(substatus)s"),
    "returned": _lt("It is back with us; refund it, or send it again if the customer still wants it."),
    "exception": _lt("The carrier reports a problem. %(substatus)s"),
}
SUBSTATUS_WORDS = {
    "customs": _lt("It is at customs."),
    "customs_problem": _lt("There is a problem at customs."),
    "delayed": _lt("It is delayed."),
    "refused": _lt("The receiver has refused it."),
    "address_problem": _lt("Something is wrong with the address."),
    "not_at_home": _lt("Nobody was at home."),
    "held": _lt("It is held."),
    "unknown_number": _lt("The carrier does not know the number."),
}


class OrderShipmentProblem(models.Model):
    """Something is wrong with a parcel: who looks after it, what the customer was told, how it ended."""

    _name = "order.shipment.problem"
    _description = "Problem with a Parcel"
    _inherit = ["mail.thread", "mail.activity.mixin", "order.guarded"]
    _order = "opened_at desc, id desc"
    _mail_post_access = "read"  # who may see it may note what the carrier said

    parcel_id = fields.Many2one(
        "order.shipment.parcel", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, "Problem", required=True, readonly=True)
    episode = fields.Char(
        required=True, readonly=True, default="", help="What it is about: of the same it opens once."
    )
    state = fields.Selection(
        [("open", "Open"), ("solved", "Solved"), ("gone", "Gone by itself")],
        required=True,
        readonly=True,
        default="open",
        index=True,
        tracking=True,
    )
    opened_at = fields.Datetime("Open since", required=True, readonly=True, default=fields.Datetime.now)
    closed_at = fields.Datetime(readonly=True)
    solved_by_id = fields.Many2one("res.users", readonly=True)
    figures = fields.Json(readonly=True)

    # ---------------------------------------------------------------- whose it is
    order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null", ondelete="set null")
    order_ids = fields.Many2many("sale.order", string="Orders", compute="_compute_order_ids")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index="btree_not_null")
    responsible_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null", help="Who looks after it, and has the activity."
    )

    # ---------------------------------------------------------------- what to do
    proposal = fields.Selection(PROPOSED, readonly=True)
    proposal_reason = fields.Char("Why", compute="_compute_proposal_reason")
    customer_told = fields.Datetime(
        "Customer told", compute="_compute_customer_told", compute_sudo=True, help="When a message was sent."
    )
    new_date = fields.Date(readonly=True, help="What was agreed with the customer instead.")
    replacement_order_id = fields.Many2one(
        "sale.order", readonly=True, index="btree_not_null", ondelete="set null"
    )
    can_solve = fields.Boolean(compute="_compute_can_solve")

    _one_open = models.UniqueIndex("(parcel_id, kind) WHERE state = 'open'")
    _once = models.UniqueIndex("(parcel_id, kind, episode)")

    @api.model
    def _guarded_fields(self):
        # Notes and activities are people's own.
        decided = {name for name in self._fields if not name.startswith(("message_", "activity_"))}
        return super()._guarded_fields() | decided - set(models.MAGIC_COLUMNS)

    @api.depends("kind", "parcel_id.number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        words = dict(self._fields["kind"]._description_selection(self.env))
        for problem in self:
            number = problem.sudo().parcel_id.number  # sudo: the name, to who may read the problem
            problem.display_name = f"{number}: {words.get(problem.kind, '')}"

    @api.depends("parcel_id")
    def _compute_order_ids(self):
        for problem in self:
            # sudo: which orders; of them only those the reader may see
            orders = problem.sudo().parcel_id._told_orders().sudo(False)
            problem.order_ids = orders._filtered_access("read")

    @api.depends("kind", "figures")
    @api.depends_context("lang")
    def _compute_proposal_reason(self):
        for problem in self:
            problem.proposal_reason = problem._why()

    def _why(self):
        figures = dict(self.figures or {})
        code = "silent_expired" if figures.get("expired") else self.kind
        if code not in WHY:
            return False
        for name in ("promised", "eta", "since"):
            if moment := fields.Datetime.to_datetime(figures.get(name)):
                figures[name] = format_date(self.env, self._day_of(name, moment))
        figures["substatus"] = self._substatus_words()
        template = str(self.env._(WHY[code]))
        return (template % {"promised": "", "eta": "", "days": "", **figures}).strip()

    def _day_of(self, name, moment):
        """Return which day it is for the customer; of a promise the end of its day is kept."""
        order = self.sudo().order_id  # sudo: the customer's time zone
        zone = timezone(order._parcel_zone() if order else "UTC")
        if name == "promised":
            moment -= timedelta(seconds=1)
        return utc.localize(moment).astimezone(zone).date()

    def _substatus_words(self):
        words = SUBSTATUS_WORDS.get((self.figures or {}).get("substatus"))
        return str(self.env._(words)) if words else ""

    def _compute_customer_told(self):
        rows = self.env["order.notification"].search(
            [("problem_id", "in", self.ids), ("state", "=", "sent")], order="sent_at desc"
        )
        told = {row.problem_id.id: row.sent_at for row in rows}
        for problem in self:
            problem.customer_told = told.get(problem.id)

    @api.depends_context("uid")
    @api.depends("state", "order_id")
    def _compute_can_solve(self):
        for problem in self:
            problem.can_solve = problem.state == "open" and problem._may_act()

    def _told_as(self):
        """Return what the customer is told once: late is late, whether the carrier or the clock says so."""
        if self.kind in LATE:
            return f"late {(self.figures or {}).get('promised', '')}"
        return f"{self.kind} {self.episode}"
