from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    case_id = fields.Many2one(
        "order.case", readonly=True, index="btree_not_null", copy=False, groups="base.group_user"
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_case_by_hand(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_case_by_hand([vals])
        return super().write(vals)

    def _check_case_by_hand(self, vals_list):
        """Which case a credit note is of follows from the case."""
        if not self.env.su and any(vals.get("case_id") for vals in vals_list):
            self.env["order.case"]._check_guarded({"refund_ids": True})

    def _invoice_paid_hook(self):
        result = super()._invoice_paid_hook()
        # sudo: the case goes on, whoever has paid
        refunds = self.sudo().filtered(lambda move: move.move_type == "out_refund")
        refunds.case_id._refund_paid()
        return result
