from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

STAFF_TEXTS = {
    "parcel_problem": _lt("Parcel %(parcel)s: %(problem)s"),
    "parcel_problem_gone": _lt("Parcel %(parcel)s has moved on: %(problem)s is over"),
    "parcel_problem_solved": _lt("Parcel %(parcel)s: %(problem)s, solved by %(solver)s"),
    "parcel_new_date": _lt("Parcel %(parcel)s: agreed for %(agreed_for)s"),
}
CUSTOMER_TEXTS = {
    "parcel_problem": _lt("Parcel %(parcel)s: %(problem)s. We are seeing to it"),
    "parcel_new_date": _lt("Parcel %(parcel)s: we have agreed on %(agreed_for)s"),
}


class OrderEvent(models.Model):
    """Words for problems with parcels."""

    _inherit = "order.event"

    @api.model
    def _texts(self, audience):
        own = CUSTOMER_TEXTS if audience == "customer" else STAFF_TEXTS
        return {**super()._texts(audience), **own}

    def _figure_words(self, key, value):
        if key == "problem":
            kinds = self.env["order.shipment.problem"]._fields["kind"]._description_selection(self.env)
            return dict(kinds).get(value, value)
        if key == "agreed_for" and value:
            return format_date(self.env, fields.Date.to_date(value))
        return super()._figure_words(key, value)
