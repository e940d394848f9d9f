from odoo import api, fields, models
from odoo.exceptions import UserError


class OrderReviewDecision(models.Model):
    _name = "order.review.decision"
    _description = "Review Decision"
    _order = "id desc"
    _rec_name = "decision"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    decision = fields.Selection(
        [
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("changes_requested", "Change requested"),
            ("waived", "Finding waived"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Text(readonly=True)
    user_id = fields.Many2one("res.users", "Decided by", required=True, ondelete="restrict", readonly=True)
    decided_at = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A decision cannot be changed. Decide again instead."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_its_order(self):
        raise UserError(self.env._("Decisions are kept. They go only when their order is deleted."))
