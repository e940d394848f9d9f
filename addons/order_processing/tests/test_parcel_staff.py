from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common_parcel import ParcelCase


@tagged("post_install", "-at_install")
class TestParcelStaff(ParcelCase):
    """Who of us hears of which problem, and how."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["order.notification.rule"]
        cls.customer.name = "Carla <b>Jones</b>"

    def hears(self, kind, way, role="salesperson", **vals):
        return self.rules.create({"kind": kind, "way": way, "role": role, "sequence": 1, **vals})

    def only(self, *args, **vals):
        self.rules.search([]).active = False
        return self.hears(*args, **vals)

    def mails(self, user):
        domain = [("recipient_ids", "in", user.partner_id.ids)]
        return self.env["mail.mail"].sudo().search(domain, order="id")

    def whose(self, problem):
        return problem.sudo().activity_ids.user_id

    # ---------------------------------------------------------------- who
    def test_as_it_comes_the_salesperson_hears_of_what_is_broken(self):
        self.assertEqual(self.whose(self.becomes("exception", "damaged")), self.sally)

    def test_of_what_comes_back_the_warehouse_hears_too(self):
        self.company.problem_returns_user_id = self.wes
        problem = self.becomes("returning")
        self.assertEqual(self.whose(problem), self.sally)
        domain = [("model", "=", problem._name), ("res_id", "=", problem.id)]
        notes = self.env["mail.message"].sudo().search(domain).notification_ids
        self.assertEqual(notes.res_partner_id, self.wes.partner_id)
        problem = self.becomes("returned")
        self.assertEqual(self.whose(problem), self.sally + self.wes)
        self.assertEqual(problem.responsible_id, self.wes)

    def test_nobody_who_has_left(self):
        self.order_1.user_id = False
        self.order_1.team_id = self.env["crm.team"].create({"name": "Lamps", "user_id": self.mona.id})
        self.company.problem_user_id = self.rita
        self.assertEqual(self.whose(self.becomes("exception", "damaged")), self.mona)
        self.mona.active = False
        lost = self.becomes("exception", "lost").filtered(lambda one: one.kind == "lost")
        self.assertEqual(self.whose(lost), self.rita)
        self.rita.active = False
        problem = self.becomes("returning").filtered(lambda one: one.kind == "returning")
        self.assertFalse(self.whose(problem) or problem.responsible_id)

    def test_one_person_hears_once_however_many_rules(self):
        self.hears("lost", "activity", "user", user_id=self.sally.id)
        problem = self.becomes("exception", "lost")
        self.assertEqual(len(problem.activity_ids), 1)

    def test_another_companys_rules_are_not_ours(self):
        other = self.env["res.company"].create({"name": "Another"})
        self.only("lost", "activity", company_id=other.id)
        self.assertFalse(self.whose(self.becomes("exception", "lost")))

    def test_a_person_has_a_name(self):
        with self.assertRaises(ValidationError):
            self.hears("lost", "mail", "user")

    # ---------------------------------------------------------------- when
    def test_less_than_a_day_late_nobody_hears(self):
        self.promised(-1)
        self.watch()
        problem = self.parcel.problem_ids
        if not problem:  # its day is not over yet in London
            with freeze_time(fields.Datetime.now() + timedelta(hours=13)):
                self.watch()
            problem = self.parcel.problem_ids
        self.assertEqual((problem.kind, problem.state), ("late", "open"))
        self.assertFalse(self.whose(problem))
        with freeze_time(problem.opened_at + timedelta(days=1, minutes=1)):
            self.watch()
            self.watch()
        self.assertEqual(self.whose(problem), self.sally)
        self.assertEqual(len(problem.activity_ids), 1)

    def test_what_is_over_needs_no_telling(self):
        self.only("lost", "activity", after_days=2)
        problem = self.becomes("exception", "lost")
        self.becomes("in_transit")
        with freeze_time(problem.opened_at + timedelta(days=3)):
            self.watch()
        self.assertFalse(problem.activity_ids)

    # ---------------------------------------------------------------- how
    def test_by_mail_nothing_of_it_is_markup(self):
        self.only("lost", "mail")
        self.parcel.number = "SW<i>1"
        problem = self.becomes("exception", "lost")
        self.assertFalse(problem.activity_ids)
        [mail] = self.mails(self.sally)
        self.assertIn("SW&lt;i&gt;1", mail.body_html)

    def test_texts_in_activities_are_escaped(self):
        self.parcel.carrier_id = self.parcels
        problem = self.becomes("exception", "lost")
        words = "x <script>y</script> & z"
        with patch.object(type(problem), "_why", lambda problem: words):
            problem.invalidate_recordset(["proposal_reason"])
            problem._schedule([(problem, self.wes)])
        note = problem.activity_ids.filtered(lambda one: one.user_id == self.wes).note
        self.assertNotIn("<script>", note)
        self.assertIn("&amp; z", note)

    def test_once_a_day_is_one_mail(self):
        self.only("lost", "digest")
        self.hears("damaged", "digest")
        self.company.messages_digest_hour = 17.0
        self.sally.tz = "Europe/London"
        second = self.parcel_of("SW2", self.order_1)
        third = self.parcel_of("SW3", self.order_1)
        today = fields.Datetime.now().replace(hour=9, minute=0)
        with freeze_time(today):
            self.becomes("exception", "lost")
            self.becomes("exception", "damaged", parcel=second)
            gone = self.becomes("exception", "lost", parcel=third)
            # The database's clock is not the frozen one, and nobody writes this column.
            self.env.flush_all()
            self.env.cr.execute("UPDATE order_shipment_problem_told SET create_date = %s", [today])
            self.env.invalidate_all()
            self.becomes("in_transit", parcel=third)
            self.watch()
        self.assertEqual(gone.state, "gone")
        self.assertFalse(self.mails(self.sally))
        for hour in (18, 19):
            with freeze_time(today.replace(hour=hour)):
                self.watch()
        [mail] = self.mails(self.sally)
        self.assertIn("SW1", mail.body_html)
        self.assertIn("SW2", mail.body_html)
        self.assertNotIn("SW3", mail.body_html)
        self.assertEqual(mail.subject, "2 problems with parcels")

    def test_one_that_cannot_be_told_does_not_stop_the_carriers_news(self):
        self.only("lost", "note")
        kind = type(self.env["order.shipment.problem"])
        with (
            patch.object(kind, "message_notify", side_effect=ValueError("no")),
            self.assertLogs("odoo.addons.order_processing", "WARNING"),
        ):
            problem = self.becomes("exception", "lost")
        self.assertEqual(problem.kind, "lost")
