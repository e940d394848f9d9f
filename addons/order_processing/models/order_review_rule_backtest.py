from datetime import datetime, time, timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine.backtest import rule_to_json

MOST_DAYS = 730


class OrderReviewRule(models.Model):
    _inherit = "order.review.rule"

    backtest_line_ids = fields.One2many(
        "order.review.backtest.line", "rule_id", "Trials", readonly=True, copy=False
    )

    def backtest(self, days=90):
        """Try these rules, archived ones too, on the orders of so many days; return the started trial.

        It runs in the background, with the rules as they are now, and tells which orders they would have
        found and what became of them. For sales managers.
        """
        Backtest = self.env["order.review.backtest"]
        Backtest._check_may_try()
        rules = self.exists()
        rules.check_access("read")
        days = rules._checked_days(days)
        company = rules._company_to_try()
        rules = rules._to_try()
        now = fields.Datetime.now()
        vals = {
            "company_id": company.id,
            "days": days,
            "date_from": datetime.combine(now.date() - timedelta(days=days), time.min),
            "date_to": now,
            "line_ids": [fields.Command.create(rule._prepare_backtest_line_vals()) for rule in rules],
        }
        # sudo: trials are written by the system only; the role has been checked
        trial = Backtest.sudo().create({**vals, "user_id": self.env.uid})
        # sudo: nobody else may wake a scheduled action
        self.env.ref("order_processing.ir_cron_backtest").sudo()._trigger()
        return trial.sudo(False)

    def _checked_days(self, days):
        if not self:
            raise UserError(self.env._("Choose the rules to try."))
        if not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
            raise UserError(self.env._("Choose between 1 and %s days.", MOST_DAYS))
        return days

    def _company_to_try(self):
        if len(self.company_id) > 1:
            raise UserError(
                self.env._("These rules are of several companies. Try those of one company at a time.")
            )
        return self.company_id or self.env.company

    def _to_try(self):
        """Leave out what compares an order with its approval: when it comes in, it has none."""
        rules = self.filtered(lambda rule: not (rule.kind == "check" and rule.check == "changed"))
        if not rules:
            raise UserError(
                self.env._("This rule looks at what is changed after an approval; past orders tell nothing.")
            )
        return rules.sorted(lambda rule: (rule.sequence, rule.id))

    def _prepare_backtest_line_vals(self):
        # sudo: a rule's scope, and the message in its first language, as the rules are applied
        plain = self.sudo().with_context(lang=None, active_test=False)._as_plain()
        return {
            "rule_id": self.id,
            "name": self.name,
            "severity": self.severity,
            "run_with": rule_to_json(plain),
        }
