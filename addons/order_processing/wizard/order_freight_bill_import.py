import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.sql import escape_psql

from ..engine.bill_file import Format, Unreadable, guess_meanings, read_date
from ..models.order_freight_bill_format import DATE_FORMATS, DECIMALS, ENCODINGS, SEPARATOR, SEPARATORS
from ..models.table_file import FileProblem, read_table
from .order_freight_bill_rows import BillRows

FORMAT = ("encoding", "separator", "decimal", "date_format", "header_row")


class OrderFreightBillImport(models.TransientModel):
    """A carrier's bill out of a file: say what the columns are, see what would happen, import it."""

    _name = "order.freight.bill.import"
    _description = "Import a Carrier's Bill"

    state = fields.Selection(
        [("columns", "Columns"), ("preview", "Preview")], default="columns", required=True
    )
    carrier_id = fields.Many2one("delivery.carrier", required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    name = fields.Char("Number", required=True, help="The number the carrier gave the bill.")
    date = fields.Date(required=True, default=fields.Date.context_today)
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of all amounts, where no column says another.",
    )
    file_data = fields.Binary("File", required=True)
    file_name = fields.Char()
    encoding = fields.Selection(ENCODINGS, help="Empty: as the file looks like.")
    separator = fields.Selection(SEPARATORS, help="Empty: as the file looks like.")
    decimal = fields.Selection(DECIMALS, "Decimal mark", help="Empty: as each amount says itself.")
    date_format = fields.Selection(DATE_FORMATS, default="%Y-%m-%d")
    header_row = fields.Integer("Row of the headings", help="0: the first row that looks like it.")
    file_problem = fields.Char(compute="_compute_file_problem")
    column_ids = fields.One2many("order.freight.bill.import.column", "import_id", string="Columns")
    total_ids = fields.One2many("order.freight.bill.import.total", "import_id", string="Totals")
    line_ids = fields.One2many("order.freight.bill.import.line", "import_id", readonly=True)
    summary = fields.Char(readonly=True)
    dispute_count = fields.Integer(readonly=True)
    unreadable_count = fields.Integer(readonly=True)

    # ---------------------------------------------------------------- reading the file
    def _content(self):
        # The web client asks for the size of the file only, where it has the file already.
        wizard = self.with_context(bin_size=False) if self.env.context.get("bin_size") else self
        return base64.b64decode(wizard.file_data or b"")

    def _read_file(self):
        """Return heading and rows, or raise what is wrong with the file."""
        try:
            return read_table(
                self._content(), self.encoding or "", SEPARATOR.get(self.separator, ""), self.header_row
            )
        except FileProblem as problem:
            raise UserError(self._file_words(problem.code)) from None

    def _file_words(self, code):
        return {
            "too_large": self.env._(
                "The file is too large: up to 20 MB, 50,000 rows and 200 columns are read."
            ),
            "old_excel": self.env._("This is an old Excel file (.xls). Save it as .xlsx or CSV."),
            "encoding": self.env._("The characters cannot be read. Choose how the file is written."),
            "no_header": self.env._("No row looks like headings. Say in which row they are."),
            "empty": self.env._("There are no headings in that row, or no rows at all."),
        }.get(code) or self.env._("This is no table. Use a CSV file, or an Excel file (.xlsx).")

    @api.depends("file_data", "encoding", "separator", "header_row")
    def _compute_file_problem(self):
        for wizard in self:
            wizard.file_problem = False
            if wizard.file_data:
                try:
                    wizard._read_file()
                except UserError as problem:
                    wizard.file_problem = str(problem)

    @api.onchange("carrier_id")
    def _onchange_carrier_id(self):
        known = self.env["order.freight.bill.format"]._of(self.carrier_id, self.company_id)
        if known:
            self.update({name: known[name] for name in FORMAT})
        self._onchange_file()

    @api.onchange("file_data", "encoding", "separator", "header_row")
    def _onchange_file(self):
        if not self.file_data:
            self.column_ids = False
            return
        try:
            heading, rows = self._read_file()
        except UserError:
            self.column_ids = False
            return
        self.column_ids = [fields.Command.clear(), *self._columns(heading, rows)]
        self._guess_date_format(rows)
        if not self.total_ids:
            self.total_ids = [fields.Command.create({"currency_id": self.currency_id.id})]

    def _columns(self, heading, rows):
        """Return what the columns are: as the carrier's were the last time, else as they are called."""
        known = self.env["order.freight.bill.format"]._of(self.carrier_id, self.company_id).columns or {}
        if not set(known) & set(heading):
            known = guess_meanings(heading)
        commands = []
        for place, name in enumerate(heading):
            samples = [str(cells[place]) for _number, cells in rows[:20] if _has(cells, place)]
            commands.append(
                fields.Command.create(
                    {
                        "name": name,
                        "sample": ", ".join(samples[:3])[:80],
                        "meaning": known.get(name, False),
                    }
                )
            )
        return commands

    def _guess_date_format(self, rows):
        """Take the first way to write dates that all samples are written in; the one chosen goes first."""
        places = [place for place, column in enumerate(self.column_ids) if column.meaning == "date"]
        dates = [cells[places[0]] for _number, cells in rows[:200] if places and _has(cells, places[0])]
        formats = [self.date_format, *(key for key, _words in DATE_FORMATS)]
        for date_format in filter(None, formats if dates else ()):
            try:
                for cell in dates:
                    read_date(cell, Format(date_format=date_format))
            except Unreadable:
                continue
            self.date_format = date_format
            return

    # ---------------------------------------------------------------- trying it
    def _check_new(self):
        """Refuse what is here already: the same file, or the same number."""
        self.company_id.check_access("read")
        bills = self.env["order.freight.bill"].sudo()  # sudo: whoever imports need not see what is refused
        same = bills.search(
            [("company_id", "=", self.company_id.id), ("file_digest", "=", self._digest())], limit=1
        )
        if same:
            raise UserError(
                self.env._(
                    "This very file was imported as bill %(number)s of %(carrier)s. Nothing was imported"
                    " again.",
                    number=same.name,
                    carrier=same.carrier_id.name,
                )
            )
        domain = [("company_id", "=", self.company_id.id), ("carrier_id", "=", self.carrier_id.id)]
        name = self.name.strip()
        if bills.search_count([*domain, ("name", "=ilike", escape_psql(name))], limit=1):
            raise UserError(self.env._("The bill %s of this carrier is here already.", name))

    def _digest(self):
        return hashlib.sha256(self._content()).hexdigest()

    def _rows(self):
        return BillRows(self, *self._read_file())

    def action_preview(self):
        """Show row by row what would happen; nothing is kept."""
        self.check_access("write")
        self.ensure_one()
        self._check_columns()
        self._check_new()
        rows = self._rows()
        self.line_ids.unlink()
        self.env["order.freight.bill.import.line"].create(rows.preview(self.id))
        self._add_totals(rows)
        disputes, unreadable = rows.count_disputes(), rows.count_unreadable()
        self.write(
            {
                "state": "preview",
                "dispute_count": disputes,
                "unreadable_count": unreadable,
                "summary": self.env._(
                    "%(rows)s rows make %(lines)s lines; %(disputes)s to dispute, %(unreadable)s unreadable.",
                    rows=len(rows.rows),
                    lines=len(rows.charges),
                    disputes=disputes,
                    unreadable=unreadable,
                ),
            }
        )
        return self._again()

    def _check_columns(self):
        meanings = self.column_ids.mapped("meaning")
        if "amount" not in meanings and "surcharge" not in meanings:
            raise UserError(self.env._("Say which column holds the amount."))
        if "tracking" not in meanings and "reference" not in meanings:
            raise UserError(self.env._("Say which column holds the tracking number, or our reference."))
        words = dict(self.column_ids._fields["meaning"]._description_selection(self.env))
        for meaning in set(meanings) - {False, "surcharge"}:
            if meanings.count(meaning) > 1:
                raise UserError(
                    self.env._(
                        "Two columns hold the same: %s. Only surcharges may stand in several.",
                        words[meaning],
                    )
                )

    def _add_totals(self, rows):
        sums, known = rows.totals(), self.total_ids.grouped("currency_id")
        for currency, totals in known.items():
            totals.lines_total = sums.get(currency, 0.0)
        self.total_ids.create(
            [
                {"import_id": self.id, "currency_id": currency.id, "lines_total": total}
                for currency, total in sums.items()
                if currency not in known
            ]
        )
        empty = self.total_ids.filtered(lambda one: one.currency_id not in sums and not one.declared)
        if empty != self.total_ids:
            empty.unlink()

    def action_back(self):
        self.check_access("write")
        self.state = "columns"
        return self._again()

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import a Carrier's Bill"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # ---------------------------------------------------------------- importing it
    def action_import(self):
        """Make the bill; check it at once where all of it could be read."""
        self.check_access("write")
        self.ensure_one()
        bills = self.env["order.freight.bill"]
        bills.check_access("create")
        self._check_columns()
        self._check_new()
        rows = self._rows()
        bill = bills.create(
            {
                "name": self.name.strip(),
                "carrier_id": self.carrier_id.id,
                "company_id": self.company_id.id,
                "date": self.date,
                "currency_id": self.currency_id.id,
                "total_ids": [
                    fields.Command.create({"currency_id": total.currency_id.id, "declared": total.declared})
                    for total in self.total_ids
                ],
            }
        )
        # sudo: guarded fields; where the lines come from, and which of them could not be read
        bill.sudo().write({"file_name": self.file_name, "file_digest": self._digest()})
        self.env["order.freight.bill.line"].sudo().create(rows.line_vals(bill.id))
        self._remember()
        if not bill.unreadable_count:
            bill.action_check()
        return bill.get_formview_action()

    def _remember(self):
        columns = {column.name: column.meaning for column in self.column_ids if column.meaning}
        formats = self.env["order.freight.bill.format"]
        formats._remember(
            self.carrier_id, self.company_id, {"columns": columns, **{name: self[name] for name in FORMAT}}
        )


def _has(cells, place):
    return place < len(cells) and cells[place] not in (None, "")
