from odoo import api, fields, models
from odoo.exceptions import AccessError

GUARDED_FIELDS = frozenset({"priority_score", "departures_missed"})


class StockPicking(models.Model):
    """How soon a transfer is picked: as the most pressing of the orders behind it."""

    _inherit = "stock.picking"

    priority_score = fields.Float(
        "Priority score",
        digits=(5, 1),
        default=0.0,
        readonly=True,
        copy=False,
        index=True,
        aggregator="avg",
        help="0 to 100: of the orders behind it the most pressing.",
    )
    departures_missed = fields.Integer(
        readonly=True, copy=False, help="So many departures it was planned for have left without it."
    )

    # ---------------------------------------------------------------- derived fields are not typed
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_priority_not_set(vals)
        return super().create(vals_list)

    @api.model
    def default_get(self, fields):
        # A default smuggled in by the context is a value like any other.
        values = super().default_get([name for name in fields if name not in GUARDED_FIELDS])
        return {**values, "priority_score": 0.0} if "priority_score" in fields else values

    def write(self, vals):
        self._check_priority_not_set(vals)
        planned = self._missing_departures() if "departure_id" in vals else {}
        result = super().write(vals)
        if planned:
            self._count_missed(planned)
        return result

    def _check_priority_not_set(self, vals):
        if not self.env.su and GUARDED_FIELDS & vals.keys():
            raise AccessError(self.env._("The priority of a transfer follows from its orders."))

    # ---------------------------------------------------------------- departures that left without it
    def _missing_departures(self):
        """Return ``{transfer: departure}`` of those whose departure is over, and they are still here."""
        now, missing = fields.Datetime.now(), {}
        for picking in self.sudo():  # sudo: whether a departure has left
            departure = picking.departure_id
            if picking.state in ("done", "cancel") or not departure or departure.state == "cancelled":
                continue
            if departure.state == "departed" or departure.departs_at <= now:
                missing[picking] = departure
        return missing

    def _count_missed(self, planned):
        late = self.sudo().browse()  # sudo: guarded field; that it was missed follows from what happened
        for picking, departure in planned.items():
            if picking.departure_id != departure:
                late |= picking
        for missed, pickings in late.grouped("departures_missed").items():
            pickings.write({"departures_missed": missed + 1})


class StockMove(models.Model):
    _inherit = "stock.move"

    priority_score = fields.Float(
        "Priority score", digits=(5, 1), default=0.0, readonly=True, copy=False, index=True, aggregator="avg"
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get([name for name in fields if name != "priority_score"])
        return {**values, "priority_score": 0.0} if "priority_score" in fields else values
