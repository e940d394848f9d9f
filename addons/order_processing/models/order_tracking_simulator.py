from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..connectors.simulator import LONGEST_HOURS, SHORTEST_HOURS, USUAL_HOURS
from .order_shipment_polled import Polled


class OrderTrackingProvider(models.Model):
    """The carrier that is not there, for trials (connectors/simulator.py)."""

    _inherit = "order.tracking.provider"

    simulator_hours = fields.Float(
        "Hours a parcel takes",
        default=USUAL_HOURS,
        help="From the sender's door to the receiver's, as a rule; 0.5 shows a journey in half an hour.",
    )

    @api.constrains("simulator_hours", "kind")
    def _check_simulator_hours(self):
        for provider in self.filtered(lambda one: one.kind == "simulator"):
            if not SHORTEST_HOURS <= provider.simulator_hours <= LONGEST_HOURS:
                raise ValidationError(
                    self.env._(
                        "Hours a parcel takes: give something from %(least)s to %(most)s.",
                        least=SHORTEST_HOURS,
                        most=LONGEST_HOURS,
                    )
                )

    def _connector_options(self):
        options = super()._connector_options()
        return {**options, "hours": self.simulator_hours} if self.kind == "simulator" else options

    def _play(self, parcels):
        """Ask the simulator for these at once, in the transaction that is open: for demonstrations."""
        self.ensure_one()
        self.env.flush_all()  # what it is asked for is read from the database
        connector = self._connector()
        reports = []
        for request in connector.build_requests(self._items(parcels.ids)):
            results = connector.parse(connector.answer(request), request)
            reports += [(result.key, result) for result in results]
        parcels._store_polled(reports, [Polled(id_) for id_ in parcels.ids], self)
