import ast
import logging

import psycopg2

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ..engine.review import Found
from ..engine.review_facts import HOLDING, Rule
from .order_review_rule import FAILED_AGAIN_AFTER, PLACEHOLDER
from .review_facts import ReviewFacts
from .sale_order_review import HELD_STATES

# Not a rule that anybody could switch off.
ANSWER_RULE = Rule(id=0, kind="check", check="answer", severity="hold")
# Rules that people write themselves.
WRITTEN_KINDS = ("domain", "expression")
_logger = logging.getLogger(__name__)

# Database errors that mean: try the whole transaction again. Odoo does; they say nothing of the rule.
RETRIED = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.LockNotAvailable,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.ReadOnlySqlTransaction,
    psycopg2.errors.QueryCanceled,
    psycopg2.InterfaceError,
)


class SaleOrder(models.Model):
    """The rules at work: each gets the orders once and answers for all of them."""

    _inherit = "sale.order"

    def _review_findings(self):
        """Return ``{order id: [(rule, found), …]}`` for the orders that something was found on.

        The rules are plain values (:class:`~..engine.review_facts.Rule`), what they found is
        :class:`~..engine.review.Found`: at most one for each order and rule.
        """
        findings = {}
        for company, orders in self.grouped("company_id").items():
            # Costs, rates and phone numbers are those of the order's company, whoever asks.
            orders = orders.with_company(company)
            facts = ReviewFacts(orders)
            for rule in self.env["order.review.rule"]._active_rules(company):
                for order_id, found in orders._in_scope(rule, facts)._apply_rule(rule, facts).items():
                    findings.setdefault(order_id, []).append((rule, found))
        return findings

    def _in_scope(self, rule, facts):
        """Return those of the orders the rule is meant for, by channel and customer."""
        if not rule.is_scoped:
            return self
        # sudo: who belongs to whom, whoever submits
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        customers = set(partners.browse(rule.partner_ids).commercial_partner_id.ids)
        excepted = set(partners.browse(rule.except_ids).commercial_partner_id.ids)
        if rule.category_ids:
            ours = {id_ for row in facts.orders.values() for id_ in (row.partner_id, row.commercial_id)}
            domain = [("id", "in", list(ours)), ("category_id", "in", list(rule.category_ids))]
            customers |= set(partners.search(domain).commercial_partner_id.ids)
        by_customer = bool(rule.partner_ids or rule.category_ids)
        return self.browse(
            row.id
            for row in facts.orders.values()
            if (not rule.channel_ids or row.channel_id in rule.channel_ids)
            and (not by_customer or row.commercial_id in customers)
            and row.commercial_id not in excepted
        )

    def _apply_rule(self, rule, facts):
        """Apply one rule; when it fails, its owner is told and the orders go to a person."""
        if not self or (rule.kind == "check" and rule.check == "changed"):
            return {}
        if rule.kind in WRITTEN_KINDS:
            # Pending writes go first: undone with the rule, they would be lost.
            self.env.flush_all()
        try:
            found = self._ask(rule, facts)
        except RETRIED:
            raise
        except psycopg2.Error as error:
            if rule.kind not in WRITTEN_KINDS:
                raise  # without a savepoint the transaction is lost
            return facts.rule_failed(self, rule, error)
        except Exception as error:  # noqa: BLE001  whatever it is, the other rules go on
            return facts.rule_failed(self, rule, error)
        if rule.failed_at and rule.failed_at < fields.Datetime.now() - FAILED_AGAIN_AFTER:
            self.env["order.review.rule"].browse(rule.id)._mark_working()
        return self._with_message(rule, facts, found) if rule.message else found

    def _ask(self, rule, facts):
        if rule.kind not in WRITTEN_KINDS:
            return getattr(self, f"_check_{rule.check}")(rule, facts)
        # What people wrote may fail in the database, too: then only the rule is undone.
        with self.env.cr.savepoint(flush=False):
            return getattr(self, f"_find_by_{rule.kind}")(rule, facts)

    def _rule_failed(self, rule, facts, error):
        record = self.env["order.review.rule"].browse(rule.id)
        name = record.sudo().name or rule.check  # sudo: whoever submits
        _logger.error("The review rule %s failed on orders %s", name, self.ids, exc_info=error)
        record._mark_failed(error)
        rows = facts.__dict__.get("orders", {})  # unless it was reading them that failed
        figures = {"check": name, "rule": rule.id}
        return {
            order_id: Found(
                "check_failed", figures, {"amount": rows[order_id].amount_company if rows else 0.0}
            )
            for order_id in self.ids
        }

    # ---------------------------------------------------------------- rules people write
    def _find_by_domain(self, rule, facts):
        domain = Domain("id", "in", self.ids) & Domain(ast.literal_eval(rule.domain))
        # sudo: a rule sees all of the order, whoever submits it
        orders = self.with_context(active_test=False).sudo().search(domain, order="id")
        return {order_id: self._plain_found(facts.orders[order_id]) for order_id in orders.ids}

    def _find_by_expression(self, rule, facts):
        found = {}
        for order in self.sudo():  # sudo: written by administrators only
            row = facts.orders[order.id]
            names = {
                "order": order,
                "lines": order.order_line,
                "customer": order.partner_id,
                "amount": row.amount_company,
                "today": facts.today_of(order.id),
            }
            if safe_eval(rule.expression.strip(), names):
                found[order.id] = self._plain_found(row)
        return found

    def _plain_found(self, row):
        """Found by a rule that has no measure of its own: a waiver covers it up to this amount."""
        return Found("rule", {}, {"amount": row.amount_company})

    def _with_message(self, rule, facts, found):
        """Put the figures into what was found that the rule's own message speaks of."""
        wanted = set(PLACEHOLDER.findall(rule.message))
        return {
            order_id: Found(
                one.code,
                {
                    **one.figures,
                    **self._order_figures(facts, order_id, wanted),
                    "rule": rule.id,
                    "message": rule.message,
                },
                one.sizes,
            )
            for order_id, one in found.items()
        }

    def _order_figures(self, facts, order_id, wanted):
        row, lines = facts.orders[order_id], facts.lines.get(order_id, ())
        figures = {
            "order": lambda: facts.records.browse(order_id).name,
            "customer": lambda: facts.partner_name(row.partner_id),
            "amount": lambda: row.amount_total,
            "lines": lambda: len(lines),
            "quantity": lambda: sum(line.quantity for line in lines),
        }
        found = {name: figure() for name, figure in figures.items() if name in wanted}
        return {**found, "currency": row.currency_id} if "amount" in found else found

    # ---------------------------------------------------------------- what holds
    def _add_deviations(self, findings, beyond):
        """Put what goes beyond an approval (``{order id: deviations}``) before what the rules found."""
        for order in self:
            found = order._deviation_findings(beyond[order.id] or ())
            if found:
                rule = self.env["order.review.rule"]._rule_of_check("changed", order.company_id)
                findings[order.id] = [(rule, found), *findings.get(order.id, [])]

    def _holding(self, findings):
        """Return the findings that keep an order from going on: severe enough, and not waived.

        A waiver, or an approval, covers the same rule only as far as it was bad then. Where a stage has
        still to decide because of the order itself, what is waived keeps holding it.
        """
        covering = self.env["order.review.finding"]._covering(findings)
        undecided = {order.id for order in self.sudo() if order._waits_by_condition()}  # sudo: see findings
        holding = {
            order_id: holding
            for order_id, found in findings.items()
            if (
                holding := [
                    (rule, one)
                    for rule, one in found
                    if rule.severity in HOLDING
                    and (order_id in undecided or not covering(order_id, rule, one))
                ]
            )
        }
        # sudo: what a customer has written is read before the order goes on, whatever is found
        for order in self.sudo().filtered(lambda o: o.review_answer_unread and o.review_state in HELD_STATES):
            found = (ANSWER_RULE, Found("answer_unread", {}, {"answer": 1.0}))
            holding[order.id] = [found, *holding.get(order.id, ())]
        return holding
