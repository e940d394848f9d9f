import json
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.order_processing.tests.common_replay import EveryFault, ReplayCase

from ..connector import Dhl
from .bodies import NOT_FOUND, answer, event, problem, shipment

KEY = "dhl-k3y-of-nobody"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Replay(ReplayCase):
    """DHL, as it answers by its documentation."""

    kind = "dhl"
    secrets = {"key": KEY}
    account = {"per_day": 100_000, "dhl_language": "de"}
    carrier_code = "parcel-de"

    def is_question(self, call):
        return call.query.get("trackingNumber") != "7777777770"

    def numbers_of(self, call):
        self.assertEqual((call.method, call.path), ("GET", "/v1/shipments"))
        self.assertEqual(call.headers["dhl-api-key"], KEY)
        self.assertEqual((call.query["service"], call.query["language"]), ("parcel-de", "de"))
        return [call.query["trackingNumber"]]

    def body(self, numbers):
        known = [number for number in numbers if number not in self.unknown]
        return answer(*map(self.shipment_of, known)) if known else NOT_FOUND

    def shipment_of(self, number):
        picked_up, sorted_at = self.moments_of(number)
        events = [
            event(sorted_at, "transit", "Sorted", place="北京"),
            event(picked_up, "transit", "Picked up", place="上海"),
        ]
        return shipment(number, events)

    def other(self, call):
        return NOT_FOUND


@tagged("post_install", "-at_install")
class TestEveryFault(EveryFault, Replay):
    """Everything carriers' servers do wrong, done by DHL's."""


