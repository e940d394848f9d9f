from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

STAFF_TEXTS = {
    "changed_cancel": _lt("The customer has cancelled the order"),
    "changed_quantity": _lt("The customer has changed quantities: %(wish)s"),
    "changed_address": _lt("The customer has changed the delivery address: %(wish)s"),
    "changed_date": _lt("The customer wants it on another day: %(wish)s"),
    "asked_cancel": _lt("The customer asks to cancel the order. %(note)s"),
    "asked_quantity": _lt("The customer asks for other quantities: %(wish)s. %(note)s"),
    "asked_address": _lt("The customer asks for another delivery address: %(wish)s. %(note)s"),
    "asked_date": _lt("The customer asks for another day: %(wish)s. %(note)s"),
    "change_accepted_cancel": _lt("Cancelled as the customer has asked. %(answer)s"),
    "change_accepted_quantity": _lt("Quantities changed as the customer has asked: %(wish)s. %(answer)s"),
    "change_accepted_address": _lt(
        "Delivery address changed as the customer has asked: %(wish)s. %(answer)s"
    ),
    "change_accepted_date": _lt("Day changed as the customer has asked: %(wish)s. %(answer)s"),
    "change_refused_cancel": _lt("The customer's wish to cancel was refused: %(answer)s"),
    "change_refused_quantity": _lt("The customer's wish for other quantities was refused: %(answer)s"),
    "change_refused_address": _lt("The customer's wish for another address was refused: %(answer)s"),
    "change_refused_date": _lt("The customer's wish for another day was refused: %(answer)s"),
}
CUSTOMER_TEXTS = {
    "changed_cancel": _lt("You have cancelled the order"),
    "changed_quantity": _lt("You have changed quantities: %(wish)s"),
    "changed_address": _lt("You have changed the delivery address: %(wish)s"),
    "changed_date": _lt("You would like it on another day: %(wish)s"),
    "asked_cancel": _lt("You have asked us to cancel the order"),
    "asked_quantity": _lt("You have asked for other quantities: %(wish)s"),
    "asked_address": _lt("You have asked for another delivery address: %(wish)s"),
    "asked_date": _lt("You have asked for another day: %(wish)s"),
    "change_accepted_cancel": _lt("We have cancelled what you asked us to cancel. %(answer)s"),
    "change_accepted_quantity": _lt("We have changed the quantities: %(wish)s. %(answer)s"),
    "change_accepted_address": _lt("We have changed the delivery address: %(wish)s. %(answer)s"),
    "change_accepted_date": _lt("We have changed the day: %(wish)s. %(answer)s"),
    "change_refused_cancel": _lt("We could not cancel it any more: %(answer)s"),
    "change_refused_quantity": _lt("We could not change the quantities any more: %(answer)s"),
    "change_refused_address": _lt("We could not change the delivery address any more: %(answer)s"),
    "change_refused_date": _lt("We could not change the day any more: %(answer)s"),
}


class OrderEvent(models.Model):
    """What the timeline says about changes by the customer."""

    _inherit = "order.event"

    @api.model
    def _texts(self, audience):
        own = CUSTOMER_TEXTS if audience == "customer" else STAFF_TEXTS
        return {**super()._texts(audience), **own}
