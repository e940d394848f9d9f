"""What priorities rest on, read in two queries for any number of orders."""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from ..engine.priority import Facts
from .promise_facts import OPEN_STATES

FLUSH = {
    "sale.order": """state urgency promise_date commitment_date requested_date date_order amount_total
        currency_rate partner_id company_id promise_slip carrier_id""",
    "sale.order.line": "order_id",
    "stock.move": "state picking_id sale_line_id priority location_id",
    "stock.picking": "priority dispatch_due departures_missed",
    "stock.location": "usage",
    "order.promise": "order_id kind",
    "res.partner": "commercial_partner_id customer_tier_id",
    "customer.tier": "points company_id active",
    "delivery.carrier": "transit_days",
}


class Row(NamedTuple):
    """A move of an order; ``open``: its goods still have to go. Scores are those it has now."""

    move_id: int
    order_id: int
    picking_id: int | None
    open: bool
    starred: bool
    move_score: float
    picking_score: float
    leave_by: object
    missed: int


class OrderRow(NamedTuple):
    """An order as the database has it."""

    id: int
    company_id: int
    score: float
    figures: dict | None
    open: bool
    urgent: bool
    promised: object
    confirmed: object
    value: float
    transit: int
    slips: int
    slip_days: int
    tier_id: int | None
    points: int


class PriorityFacts:
    """The moves of some orders, and the orders: theirs, and those that share a transfer with them."""

    def __init__(self, env, order_ids):
        # su: dates, ids and amounts only; how soon an order is picked must not depend on who looks
        self.env = env(su=True)
        self.now = fields.Datetime.now()
        self.asked = set(order_ids)
        for model, names in FLUSH.items():
            self.env[model].flush_model(names.split())
        ids = list(self.asked)
        self.rows = [Row(*row) for row in self.env.execute_query(self._moves(ids))]
        self.moves = defaultdict(list)
        for row in self.rows:
            self.moves[row.order_id].append(row)
        everybody = list(self.asked.union(self.moves))
        self.orders = {row[0]: OrderRow(*row) for row in self.env.execute_query(self._orders(everybody))}

    def open_moves(self, order):
        """Return the moves of the order that its goods still wait for."""
        return [row for row in self.moves[order.id] if row.open] if order.open else []

    def leave_by(self, order):
        """Return when the goods have to leave: as planned, else the days on the way before the promise."""
        planned = [row.leave_by for row in self.open_moves(order) if row.leave_by]
        if planned:
            return min(planned)
        return order.promised and order.promised - timedelta(days=order.transit)

    def facts(self, order, starred):
        """Return what the engine wants to know of an order."""
        leave_by = self.leave_by(order)
        return Facts(
            urgent=order.urgent,
            starred=starred,
            slack=_hours(leave_by - self.now) if leave_by else None,
            tier=order.points,
            age=_hours(self.now - order.confirmed),
            slips=order.slips,
            slip_days=order.slip_days,
            missed=self.missed(order),
            value=order.value,
        )

    def missed(self, order):
        """Return how many departures have left without it; the steps of a delivery miss the same ones."""
        return max((row.missed for row in self.open_moves(order)), default=0)

    def figures(self, order, starred):
        """Return what does not change as time passes, to explain the score with."""
        text = fields.Datetime.to_string
        leave_by = self.leave_by(order)
        return {
            "urgent": order.urgent,
            "starred": starred,
            "leave_by": text(leave_by) if leave_by else False,
            "confirmed": text(order.confirmed),
            "tier": order.tier_id or False,
            "slips": order.slips,
            "slip_days": order.slip_days,
            "missed": self.missed(order),
        }

    # ---------------------------------------------------------------- reading
    def _moves(self, ids):
        return SQL(
            """
            WITH own AS (
                SELECT m.id, m.picking_id FROM stock_move m
                  JOIN sale_order_line sl ON sl.id = m.sale_line_id
                 WHERE sl.order_id = ANY(%(ids)s)
            ), touched AS (
                SELECT id FROM own
                 UNION SELECT m.id FROM stock_move m
                 WHERE m.picking_id IN (SELECT picking_id FROM own)
            )
            SELECT m.id, sl.order_id, m.picking_id, way.open, COALESCE(p.priority, m.priority, '0') = '1',
                   COALESCE(m.priority_score, 0)::float, COALESCE(p.priority_score, 0)::float,
                   p.dispatch_due, COALESCE(p.departures_missed, 0)
              FROM touched t JOIN stock_move m ON m.id = t.id
              JOIN sale_order_line sl ON sl.id = m.sale_line_id
              JOIN stock_location source ON source.id = m.location_id
              LEFT JOIN stock_picking p ON p.id = m.picking_id
              CROSS JOIN LATERAL (SELECT m.state = ANY(%(open)s) AND source.usage != 'customer' AS open) way
             WHERE way.open OR m.priority_score != 0 OR p.priority_score != 0
             ORDER BY m.id
            """,
            ids=ids,
            open=list(OPEN_STATES),
        )

    def _orders(self, ids):
        scoring = self.env["res.company"]._scoring_ids()
        return SQL(
            """
            SELECT o.id, o.company_id, COALESCE(o.priority_score, 0)::float, o.priority_figures,
                   o.state = 'sale' AND o.company_id = ANY(%(scoring)s),
                   o.urgency = 'urgent', COALESCE(o.promise_date, o.commitment_date, o.requested_date),
                   o.date_order, (o.amount_total / COALESCE(NULLIF(o.currency_rate, 0), 1))::float,
                   COALESCE(d.transit_days, 1), COALESCE(l.slips, 0)::int,
                   GREATEST(COALESCE(o.promise_slip, 0), 0), t.id, COALESCE(t.points, 0)
              FROM sale_order o
              LEFT JOIN delivery_carrier d ON d.id = o.carrier_id
              LEFT JOIN (
                  SELECT order_id, count(*) AS slips FROM order_promise
                   WHERE order_id = ANY(%(ids)s) AND kind = 'later' GROUP BY order_id
              ) l ON l.order_id = o.id
              LEFT JOIN res_partner p ON p.id = o.partner_id
              LEFT JOIN res_partner c ON c.id = COALESCE(p.commercial_partner_id, p.id)
              LEFT JOIN customer_tier t
                     ON t.id = c.customer_tier_id AND COALESCE(t.company_id, o.company_id) = o.company_id
             WHERE o.id = ANY(%(ids)s)
            """,
            ids=ids,
            scoring=scoring,
        )


def _hours(span):
    return span.total_seconds() / 3600
