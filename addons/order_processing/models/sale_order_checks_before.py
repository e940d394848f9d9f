from odoo import models
from odoo.tools import SQL

from ..engine.review import Found, choose_habit, too_many
from ..engine.twins import Placed, count_recent, find_twins

# When an order came in. A quotation may have waited for the customer a while.
MOMENT = SQL("CASE WHEN o.state = 'sale' THEN o.date_order ELSE COALESCE(o.submitted_at, o.date_order) END")
# What has been placed and still stands; refused and cancelled orders do not.
STANDS = SQL(
    "o.state <> 'cancel' AND o.review_state <> 'refused' AND (o.state = 'sale' OR o.submitted_at IS NOT NULL)"
)
WRITTEN = (
    "state",
    "company_id",
    "partner_id",
    "date_order",
    "submitted_at",
    "review_state",
    "client_order_ref",
)


class SaleOrder(models.Model):
    """Checks against the customer's other orders: is it the first, one of many, the same again?

    One query each for all orders, by the index on customer and date. "OFFSET 0" keeps PostgreSQL from reading
    all orders of the past at once instead: that would be quicker today, and slower every month.
    """

    _inherit = "sale.order"

    # ---------------------------------------------------------------- the first one
    def _check_new_customer(self, rule, facts):
        """Nobody orders for more than the threshold the first time: before one of theirs was confirmed."""
        rows = [facts.orders[order_id] for order_id in self._ids]
        large = [row for row in rows if row.amount_company > rule.threshold]
        known = facts.with_earlier_orders(self.browse(row.id for row in large))
        findings = {}
        for row in large:
            if row.id not in known:
                figures = {
                    "partner": facts.partner_name(row.commercial_id),
                    "amount": row.amount_company,
                    "currency": facts.company.currency_id.id,
                }
                findings[row.id] = Found("new_customer", figures, {"amount": row.amount_company})
        return findings

    def _with_earlier_orders(self):
        """Return the ids of those orders whose customer has had another one confirmed."""
        if not self:
            return set()
        self.flush_model(WRITTEN)
        query = SQL(
            """
            SELECT n.id FROM sale_order n JOIN res_partner np ON np.id = n.partner_id
             WHERE n.id = ANY(%s) AND EXISTS (
                   SELECT FROM res_partner c JOIN sale_order o ON o.partner_id = c.id
                    WHERE c.commercial_partner_id = np.commercial_partner_id AND o.id <> n.id
                      AND o.company_id = n.company_id AND o.state = 'sale'
                      AND (n.state <> 'sale' OR o.date_order < n.date_order))
            """,
            self.ids,
        )
        return {order_id for (order_id,) in self.env.execute_query(query)}

    # ---------------------------------------------------------------- one of many
    def _check_velocity(self, rule, facts):
        """A customer does not place more orders than the threshold within ``period_days`` and, at the same
        time, ``factor`` times as many as on a usual day with orders. The first ones pass.
        """
        days = max(rule.period_days, 1)
        findings = {}
        for order_id, count in facts.count_recent(self, days).items():
            row = facts.orders[order_id]
            habit = choose_habit([facts.habits.velocity(row.commercial_id)], rule.min_history)
            usual = habit.median if habit else 1.0
            if too_many(count, usual, days, rule.threshold, rule.factor):
                figures = {
                    "partner": facts.partner_name(row.commercial_id),
                    "count": count,
                    "days": days,
                    "usual": round(usual),
                }
                findings[order_id] = Found("velocity", figures, {"count": float(count)})
        return findings

    def _count_recent(self, days):
        """Return ``{order id: how many orders of its customer have come in these days}``, itself included."""
        self.flush_model(WRITTEN)
        query = SQL(
            """
            WITH batch AS MATERIALIZED (
                SELECT o.id, o.company_id, p.commercial_partner_id AS customer_id, %(moment)s AS moment
                  FROM sale_order o JOIN res_partner p ON p.id = o.partner_id WHERE o.id = ANY(%(ids)s)
            )
            SELECT b.id, b.customer_id, b.moment, count(o.id) FILTER (WHERE own.id IS NULL)
              FROM batch b
              LEFT JOIN res_partner c ON c.commercial_partner_id = b.customer_id
              LEFT JOIN LATERAL (
                   SELECT o.id FROM sale_order o
                    WHERE o.partner_id = c.id AND o.company_id = b.company_id
                      AND o.date_order > b.moment - make_interval(days => %(days)s)
                      AND o.date_order <= b.moment AND %(stands)s OFFSET 0) o ON TRUE
              LEFT JOIN batch own ON own.id = o.id
             GROUP BY b.id, b.customer_id, b.moment
            """,
            moment=MOMENT,
            stands=STANDS,
            ids=self.ids,
            days=days,
        )
        return count_recent(self.env.execute_query(query), days)

    # ---------------------------------------------------------------- the same again
    def _check_duplicate(self, rule, facts):
        """The customer has not placed the same order within ``period_days``: the same products in the same
        quantities, or the same reference. What was placed first is no duplicate.
        """
        days = max(rule.period_days, 1)
        twins = find_twins(self._ids, facts.placed_nearby(self, days), days)
        names = {order.id: order.name for order in self.browse({twin.id for twin in twins.values()}).sudo()}
        return {
            order_id: Found(
                "duplicate_reference" if twin.by_reference else "duplicate",
                {"other": names[twin.id], "reference": facts.orders[order_id].client_order_ref or ""},
                {f"order:{twin.id}": 1.0},
            )
            for order_id, twin in twins.items()
        }

    def _placed_nearby(self, days):
        """Return the orders as :class:`Placed`, with those of the same customers from these days.

        What is in an order is read only where the customer has more than one.
        """
        self.flush_model(WRITTEN)
        self.env["sale.order.line"].flush_model(["product_id", "product_uom_id", "product_uom_qty"])
        query = SQL(
            """
            WITH batch AS MATERIALIZED (
                SELECT o.company_id, p.commercial_partner_id AS customer_id,
                       min(%(moment)s) - make_interval(days => %(days)s) AS first,
                       max(%(moment)s) + make_interval(days => %(days)s) AS last
                  FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                 WHERE o.id = ANY(%(ids)s) GROUP BY 1, 2
            ), near AS MATERIALIZED (
                SELECT n.*, count(*) OVER (PARTITION BY customer_id) > 1 AS has_others FROM (
                    SELECT o.id, b.customer_id, %(moment)s AS moment, o.state = 'sale' AS is_confirmed,
                           o.client_order_ref
                      FROM batch b JOIN res_partner c ON c.commercial_partner_id = b.customer_id
                      CROSS JOIN LATERAL (
                           SELECT o.* FROM sale_order o
                            WHERE o.partner_id = c.id AND o.company_id = b.company_id
                              AND o.date_order BETWEEN b.first AND b.last AND %(stands)s OFFSET 0) o
                     WHERE NOT EXISTS (SELECT FROM unnest(%(ids)s) AS own(id) WHERE own.id = o.id)
                    UNION ALL
                    SELECT o.id, p.commercial_partner_id, %(moment)s, o.state = 'sale', o.client_order_ref
                      FROM sale_order o JOIN res_partner p ON p.id = o.partner_id WHERE o.id = ANY(%(ids)s)
                ) n
            ), content AS (
                SELECT order_id, string_agg(product_id || '×' || quantity, ' ' ORDER BY product_id) AS content
                  FROM (
                    SELECT l.order_id, l.product_id,
                           round(sum(l.product_uom_qty * COALESCE(u.factor, 1))::numeric, 4) AS quantity
                      FROM near n JOIN sale_order_line l ON l.order_id = n.id
                      LEFT JOIN uom_uom u ON u.id = l.product_uom_id
                     WHERE n.has_others AND l.product_id IS NOT NULL AND NOT COALESCE(l.is_delivery, FALSE)
                     GROUP BY 1, 2) x
                 GROUP BY order_id
            )
            SELECT n.id, n.customer_id, n.moment, n.is_confirmed, n.client_order_ref, c.content
              FROM near n LEFT JOIN content c ON c.order_id = n.id WHERE n.has_others
            """,
            moment=MOMENT,
            stands=STANDS,
            ids=self.ids,
            days=days,
        )
        return [Placed(*row) for row in self.env.execute_query(query)]
