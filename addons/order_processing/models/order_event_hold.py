from odoo import api, fields, models
from odoo.tools import format_datetime
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

STAFF_TEXTS = {
    "stock_held": _lt("Stock is held for it until %(until)s"),
    "hold_released": _lt("What was held for it was released by hand"),
    "hold_expired": _lt("The time is over for which stock was held; what was held is free again"),
    "takeover_won": _lt("Got %(goods)s that were set aside for %(others)s. %(reason)s"),
    "takeover_lost": _lt("Gave %(goods)s to the more urgent order %(others)s. %(reason)s"),
    "takeover_won_undone": _lt("Gave %(goods)s back to %(others)s: the take-over was undone"),
    "takeover_lost_undone": _lt("Has %(goods)s back from %(others)s: the take-over was undone"),
    "takeover_too_dear": _lt(
        "Is short, and others have the goods; nothing was taken over by itself, for it is worth more than"
        " that may be"
    ),
}


class OrderEvent(models.Model):
    """Words for what is held for an order, and what orders take from each other."""

    _inherit = "order.event"

    @api.model
    def _texts(self, audience):
        texts = super()._texts(audience)
        return texts if audience == "customer" else {**texts, **STAFF_TEXTS}

    def _figure_words(self, key, value):
        if key == "until" and value:
            return format_datetime(self.env, fields.Datetime.to_datetime(value))
        if key == "goods" and isinstance(value, list):
            return ", ".join(f"{quantity:g} {product}" for quantity, product in value)
        if key == "others" and isinstance(value, list):
            return ", ".join(value)
        return super()._figure_words(key, value)
