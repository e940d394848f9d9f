from odoo import fields, models

MEANINGS = [
    ("tracking", "Tracking number"),
    ("reference", "Our reference"),
    ("service", "Service"),
    ("weight", "Weight"),
    ("amount", "Amount"),
    ("surcharge", "Surcharge"),
    ("currency", "Currency"),
    ("date", "Date"),
]
ENCODINGS = [
    ("utf-8", "Unicode (UTF-8)"),
    ("cp1252", "Windows"),
    ("gb18030", "Chinese (GB18030)"),
    ("utf-16", "Unicode (UTF-16)"),
]
# The separators by name: a tab alone is no key for a selection.
SEPARATORS = [("comma", "Comma"), ("semicolon", "Semicolon"), ("tab", "Tab"), ("pipe", "Vertical bar")]
SEPARATOR = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
DECIMALS = [("point", "Point: 1,234.50"), ("comma", "Comma: 1.234,50")]
DECIMAL = {"point": ".", "comma": ","}
DATE_FORMATS = [
    ("%Y-%m-%d", "Year-month-day: 2026-12-31"),
    ("%d/%m/%Y", "Day/month/year: 31/12/2026"),
    ("%m/%d/%Y", "Month/day/year: 12/31/2026"),
    ("%d.%m.%Y", "Day.month.year: 31.12.2026"),
    ("%Y%m%d", "Year, month, day: 20261231"),
    ("%d-%b-%Y", "Day-name-year: 31-Dec-2026"),
]


class OrderFreightBillFormat(models.Model):
    """How a carrier writes his bills; remembered from the last import."""

    _name = "order.freight.bill.format"
    _description = "Format of a Carrier's Bills"
    _rec_name = "carrier_id"

    carrier_id = fields.Many2one("delivery.carrier", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    columns = fields.Json(required=True, default=dict)
    encoding = fields.Selection(ENCODINGS)
    separator = fields.Selection(SEPARATORS)
    decimal = fields.Selection(DECIMALS)
    date_format = fields.Selection(DATE_FORMATS)
    header_row = fields.Integer("Row of the headings")

    _carrier_uniq = models.UniqueIndex("(company_id, carrier_id)", "A carrier has one format.")

    def _of(self, carrier, company):
        return self.search([("carrier_id", "=", carrier.id), ("company_id", "=", company.id)], limit=1)

    def _remember(self, carrier, company, vals):
        if known := self._of(carrier, company):
            known.write(vals)
        else:
            self.create({**vals, "carrier_id": carrier.id, "company_id": company.id})
