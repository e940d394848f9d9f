from odoo import api, fields, models

from ..models.order_freight_bill_format import MEANINGS
from ..models.order_freight_bill_line import VERDICTS


class OrderFreightBillImportColumn(models.TransientModel):
    _name = "order.freight.bill.import.column"
    _description = "Column of a Carrier's File"

    import_id = fields.Many2one("order.freight.bill.import", required=True, ondelete="cascade", index=True)
    name = fields.Char("Heading", required=True, readonly=True)
    sample = fields.Char("For example", readonly=True)
    meaning = fields.Selection(MEANINGS, "Holds", help="Empty: not needed.")


class OrderFreightBillImportTotal(models.TransientModel):
    _name = "order.freight.bill.import.total"
    _description = "Total of a Carrier's File"

    import_id = fields.Many2one("order.freight.bill.import", required=True, ondelete="cascade", index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    declared = fields.Monetary("Declared total", help="What the bill says it comes to.")
    lines_total = fields.Monetary("Lines", readonly=True)
    difference = fields.Monetary(compute="_compute_difference")

    @api.depends("declared", "lines_total", "currency_id")
    def _compute_difference(self):
        for total in self:
            total.difference = total.lines_total - total.declared


class OrderFreightBillImportLine(models.TransientModel):
    _name = "order.freight.bill.import.line"
    _description = "Row of a Carrier's File"
    _order = "id"

    import_id = fields.Many2one("order.freight.bill.import", required=True, ondelete="cascade", index=True)
    row_number = fields.Integer("Row", readonly=True)
    tracking_number = fields.Char(readonly=True)
    service = fields.Char(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(readonly=True)
    company_currency_id = fields.Many2one(related="import_id.company_currency_id", string="Company Currency")
    shipment_id = fields.Many2one("order.shipment", readonly=True)
    expected = fields.Monetary("Expected cost", readonly=True, currency_field="company_currency_id")
    difference = fields.Monetary(readonly=True, currency_field="company_currency_id")
    verdict = fields.Selection(
        [*VERDICTS, ("total", "Adds up the rows above")], "What would happen", readonly=True
    )
    problem = fields.Char("What is wrong", readonly=True)
