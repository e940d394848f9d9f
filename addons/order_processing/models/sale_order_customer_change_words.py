from odoo import models
from odoo.tools import format_amount, format_date
from odoo.tools.translate import LazyTranslate

from ..engine.customer_change import Kind

_lt = LazyTranslate(__name__)

# Why it is not simply done, or not possible at all.
WHY = {
    "over": _lt("This order is over: nothing of it can be changed."),
    "left": _lt("Everything has left our warehouse already."),
    "never": _lt("Please contact us about this."),
    "waits": _lt("We are looking at your last wish. You can make another one when it is decided."),
    "policy": _lt("We look at it and write to you."),
    "partly_left": _lt(
        "Part of your order has left already. We look at what is still possible and write to you."
    ),
    "begun": _lt("We have begun to pack your order. We look at what is still possible and write to you."),
    "locked": _lt("We look at it and write to you."),
    "made": _lt("Your goods are being made. We look at what is still possible and write to you."),
    "invoiced": _lt("It is invoiced already. We look at it and write to you."),
    "paid": _lt("It is paid already. We look at it and write to you."),
    "price": _lt("The price was agreed on with you. We look at it and write to you."),
    "freight": _lt("Delivery would not be free any more. We look at it and write to you."),
    "country": _lt("Delivery to another country is another price. We look at it and write to you."),
    "taxes": _lt("Other taxes hold there. We look at it and write to you."),
    "carrier": _lt("The carrier of your order does not go there. We look at it and write to you."),
}
NEWS = {
    "done_cancel": _lt("Your order is cancelled, as you wanted."),
    "done_quantity": _lt("Your order is changed, as you wanted:"),
    "done_address": _lt("Your order goes to another address, as you wanted:"),
    "done_date": _lt("We have noted the day you would like it:"),
    "accepted_cancel": _lt("We have cancelled what you asked us to cancel."),
    "accepted_quantity": _lt("We have changed the quantities, as you asked:"),
    "accepted_address": _lt("We have changed the delivery address, as you asked:"),
    "accepted_date": _lt("We have noted the day you asked for:"),
    "refused_cancel": _lt("We are sorry: we cannot cancel your order any more."),
    "refused_quantity": _lt("We are sorry: we cannot change the quantities any more."),
    "refused_address": _lt("We are sorry: we cannot change the delivery address any more."),
    "refused_date": _lt("We are sorry: we cannot deliver on the day you asked for."),
}
PAID = _lt(
    "You have paid already. What you have paid too much, our accounting refunds; you will hear from us."
)
INVOICED = _lt("There is an invoice already. Our accounting corrects it by what you no longer order.")
# What colleagues read: why it was not simply done.
STAFF_WHY = {
    "free": _lt("It could not be done by itself; the notes of the order say why."),
    "policy": _lt("The settings say that somebody decides on it."),
    "partly_left": _lt("Part of the order has left."),
    "begun": _lt("Picking has begun, or a list is printed."),
    "locked": _lt("The order is locked."),
    "made": _lt("The goods are being made."),
    "invoiced": _lt("Something of it is on a posted invoice."),
    "paid": _lt("It is paid, and would cost more."),
    "price": _lt("A price or discount was agreed on by hand."),
    "freight": _lt("Delivery would not be free any more."),
    "country": _lt("It is to go to another country."),
    "taxes": _lt("Other taxes hold at the new address."),
    "carrier": _lt("The delivery method does not go to the new address."),
}


class SaleOrder(models.Model):
    """Changes by the customer in words."""

    _inherit = "sale.order"

    def _change_why(self, verdict):
        return str(self.env._(WHY[verdict.code])) if verdict.code in WHY else ""

    def _refund_words(self):
        """Return what becomes of money that has come in or been asked for, or nothing where none was."""
        order = self.sudo()  # sudo: payments and invoices, of which only this is told
        posted = order.invoice_ids.filtered(lambda move: move.state == "posted")
        is_paid = any(tx.state == "done" for tx in order.transaction_ids) or any(
            move.payment_state in ("paid", "in_payment", "partial") for move in posted
        )
        if is_paid:
            return str(self.env._(PAID))
        return str(self.env._(INVOICED)) if posted else ""

    def _dearer_words(self, dearer):
        """Return what costs more a piece than now, and how much."""
        prices = [
            self.env._(
                "%(product)s: %(after)s instead of %(before)s each",
                product=line.product_id.display_name,
                after=format_amount(self.env, price, self.currency_id),
                before=format_amount(self.env, line._net_price(), self.currency_id),
            )
            for line, price in dearer.items()
        ]
        return "; ".join(prices)

    def _could_not_words(self, name, why):
        if name != "_carry_out_change":
            return super()._could_not_words(name, why)
        return self.env._("What the customer wants changed could not be done by itself: %s", why)

    def _wish_words(self, kind, wish):
        """Return what is to be changed in the words of the order, for its timeline and its people."""
        if kind is Kind.QUANTITY:
            return ", ".join(
                f"{line.product_id.display_name} {self._written_quantity(line.product_uom_qty)}"
                f" → {self._written_quantity(quantity)}"
                for line, quantity in self._wished_lines(wish).items()
            )
        if kind is Kind.ADDRESS:
            if "partner" in wish:
                place = self.env["res.partner"].browse(wish["partner"])
                parts = [place.name, place.street, place.zip, place.city, place.country_id.name]
            else:
                new = wish["new"]
                parts = [new.get(name) for name in ("street", "street2", "zip", "city", "phone")]
            return ", ".join(part for part in parts if part)
        return format_date(self.env, wish["date"]) if kind is Kind.DATE else ""

    def _change_news(self):
        """Return ``{text, wish, answer, refund}`` for the mail about a change."""
        news = self.env.context.get("change_news") or ("done_quantity", "", "", False)
        what, words, answer, is_less = news
        is_refused = what.startswith("refused")
        return {
            "text": str(self.env._(NEWS[what])),
            "wish": words if not is_refused else "",
            "answer": answer,
            "refund": self._refund_words() if is_less else "",
        }
