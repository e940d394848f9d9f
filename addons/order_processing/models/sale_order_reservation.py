from odoo import api, fields, models
from odoo.tools import format_datetime

from .stock_move_assign import BY_RANK

# What a person changes to have an order served earlier or later.
RANK_FIELDS = frozenset({"urgency", "requested_date"})


class SaleOrder(models.Model):
    """Who gets scarce stock."""

    _inherit = "sale.order"

    allocation_rank = fields.Char(
        "Rank",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Who gets scarce stock: urgency, due date, order date, number. Fixed with the approval; only"
        " a person who changes the urgency or the requested date changes it.",
    )
    rank_text = fields.Char(
        "Served by", compute="_compute_rank_text", groups="base.group_user", help="Its place in the queue."
    )
    reservation_note = fields.Char(
        "Stock",
        compute="_compute_reservation_note",
        compute_sudo=True,
        groups="base.group_user",
        help="Why not everything is set aside.",
    )

    @api.depends("allocation_rank")
    @api.depends_context("lang", "tz")
    def _compute_rank_text(self):
        for order in self:
            if not order.allocation_rank:
                order.rank_text = False
                continue
            urgency, due, ordered = order._rank_parts()
            order.rank_text = self.env._(
                "%(urgency)s, due %(due)s, ordered %(ordered)s",
                urgency=urgency,
                due=format_datetime(self.env, due) if due.year < 9999 else self.env._("no date yet"),
                ordered=format_datetime(self.env, ordered),
            )

    @api.depends("order_line.move_ids.reservation_reason")
    @api.depends_context("lang")
    def _compute_reservation_note(self):
        for order in self:
            moves = order.order_line.move_ids.filtered(lambda move: not move.move_orig_ids)
            order.reservation_note = moves._reservation_note()

    def _rank_parts(self):
        rank = self.allocation_rank
        urgencies = dict(self._fields["urgency"]._description_selection(self.env))
        read = fields.Datetime.to_datetime
        due, ordered = (
            read(f"{day[:4]}-{day[4:6]}-{day[6:8]} {day[8:10]}:{day[10:12]}:{day[12:14]}")
            for day in (rank[1:15], rank[15:29])
        )
        return urgencies["urgent" if rank[0] == "0" else "normal"], due, ordered

    # ---------------------------------------------------------------- the rank is fixed with the approval
    def _prepare_allocation_rank(self):
        """Return the rank: urgency class, due, order date, number, one after the other.

        Due is what the customer asked for, else what was promised first, else when Odoo expects it.
        """
        due = self.requested_date or self.commitment_date or self.expected_date or self.date_order
        urgency = "0" if self.urgency == "urgent" else "1"
        return f"{urgency}{due:%Y%m%d%H%M%S}{self.date_order:%Y%m%d%H%M%S}{self.id:010d}"

    def _freeze_rank(self):
        # sudo: guarded; it follows from the approval
        for order in self.sudo().filtered(lambda order: not order.allocation_rank):
            order.allocation_rank = order._prepare_allocation_rank()

    def _clear(self, review_state="not_required"):
        result = super()._clear(review_state)
        if review_state == "approved":
            self._freeze_rank()
        return result

    def _forget_clearance(self, state):
        if self:
            self.sudo().write({"allocation_rank": False})  # sudo: guarded; it goes with the approval
        return super()._forget_clearance(state)

    def write(self, vals):
        changing = self.browse()
        if RANK_FIELDS & vals.keys():
            changing = self.filtered("allocation_rank")
            before = {order.id: order.allocation_rank for order in changing}
        result = super().write(vals)
        if vals.get("state") == "sale":
            self._freeze_rank()
        if changing:
            changing._change_rank(before)
        return result

    def _change_rank(self, before):
        """A person has decided that the order goes earlier, or later."""
        for order in self.sudo():  # sudo: guarded field; the user was allowed to change what it follows from
            order.allocation_rank = order._prepare_allocation_rank()
        for kind, earlier in (("rank_raised", True), ("rank_lowered", False)):
            moved = self.filtered(
                lambda o, earlier=earlier: o.allocation_rank != before[o.id]
                and (o.allocation_rank < before[o.id]) is earlier
            )
            data = {o.id: {"rank_before": before[o.id], "rank_after": o.allocation_rank} for o in moved}
            self.env["order.event"]._log(moved, kind, data)
        if self.company_id.filtered(lambda company: company.reservation_mode in BY_RANK):
            self.env["stock.move"]._wake_allocator()
