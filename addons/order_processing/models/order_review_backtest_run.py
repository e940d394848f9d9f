import logging
import time
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.backtest import FIRST_STEP, Outcome, next_step, rule_from_json, tally
from .order_review_backtest import UNFINISHED
from .order_review_backtest_sql import next_orders, orders_between, outcomes_of
from .review_facts_past import PastFacts
from .sale_order_rules import RETRIED

_logger = logging.getLogger(__name__)


class Judged(NamedTuple):
    """What one step has come to."""

    by_line: dict  # line id: (ids of the orders it is for, {order id: found}, failure)
    rows: dict  # order id: OrderRow, as handed in
    changed: set  # ids of the orders that are something else now


class OrderReviewBacktest(models.Model):
    """A trial at work, in the background: some orders of one day at a time.

    What a step finds, the sums and the place it has come to are committed together, so that it can be killed
    at any moment and goes on from there. What the rules do while they judge is undone.
    """

    _inherit = "order.review.backtest"

    @api.model
    def _cron_backtest(self):
        """Work on the trials, one after the other, step by step; stopped, it goes on where it was."""
        cron = self.env["ir.cron"]
        size = FIRST_STEP
        while trial := self._claim_next():
            start = time.monotonic()
            done = trial._do_step(size)
            left = cron._commit_progress(done, remaining=self._count_remaining())
            size = next_step(done, time.monotonic() - start)
            self.env.invalidate_all()
            if not left:
                return
        cron._commit_progress(remaining=0)

    @api.model
    def _claim_next(self):
        """Return the oldest trial that is not finished, locked; none while somebody is cancelling it."""
        trial = self.search(Domain("state", "in", UNFINISHED), order="id", limit=1)
        trial = trial.try_lock_for_update(allow_referencing=True)
        return trial.filtered(lambda one: one.state in UNFINISHED)

    @api.model
    def _count_remaining(self):
        unfinished = self.search(Domain("state", "in", UNFINISHED))
        return sum(max(trial.total_count - trial.judged_count, 1) for trial in unfinished)

    def _do_step(self, size):
        """Judge up to ``size`` orders and return how many; a trial that cannot go on is marked failed."""
        try:
            with self.env.cr.savepoint():
                if self.state == "queued":
                    self._begin()
                return self._judge_next(size)
        except RETRIED:
            raise  # the database's affair: the next run goes on from here
        except Exception as error:
            _logger.exception("The trial %s of review rules failed", self.id)
            now = fields.Datetime.now()
            text = f"{type(error).__name__}: {error}"[:500]
            self.write({"state": "failed", "finished_at": now, "failure": text})
            return 0

    def _begin(self):
        self.env["sale.order"].flush_model()
        orders = orders_between(self.company_id.id, self.date_from, self.date_to)
        ((total,),) = self.env.execute_query(SQL("SELECT count(*) FROM (%s) o", orders))
        self.write(
            {
                "state": "running",
                "started_at": fields.Datetime.now(),
                "total_count": total,
                "cursor_moment": self.date_from,
                "cursor_order": 0,
            }
        )

    def _judge_next(self, size):
        rows = self._next_orders(size)
        if not rows:
            self.write({"state": "done", "finished_at": fields.Datetime.now()})
            return 0
        moments = {order_id: moment for order_id, moment, is_known in rows if not is_known}
        if moments:
            self._keep(self._judge(moments), moments)
        last, moment, _is_known = rows[-1]
        self.write({"cursor_moment": moment, "cursor_order": last})
        return len(rows)

    def _next_orders(self, size):
        """Return id, moment, and whether it was found already, of the next orders: all of one day."""
        self.env["sale.order"].flush_model()
        orders = orders_between(self.company_id.id, self.cursor_moment, self.date_to)
        query = next_orders(orders, self.cursor_moment, self.cursor_order, self.id, size)
        rows = self.env.execute_query(query)
        return [row for row in rows if row[1].date() == rows[0][1].date()]

    # ---------------------------------------------------------------- judging
    def _judge(self, moments):
        """Let the rules judge the orders, which were handed in at these moments.

        Whatever the rules do to get there (an expression may do anything) is undone.
        """
        company = self.company_id
        rules = {line.id: rule_from_json(line.run_with) for line in self.line_ids}
        lang = {"lang": self.user_id.lang or self.env.lang, "tz": self.user_id.tz}
        orders = self.env["sale.order"].with_company(company).with_context(**lang).browse(moments)
        with self.env.cr.savepoint() as savepoint:
            facts = PastFacts(orders, moments, max(rule.min_history for rule in rules.values()))
            result = {line_id: self._judge_by(rule, facts) for line_id, rule in rules.items()}
            judged = Judged(result, facts.orders, set(facts.changed))
            savepoint.rollback()
        return judged

    def _judge_by(self, rule, facts):
        scope = facts.records._in_scope(rule, facts)
        found = {}
        try:
            with self.env.cr.savepoint(flush=False):
                found = scope._apply_rule(rule, facts)
        except RETRIED:
            raise
        except psycopg2.Error as error:
            facts.rule_failed(scope, rule, error)
        return scope.ids, found, facts.failures.get(rule.id)

    # ---------------------------------------------------------------- keeping
    def _keep(self, judged, moments):
        """Write down what was found, and what became of these orders."""
        outcomes = self._outcomes(judged)
        hits, all_found = [], set()
        for line in self.line_ids:
            scope, found, failure = judged.by_line[line.id]
            line._add(tally(scope, found, outcomes))
            if failure:
                line.write({"failed_count": line.failed_count + failure[0], "failure": failure[1]})
            all_found |= found.keys()
            for order_id, one in found.items():
                vals = self._prepare_hit_vals(one, judged.rows[order_id], outcomes[order_id])
                hits.append({**vals, "line_id": line.id, "moment": moments[order_id]})
        self.env["order.review.backtest.hit"].create(hits)
        self._add(tally(judged.rows, all_found, outcomes))

    def _outcomes(self, judged):
        rows = self.env.execute_query(outcomes_of(judged.rows))
        outcomes = {order_id: Outcome(*ends) for order_id, *ends in rows}
        return outcomes | {order_id: outcomes[order_id]._replace(changed=True) for order_id in judged.changed}

    def _prepare_hit_vals(self, found, row, outcome):
        return {
            "backtest_id": self.id,
            "order_id": row.id,
            "amount": row.amount_company,
            "code": found.code,
            "facts": found.figures,
            **{f"is_{name}": value for name, value in outcome._asdict().items()},
            "went_wrong": outcome.went_wrong,
        }
