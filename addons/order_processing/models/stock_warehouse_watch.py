from datetime import datetime, time, timedelta

from pytz import UTC

from odoo import api, fields, models
from odoo.exceptions import ValidationError

CLASSES = ("a", "b", "c")
WEEKEND = (5, 6)


class StockWarehouse(models.Model):
    """Who watches over the stock of a warehouse, and how often it is counted."""

    _inherit = "stock.warehouse"

    stock_warning_user_ids = fields.Many2many(
        "res.users",
        "stock_warehouse_warning_user_rel",
        string="Told about low stock",
        help="Where the warning level names nobody. Empty: those named by the company.",
    )
    cycle_count = fields.Boolean(
        "Cycle counts by ABC class",
        help="Goods get a date on which they are counted, by their class. Locations with an inventory"
        " frequency of their own keep it.",
    )
    count_user_id = fields.Many2one(
        "res.users",
        "Counted by",
        ondelete="restrict",
        help="Gets the counts assigned. Empty: whoever is there.",
    )
    abc_months = fields.Integer(
        "Months looked at",
        default=12,
        help="Of what left in these months the classes are made, by its value.",
    )
    abc_share_a = fields.Float(
        "Share of A (%)", default=80.0, help="The products that make up this share of the value are class A."
    )
    abc_share_b = fields.Float("Share of B (%)", default=15.0)
    count_days_a = fields.Integer("A every (days)", default=30, help="0: not counted by plan.")
    count_days_b = fields.Integer("B every (days)", default=90, help="0: not counted by plan.")
    count_days_c = fields.Integer("C every (days)", default=180, help="0: not counted by plan.")

    _abc_shares = models.Constraint(
        "CHECK(abc_share_a >= 0 AND abc_share_b >= 0 AND abc_share_a + abc_share_b <= 100)",
        "The shares of A and B are percentages and make up 100 at most; the rest is C.",
    )
    _count_days_positive = models.Constraint(
        "CHECK(count_days_a >= 0 AND count_days_b >= 0 AND count_days_c >= 0 AND abc_months > 0)",
        "Goods are counted every so many days, or never (0); the classes look at one month or more.",
    )

    @api.constrains("stock_warning_user_ids", "count_user_id", "company_id")
    def _check_stock_watchers(self):
        for warehouse in self:
            watchers = warehouse.stock_warning_user_ids | warehouse.count_user_id
            watchers._check_may_watch_stock(warehouse.company_id)

    @api.constrains("count_days_a", "count_days_b", "count_days_c")
    def _check_count_days(self):
        if any(warehouse[f"count_days_{one}"] > 3650 for warehouse in self for one in CLASSES):
            raise ValidationError(self.env._("Every ten years is the least often that goods are counted."))

    def write(self, vals):
        result = super().write(vals)
        if vals.get("cycle_count"):
            self.env.ref("order_processing.ir_cron_plan_counts").sudo()._trigger()  # sudo: follows from it
        return result

    def _days_between_counts(self, abc_class):
        return self[f"count_days_{abc_class.lower()}"]

    def _counting_days(self, first, days):
        """Return the working days from ``first`` on, ``days`` calendar days long; holidays are none."""
        calendar = self.shipping_calendar_id or self.company_id.resource_calendar_id
        last = first + timedelta(days=days)
        if not calendar:
            every = (first + timedelta(days=n) for n in range(days + 1))
            return [day for day in every if day.weekday() not in WEEKEND]
        start, end = (datetime.combine(day, time.min, UTC) for day in (first, last + timedelta(days=1)))
        intervals = calendar._work_intervals_batch(start, end)[False]
        return sorted({begin.date() for begin, _end, _meta in intervals if first <= begin.date() <= last})
