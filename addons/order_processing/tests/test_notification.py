from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_messages import MessagesCase
from .common_promise import PromiseCase


@tagged("post_install", "-at_install")
class TestOutbox(MessagesCase):
    """What is due is sent once, in whatever way it was noticed; what fails is seen and tried again."""

    def test_noticed_twice_it_is_due_once(self):
        order = self.confirmed_order()
        order.sudo()._tell_accepted()
        order.sudo()._tell_accepted()
        self.assertEqual(self.rows(order).mapped("state"), ["due"])
        self.send()
        order.sudo()._tell_accepted()
        self.send()
        self.assertEqual(self.rows(order).mapped("state"), ["sent"])
        self.assertEqual(self.heard(order), [self.accepted(order)])

    def test_many_are_noted_by_one_statement(self):
        orders = self.env["sale.order"].union(*(self.quotation() for _i in range(12))).sudo()
        orders.write({"state": "draft"})
        self.env.flush_all()
        orders.mapped("company_id.tell_accepted"), orders.mapped("partner_id"), orders.mapped("channel_id")
        self.env["order.notification"]._due("accepted", orders[:1], lambda order: "warm")
        # One inserts, two wake the action.
        with self.assertQueryCount(3):
            self.env["order.notification"]._due("accepted", orders, lambda order: "x")
        self.assertEqual(len(self.rows(orders)), 13)

    def test_switched_off_nothing_is_noted(self):
        self.company.write({"tell_accepted": False, "tell_shipped": False})
        order = self.confirmed_order()
        self.ship(order)
        self.assertFalse(self.rows(order))

    def test_switched_off_before_it_was_sent(self):
        order = self.confirmed_order()
        self.company.tell_accepted = False
        self.send()
        self.assertEqual(self.rows(order).mapped("reason_code"), ["switched_off"])
        self.assertFalse(self.heard(order))

    def test_cancelled_before_it_was_sent(self):
        order = self.confirmed_order()
        order.sudo()._action_cancel()
        self.send()
        self.assertEqual(self.rows(order).mapped("reason"), ["The order was cancelled before it was sent"])
        self.assertFalse(self.heard(order))

    def test_a_channel_that_writes_itself_is_respected(self):
        channel = self.env["order.channel"].create(
            {"name": "Market", "code": "market", "tells_customers": False}
        )
        order = self.confirmed_order(channel_id=channel.id)
        self.ship(order)
        self.send()
        self.assertEqual(self.rows(order).mapped("reason_code"), ["channel_silent"] * 2)
        self.assertFalse(self.heard(order))
        self.assertFalse(order.sudo().activity_ids)

    def test_who_has_no_address_is_called(self):
        self.company.call_accepted = True
        self.rule("contact").active = False
        self.customer.email = False
        order = self.confirmed_order()
        self.send()
        self.assertEqual(self.rows(order).mapped("reason_code"), ["no_address"])
        [call] = order.sudo().activity_ids
        self.assertEqual(call.summary, f"Tell the customer that {order.name} is accepted")
        self.assertEqual(call.user_id, self.sally)

    def test_a_call_is_not_asked_for_where_an_sms_arrives(self):
        self.rule("contact").active = False
        self.customer.email = False
        self.company.write({"tell_accepted": False, "tell_shipped_sms": True})
        order = self.confirmed_order()
        self.ship(order)
        self.send()
        self.assertEqual(
            sorted(self.rows(order).mapped(lambda row: (row.medium, row.state))),
            [("mail", "skipped"), ("sms", "sent")],
        )
        self.assertFalse(order.sudo().activity_ids)

    # ---------------------------------------------------------------- failing
    def broken_template(self):
        """Let what the template of acceptances asks for fail: as a rule only some orders show it."""

        def nonsense(_order):
            raise ValueError("nonsense")

        return patch.object(type(self.env["sale.order"]), "_accepted_news", nonsense)

    def test_a_template_that_fails_does_not_stop_the_others(self):
        self.company.tell_accepted = False
        fine = self.confirmed_order()
        self.company.tell_accepted = True
        broken = self.confirmed_order()
        self.ship(fine)
        with self.broken_template(), self.assertLogs("odoo.addons.order_processing", "WARNING"):
            self.send()
        self.assertEqual(self.heard(broken), [])
        self.assertEqual(self.heard(fine), [self.sent(fine)])
        [row] = self.rows(broken)
        self.assertEqual((row.state, row.attempts), ("due", 1))
        self.assertGreater(row.due_at, fields.Datetime.now())
        self.assertIn("nonsense", row.reason)

    def test_it_is_tried_again_later_and_later_and_then_somebody_calls(self):
        order = self.confirmed_order()
        waits = []
        with self.broken_template(), self.assertLogs("odoo.addons.order_processing", "WARNING"):
            for _attempt in range(5):
                self.send()
                [row] = self.rows(order)
                waits.append(round((row.due_at - fields.Datetime.now()) / timedelta(minutes=1)))
                self.assertEqual(bool(order.sudo().activity_ids), row.state == "failed")
                self.later(row)
        self.assertEqual(waits[:4], [5, 30, 120, 480])
        self.assertEqual((row.state, row.attempts), ("failed", 5))
        self.send()
        self.assertEqual(self.rows(order).attempts, 5)
        self.assertIn("accepted", order.sudo().activity_ids.summary)

    def test_mended_it_is_sent_again_by_hand(self):
        order = self.confirmed_order()
        with self.broken_template(), self.assertLogs("odoo.addons.order_processing", "WARNING"):
            self.send()
        row = self.rows(order)
        row.sudo().state = "failed"
        self.rpc(self.sally, row, "action_retry")
        self.assertEqual((row.state, row.attempts, row.reason), ("due", 0, False))
        self.send()
        self.assertEqual(self.heard(order), [self.accepted(order)])
        self.rpc(self.sally, row, "action_retry")
        self.assertEqual(row.state, "sent", "what was sent is not sent again")

    def test_what_comes_back_is_a_failure_of_the_message(self):
        order = self.confirmed_order()
        self.send()
        notes = self.rows(order).sudo().message_id.notification_ids
        theirs = notes.filtered(lambda note: note.res_partner_id == self.customer)
        theirs.write({"notification_status": "bounce", "failure_type": "mail_bounce"})
        self.send()
        [row] = self.rows(order)
        self.assertEqual((row.state, row.reason_code), ("failed", "undelivered"))
        self.assertTrue(order.sudo().activity_ids)
        self.send()
        self.assertEqual(len(order.sudo().activity_ids), 1)

    def test_a_mail_server_that_is_down_is_no_reason_to_call_customers(self):
        order = self.confirmed_order()
        self.send()
        row = self.rows(order)
        mail = self.env["mail.mail"].sudo().search([("mail_message_id", "=", row.sudo().message_id.id)])
        mail.write({"state": "exception"})
        notes = row.sudo().message_id.notification_ids
        notes.write({"notification_status": "exception", "failure_type": "mail_smtp"})
        self.send()
        self.assertEqual((row.state, row.reason_code), ("failed", "undelivered"))
        self.assertFalse(order.sudo().activity_ids)
        self.rpc(self.sally, row, "action_retry")
        self.assertEqual((row.state, mail.state), ("sent", "outgoing"))
        self.send()
        self.assertEqual((row.state, self.heard(order)), ("sent", [self.accepted(order)]))

    def test_killed_before_the_commit_it_is_still_due(self):
        order = self.confirmed_order()

        def killed(*_args, **_kwargs):
            raise KeyboardInterrupt

        row = self.rows(order)
        with (
            self.assertRaises(KeyboardInterrupt),
            self.env.cr.savepoint(),
            self.without_commits(),
            patch.object(type(row), "_note_on_others", killed),
        ):
            self.env["order.notification"]._cron_send()
        self.env.invalidate_all()
        self.assertEqual((row.state, self.heard(order)), ("due", []))
        self.send()
        self.assertEqual((row.state, self.heard(order)), ("sent", [self.accepted(order)]))

    # ---------------------------------------------------------------- the number of the parcel
    def test_the_message_waits_for_the_number(self):
        self.company.write({"tell_accepted": False, "shipped_wait_minutes": 30})
        order = self.confirmed_order(carrier_id=self.parcels.id)
        picking = self.ship(order)
        self.send()
        self.assertFalse(self.heard(order))
        picking.carrier_tracking_ref = "NP-4711"
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)])
        self.assertIn("https://track.example.com/NP-4711", self.mail(order).body)

    def test_each_parcel_has_a_link_of_its_own(self):
        self.company.tell_accepted = False
        order = self.confirmed_order(carrier_id=self.parcels.id)
        picking = self.ship(order)
        picking.carrier_tracking_ref = "NP-1,NP-2"
        links = order.sudo().shipment_ids._tracking_links()
        url = "https://track.example.com/"
        self.assertEqual(links, [("NP-1", f"{url}NP-1"), ("NP-2", f"{url}NP-2")])
        with patch.object(
            type(self.parcels),
            "get_tracking_link",
            lambda *_args: '[["NP-1", "https://a"], ["NP-2", "https://b"]]',
        ):
            self.env.invalidate_all()
            links = order.sudo().shipment_ids._tracking_links()
        self.assertEqual(links, [("NP-1", "https://a"), ("NP-2", "https://b")])

    def test_it_does_not_wait_for_ever_and_is_not_sent_twice(self):
        self.company.write({"tell_accepted": False, "shipped_wait_minutes": 30})
        order = self.confirmed_order(carrier_id=self.parcels.id)
        picking = self.ship(order)
        self.later(self.rows(order))
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)])
        self.assertNotIn("Tracking number", self.mail(order).body)
        picking.carrier_tracking_ref = "NP-4711"
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)])

    def test_without_a_carrier_there_is_nothing_to_wait_for(self):
        self.company.tell_accepted = False
        order = self.confirmed_order()
        self.ship(order)
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)])

    def test_the_action_is_woken_when_it_is_due(self):
        cron = self.env.ref("order_processing.ir_cron_send_notifications")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.company.shipped_wait_minutes = 30
        order = self.confirmed_order(carrier_id=self.parcels.id)
        self.ship(order)
        new = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers
        [waiting] = self.rows(order, kind="shipped")
        self.assertEqual(max(new.mapped("call_at")), waiting.due_at)
        self.assertLessEqual(min(new.mapped("call_at")), fields.Datetime.now())

    # ---------------------------------------------------------------- joined shipments
    def joined_shipment(self, *orders):
        pickings = self.env["stock.picking"].union(*(order.sudo().picking_ids for order in orders))
        shipment = self.env["order.shipment"].create(
            {
                "name": "Parcel 1",
                "company_id": self.company.id,
                "order_ids": [Command.set([order.id for order in orders])],
                "picking_ids": [Command.set(pickings.ids)],
                "partner_id": self.customer.id,
            }
        )
        shipment._log_shipped(self.wes)
        return shipment

    def test_several_orders_of_a_customer_in_one_shipment_are_one_message(self):
        self.company.tell_accepted = False
        first, second = self.confirmed_order(), self.confirmed_order(lines=[(self.mug, 4)])
        self.joined_shipment(first, second)
        self.send()
        self.assertEqual(self.heard(first + second), [self.sent(first, second)])
        self.assertEqual(self.rows(first), self.rows(second))
        note = second.sudo().message_ids.filtered(lambda m: m.subject == self.sent(first, second))
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))

    def test_another_customer_hears_of_his_own_order_only(self):
        self.company.tell_accepted = False
        other = self.env["res.partner"].create({"name": "Otto", "email": "otto@example.com"})
        mine, his = self.confirmed_order(), self.confirmed_order()
        his.sudo().partner_id = other
        self.joined_shipment(mine, his)
        self.send()
        self.assertEqual(self.heard(mine), [self.sent(mine)])
        self.assertEqual(self.heard(his), [self.sent(his)])
        bodies = {row.partner_id: row.sudo().message_id.body for row in self.rows(mine + his)}
        self.assertNotIn(his.name, bodies[self.customer])
        self.assertNotIn(mine.name, bodies[other])

    # ---------------------------------------------------------------- words
    def test_the_customer_reads_his_own_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("order_processing.mail_template_order_accepted")
        template.with_context(lang="fr_FR").subject = "Votre commande {{ object.name }}"
        self.customer.lang = "fr_FR"
        order = self.confirmed_order()
        self.send()
        self.assertEqual(self.heard(order), [f"Votre commande {order.name}"])

    def test_a_company_has_its_own_template(self):
        own = self.env.ref("order_processing.mail_template_order_accepted").copy(
            {"subject": "Yes: {{ object.name }}"}
        )
        self.company.accepted_mail_template_id = own
        order = self.confirmed_order()
        self.send()
        self.assertEqual(self.heard(order), [f"Yes: {order.name}"])

    def test_the_link_is_signed_and_nothing_internal_is_written(self):
        self.company.shipped_wait_minutes = 0
        order = self.confirmed_order(lines=[(self.lantern, 2)], packing_instruction="Secret door code 4711")
        self.send()
        accepted = self.mail(order).body
        self.ship(order)
        self.send()
        for body in (accepted, self.mail(order).body):
            self.assertIn(order.sudo().access_token, body)
            for internal in ("WH/", "4711", "Sally", "Wes", "stock"):
                self.assertNotIn(internal, body)

    def test_the_confirmation_goes_with_it(self):
        order = self.confirmed_order()
        self.send()
        [paper] = self.mail(order).attachment_ids
        self.assertIn(order.name, paper.name)


