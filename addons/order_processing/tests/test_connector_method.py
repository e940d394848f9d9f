import json
from datetime import datetime
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.delivery.models.delivery_carrier import DeliveryCarrier

from ..connectors.base import Item, Response, Settings, Trouble
from ..connectors.carrier_method import CarrierMethod, history_of, told
from ..models.order_tracking_method import _state
from .common_tracking import TrackingCase

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["status", "at", "eta", "error", "events", "code", "text", "place"]), inner
    ),
    max_leaves=12,
)


@tagged("post_install", "-at_install")
class TestMethodAnswers(BaseCase):
    """Whatever another addon's method returns, it is read or refused, parcel by parcel."""

    @given(ANYTHING)
    def test_whatever_is_said_can_be_read(self, answer):
        connector = CarrierMethod(Settings(""), {})
        (request,) = connector.build_requests([Item(7, "SW1")])
        body = json.dumps({"parcels": [told(7, "SW1", answer)]}).encode()
        (result,) = connector.parse(Response(200, {}, body), request)
        self.assertEqual((result.key, result.number), (7, "SW1"))
        for text in (result.code, result.message, *(scan.text for scan in result.scans)):
            text.encode()

    def test_of_a_history_the_lines_that_say_when(self):
        written = (
            "2026-03-02 10:15:00 - [031] Sorted\n2026-03-03 On the van\n"
            "03/04/2026 - a day nobody knows\nno day\n2026-99-99 10:00 - no such day\n"
        )
        answer = {"status": "in_transit", "events": history_of(written)}
        (result,) = CarrierMethod(Settings(""), {}).parse(
            Response(200, {}, json.dumps({"parcels": [told(7, "SW1", answer)]}).encode()), None
        )
        self.assertEqual(
            [(scan.at, scan.code, scan.text) for scan in result.scans],
            [
                (datetime(2026, 3, 2, 10, 15), "", "[031] Sorted"),
                (datetime(2026, 3, 3), "", "On the van"),
                (None, "", "no such day"),
            ],
        )
        for nothing in (None, False, 7, ""):
            self.assertEqual(history_of(nothing), [])


