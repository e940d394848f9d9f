from datetime import timedelta

from freezegun import freeze_time

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
        self.assertEqual(
            self.events(self.shipment.order_ids, "customer").mapped("kind").count("parcel_status"), 1
        )
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
        self.assertEqual(shipment.order_ids.processing_stage, shipment.order_ids.processing_stage)

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
