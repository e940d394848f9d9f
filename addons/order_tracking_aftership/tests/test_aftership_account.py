from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.order_processing.models import order_tracking_subscribe
from odoo.addons.order_processing.tests.common_replay import HOUR, EveryFault

from ..connector import AfterShip
from .bodies import checkpoint, envelope, refusal, tracking
from .replay_aftership import SLUG, Replay


@tagged("post_install", "-at_install")
class TestEveryFault(EveryFault, Replay):
    """Everything carriers' servers do wrong, done by AfterShip's."""


@tagged("post_install", "-at_install")
class TestAccount(Replay):
    """An account with AfterShip from its first parcel to its last."""

    def test_parcels_are_announced_even_where_we_only_ask(self):
        self.assertEqual(self.provider.mode, "poll")
        self.assertEqual(set(self.parcels.mapped("subscription")), {"wanted"})
        self.subscribe()
        self.assertEqual([call.json["tracking_number"] for call in self.announced()], self.numbers)
        self.assertEqual({call.json["slug"] for call in self.announced()}, {SLUG})
        keys = {call.json["custom_fields"]["order_processing_parcel"] for call in self.announced()}
        self.assertEqual(keys, set(map(str, self.parcels.ids)))
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})
        self.assertEqual(self.parcels[0].external_ref, "id-SW000-ups")
        self.subscribe()
        self.assertEqual(len(self.announced()), 10)

    def test_what_is_there_already_is_as_good(self):
        self.there = set(self.numbers)
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})
        self.assertEqual(self.parcels[3].external_ref, "id-SW003-ups")

    def test_one_it_does_not_speak_of_is_announced(self):
        self.subscribe()
        self.carrier.script += [("says", envelope())]
        self.there.clear()
        self.poll()
        self.assertEqual(set(self.parcels.mapped("trouble")), {"not_registered"})
        self.assertEqual(set(self.parcels.mapped("subscription")), {"wanted"})
        self.subscribe()
        # Deleted there: announced anew, whatever taking it up again says.
        self.assertEqual((len(self.announced()), len(self.announced("retrack"))), (20, 10))
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_a_new_address_for_news_announces_all_once_more(self):
        self.provider.mode = "both"
        self.subscribe()
        self.provider._renew_push_token()
        self.commit()
        self.subscribe()
        self.assertEqual((len(self.announced()), len(self.announced("retrack"))), (20, 10))
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})

    def test_half_announced_is_not_announced(self):
        """Taking up again is a call of its own: time may be over before it, or calls be too many."""
        self.subscribe()
        self.expired = set(self.numbers)
        self.parcels.write({"subscription": "wanted", "subscribe_at": fields.Datetime.now()})
        self.commit()
        proper, self.retracked = self.retracked, lambda reference: refusal(429, "Too many.", 429)
        self.subscribe()
        self.assertEqual((self.provider.health, len(self.announced("retrack"))), ("slow", 1))
        self.assertEqual(set(self.parcels.mapped("subscription")), {"wanted"})
        self.retracked = proper
        self.provider.cooldown_until = False
        self.parcels.write({"subscribe_at": fields.Datetime.now()})
        self.commit()
        with patch.object(order_tracking_subscribe, "ANNOUNCING_SECONDS", 0):
            self.provider._subscribe_safely()
        self.env.invalidate_all()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"wanted"})
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})
        self.assertFalse(self.expired)

    def test_a_number_it_refuses_is_not_announced_again(self):
        self.other = lambda call: refusal(4012, "We don't recognize the carrier from this tracking number.")
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"failed"})
        self.assertIn("4012", self.parcels[0].trouble_message)
        self.subscribe()
        self.assertEqual(len(self.announced()), 10)

    def test_a_plan_used_up_stops_announcing_and_nothing_else(self):
        self.other = lambda call: refusal(402, "Upgrade your plan.", 402)
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"wanted"})
        self.assertEqual(set(self.parcels.mapped("trouble")), {"quota"})
        self.poll()
        self.assert_all_told_once()

    def test_more_than_forty_go_by_several_calls(self):
        order = self.confirmed_order(lines=[(self.lantern, 1)])
        self.ship_with_number(", ".join(f"XX{n:03}" for n in range(45)), order=order, shipped_at=self.left())
        self.make_due(self.env["order.shipment.parcel"].search([("provider_id", "=", self.provider.id)]))
        self.commit()
        self.poll()
        sizes = [len(call.query["tracking_numbers"].split(",")) for call in self.carrier.tracked]
        self.assertEqual((sum(sizes), max(sizes), len(sizes)), (55, 40, 2))

    def test_a_number_it_does_not_like_is_found_among_forty(self):
        bad = self.numbers[6]

        def body(numbers):
            if bad in numbers:
                return refusal(4005, "The value of tracking_number is invalid.")
            return envelope(*map(self.tracking_of, numbers))

        self.body = body
        self.poll()
        refused = self.parcels.filtered("trouble")
        self.assertEqual((refused.mapped("number"), refused.mapped("trouble")), ([bad], ["bad_number"]))
        self.assertEqual(self.scans_of(), 18)

    def test_an_expired_one_is_shown_as_such(self):
        now = fields.Datetime.now().replace(microsecond=0)
        said = [checkpoint(self.began + HOUR, "InTransit_003", "Sorted")]
        over = {"tag": "Expired", "subtag": "Expired_001", "updated_at": (now - HOUR).isoformat() + "Z"}
        self.body = lambda numbers: envelope(*(tracking(number, said, SLUG, **over) for number in numbers))
        self.poll()
        self.assertEqual(set(self.parcels.mapped("status")), {"expired"})
        self.assertEqual(set(self.parcels.mapped("substatus")), {"no_news"})
        # It may be seen after all: it is asked for once a day until we give it up ourselves.
        for parcel in self.parcels:
            self.assertGreater(parcel.next_poll_at, now + timedelta(hours=19))
            self.assertLess(parcel.next_poll_at, now + timedelta(hours=30))

    def test_returning_and_returned(self):
        scans = [checkpoint(self.began + HOUR, "Exception_010", "Returning")]
        self.body = lambda numbers: envelope(*(tracking(number, scans, SLUG) for number in numbers))
        self.poll()
        self.assertEqual(set(self.parcels.mapped("status")), {"returning"})
        scans.append(checkpoint(self.began + 9 * HOUR, "Exception_011", "Returned"))
        self.well()
        self.poll()
        self.assertEqual(set(self.parcels.mapped("status")), {"returned"})
        self.assertFalse(any(self.parcels.mapped("delivered_at")))

    def test_what_has_arrived_needs_no_call_to_end(self):
        self.subscribe()
        self.env.cr.execute(
            """UPDATE order_shipment_parcel SET status = 'delivered', status_since = now() - interval '3 days'
                WHERE id = ANY(%s)""",
            [self.parcels.ids],
        )
        self.env.invalidate_all()
        self.commit()
        calls = len(self.carrier.calls)
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"ended"})
        self.assertEqual(len(self.carrier.calls), calls)

    def test_a_recycled_number_does_not_bring_its_past_along(self):
        old = checkpoint(self.began - timedelta(days=200), "Delivered_001", "Delivered")
        new = checkpoint(self.began + HOUR, "InTransit_003", "Sorted")
        self.body = lambda numbers: envelope(*(tracking(number, [old, new], SLUG) for number in numbers))
        self.poll()
        self.assertEqual(set(self.parcels.mapped("status")), {"in_transit"})
        self.assertFalse(any(self.parcels.mapped("delivered_at")))

    def test_its_keys_are_called_what_they_are_called_there(self):
        self.assertEqual(self.provider._secret_labels(), AfterShip.secret_names)

    def test_the_connection_is_tested_without_any_cost(self):
        said = self.provider.action_test_connection()
        self.assertEqual(said["params"]["type"], "success")
        (call,) = self.carrier.calls
        self.assertEqual((call.method, call.query), ("GET", {"limit": "1"}))
        self.other = lambda call: refusal(401, "Invalid API key.", 401)
        said = self.provider.action_test_connection()
        self.assertEqual(said["params"]["type"], "danger")
        self.assertEqual(self.provider.health, "auth")

    def test_an_address_of_a_version_that_is_none(self):
        self.other = lambda call: refusal(404, "The URI requested is invalid.", 404)
        said = self.provider.action_test_connection()
        self.assertEqual(said["params"]["type"], "danger")

    def test_carriers_are_fetched_and_chosen_by_name(self):
        self.couriers = [
            {"slug": "ups", "name": "UPS"},
            {"slug": "nova-poshta", "name": "Nova Poshta"},
            {"slug": None},
        ]
        said = self.provider.action_fetch_carriers()
        self.assertIn("2", said["params"]["message"])
        nova = self.env["order.tracking.carrier"].search(
            [("kind", "=", "aftership"), ("code", "=", "nova-poshta")]
        )
        self.assertEqual(self.swift_code.known_id.name, "UPS")
        self.swift_code.known_id = nova
        self.assertEqual(self.swift_code.code, "nova-poshta")