@tagged("post_install", "-at_install")
class TestMethod(TrackingCase):
    """Swift's own addon knows where its parcels are; nobody has written a connector for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.swift_code.unlink()
        cls.methods = cls.tracking_provider("Delivery methods", kind="method")

    def addon(self, **methods):
        """Give delivery methods what an addon for the type ``fixed`` would have, under the name ``swift``."""
        for name, method in methods.items():
            self.enterContext(patch.object(DeliveryCarrier, name, method, create=True))
        selection = patch.dict(
            "odoo.addons.order_processing.connectors.carrier_method.__dict__", {"NOBODY": ("base_on_rule",)}
        )
        self.enterContext(selection)
        self.enterContext(patch.object(self.env.cr, "commit", lambda: None))

    def shipped(self, number="SW1"):
        order = self.confirmed_order(lines=[(self.lantern, 1)])
        picking = order.picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.carrier_id = self.swift
        picking.carrier_tracking_ref = number
        picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
        shipment = order.shipment_ids
        self.assertEqual(shipment.tracking_number, number)
        return shipment, picking

    def ask(self, parcels):
        connector = self.methods._connector()
        (request,) = connector.build_requests(self.methods._items(parcels.ids))
        return self.methods._call(request, connector, lambda response: connector.parse(response, request))

    def test_a_method_that_returns_the_status(self):
        def fixed_get_tracking_status(carrier, pickings):
            event = {"at": datetime(2026, 3, 3, 9), "code": "in_transit", "text": "Left depot"}
            return [{"status": "in_transit", "events": [event]} for _picking in pickings]

        self.addon(fixed_get_tracking_status=fixed_get_tracking_status)
        shipment, _picking = self.shipped()
        parcel = shipment.parcel_ids
        self.assertEqual(parcel.provider_id, self.methods)
        (result,) = self.ask(parcel)
        self.assertEqual((result.key, result.code), (parcel.id, "in_transit"))
        self.assertEqual(result.scans[0].text, "Left depot")

    def test_a_method_that_writes_the_state(self):
        states = {"now": "in_transit"}
        fields = {name: "" for name in ("delivery_state", "date_delivered")}

        def fixed_tracking_state_update(carrier, picking):
            picking.ensure_one()
            fields["delivery_state"] = states["now"]

        def state(method, picking):
            method(picking)
            return {"status": fields["delivery_state"]}

        self.addon(fixed_tracking_state_update=fixed_tracking_state_update)
        self.enterContext(
            patch("odoo.addons.order_processing.models.order_tracking_method._state", side_effect=state)
        )
        shipment, _picking = self.shipped()
        parcel = shipment.parcel_ids
        for now, expected in (("in_transit", "in_transit"), ("customer_delivered", "delivered")):
            states["now"] = now
            (result,) = self.ask(parcel)
            parcel.sudo()._ingest([(parcel.id, result)], "poll", self.methods)
            self.assertEqual((parcel.status, shipment.status), (expected, expected))

    def test_nothing_is_locked_while_the_next_is_asked_for(self):
        said = []
        self.addon(fixed_tracking_state_update=lambda carrier, picking: said.append("asked"))
        path = "odoo.addons.order_processing.models.order_tracking_method._state"
        self.enterContext(patch(path, side_effect=lambda method, picking: method(picking)))
        parcels = self.shipped("SW1")[0].parcel_ids | self.shipped("SW2")[0].parcel_ids
        with patch.object(self.env.cr, "commit", lambda: said.append("committed")):
            self.ask(parcels)
        self.assertIn("asked committed asked committed", " ".join(said))

    def test_what_is_written_is_read_from_the_transfer(self):
        """The fields are OCA's; here others of the same kind stand for them."""

        def fixed_tracking_state_update(carrier, picking):
            picking.picking.write({"origin": "customer_delivered", "date_deadline": datetime(2026, 3, 3, 9)})

        class Written:
            """A transfer with the fields of delivery_state."""

            _fields = dict.fromkeys(("delivery_state", "date_delivered", "tracking_state_history"))

            def __init__(self, picking):
                self.picking = picking

            def invalidate_recordset(self, flush):
                self.picking.invalidate_recordset(flush=flush)

            def __getitem__(self, name):
                return {
                    "delivery_state": self.picking.origin,
                    "date_delivered": self.picking.date_deadline,
                    "tracking_state_history": "2026-03-02 10:15 - Sorted",
                }[name]

        self.addon(fixed_tracking_state_update=fixed_tracking_state_update)
        _shipment, picking = self.shipped()
        said = _state(self.swift.fixed_tracking_state_update, Written(picking))
        self.assertEqual((said["status"], said["at"]), ("customer_delivered", datetime(2026, 3, 3, 9)))
        self.assertEqual(said["events"], [{"at": "2026-03-02 10:15", "text": "Sorted"}])
        picking.origin = False
        self.assertEqual(_state(lambda _picking: None, Written(picking)), {"error": "no state"})

    def test_what_it_raises_is_said_of_its_parcels_only(self):
        def fixed_get_tracking_status(carrier, pickings):
            carrier.name = "written before it failed"
            words = "The carrier is closed"
            raise UserError(words)

        self.addon(fixed_get_tracking_status=fixed_get_tracking_status)
        shipment, _picking = self.shipped()
        (result,) = self.ask(shipment.parcel_ids)
        self.assertEqual((result.trouble, result.message), (Trouble.RETRY_LATER, "The carrier is closed"))
        self.assertEqual(self.swift.name, "Swift")

    def test_one_that_fails_does_not_keep_the_others_from_being_answered_for(self):
        def fixed_get_tracking_status(carrier, pickings):
            if "SW2" in pickings.mapped("carrier_tracking_ref"):
                raise KeyError("no such parcel")
            return [{"status": "in_transit"} for _picking in pickings]

        self.addon(fixed_get_tracking_status=fixed_get_tracking_status)
        parcels = self.env["order.shipment.parcel"].union(
            *(self.shipped(number)[0].parcel_ids for number in ("SW1", "SW2", "SW3"))
        )
        with mute_logger("odoo.addons.order_processing.models.order_tracking_method"):
            results = self.ask(parcels)
        self.assertEqual(
            {result.number: result.trouble for result in results},
            {"SW1": None, "SW2": Trouble.RETRY_LATER, "SW3": None},
        )

    def test_methods_without_any_are_nobodys(self):
        shipment = self.ship_with_number("SW9")
        self.assertFalse(shipment.parcel_ids.provider_id)
