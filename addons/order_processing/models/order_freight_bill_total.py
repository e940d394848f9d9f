from odoo import api, fields, models


class OrderFreightBillTotal(models.Model):
    """What a bill says it comes to in one currency, beside what its lines add up to."""

    _name = "order.freight.bill.total"
    _description = "Total of a Carrier's Bill"
    _order = "bill_id, id"
    _rec_name = "currency_id"

    bill_id = fields.Many2one("order.freight.bill", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="bill_id.company_id", store=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    declared = fields.Monetary("Declared total")
    lines_total = fields.Monetary("Lines", compute="_compute_lines_total", store=True)
    difference = fields.Monetary(compute="_compute_lines_total", store=True)

    _currency_uniq = models.UniqueIndex("(bill_id, currency_id)", "A bill has one total in each currency.")

    # ---------------------------------------------------------------- what may be changed when
    @api.model_create_multi
    def create(self, vals_list):
        totals = super().create(vals_list)
        totals.bill_id._check_draft()
        return totals

    def write(self, vals):
        self.bill_id._check_draft()
        result = super().write(vals)
        self.bill_id._check_draft()  # (it may have been moved to another bill)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_checked(self):
        self.bill_id._check_draft()

    @api.depends("declared", "currency_id", "bill_id.line_ids.amount", "bill_id.line_ids.currency_id")
    def _compute_lines_total(self):
        for total in self:
            lines = total.bill_id.line_ids.filtered(
                lambda line, currency=total.currency_id: line.currency_id == currency
            )
            total.lines_total = total.currency_id.round(sum(lines.mapped("amount")))
            total.difference = total.currency_id.round(total.lines_total - total.declared)
