from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.order_processing.models.table_file import FileProblem
from odoo.addons.order_processing.models.table_file import read_rows as rows_of

from ..engine.quick_order import read_rows

LARGEST_FILE = 2 * 1024 * 1024
LARGEST_UNPACKED = 20 * 1024 * 1024
MOST_ROWS = 5_000


def uploaded_lines(list_file):
    """Return the lines of the file a customer has uploaded, or say why there are none."""
    if not list_file or not getattr(list_file, "filename", ""):
        raise UserError(request.env._("Please choose a file first."))
    content = list_file.read(LARGEST_FILE + 1)
    try:
        if len(content) > LARGEST_FILE:
            raise FileProblem("too_large")
        # Empty rows do not count: a spreadsheet has thousands of them below what was filled in.
        asked = read_rows(rows_of(content, most_unpacked=LARGEST_UNPACKED))
        if len(asked) > MOST_ROWS:
            raise FileProblem("too_large")
    except FileProblem as problem:
        raise UserError(_file_words(problem.code)) from None
    if not asked:
        raise UserError(_file_words("empty"))
    return asked


def _file_words(code):
    """Return in words why a file cannot be read."""
    return {
        "too_large": request.env._(
            "This file is too large: up to 2 MB and %s rows can be uploaded at once.", f"{MOST_ROWS:,}"
        ),
        "old_excel": request.env._(
            "This is a spreadsheet of the old kind (XLS). Please save it as XLSX or CSV and upload that."
        ),
        "empty": request.env._(
            "We found no lines in this file. It needs a column of numbers and one of quantities."
        ),
    }.get(code) or request.env._(
        "We cannot read this file. Please upload a spreadsheet (XLSX) or a CSV file."
    )
