from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import format_date

from .common_parcel import ParcelCase

# Half past ten in the evening in London.
NIGHT = datetime(2027, 1, 11, 22, 30)
MORNING = datetime(2027, 1, 12, 7, 1)


@tagged("post_install", "-at_install")
class TestReviewMessages(ParcelCase):
    """Messages about parcels: nothing twice, nothing never, nothing of what is somebody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.problems = cls.env["order.shipment.problem"]
        cls.new_date = f"New date for your parcel: {cls.order_1.name}"

    def day(self, days):
        return fields.Date.add(fields.Date.today(), days=days)

    def in_zone(self, zone):
        (self.customer | self.order_1.partner_shipping_id).tz = zone

    def scan(self, text, at, place=""):
        self.env["order.shipment.event"].sudo().create(
            {
                "parcel_id": self.parcel.id,
                "dedup_key": text,
                "event_time": at,
                "received_at": fields.Datetime.now(),
                "source": "poll",
                "text": text,
                "place": place,
            }
        )

    def sent_again(self, orders=None):
        return self.env["sale.order"].search([("origin", "in", (orders or self.order_1).mapped("name"))])

    # ---------------------------------------------------------------- the day that was agreed
    def test_when_the_agreed_day_has_passed_it_is_late_again(self):
        self.company.problem_silent_days = 0
        self.promised(-2)
        self.watch()
        self.parcel.problem_ids.action_new_date(self.day(2))
        self.watch()
        self.assertEqual(len(self.parcel.problem_ids), 1)
        with freeze_time(fields.Datetime.now() + timedelta(days=4)):
            self.watch()
            self.watch()
        self.assertEqual(self.parcel.problem_ids.mapped("kind"), ["late", "late"])
        self.assertEqual(sorted(self.parcel.problem_ids.mapped("state")), ["open", "solved"])

    def test_the_carrier_expects_it_after_the_agreed_day(self):
        self.company.problem_silent_days = 0
        self.promised(-2)
        self.watch()
        self.parcel.problem_ids.action_new_date(self.day(3))
        self.parcel.eta = fields.Datetime.now() + timedelta(days=9)
        self.watch()
        self.assertEqual(sorted(self.parcel.problem_ids.mapped("kind")), ["eta_late", "late"])

    def test_back_to_the_day_agreed_first_is_told(self):
        problem = self.becomes("exception", "lost")
        for days in (2, 4, 2):
            problem.action_new_date(self.day(days))
            self.send()
        self.assertEqual(self.heard(self.order_1).count(self.new_date), 3)

    def test_of_several_days_only_the_last_is_told(self):
        problem = self.becomes("exception", "lost")
        for days in (2, 4, 2, 2):
            problem.action_new_date(self.day(days))
        self.send()
        self.assertEqual(self.heard(self.order_1).count(self.new_date), 1)
        problem.action_new_date(self.day(2))
        self.send()
        self.assertEqual(self.heard(self.order_1).count(self.new_date), 1)

    # ---------------------------------------------------------------- sent again, refunded
    def test_two_problems_of_a_parcel_are_one_replacement(self):
        self.rpc(self.sally, self.becomes("exception", "lost"), "action_reship")
        back = self.becomes("returning")
        self.rpc(self.sally, back, "action_reship")
        self.assertEqual(len(self.sent_again()), 1)
        self.assertEqual(back.replacement_order_id, self.sent_again())

    def test_two_parcels_of_a_transfer_are_not_sent_twice_each(self):
        other = self.parcel_of("SW2", self.order_1)
        for parcel in (self.parcel, other):
            self.rpc(self.sally, self.becomes("exception", "lost", parcel=parcel), "action_reship")
        lines = self.sent_again().order_line
        self.assertEqual(sum(lines.mapped("product_uom_qty")), 2)
        self.assertTrue(other.problem_ids.replacement_order_id)

    def test_the_rest_of_a_transfer_is_sent_again_by_the_other_parcel(self):
        other = self.parcel_of("SW2", self.order_1)
        self.rpc(self.sally, self.becomes("exception", "lost"), "action_reship")
        self.sent_again().order_line.product_uom_qty = 1
        self.rpc(self.sally, self.becomes("exception", "lost", parcel=other), "action_reship")
        self.assertEqual(self.sent_again().order_line.mapped("product_uom_qty"), [1, 1])

    def test_what_is_refunded_is_not_refunded_again(self):
        problem = self.becomes("exception", "lost")
        self.order_1._create_invoices().action_post()
        action = self.rpc(self.anna, problem, "action_refund")
        self.env["account.move.reversal"].with_context(**action["context"]).create({}).refund_moves()
        credit = self.order_1.invoice_ids.filtered(lambda move: move.move_type == "out_refund")
        again = self.rpc(self.anna, problem, "action_refund")
        self.assertEqual((again["res_model"], again["res_id"]), ("account.move", credit.id))
        credit.button_cancel()
        self.assertEqual(self.rpc(self.anna, problem, "action_refund")["res_model"], "account.move.reversal")

    # ---------------------------------------------------------------- the customer's day
    def test_twice_on_the_customers_day_is_told_once(self):
        self.in_zone("Asia/Shanghai")
        for hour in (datetime(2027, 1, 10, 23), datetime(2027, 1, 11, 2)):
            self.becomes("attempt_failed", at=hour)
            self.becomes("in_transit", at=hour + timedelta(minutes=5))
        self.assertEqual(len(self.rows(self.order_1, kind="attempt_failed")), 1)

    def test_two_of_the_customers_days_are_told_twice(self):
        self.in_zone("Asia/Shanghai")
        for hour in (datetime(2027, 1, 11, 0, 30), datetime(2027, 1, 11, 23, 30)):
            self.becomes("out_for_delivery", at=hour)
            self.becomes("attempt_failed", at=hour + timedelta(minutes=5))
        self.assertEqual(len(self.rows(self.order_1, kind="out_for_delivery")), 2)

    def test_a_zone_nobody_knows_stops_nothing(self):
        self.promised(-2)
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET tz = 'Mars/Olympus' WHERE id = %s", [self.customer.id])
        self.env.invalidate_all()
        self.assertIn("late", self.becomes("in_transit").mapped("kind"))
        self.send()
        self.assertTrue(self.parcel.shipment_ids.is_late)
        self.assertIn(self.parcel.shipment_ids, self.env["order.shipment"].search([("is_late", "=", True)]))

    # ---------------------------------------------------------------- overtaken
    def test_delivered_by_mistake_is_not_told_in_the_morning(self):
        self.company.quiet_mail = True
        with freeze_time(NIGHT):
            self.becomes("delivered")
            self.send()
            self.becomes("in_transit")
        with freeze_time(MORNING):
            self.send()
            self.assertEqual(self.heard(self.order_1), [])
            self.becomes("delivered")
            self.send()
            self.send()
        self.assertEqual(self.heard(self.order_1), [f"Your parcel was delivered: {self.order_1.name}"])

    def test_ready_again_is_told_where_the_first_time_was_overtaken(self):
        self.company.quiet_mail = True
        with freeze_time(NIGHT):
            self.becomes("available_for_pickup")
            self.send()
            self.becomes("in_transit")
        with freeze_time(MORNING):
            self.send()
            for _time in range(2):
                self.becomes("available_for_pickup")
                self.send()
                self.becomes("in_transit")
        heard = [f"Your parcel can be collected: {self.order_1.name}"]
        self.assertEqual(self.heard(self.order_1), heard)

    def test_the_mail_of_the_day_that_failed_for_good_passes_on_what_it_had(self):
        self.company.write({"messages_digest": "daily", "messages_digest_hour": 17})
        with freeze_time(datetime(2027, 1, 11, 9)):
            self.becomes("delivered")
            self.send()
        kind, moment = type(self.env["order.notification"]), datetime(2027, 1, 11, 17, 1)
        with (
            patch.object(kind, "_digest_news", side_effect=ValueError("no")),
            self.assertLogs("odoo.addons.order_processing", "WARNING"),
        ):
            for minutes in (0, 6, 31, 121, 481):
                moment += timedelta(minutes=minutes)
                with freeze_time(moment):
                    self.send()
        self.assertIn("failed", self.rows(self.order_1, kind="digest").mapped("state"))
        for later in (moment, datetime(2027, 1, 12, 17, 1)):
            with freeze_time(later):
                self.send()
        self.assertEqual(self.heard(self.order_1), ["News of your parcels"])
        self.assertEqual(self.rows(self.order_1, kind="delivered").state, "sent")

    def test_of_an_archived_customer_nobody_says_he_was_told(self):
        otto = self.env["res.partner"].create({**self.customer.copy_data()[0], "name": "Otto"})
        otto.email = "otto@example.com"
        his = self.sent_order(otto, [(self.mug, 1)])
        parcel = self.parcel_of("OT1", his)
        otto.active = False
        self.becomes("delivered", parcel=parcel)
        self.send()
        self.assertEqual(self.states(his), [("delivered", "skipped")])
        self.assertTrue(self.rows(his).reason)

    # ---------------------------------------------------------------- the carrier's words
    def test_scans_of_who_had_the_number_before_are_not_shown(self):
        now = fields.Datetime.now()
        self.scan("Left with neighbour Bloggs", self.parcel.shipped_at - timedelta(days=70), "7 Elm Road")
        self.scan("Left our depot", now, "London")
        self.scan("Year 2099", now + timedelta(days=30), "Nowhere")
        values = self.parcel._portal_values(self.parcel.event_ids)
        seen = [values["last"]["text"], *(scan["text"] for scan in values["before"])]
        self.assertEqual(seen, ["Left our depot"])
        self.assertEqual(self.parcel._parcel_news()["scan"], "Left our depot")

    def test_the_parcels_own_number_stays(self):
        self.parcel.number = "4711000123456"
        self.scan("Parcel 4711000123456 is ready, call 0791 2345 678", fields.Datetime.now())
        text = "Parcel 4711000123456 is ready, call ***"
        self.assertEqual(self.parcel._portal_values(self.parcel.event_ids)["last"]["text"], text)
        self.assertEqual(self.parcel._parcel_news()["scan"], text)

    # ---------------------------------------------------------------- opening and closing
    def test_switched_off_what_is_open_still_closes(self):
        problem = self.becomes("exception", "lost")
        self.company.parcel_problems = False
        self.assertFalse(self.becomes("delivered"))
        self.assertEqual(problem.state, "gone")

    def test_what_was_read_later_is_no_news_to_the_clock_either(self):
        long_ago = fields.Datetime.now() - timedelta(days=30)
        self.becomes("exception", "lost", is_news=False, at=long_ago)
        self.watch()
        self.assertFalse(self.parcel.problem_ids)
        self.assertFalse(self.rows(self.order_1))

    def test_a_cancelled_orders_promise_binds_nobody(self):
        other = self.sent_order(lines=[(self.mug, 1)])
        self.parcel.shipment_ids.order_ids = [Command.link(other.id)]
        self.promised(-3, other)
        self.promised(5)
        other._action_cancel()
        self.watch()
        self.assertFalse(self.parcel.problem_ids)
        self.assertFalse(self.parcel.shipment_ids.is_late)

    def test_the_day_the_carrier_expects_it_now(self):
        self.promised(1)
        self.parcel.eta = fields.Datetime.now() + timedelta(days=4)
        problem = self.becomes("in_transit")
        self.parcel.eta = later = fields.Datetime.now() + timedelta(days=9)
        self.watch()
        self.assertEqual(problem.figures["eta"], fields.Datetime.to_string(later))
        self.send()
        body = self.mail(self.order_1).body
        self.assertIn(format_date(self.env(context={"lang": self.customer.lang}), later.date()), body)
        self.watch()
        self.assertEqual(len(self.rows(self.order_1)), 1)

    def test_many_that_stay_open_do_not_hold_up_the_others(self):
        now = fields.Datetime.now() - timedelta(days=9)
        many = self.parcel.union(*(self.parcel_of(f"Q{n}", self.order_1) for n in range(5)))
        many.write({"status": "in_transit", "last_event_at": now})
        self.env.flush_all()
        with (
            patch("odoo.addons.order_processing.models.order_shipment_problem_watch.BATCH", 2),
            # No time is left after each batch.
            patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **more: 0.0),
        ):
            for _run in range(4):
                self.problems._cron_watch()
        self.env.invalidate_all()
        self.assertEqual(len(many.problem_ids.parcel_id), 6)

    # ---------------------------------------------------------------- staff
    def test_nobody_hears_of_another_companys_parcels(self):
        other = self.env["res.company"].create({"name": "Another"})
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "stranger@another.example.com",
                "company_id": other.id,
                "company_ids": [Command.set(other.ids)],
                "group_ids": [Command.link(self.env.ref("stock.group_stock_user").id)],
            }
        )
        rules = self.env["order.notification.rule"]
        rules.search([]).active = False
        rules.create({"kind": "lost", "way": "activity", "role": "user", "user_id": stranger.id})
        self.company.problem_user_id = stranger
        self.order_1.user_id = self.order_1.team_id = False
        problem = self.becomes("exception", "lost")
        self.assertFalse(problem.sudo().activity_ids)
        self.assertFalse(problem.responsible_id)

    def test_two_rules_for_the_same_day_are_one_mail(self):
        rules = self.env["order.notification.rule"]
        rules.search([]).active = False
        for vals in ({"role": "salesperson"}, {"role": "user", "user_id": self.sally.id}):
            rules.create({"kind": "lost", "way": "mail", "after_days": 1, **vals})
        self.becomes("exception", "lost")
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            self.watch()
            self.watch()
        domain = [("recipient_ids", "in", self.sally.partner_id.ids)]
        self.assertEqual(self.env["mail.mail"].sudo().search_count(domain), 1)
