from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

STAFF_TEXTS = {
    "case_opened": _lt("Case %(case)s opened"),
    "case_late": _lt("Case %(case)s is late"),
    "case_return": _lt("Return agreed in case %(case)s"),
    "case_received": _lt("The goods of case %(case)s are back"),
    "case_replacement": _lt("Case %(case)s: sent again with %(replacement)s"),
    "case_refund": _lt("Case %(case)s: credit note made"),
    "case_paid": _lt("Case %(case)s: money given back"),
    "case_resolved": _lt("Case %(case)s resolved"),
    "case_rated_low": _lt("Case %(case)s was rated low: followed up in %(follow_up)s"),
}
CUSTOMER_TEXTS = {
    "case_opened": _lt("We look after your message %(case)s"),
    "case_return": _lt("You can send the goods back (%(case)s)"),
    "case_received": _lt("What you sent back has arrived (%(case)s)"),
    "case_replacement": _lt("We send it again with order %(replacement)s (%(case)s)"),
    "case_refund": _lt("We are preparing your refund (%(case)s)"),
    "case_paid": _lt("Your refund is done (%(case)s)"),
    "case_resolved": _lt("Your message %(case)s is resolved"),
}


class OrderEvent(models.Model):
    _inherit = "order.event"

    @api.model
    def _texts(self, audience):
        return super()._texts(audience) | (CUSTOMER_TEXTS if audience == "customer" else STAFF_TEXTS)
