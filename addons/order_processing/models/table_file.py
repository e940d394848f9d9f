"""Tables out of files: CSV as carriers write it, and spreadsheets."""

import codecs
import csv
import io
import zipfile

import openpyxl

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 200
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DELIMITERS = (";", ",", "\t", "|")


class FileProblem(ValueError):
    """Why a file cannot be read at all, as a code."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def read_table(content, encoding="", delimiter="", header_row=0):
    """Return ``(heading, [(number of the row, cells)])``; rows count from 1.

    ``header_row`` 0: the first row with several cells, all of them text.
    """
    rows = read_rows(content, encoding, delimiter)
    header_row = header_row or _guess_header(rows)
    heading = next((cells for number, cells in rows if number == header_row), None)
    if heading is None:
        raise FileProblem("empty")
    names = _names(heading, max(len(cells) for _number, cells in rows))
    return names, [(number, cells) for number, cells in rows if number > header_row]


def read_rows(content, encoding="", delimiter="", most_rows=MOST_ROWS, most_unpacked=MOST_UNPACKED):
    """Return ``[(number of the row, cells)]``, whatever stands in it; rows count from 1."""
    if len(content) > MOST_BYTES:
        raise FileProblem("too_large")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileProblem("old_excel")
    is_workbook = content.startswith(b"PK")
    if is_workbook:
        return _read_workbook(content, most_rows, most_unpacked)
    return _read_csv(content, encoding, delimiter, most_rows)


def _read_csv(content, encoding, delimiter, most_rows):
    if b"\0" in content and not content.startswith(MARKS):
        raise FileProblem("no_table")
    text = _decode(content, encoding)
    delimiter = delimiter or _guess_delimiter(text)
    csv.field_size_limit(1_000_000)
    rows = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            _append(rows, cells, most_rows)
    except csv.Error:
        raise FileProblem("no_table") from None
    return rows


def _append(rows, cells, most_rows):
    if len(rows) >= most_rows or len(cells) > MOST_COLUMNS:
        raise FileProblem("too_large")
    rows.append((len(rows) + 1, list(cells)))


def _decode(content, encoding):
    """Decode as asked for; else by the mark in front, as UTF-8, and as Windows writes it."""
    if not encoding and content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    for one in (encoding,) if encoding else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            return content.decode("utf-8-sig" if one == "utf-8" else one)
        except (UnicodeDecodeError, LookupError):
            continue
    raise FileProblem("encoding")


def _guess_delimiter(text):
    """Return what most evenly divides the first lines."""
    lines = [line for line in text.splitlines()[:30] if line.strip()]
    counts = {mark: [line.count(mark) for line in lines] for mark in DELIMITERS}
    most = {mark: sorted(found)[len(found) // 2] if found else 0 for mark, found in counts.items()}
    return max(DELIMITERS, key=lambda mark: most[mark]) if any(most.values()) else ","


def _read_workbook(content, most_rows, most_unpacked):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(info.file_size for info in packed.infolist()) > most_unpacked:
                raise FileProblem("too_large")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except FileProblem:
        raise
    except Exception:  # whatever a broken file makes the library raise
        raise FileProblem("no_table") from None
    rows = []
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for cells in sheet.iter_rows(values_only=True):
            cells = list(cells)
            while cells and cells[-1] is None:
                cells.pop()
            _append(rows, cells, most_rows)
    except FileProblem:
        raise
    except Exception:
        raise FileProblem("no_table") from None
    finally:
        book.close()
    return rows


def _guess_header(rows):
    for number, cells in rows[:30]:
        filled = [cell for cell in cells if cell not in (None, "")]
        if len(filled) > 1 and all(isinstance(cell, str) and not _is_figure(cell) for cell in filled):
            return number
    raise FileProblem("no_header")


def _is_figure(text):
    return bool(text.strip()) and all(mark in "0123456789.,-+ €$£%" for mark in text)


def _names(heading, width):
    """Return a name for every column, each another."""
    names = []
    for place in range(width):
        cell = heading[place] if place < len(heading) else None
        name = " ".join(str(cell or "").replace("\ufeff", "").split()) or f"#{place + 1}"
        while name in names:
            name += " *"
        names.append(name)
    return names
