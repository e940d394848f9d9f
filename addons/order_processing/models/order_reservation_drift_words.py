from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_datetime
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# Why it has probably come about. Only the hand that typed is certain; the rest is read from the traces.
CAUSES = {
    "by_hand": _lt("Somebody typed %(by_hand)s by hand, more than is there. That is their decision."),
    "lost": _lt(
        "Probably goods were lost afterwards: since the oldest reservation (%(since)s) inventory or scrap"
        " took %(lost)s."
    ),
    "moved": _lt(
        "Probably another transfer took goods that were reserved already: since the oldest reservation"
        " (%(since)s) transfers took %(moved)s."
    ),
    "no_line": _lt(
        "%(reserved)s are reserved, but no open transfer holds anything: probably a release was lost when a"
        " transfer was done, cancelled or deleted."
    ),
    "release_lost": _lt(
        "%(reserved)s are reserved, transfers hold only %(by_lines)s: probably a release was lost."
    ),
    "reservation_lost": _lt(
        "Transfers hold %(by_lines)s, but only %(reserved)s are reserved: probably a reservation was lost, or"
        " written past the stock."
    ),
    "same_moment": _lt(
        "Probably two reserved at the same moment: %(reserving)s stock records carry a reservation."
    ),
    "receipt": _lt("Probably goods came in at the same moment as something else was booked there."),
    "unknown": _lt("The traces do not tell."),
}
PROBLEMS = {
    "picked": _lt(
        "%(quantity)s too much are picked already. Put them back, or count what is there, then repair again."
    ),
}
FIGURES_TEXT = _lt(
    "%(on_hand)s on hand, %(reserved)s reserved, %(by_lines)s held by transfers, stock records: %(records)s"
)
FIGURES_BY_HAND_TEXT = _lt(
    "%(on_hand)s on hand, %(reserved)s reserved, %(by_lines)s held by transfers (%(by_hand)s by hand), stock"
    " records: %(records)s"
)
RELEASED_TEXT = _lt("%(quantity)s of %(transfer)s")
RELEASED_ORDER_TEXT = _lt("%(quantity)s of %(transfer)s (%(order)s)")
COUNTS = ("records", "reserving")


class OrderReservationDrift(models.Model):
    """What a drift says, in the reader's language."""

    _inherit = "order.reservation.drift"

    cause_text = fields.Char("Probable cause", compute="_compute_texts")
    before_text = fields.Char("Before", compute="_compute_texts")
    after_text = fields.Char("After", compute="_compute_texts")
    released_text = fields.Char(
        "Released", compute="_compute_texts", help="The lowest ranks gave it back; the higher kept theirs."
    )
    problem_text = fields.Char("Not repaired because", compute="_compute_texts")

    @api.depends("cause", "facts", "before", "after", "released", "problem")
    @api.depends_context("lang", "tz")
    def _compute_texts(self):
        for drift in self:
            drift.cause_text = drift._words(CAUSES.get(drift.cause), drift.facts)
            drift.before_text = drift._all_figures_words(drift.before)
            drift.after_text = drift._all_figures_words(drift.after)
            drift.released_text = ", ".join(drift._released_words(one) for one in drift.released or ())
            drift.problem_text = drift._problem_words(drift.problem)

    def _words(self, template, figures):
        if template is None:
            return False
        words = {name: self._figure_words(name, value) for name, value in (figures or {}).items()}
        return self.env._(template) % words  # pylint: disable=translation-not-lazy

    def _all_figures_words(self, figures):
        if not figures:
            return False
        return self._words(FIGURES_BY_HAND_TEXT if figures["by_hand"] else FIGURES_TEXT, figures)

    def _released_words(self, one):
        return self._words(RELEASED_ORDER_TEXT if one["order"] else RELEASED_TEXT, one)

    def _problem_words(self, problem):
        if not problem:
            return False
        return problem.get("message") or self._words(PROBLEMS[problem["code"]], problem)

    def _figure_words(self, name, value):
        if name == "since":
            return format_datetime(self.env, value, dt_format="short")
        if isinstance(value, float):
            return self._quantity_words(value)
        return value

    def _quantity_words(self, quantity):
        """Say a quantity as people do: without the zeros behind."""
        digits = self._digits()
        while digits and round(quantity, digits - 1) == round(quantity, self._digits()):
            digits -= 1
        return f"{formatLang(self.env, quantity, digits=digits)} {self.uom_id.name}"

    # ---------------------------------------------------------------- nothing to show
    @api.model
    def get_empty_list_help(self, help_message):
        """Say what is checked, and when it was last checked."""
        checked = self.env.company.sudo().reservation_checked_at  # sudo: a moment, no secret
        return Markup('<p class="o_view_nocontent_smiling_face">%s</p><p>%s</p><p>%s</p>') % (
            self.env._("Every reservation adds up"),
            self.env._(
                "Checked every hour, for each product, location, lot, package and owner: no more is reserved"
                " than is there, what the stock records say is reserved is what open transfers hold, and"
                " nothing is recorded twice."
            ),
            self.env._("Last checked: %s", format_datetime(self.env, checked, dt_format="short"))
            if checked
            else self.env._("Not checked yet."),
        )
