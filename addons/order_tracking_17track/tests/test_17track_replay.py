import hashlib
import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from odoo.addons.order_processing.tests.common_replay import EveryFault, ReplayCase
from odoo.addons.order_processing.tests.common_replay_push import EveryPush, PushReplay
from odoo.addons.order_processing.tests.replay import spoiled

from .bodies import CARRIER, envelope, event, parcel, refusal, rejected

KEY = "17-t0ken-of-nobody"


CODES = {
    "picked_up": ("InTransit_PickedUp", "Picked up", "上海"),
    "in_transit": ("InTransit_Arrival", "Sorted in 北京", "北京"),
    "out_for_delivery": ("OutForDelivery_Other", "Out", "北京"),
    "delivered": ("Delivered_Other", "Left with 门卫", "北京"),
}


class Replay(ReplayCase):
    """17TRACK, as it answers by its documentation."""

    kind = "17track"
    secrets = {"key": KEY}
    carrier_code = str(CARRIER)

    def is_question(self, call):
        return call.path.endswith("/gettrackinfo")

    def numbers_of(self, call):
        self.assertEqual(call.headers["17token"], KEY)
        for one in call.json:
            self.assertEqual(one["carrier"], CARRIER)
        return [one["number"] for one in call.json]

    def body(self, numbers):
        known = [number for number in numbers if number not in self.unknown]
        return envelope(
            [self.parcel_of(number) for number in known],
            [rejected(number, -18019909) for number in numbers if number in self.unknown],
        )

    def parcel_of(self, number):
        picked_up, sorted_at = self.moments_of(number)
        return parcel(number, [event(sorted_at, *CODES["in_transit"]), event(picked_up, *CODES["picked_up"])])

    def other(self, call):
        if call.path.endswith("/getquota"):
            return {"code": 0, "data": {"quota_total": 100, "quota_used": 3, "quota_remain": 97}}
        return envelope([{"number": one["number"], "carrier": CARRIER, "origin": 1} for one in call.json])


@tagged("post_install", "-at_install")
class TestEveryFault(EveryFault, Replay):
    """Everything carriers' servers do wrong, done by 17TRACK's."""


@tagged("post_install", "-at_install")
class TestEveryPush(EveryPush, Replay, PushReplay):
    """17TRACK tells us."""

    def news(self, number, scans):
        """Return a message; what it says of the parcel as a whole is of its newest scan."""
        told = parcel(number, [event(at, *CODES[status]) for status, at in scans])
        newest = max(
            told["track_info"]["tracking"]["providers"][0]["events"], key=lambda one: one["time_utc"]
        )
        told["track_info"]["latest_event"] = newest
        told["track_info"]["latest_status"]["sub_status"] = newest["sub_status"]
        return {"event": "TRACKING_UPDATED", "data": told}

    def pushed(self, number, scans):
        raw = json.dumps(self.news(number, scans), ensure_ascii=False).encode()
        return raw, {"sign": hashlib.sha256(raw + b"/" + KEY.encode()).hexdigest()}

    def spoil(self, chance):
        return json.dumps(spoiled(self.news("SW000", self.story), chance)).encode(), {}, {}

    def test_followed_no_longer_it_is_taken_up_again_in_half_an_hour(self):
        self.parcel.write({"subscription": "active", "subscribe_at": False})
        self.commit()
        raw = json.dumps(
            {
                "event": "TRACKING_STOPPED",
                "data": {"number": self.parcel.number, "carrier": CARRIER, "tag": str(self.parcel.id)},
            }
        ).encode()
        self.push(raw, {"sign": hashlib.sha256(raw + b"/" + KEY.encode()).hexdigest()})
        self.read_inbox()
        self.assertEqual((self.parcel.status, self.parcel.subscription), ("expired", "wanted"))
        wait = self.parcel.subscribe_at - fields.Datetime.now()
        self.assertTrue(timedelta(minutes=29) < wait <= timedelta(minutes=30), wait)
        (self.parcels - self.parcel).write({"subscription": "active"})
        self.parcel.subscribe_at = fields.Datetime.now()
        self.commit()
        self.env["order.tracking.provider"]._cron_subscribe()
        (call,) = self.carrier.others
        self.assertTrue(call.path.endswith("/retrack"))
        self.tell(self.story)
        self.read_inbox()
        self.assert_story()


