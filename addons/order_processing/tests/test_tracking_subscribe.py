import json
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.order_processing.connectors import base

from ..models import order_tracking_subscribe
from .common_push import PushCase


@tagged("post_install", "-at_install")
class TestSubscribe(PushCase):
    """Parcels are announced to the provider, and no longer when they have arrived."""

    def setUp(self):
        super().setUp()
        self.parcels = self.parcel
        for number in ("SW2", "SW3"):
            self.parcels |= self.ship_with_number(number).parcel_ids
        self.calls, self.answers = [], {}

    def call(self, provider, request, connector=None, read=None):
        self.calls.append((request.purpose, json.loads(request.body)))
        if isinstance(error := self.answers.get(request.purpose), Exception):
            raise error
        said = [
            {"number": item.number, "ref": f"R{item.number}"} | self.answers.get(item.number, {})
            for item in request.items
        ]
        response = base.Response(200, {}, json.dumps([one for one in said if "lost" not in one]).encode())
        return read(response) if read else response

    def subscribe(self):
        self.in_steps()
        case = self

        def call(provider, *args, **more):
            return case.call(provider, *args, **more)

        with patch.object(type(self.provider), "_call", call):
            self.env["order.tracking.provider"]._cron_subscribe()
        self.env.invalidate_all()

    def due(self):
        self.parcels.write({"subscribe_at": "2026-01-01 00:00:00"})

    def test_what_is_wanted_is_announced_with_our_address(self):
        self.assertEqual(set(self.parcels.mapped("subscription")), {"wanted"})
        self.subscribe()
        self.assertEqual(self.parcels.mapped("subscription"), ["active"] * 3)
        self.assertEqual(sorted(self.parcels.mapped("external_ref")), ["RSW123", "RSW2", "RSW3"])
        self.assertEqual(len(self.calls), 2)
        self.assertTrue(self.calls[0][1]["to"].endswith(self.path))
        self.subscribe()
        self.assertEqual(len(self.calls), 2)

    def test_a_slow_provider_keeps_nobody_longer_than_he_may_stay(self):
        """What was announced in time is kept, though Odoo ends the action before all are."""
        self.patch(order_tracking_subscribe, "ANNOUNCING_SECONDS", 0)
        self.in_steps()
        with (
            patch.object(type(self.provider), "_call", lambda provider, *args: self.call(provider, *args)),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0),
        ):
            self.env["order.tracking.provider"]._cron_subscribe()
        self.env.invalidate_all()
        self.assertEqual(len(self.calls), 1)
        self.assertEqual(sorted(self.parcels.mapped("subscription")), ["active", "active", "wanted"])
        (late,) = self.parcels.filtered(lambda one: one.subscription == "wanted")
        self.assertLessEqual(late.subscribe_at, fields.Datetime.now())
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})
        self.assertEqual(len(self.calls), 2)

    def test_announced_already_is_as_good_and_refused_is_said(self):
        self.answers = {"SW2": {"trouble": "already_registered"}, "SW3": {"trouble": "bad_number"}}
        self.subscribe()
        states = dict(zip(self.parcels.mapped("number"), self.parcels.mapped("subscription"), strict=True))
        self.assertEqual(states, {"SW123": "active", "SW2": "active", "SW3": "failed"})

    def test_one_the_answer_does_not_mention_comes_again(self):
        self.answers = {"SW2": {"lost": 1}}
        self.subscribe()
        self.assertEqual(self.parcels.filtered(lambda one: one.number == "SW2").subscription, "wanted")
        self.subscribe()
        self.assertEqual(len(self.calls), 2)
        self.due()
        self.answers = {}
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})

    def test_an_account_that_is_refused_is_left_alone(self):
        self.answers = {"subscribe": base.ConnectorError(base.Trouble.AUTH)}
        self.subscribe()
        self.assertEqual(len(self.calls), 1)
        self.assertEqual(set(self.parcels.mapped("subscription")), {"wanted"})
        self.answers = {}
        self.due()
        self.subscribe()
        self.assertEqual(set(self.parcels.mapped("subscription")), {"active"})

    def test_what_arrives_is_no_longer_told(self):
        self.subscribe()
        self.ingest(self.parcel, self.scan("DEL", 5), source="push")
        self.subscribe()
        self.assertEqual(self.parcel.subscription, "ended")
        self.assertEqual(self.calls[-1], ("unsubscribe", {"numbers": ["SW123"]}))
        self.assertEqual(set((self.parcels - self.parcel).mapped("subscription")), {"active"})

    def test_what_arrived_before_is_not_announced(self):
        self.ingest(self.parcel, self.scan("DEL", 5), source="push")
        self.subscribe()
        self.assertEqual(self.parcel.subscription, "ended")
        self.assertNotIn("SW123", str(self.calls))

    def test_a_provider_that_tells_of_all_needs_no_call(self):
        with patch.object(self.connector, "can_subscribe", False):
            self.subscribe()
        self.assertEqual((set(self.parcels.mapped("subscription")), self.calls), ({"active"}, []))