@tagged("post_install", "-at_install")
class TestAccount(Replay):
    """An account with DHL from its first parcel to its last."""

    def said(self, number, *events, **more):
        """Let DHL say this of one parcel, and ask for it."""
        told = answer(shipment(number, list(events), **more))
        self.body = lambda numbers: told if numbers == [number] else NOT_FOUND
        parcel = self.parcels.filtered(lambda one: one.number == number)
        self.make_due(parcel)
        self.poll()
        return parcel

    def at(self, hours):
        return self.began + hours * HOUR

    def test_from_announced_to_delivered_whichever_way_round(self):
        for number, turn in (("SW001", 1), ("SW002", -1)):
            history, seen = [], []
            for hours, code in enumerate(
                ("pre-transit", "transit", "transit", "failure", "transit", "delivered"), 1
            ):
                history.append(event(self.at(hours), code, f"Step {hours}"))
                parcel = self.said(number, *history[::turn], status=history[-1])
                seen.append(parcel.status)
            self.assertEqual(
                seen, ["info_received", "in_transit", "in_transit", "exception", "in_transit", "delivered"]
            )
            self.assertEqual(parcel.delivered_at, self.at(6))
            self.assertEqual(self.scans_of(parcel), 6)

    def test_one_that_comes_back_is_never_delivered(self):
        events = [event(self.at(9), "delivered", "Delivered"), event(self.at(2), "transit", "Sorted")]
        parcel = self.said("SW003", events[1], returnFlag=True)
        self.assertEqual(parcel.status, "returning")
        parcel = self.said("SW003", *events, returnFlag=True)
        self.assertEqual((parcel.status, parcel.delivered_at), ("returned", False))

    def test_words_of_delivery_do_not_deliver(self):
        parcel = self.said(
            "SW003", event(self.at(3), "transit", "Out for delivery", "Will be DELIVERED today")
        )
        self.assertEqual(parcel.status, "in_transit")
        parcel = self.said("SW003", event(self.at(4), "failure", "Delivered to the wrong address"))
        self.assertEqual(parcel.status, "exception")
        self.assertFalse(parcel.delivered_at)

    def test_a_code_nobody_knows_is_counted_and_changes_nothing(self):
        self.said("SW003", event(self.at(3), "transit", "Sorted"))
        parcel = self.said(
            "SW003", event(self.at(4), "teleported", "Gone"), event(self.at(3), "transit", "Sorted")
        )
        self.assertEqual(parcel.status, "in_transit")
        row = self.env["order.tracking.status.map"].search(
            [("kind", "=", "dhl"), ("code", "=", "teleported")]
        )
        self.assertFalse(row.status)
        self.assertGreater(row.seen_count, 0)

    def test_a_number_is_asked_for_nine_times_a_day_at_most(self):
        self.poll()
        first = len(self.carrier.tracked)
        for parcel in self.parcels:
            self.assertGreaterEqual(self.asked_again_in(parcel), Dhl.pause - MINUTE)
        self.parcels.write({"polls_today": 9, "polls_day": fields.Date.today()})
        self.make_due()
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 2 * first)
        tomorrow = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
            days=1
        )
        for parcel in self.parcels:
            self.assertGreaterEqual(parcel.next_poll_at, tomorrow)

    def test_the_day_has_250_calls(self):
        self.provider.write({"per_day": 0, "calls_today": 248, "calls_day": fields.Date.today()})
        self.commit()
        self.poll()
        self.assertEqual(len(self.carrier.tracked), 2)
        self.assertEqual(self.scans_of(), 4)
        self.assertFalse(self.parcels.filtered("claimed_until"))

    def test_the_quota_of_the_day_is_waited_for_till_midnight(self):
        self.carrier.script += [("says", problem(429, "Daily quota exceeded", "Too Many Requests")[1], 429)]
        self.poll()
        self.assertEqual((len(self.carrier.tracked), self.provider.health), (1, "quota"))
        until = self.provider.cooldown_until
        self.assertEqual((until.hour, until.minute), (0, 0))
        self.assertFalse(any(self.parcels.mapped("fail_count")))
        self.provider.write({"cooldown_until": False})
        self.poll()
        self.assert_all_told_once()

    def test_another_divisions_number_is_said_in_words(self):
        self.carrier.swapped = {"SW003": "1098765432"}
        self.poll()
        parcel = self.parcels.filtered(lambda one: one.number == "SW003")
        self.assertEqual((parcel.status, parcel.trouble), ("pending", "not_found"))
        call = self.calls()[:1]
        self.assertEqual(call.outcome, "ok")
        self.assertIn("1098765432", parcel.trouble_message)

    def test_what_is_no_longer_there_keeps_what_it_was(self):
        """Most numbers are purged after ninety days."""
        self.poll()
        self.unknown = set(self.numbers)
        self.well()
        self.poll()
        self.assertEqual(set(self.parcels.mapped("status")), {"in_transit"})
        self.assertEqual(self.scans_of(), 20)

    def test_a_recycled_number_does_not_bring_its_past_along(self):
        old = event(self.began - timedelta(days=200), "delivered", "Delivered")
        parcel = self.said("SW003", event(self.at(1), "transit", "Sorted"), old)
        self.assertEqual((parcel.status, parcel.delivered_at), ("in_transit", False))

    def test_its_key_is_called_what_it_is_called_there(self):
        self.assertEqual(self.provider._secret_labels(), Dhl.secret_names)

    def test_the_connection_is_tested_without_a_parcel(self):
        said = self.provider.action_test_connection()
        self.assertEqual(said["params"]["type"], "success")
        (call,) = self.carrier.others
        self.assertEqual(call.query["trackingNumber"], "7777777770")
        self.other = lambda call: problem(401, "Invalid key", "Unauthorized")
        said = self.provider.action_test_connection()
        self.assertEqual(said["params"]["type"], "danger")
        self.assertEqual(self.provider.health, "auth")

    def test_the_receivers_postcode_goes_along_only_where_it_is_wanted(self):
        self.parcels.shipment_ids.partner_id.zip = "10115"
        self.poll()
        self.assertFalse([call for call in self.carrier.tracked if "recipientPostalCode" in call.query])
        self.provider.dhl_postcode = True
        self.well()
        self.poll()
        self.assertEqual(self.carrier.tracked[-1].query["recipientPostalCode"], "10115")
        self.assertNotIn("13812345678", json.dumps([call.target for call in self.carrier.tracked]))

    def test_divisions_are_chosen_by_name(self):
        express = self.env.ref("order_tracking_dhl.carrier_dhl_express")
        self.assertEqual(self.swift_code.known_id.code, "parcel-de")
        self.swift_code.known_id = express
        self.assertEqual(self.swift_code.code, "express")
