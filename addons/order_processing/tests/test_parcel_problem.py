from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
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
                "parcel_problems": True,
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

    def test_what_was_sent_again_is_not_sent_a_third_time(self):
        problem = self.becomes("exception", "lost")
        first = self.rpc(self.sally, problem, "action_reship")
        self.assertEqual(self.rpc(self.sally, problem, "action_reship")["res_id"], first["res_id"])

    def test_another_day_is_agreed(self):
        self.order_1.promise_date = fields.Datetime.now() - timedelta(days=2)
        with self.without_commits():
            self.env["order.shipment.problem"]._cron_watch()
        problem = self.parcel.problem_ids.filtered(lambda one: one.kind == "late")
        self.assertEqual((problem.state, problem.proposal), ("open", "contact"))
        with self.assertRaisesRegex(UserError, "passed already"):
            self.rpc(self.sally, problem, "action_new_date", "2020-01-01")
        day = fields.Date.today() + timedelta(days=3)
        wizard = self.env["order.parcel.new.date"].with_user(self.sally)
        wizard.create({"problem_id": problem.id, "day": day}).action_apply()
        self.assertEqual((problem.state, problem.new_date), ("solved", day))
        with self.without_commits():
            self.env["order.shipment.problem"]._cron_watch()
        self.assertFalse(self.parcel.problem_ids.filtered(lambda one: one.state == "open"))

    def test_money_back(self):
        problem = self.becomes("exception", "damaged")
        with self.assertRaisesRegex(UserError, "nothing to refund"):
            self.rpc(self.anna, problem, "action_refund")
        invoice = self.order_1._create_invoices()
        invoice.action_post()
        action = self.rpc(self.anna, problem, "action_refund")
        self.assertEqual(action["context"]["active_ids"], invoice.ids)

    def test_customers_of_one_shipment_hear_of_their_own(self):
        dora = self.customer.copy({"name": "Dora", "email": "dora@example.com"})
        other = self.confirmed_order(dora, lines=[(self.lantern, 1)]).sudo()
        self.ship(other)
        shipment = self.order_1.shipment_ids
        picking = other.picking_ids
        shipment.write({"order_ids": [Command.link(other.id)], "picking_ids": [Command.link(picking.id)]})
        self.order_1.picking_ids.carrier_tracking_ref = "SW1"
        other.picking_ids.carrier_tracking_ref = "SW2"
        problem = self.becomes("exception", "lost")
        self.assertEqual(problem.order_id, self.order_1)
        self.send()
        self.assertEqual(self.heard(self.order_1), [f"News of your parcel: {self.order_1.name}"])
        self.assertEqual(self.heard(other), [])
        self.assertNotIn(other.name, self.mail(self.order_1).body)

    def test_a_text_message_says_what_and_where(self):
        self.company.write({"tell_available_for_pickup": False, "tell_available_for_pickup_sms": True})
        self.customer.phone = "+447400123456"
        self.becomes("available_for_pickup", "locker")
        with self.texting():
            self.send()
        sms = self.env["sms.sms"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(len(sms), 1)
        self.assertIn(self.order_1.name, sms.body)

    def test_names_and_phones_of_couriers_stay_with_us(self):
        self.company.tell_out_for_delivery = True
        self.env["order.shipment.event"].sudo().create(
            {
                "parcel_id": self.parcel.id,
                "text": "快递员张三13800138000正在派送",
                "source": "poll",
                "dedup_key": "1",
                "event_time": fields.Datetime.now(),
            }
        )
        self.becomes("out_for_delivery")
        self.send()
        self.assertNotIn("13800138000", self.mail(self.order_1).body)

    def test_told_of_lateness_once(self):
        now = fields.Datetime.now()
        self.order_1.promise_date = now + timedelta(days=1)
        self.parcel.eta = now + timedelta(days=3)
        self.becomes("in_transit")
        self.assertEqual(self.parcel.problem_ids.kind, "eta_late")
        self.parcel.problem_ids._close_gone()
        with freeze_time(now + timedelta(days=2, hours=1)), self.without_commits():
            self.env["order.shipment.problem"]._cron_watch()
        self.assertIn("late", self.parcel.problem_ids.mapped("kind"))
        self.assertEqual(len(self.rows(self.order_1, kind="parcel_problem")), 1)

    def test_switched_off_nothing_opens(self):
        self.company.parcel_problems = False
        self.assertFalse(self.becomes("exception", "lost"))

    def test_customers_see_no_problem_and_solve_none(self):
        problem = self.becomes("exception", "lost")
        for method in ("action_solve", "action_reship", "action_refund", "read"):
            with self.assertRaises(AccessError):
                self.rpc(self.carla, problem, method)

    def test_many_are_as_many_queries_as_few(self):
        def queries(count):
            parcels = self.env["order.shipment.parcel"].sudo()
            for number in range(count):
                order = self.confirmed_order(lines=[(self.mug, 1)]).sudo()
                self.ship(order)
                parcels |= self.parcel.copy(
                    {
                        "number": f"Q{count}-{number}",
                        "number_key": f"Q{count}-{number}",
                        "shipment_ids": order.shipment_ids.ids,
                    }
                )
            at = fields.Datetime.now()
            parcels.write({"status": "exception", "substatus": "lost", "status_since": at})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            changes = [Change(one.id, "in_transit", "exception", "lost", at, True) for one in parcels]
            parcels._status_changed(changes)
            self.env.flush_all()
            self.assertEqual(len(parcels.problem_ids), count)
            return self.env.cr.sql_log_count - before

        queries(1)
        few, many = queries(2), queries(10)
        # What is added for each: the chatter's own statements of its activity and its message.
        self.assertLessEqual(many - few, 8 * 6)
