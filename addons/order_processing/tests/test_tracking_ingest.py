from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields

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
        few, many = queries(4, "F"), queries(24, "M")
        # A link of each is one statement by Odoo; nothing else may grow.
        self.assertLessEqual(many - few, 20 * 2)

    def test_an_account_for_delivery_methods_takes_what_nobody_tracks(self):
        self.swift_code.unlink()
        self.assertFalse(self.parcel.provider_id)
        with patch.object(type(self.swift), "_tracks_itself", lambda carrier: carrier == self.swift):
            methods = self.tracking_provider("Delivery methods", kind="method")
        self.assertEqual(self.parcel.provider_id, methods)
