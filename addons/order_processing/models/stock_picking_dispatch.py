from odoo import api, fields, models

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
    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | GUARDED_FIELDS

    @api.model_create_multi
    def create(self, vals_list):
        pickings = super().create(vals_list)
        in_waves = pickings.filtered(lambda one: one.batch_id.departure_id)
        for wave, some in in_waves.grouped("batch_id").items():
            some._follow_batch(wave.id)
        return pickings

    def write(self, vals):
        if "batch_id" in vals and self.env.context.get(MARK) is not PLANNING:
            self._follow_batch(vals["batch_id"])
        return super().write(vals)

    def _follow_batch(self, batch_id):
        """Put into a wave by hand, in Odoo's own screens, it leaves with the wave's departure."""
        if not batch_id:
            self._hold_taken_out()
            return
        # sudo: with which departure the wave leaves, whoever puts something into it
        departure = self.env["stock.picking.batch"].sudo().browse(batch_id).departure_id
        if departure.state == "planned":
            self._write_dispatch({"departure_id": departure.id, "dispatch_join_key": False})
            self._note_by_hand("moved", {"by": self.env.user.name})

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
        # sudo: guarded fields; they follow from the transfer before, whoever books it
        before = self.sudo().move_orig_ids.picking_id.filtered("departure_id")[:1]
        if before.departure_id.state != "planned":
            return
        vals = {
            "departure_id": before.departure_id.id,
            "dispatch_route_id": before.dispatch_route_id.id,
            "dispatch_by_hand": before.dispatch_by_hand,
        }
        for picking in self.sudo().picking_id:  # sudo: see above
            if picking._is_planned_for_departures() and not picking.departure_id:
                picking._write_dispatch(vals)


def parcels_of(packages, weight, limit):
    """Return of how many parcels something will be: what is packed, else as its weight says."""
    if packages:
        return packages
    return max(-int(-(weight or 0) // limit), 1)
