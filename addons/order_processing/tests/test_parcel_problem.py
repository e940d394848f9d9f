from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..models.order_shipment_ingest import Change
from .common_messages import MessagesCase


@tagged("post_install", "-at_install")
class TestParcelProblem(MessagesCase):
    """Problems open and close by themselves; customers hear of each thing once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "tell_accepted": False,
                "tell_shipped": False,
                "tell_delivered": True,
                "tell_parcel_problem": True,
            }
        )
        cls.order_1 = cls.confirmed_order(lines=[(cls.lantern, 2)]).sudo()
        cls.ship(cls.order_1)
        cls.parcel = (
            cls.env["order.shipment.parcel"]
            .sudo()
            .create(
                {
                    "number": "SW1",
                    "number_key": "SW1",
                    "company_id": cls.company.id,
                    "shipment_ids": cls.order_1.shipment_ids.ids,
                    "shipped_at": fields.Datetime.now(),
                    "event_count": 1,
                }
            )
        )

    def becomes(self, status, substatus=False, is_news=True, at=None):
        before, at = self.parcel.status, at or fields.Datetime.now()
        self.parcel.write({"status": status, "substatus": substatus, "status_since": at, "last_event_at": at})
        self.parcel._status_changed([Change(self.parcel.id, before, status, substatus or "", at, is_news)])
        return self.parcel.problem_ids.filtered(lambda one: one.state == "open")

    def test_lost_and_found(self):
        problem = self.becomes("exception", "lost")
        self.assertEqual((problem.kind, problem.proposal), ("lost", "re_ship"))
        self.assertEqual(problem.responsible_id, self.sally)
        self.assertEqual(problem.activity_ids.user_id, self.sally)
        self.assertFalse(self.becomes("in_transit"))
        self.assertEqual(problem.state, "gone")
        self.assertFalse(problem.activity_ids)

    def test_told_once_whatever_is_repeated(self):
        at = fields.Datetime.now()
        for _time in range(3):
            self.becomes("exception", "damaged", at=at)
        self.send()
        self.assertEqual(len(self.parcel.problem_ids), 1)
        self.assertEqual(self.heard(self.order_1), [f"News of your parcel: {self.order_1.name}"])
        for _time in range(3):
            self.becomes("delivered", at=at)
        self.send()
        self.assertEqual(len(self.heard(self.order_1)), 2)

    def test_old_news_is_none(self):
        self.assertFalse(self.becomes("exception", "lost", is_news=False))
        self.assertFalse(self.rows(self.order_1))

    def test_silence_is_found_by_the_clock(self):
        self.parcel.write(
            {"status": "in_transit", "last_event_at": fields.Datetime.now() - timedelta(days=8)}
        )
        with self.without_commits():
            self.env["order.shipment.problem"]._cron_watch()
            self.env["order.shipment.problem"]._cron_watch()
        self.assertEqual(self.parcel.problem_ids.mapped("kind"), ["silent"])
        self.rpc(self.sally, self.parcel.problem_ids, "action_solve")
        with self.without_commits():
            self.env["order.shipment.problem"]._cron_watch()
        self.assertEqual(self.parcel.problem_ids.mapped("state"), ["solved"])

    def test_sent_again_for_nothing(self):
        problem = self.becomes("exception", "lost")
        self.rpc(self.sally, problem, "action_reship")
        again = problem.replacement_order_id
        self.assertEqual((again.state, again.amount_untaxed, again.origin), ("draft", 0, self.order_1.name))
        self.assertEqual(again.order_line.mapped("product_uom_qty"), [2])
