from odoo import models

from ..engine.promise import Code

# While the goods are on their way to the shelf or the parcel: before that nothing is promised, after it
# the parcel tells.
PROMISED_STAGES = ("approved", "waiting_stock", "in_production", "ready", "shipped", "in_transit")


class SaleOrder(models.Model):
    """What the customer reads about the date: when, what it was before and why, and each line's own."""

    _inherit = "sale.order"

    def _portal_promise(self):
        """Return ``{date, before, reason, history, lines, choices}`` or nothing.

        The caller may read the order.
        """
        order = self.sudo()  # sudo: settings and the ledger, of which only this is shown
        if not order.company_id._promises() or order.processing_stage not in PROMISED_STAGES:
            return {}
        if not order.promise_date and not order.first_promise_date:
            return {}
        before = order._portal_date_before()
        last = order.promise_ids[:1]
        return {
            "date": order._day_words(order.promise_date),
            "before": before,
            "reason": before and order._customer_reason(last.code),
            "history": order._portal_date_history(),
            "lines": order._portal_line_dates(),
            # Of what has left nothing can be chosen.
            "choices": [] if order.fulfilment == "full" else order._offered_choices(),
        }

    def _portal_possible(self):
        """Return ``{line id: {stock, style, date}}`` of a quotation; the caller may read the order."""
        order = self.sudo()  # sudo: stock and settings, of which only words and a date are shown
        order = order.with_company(order.company_id)
        if not order.company_id._promises() or order.processing_stage != "quotation":
            return {}
        lines = order.order_line.filtered(lambda line: line._takes_goods() and line.product_uom_qty > 0)
        if order.state not in ("draft", "sent") or not lines:
            return {}
        return {
            line.id: order._portal_possible_words(promise)
            for line, (promise, _note) in order._possible_promises(lines).items()
        }

    def _portal_possible_words(self, promise):
        """Return what the customer reads of a date that is possible: no quantities, no documents."""
        date = self._day_words(promise.arrives)
        if not date:
            return {"stock": self.env._("Date on request"), "style": "secondary", "date": False}
        if promise.code in (Code.IN_STOCK, Code.NOT_STOCKED):
            return {"stock": self.env._("In stock"), "style": "success", "date": date}
        there = self._day_words(promise.ready) or date
        return {"stock": self.env._("From %s", there), "style": "info", "date": date}

    def _portal_date_before(self):
        """Return the date that was promised first, where it is another day now."""
        first, now = self.first_promise_date, self.promise_date
        if not first or self._local_day(first) == self._local_day(now):
            return False
        return self._day_words(first)

    def _portal_date_history(self):
        """Return ``[{date, said_on, until, reason}]`` of the dates that hold no more, the last one first.

        ``date`` is False where nobody could say; what moved within a day is no news.
        """
        rows = list(self.promise_ids.sorted("id"))
        told = rows[:1]
        for row in rows[1:]:
            if self._local_day(row.date) != self._local_day(told[-1].date):
                told.append(row)
        return [
            {
                "date": self._day_words(row.date),
                "said_on": self._day_words(row.create_date),
                "until": self._day_words(after.create_date),
                "reason": self._customer_reason(after.code),
            }
            for row, after in reversed(list(zip(told, told[1:], strict=False)))
        ]

    def _portal_line_dates(self):
        """Return ``[(product, day)]`` where the lines do not all come on the same day."""
        lines = self.order_line.filtered(
            lambda line: line.promise_date
            and line.product_uom_id.compare(line.qty_delivered, line.product_uom_qty) < 0
        )
        if len({self._local_day(line.promise_date) for line in lines}) < 2:
            return []
        return [(line.name.split("\n")[0], self._day_words(line.promise_date)) for line in lines]
