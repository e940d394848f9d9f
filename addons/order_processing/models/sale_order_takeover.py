from odoo import api, fields, models
from odoo.exceptions import UserError

from .order_takeover import TAKEOVER_GROUP
from .stock_move_assign import BY_RANK


class SaleOrder(models.Model):
    """An urgent order may take over what later ones have set aside."""

    _inherit = "sale.order"

    takeover_due = fields.Boolean(
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="It is seen to whether it takes over what others have.",
    )
    can_take_over = fields.Boolean(
        compute="_compute_can_take_over", compute_sudo=True, groups="base.group_user"
    )

    _takeover_due = models.Index("(id) WHERE takeover_due")

    @api.depends("state", "urgency", "reservation_state")
    @api.depends_context("uid")
    def _compute_can_take_over(self):
        may = self.env.user.has_group(TAKEOVER_GROUP)
        for order in self:
            order.can_take_over = may and order._may_take()

    def _may_take(self):
        """Tell whether the order may take over at all; the caller may read everything (sudo)."""
        return self.company_id.takeover_policy != "never" and self._is_short_and_urgent()

    def _not_to_take_message(self):
        return self.env._("Only an urgent, confirmed order that lacks something takes over what others have.")

    def _is_short_and_urgent(self):
        return (
            self.state == "sale"
            and self.urgency == "urgent"
            and self.company_id.reservation_mode in BY_RANK
            and self.reservation_state in ("none", "partial")
            and not self._is_on_review_hold()
            and any(move._is_short() for move in self.order_line.move_ids)
        )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "sale" or vals.get("urgency") == "urgent":
            self._note_takeover_due()
        return result

    def _go_on_after_hold(self):
        result = super()._go_on_after_hold()
        self._note_takeover_due()
        return result

    def _note_takeover_due(self):
        """Leave it to the scheduled action: nobody who confirms an order waits for others' goods."""
        due = self.sudo().filtered(  # sudo: guarded field, company settings
            lambda order: order.urgency == "urgent"
            and order.state == "sale"
            and order.company_id.takeover_policy == "automatic"
            and order.company_id.reservation_mode in BY_RANK
        )
        if due:
            due.takeover_due = True
            # sudo: whoever confirms an order need not know of scheduled actions
            cron = self.env.ref("order_processing.ir_cron_take_over", raise_if_not_found=False)
            if cron:
                cron.sudo()._trigger()

    def action_open_takeover(self):
        """Show what the order could take over, and what that does to others."""
        self.env["order.takeover"]._check_may_take_over()
        self.ensure_one()
        if not self.can_take_over:
            raise UserError(self._not_to_take_message())
        wizard = self.env["order.takeover.start"]._for_order(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take over stock for %s", self.name),
            "res_model": "order.takeover.start",
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
