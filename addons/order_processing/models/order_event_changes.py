from odoo import api, models
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

STAFF_TEXTS = {
    "changed": _lt("Changed: %(changes)s"),
    "cancelled_by": _lt("Cancelled: %(reason)s. %(touched)s"),
    "cancelled_rest": _lt("What had not left was cancelled: %(reason)s. %(touched)s"),
    "refunded": _lt("Credit note %(credit_note)s over %(amount)s"),
    "deleted": _lt("Order deleted"),
}
# The words of one change; what is not named here reads "before → after".
CHANGES = {
    "added": _lt("%(of)s added, %(quantity)s at %(price)s"),
    "removed": _lt("%(of)s taken out, was %(quantity)s at %(price)s"),
    "product": _lt("%(before)s replaced by %(after)s"),
    "quantity": _lt("%(of)s: quantity %(before)s → %(after)s"),
    "unit": _lt("%(of)s: unit %(before)s → %(after)s"),
    "price": _lt("%(of)s: price %(before)s → %(after)s"),
    "discount": _lt("%(of)s: discount %(before)s → %(after)s %%"),
    "customer": _lt("customer %(before)s → %(after)s"),
    "address": _lt("delivery address %(before)s → %(after)s"),
    "invoice_address": _lt("invoice address %(before)s → %(after)s"),
    "pricelist": _lt("price list %(before)s → %(after)s"),
    "payment_terms": _lt("payment terms %(before)s → %(after)s"),
}
# What a cancellation did to other documents.
TOUCHED = {
    "open": _lt("cancelled %s"),
    "done": _lt("stays as it left: %s"),
    "draft": _lt("cancelled the draft invoice %s"),
    "posted": _lt("invoice left as it is: %s"),
    "return": _lt("to come back with %s"),
    "credit": _lt("credit note drafted for %s"),
}
SHOWN = 20  # changes spelled out in one sentence


class OrderEvent(models.Model):
    _inherit = "order.event"

    @api.model
    def _texts(self, audience):
        texts = super()._texts(audience)
        return texts if audience == "customer" else {**texts, **STAFF_TEXTS}

    def _figure_words(self, key, value):
        if key == "changes":
            words = [self._change_words(change) for change in value[:SHOWN]]
            if len(value) > SHOWN:
                words.append(self.env._("and %s more changes", len(value) - SHOWN))
            return "; ".join(words)
        if key == "touched":
            templates = {what: self.env._(TOUCHED[what]) for what, _names in value}
            words = "; ".join(templates[what] % ", ".join(names) for what, names in value)
            return words[:1].upper() + words[1:]
        if key == "amount" and (self.data or {}).get("currency"):
            currency = self.env["res.currency"].browse(self.data["currency"])
            return formatLang(self.env, value, currency_obj=currency)
        return super()._figure_words(key, value)

    def _change_words(self, change):
        figures = {key: self._number(value) or "–" for key, value in change.items()}
        template = self.env._(CHANGES[change["what"]])
        return template % figures

    def _number(self, value):
        if not isinstance(value, float):
            return value
        return formatLang(self.env, value, digits=0 if value.is_integer() else 2)