@tagged("post_install", "-at_install")
class TestAcceptedWithDates(PromiseCase, MessagesCase):
    """Where dates are promised, the customer reads them with the acceptance, and on the confirmation."""

    def paper(self, order):
        report = self.env["ir.actions.report"]
        return report._render_qweb_html("sale.action_report_saleorder", order.ids)[0].decode()

    def test_with_one_date_for_all(self):
        order = self.confirmed_order(lines=[(self.lantern, 2), (self.mug, 1)]).sudo()
        self.send()
        day = order._day_words(order.promise_date)
        self.assertTrue(day)
        self.assertIn(day, self.mail(order).body)
        self.assertNotIn("date follows", self.mail(order).body)
        self.assertEqual(self.paper(order).count("Expected delivery"), 2)
        self.assertIn(day, self.paper(order))

    def test_with_a_date_for_each_line(self):
        self.receipt(self.blanket, 10, days=10)
        order = self.confirmed_order(lines=[(self.lantern, 2), (self.blanket, 1)]).sudo()
        self.send()
        days = {order._day_words(line.promise_date) for line in order.order_line}
        self.assertEqual(len(days), 2)
        for day in days:
            self.assertIn(day, self.mail(order).body)
            self.assertIn(day, self.paper(order))

    def test_what_follows_is_told_with_its_day(self):
        self.receipt(self.blanket, 10, days=10)
        order = self.confirmed_order(lines=[(self.lantern, 2), (self.blanket, 1)]).sudo()
        picking = order.picking_ids
        picking.move_ids.filtered(lambda move: move.product_id == self.lantern).picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self.send()
        body = self.mail(order).body
        later = order.order_line.filtered(lambda line: line.product_id == self.blanket)
        self.assertIn("Still to come", body)
        self.assertIn(order._day_words(later.promise_date), body)

    def test_without_promises_no_dates(self):
        self.company.promise_mode = "off"
        order = self.confirmed_order().sudo()
        self.send()
        self.assertNotIn("You can expect", self.mail(order).body)
        self.assertNotIn("Expected delivery", self.paper(order))


