"""Why it is this carrier, in the reader's words."""

from odoo import fields
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

REASONS = {
    "cheapest": _lt("%(carrier)s for %(cost)s is the cheapest in time"),
    "in_time": _lt("%(carrier)s for %(cost)s is in time; %(cheaper)s for %(cheaper_cost)s would be late"),
    "only": _lt("Only %(carrier)s for %(cost)s is in time"),
    "late": _lt("Nobody is in time; %(carrier)s for %(cost)s is there first"),
    "none": _lt("No carrier takes it"),
    "preferred": _lt("The customer's usual carrier: %(carrier)s"),
    "by_hand": _lt("%(carrier)s for %(cost)s, chosen by %(user)s"),
    "by_hand_dearer": _lt(
        "%(carrier)s for %(cost)s, chosen by %(user)s; best was %(best)s for %(best_cost)s"
    ),
}
NEXT = _lt("next is %(other)s for %(other_cost)s, %(difference)s more")
NEXT_UNKNOWN = _lt("next is %(other)s for %(other_cost)s")
ARRIVES = _lt("there on %(day)s")
UNKNOWN_COST = _lt("an unknown price")
AMOUNTS = ("cost", "other_cost", "cheaper_cost", "best_cost", "difference")


def freight_words(env, code, figures, currency):
    """Return the reason as a sentence; figures hold amounts in the company's currency."""
    if code not in REASONS:
        return False
    figures = {"user": "", **(figures or {})}
    named = {name: _price(env, figures.get(name), currency) for name in AMOUNTS}
    reason = env._(REASONS[code])
    words = reason % {**figures, **named}
    # (a next one that costs less is late, and the cheapest of those has been named)
    is_named = code == "in_time" and (figures.get("difference") or 0) < 0
    if figures.get("other") and code in ("cheapest", "in_time", "late") and not is_named:
        is_dearer = (figures.get("difference") or -1) >= 0
        following = env._(NEXT if is_dearer else NEXT_UNKNOWN)
        words += "; " + following % {**figures, **named}
    if figures.get("arrives"):
        day = format_date(env, fields.Datetime.to_datetime(figures["arrives"]))
        arrives = env._(ARRIVES)
        words += "; " + arrives % {"day": day}
    return words


def _price(env, amount, currency):
    if amount is None:
        return env._(UNKNOWN_COST)
    return currency.with_env(env).format(amount)
