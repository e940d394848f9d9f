from datetime import datetime, time
from functools import cached_property

from odoo.tools import SQL

from ..engine.backtest import amounts_of, is_same, line_terms
from ..engine.clearance import OrderTerms
from ..engine.review_facts import is_under_review
from ..engine.twins import Placed
from .order_review_backtest_sql import (
    batch_of,
    first_terms,
    lines_of_terms,
    owed_then,
    placed_nearby,
    recent_orders,
    with_earlier_orders,
)
from .review_facts import ReviewFacts
from .review_habits_past import PastHabits

# What the statements on the past read, beside what the facts do.
READ = {
    "sale.order": (
        "submitted_at",
        "review_state",
        "review_first_terms",
        "review_clearance",
        "review_replay",
        "payment_term_id",
        "incoterm",
    ),
    "sale.order.line": ("invoice_lines",),
    "account.move": ("state", "date", "invoice_currency_rate"),
    "account.move.line": ("balance", "price_total", "parent_state", "date"),
    "stock.move": ("state", "sale_line_id", "location_id", "location_dest_id"),
    "stock.picking": ("sale_id",),
}


class PastFacts(ReviewFacts):
    """What the rules would have seen of orders of one day when they were handed in.

    The orders as they were first held or cleared, the customer's other orders up to then, what was usual the
    evening before, what was owed. The rest (price list, cost, addresses, blocked or not) is what it is today.
    """

    def __init__(self, orders, moments, min_history=1):
        super().__init__(orders)
        self.moments = moments
        self.day = min(moments.values()).date()
        self.min_history = min_history
        self.failures = {}
        for model, names in READ.items():
            self.env[model].flush_model(names)

    # ---------------------------------------------------------------- as they were handed in
    @cached_property
    def present(self):
        """The orders as they are now and all their lines: ``({id: OrderRow}, {order id: [LineRow]})``."""
        rows = self._order_rows()
        lines = {order_id: [] for order_id in rows}
        for line in self._query_lines(list(rows)):
            lines[line.order_id].append(line)
        return rows, lines

    @cached_property
    def changed(self):
        """``{order id: its first terms}`` of the orders that say something else now."""
        rows, lines = self.present
        changed = {}
        for order_id, data, payment, incoterm in self.env.execute_query(first_terms(rows)):
            if not data:
                continue
            first, row = OrderTerms.from_json(data), rows[order_id]
            now = OrderTerms(
                row.partner_id,
                row.shipping_id,
                row.currency_id,
                {str(x.id): line_terms(x) for x in self._looked_at(row, lines[order_id], first)},
                invoice=row.invoice_id,
                payment=payment,
                incoterm=incoterm,
            )
            if not is_same(first, now):
                changed[order_id] = first
        return changed

    def _looked_at(self, row, lines, first=None):
        named = first.lines if first else ()
        carrier_product = self.carrier_products.get(row.carrier_id)
        return [x for x in lines if str(x.id) in named or is_under_review(x, carrier_product)]

    @cached_property
    def carrier_products(self):
        rows, _lines = self.present
        carriers = self.env["delivery.carrier"].browse({r.carrier_id for r in rows.values() if r.carrier_id})
        return {carrier.id: carrier.product_id.id for carrier in carriers}

    def _freight(self, order_id):
        """Return the lines nobody looks at: they are not among the terms."""
        rows, lines = self.present
        looked_at = {x.id for x in self._looked_at(rows[order_id], lines[order_id], self.changed[order_id])}
        return [line for line in lines[order_id] if line.id not in looked_at]

    @cached_property
    def orders(self):
        """``{order id: OrderRow}`` as they were handed in: quotations of that moment."""
        rows, _lines = self.present
        return {
            order_id: self._row_then(row)._replace(state="sent", date_order=self.moments[order_id])
            for order_id, row in rows.items()
        }

    def _row_then(self, row):
        first = self.changed.get(row.id)
        if not first:
            return row
        net, tax = amounts_of(first)
        freight = self._freight(row.id)
        net += sum(line.subtotal for line in freight)
        tax += sum(line.total - line.subtotal for line in freight)
        contacts = self.contacts
        return row._replace(
            partner_id=first.customer if first.customer in contacts else row.partner_id,
            commercial_id=contacts.get(first.customer, row.commercial_id),
            shipping_id=first.address if first.address in contacts else row.shipping_id,
            invoice_id=first.invoice if first.invoice in contacts else row.invoice_id,
            currency_id=first.currency,
            rate=row.rate if first.currency == row.currency_id else self._rate(first.currency),
            amount_untaxed=net,
            amount_tax=tax,
            amount_total=net + tax,
        )

    @cached_property
    def contacts(self):
        """``{contact: its commercial entity}`` of those the terms name; merged ones are gone."""
        named = {
            contact
            for x in self.changed.values()
            for contact in (x.customer, x.address, x.invoice)
            if contact
        }
        query = SQL(
            "SELECT id, COALESCE(commercial_partner_id, id) FROM res_partner WHERE id = ANY(%s)", list(named)
        )
        return dict(self.env.execute_query(query)) if named else {}

    def _rate(self, currency_id):
        currency = self.env["res.currency"].browse(currency_id)
        home = self.company.currency_id
        return currency._get_conversion_rate(home, currency, self.company, self.day) or 1.0

    def _line_rows(self):
        _rows, lines = self.present
        kept = [
            line
            for order_id in self.orders
            for line in (self._freight(order_id) if order_id in self.changed else lines[order_id])
        ]
        terms = SQL("SELECT * FROM (%s) t(id, terms, payment, incoterm)", first_terms(self.changed))
        return kept + self._query_lines(list(self.changed), lines_of_terms(terms))

    @property
    def priced_lines(self):
        """Lines that are gone, or of another product now, cannot be priced where Odoo's record is needed."""
        _rows, present = self.present
        now = {line.id: line.product_id for lines in present.values() for line in lines}

        def is_priced(line):
            if line.id in now:
                return now[line.id] == line.product_id
            return line.product_type != "combo" and not self.orders[line.order_id].fiscal_position_id

        return {order_id: list(filter(is_priced, lines)) for order_id, lines in self.lines.items()}

    # ---------------------------------------------------------------- what was known then
    @cached_property
    def habits(self):
        return PastHabits(self, datetime.combine(self.day, time.min), self.min_history)

    def today_of(self, order_id):
        return self.moments[order_id].date()

    def _batch(self, orders):
        return batch_of([(id_, self.orders[id_].commercial_id, self.moments[id_]) for id_ in orders.ids])

    def with_earlier_orders(self, orders):
        if not orders:
            return set()
        query = with_earlier_orders(self._batch(orders), self.company.id)
        return {order_id for (order_id,) in self.env.execute_query(query)}

    def count_recent(self, orders, days):
        return dict(self.env.execute_query(recent_orders(self._batch(orders), self.company.id, days)))

    def placed_nearby(self, orders, days):
        query = placed_nearby(self._batch(orders), self.company.id, days)
        return [Placed(*row) for row in self.env.execute_query(query)]

    def due_with(self, orders, customers):
        limited = orders.filtered(lambda order: self.orders[order.id].commercial_id in customers)
        if not limited:
            return {}
        # sudo: the books of all companies that share the customer's balance
        companies = self.env["res.company"].sudo().search([("id", "child_of", self.company.root_id.id)])
        query = owed_then(self._batch(limited), self.company.id, companies.ids)
        owed = dict(self.env.execute_query(query))
        return {id_: owed[id_] + self.orders[id_].amount_company for id_ in limited.ids}

    # ---------------------------------------------------------------- a rule that fails
    def rule_failed(self, orders, rule, error):
        """A trial marks no rule and wakes nobody; what went wrong stands beside the result."""
        text = f"{type(error).__name__}: {error}"[:500]
        failed, _text = self.failures.get(rule.id, (0, None))
        self.failures[rule.id] = (failed + len(orders), text)
        return {}
