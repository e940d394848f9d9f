from bisect import bisect_right
from datetime import datetime

from pytz import timezone, utc

from odoo import fields, models

PROMISE_MODES = [
    ("off", "Off"),
    ("show", "Show dates to staff, promise nothing"),
    ("promise", "Promise: set, kept and told to customers"),
]


class ResCompany(models.Model):
    """How dates are promised."""

    _inherit = "res.company"

    promise_mode = fields.Selection(
        PROMISE_MODES,
        string="Delivery promises",
        required=True,
        default="off",
        help="When an order can be with the customer: from what is on hand, what comes in, what can be bought"
        " or made, working days, cut-off times and the carrier.",
    )
    tell_promise = fields.Boolean(
        "Delivery date moved",
        default=True,
        help="Customers get a message, once, when the date they were promised cannot be kept.",
    )

    promise_planning_days = fields.Integer(
        "Days to order",
        required=True,
        default=1,
        help="Within so many working days purchasing and production order what is short. A promise that rests"
        " on ordering counts them in.",
    )

    _promise_planning_days_positive = models.Constraint(
        "CHECK(promise_planning_days >= 0)", "Ordering takes 0 days or more, not less."
    )

    def _promises(self):
        """Tell whether dates are promised here, not only shown."""
        return self.promise_mode == "promise"

    def _promise_day(self, moment):
        """Return the day a moment falls on where the company works."""
        zone = self.resource_calendar_id.tz or self.partner_id.tz or "UTC"
        return utc.localize(moment).astimezone(timezone(zone)).date()

    def _promise_planning(self):
        """Return how many days from today it takes to order: nobody orders on a Sunday."""
        today, number = fields.Datetime.now().date(), self.promise_planning_days
        calendar = self.resource_calendar_id
        month = datetime(today.year, today.month, 1)
        days = calendar._working_days(month, self.id) if calendar else ()
        last = bisect_right(days, today) + number - 1
        return (days[last] - today).days if number and last < len(days) else number
