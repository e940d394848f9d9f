from pytz import UTC, timezone

from odoo import models
from odoo.tools import format_date, plaintext2html
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

ACTIVITY = "order_processing.mail_activity_type_promise"
# Why a date moved, in words for customers: no document of ours, no other customer.
CUSTOMER_CAUSES = {
    "receipt_moved": _lt("Our supplier delivers on another day than announced."),
    "receipt_cancelled": _lt("Our supplier cannot deliver as announced."),
    "receipt_changed": _lt("Our supplier delivers another quantity than announced."),
    "overdue": _lt("We are still waiting for a delivery from our supplier."),
    "stock_lost": _lt("Goods we had in stock cannot be sent."),
    "stock_found": _lt("We have found more goods in stock."),
    "taken_over": _lt("Goods are short; we send yours as soon as they are there."),
    "taken_back": _lt("Your goods are available again."),
    "urgent_order": _lt("Goods are short; we send yours as soon as they are there."),
    "line_changed": _lt("The order was changed."),
    "warehouse_changed": _lt("It is sent from another warehouse."),
    "customer_choice": _lt("As you have chosen."),
}
CHOICE_LABELS = {
    "ship_now": _lt("Send what is there now, the rest later"),
    "wait_all": _lt("Wait and send everything together"),
    "substitute": _lt("Take %s instead"),
    "cancel_missing": _lt("Cancel what is missing"),
    "cancel": _lt("Cancel what has not been sent"),
}


class SaleOrder(models.Model):
    """Telling that a promised date cannot be kept, or is beaten: one message for each order, once."""

    _inherit = "sale.order"

    def _tell_slip(self, rows):
        """Tell customers and salespeople about these rows of the ledger (``order.promise``); return
        ``{row id: who was told}``, empty text for nobody.

        Several rows of one order are one message: from the date told last to the one that holds now. Rows
        told before, and dates that are the same day as before, are left out.
        """
        rows = rows.sudo().filtered(lambda row: not row.told_at and row._is_news())
        told = dict.fromkeys(rows.ids, "")
        promising = rows.order_id.filtered(lambda order: order.company_id._promises())
        by_order = rows.sorted("id").grouped("order_id")
        moved = promising.filtered(lambda order: order._is_slip_news(by_order[order]))
        later = moved.filtered(lambda order: order._is_later(by_order[order]))
        self.env["order.choice.offer"]._offer(later)
        reached = moved._mail_about_slip()
        # Nobody is called only to hear that it comes earlier.
        (later & moved._told_of_promises() - reached)._ask_to_call_about_slip()
        for order in moved:
            names = order._tell_slip_to_salesperson(order in later, order in reached)
            if order in reached:
                names = [order.partner_id.email_normalized, *names]
            for row in by_order[order]:
                told[row.id] = ", ".join(names)
        return told

    def _is_slip_news(self, rows):
        """Tell whether the day is another one for the customer, whatever happened in between."""
        never_had_one = not rows[0].previous_date and not rows[-1].date
        return never_had_one or self._local_day(rows[0].previous_date) != self._local_day(rows[-1].date)

    def _is_later(self, rows):
        before, after = rows[0].previous_date, rows[-1].date
        return not after or bool(before and after > before)

    def _local_day(self, moment):
        return moment and UTC.localize(moment).astimezone(timezone(self._customer_tz())).date()

    # ---------------------------------------------------------------- the customer
    def _mail_about_slip(self):
        """Write to those who want to hear of it; return the orders of those who got a mail."""
        reachable = self._told_of_promises().filtered(lambda order: order.partner_id.email_normalized)
        template = self.env.ref(
            "order_processing.mail_template_order_promise_moved", raise_if_not_found=False
        )
        return reachable._mail_customers(template, "_post_to_customer")

    def _told_of_promises(self):
        return self.filtered(
            lambda o: o.company_id.tell_promise and (not o.channel_id or o.channel_id.tells_customers)
        )

    def _ask_to_call_about_slip(self):
        for order in self:
            news = order.with_context(lang=order.user_id.lang)._slip_news()
            reason = news["reason"] or ""
            order._ask_to_call("promise", f"{news['before'] or '–'} → {news['after'] or '–'}\n{reason}")

    def _slip_news(self):
        """Return what the mail says: the day before and now, why, and the choices with their links."""
        self.ensure_one()
        ledger = self.sudo().promise_ids  # sudo: what is written to the customer
        moved = ledger.filtered(lambda row: row.kind in ("later", "earlier"))
        news = moved or ledger.filtered(lambda row: row._is_news())
        news = (news.filtered(lambda row: not row.told_at) or news[:1]).sorted("id")
        before, after = news[:1].previous_date, news[-1:].date
        return {
            "before": self._day_words(before),
            "after": self._day_words(after),
            "is_later": bool(news) and self._is_later(news),
            "reason": self._customer_reason(news[-1:].code),
            "choices": [] if self.env.context.get("without_choices") else self._offered_choices(),
        }

    def _day_words(self, moment):
        return moment and format_date(self.env, self._local_day(moment)) or False

    def _customer_reason(self, code):
        return str(self.env._(CUSTOMER_CAUSES[code])) if code in CUSTOMER_CAUSES else False

    def _offered_choices(self):
        """Return ``[{code, label, url}]`` of what the customer may choose now."""
        offers = self.env["order.choice.offer"]._open_offers(self)
        offer = offers.filtered(lambda one: one._is_open())[:1]
        return [
            {"code": one["code"], "label": self._choice_label(one), "url": offer._url(one["code"])}
            for one in offer.options or ()
        ]

    def _choice_label(self, option):
        code = option["code"]
        label = str(self.env._(CHOICE_LABELS[code]))
        if code != "substitute":
            return label
        # sudo: names of what is offered to the reader
        products = self.env["product.product"].sudo().browse(one["substitute"] for one in option["lines"])
        return label % ", ".join(products.with_context(display_default_code=False).mapped("display_name"))

    # ---------------------------------------------------------------- the salesperson
    def _tell_slip_to_salesperson(self, is_later, customer_knows):
        """Keep one activity about a later date; return the names of who was told."""
        user = self.user_id or self.team_id.user_id
        kind = self.env.ref(ACTIVITY)
        known = self.activity_ids.filtered(lambda one: one.activity_type_id == kind)
        if not is_later:
            known.unlink()
            return []
        if not user.active:
            return []
        if self._told_of_promises() and not customer_knows:
            return [user.name]  # has a call to make, which says the same
        reader = self.with_context(lang=user.lang, tz=user.tz)
        news = reader._slip_news()
        summary = reader.env._(
            "Delivery moved: %(before)s → %(after)s",
            before=news["before"] or "–",
            after=news["after"] or reader.env._("unknown"),
        )
        note = plaintext2html(self.promise_ids.with_context(lang=user.lang).sorted("id")[-1:].reason or "")
        if known:
            known[0].write({"summary": summary, "note": note})
        else:
            reader.activity_schedule(ACTIVITY, summary=summary, note=note, user_id=user.id)
        return [user.name]
