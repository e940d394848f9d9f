from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common_messages import MessagesCase


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
