from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..engine.review_facts import HOLDING


class OrderReviewBacktestFigures(models.AbstractModel):
    """How many past orders were judged and found, and what became of them; of one rule or of several."""

    _name = "order.review.backtest.figures"
    _description = "Figures of a Trial"

    judged_count = fields.Integer("Orders judged", readonly=True, aggregator=None)
    found_count = fields.Integer("Found", readonly=True, aggregator=None)
    cancelled_count = fields.Integer(
        "Cancelled", readonly=True, aggregator=None, help="Of those found: cancelled or refused later."
    )
    refunded_count = fields.Integer(
        "Refunded", readonly=True, aggregator=None, help="Of those found: with a posted credit note."
    )
    returned_count = fields.Integer(
        "Returned", readonly=True, aggregator=None, help="Of those found: something came back."
    )
    changed_count = fields.Integer(
        "Changed", readonly=True, aggregator=None, help="Of those found: changed after they were handed in."
    )
    wrong_count = fields.Integer(
        "Went wrong",
        readonly=True,
        aggregator=None,
        help="Of those found: cancelled, refunded, returned or changed later.",
    )
    all_wrong_count = fields.Integer(
        "Of all, went wrong", readonly=True, aggregator=None, help="Of all that were judged, found or not."
    )
    found_percent = fields.Float("Found, %", compute="_compute_percents", digits=(5, 1), aggregator=None)
    wrong_percent = fields.Float(
        "Found and went wrong, %", compute="_compute_percents", digits=(5, 1), aggregator=None
    )
    other_wrong_percent = fields.Float(
        "Others that went wrong, %",
        compute="_compute_percents",
        digits=(5, 1),
        aggregator=None,
        help="Of the orders that were not found. As high as that of those found: the rule tells nothing.",
    )

    @api.depends("judged_count", "found_count", "wrong_count", "all_wrong_count")
    def _compute_percents(self):
        for one in self:
            others = one.judged_count - one.found_count
            one.found_percent = _percent(one.found_count, one.judged_count)
            one.wrong_percent = _percent(one.wrong_count, one.found_count)
            one.other_wrong_percent = _percent(one.all_wrong_count - one.wrong_count, others)

    def _add(self, tally):
        """Add what one step has found."""
        self.write(
            {
                f"{name}_count": self[f"{name}_count"] + getattr(tally, name)
                for name in tally.__dataclass_fields__
                if getattr(tally, name)
            }
        )

    def _figures_in_words(self, severities):
        """Say the figures as one sentence each: what was found, and what became of it and of the others."""
        self.ensure_one()
        if not self.judged_count:
            return self.env._("No order was handed in within this time.")

        def number(value, digits=0):
            return formatLang(self.env, value, digits=digits)

        figures = {
            "found": number(self.found_count),
            "judged": number(self.judged_count),
            "percent": number(self.found_percent, 1),
            "wrong": number(self.wrong_count),
            "others": number(self.judged_count - self.found_count),
            "others_wrong": number(self.all_wrong_count - self.wrong_count),
        }
        if HOLDING.issuperset(severities):
            first = self.env._("%(found)s of %(judged)s orders would have been held (%(percent)s %%).")
        else:
            first = self.env._("%(found)s of %(judged)s orders would have been found (%(percent)s %%).")
        second = self.env._(
            "%(wrong)s of these later went wrong; of the %(others)s others %(others_wrong)s did."
        )
        return f"{first} {second}" % figures


def _percent(part, whole):
    return 100.0 * part / whole if whole else 0.0
