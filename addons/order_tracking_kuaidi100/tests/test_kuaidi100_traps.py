import json
from datetime import timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.order_processing.connectors.base import ConnectorError, Scan
from odoo.addons.order_processing.tests.common_tracking import SHIPPED, TrackingCase

from ..connector import SIGNED, Kuaidi100, _header
from ..station import waits_there
from .bodies import parcel, scan, told

HOUR = timedelta(hours=1)
BY_STATION = "您的快件已由快递驿站代收，感谢使用"


@tagged("post_install", "-at_install")
class TestStation(BaseCase):
    """Who has signed: the customer, or a station for him?"""

    def test_a_station_has_it(self):
        for text in (
            BY_STATION,
            "快件已暂存至菜鸟驿站，请凭取件码 1-2-3456 取件",
            "已投递至丰巢智能柜，请及时取件",
            "【代收点】您的快件已存放在小区门口便利店，请前往领取",
            "快件已被 门卫 代收",
            "包裹已由物业代收, 非本人签收",
        ):
            with self.subTest(text):
                self.assertTrue(waits_there(text))

    def test_whatever_says_of_the_whole_that_it_is_signed_for(self):
        """By words or by number: where a station has it, that is not said, whatever comes after."""
        here = Scan(SHIPPED, "304", BY_STATION, status="available_for_pickup")
        late, fetched = (Scan(SHIPPED + HOUR, code) for code in ("205", "304"))
        self.assertEqual(len(SIGNED), 10)
        for state in SIGNED:
            self.assertEqual(_header(state, [late, here]), "", state)
            self.assertEqual(_header(state, [late._replace(code="0"), fetched._replace(at=SHIPPED)]), state)
        for state in ("2", "6", "退回"):
            self.assertEqual(_header(state, [late._replace(code="0"), here]), state)

    def test_it_was_fetched(self):
        for text in (
            "已签收，签收人凭取货码签收",
            "您已在菜鸟驿站完成取件，感谢使用",
            "快件已从丰巢柜取出",
            "客户已取件，快递柜：东门",
            "本人在驿站签收",
            "已签收",
            "",
        ):
            with self.subTest(text):
                self.assertFalse(waits_there(text))


@tagged("post_install", "-at_install")
class TestTraps(TrackingCase):
    """What Kuaidi100 says, and where the parcel is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.kind = "kuaidi100"
        cls.swift_code.code = "yuantong"
        cls.parcel = cls.ship_with_number("YT1234567890").parcel_ids

    def tell(self, *scans, state="0", **account):
        """Let it tell of scans: (hours after it left, code, text)."""
        self.provider.write(account)
        seen = [scan(SHIPPED + hours * HOUR, code, text) for hours, code, text in scans]
        body = told(parcel(self.parcel.number, seen, state, com="yuantong"))
        connector = self.provider._push_connector()
        results = connector.parse_push(b"", {"param": json.dumps(body)}, {})
        parcels = self.env["order.shipment.parcel"].sudo()
        parcels._ingest([(self.parcel.id, one) for one in results], "push", self.provider)
        self.env.invalidate_all()
        return self.parcel.status, self.parcel.substatus

    def test_501_in_the_locker_is_not_delivered(self):
        said = self.tell((9, "501", "已放入丰巢柜"), (1, "103", "已揽收"), state="5")
        self.assertEqual(said, ("available_for_pickup", "locker"))
        self.assertFalse(self.parcel.delivered_at)

    def test_304_before_pickup_is_not_delivered(self):
        said = self.tell((9, "304", BY_STATION), (1, "103", "已揽收"), state="304")
        self.assertEqual(said, ("available_for_pickup", "locker"))
        self.assertFalse(self.parcel.delivered_at)
        # Neither where it says of the parcel as a whole that it is signed for.
        self.assertEqual(self.tell((9, "304", BY_STATION), state="3")[0], "available_for_pickup")

    def test_304_and_then_fetched_is_delivered(self):
        self.tell((9, "304", BY_STATION), state="304")
        said = self.tell((30, "304", "您已在驿站完成取件"), (9, "304", BY_STATION), state="304")
        self.assertEqual(said[0], "delivered")
        self.assertEqual(self.parcel.delivered_at, SHIPPED + 30 * HOUR)

    def test_304_where_the_company_takes_a_station_for_the_customer(self):
        said = self.tell((9, "304", BY_STATION), state="304", kuaidi100_station_delivers=True)
        self.assertEqual(said, ("delivered", "locker"))

    def test_304_signed_by_the_customer(self):
        self.assertEqual(self.tell((9, "304", "已签收，签收人凭取货码签收"), state="304")[0], "delivered")

    def test_the_same_words_at_two_times_are_two_scans(self):
        words = "快件正在派送中"
        self.tell((9, "5", words), (33, "5", words), state="5")
        scans = self.parcel.event_ids.filtered(lambda one: one.text == words)
        self.assertEqual(len(scans), 2)

    def test_each_history_whole_writes_only_what_is_new(self):
        history = [(1, "103", "已揽收"), (9, "1002", "到达"), (20, "5", "派送"), (22, "301", "已签收")]
        for count in range(1, 5):
            for _time in range(4):
                self.tell(*history[:count][::-1], state="3" if count == 4 else "0")
        scans = self.parcel.event_ids.filtered(lambda one: not one.dedup_key.startswith("header:"))
        self.assertEqual(len(scans), 4)
        self.assertEqual(self.parcel.status, "delivered")

    def test_a_sub_state_in_the_place_of_the_state(self):
        self.assertEqual(self.tell((9, "209", "破损"), state="209"), ("exception", "damaged"))

    def test_words_in_the_place_of_a_code(self):
        seen = scan(SHIPPED + 9 * HOUR, "", "到件", status="签收")
        results = self.provider._push_connector().parse_push(
            b"", {"param": json.dumps(told(parcel(self.parcel.number, [seen])))}, {}
        )
        self.assertEqual(results[0].scans[0].code, "签收")
        lookup = self.env["order.tracking.status.map"]._meanings(self.provider)
        self.assertEqual(lookup("签收")[0], "delivered")

    def test_without_a_key_nothing_is_asked(self):
        connector = Kuaidi100(self.provider._push_connector().settings, {})
        with self.assertRaises(ConnectorError) as caught:
            list(connector.build_requests(self.provider._items(self.parcel.ids)))
        told = self.provider._tell_trouble(caught.exception.trouble, caught.exception.message)
        self.assertIn("Its keys are not entered yet", told["params"]["message"])