@tagged("post_install", "-at_install")
class TestWhoSeesMessages(MessagesCase):
    """Salespeople see those of their own orders, the warehouse and managers all, customers none."""

    def test_who_reads_what(self):
        self.customer.user_id = False
        hers, his = self.confirmed_order(), self.quotation(by=self.paul)
        his.sudo().user_id = self.paul
        his.sudo().action_submit()
        seen = {}
        for user in (self.sally, self.paul, self.mona, self.wes):
            rows = self.env["order.notification"].with_user(user).search([])
            seen[user.login] = {row.sudo().order_id for row in rows} & {hers.sudo(), his.sudo()}
        self.assertEqual(seen["paul"], {his.sudo()})
        self.assertEqual(seen["mona"], {hers.sudo(), his.sudo()})
        self.assertEqual(seen["wes"], {hers.sudo(), his.sudo()})
        self.assertIn(hers.sudo(), seen["sally"])

    def test_customers_read_nothing_and_send_nothing(self):
        row = self.rows(self.confirmed_order())
        for method, *args in (
            ("read", ["state"]),
            ("action_retry",),
            ("write", {"state": "due"}),
            ("unlink",),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(self.carla, row, method, *args)

    def test_staff_write_none_by_hand(self):
        row = self.rows(self.confirmed_order())
        for user in (self.sally, self.mona, self.wes):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, row, "write", {"state": "sent"})
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, self.env["order.notification"], "create", {"kind": "accepted"})

    def test_other_companies_see_none(self):
        row = self.rows(self.confirmed_order())
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "sales_team.group_sale_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.env["order.notification"].with_user(stranger).search([("id", "=", row.id)]))

    def test_the_order_says_how_many(self):
        order = self.confirmed_order()
        self.assertEqual(order.notification_count, 1)
        action = self.rpc(self.sally, order, "action_view_notifications")
        self.assertEqual(self.env["order.notification"].search(action["domain"]), self.rows(order))
