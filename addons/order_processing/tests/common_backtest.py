from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo import fields

from .common import OrderProcessingCase


class BacktestCase(OrderProcessingCase):
    """Lamps & Mugs observes, has a past, and tries its rules on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.review_mode = "observe"
        cls.Trial = cls.env["order.review.backtest"]
        cls.Habit = cls.env["order.review.habit"]
        cls.baker = cls.customer.copy({"name": "Baker & Sons", "email": "baker@example.com"})

    @classmethod
    def past(cls, partner, lines, days_ago=10, hour=10, **vals):
        """Return an order handed in and confirmed that many days ago."""
        order = cls.quotation(partner, lines, by=cls.env.user, **vals)
        order.action_confirm()
        cls.date_back(order, days_ago, hour)
        return order

    @classmethod
    def date_back(cls, order, days_ago, hour=10):
        moment = cls.moment(days_ago, hour)
        order.sudo().write({"date_order": moment, "submitted_at": moment})

    @staticmethod
    def moment(days_ago, hour=10):
        day = fields.Datetime.now().date() - timedelta(days=days_ago)
        return datetime.combine(day, time(hour))

    # ---------------------------------------------------------------- trying
    @classmethod
    def a_try(cls, *rules, days=90):
        """Start a trial of these rules (or names of shipped ones), as Mona does."""
        records = cls.env["order.review.rule"].union(
            *(cls.rule(rule) if isinstance(rule, str) else rule for rule in rules)
        )
        return cls.env[cls.Trial._name].browse(records.with_user(cls.mona).backtest(days).ids)

    def run_cron(self, steps=10_000, size=None):
        """Run the scheduled action for so many steps; killed then."""
        left = iter(range(steps))

        def commit_progress(cron, processed=0, *, remaining=None, deactivate=False):
            self.env.flush_all()
            return 0 if next(left, None) is None else 1

        module = "odoo.addons.order_processing.models.order_review_backtest_run"
        sizes = {"FIRST_STEP": size, "next_step": lambda done, seconds: size} if size else {}
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", commit_progress):
            if sizes:
                with patch.multiple(module, **sizes):
                    self.Trial._cron_backtest()
            else:
                self.Trial._cron_backtest()
        self.env.invalidate_all()

    def tried(self, *rules, days=90, **options):
        """Return the trial of these rules, run to its end."""
        self.env.cr.flush()
        trial = self.a_try(*rules, days=days)
        self.run_cron(**options)
        self.assertEqual((trial.state, trial.failure), ("done", False))
        return trial

    def found(self, trial):
        """Return the orders the trial found."""
        return trial.hit_ids.order_id

    def figures(self, record):
        names = ("judged", "found", "cancelled", "refunded", "returned", "changed", "wrong", "all_wrong")
        return {name: record[f"{name}_count"] for name in names if record[f"{name}_count"]}
