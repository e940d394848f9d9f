from odoo import api, fields, models

from ..models.allocation_facts import AllocationFacts


class OrderQueueJump(models.TransientModel):
    """Asks why a transfer gets stock before others, and says who they are."""

    _name = "order.queue.jump"
    _description = "Reserve out of Turn"

    picking_id = fields.Many2one("stock.picking", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text()
    passed_over = fields.Text("Passed over", compute="_compute_passed_over")

    @api.depends("picking_id")
    def _compute_passed_over(self):
        for wizard in self:
            wizard.passed_over = wizard._who_is_passed_over()

    def _who_is_passed_over(self):
        """Return who would have got what this transfer takes, and how much."""
        moves = self.picking_id.move_ids._to_allocate()
        if not moves:
            return False
        own = set(moves.ids)
        options = {"explicit": moves.ids, "collect": True}
        in_turn = AllocationFacts(self.env, moves.product_id.ids, **options)
        before = in_turn.decide()
        after = AllocationFacts(self.env, moves.product_id.ids, jump=True, **options).decide()
        lines = []
        losers = [id_ for id_ in before if id_ not in own and after[id_].served < before[id_].served]
        for move in moves.browse(losers).sudo():  # sudo: names of orders only
            loss = (before[move.id].served - after[move.id].served) / in_turn.scale
            document = move.sale_line_id.order_id.name or move.picking_id.name or move.reference
            lines.append(f"{document}: {loss:g} {move.product_id.uom_id.name} {move.product_id.display_name}")
        return "\n".join(lines) or self.env._("Nobody: what is free is enough, or nothing is.")

    def action_jump(self):
        self.env["stock.picking"]._check_may_jump()
        self.ensure_one()
        self.picking_id._jump_queue(self.reason)
        return {"type": "ir.actions.act_window_close"}
