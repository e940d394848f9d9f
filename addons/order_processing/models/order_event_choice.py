from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

STAFF_TEXTS = {
    "choices_offered": _lt("The customer may choose what to do about goods that come later"),
    "chose_ship_now": _lt("The customer has chosen: send what is there now, the rest later"),
    "chose_wait_all": _lt("The customer has chosen: wait and send everything together"),
    "chose_substitute": _lt("The customer takes %(substitutes)s instead of %(products)s"),
    "chose_cancel_missing": _lt("The customer has cancelled what is missing: %(products)s"),
    "chose_cancel": _lt("The customer has cancelled what had not been sent"),
}
CUSTOMER_TEXTS = {
    "chose_ship_now": _lt("You have chosen: send what is there now, the rest later"),
    "chose_wait_all": _lt("You have chosen: wait and send everything together"),
    "chose_substitute": _lt("You take %(substitutes)s instead of %(products)s"),
    "chose_cancel_missing": _lt("You have cancelled what is missing: %(products)s"),
    "chose_cancel": _lt("You have cancelled what had not been sent"),
}


class OrderEvent(models.Model):
    """What the timeline says about a customer's choices."""

    _inherit = "order.event"

    @api.model
    def _texts(self, audience):
        ours = CUSTOMER_TEXTS if audience == "customer" else STAFF_TEXTS
        return {**super()._texts(audience), **ours}
