from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.misc import formatLang


class AccountMove(models.Model):
    _inherit = "account.move"

    # ---------------------------------------------------------------- who may credit how much
    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves._check_refund_limit()
        return moves

    def write(self, vals):
        result = super().write(vals)
        if {"move_type", "line_ids", "invoice_line_ids", "auto_post"} & vals.keys():
            self._check_refund_limit()
        return result

    def _post(self, soft=True):
        self._check_refund_limit()  # a draft may have grown since it was made
        posted = super()._post(soft)
        posted._log_refunds()
        return posted

    def _check_refund_limit(self):
        """Raise when the acting user credits more than the role allows.

        The system itself has no limit (the till, scheduled actions: sudo); what a person has it do
        is checked where it is asked for.
        """
        if not self.env.su:
            self._check_refund_limit_of(self.env.user)

    def _check_refund_limit_of(self, user):
        refunds = self.sudo().filtered(lambda move: move.move_type == "out_refund")  # sudo: company settings
        for move in refunds.filtered(lambda move: move.company_id._has_role_limits()):
            company = move.company_id
            limit, amount = company._refund_limit_of(user), move._credited_in_all()
            if limit and company.currency_id.compare_amounts(amount, limit) > 0:
                raise AccessError(
                    self.env._(
                        "This would credit %(amount)s; you may credit up to %(limit)s. Ask somebody with a"
                        " higher limit: a sales manager, or an administrator of accounting.",
                        amount=formatLang(self.env, amount, currency_obj=company.currency_id),
                        limit=formatLang(self.env, limit, currency_obj=company.currency_id),
                    )
                )

    def _credited_in_all(self):
        """Return what this and earlier credit notes give back for the same invoice or order.

        In the company's currency, with taxes: many small credit notes are one big one.
        """
        same = self.reversed_entry_id.reversal_move_ids | self.line_ids.sale_line_ids.order_id.invoice_ids
        notes = self | same.filtered(lambda move: move.move_type == "out_refund" and move.state != "cancel")
        return sum(abs(move.amount_total_signed) for move in notes)

    # ---------------------------------------------------------------- timeline
    def _log_refunds(self):
        for move in self.sudo().filtered(
            lambda move: move.move_type == "out_refund"
        ):  # sudo: no right to read
            orders = move.line_ids.sale_line_ids.order_id.filtered("submitted_at")
            figures = {"credit_note": move.name, "amount": move.amount_total, "currency": move.currency_id.id}
            self.env["order.event"]._log(orders, "refunded", figures, document=move)
