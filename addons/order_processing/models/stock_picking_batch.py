from odoo import api, fields, models
from odoo.exceptions import UserError

from .inside import PLANNING
from .stock_picking_dispatch import MARK


class StockPickingBatch(models.Model):
    """A wave: what is picked and packed together for one departure."""

    _name = "stock.picking.batch"
    _inherit = ["stock.picking.batch", "order.guarded"]

    departure_id = fields.Many2one(
        "order.dispatch.departure",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        readonly=True,
        check_company=True,
        groups="base.group_user",
    )
    is_urgent_wave = fields.Boolean(
        "Urgent",
        copy=False,
        readonly=True,
        help="Urgent orders only: picked before all others.",
        groups="base.group_user",
    )
    is_planned_wave = fields.Boolean(
        "Made by the plan",
        copy=False,
        readonly=True,
        help="The plan fills it until it is released.",
        groups="base.group_user",
    )

    wave_count = fields.Integer(
        "Number of transfers",
        compute="_compute_wave_count",
        groups="base.group_user",
    )

    @api.depends("picking_ids")
    def _compute_wave_count(self):
        counts = self.env["stock.picking"]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id"], ["__count"]
        )
        numbers = {wave.id: number for wave, number in counts}
        for wave in self:
            wave.wave_count = numbers.get(wave._origin.id, 0)

    # ---------------------------------------------------------------- what a person decides
    def dispatch_release(self):
        """Let the work on these waves begin; what lacks goods stays behind and goes with the next wave."""
        self._check_may_dispatch()
        for wave in self:
            if wave.state != "draft":
                raise UserError(self.env._("%s is released already.", wave.name))
            if wave.departure_id and wave.departure_id.state != "planned":
                raise UserError(self.env._("%s has left, or does not run.", wave.departure_id.name))
            wave._leave_out_short()
            if not wave.picking_ids:
                raise UserError(self.env._("Of %s nothing is ready: its goods are still missing.", wave.name))
            wave._confirm_wave()
        self.env["stock.picking"]._note_dispatch()

    def _leave_out_short(self):
        ready = self.picking_ids._ready_ids()
        short = self.picking_ids.filtered(lambda picking: picking.id not in ready)
        if short:
            short._write_dispatch({"batch_id": False})

    def _confirm_wave(self):
        self.with_context(**{MARK: PLANNING}).action_confirm()
        if self.user_id:
            self.picking_ids._write_dispatch({"user_id": self.user_id.id})

    def dispatch_split(self, picking_ids):
        """Put some of a wave's transfers into one of their own for the same departure; return its id."""
        self._check_may_dispatch()
        self.ensure_one()
        pickings = self.picking_ids.filtered(lambda picking: picking.id in picking_ids)
        if not self.departure_id or self.departure_id.state != "planned":
            raise UserError(self.env._("%s belongs to no departure that is still to leave.", self.name))
        if self.state not in ("draft", "in_progress") or not pickings or pickings == self.picking_ids:
            raise UserError(
                self.env._("Choose some of the open transfers of %s, not all of them.", self.name)
            )
        names = ("departure_id", "picking_type_id", "company_id", "user_id")
        vals = {name: self[name].id for name in names} | {"is_urgent_wave": self.is_urgent_wave}
        wave = self._create_waves([vals])
        pickings._write_dispatch({"batch_id": wave.id})
        pickings._note_by_hand("moved", {"by": self.env.user.name, "wave": wave.name})
        if self.state == "in_progress":
            wave._confirm_wave()
        return wave.id

    def _check_may_dispatch(self):
        self.check_access("write")
        self.env["order.dispatch.departure"]._check_may_dispatch()

    # ---------------------------------------------------------------- in many at once
    @api.model
    def _create_waves(self, vals_list):
        """Make waves without a note of it in each one's history."""
        context = {"tracking_disable": True, "mail_create_nolog": True}
        # sudo: guarded fields; all callers have asked for the right
        return self.sudo().with_context(**context).create(vals_list).with_env(self.env)

    def _remove_empty(self):
        """Remove the waves of the plan that nothing is left in; one that was being worked on is cancelled."""
        waves = self.sudo().exists()  # sudo: follows from what was moved out of them
        empty = waves.filtered(lambda wave: not wave.picking_ids and wave.departure_id)
        gone = empty.filtered(lambda wave: wave.is_planned_wave and wave.state in ("draft", "cancel"))
        (empty - gone).filtered(lambda wave: wave.state == "in_progress").write({"state": "cancel"})
        gone.unlink()

    def _sanity_check(self):
        """The plan puts together what belongs together; to look for all that could be costs a lot."""
        if self.env.context.get(MARK) is PLANNING:
            return None
        return super()._sanity_check()

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | {"departure_id", "is_planned_wave", "is_urgent_wave"}
