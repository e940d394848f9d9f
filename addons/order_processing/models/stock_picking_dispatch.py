from odoo import api, fields, models
from odoo.exceptions import AccessError

from .inside import PLANNING

MARK = "dispatch_planning"
# What the plan, or a person through its methods, decides.
GUARDED_FIELDS = frozenset(
    {
        "dispatch_route_id",
        "departure_id",
        "dispatch_due",
        "dispatch_code",
        "dispatch_figures",
        "dispatch_by_hand",
        "dispatch_hold_reason",
        "dispatch_join_key",
    }
)
# Without a parcel type of the company's own, so much goes into one parcel (in the unit of weights).
PARCEL_WEIGHT = 30.0


class StockPicking(models.Model):
    """With which departure a transfer leaves, and why."""

    _inherit = "stock.picking"

    dispatch_route_id = fields.Many2one(
        "order.dispatch.route",
        "Delivery route",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
    )
    departure_id = fields.Many2one(
        "order.dispatch.departure",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
    )
    # The last departure that keeps the promise leaves not later than this.
    dispatch_due = fields.Datetime(
        "Has to leave by",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    dispatch_code = fields.Char(readonly=True, copy=False, groups="base.group_user")
    dispatch_figures = fields.Json(readonly=True, copy=False, groups="base.group_user")
    dispatch_by_hand = fields.Selection(
        [("moved", "Moved by hand"), ("held", "Held back")],
        readonly=True,
        copy=False,
        help="What a person decided about the departure; the plan leaves it alone.",
        groups="base.group_user",
    )
    dispatch_hold_reason = fields.Char(
        "Held back because",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    dispatch_join_key = fields.Char(
        "Goes together",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Transfers with the same one go to one address with one departure: they are one parcel.",
        groups="base.group_user",
    )
    parcel_count = fields.Integer(
        "Parcels",
        compute="_compute_parcel_count",
        help="What is packed already, else estimated by weight.",
        groups="base.group_user",
    )

    @api.depends("weight", "move_line_ids.result_package_id")
    def _compute_parcel_count(self):
        limits = {company: self._parcel_weight(company) for company in self.company_id}
        for picking in self:
            packages = len(picking.move_line_ids.result_package_id)
            limit = limits.get(picking.company_id, PARCEL_WEIGHT)
            picking.parcel_count = parcels_of(packages, picking.weight, limit)

    @api.model
    def _parcel_weight(self, company):
        """Return how much goes into one parcel: as much as the largest parcel type takes."""
        # sudo: parcel types are settings
        types = self.env["stock.package.type"].sudo()
        domain = [("company_id", "in", (False, company.id)), ("max_weight", ">", 0)]
        return types.search(domain, order="max_weight desc, id", limit=1).max_weight or PARCEL_WEIGHT

    # ---------------------------------------------------------------- the plan's fields are not typed
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_dispatch_guarded(vals)
        pickings = super().create(vals_list)
        for picking in pickings.filtered(lambda one: one.batch_id.departure_id):
            picking._follow_batch({"batch_id": picking.batch_id.id})
        return pickings

    @api.model
    def default_get(self, fields):
        # A default smuggled in by the context is a value like any other.
        return super().default_get([name for name in fields if name not in GUARDED_FIELDS])

    def write(self, vals):
        self._check_dispatch_guarded(vals)
        if "batch_id" in vals and self.env.context.get(MARK) is not PLANNING:
            vals = self._follow_batch(vals)
        return super().write(vals)

    def _check_dispatch_guarded(self, vals):
        if not self.env.su and GUARDED_FIELDS & vals.keys():
            raise AccessError(self.env._("With which departure a transfer leaves is not typed in: move it."))

    def _follow_batch(self, vals):
        """Put into a wave by hand, in Odoo's own screens, it leaves with the wave's departure."""
        if not vals["batch_id"]:
            self._hold_taken_out()
            return vals
        # sudo: guarded fields; they follow from putting it into the wave
        wave = self.env["stock.picking.batch"].sudo().browse(vals["batch_id"])
        if not wave.departure_id or wave.departure_id.state != "planned":
            return vals
        self.sudo()._write_dispatch(
            {"departure_id": wave.departure_id.id, "dispatch_by_hand": "moved", "dispatch_code": "moved"}
            | {"dispatch_figures": {"by": self.env.user.name}, "dispatch_hold_reason": False}
            | {"dispatch_join_key": False}
        )
        return vals

    def _write_dispatch(self, vals):
        """Write what the plan or a person decided: no history of every step, no checks of Odoo's batches."""
        context = {MARK: PLANNING, "tracking_disable": True}
        # sudo: guarded fields; all callers have asked for the right
        self.sudo().with_context(**context).write(vals)

    # ---------------------------------------------------------------- work passes on
    def _dispatch_chain(self):
        """Return these and the open transfers of the same goods before and after them in the warehouse."""
        chain = todo = self
        while todo:
            moves = todo.move_ids
            near = (moves.move_orig_ids | moves.move_dest_ids).filtered(
                lambda move: move.state not in ("done", "cancel", "draft") and move._is_leaving()
            )
            todo = near.picking_id - chain
            chain |= todo
        return chain


class StockMove(models.Model):
    _inherit = "stock.move"

    def _assign_picking_post_process(self, new=False):
        """What was picked for a departure is packed, and shipped, for the same one."""
        super()._assign_picking_post_process(new=new)
        if not new:
            return
        for picking in self.picking_id.filtered(lambda one: one.company_id._plans_dispatch()):
            before = self.move_orig_ids.picking_id.filtered("departure_id")[:1]
            if before.departure_id.state == "planned" and not picking.departure_id:
                names = ("departure_id", "dispatch_route_id")
                vals = {name: before.sudo()[name].id for name in names}  # sudo: follows from the one before
                picking._write_dispatch({**vals, "dispatch_by_hand": before.dispatch_by_hand})


def parcels_of(packages, weight, limit):
    """Return of how many parcels something will be: what is packed, else as its weight says."""
    if packages:
        return packages
    return max(-int(-(weight or 0) // limit), 1)
