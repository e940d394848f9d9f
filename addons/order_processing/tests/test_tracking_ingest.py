import random
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields

from ..models.order_shipment_polled import Polled
from .common_tracking import SHIPPED, TrackingCase


class TestTrackingIngest(TrackingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clock = freeze_time(SHIPPED + timedelta(days=2))
        cls.clock.start()
        cls.addClassCleanup(cls.clock.stop)
        cls.shipment = cls.ship_with_number()
        cls.parcel = cls.shipment.parcel_ids

    def test_a_journey(self):
        self.assertEqual((self.parcel.provider_id, self.parcel.carrier_code), (self.provider, "swift"))
        self.assertTrue(self.parcel.next_poll_at)
        done = self.ingest(self.parcel, self.scan("DEL", 5), self.scan("TR", 1))
        self.assertEqual((done.new_events, done.changed), (2, {self.parcel.id: ("pending", "delivered")}))
        self.assertEqual(self.shipment.status, "delivered")
        self.assertEqual(self.shipment.delivered_at, SHIPPED + timedelta(hours=5))
        self.assertEqual(self.events(self.shipment.order_ids, "customer").count("parcel_status"), 1)
        late = self.ingest(self.parcel, self.scan("OUT", 4), is_full_history=False)
        self.assertEqual((late.new_events, late.changed), (1, {}))

    def test_scans_without_a_time_are_the_same_only_where_it_is_written_alike(self):
        parcel = self.parcel
        before = len(parcel.event_ids)
        self.ingest(parcel, self.scan("TR", None, "Seen", raw_time="Monday"))
        self.ingest(parcel, self.scan("TR", None, "Seen", raw_time="Tuesday"))
        self.assertEqual(len(parcel.event_ids), before + 2)
        self.ingest(parcel, self.scan("TR", None, "Translated", raw_time="Tuesday"))
        self.assertEqual(len(parcel.event_ids), before + 2)

    def test_again_writes_nothing(self):
        scans = [self.scan("TR", 1), self.scan("OUT", 4)]
        self.ingest(self.parcel, *scans, code="OUT")
        self.env.cr.execute("SELECT xmin::text FROM order_shipment_parcel WHERE id = %s", [self.parcel.id])
        done = self.ingest(self.parcel, *reversed(scans), scans[0], code="OUT")
        self.assertEqual((done.new_events, done.changed), (0, {}))

    def test_edited_words_are_no_news(self):
        self.ingest(self.parcel, self.scan("TR", 1, "Left Leeds"))
        self.assertEqual(self.ingest(self.parcel, self.scan("TR", 1, "Parti")).new_events, 0)
        self.assertEqual(self.ingest(self.parcel, self.scan("TR", 1, "x"), self.scan("OUT", 2)).new_events, 1)

    def test_unknown_codes(self):
        self.ingest(self.parcel, self.scan("TR", 1), self.scan("WHAT", 2, "Eh?"), self.scan("WHAT", 3))
        self.assertEqual(self.parcel.status, "in_transit")
        row = self.env["order.tracking.status.map"].search([("code", "=", "WHAT")])
        self.assertEqual((row.seen_count, row.status), (2, False))

    def test_patterns(self):
        self.meaning("10*", "picked_up")
        self.meaning("1*", "exception")
        self.meaning("101", "delivered")
        lookup = self.env["order.tracking.status.map"]._meanings(self.provider)
        self.assertEqual(
            [lookup(one) and lookup(one)[0] for one in ("101", "102", "19", "2")],
            ["delivered", "picked_up", "exception", None],
        )

    def test_by_hand(self):
        self.ingest(self.parcel, self.scan("TR", 1))
        self.env["order.shipment"].set_status("SW123", "delivered")
        self.assertEqual((self.shipment.status, self.parcel.status), ("delivered", "delivered"))
        self.ingest(self.parcel, self.scan("OUT", 4), is_full_history=False)
        self.assertEqual(self.shipment.status, "delivered")
        self.shipment.action_in_transit()
        self.assertEqual((self.shipment.status, self.parcel.status), ("in_transit", "in_transit"))

    def test_several_parcels(self):
        shipment = self.ship_with_number("A1, A2")
        one, two = shipment.parcel_ids
        self.ingest(one, self.scan("DEL", 5))
        self.assertEqual(shipment.status, "in_transit")
        self.ingest(two, self.scan("DEL", 6))
        self.assertEqual(shipment.status, "delivered")

    def test_numbers_used_again(self):
        self.assertEqual(self.ship_with_number().parcel_ids, self.parcel)
        self.ingest(self.parcel, self.scan("DEL", 5))
        again = self.ship_with_number(shipped_at=SHIPPED + timedelta(days=70))
        self.assertEqual(again.parcel_ids.incarnation, 2)
        self.assertEqual(again.status, "pending")

    def test_number_changed(self):
        self.shipment.tracking_number = "SW999"
        self.assertEqual(self.shipment.parcel_ids.number, "SW999")
        self.assertFalse(self.parcel.exists())

    def test_providers_change(self):
        self.provider.active = False
        self.assertFalse(self.parcel.provider_id or self.parcel.next_poll_at)
        self.provider.write({"active": True, "mode": "push"})
        self.assertEqual((self.parcel.provider_id, self.parcel.subscription), (self.provider, "wanted"))
        self.assertFalse(self.parcel.next_poll_at)
        self.swift_code.unlink()
        self.assertFalse(self.parcel.provider_id)

    def test_another_provider_is_asked_to_tell_us(self):
        self.provider.mode = "both"
        other = self.tracking_provider("Other Eye", mode="push")
        for before in ("active", "failed"):
            self.parcel.write({"subscription": before, "subscribe_at": False})
            self.swift_code.provider_id = other
            self.assertEqual((self.parcel.provider_id, self.parcel.subscription), (other, "wanted"))
            self.assertTrue(self.parcel.subscribe_at)
            self.swift_code.provider_id = self.provider
        self.parcel.subscription = "failed"
        self.swift_code.code = "the right one"
        self.assertEqual(self.parcel.subscription, "wanted")

    def test_what_was_said_by_another_code_is_forgotten(self):
        later = fields.Datetime.now() + timedelta(days=1)
        self.parcel.write({"external_ref": "swift", "trouble": "bad_number", "next_poll_at": later})
        self.swift_code.code = "the right one"
        self.assertEqual((self.parcel.external_ref, self.parcel.trouble), (False, False))
        self.assertLess(self.parcel.next_poll_at, later - timedelta(hours=12))

    def test_a_number_given_up_long_ago_is_another_parcels(self):
        long_ago = fields.Datetime.now() - timedelta(days=70)
        self.parcel.write({"status": "expired", "status_since": long_ago})
        self.assertNotEqual(self.ship_with_number(shipped_at=fields.Datetime.now()).parcel_ids, self.parcel)

    def test_what_has_not_arrived_has_no_arrival(self):
        self.shipment.action_delivered()
        self.shipment.action_in_transit()
        self.assertFalse(self.shipment.delivered_at or self.parcel.delivered_at)
        self.ingest(self.parcel, self.scan("DEL", 49))
        self.assertTrue(self.shipment.delivered_at)
        self.ingest(self.parcel, self.scan("BACK", 50))
        self.assertEqual((self.shipment.status, bool(self.shipment.delivered_at)), ("returning", True))

    def test_a_scan_dated_ahead_counts_when_its_time_has_come(self):
        parcels, outcome = self.env["order.shipment.parcel"], Polled(self.parcel.id)
        report = (self.parcel.id, self.result(self.scan("TR", 1), self.scan("DEL", 24 * 2 + 30)))
        for days, status in ((0, "in_transit"), (1, "delivered")):
            with freeze_time(SHIPPED + timedelta(days=2 + days)):
                parcels._store_polled([report], [outcome], self.provider)
            self.env.invalidate_all()
            self.assertEqual((self.parcel.status, self.parcel.event_count), (status, 2))

    def _queries(self, count, prefix):
        parcels = self.env["order.shipment.parcel"]
        for number in range(count):
            parcels |= self.ship_with_number(f"{prefix}{number}").parcel_ids
        self.env.flush_all()
        self.env.invalidate_all()
        reports = [(one.id, self.result(self.scan("TR", 1), number=one.number)) for one in parcels]
        before = self.env.cr.sql_log_count
        parcels._ingest(reports, "poll", self.provider)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow(self):
        self._queries(1, "W")
        self.assertLessEqual(self._queries(8, "M"), self._queries(2, "F") + 2)

    # ---------------------------------------------------------------- decided later
    def test_codes_decided_later_apply_to_past_scans(self):
        self.ingest(self.parcel, self.scan("TR", 1), self.scan("WHAT", 2, "Handed over at the door"))
        row = self.env["order.tracking.status.map"].search([("code", "=", "WHAT")])
        with self.assertRaisesRegex(Exception, "Decide first"):
            row.action_apply()
        row.status = "delivered"
        row.action_apply()
        self.assertEqual((self.parcel.status, self.shipment.status), ("delivered", "delivered"))
        row.status = "out_for_delivery"
        row.action_apply()
        self.assertEqual((self.parcel.status, self.parcel.delivered_at), ("out_for_delivery", False))
        self.assertEqual(self.shipment.status, "out_for_delivery")

    def test_what_was_said_by_hand_is_not_read_again(self):
        self.ingest(self.parcel, self.scan("TR", 1))
        self.shipment.action_delivered()
        self.parcel.sudo()._refold()
        self.assertEqual(self.parcel.status, "delivered")

    # ---------------------------------------------------------------- nothing twice
    def _rows(self):
        self.env.flush_all()
        found = {}
        for name in ("order_shipment_parcel", "order_shipment_event", "order_shipment", "order_event"):
            self.env.cr.execute(f"SELECT id, xmin::text, ctid::text FROM {name} ORDER BY id")
            found[name] = self.env.cr.fetchall()
        return found

    def test_the_same_again_writes_nothing(self):
        scans = self.scan("TR", 1), self.scan("OUT", 3)
        self.ingest(self.parcel, *scans, eta=SHIPPED + timedelta(days=1))
        before = self._rows()
        self.ingest(self.parcel, *scans, eta=SHIPPED + timedelta(days=1))
        self.ingest(self.parcel, *reversed(scans), source="push")
        self.assertEqual(self._rows(), before)
        self.ingest(self.parcel, self.scan("DEL", 4))
        self.assertNotEqual(self._rows(), before)

    def test_only_the_forecast_changes(self):
        self.ingest(self.parcel, self.scan("TR", 1), eta=SHIPPED + timedelta(days=1))
        got = self.ingest(self.parcel, self.scan("TR", 1), eta=SHIPPED + timedelta(days=2))
        self.assertEqual((got.new_events, got.changed), (0, {}))
        self.assertEqual(self.parcel.eta, SHIPPED + timedelta(days=2))

    def test_others_hear_of_a_batch_once_and_whether_it_is_news(self):
        told = []
        parcels = self.parcel | self.ship_with_number("SW124").parcel_ids

        def status_changed(records, changes):
            told.append(changes)

        with patch.object(type(self.parcel), "_status_changed", status_changed):
            reports = [(one.id, self.result(self.scan("TR", 1), number=one.number)) for one in parcels]
            parcels.sudo()._ingest(reports, "import", self.provider)
            now = fields.Datetime.now().replace(microsecond=0)
            fresh = self.scan("OUT")._replace(at=now)
            parcels.sudo()._ingest([(self.parcel.id, self.result(fresh))], "poll", self.provider)
        self.assertEqual([len(changes) for changes in told], [2, 1])
        self.assertFalse(any(change.is_news for change in told[0]))
        self.assertTrue(told[1][0].is_news)
        self.assertEqual((told[1][0].before, told[1][0].after), ("in_transit", "out_for_delivery"))

    # ---------------------------------------------------------------- what follows
    def test_the_stage_of_the_order_follows(self):
        order = self.confirmed_order(lines=[(self.lantern, 1)])
        self.ship(order)
        shipment = order.shipment_ids.sudo()
        shipment.write({"carrier_id": self.swift.id, "tracking_number": "SW77", "shipped_at": SHIPPED})
        for code, hours, stage in (
            ("TR", 1, "in_transit"),
            ("NOT", 3, "in_transit"),
            ("DEL", 5, "delivered"),
        ):
            self.ingest(shipment.parcel_ids, self.scan(code, hours))
            self.assertEqual(order.processing_stage, stage, code)
        events = order.sudo()._events(None).filtered(lambda event: event.kind == "parcel_status")
        told = [event.data["status"] for event in events]
        self.assertEqual(told, ["in_transit", "attempt_failed", "delivered"])

    def test_many_shipments_at_once_are_as_many_queries_as_few(self):
        def queries(count, prefix):
            shipments = (
                self.env["order.shipment"]
                .sudo()
                .create(
                    [
                        {
                            "name": f"{prefix}{number}",
                            "company_id": self.company.id,
                            "partner_id": self.customer.id,
                            "carrier_id": self.swift.id,
                        }
                        for number in range(count)
                    ]
                )
            )
            for shipment in shipments:
                self.env.cr.execute(
                    "UPDATE order_shipment SET tracking_number = name WHERE id = %s", [shipment.id]
                )
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            shipments._sync_parcels()
            self.env.flush_all()
            self.assertEqual(len(shipments.parcel_ids), count)
            return self.env.cr.sql_log_count - before

        queries(1, "W")
        self.assertLessEqual(queries(24, "M"), queries(4, "F"))

    def test_an_account_for_delivery_methods_takes_what_nobody_tracks(self):
        self.swift_code.unlink()
        self.assertFalse(self.parcel.provider_id)
        with patch.object(type(self.swift), "_tracks_itself", lambda carrier: carrier == self.swift):
            methods = self.tracking_provider("Delivery methods", kind="method")
        self.assertEqual(self.parcel.provider_id, methods)

    # ---------------------------------------------------------------- several in one parcel
    def test_said_of_one_shipment_is_not_said_of_others_in_the_parcel(self):
        self.ingest(self.parcel, self.scan("TR", 1))
        other = self.ship_with_number()
        self.assertEqual((other.parcel_ids, other.status), (self.parcel, "in_transit"))
        other.action_delivered()
        statuses = other.status, self.shipment.status, self.parcel.status
        self.assertEqual(statuses, ("delivered", "in_transit", "in_transit"))
        # What was before is no news, what was on its way is no end; another end is.
        now = fields.Datetime.now()
        self.ingest(self.parcel, self.scan("OUT", 4), is_full_history=False)
        self.assertEqual((other.status, self.shipment.status), ("delivered", "out_for_delivery"))
        later = self.scan("NOT")._replace(at=now + timedelta(hours=1))
        self.ingest(self.parcel, later, is_full_history=False)
        self.assertEqual((other.status, self.shipment.status), ("delivered", "attempt_failed"))
        later = self.scan("BACK")._replace(at=now + timedelta(hours=2))
        self.ingest(self.parcel, later, is_full_history=False)
        self.assertEqual((other.status, self.shipment.status), ("returning", "returning"))

    def test_said_where_only_one_of_the_parcels_is_shared(self):
        both = self.ship_with_number("SW123, SW124")
        mine = both.parcel_ids - self.parcel
        both.action_delivered()
        self.assertEqual((both.status, mine.status), ("delivered", "delivered"))
        self.assertEqual((self.shipment.status, self.parcel.status), ("pending", "pending"))

    def test_software_says_it_of_the_number(self):
        other = self.ship_with_number()
        self.env["order.shipment"].set_status("SW123", "in_transit")
        statuses = other.status, self.shipment.status, self.parcel.status
        self.assertEqual(statuses, ("in_transit", "in_transit", "in_transit"))

    def test_another_number_forgets_what_scans_of_the_wrong_one_said(self):
        self.ingest(self.parcel, self.scan("TR", 1))
        self.shipment.tracking_number = "SW999"
        self.assertEqual((self.shipment.status, self.shipment.parcel_ids.status), ("pending", "pending"))

    def test_another_number_keeps_what_was_said(self):
        self.shipment.action_in_transit()
        self.shipment.tracking_number = "SW999"
        self.assertEqual(
            (self.shipment.status, self.shipment.parcel_ids.status), ("in_transit", "in_transit")
        )

    # ---------------------------------------------------------------- however it arrives
    def test_in_any_order_and_number_of_reports_the_same_comes_of_it(self):
        scans = [
            self.scan("DEL", -24 * 9, "of another parcel"),
            self.scan("INF", -2),
            self.scan("TR", 1, "Leeds"),
            self.scan("TR", 1, "York"),
            self.scan("OUT", 4),
            self.scan("WHAT", 5),
            self.scan("DEL", 6),
            self.scan("TR", 8),
            self.scan("BACK", 9),
            self.scan("HOME", 20),
            self.scan("OUT", 24 * 12, "not yet"),
        ]
        for count in (7, 8, 9, len(scans)):
            told = scans[:count] + scans[-1:]
            expected = self._journey(f"E{count}", [told])
            for seed in range(5):
                # The same picks each time a seed is used.
                chance = random.Random(seed)  # noqa: S311
                row = told + chance.choices(told, k=4)
                chance.shuffle(row)
                cuts = sorted(chance.sample(range(1, len(row)), 3))
                parts = [row[a:b] for a, b in pairwise([0, *cuts, len(row)])]
                self.assertEqual(self._journey(f"R{count}x{seed}", parts), expected, (count, seed))

    def _journey(self, number, parts):
        shipment = self.ship_with_number(number, order=self.shipment.order_ids)
        parcel = shipment.parcel_ids
        for place, scans in enumerate(parts):
            source = ("poll", "push")[place % 2]
            self.ingest(parcel, *scans, source=source, is_full_history=False)
        names = ("status", "substatus", "status_since", "delivered_at", "last_event_at", "event_count")
        return [*(parcel[name] for name in names), shipment.status]
