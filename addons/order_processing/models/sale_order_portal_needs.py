from collections import defaultdict

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

# What of a parcel is still to come.
ON_ITS_WAY = (
    "pending",
    "info_received",
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "available_for_pickup",
    "attempt_failed",
    "exception",
)
ARRIVED_STAGES = ("delivered", "completed")
TONES = {
    "completed": "success",
    "delivered": "success",
    "cancelled": "danger",
    "refused": "danger",
    "waiting_stock": "warning",
    "in_review": "warning",
}
ENDED_STAGES = (*ARRIVED_STAGES, "refused", "cancelled")


class SaleOrder(models.Model):
    """What only the customer can do: answer, choose, accept, pay. On top of his order, and in his list."""

    _inherit = "sale.order"

    # ---------------------------------------------------------------- on the page of an order
    def _portal_needs(self, user, promise):
        """Return ``[{kind, …}]``, most urgent first; the caller may read the order (sudo).

        :param promise: what ``_portal_promise`` says
        """
        needs = []
        if self._is_answer_needed():
            needs.append({"kind": "answer", "text": self._portal_answer()})
        # Colleagues look at the page, too; they do not choose for the customer.
        if (choices := promise.get("choices")) and self._may_choose(user):
            needs.append({"kind": "choice", "choices": choices})
        if self._has_to_be_signed() or self._has_to_be_paid():
            needs.append({"kind": "accept", "is_paid": self._has_to_be_paid()})
        return needs + [self._portal_need_to_pay(invoice) for invoice in self._portal_invoices_due()]

    def _is_answer_needed(self):
        return self.review_state == "changes_requested" and self.state != "cancel"

    def _portal_invoices_due(self):
        """Return the invoices the customer can pay here, and should have by today."""
        today = self._local_day(fields.Datetime.now())
        return self.invoice_ids.filtered(
            lambda invoice: invoice.state == "posted"
            and (not invoice.invoice_date_due or invoice.invoice_date_due <= today)
            and invoice._has_to_be_paid()
        )

    def _portal_need_to_pay(self, invoice):
        today, due = self._local_day(fields.Datetime.now()), invoice.invoice_date_due
        return {
            "kind": "invoice",
            "name": invoice.name,
            "amount": format_amount(self.env, invoice.amount_residual, invoice.currency_id),
            "overdue_since": format_date(self.env, due) if due and due < today else False,
            "url": invoice.get_portal_url(),
        }

    # ---------------------------------------------------------------- in the list
    def _needing_customer_domain(self, partner):
        """Return the domain of the orders of ``partner`` in which something is needed from him.

        A query of ids: what is looked at is not readable for customers.
        """
        orders = self.env["sale.order"].sudo()  # sudo: only to find ids, which the caller's rights limit
        theirs = Domain("partner_id", "child_of", partner.commercial_partner_id.id)
        answers = Domain("review_state", "=", "changes_requested") & Domain("state", "!=", "cancel")
        choices = Domain("choice_offer_ids", "any", list(self._open_offers_domain()))
        due = Domain("order_line.invoice_lines.move_id", "any", list(self._due_invoices_domain()))
        return Domain("id", "in", orders._search(theirs & (answers | choices | due)))

    def _open_offers_domain(self):
        return (
            Domain("state", "=", "open")
            & Domain("expires_at", ">", fields.Datetime.now())
            & Domain("company_id.promise_mode", "=", "promise")
            & Domain("company_id.offers_choices", "=", True)
            & Domain("order_id.fulfilment", "!=", "full")
        )

    def _due_invoices_domain(self):
        return (
            Domain("state", "=", "posted")
            & Domain("move_type", "=", "out_invoice")
            & Domain("payment_state", "in", ("not_paid", "partial"))
            & Domain("amount_residual", ">", 0)
            & Domain("invoice_date_due", "<=", fields.Date.context_today(self))
        )

    def _portal_list(self):
        """Return ``{order id: {needs, stage, tone, is_done, day, parcels}}``; the caller may read the orders.

        A constant number of queries, however many orders.
        """
        orders = self.sudo()  # sudo: parcels, offers and invoices, of which only words are shown
        needs, sent = orders._portal_list_needs(), orders._portal_list_parcels()
        stages = dict(self._fields["processing_stage"]._description_selection(self.env))
        return {
            order.id: {
                "needs": needs[order.id],
                "stage": stages.get(order.processing_stage),
                "tone": TONES.get(order.processing_stage, "info"),
                **order._portal_list_day(sent.get(order.id, {})),
            }
            for order in orders
        }

    def _portal_list_needs(self):
        needs = defaultdict(list)
        for order in self.filtered(lambda order: order._is_answer_needed()):
            needs[order.id].append(self.env._("Answer needed"))
        offers = self.env["order.choice.offer"].search(
            Domain("order_id", "in", self.ids) & self._open_offers_domain()
        )
        for order in offers.order_id:
            needs[order.id].append(self.env._("Choice needed"))
        for order_id in self._with_invoices_due():
            needs[order_id].append(self.env._("Payment due"))
        return needs

    def _with_invoices_due(self):
        moves = self.env["account.move"]._search(self._due_invoices_domain())
        self.env["sale.order.line"].flush_model(["order_id", "invoice_lines"])
        query = SQL(
            """SELECT DISTINCT line.order_id
                 FROM sale_order_line line
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
                 JOIN account_move_line entry ON entry.id = rel.invoice_line_id
                WHERE line.order_id = ANY(%s) AND entry.move_id IN %s""",
            self.ids,
            moves.subselect(),
        )
        return [order_id for (order_id,) in self.env.execute_query(query)]

    def _portal_list_parcels(self):
        """Return ``{order id: {coming, arrived}}``: parcels on their way, and the last arrival."""
        found = self.env["order.shipment"]._read_group(
            [("order_ids", "in", self.ids)],
            ["order_ids", "status"],
            ["__count", "delivered_at:max"],
        )
        sent = defaultdict(lambda: {"coming": 0, "arrived": None})
        for order, status, count, arrived in found:
            one = sent[order.id]
            one["coming"] += count if status in ON_ITS_WAY else 0
            one["arrived"] = max(filter(None, (one["arrived"], arrived)), default=None)
        return sent

    def _portal_list_day(self, sent):
        is_done = self.processing_stage in ARRIVED_STAGES
        if is_done:
            moment = sent.get("arrived") or self.effective_date
        elif self.processing_stage in ENDED_STAGES:
            moment = False
        else:
            promised = self.promise_date if self.company_id._promises() else False
            moment = promised or self.commitment_date
        return {
            "is_done": is_done,
            "day": self._day_words(moment) if moment else False,
            "parcels": 0 if is_done else sent.get("coming", 0),
        }
