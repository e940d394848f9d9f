import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ..engine.abc import classify
from ..engine.count_plan import SLACK, Item, plan
from .order_count_plan_sql import keep_classes, keep_dates, to_plan, to_request, used
from .stock_warehouse_watch import CLASSES

_logger = logging.getLogger(__name__)

# Of so many products the counts are put on the stock records in one transaction.
BATCH = 200
# So many rows are written in one statement.
ROWS = 5000


class OrderCountPlan(models.Model):
    """Every night: what class goods are in, when they are counted, and that Odoo knows it."""

    _inherit = "order.count.plan"

    @api.model
    def _cron_plan(self):
        """One warehouse after the other; each step is committed, and killed in between nothing is lost.

        Done again, each step finds only what is left: classes are written over, only what has no date gets
        one, only records that have not been told are told.
        """
        commit = self.env["ir.cron"]._commit_progress
        warehouses = self.env["stock.warehouse"].search([("cycle_count", "=", True)], order="id")
        for left, warehouse in zip(range(len(warehouses) - 1, -1, -1), warehouses, strict=True):
            for step in (self._classify, self._plan):
                self._try_step(step, warehouse)
                commit(remaining=left + 1)
            after, size = 0, BATCH
            while after is not None:
                after, size = self._request_step(warehouse, after, size)
                if not commit(1, remaining=left + (after is not None)):
                    return

    @api.model
    def _request_step(self, warehouse, after, size):
        """Tell Odoo of so many; return where to go on and with how many.

        Where that fails, half as many are tried; the one that fails alone is left out.
        """
        done = self._try_step(self._request, warehouse, after, size)
        if done:
            return done[0], BATCH
        if size > 1:
            return after, size // 2
        rows = self.env.execute_query(to_request(warehouse, after, 1))
        return (rows[0][0] if rows else None), BATCH

    @api.model
    def _try_step(self, step, warehouse, *args):
        """A warehouse that fails does not stop the others."""
        try:
            result = step(warehouse, *args)
            self.env.flush_all()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("Counts of warehouse %s could not be planned (%s)", warehouse.id, step.__name__)
            return None
        return result

    # ---------------------------------------------------------------- classes
    @api.model
    def _classify(self, warehouse):
        """Put the products of a warehouse into classes, by the value of what was used."""
        self.env.flush_all()
        now = fields.Datetime.now()
        since = now - relativedelta(months=warehouse.abc_months)
        values = dict(self.env.execute_query(used(warehouse, since)))
        classes = classify(values, warehouse.abc_share_a / 100, warehouse.abc_share_b / 100)
        rows = sorted((product_id, classes[product_id], value) for product_id, value in values.items())
        for start in range(0, len(rows), ROWS):
            self.env.execute_query(keep_classes(warehouse, rows[start : start + ROWS], now))
        self.invalidate_model(flush=False)

    # ---------------------------------------------------------------- dates
    @api.model
    def _plan(self, warehouse, today=None):
        """Give each product that needs one the day on which it is counted."""
        today = today or fields.Date.today()
        self.env.flush_all()
        rows = self.env.execute_query(to_plan(warehouse))
        items, counted = [], {}
        for plan_id, abc_class, last, places in rows:
            counted[plan_id] = last
            if days := warehouse._days_between_counts(abc_class):
                items.append(Item(plan_id, days, last, places))
        longest = max((warehouse[f"count_days_{one}"] for one in CLASSES), default=0)
        working_days = warehouse._counting_days(today + timedelta(days=1), int(longest * (1 + SLACK)) + 14)
        days = plan(items, working_days, today, self._load(warehouse, today))
        dated = [(plan_id, days.get(plan_id), last) for plan_id, last in counted.items()]
        for start in range(0, len(dated), ROWS):
            self.env.execute_query(keep_dates(dated[start : start + ROWS], fields.Datetime.now()))
        self.invalidate_model(flush=False)

    @api.model
    def _load(self, warehouse, today):
        """Return how many counts are planned already, by day."""
        domain = [
            ("inventory_date", ">", today),
            ("location_id.warehouse_id", "=", warehouse.id),
            ("location_id.usage", "=", "internal"),
        ]
        planned = [*domain, ("product_id", "in", self._dated_products(warehouse).ids)]
        groups = self.env["stock.quant"]._read_group(planned, ["inventory_date:day"], ["__count"])
        return {day.date() if hasattr(day, "date") else day: count for day, count in groups}

    @api.model
    def _dated_products(self, warehouse):
        domain = [("warehouse_id", "=", warehouse.id), ("next_count_date", "!=", False)]
        return self.search_fetch(domain, ["product_id"]).product_id

    # ---------------------------------------------------------------- Odoo's own counts
    @api.model
    def _request(self, warehouse, after=0, size=BATCH):
        """Put the dates on the stock records, as Odoo's *Request a Count* does; return ``(where to go on,)``.

        An earlier date that stands there already (the annual count, one a person asked for) stays. Records
        that somebody is working on are left for the next night.
        """
        self.env.flush_all()
        rows = self.env.execute_query(to_request(warehouse, after, size))
        Quant = self.env["stock.quant"]
        by_date, done = {}, []
        wanted = Quant.browse(quant_id for *_plan, quant_ids in rows for quant_id in quant_ids)
        free = set(wanted.try_lock_for_update(allow_referencing=True).ids)
        for plan_id, date, _is_requested, quant_ids in rows:
            by_date.setdefault(date, []).extend(free.intersection(quant_ids))
            if free.issuperset(quant_ids):
                done.append(plan_id)
        for date, quant_ids in by_date.items():
            Quant.browse(sorted(quant_ids))._request_count(date, warehouse.count_user_id)
        self.browse(done).write({"is_requested": True})
        if len(rows) == size:
            return (rows[-1][0],)
        self._nothing_to_request(warehouse)
        return (None,)

    @api.model
    def _nothing_to_request(self, warehouse):
        """Those whose records all have an earlier date: there is nothing to be told."""
        waiting = self.search([("warehouse_id", "=", warehouse.id), ("is_requested", "=", False)])
        rows = self.env.execute_query(to_request(warehouse, 0, None)) if waiting else ()
        (waiting - self.browse(row[0] for row in rows)).write({"is_requested": True})
