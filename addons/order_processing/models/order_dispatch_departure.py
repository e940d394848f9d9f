from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime

CAPACITIES = ("max_parcels", "max_weight", "max_volume")
# What only the system says of a departure.
GUARDED_FIELDS = frozenset({"state", "departed_at", "slot_id", "slot_day", "is_set_by_hand", "is_on_holiday"})


class OrderDispatchDeparture(models.Model):
    """A vehicle that leaves at a certain time: what is planned for it, and how full it is."""

    _name = "order.dispatch.departure"
    _description = "Departure"
    _inherit = ["mail.thread", "order.guarded"]
    _order = "departs_at, id"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(compute="_compute_name")
    route_id = fields.Many2one("order.dispatch.route", required=True, index=True, ondelete="restrict")
    warehouse_id = fields.Many2one(related="route_id.warehouse_id", store=True, index=True)
    company_id = fields.Many2one(related="route_id.company_id", store=True, index=True)
    slot_id = fields.Many2one(
        "order.dispatch.slot", index="btree_not_null", ondelete="set null", readonly=True
    )
    # The day the slot made it for: whatever becomes of it, the slot makes no other for that day.
    slot_day = fields.Date("Day of the slot", readonly=True, copy=False)
    departs_at = fields.Datetime("Leaves", required=True, index=True, tracking=True)
    cut_off_at = fields.Datetime("Packed by", required=True, tracking=True)
    max_parcels = fields.Integer("Parcels", help="0 is no limit.", tracking=True)
    max_weight = fields.Float("Weight", digits="Stock Weight", help="0 is no limit.", tracking=True)
    max_volume = fields.Float("Volume", digits="Volume", help="0 is no limit.", tracking=True)
    is_set_by_hand = fields.Boolean(
        "Changed by hand", readonly=True, copy=False, help="It no longer follows what its route says."
    )
    state = fields.Selection(
        [("planned", "Planned"), ("departed", "Departed"), ("cancelled", "Does not run")],
        required=True,
        default="planned",
        index=True,
        readonly=True,
        tracking=True,
    )
    departed_at = fields.Datetime(readonly=True, copy=False)
    picking_ids = fields.One2many("stock.picking", "departure_id", string="Transfers")
    batch_ids = fields.One2many("stock.picking.batch", "departure_id", string="Waves")

    _slot_uniq = models.UniqueIndex(
        "(route_id, departs_at)", "This route has a departure at that time already."
    )
    _slot_day_uniq = models.UniqueIndex(
        "(slot_id, slot_day)", "There is a departure of this slot on that day already."
    )
    _times = models.Constraint(
        "CHECK(cut_off_at <= departs_at)", "Goods have to be packed before the departure leaves."
    )
    _capacity_positive = models.Constraint(
        "CHECK(COALESCE(max_parcels, 0) >= 0 AND COALESCE(max_weight, 0) >= 0"
        " AND COALESCE(max_volume, 0) >= 0)",
        "The room of a departure is 0, which is no limit, or more.",
    )

    @api.depends("route_id.name", "departs_at")
    @api.depends_context("tz", "lang")
    def _compute_name(self):
        for departure in self:
            at = departure.departs_at and format_datetime(
                self.env, departure.departs_at, dt_format="EEE d MMM HH:mm"
            )
            departure.name = f"{departure.route_id.name} {at}" if at else departure.route_id.name

    # ---------------------------------------------------------------- what people change
    @api.model_create_multi
    def create(self, vals_list):
        departures = super().create(vals_list)
        if not self.env.su:
            # sudo: guarded field; made by a person, it follows no slot
            departures.sudo().is_set_by_hand = True
            self.env["stock.picking"]._note_dispatch()
        return departures

    def write(self, vals):
        if "route_id" in vals and any(one.route_id.id != vals["route_id"] for one in self):
            raise UserError(self.env._("A departure stays with its route: make another one."))
        if not self.env.su and not vals.keys().isdisjoint(("departs_at", "cut_off_at", *CAPACITIES)):
            self._check_planned()
            self.sudo().is_set_by_hand = True  # sudo: guarded field
            self.env["stock.picking"]._note_dispatch()
        return super().write(vals)

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | GUARDED_FIELDS

    def _check_planned(self):
        for departure in self:
            if departure.state != "planned":
                raise UserError(
                    self.env._("%s has left, or does not run: nothing can be changed.", departure.name)
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for departure in self:
            if departure.state == "departed" or departure._has_begun():
                raise UserError(
                    self.env._("%s has left, or work for it has begun: it cannot be deleted.", departure.name)
                )

    def unlink(self):
        self._unlink_except_used()  # before what is on it is taken off
        self._let_go(self.sudo().picking_ids)  # sudo: guarded fields; they are planned anew
        return super().unlink()

    def _has_begun(self):
        """Something is released for it, or a person has put something on it."""
        # sudo: what is on a departure decides whether it may be changed, whoever asks
        departure = self.sudo()
        return bool(departure.batch_ids.filtered(lambda wave: wave.state in ("in_progress", "done"))) or any(
            picking.dispatch_by_hand == "moved" or picking.state == "done"
            for picking in departure.picking_ids
        )

    # ---------------------------------------------------------------- it leaves, or does not
    def action_depart(self):
        """Everything that is packed has left; what is not goes on with the next departure."""
        self._check_may_dispatch()
        self._check_planned()
        # sudo: guarded fields; the packer may say that the vehicle has left
        departures = self.sudo()
        left = {
            one: one.picking_ids.filtered(lambda p: p.state not in ("done", "cancel")) for one in departures
        }
        departures.write({"state": "departed", "departed_at": fields.Datetime.now()})
        for departure, behind in left.items():
            departure._let_go(behind, "left_behind")
            departure._note_departed(behind)
        self.env["stock.picking"]._note_dispatch()

    def _note_departed(self, behind):
        # What lies in several transfers is one, and only what reaches the customer has left.
        body = self.env._(
            "Left with %(done)s transfers; %(behind)s go with the next departure.",
            done=len(self._handed_over()),
            behind=len(behind - behind._before_others(behind)),
        )
        self.with_user(self.env.user).sudo()._message_log(body=body)  # sudo: a note of who did it

    def action_cancel_departure(self):
        """It does not run: all that was to go with it goes with another."""
        self.check_access("write")
        self._check_planned()
        departures = self.sudo()  # sudo: guarded fields; whoever may change a departure may take it out
        if departures._handed_over():
            raise UserError(self.env._("Something is packed for it and handed over already: let it depart."))
        departures.write({"state": "cancelled"})
        departures._let_go(departures.picking_ids, "does_not_run")
        self.env["stock.picking"]._note_dispatch()

    def _handed_over(self):
        """Return what has left the warehouse with it; what was picked for it is still here."""
        return self.picking_ids.filtered(
            lambda one: one.state == "done" and one.location_dest_id._is_at_customer()
        )

    def action_run_again(self):
        """It runs after all."""
        self.check_access("write")
        for departure in self:
            if departure.state != "cancelled" or departure.departs_at < fields.Datetime.now():
                raise UserError(self.env._("%s cannot run any more.", departure.name))
        self.sudo().write({"state": "planned"})  # sudo: guarded field, see above
        self.env["stock.picking"]._note_dispatch()

    @api.model
    def _check_may_dispatch(self):
        if not self.env.su and not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("What leaves when is decided in the warehouse."))

    def _let_go(self, pickings, code=False):
        """Take open transfers off these departures and out of their waves."""
        pickings = pickings.filtered(lambda p: p.state not in ("done", "cancel"))
        waves = self.sudo().batch_ids | pickings.batch_id.filtered("departure_id")  # sudo: follows from it
        if pickings:
            pickings._write_dispatch(
                {"departure_id": False, "batch_id": False, "dispatch_join_key": False, "dispatch_code": code}
                | {"dispatch_figures": False}
            )
            moved = pickings.filtered(lambda p: p.dispatch_by_hand == "moved")
            moved.write({"dispatch_by_hand": False})
        waves._remove_empty()

    @api.model
    def dispatch_plan_now(self, warehouse_id):
        """Plan a warehouse at once, as the scheduled action does."""
        self._check_may_dispatch()
        warehouse = self.env["stock.warehouse"].browse(warehouse_id).exists()
        warehouse.check_access("read")
        if not warehouse.company_id._plans_dispatch():
            raise UserError(self.env._("Departures are not planned in this company."))
        # sudo: the plan is the system's; who may ask for it was asked above
        return self.sudo()._plan(warehouse)
