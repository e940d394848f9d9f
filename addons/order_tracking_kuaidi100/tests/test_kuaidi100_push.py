import os
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlencode

from cryptography.fernet import Fernet

from odoo.tests import HttpCase, tagged

from odoo.addons.order_processing.models import order_tracking_again
from odoo.addons.order_processing.models.order_secret import VARIABLE
from odoo.addons.order_processing.tests.common_tracking import SHIPPED, TrackingCase

from .bodies import SECRETS, STATION, form, parcel, scan, told

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
JOURNEY = ("101", "103", "1002", "1001", "5", "501", "301")


@tagged("post_install", "-at_install")
class TestPush(TrackingCase, HttpCase):
    """Kuaidi100 tells us, by real requests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(patch.dict(os.environ, {VARIABLE: Fernet.generate_key().decode()}))
        cls.provider.write({"kind": "kuaidi100", "mode": "both", "base_url": "http://127.0.0.1:9"})
        cls.swift_code.code = "zhongtong"
        for name, value in SECRETS.items():
            cls.provider._set_secret(name, value)
        cls.path = "/order_tracking/push/" + cls.provider._push_url().partition("/order_tracking/push/")[2]
        cls.parcel = cls.ship_with_number("SW123").parcel_ids

    def setUp(self):
        super().setUp()
        self.env.registry.clear_cache()
        self.patch(order_tracking_again, "FIRST_PAUSE", 0)

    # ---------------------------------------------------------------- what happens
    def tell(self, fields):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.url_open(self.path, data=urlencode(fields).encode(), headers=headers)
        self.env.invalidate_all()
        return answer

    def read_inbox(self):
        self.env.flush_all()
        self.patch(self.env.cr, "commit", self.commit)
        self.patch(self.env.cr, "rollback", self.rollback)
        self.commit()
        self.env["order.tracking.inbox"]._cron_read()
        self.env.invalidate_all()

    def commit(self):
        self.env.flush_all()
        self.env.cr.execute("SAVEPOINT committed")

    def rollback(self):
        self.env.cr.clear()
        self.env.cr.execute("ROLLBACK TO SAVEPOINT committed")

    def news(self, *scans, state="0", status="polling", **more):
        answer = self.tell(form(told(parcel("SW123", list(scans), state), status, **more)))
        self.assertEqual(answer.status_code, 200)
        self.read_inbox()

    def rows(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, xmin::text FROM order_shipment_event WHERE parcel_id = %s ORDER BY id",
            [self.parcel.id],
        )
        return self.env.cr.fetchall()

    @staticmethod
    def journey(count=7):
        """Return the first scans of a journey, newest first."""
        texts = {"501": "已投递至丰巢柜", "301": "本人签收"}
        scans = [
            scan(SHIPPED + hour * HOUR, code, texts.get(code, f"第{hour}站"))
            for hour, code in enumerate(JOURNEY[:count])
        ]
        return scans[::-1]

    # ---------------------------------------------------------------- what is true
    def test_stored_and_answered_word_for_word(self):
        answer = self.tell(form(told(parcel("SW123", self.journey(3), "1002"))))
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.content.decode(), '{"result":true,"returnCode":"200","message":"成功"}')
        self.assertIn("application/json", answer.headers["Content-Type"])
        self.read_inbox()
        self.assertEqual((self.parcel.status, len(self.parcel.event_ids)), ("in_transit", 3))
        self.assertEqual(self.parcel.external_ref, "zhongtong")

    def test_one_byte_flipped_is_refused(self):
        fields = form(told(parcel("SW123", self.journey(2), "103")))
        for wrong in (
            {**fields, "param": fields["param"].replace("SW123", "SW122")},
            {**fields, "sign": fields["sign"][:-1] + ("0" if fields["sign"][-1] != "0" else "1")},
            {"param": fields["param"]},
        ):
            self.assertEqual(self.tell(wrong).status_code, 403)
        self.assertFalse(
            self.env["order.tracking.inbox"].search_count([("provider_id", "=", self.provider.id)])
        )

    def test_four_times_the_same_writes_nothing(self):
        self.news(*self.journey(3), state="1002")
        before = self.rows()
        for _time in range(3):
            self.news(*self.journey(3), state="1002")
        # And once more with other words around it, so that it is read.
        self.news(*self.journey(3), state="1002", billstatus="check")
        self.assertEqual(self.rows(), before)

    def test_whole_histories_of_which_three_quarters_are_known(self):
        for count in range(1, len(JOURNEY) + 1):
            before = self.rows()
            self.news(*self.journey(count), state=JOURNEY[count - 1])
            after = self.rows()
            self.assertEqual(after[: len(before)], before)
            self.assertEqual(len(after), count)
        self.assertEqual(self.parcel.status, "delivered")

    def test_in_whichever_order(self):
        self.news(*reversed(self.journey()), state="3", status="shutdown")
        self.news(*self.journey(4), state="1001")
        self.assertEqual((self.parcel.status, len(self.parcel.event_ids)), ("delivered", len(JOURNEY)))

    def test_501_in_the_locker_is_not_delivered(self):
        self.news(*self.journey(6), state="5")
        self.assertEqual((self.parcel.status, self.parcel.substatus), ("available_for_pickup", "locker"))

    def test_304_waits_in_the_station_until_it_is_fetched(self):
        taken_in = [scan(SHIPPED + DAY, "304", STATION), *self.journey(5)]
        self.news(*taken_in, state="304", status="shutdown")
        self.assertEqual((self.parcel.status, self.parcel.substatus), ("available_for_pickup", "locker"))
        self.news(scan(SHIPPED + 2 * DAY, "304", "您已在驿站完成取件"), *taken_in, state="304")
        self.assertEqual((self.parcel.status, self.parcel.delivered_at), ("delivered", SHIPPED + 2 * DAY))

    def test_a_station_delivers_where_the_account_says_so(self):
        self.provider.kuaidi100_station_delivers = True
        self.news(scan(SHIPPED + DAY, "304", STATION), state="304", status="shutdown")
        self.assertEqual(self.parcel.status, "delivered")

    def test_the_same_text_at_two_times_is_two_scans(self):
        self.news(*(scan(SHIPPED + hour * HOUR, "5", "派送中") for hour in (2, 1)), state="5")
        self.assertEqual(len(self.parcel.event_ids), 2)

    def test_no_longer_looked_for_is_announced_again_half_an_hour_later(self):
        self.parcel.write({"subscription": "active", "subscribe_at": False})
        self.news(*self.journey(3), status="abort", message="60天无变化")
        self.assertEqual((self.parcel.status, self.parcel.substatus), ("expired", "no_news"))
        self.assertEqual(self.parcel.subscription, "wanted")
        self.assertGreater(self.parcel.subscribe_at, self.env.cr.now() + timedelta(minutes=25))
        self.news(*self.journey(4), state="1001")
        self.assertEqual(self.parcel.status, "in_transit")

    def test_no_scan_in_three_days(self):
        self.news(status="abort", message="3天查询无记录")
        self.assertEqual((self.parcel.status, self.parcel.subscription), ("expired", "wanted"))

    def test_a_carrier_corrected_there_is_kept_with_the_parcel(self):
        self.news(*self.journey(2), autoCheck="1", comOld="zhongtong", comNew="yuantong")
        self.assertEqual((self.parcel.carrier_code, self.parcel.external_ref), ("zhongtong", "yuantong"))
        (item,) = self.provider._items(self.parcel.ids)
        self.assertEqual(item.external_ref, "yuantong")
        # Chosen by people: that counts.
        self.swift_code.code = "yunda"
        self.assertFalse(self.parcel.external_ref)

    def test_one_number_of_two_carriers(self):
        slow = self.delivery_method("Slow")
        self.env["order.tracking.carrier.code"].create(
            {"provider_id": self.provider.id, "carrier_id": slow.id, "code": "yunda"}
        )
        other = self.ship_with_number("SW123", carrier=slow).parcel_ids
        self.tell(form(told(parcel("SW123", self.journey(2), "103", "yunda"))))
        self.read_inbox()
        self.assertEqual((self.parcel.status, other.status), ("pending", "picked_up"))

    def test_scans_of_who_had_the_number_before_do_not_count(self):
        self.news(scan(SHIPPED - 30 * DAY, "301", "本人签收"), state="0")
        self.assertEqual(self.parcel.status, "pending")
