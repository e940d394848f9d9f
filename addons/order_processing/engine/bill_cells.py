"""Cells of a carrier's bill: amounts, dates, numbers as they come in files, or why they cannot be read."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

SCIENTIFIC = re.compile(r"\d([.,]\d+)?e\+?\d+", re.IGNORECASE)
EXCEL_DIGITS = 15  # a spreadsheet keeps no more of a number
EXCEL_DAY_0 = date(1899, 12, 30)
MOST = Decimal(10) ** 12
# Before the figures, the figures, behind them; a full stop may end an abbreviation (Rs., Fr.).
AMOUNT_CELL = re.compile(r"((?:[^\d.,]|(?<=[^\W\d_])\.)*)([\d.,]+)((?:[^\d.,]|(?<=[^\W\d_])\.)*)")
TIME_BEHIND = re.compile(
    r"[ T]+\d{1,2}:\d\d(:\d\d([.,]\d+)?)?( ?[ap]\.?m\.?)?( ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?$", re.IGNORECASE
)
CREDIT_WORDS = frozenset({"CR", "CREDIT"})
# Codes of ISO 4217, and how some currencies are abbreviated beside their signs.
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLP CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
    GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK
    LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR
    PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
    RMB EURO EUROS RS FR SFR KR ZŁ KČ FT LEI ЛВ РУБ Р RM RP TL DH DHS 元 円 人民币 美元 欧元
    """.split()  # noqa: SIM905  (a list is a line for each)
)


class Format(NamedTuple):
    """How the file writes numbers and dates. ``decimal``: "." or "," or "" where each number says it."""

    decimal: str = ""
    date_format: str = "%Y-%m-%d"
    currency: str = ""


class Unreadable(ValueError):
    """A cell that does not hold what its column should."""

    def __init__(self, code: str):
        """Remember what is wrong."""
        super().__init__(code)
        self.code = code


def text_of(cell) -> str:
    """Return a cell as text, without what spreadsheets put around it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime) and cell.time() == cell.min.time():
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**EXCEL_DIGITS:
        return str(int(cell))
    text = str(cell).replace("\u00a0", " ").replace("\ufeff", "").strip()
    if match := re.fullmatch(r'="(.*)"', text):  # how some write text so that a spreadsheet leaves it alone
        text = match[1].strip()
    return text


def read_text(cell, _form=None) -> str:
    """Return a cell as text."""
    return text_of(cell)


def read_number(cell, _form=None) -> str:
    """Return a tracking number; refuse one that a spreadsheet has shortened."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if abs(cell) >= 10**EXCEL_DIGITS:
            raise Unreadable("digits_lost")
        return text_of(cell)
    text = text_of(cell).removeprefix("'")
    if SCIENTIFIC.fullmatch(text):
        raise Unreadable("digits_lost")
    return text


def read_amount(cell, form: Format = Format()) -> Decimal:  # noqa: B008
    """Return an amount: 1,234.50, 1.234,50, 1 234.50-, (12.00), € 5, Rs. 500, 12.00 CR.

    Around the figures may stand one sign, a currency, and that it is a credit; whatever else stands there
    says something that is not understood, so the cell is refused.
    """
    if isinstance(cell, bool | date):
        raise Unreadable("bad_amount")
    if isinstance(cell, float | int):
        return _bounded(Decimal(repr(round(cell, 6))))
    text = re.sub(r"[’'\u202f\u2009]", "", text_of(cell)).replace("−", "-")
    match = AMOUNT_CELL.fullmatch(re.sub(r"(?<=[\d.,]) +(?=[\d.,])", "", text))
    if not match:
        raise Unreadable("bad_amount")
    before, figures, after = match.groups()
    try:
        value = Decimal(_with_point(figures, form.decimal))
    except InvalidOperation:
        raise Unreadable("bad_amount") from None
    return _bounded(-value if _is_negative(before, after) else value)


def _is_negative(before: str, after: str) -> bool:
    """Tell whether what stands around the figures takes money off; minus and credit say it once only."""
    marks = [*re.findall(r"[+()-]|[^\s.+()-]+", before), *re.findall(r"[+()-]|[^\s.+()-]+", after)]
    signs = [mark for mark in marks if mark in "+-"]
    brackets = [mark for mark in marks if mark in "()"]
    words = [mark.upper() for mark in marks if mark not in "+-()"]
    in_brackets = "(" in before and ")" in after
    if len(signs) > 1 or len(brackets) != (2 if in_brackets else 0):
        raise Unreadable("bad_amount")
    is_credit = any(word in CREDIT_WORDS for word in words)
    if any(word not in CREDIT_WORDS and not _is_currency(word) for word in words):
        raise Unreadable("bad_amount")
    return is_credit or in_brackets or signs == ["-"]


def _is_currency(word: str) -> bool:
    return word in CURRENCIES or bool(
        re.fullmatch(r"[A-Z]{0,3}[$€£¥₹₽₩₺₫฿₴₪₱]|[$€£¥₹₽₩₺₫฿₴₪₱][A-Z]{0,3}", word)
    )


def _bounded(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value) > MOST:
        raise Unreadable("bad_amount")
    return value


def _with_point(figures: str, decimal: str) -> str:
    """Return figures with a point before the decimals and nothing between the thousands."""
    if not decimal:
        decimal = _guess_decimal(figures)
    thousands = "," if decimal == "." else "."
    head, point, tail = figures.rpartition(decimal) if decimal in figures else (figures, "", "")
    if decimal in head or thousands in tail:
        raise Unreadable("bad_amount")
    groups = head.split(thousands)
    if len(groups) > 1 and (not 0 < len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])):
        raise Unreadable("bad_amount")
    return "".join(groups) + (f".{tail}" if point else "")


def _guess_decimal(figures: str) -> str:
    marks = [mark for mark in figures if mark in ".,"]
    if not marks:
        return "."
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return "," if marks[0] == "." else "."
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", figures):
        raise Unreadable("ambiguous_amount")  # 1,234 is a thousand to some and one to others
    return marks[0]


def read_date(cell, form: Format = Format()) -> date:  # noqa: B008
    """Return a date: one of a spreadsheet, its day number, or text as the format says, with a time or not."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if not 1 <= cell < 100_000:
            raise Unreadable("bad_date")
        return EXCEL_DAY_0 + timedelta(days=int(cell))
    try:
        return datetime.strptime(TIME_BEHIND.sub("", text_of(cell)), form.date_format).date()
    except ValueError:
        raise Unreadable("bad_date") from None


def read_currency(cell, _form=None) -> str:
    """Return the code of a currency."""
    code = text_of(cell).upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Unreadable("bad_currency")
    return code


def read_weight(cell, form: Format = Format()) -> Decimal:  # noqa: B008
    """Return a weight; its unit may stand behind it."""
    if isinstance(cell, str):
        cell = re.sub(r"\s*(kg|kgs|lb|lbs|g)\.?$", "", cell.strip(), flags=re.IGNORECASE)
    try:
        return read_amount(cell, form)
    except Unreadable as error:
        raise Unreadable(error.code.replace("amount", "weight")) from None
