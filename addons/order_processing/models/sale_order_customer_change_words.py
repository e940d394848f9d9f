from odoo import models
from odoo.tools import format_date
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
REFUND = _lt(
    "You have paid already. What you have paid too much, our accounting refunds; you will hear from us."
)


class SaleOrder(models.Model):
    """Changes by the customer in words."""

    _inherit = "sale.order"

    def _change_why(self, verdict):
        return str(self.env._(WHY[verdict.code])) if verdict.code in WHY else ""

    def _refund_words(self):
        """Return what becomes of money that has come in, or nothing where none has."""
        return str(self.env._(REFUND)) if self.sudo()._is_paid_or_posted() else ""  # sudo: only whether

    def _wish_words(self, kind, wish):
        """Return what is to be changed in the words of the order, for its timeline and its people."""
        if kind is Kind.QUANTITY:
            return ", ".join(
                f"{line.product_id.display_name} {line.product_uom_qty:g} → {quantity:g}"
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
        what, words, answer = self.env.context.get("change_news") or ("done_quantity", "", "")
        is_refused = what.startswith("refused")
        return {
            "text": str(self.env._(NEWS[what])),
            "wish": words if not is_refused else "",
            "answer": answer,
            "refund": "" if is_refused or what.endswith(("date", "address")) else self._refund_words(),
        }
