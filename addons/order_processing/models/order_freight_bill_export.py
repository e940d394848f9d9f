import base64
import csv
import io

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from odoo import fields, models
from odoo.exceptions import UserError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell that begins so is a formula to a spreadsheet, whoever wrote it into the carrier's file.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text):
    """Return a text that no spreadsheet takes for a formula."""
    text = str(text or "")
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


class OrderFreightBill(models.Model):
    _inherit = "order.freight.bill"

    def action_export_csv(self):
        """Return the disputes as a file for the carrier; it stays with the bill."""
        return self._export("csv")

    def action_export_xlsx(self):
        return self._export("xlsx")

    def _export(self, kind):
        self.check_access("write")
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.dispute_state in ("open", "sent"))
        if not lines:
            raise UserError(self.env._("There is nothing to send: no dispute of this bill is open."))
        return lines._download(kind, self)


class OrderFreightBillLine(models.Model):
    _inherit = "order.freight.bill.line"

    def action_export_disputes(self):
        """Return the chosen disputes as one spreadsheet, for instance of several bills."""
        self.check_access("read")
        lines = self.filtered("dispute_state")
        if not lines:
            raise UserError(self.env._("None of these lines is in dispute."))
        return lines._download("xlsx", self.bill_id if len(self.bill_id) == 1 else None)

    def _download(self, kind, bill):
        name = self.env._("disputes %s", (bill or self.bill_id[:1]).name)
        table = [self._dispute_heading(), *(line._dispute_row() for line in self)]
        content = _as_csv(table) if kind == "csv" else _as_xlsx(table)
        # Who may only read the bill keeps the file to himself: it is not added to the bill.
        kept_at = bill if bill and bill.has_access("write") else None
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{name.replace('/', '-')}.{kind}",
                "datas": base64.b64encode(content),
                "mimetype": "text/csv" if kind == "csv" else XLSX,
                "res_model": kept_at._name if kept_at else False,
                "res_id": kept_at.id if kept_at else False,
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "self",
        }

    def _dispute_heading(self):
        return [
            self.env._("Bill"),
            self.env._("Row"),
            self.env._("Tracking number"),
            self.env._("Service"),
            self.env._("Shipped on"),
            self.env._("Billed"),
            self.env._("In dispute"),
            self.env._("Currency"),
            self.env._("Reason"),
            self.env._("Note"),
        ]

    def _dispute_row(self):
        verdicts = dict(self._fields["verdict"]._description_selection(self.env))
        shipped = self.shipment_id.shipped_at
        return [
            harmless(self.bill_id.name),
            self.row_number,
            harmless(self.tracking_number),
            harmless(self.service),
            fields.Date.to_string(shipped.date()) if shipped else "",
            self.amount,
            self.disputed_amount,
            self.currency_id.name,
            verdicts.get(self.verdict, ""),
            harmless(self.dispute_note),
        ]


def _as_csv(table):
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table)
    return out.getvalue().encode("utf-8-sig")  # the mark tells a spreadsheet that it is UTF-8


def _as_xlsx(table):
    book = openpyxl.Workbook()
    sheet = book.active
    for row_number, row in enumerate(table, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(row_number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # text, whatever it begins with
            if row_number == 1:
                cell.font = Font(bold=True)
    for column in range(1, len(table[0]) + 1):
        width = max(len(str(row[column - 1])) for row in table)
        sheet.column_dimensions[get_column_letter(column)].width = min(width + 2, 50)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
