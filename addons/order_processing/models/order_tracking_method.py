import json
import logging
from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError

from ..connectors.base import Response
from ..connectors.carrier_method import STATUS_METHOD, history_of, method_of, told
from ..engine.freight_seen import key_of
from .order_tracking_again import settled
from .sale_order_rules import RETRIED
from .stock_picking_papers import numbers_in

_logger = logging.getLogger(__name__)

STATE_FIELDS = ("delivery_state", "date_delivered", "tracking_state_history")
ARRIVED = ("customer_delivered", "warehouse_delivered")


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    def _tracks_itself(self):
        """Tell whether the delivery method itself can say where its parcels are."""
        return bool(self) and bool(method_of(self, self.delivery_type))

    def _writes_state(self):
        """Tell whether it is asked for each transfer by itself, and writes there what it finds."""
        name = method_of(self, self.delivery_type)
        return bool(name) and name != STATUS_METHOD.format(self.delivery_type)

    def _ask_itself(self, parcels):
        """Return {parcel id: what the method's addon says of it}; what goes wrong there is said as error."""
        if not (name := method_of(self, self.delivery_type)):
            return {}
        pickings = {parcel.id: picking for parcel in parcels if (picking := parcel._tracked_picking())}
        method = getattr(self, name)
        if self._writes_state():
            return {id_: _tried(self.env, _state, method, picking) for id_, picking in pickings.items()}
        every = self.env["stock.picking"].union(*pickings.values())
        said = _tried(self.env, method, every) if every else {}
        if isinstance(said, dict) and "error" in said and len(every) > 1:
            # Whose fault it is, is found one by one: the others are answered for.
            return {id_: _said_of(_tried(self.env, method, one), one, one) for id_, one in pickings.items()}
        if isinstance(said, dict) and "error" in said:
            return dict.fromkeys(pickings, said)
        return {id_: _said_of(said, every, picking) for id_, picking in pickings.items()}


class OrderTrackingProvider(models.Model):
    """Asking delivery methods of other addons where their parcels are (connectors/carrier_method.py)."""

    _inherit = "order.tracking.provider"

    def _answer(self, connector, request):
        if connector.kind != "method":
            return super()._answer(connector, request)
        numbers = {item.key: item.number for item in request.items}
        parcels = self.env["order.shipment.parcel"].with_company(self.company_id).browse(numbers)
        answers = []
        for carrier, some in parcels.grouped("carrier_id").items():
            # Each its own transaction: what it writes is kept, and locked no longer than it takes. Those that
            # are asked for one by one lock nothing while the next is.
            found = {}
            for part in some if carrier._writes_state() else [some]:
                found |= settled(self.env, lambda carrier=carrier, part=part: carrier._ask_itself(part))
            answers += [told(id_, numbers[id_], found.get(id_)) for id_ in some.ids]
        return Response(200, {}, json.dumps({"parcels": answers}).encode())


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    def _tracked_picking(self):
        """Return the transfer the parcel left with: the one that has its number, else the last that left."""
        every = self.shipment_ids.picking_ids.filtered(lambda one: one.state == "done").sorted("id")
        mine = every.filtered(
            lambda one: self.number_key in map(key_of, numbers_in(one.carrier_tracking_ref))
        )
        return (mine or every)[-1:]


def _tried(env, method, *arguments):
    """Return what a method of somebody else's returns; what it raises undoes what it did, and is said."""
    try:
        with env.cr.savepoint():
            said = method(*arguments)
            env.flush_all()
            return said
    except RETRIED:
        raise
    except UserError as error:
        return {"error": str(error)[:200]}
    except Exception as error:  # noqa: BLE001  whatever another addon raises; its text may hold anything
        _logger.warning("A delivery method could not say where its parcels are: %s", type(error).__name__)
        return {"error": type(error).__name__}


def _state(method, picking):
    """Let it write the state, and return what it has written."""
    method(picking)
    picking.invalidate_recordset(flush=True)
    values = defaultdict(bool, {name: picking[name] for name in STATE_FIELDS if name in picking._fields})
    if not values["delivery_state"]:
        return {"error": "no state"}
    return {
        "status": values["delivery_state"],
        "at": values["date_delivered"] if values["delivery_state"] in ARRIVED else None,
        "events": history_of(values["tracking_state_history"]),
    }


def _said_of(said, pickings, picking):
    """Return what was said of one of the transfers, in whichever form all were answered for."""
    if isinstance(said, list | tuple):
        place = pickings.ids.index(picking.id)
        return said[place] if len(said) == len(pickings) else None
    if not isinstance(said, dict):
        return said if len(pickings) == 1 else None
    keys = (picking, picking.id, picking.carrier_tracking_ref)
    if found := next((said[key] for key in keys if key in said), None):
        return found
    return said if len(pickings) == 1 and "status" in said else None
