from odoo import models

# While the goods are on their way to the shelf or the parcel: before that nothing is promised, after it
# the parcel tells.
PROMISED_STAGES = ("approved", "waiting_stock", "in_production", "ready", "shipped", "in_transit")


class SaleOrder(models.Model):
    """What the customer reads about the date: when, what it was before and why, and each line's own."""

    _inherit = "sale.order"

    def _portal_promise(self):
        """Return ``{date, before, reason, lines, choices}`` or nothing; the caller may read the order."""
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
            "lines": order._portal_line_dates(),
            "choices": order._offered_choices(),
        }

    def _portal_date_before(self):
        """Return the date that was promised first, where it is another day now."""
        first, now = self.first_promise_date, self.promise_date
        if not first or self._local_day(first) == self._local_day(now):
            return False
        return self._day_words(first)

    def _portal_line_dates(self):
        """Return ``[(product, day)]`` where the lines do not all come on the same day."""
        lines = self.order_line.filtered(
            lambda line: line.promise_date
            and line.product_uom_id.compare(line.qty_delivered, line.product_uom_qty) < 0
        )
        if len({self._local_day(line.promise_date) for line in lines}) < 2:
            return []
        return [(line.name.split("\n")[0], self._day_words(line.promise_date)) for line in lines]