@tagged("post_install", "-at_install")
class TestAccount(Replay):
    """An account with 17TRACK from its first parcel to its last."""

    def subscribe(self):
        self.env["order.tracking.provider"]._cron_subscribe()
        self.env.invalidate_all()

    def announced(self, what="register"):
        return [call for call in self.carrier.others if call.path.endswith(f"/{what}")]

    def parcel_words(self):
        return " ".join(self.parcels.mapped("trouble_words"))

    def test_parcels_are_registered_even_where_we_only_ask(self):
        self.assertEqual(self.provider.mode, "poll")
        self.assertEqual(set(self.parcels.mapped("subscription")), {"wanted"})
        self.subscribe()
        (call,) = self.announced()
        self.assertEqual({one["number"] for one in call.json}, set(self.numbers))
        self.assertEqual({one["tag"] for one in call.json}, set(map(str, self.parcels.ids)))
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})
        self.subscribe()
        self.assertEqual(len(self.announced()), 1)

    def test_one_that_is_not_registered_after_all_is_registered_again(self):
        self.subscribe()
        self.carrier.script += [("says", envelope([], [rejected(n, -18019902) for n in self.numbers]))]
        self.poll()
        self.assertEqual(set(self.parcels.mapped("trouble")), {"not_registered"})
        self.assertEqual(set(self.parcels.mapped("subscription")), {"wanted"})
        self.subscribe()
        self.assertEqual(len(self.announced()), 2)
        self.well()
        self.poll()
        self.assert_all_told_once()

    def test_a_quota_used_up_stops_registering_and_nothing_else(self):
        said = envelope([], [rejected(number, -18019908, "Quota") for number in self.numbers])
        self.other = lambda call: said
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"wanted"})
        self.assertEqual(set(self.parcels.mapped("trouble")), {"quota"})
        self.assertIn("Quota", self.parcel_words())
        self.assertEqual(len(self.provider.activity_ids), len(self.provider._administrators()))
        self.subscribe()
        self.assertEqual(len(self.provider.activity_ids), len(self.provider._administrators()))
        self.poll()
        self.assert_all_told_once()

    def test_more_than_forty_go_by_several_calls(self):
        order = self.confirmed_order(lines=[(self.lantern, 1)])
        numbers = [f"XX{number:03}" for number in range(45)]
        self.ship_with_number(", ".join(numbers), order=order, shipped_at=self.left())
        self.make_due(self.env["order.shipment.parcel"].search([("provider_id", "=", self.provider.id)]))
        self.commit()
        self.poll()
        sizes = [len(call.json) for call in self.carrier.tracked]
        self.assertEqual((sum(sizes), max(sizes), len(sizes)), (55, 40, 2))

    def test_what_has_arrived_is_followed_no_longer(self):
        self.subscribe()
        self.env.cr.execute(
            """UPDATE order_shipment_parcel SET status = 'delivered', status_since = now() - interval '3 days'
                WHERE id = ANY(%s)""",
            [self.parcels.ids],
        )
        self.env.invalidate_all()
        self.commit()
        self.subscribe()
        (call,) = self.announced("stoptrack")
        self.assertEqual({one["number"] for one in call.json}, set(self.numbers))
        self.assertEqual(set(self.parcels.mapped("subscription")), {"ended"})

    def test_the_connection_is_tested_without_any_cost(self):
        said = self.provider.action_test_connection()
        self.assertEqual(said["params"]["type"], "success")
        self.assertEqual([call.path for call in self.carrier.calls], ["/v1/getquota"])
        self.other = lambda call: refusal(-18010002, "Invalid key")
        said = self.provider.action_test_connection()
        self.assertEqual(said["params"]["type"], "danger")
        self.assertEqual(self.provider.health, "auth")

    def test_a_kind_that_tells_nothing_is_not_waited_for(self):
        self.provider.mode = "both"
        with self.assertRaises(ValidationError):
            self.provider.kind = "method"
        with Form(self.provider) as form:
            form.kind = "method"
            self.assertEqual(form.mode, "poll")

    def test_without_the_addon_its_accounts_are_kept_and_rest(self):
        meaning = self.env["order.tracking.status.map"].create({"kind": "17track", "code": "New_One"})
        self.provider._kind_gone()
        self.assertEqual((self.provider.active, self.provider.kind), (False, "generic"))
        self.assertFalse(meaning.exists())
        self.assertFalse(self.parcels.provider_id)

    def test_carriers_are_fetched_and_chosen_by_name(self):
        self.provider.track17_carriers = f"{self.carrier.url}/apicarrier.all.json"
        listed = [
            {"key": 100002, "_name": "UPS", "_url": "https://ups.example", "_country": 0},
            {"key": 3011, "_name": "China Post", "_country": 301},
            {"key": None, "_name": ""},
            *({"key": number, "_name": f"Post {number}"} for number in range(200_000, 203_300)),
        ]
        self.other = lambda call: listed
        said = self.provider.action_fetch_carriers()
        self.assertIn("3302", said["params"]["message"])
        (call,) = self.carrier.others
        self.assertNotIn("17token", call.headers)
        self.other = lambda call: "gone"
        self.assertEqual(self.provider.action_fetch_carriers()["params"]["type"], "danger")
        post = self.env["order.tracking.carrier"].search([("kind", "=", "17track"), ("code", "=", "3011")])
        self.assertEqual(self.swift_code.known_id.name, "UPS")
        self.swift_code.known_id = post
        self.assertEqual(self.swift_code.code, "3011")
