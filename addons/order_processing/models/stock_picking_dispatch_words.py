from odoo import api, fields, models
from odoo.tools import format_datetime, formatLang
from odoo.tools.translate import LazyTranslate

from ..engine.consignment import Code
from ..engine.routes import Code as RouteCode
from .dispatch_facts import GRAMS, MILLILITRES

_lt = LazyTranslate(__name__)

# Why a transfer leaves when it does, in words.
REASONS = {
    Code.NEXT.value: _lt("The next departure of its route."),
    Code.CUT_OFF.value: _lt(
        "Would have to be packed by %(cut_off)s for the one before, and is ready at %(ready)s."
    ),
    Code.FULL.value: _lt("The departure on %(missed)s is full (%(short_of)s): %(took)s go before it."),
    Code.WAITS.value: _lt("Its goods are there and packed on %(ready)s."),
    Code.WANTED.value: _lt("The customer wants it later."),
    Code.JOINED.value: _lt("Waits for %(with)s to the same address; alone it would leave on %(without)s."),
    Code.FIXED.value: _lt("Work on it has begun."),
    Code.OUTSIZE.value: _lt(
        "Fits on no departure of its route (%(short_of)s: %(need)s, there is room for %(limit)s)."
    ),
    Code.NO_DATE.value: _lt("Goods are missing, and nobody can say until when."),
    Code.NO_DEPARTURE.value: _lt("No departure of its route that is known can take it along."),
    RouteCode.NONE.value: _lt("No delivery route serves its address."),
    RouteCode.OTHER_CARRIER.value: _lt("No delivery route serves its address with this carrier."),
    "review": _lt("Its order waits for a decision of the review."),
    "held": _lt("Held back by %(by)s: %(reason)s"),
    "moved": _lt("Moved here by %(by)s."),
    "left_behind": _lt("Its departure left without it."),
    "does_not_run": _lt("Its departure does not run."),
}
OVER = _lt("There is too much on this departure (%(over)s).")
SIZES = {"parcels": _lt("parcels"), "weight": _lt("weight"), "volume": _lt("volume")}
UNITS = {"parcels": 1, "weight": GRAMS, "volume": MILLILITRES}
MOMENTS = ("cut_off", "ready", "missed", "without", "wanted")


class StockPicking(models.Model):
    """The reason of the plan, in the reader's language."""

    _inherit = "stock.picking"

    dispatch_reason = fields.Char(
        "Why then",
        compute="_compute_dispatch_reason",
        help="Why it leaves with this departure, or with none.",
        groups="base.group_user",
    )

    @api.depends("dispatch_code", "dispatch_figures", "dispatch_hold_reason")
    @api.depends_context("lang", "tz")
    def _compute_dispatch_reason(self):
        for picking in self:
            picking.dispatch_reason = picking._dispatch_words()

    def _dispatch_words(self):
        if self.dispatch_code not in REASONS:
            return False
        figures = self.dispatch_figures or {}
        values = {name: self._dispatch_moment(figures.get(name)) for name in MOMENTS}
        values.update(self._dispatch_sizes(figures))
        values["by"] = figures.get("by") or self.env._("somebody")
        values["reason"] = self.dispatch_hold_reason or ""
        for name in ("took", "with"):
            values[name] = ", ".join(figures.get(name) or ()) or self.env._("others")
        words = self.env._(REASONS[self.dispatch_code])
        text = words % values
        if figures.get("over"):
            over = self.env._(OVER)
            text = f"{text} {over}" % {"over": self._dispatch_over(figures["over"])}
        return text

    def _dispatch_sizes(self, figures):
        size = figures.get("short_of")
        if size not in SIZES:
            return {"short_of": "", "need": "", "limit": ""}
        word = self.env._(SIZES[size])
        amounts = {
            name: self._dispatch_amount(size, figures[name] / UNITS[size])
            for name in ("need", "limit")
            if isinstance(figures.get(name), int | float)
        }
        return {"short_of": word, "need": "", "limit": "", **amounts}

    def _dispatch_over(self, over):
        parts = []
        for size, amount in over.items():
            word = self.env._(SIZES[size])
            parts.append(f"{word}: {self._dispatch_amount(size, amount)}")
        return ", ".join(parts)

    def _dispatch_amount(self, size, amount):
        return formatLang(self.env, amount, digits=0 if size == "parcels" else 2)

    def _dispatch_moment(self, value):
        moment = fields.Datetime.to_datetime(value)
        return format_datetime(self.env, moment, dt_format="EEE d MMM HH:mm") if moment else "–"
