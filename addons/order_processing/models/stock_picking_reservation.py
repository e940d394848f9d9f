from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine.allocation import Code
from .inside import ASKED, JUMPING
from .stock_move_assign import BY_RANK

JUMP_GROUP = "order_processing.group_order_processing_queue_jump"


class StockPicking(models.Model):
    """What a person does about the goods of one transfer."""

    _inherit = "stock.picking"

    reservation_note = fields.Char(
        "Reservation",
        compute="_compute_reservation_note",
        help="Why not everything is set aside.",
        groups="base.group_user",
    )
    has_beyond_stock = fields.Boolean(compute="_compute_has_beyond_stock", groups="base.group_user")
    can_jump_queue = fields.Boolean(compute="_compute_can_jump_queue", groups="base.group_user")

    @api.depends("move_ids.reservation_reason", "move_ids.state")
    @api.depends_context("lang")
    def _compute_reservation_note(self):
        for picking in self:
            picking.reservation_note = picking.move_ids._reservation_note()

    @api.depends("move_line_ids.reserved_by_hand", "move_line_ids.state")
    def _compute_has_beyond_stock(self):
        marked = self.move_line_ids.filtered(
            lambda line: line.reserved_by_hand and line.state not in ("done", "cancel")
        )
        # sudo: the packer is told that it is not there, not where else it lies
        beyond = marked.sudo()._beyond_stock()
        for picking in self:
            picking.has_beyond_stock = bool(picking.move_line_ids & beyond)

    @api.depends("move_ids.state")
    @api.depends_context("uid")
    def _compute_can_jump_queue(self):
        may = self.env.user.has_group(JUMP_GROUP)
        for picking in self:
            picking.can_jump_queue = may and bool(picking.move_ids._to_allocate())

    def action_assign(self):
        """Check availability: a person wants the goods, also of what is shipped complete, but in turn."""
        if not self.filtered(lambda picking: picking.company_id.reservation_mode in BY_RANK):
            return super().action_assign()
        jumping = self.env.context.get("explicit_reservation") is JUMPING
        asked = self if jumping else self.with_context(explicit_reservation=ASKED)
        result = super(StockPicking, asked).action_assign()
        return self._tell_reservation() or result

    def _tell_reservation(self):
        """Tell the user why he did not get what is there; nothing where there is nothing to tell."""
        codes = (Code.PARTLY.value, Code.OUTRANKED.value)
        open_moves = self.move_ids.filtered(lambda move: move.state in ("confirmed", "partially_available"))
        told = open_moves.filtered(lambda move: move.reservation_pending or move.reservation_code in codes)
        if not told:
            return None
        lines = [f"{move.product_id.display_name}: {move.reservation_reason}" for move in told[:5]]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Not everything is set aside"),
                "message": "\n".join(lines),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def do_unreserve(self):
        """Released by a person: the allocator must not take the goods for the same transfer at once."""
        result = super().do_unreserve()
        ranked = self.filtered(lambda picking: picking.company_id.reservation_mode in BY_RANK)
        ranked.move_ids._note_released_by_hand()
        return result

    # ---------------------------------------------------------------- out of turn
    def action_open_queue_jump(self):
        """Ask for the reason before somebody gets stock out of turn."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reserve out of turn"),
            "res_model": "order.queue.jump",
            "view_mode": "form",
            "target": "new",
            "context": {"default_picking_id": self.id},
        }

    @api.model
    def _check_may_jump(self):
        if not self.env.user.has_group(JUMP_GROUP):
            raise AccessError(
                self.env._('To reserve out of turn you need the right "Jump the queue for stock".')
            )

    def _jump_queue(self, reason):
        """Reserve what is free for this transfer before all others; who and why is kept."""
        self._check_may_jump()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why this transfer goes before the others; it is kept with it."))
        self.check_access("write")
        before = {picking: sum(picking.move_ids.mapped("quantity")) for picking in self}
        self.with_context(explicit_reservation=JUMPING).action_assign()
        # What somebody else holds at this moment comes a moment later, before all others.
        jumped = self.filtered(
            lambda picking: sum(picking.move_ids.mapped("quantity")) > before[picking]
            or "first" in picking.move_ids.mapped("reservation_asked")
        )
        if not jumped:
            raise UserError(
                self.env._(
                    "Nothing of what this transfer lacks is free. Give it a star, and it counts as"
                    " urgent when goods come in."
                )
            )
        for picking in jumped:
            picking.message_post(body=self.env._("Stock reserved out of turn: %s", reason))
            orders = picking.sudo()._shipped_orders()  # sudo: what happened is noted on the order
            figures = {"reason": reason, "transfer": picking.name}
            self.env["order.event"]._log(
                orders.with_user(self.env.user), "queue_jumped", {order.id: figures for order in orders}
            )
