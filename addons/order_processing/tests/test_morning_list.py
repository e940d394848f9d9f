from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common_reservation import ReservationCase

# Half past six in the morning in New York.
MORNING = datetime(2027, 1, 11, 11, 30)


@tagged("post_install", "-at_install")
class TestMorningList(ReservationCase):
    """The warehouse in New York gets its list at half past six, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "America/New_York"
        cls.warehouse.write({"morning_list_user_ids": [Command.set(cls.wes.ids)], "morning_list_hour": 6.5})
        cls.clock = freeze_time(MORNING)
        cls.clock.start()
        cls.addClassCleanup(cls.clock.stop)
        cls.fine = cls.confirmed_order(lines=[(cls.mug, 1)]).sudo()
        cls.short = cls.confirmed_order(lines=[(cls.blanket, 1)]).sudo()
        route = cls.env["order.dispatch.route"].create({"name": "Downtown", "warehouse_id": cls.warehouse.id})
        at = MORNING + timedelta(hours=9)
        cls.departure = cls.env["order.dispatch.departure"].create(
            {"route_id": route.id, "departs_at": at, "cut_off_at": at - timedelta(hours=1)}
        )
        (cls.fine + cls.short).picking_ids.write({"departure_id": cls.departure.id})

    def run_at(self, moment):
        """Let the scheduled action run at that moment; return the mails it has made."""
        before = self.env["mail.mail"].search([])
        with freeze_time(moment), self.without_commits():
            self.env["stock.warehouse"]._cron_morning_lists()
        self.env.invalidate_all()
        return self.env["mail.mail"].search([]) - before

    def test_once_a_day_whatever_restarts(self):
        self.assertFalse(self.run_at(MORNING - timedelta(minutes=20)))
        self.assertEqual(self.run_at(MORNING).recipient_ids, self.wes.partner_id)
        self.assertFalse(self.run_at(MORNING + timedelta(minutes=15)))
        self.assertFalse(self.run_at(MORNING + timedelta(hours=2)))
        self.assertEqual(len(self.run_at(MORNING + timedelta(days=1))), 1)

    def test_switched_on_in_the_evening_it_waits_for_the_morning(self):
        self.assertFalse(self.run_at(MORNING + timedelta(hours=8)))
        self.assertEqual(len(self.run_at(MORNING + timedelta(days=1, minutes=5))), 1)

    def test_off_by_default(self):
        self.warehouse.morning_list_user_ids = False
        self.assertFalse(self.run_at(MORNING))
        fresh = self.env["stock.warehouse"].create({"name": "Second", "code": "W2"})
        self.assertFalse(fresh.morning_list_user_ids)

    def test_what_it_says(self):
        late = self.confirmed_order(lines=[(self.mug, 2)]).sudo().picking_ids
        late.write({"dispatch_due": MORNING - timedelta(hours=1), "scheduled_date": MORNING})
        news = self.warehouse._morning_news()
        [leaving, without] = news["departures"]
        self.assertEqual(
            leaving,
            {
                "time": "15:30",
                "name": "Downtown",
                "transfers": 2,
                "ready": 1,
                "to_pick": 0,
                "short": 1,
                "late": 0,
                "held": 0,
            },
        )
        self.assertEqual((without["name"], without["late"]), ("No departure", 1))
        self.assertEqual({row["name"] for row in news["problems"]}, {late.name, self.short.picking_ids.name})
        body = self.run_at(MORNING).body_html
        for part in ("Downtown", "15:30", late.name, self.short.name, "Goods missing", "Late"):
            self.assertIn(part, body)

    def test_tomorrows_departure_is_not_todays(self):
        self.departure.departs_at = MORNING + timedelta(days=1)
        self.assertFalse(self.warehouse._morning_news()["departures"])
        self.assertFalse(self.run_at(MORNING), "nothing to say")

    def test_each_reads_his_own_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("order_processing.mail_template_morning_list")
        template.with_context(lang="fr_FR").subject = "Ce qui part"
        self.mona.write(
            {"lang": "fr_FR", "group_ids": [Command.link(self.env.ref("stock.group_stock_user").id)]}
        )
        self.warehouse.morning_list_user_ids = self.wes + self.mona
        mails = self.run_at(MORNING)
        subjects = {mail.recipient_ids: mail.subject for mail in mails}
        self.assertEqual(subjects[self.mona.partner_id], "Ce qui part")
        self.assertIn("what leaves today", subjects[self.wes.partner_id])

    def test_who_has_no_role_in_the_warehouse_gets_none(self):
        self.warehouse.morning_list_user_ids = self.paul
        self.assertFalse(self.run_at(MORNING))

    def test_one_warehouse_that_fails_does_not_stop_the_others(self):
        other = self.env["stock.warehouse"].create(
            {"name": "Second", "code": "W2", "morning_list_user_ids": [Command.set(self.wes.ids)]}
        )
        Warehouse = type(self.warehouse)
        sent = []

        def send(warehouse):
            if warehouse == self.warehouse:
                raise ValueError("no template")
            sent.append(warehouse)

        with (
            patch.object(Warehouse, "_send_morning_list", send),
            patch.object(self.env.cr, "rollback", lambda: None),
            self.assertLogs("odoo.addons.order_processing", "ERROR"),
        ):
            self.run_at(MORNING)
        self.assertEqual(sent, [other])
        self.assertEqual(other.morning_list_sent_on, fields.Date.to_date("2027-01-11"))
        self.assertFalse(self.warehouse.morning_list_sent_on)
