from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_parcel import ParcelCase

# Half past ten in the evening in London, and a quarter to six in the morning in Shanghai.
NIGHT = datetime(2027, 1, 11, 22, 30)


@tagged("post_install", "-at_install")
class TestParcelMessages(ParcelCase):
    """What customers hear of their parcels: the right words, once, when they want it."""

    def scan(self, place, text):
        self.env["order.shipment.event"].sudo().create(
            {
                "parcel_id": self.parcel.id,
                "dedup_key": text,
                "event_time": fields.Datetime.now(),
                "received_at": fields.Datetime.now(),
                "source": "poll",
                "text": text,
                "place": place,
            }
        )

    def choose(self, kind, medium, partner=None):
        values = {"partner_id": (partner or self.customer).id, "kind": kind, "medium": medium}
        return self.env["order.notification.preference"].create(values)

    # ---------------------------------------------------------------- the words
    def test_where_to_collect_it_and_with_which_code(self):
        self.company.tell_available_for_pickup_sms = True
        self.scan("Corner Locker 7", "Code 482913, driver: Joe Miller, call 0791 2345 678")
        self.becomes("available_for_pickup")
        with self.texting():
            self.send()
        body = self.mail(self.order_1).body
        sms = self.env["sms.sms"].sudo().search([("partner_id", "=", self.customer.id)]).body
        for text in (body, sms):
            self.assertIn("Corner Locker 7", text)
            self.assertIn("482913", text)
            self.assertNotIn("2345", text)
            self.assertNotIn("Miller", text)
        self.assertIn("Please collect it soon", body)

    def test_each_kind_says_what_happened_and_what_can_be_done(self):
        for status, words in (
            ("out_for_delivery", "it should be with you today"),
            ("attempt_failed", "could not"),
            ("exception", "a problem on the way"),
            ("returning", "on its way back to us"),
            ("returned", "has come back to us"),
            ("delivered", "look with your neighbours"),
        ):
            self.becomes(status)
            self.send()
            with self.subTest(status):
                self.assertIn(words, self.mail(self.order_1).body)

    def test_late_by_the_carrier_and_by_the_clock_is_one_message(self):
        self.promised(1)
        self.parcel.eta = fields.Datetime.now() + timedelta(days=4)
        self.becomes("in_transit")
        self.assertEqual(self.parcel.problem_ids.mapped("kind"), ["eta_late"])
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self.watch()
        self.assertEqual(sorted(self.parcel.problem_ids.mapped("kind")), ["eta_late", "late"])
        self.assertEqual(len(self.rows(self.order_1, kind="parcel_problem")), 1)
        # The first has closed meanwhile: the message is about the second.
        self.send()
        self.assertEqual(self.states(kind="parcel_problem"), [("parcel_problem", "sent")])
        self.assertIn("later than we promised", self.mail(self.order_1).body)

    # ---------------------------------------------------------------- several customers
    def test_each_hears_of_his_own_parcel(self):
        otto = self.env["res.partner"].create({**self.customer.copy_data()[0], "name": "Otto"})
        otto.email = "otto@example.com"
        his = self.sent_order(otto, [(self.mug, 1)])
        self.order_1.picking_ids.carrier_tracking_ref = "SW1"
        his.picking_ids.carrier_tracking_ref = "SW2"
        both = self.order_1 | his
        shipment = self.order_1.shipment_ids
        shipment.write({"order_ids": [(6, 0, both.ids)], "picking_ids": [(6, 0, both.picking_ids.ids)]})
        second = self.parcel_of("SW2", self.order_1)
        self.assertEqual(self.parcel._told_orders(), self.order_1)
        self.assertEqual(second._told_orders(), his)
        self.becomes("delivered", parcel=second)
        self.becomes("exception", "lost")
        self.send()
        self.assertEqual(self.heard(his), [f"Your parcel was delivered: {his.name}"])
        self.assertEqual(self.heard(self.order_1), [f"News of your parcel: {self.order_1.name}"])
        for order, stranger in ((his, "SW1"), (self.order_1, "SW2")):
            self.assertNotIn(stranger, self.mail(order).body)
        # A number that stands on no transfer is everybody's, and each reads of his own order.
        third = self.parcel_of("SW3", self.order_1)
        self.becomes("delivered", parcel=third)
        self.send()
        for order, other in ((his, self.order_1), (self.order_1, his)):
            self.assertIn("SW3", self.mail(order).body)
            self.assertNotIn(other.name, self.mail(order).body)

    # ---------------------------------------------------------------- quiet hours
    def test_at_night_it_waits_for_the_morning(self):
        self.company.write({"quiet_mail": True, "quiet_mail_from": 21, "quiet_mail_until": 7})
        with freeze_time(NIGHT):
            self.becomes("delivered")
            self.send()
        [row] = self.rows(self.order_1)
        self.assertEqual((row.state, row.due_at, row.attempts), ("due", datetime(2027, 1, 12, 7), 0))
        with freeze_time(datetime(2027, 1, 12, 7, 1)):
            self.send()
        self.assertEqual(row.state, "sent")

    def test_it_is_the_recipients_night_by_the_medium(self):
        self.company.write({"quiet_sms": True, "tell_delivered_sms": True})
        self.customer.tz = False
        self.company.partner_id.tz = "Asia/Shanghai"
        with freeze_time(NIGHT), self.texting():
            self.becomes("delivered")
            self.send()
        sms, mail = (self.rows(self.order_1, medium=medium) for medium in ("sms", "mail"))
        self.assertEqual((mail.state, sms.state), ("sent", "due"))
        self.assertEqual(sms.due_at, datetime(2027, 1, 12))
        self.customer.tz = "America/New_York"
        sms.sudo().due_at = NIGHT
        with freeze_time(NIGHT), self.texting():
            self.send()
        self.assertEqual(sms.state, "sent")

    def test_what_may_need_an_answer_does_not_wait_where_the_company_says_so(self):
        self.company.write({"quiet_mail": True, "quiet_except_urgent": True})
        with freeze_time(NIGHT):
            self.becomes("attempt_failed")
            self.send()
        self.assertEqual(self.states(), [("attempt_failed", "sent")])

    def test_what_has_changed_overnight_is_no_news(self):
        self.company.quiet_mail = True
        with freeze_time(NIGHT):
            self.becomes("out_for_delivery")
            self.send()
            self.becomes("delivered")
        with freeze_time(NIGHT + timedelta(hours=10)):
            self.send()
        self.assertEqual(self.states(), [("delivered", "sent"), ("out_for_delivery", "skipped")])

    def test_hours_are_hours(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.company.quiet_mail_from = 24
            self.env.flush_all()

    # ---------------------------------------------------------------- what they want
    def test_who_does_not_want_it_hears_nothing_not_even_what_waits(self):
        self.becomes("delivered")
        self.choose("delivered", "none")
        self.send()
        self.assertEqual(self.heard(self.order_1), [])
        self.assertEqual(self.rows(self.order_1).mapped("reason"), ["The customer does not want it"])
        self.rpc(self.mona, self.rows(self.order_1), "action_retry")
        self.send()
        self.assertEqual(self.heard(self.order_1), [])
        self.assertFalse(self.order_1.activity_ids)

    def test_by_sms_only(self):
        self.company.tell_delivered_sms = True
        self.choose("delivered", "sms")
        self.becomes("delivered")
        with self.texting():
            self.send()
        states = {row.medium: row.state for row in self.rows(self.order_1)}
        self.assertEqual(states, {"mail": "skipped", "sms": "sent"})

    def test_a_companys_choice_holds_for_its_contacts(self):
        shop = self.env["res.partner"].create({"name": "Lamps for All", "is_company": True})
        self.customer.parent_id = shop
        self.choose("delivered", "none", shop)
        self.assertFalse(self.customer._wants("delivered", "mail", self.company))
        self.choose("delivered", "mail")
        self.assertTrue(self.customer._wants("delivered", "mail", self.company))
        self.assertFalse(self.customer._wants("delivered", "sms", self.company))

    def test_what_was_agreed_is_told_where_the_company_insists(self):
        self.company.tell_accepted = True
        self.choose("accepted", "none")
        order = self.confirmed_order()
        self.send()
        self.assertEqual(self.heard(order), [])
        self.company.messages_required = True
        order = self.confirmed_order()
        self.send()
        self.assertEqual(self.heard(order), [self.accepted(order)])

    def test_messages_that_are_not_in_the_outbox_respect_it_too(self):
        self.company.write({"tell_received": True, "tell_promise": True})
        self.assertEqual(self.order_1._told_of_promises(), self.order_1)
        self.choose("promise", "none")
        self.choose("accepted", "none")
        self.assertFalse(self.order_1._told_of_promises())
        order = self.held_quotation(self.customer, [(self.lantern, 1, 1.0)])
        self.assertFalse(self.heard(order))

    def test_contacts_that_are_merged_keep_one_choice_for_each_kind(self):
        double = self.env["res.partner"].create({"name": "Carla", "email": "carla@example.com"})
        self.choose("delivered", "none")
        self.choose("delivered", "sms", double)
        self.choose("shipped", "none", double)
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((self.customer | double).ids, self.customer)
        self.env.invalidate_all()
        choices = {one.kind: one.medium for one in self.customer.message_preference_ids}
        self.assertEqual(choices, {"delivered": "none", "shipped": "none"})
