"""What is wrong with a row of a carrier's bill, and what to do about it, in the reader's words."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

PROBLEMS = {
    "bad_amount": _lt("“%(value)s” in column %(column)s is not an amount. Check the decimal mark above"),
    "ambiguous_amount": _lt(
        "“%(value)s” in column %(column)s may be a thousand or a fraction. Choose the decimal mark above"
    ),
    "no_amount": _lt(
        "Column %(column)s is empty: the row charges nothing. Type the amount, or delete the row"
    ),
    "bad_weight": _lt("“%(value)s” in column %(column)s is not a weight. Correct it in the file"),
    "ambiguous_weight": _lt(
        "“%(value)s” in column %(column)s may be a thousand or a fraction. Choose the decimal mark above"
    ),
    "bad_date": _lt("“%(value)s” in column %(column)s is not a date. Choose how the file writes dates above"),
    "bad_currency": _lt("“%(value)s” in column %(column)s is no currency. Use its three letters, as EUR"),
    "unknown_currency": _lt(
        "The currency %(value)s in column %(column)s is not active in Odoo. Activate it, or correct the file"
    ),
    "too_precise": _lt("“%(value)s” in column %(column)s has more decimals than its currency. Correct it"),
    "digits_lost": _lt(
        "“%(value)s” in column %(column)s was shortened by a spreadsheet. Format the column as text in the"
        " file of the carrier, and save it again"
    ),
}


def problem_words(env, problems):
    """Return what is wrong as sentences; a problem is a code, a column and what stands there."""
    words = []
    for code, column, value in problems or ():
        if code in PROBLEMS:
            template = env._(PROBLEMS[code])
            words.append(template % {"column": column, "value": value})
    return ". ".join(words) or False
