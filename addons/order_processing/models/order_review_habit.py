from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.habits import Habits
from .order_review_habit_sql import (
    array_of,
    changed_orders,
    end_of_step,
    learn_statement,
    mark_statement,
    samples_of,
)

# What there is to learn, and how many habits of a kind one step takes: about a second each.
KINDS = {
    ("quantity", "customer_product"): 5000,
    ("quantity", "customer"): 100,
    ("quantity", "product"): 500,
    ("quantity", "company"): 10,
    ("amount", "customer"): 500,
    ("amount", "company"): 50,
    ("velocity", "customer"): 500,
}
# How many changed orders and lines one step looks at.
CHANGES_PER_STEP = 20_000


class OrderReviewHabit(models.Model):
    """What is usual for a customer, a product, a customer and a product, or the company.

    A table, not a calculation at the time of the review: that has to cost the same after a thousand orders
    and after a hundred thousand. A scheduled action keeps it up to date in two kinds of steps, each
    committed: it marks what changed orders touch (``is_due``), and learns anew what is marked, from the
    latest orders. So it can be stopped at any moment; what is marked stays marked. Up to where changes
    have been marked stands on the company (``review_learned_until``).
    """

    _name = "order.review.habit"
    _description = "What is Usual"
    _log_access = False
    _order = "history_count desc, id"
    _rec_name = "measure"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    measure = fields.Selection(
        [
            ("quantity", "Quantity ordered of a product"),
            ("amount", "Amount of an order"),
            ("velocity", "Orders on a day with orders"),
        ],
        required=True,
        readonly=True,
        help="Quantities are in the product's own unit, amounts in the company's currency.",
    )
    level = fields.Selection(
        [
            ("customer_product", "Customer and product"),
            ("customer", "Customer"),
            ("product", "Product"),
            ("company", "Company"),
        ],
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    product_id = fields.Many2one("product.product", ondelete="cascade", index="btree_not_null", readonly=True)
    history_count = fields.Integer("Learned from", readonly=True, aggregator=None)
    median = fields.Float("Usual", readonly=True, digits=False, aggregator=None)
    spread = fields.Float(
        readonly=True,
        digits=False,
        aggregator=None,
        help="Robust deviation of the logarithm: 0.7 is half to double.",
    )
    low = fields.Float("Usual from", readonly=True, digits=False, aggregator=None)
    high = fields.Float("Usual to", readonly=True, digits=False, aggregator=None)
    last_value = fields.Float(
        "Last price paid",
        readonly=True,
        digits=False,
        aggregator=None,
        help="Net price of one unit of the product in the company's currency.",
    )
    last_date = fields.Datetime("Last order", readonly=True)
    is_due = fields.Boolean("To be learned anew", readonly=True)

    _what = models.UniqueIndex(
        "(company_id, measure, COALESCE(partner_id, 0), COALESCE(product_id, 0))",
        "What is usual is kept once for each customer, product and measure.",
    )
    _due = models.Index("(measure, level, id) WHERE is_due")
    # A constraint, not just an index, tells Odoo's merging of contacts that two of them may collide.
    _level_fits = models.Constraint(
        """CHECK((partner_id IS NOT NULL) = (level IN ('customer', 'customer_product'))
             AND (product_id IS NOT NULL) = (level IN ('product', 'customer_product')))""",
        "What is usual for a customer or a product names them.",
    )

    # ---------------------------------------------------------------- learning
    @api.model
    def _cron_learn(self):
        """Bring up to date what is usual, step by step, each committed; stopped, it goes on where it was."""
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([])  # pylint: disable=no-search-all
        for company in companies:
            # What is committed while somebody reads this has begun before; so the end is noted first, and
            # what is visible only after it is looked at from there the next time.
            horizon = self._horizon()
            if not cron._commit_progress(remaining=1):
                return
            for done in self._mark_steps(company, horizon):
                if not cron._commit_progress(done, remaining=1):
                    return
        for done in self._learn_steps():
            if not cron._commit_progress(done, remaining=self.search_count([("is_due", "=", True)])):
                return
        cron._commit_progress(remaining=0)

    @api.model
    def _learn(self, companies=None, as_of=None):
        """Learn now and in this transaction; nothing is committed.

        ``as_of`` (UTC): only what was ordered before that moment, as a trial of the rules on the past
        needs it. A trial that goes on from an earlier moment learns only what has been ordered between, or
        changed. The scheduled action starts from the beginning after a trial.
        """
        for company in companies or self.env["res.company"].search([]):  # pylint: disable=no-search-all
            if as_of:
                self._mark_until(company, as_of)
            else:
                for _done in self._mark_steps(company, None):
                    pass
        for _done in self._learn_steps(as_of):
            pass

    def _learn_steps(self, as_of=None):
        """Learn what is marked, some of a kind at a time; yield how many each time."""
        for (measure, level), size in KINDS.items():
            while due := self._claim(measure, level, size):
                self.env.execute_query(learn_statement(samples_of(measure, level, as_of), due))
                self.invalidate_model(flush=False)
                yield len(due)

    def _claim(self, measure, level, size):
        """Return ids of marked habits and keep others from learning them, too; those leave them out."""
        query = SQL(
            """SELECT id FROM order_review_habit WHERE is_due AND measure = %s AND level = %s
                ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED""",
            measure,
            level,
            size,
        )
        return [habit_id for (habit_id,) in self.env.execute_query(query)]

    # ---------------------------------------------------------------- what has changed
    def _horizon(self):
        """Return the start of the oldest transaction still open: what it writes bears a later time."""
        query = SQL(
            """SELECT LEAST(now(), min(xact_start)) AT TIME ZONE 'UTC' FROM pg_stat_activity
                WHERE datname = current_database() AND backend_type = 'client backend'"""
        )
        return self.env.execute_query(query)[0][0]

    def _mark_steps(self, company, horizon):
        """Mark what orders changed since the last time touch, the oldest first; yield after each step.

        ``horizon`` is what the mark on the company is set to in the end; None leaves it where it is.
        """
        self.env.flush_all()
        start, trial = self._learned_until(company)
        if trial:
            start = None
        while True:
            found = self.env.execute_query(end_of_step(company.id, start, CHANGES_PER_STEP))
            end = found[0][0] if found else None
            between = SQL("x.write_date >= %s", start) if start else SQL("TRUE")
            if end:
                between = SQL("%s AND COALESCE(x.write_date, '-infinity') < %s", between, end)
            marked = self._mark(company, changed_orders(company.id, between))
            if horizon and (not end or end < horizon):
                self._set_learned_until(company, end or horizon)
            yield marked
            if not end:
                return
            start = end

    def _mark_until(self, company, as_of):
        """Mark what a trial at that moment has not learned yet; one that goes back begins with nothing."""
        self.env.flush_all()
        start, trial = self._learned_until(company)
        orders = SQL("SELECT id FROM sale_order WHERE company_id = %s AND date_order < %s", company.id, as_of)
        if trial and trial <= as_of:
            orders = SQL(
                "%s AND date_order >= %s UNION %s",
                orders,
                trial,
                changed_orders(company.id, SQL("x.write_date >= %s", start)),
            )
        else:
            forget = SQL("DELETE FROM order_review_habit WHERE company_id = %s RETURNING id", company.id)
            self.env.execute_query(forget)
        self._set_learned_until(company, self._horizon(), as_of)
        self._mark(company, orders)

    def _mark(self, company, orders):
        """Mark what the orders touch; of orders that are not confirmed, only what is known already."""
        ((marked,),) = self.env.execute_query(mark_statement(company.id, orders))
        self.invalidate_model(flush=False)
        return marked

    def _learned_until(self, company):
        """Return up to where changes are marked, and the moment of a trial that what is known stems from."""
        columns = SQL("review_learned_until, review_learned_as_of")
        query = SQL("SELECT %s FROM res_company WHERE id = %s", columns, company.id)
        return self.env.execute_query(query)[0]

    def _set_learned_until(self, company, moment, trial=None):
        # By SQL: to the microsecond, and without telling all processes that a company has changed.
        query = SQL(
            """UPDATE res_company SET review_learned_until = %s, review_learned_as_of = %s
                WHERE id = %s RETURNING id""",
            moment,
            trial,
            company.id,
        )
        self.env.execute_query(query)
        company.invalidate_recordset(["review_learned_until", "review_learned_as_of"], flush=False)

    # ---------------------------------------------------------------- reading
    @api.model
    def _for_orders(self, facts):
        """Return the :class:`Habits` that may matter for the orders and lines of the facts: one query."""
        orders = facts.orders.values()
        customers = {row.commercial_id for row in orders}
        pairs = {
            (facts.orders[order_id].commercial_id, line.product_id)
            for order_id, lines in facts.lines.items()
            for line in lines
            if line.product_id
        }
        products = {product for _customer, product in pairs}
        keys = [
            *(("quantity", customer, product) for customer, product in pairs),
            *(
                (measure, customer, 0)
                for customer in customers
                for measure in ("quantity", "amount", "velocity")
            ),
            *(("quantity", 0, product) for product in products),
            ("quantity", 0, 0),
            ("amount", 0, 0),
        ]
        return Habits(keys, self._rows_of(facts.company, keys))

    def _rows_of(self, company, keys):
        """Return place of the key, count, median, spread, low, high and last price of what is known."""
        measures, partners, products = zip(*keys, strict=True)
        query = SQL(
            """
            SELECT k.n, h.history_count, h.median, h.spread, h.low, h.high, h.last_value
              FROM unnest(%s::varchar[], %s::int[], %s::int[]) WITH ORDINALITY k(measure, partner, product, n)
              JOIN order_review_habit h
                ON h.company_id = %s AND h.measure = k.measure AND COALESCE(h.partner_id, 0) = k.partner
               AND COALESCE(h.product_id, 0) = k.product
             WHERE h.history_count > 0
            """,
            *(array_of(values) for values in (measures, partners, products)),
            company.id,
        )
        return self.env.execute_query(query)
