from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .promise_facts import OPEN_STATES
from .stock_picking_dispatch_status import missing_sql, without_jit


class StockPicking(models.Model):
    """What people decide about departures, and the plan respects until they let it plan again."""

    _inherit = "stock.picking"

    def dispatch_move(self, departure_id, batch_id=False):
        """Let these transfers leave with that departure, in that wave or the one the plan fills for it.

        More than it can take is a person's decision: it is done, noted and shown.
        """
        self._check_may_dispatch()
        departure = self.env["order.dispatch.departure"].browse(departure_id).exists()
        wave = self.env["stock.picking.batch"].browse(batch_id or ()).exists()
        self._check_can_move(departure, wave, batch_id)
        left = self.batch_id
        # Where it lies in several transfers, all of them go with it.
        chain = self._dispatch_chain()
        for picking_type, pickings in chain.grouped("picking_type_id").items():
            own = wave if wave.picking_type_id == picking_type else departure._normal_wave(picking_type)
            vals = {"departure_id": departure.id, "batch_id": own.id, "dispatch_join_key": False}
            if own.user_id:
                vals["user_id"] = own.user_id.id
            pickings._write_dispatch(vals)
        chain._note_by_hand("moved", {"by": self.env.user.name, **departure._overload()})
        (left | chain.batch_id)._remove_empty()
        chain._note_in_chatter(self.env._("Moved to the departure %s.", departure.name))
        self._note_dispatch()

    def _check_can_move(self, departure, wave, batch_id):
        if not departure or (batch_id and not wave):
            raise UserError(self.env._("This departure, or this wave, is not there any more."))
        departure.check_access("read")
        if departure.state != "planned":
            raise UserError(
                self.env._("%s has left, or does not run: choose another departure.", departure.name)
            )
        if wave and (wave.departure_id != departure or wave.state not in ("draft", "in_progress")):
            raise UserError(self.env._("%s is not open for this departure.", wave.name))
        for picking in self:
            if picking.company_id != departure.company_id:
                raise UserError(
                    self.env._(
                        "%(transfer)s belongs to %(company)s.",
                        transfer=picking.name,
                        company=picking.company_id.name,
                    )
                )
            if picking.picking_type_id.warehouse_id != departure.warehouse_id:
                raise UserError(
                    self.env._(
                        "%(transfer)s leaves from %(warehouse)s, this departure from %(other)s.",
                        transfer=picking.name,
                        warehouse=picking.picking_type_id.warehouse_id.name,
                        other=departure.warehouse_id.name,
                    )
                )
            if wave and picking.picking_type_id != wave.picking_type_id:
                raise UserError(
                    self.env._(
                        "%(wave)s is for other work than %(transfer)s.", wave=wave.name, transfer=picking.name
                    )
                )

    def dispatch_hold(self, reason):
        """Keep these transfers back, with a reason everybody can read; no departure takes them along."""
        self._check_may_dispatch()
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(self.env._("Say why it is held back: others want to know."))
        left = self._dispatch_chain().batch_id
        self._hold_back(reason)
        left._remove_empty()

    def _hold_back(self, reason):
        chain = self._dispatch_chain()
        chain._write_dispatch({"departure_id": False, "batch_id": False, "dispatch_join_key": False})
        chain._note_by_hand("held", {"by": self.env.user.name}, reason)
        chain._note_in_chatter(self.env._("Held back: %s", reason))
        self._note_dispatch()

    def dispatch_release_hold(self):
        """What was held back may leave again, as the plan says."""
        self._check_may_dispatch()
        held = self._dispatch_chain().filtered(lambda picking: picking.dispatch_by_hand == "held")
        held._forget_by_hand()
        held._note_in_chatter(self.env._("No longer held back."))

    def dispatch_let_plan(self):
        """Forget what was decided by hand: the plan decides again."""
        self._check_may_dispatch()
        self._dispatch_chain().filtered("dispatch_by_hand")._forget_by_hand()

    def _check_may_dispatch(self):
        self.check_access("write")
        self.env["order.dispatch.departure"]._check_may_dispatch()
        for picking in self:
            if not picking.company_id.sudo()._plans_dispatch():  # sudo: a setting of the company
                raise UserError(self.env._("Departures are not planned in this company."))
            if picking.state in ("done", "cancel", "draft"):
                raise UserError(self.env._("%s is not open: nothing of it is left to leave.", picking.name))
            if not picking._is_planned_for_departures():
                raise UserError(self.env._("%s goes to no customer.", picking.name))

    def _note_by_hand(self, how, figures, reason=False):
        self._write_dispatch(
            {
                "dispatch_by_hand": how,
                "dispatch_code": how,
                "dispatch_figures": figures,
                "dispatch_hold_reason": reason,
            }
        )

    def _forget_by_hand(self):
        self._note_by_hand(False, False)
        self._note_dispatch(urgent=True)  # somebody waits to see what the plan says

    def _note_in_chatter(self, body):
        if self:
            # sudo: a note of what was just decided, by whoever decided it
            self.sudo()._message_log_batch(
                bodies=dict.fromkeys(self.ids, body), author_id=self.env.user.partner_id.id
            )

    def _ready_ids(self):
        """Return the ids of those that work may begin on.

        All of it is set aside, or will be when the transfer before it is done, and nothing holds it.
        """
        self.env.flush_all()
        without_jit(self.env)
        rows = self.env.execute_query(
            SQL(
                """SELECT p.id FROM stock_picking p
                    WHERE p.id = ANY(%s) AND p.dispatch_by_hand IS DISTINCT FROM 'held'
                      AND NOT EXISTS (SELECT FROM stock_move m
                                       WHERE m.picking_id = p.id AND m.state IN %s AND %s)""",
                self.ids,
                OPEN_STATES,
                missing_sql("m"),
            )
        )
        ready = {id_ for (id_,) in rows}
        pickings = self.sudo()  # sudo: whether an order is under review again is asked for the packer
        held = pickings.move_ids._held_orders()
        return ready - {one.id for one in pickings if one.move_ids.sale_line_id.order_id & held}


class OrderDispatchDeparture(models.Model):
    _inherit = "order.dispatch.departure"

    def _normal_wave(self, picking_type):
        """Return the wave the plan fills for this departure; a new one where there is none."""
        wave = self.env["stock.picking.batch"].search(
            [
                ("departure_id", "=", self.id),
                ("picking_type_id", "=", picking_type.id),
                ("state", "=", "draft"),
                ("is_planned_wave", "=", True),
                ("is_urgent_wave", "=", False),
            ],
            order="id",
            limit=1,
        )
        vals = {
            "departure_id": self.id,
            "picking_type_id": picking_type.id,
            "company_id": self.company_id.id,
            "is_planned_wave": True,
        }
        return wave or self.env["stock.picking.batch"]._create_waves([vals])
