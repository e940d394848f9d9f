from odoo import models
from odoo.exceptions import UserError

from .inside import DETACHING

MARK = "batch_detaching"


class StockPicking(models.Model):
    """What is held back leaves by no way at all; what a person takes out of a wave is held back."""

    _inherit = "stock.picking"

    def button_validate(self):
        self._check_not_held_back()
        return super().button_validate()

    def _action_done(self):
        self._check_not_held_back()
        return super()._action_done()

    def _check_not_held_back(self):
        # sudo: guarded fields and a setting of the company; whoever validates may know why he cannot
        held = self.sudo().filtered(
            lambda one: one.dispatch_by_hand == "held"
            and one.state not in ("done", "cancel")
            and one.company_id._plans_dispatch()
        )
        if held:
            raise UserError(
                self.env._(
                    "%(reasons)s\nRelease it, on the transfer or on the dispatch board, then validate it.",
                    reasons="\n".join(f"{one.name}: {one.dispatch_reason}" for one in held),
                )
            )

    # ---------------------------------------------------------------- taken out of a wave
    def _hold_taken_out(self):
        """A person takes these out of their waves, in Odoo's own screens: the plan does not put them back.

        Odoo takes out others by itself: what is validated or cancelled before the rest of its batch, or stays
        behind when that is validated.
        """
        behind = self.env.context.get("pickings_to_detach") or ()
        if self.env.su or self.env.context.get(MARK) is DETACHING:
            return
        taken = self.filtered(
            lambda one: one.batch_id.departure_id
            and one.state not in ("draft", "done", "cancel")
            and one.id not in behind
            and one._is_planned_for_departures()
        )
        for wave, pickings in taken.grouped("batch_id").items():
            pickings._hold_back(self.env._("Taken out of %s.", wave.name))

    def _create_backorder(self, backorder_moves=None):
        detaching = self.with_context(**{MARK: DETACHING})
        backorders = super(StockPicking, detaching)._create_backorder(backorder_moves).with_env(self.env)
        for backorder in backorders:
            held = backorder.backorder_id.sudo()  # sudo: guarded fields; the rest of it is held back as well
            if held.dispatch_by_hand == "held":
                names = ("dispatch_by_hand", "dispatch_code", "dispatch_figures", "dispatch_hold_reason")
                backorder._write_dispatch({name: held[name] for name in names})
        return backorders


class StockPickingBatch(models.Model):
    _inherit = "stock.picking.batch"

    def action_cancel(self):
        """A wave that is given up: its transfers go on with the plan, nobody has taken out one of them."""
        return super(StockPickingBatch, self.with_context(**{MARK: DETACHING})).action_cancel()
