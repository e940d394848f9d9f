from odoo import models
from odoo.tools.translate import LazyTranslate

from ..engine.consignment import Code
from ..engine.routes import Code as RouteCode

_lt = LazyTranslate(__name__)

# Why a transfer has no departure, in so few words that they fit on a card.
SHORT_REASONS = {
    RouteCode.NONE.value: _lt("No route to this address"),
    RouteCode.OTHER_CARRIER.value: _lt("No route with this carrier"),
    Code.OUTSIZE.value: _lt("Fits on no departure"),
    Code.NO_DATE.value: _lt("Goods missing, no date"),
    Code.NO_DEPARTURE.value: _lt("No departure can take it"),
    "review": _lt("Order in review"),
    "left_behind": _lt("Was left behind"),
    "does_not_run": _lt("Its departure does not run"),
}
NOT_PLANNED_YET = _lt("Not planned yet")


class OrderDispatchDeparture(models.Model):
    """The few words of a card."""

    _inherit = "order.dispatch.departure"

    def _board_why(self, code):
        """Return in the reader's language why there is no departure."""
        return self.env._(SHORT_REASONS.get(code, NOT_PLANNED_YET))
