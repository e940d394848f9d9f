import base64
import hmac
import json
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.order_processing.tests.common_replay import HOUR
from odoo.addons.order_processing.tests.common_replay_push import EveryPush, PushReplay, spoiled

from .bodies import checkpoint, pushed, tracking
from .replay_aftership import SECRET, SLUG, Replay

CODES = {
    "picked_up": ("InTransit_002", "Picked up", "上海"),
    "in_transit": ("InTransit_003", "Sorted in 北京", "北京"),
    "out_for_delivery": ("OutForDelivery_001", "Out for delivery", "北京"),
    "delivered": ("Delivered_001", "Delivered", "北京"),
}


@tagged("post_install", "-at_install")
class TestEveryPush(EveryPush, Replay, PushReplay):
    """AfterShip tells us."""

    def news(self, number, scans, slug=SLUG, **more):
        said = [checkpoint(at, *CODES[status]) for status, at in scans]
        newest = max(said, key=lambda one: one["checkpoint_time"])
        facts = {"tag": newest["tag"], "subtag": newest["subtag"], **more}
        return pushed(tracking(number, said, slug, **facts))

    def signed(self, body):
        raw = json.dumps(body, ensure_ascii=False).encode()
        signature = base64.b64encode(hmac.digest(SECRET.encode(), raw, "sha256")).decode()
        return raw, {"aftership-hmac-sha256": signature, "as-webhook-version": "2026-01"}

    def pushed(self, number, scans):
        return self.signed(self.news(number, scans))

    def spoil(self, chance):
        return json.dumps(spoiled(self.news("SW000", self.story), chance)).encode(), {}, {}

    def test_repeated_fourteen_times_it_is_read_once(self):
        """As often as AfterShip tries; each time with the same event_id."""
        for _time in range(14):
            self.tell(self.story)
        self.read_inbox()
        self.assertEqual(self.inbox().mapped("times"), [14])
        self.assert_story()

    def test_another_day_to_expect_it_is_no_scan(self):
        self.tell(self.story[:2])
        self.read_inbox()
        body = self.news(
            self.parcel.number, self.story[:2], latest_estimated_delivery={"datetime": "2026-12-24"}
        )
        self.push(*self.signed({**body, "event": "edd_revise", "event_id": "other"}))
        self.read_inbox()
        self.assertEqual(self.scans_of(self.parcel), 2)
        self.assertEqual(str(self.parcel.eta)[:10], "2026-12-24")

    def test_expired_it_is_taken_up_again_in_half_an_hour(self):
        self.subscribe()
        self.tell(self.story[:2])
        self.read_inbox()
        now = fields.Datetime.now().replace(microsecond=0)
        over = {"tag": "Expired", "subtag": "Expired_001", "updated_at": (now - HOUR).isoformat() + "Z"}
        self.expired.add(self.parcel.number)
        self.push(*self.signed(self.news(self.parcel.number, self.story[:2], **over)))
        self.read_inbox()
        self.assertEqual((self.parcel.status, self.parcel.subscription), ("expired", "wanted"))
        wait = self.parcel.subscribe_at - now
        self.assertTrue(timedelta(minutes=29) < wait <= timedelta(minutes=31), wait)
        self.parcel.subscribe_at = now
        self.commit()
        self.subscribe()
        (call,) = self.announced("retrack")
        self.assertEqual(call.path, f"/v1/trackings/id-{self.parcel.number}-{SLUG}/retrack")
        self.assertEqual(self.parcel.subscription, "active")
        self.assertFalse(self.expired)
        late = [*self.story[:3], ("delivered", now)]
        self.tell(late)
        self.read_inbox()
        self.assertEqual((self.parcel.status, self.parcel.delivered_at), ("delivered", now))

    def test_one_of_two_with_the_same_number_is_known_by_what_we_called_it(self):
        other = self.delivery_method("Slow")
        code = {"provider_id": self.provider.id, "carrier_id": other.id, "code": "dhl"}
        self.env["order.tracking.carrier.code"].create(code)
        order = self.confirmed_order(lines=[(self.lantern, 1)])
        number = self.parcel.number
        twin = self.ship_with_number(number, order=order, carrier=other, shipped_at=self.left()).parcel_ids
        ours = {"order_processing_parcel": str(twin.id)}
        # AfterShip has found out that it is another carrier's after all.
        self.push(*self.signed(self.news(number, self.story, custom_fields=ours, slug="dhl-germany")))
        self.read_inbox()
        self.assertEqual((self.scans_of(twin), self.scans_of(self.parcel)), (4, 0))
