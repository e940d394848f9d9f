from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import tagged

from .common import OrderProcessingHttpCase
from .common_backtest import BacktestCase


@tagged("post_install", "-at_install")
class TestBacktestInTheBrowser(BacktestCase, OrderProcessingHttpCase):
    """Mona tries a rule, the scheduled action runs, and she reads what came out."""

    def test_from_rule_to_result(self):
        rule = self.rule("amount_high")
        rule.write({"name": "Large orders", "threshold": 500})
        self.past(self.customer, [(self.mug, 100)], 9)._action_cancel()
        for hour in (11, 12):
            self.past(self.customer, [(self.mug, 1)], 9, hour=hour)
        self.env.cr.flush()
        form = f"/odoo/action-order_processing.order_review_rule_action/{rule.id}"
        self.start_tour(form, "backtest_mona_starts", login="mona")
        trial = self.Trial.search([])
        self.assertEqual((trial.days, trial.state, trial.user_id), (30, "queued", self.mona))
        self._watch(trial)
        self.assertEqual((trial.state, trial.found_count), ("done", 1))
        self.start_tour(form, "backtest_mona_reads_on_the_rule", login="mona")

    def _watch(self, trial):
        """Let the scheduled action run while the page is open: when it reads itself for the third time."""
        self.set_registry_readonly_mode(False)  # pages only read, and here the reading runs the action
        model, cron = self.env.registry["order.review.backtest"], self.env.registry["ir.cron"]
        web_read, calls = model.web_read, []

        def read_and_run(records, *args, **kwargs):
            calls.append(1)
            if len(calls) == 3:
                records.with_user(SUPERUSER_ID).browse()._cron_backtest()
                records.env.invalidate_all()
            return web_read(records, *args, **kwargs)

        with (
            patch.object(model, "web_read", read_and_run),
            patch.object(cron, "_commit_progress", lambda *args, **kwargs: 1),
        ):
            self.start_tour(f"/odoo/rule-trials/{trial.id}", "backtest_mona_watches", login="mona")
        self.assertGreaterEqual(len(calls), 3)
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestBacktestOnAPhone(TestBacktestInTheBrowser):
    """The same at phone width."""

    browser_size = "390x844"
    touch_enabled = True
