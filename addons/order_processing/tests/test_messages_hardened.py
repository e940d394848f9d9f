import warnings
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common_messages import MessagesCase


@tagged("post_install", "-at_install")
class TestAcceptedOnceMore(MessagesCase):
    """Accepted is told once for each confirmation, whatever is edited in between."""

    def test_the_order_date_is_no_event(self):
        order = self.confirmed_order().sudo()
        order.date_order -= timedelta(days=1)
        order._send_order_confirmation_mail()
        order._tell_accepted()
        self.send()
        self.assertEqual(self.heard(order), [self.accepted(order)])
        self.assertEqual(len(self.rows(order)), 1)

    def test_taken_back_and_confirmed_at_the_same_moment_it_is_told_again(self):
        with freeze_time(fields.Datetime.now()):
            order = self.confirmed_order().sudo()
            order._action_cancel()
            order.action_draft()
            order.action_submit()
            order._tell_accepted()
            self.assertEqual(len(self.rows(order)), 2)
        self.env.flush_all()
        self.env.cr.precommit.run()
        order._tell_accepted()
        self.assertEqual(len(self.rows(order)), 2)

    def test_confirmed_with_a_mail_it_is_told_once(self):
        order = self.quotation().sudo()
        order.action_submit()
        order._action_cancel()
        order.action_draft()
        before = len(self.rows(order))
        order.with_context(send_email=True).action_submit()
        self.assertEqual(len(self.rows(order)), before + 1)


@tagged("post_install", "-at_install")
class TestUndelivered(MessagesCase):
    """What did not arrive is found, however much else did not, and is in nobody's way."""

    def lose(self, row, partner):
        notes = row.sudo().message_id.notification_ids
        note = notes.filtered(lambda one: one.res_partner_id == partner)
        if not note:
            note = notes.create(
                {
                    "mail_message_id": row.sudo().message_id.id,
                    "res_partner_id": partner.id,
                    "notification_type": "email",
                }
            )
        note.write({"notification_status": "bounce", "failure_type": "mail_bounce"})

    def test_lost_followers_do_not_fill_the_run(self):
        older, newer = self.confirmed_order(), self.confirmed_order()
        self.send()
        self.lose(self.rows(older), self.customer)
        self.lose(self.rows(newer), self.mona.partner_id)
        with patch("odoo.addons.order_processing.models.order_notification_after.AT_ONCE", 1):
            self.send()
        self.assertEqual((self.rows(older).state, self.rows(newer).state), ("failed", "sent"))
        self.assertTrue(older.sudo().activity_ids)

    def test_a_row_without_a_customer_is_left(self):
        order = self.confirmed_order()
        self.send()
        self.lose(self.rows(order), self.customer)
        self.rows(order).sudo().partner_id = False
        self.send()
        self.assertEqual(self.rows(order).state, "sent")

    def test_what_fails_in_looking_after_them_stops_nothing(self):
        order = self.confirmed_order()

        def broken(_rows):
            raise ValueError("broken")

        Notification = type(self.env["order.notification"])
        with (
            patch.object(Notification, "_undelivered", broken),
            patch.object(self.env.cr, "rollback", lambda: None),
            self.assertLogs("odoo.addons.order_processing", "ERROR"),
        ):
            self.send()
        self.assertEqual(self.heard(order), [self.accepted(order)])

    def test_one_that_cannot_be_noted_does_not_stop_the_others(self):
        first, second = self.confirmed_order(), self.confirmed_order()
        self.send()
        for order in (first, second):
            self.lose(self.rows(order), self.customer)
        Notification = type(self.env["order.notification"])
        whole = Notification._note_lost
        bad = self.rows(first)

        def note_lost(row, lost):
            if row == bad:
                raise ValueError("broken")
            return whole(row, lost)

        with (
            patch.object(Notification, "_note_lost", note_lost),
            self.assertLogs("odoo.addons.order_processing", "ERROR"),
        ):
            self.send()
        self.assertEqual((bad.state, self.rows(second).state), ("sent", "failed"))


@tagged("post_install", "-at_install")
class TestKeptMessages(MessagesCase):
    """What is done goes after 400 days; what is due or has failed stays."""

    def test_only_what_is_done_and_old_goes(self):
        orders = {state: self.confirmed_order() for state in ("sent", "skipped", "failed", "due", "new")}
        old = fields.Datetime.now() - timedelta(days=401)
        for state, order in orders.items():
            row = self.rows(order).sudo()
            row.write({"state": "sent" if state == "new" else state, "sent_at": fields.Datetime.now()})
            if state != "new":
                row.sent_at = state == "sent" and old
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE order_notification SET create_date = %s, write_date = %s WHERE state != 'sent'",
            (old, old),
        )
        self.env.invalidate_all()
        self.env["order.notification"]._gc_done()
        left = {state for state, order in orders.items() if self.rows(order)}
        self.assertEqual(left, {"failed", "due", "new"})

    def test_lots_of_them_go_in_several_runs(self):
        rows = self.rows(self.confirmed_order() + self.confirmed_order()).sudo()
        rows.write({"state": "sent", "sent_at": fields.Datetime.now() - timedelta(days=500)})
        Notification = self.env["order.notification"]
        with patch("odoo.addons.order_processing.models.order_notification_after.DELETED_AT_ONCE", 1):
            self.assertEqual(Notification._gc_done(), (1, True))
        self.assertEqual(Notification._gc_done()[1], False)
        self.assertFalse(rows.exists())


@tagged("post_install", "-at_install")
class TestCalls(MessagesCase):
    """Who has no e-mail address is called about what he must know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule("contact").active = False
        cls.customer.email = False

    def test_nobody_is_called_only_because_his_order_is_accepted(self):
        order = self.confirmed_order()
        self.send()
        self.assertEqual(self.rows(order).mapped("reason_code"), ["no_address"])
        self.assertFalse(order.sudo().activity_ids)

    def test_unless_the_company_wants_it(self):
        self.company.call_accepted = True
        order = self.confirmed_order()
        self.send()
        self.assertEqual(len(order.sudo().activity_ids), 1)

    def test_of_what_has_left_he_is_told(self):
        self.company.tell_accepted = False
        order = self.confirmed_order()
        self.ship(order)
        self.send()
        self.assertIn("has been sent", order.sudo().activity_ids.summary)


@tagged("post_install", "-at_install")
class TestOdoosNames(MessagesCase):
    """Odoo gives a template or a view as a record or by its name."""

    def test_by_name(self):
        picking = self.ship(self.confirmed_order()).sudo()
        usual = self.env.ref("stock.mail_template_data_delivery_confirmation")
        self.company.stock_mail_confirmation_template_id = usual
        self.company.stock_move_email_validation = True
        told = type(picking)
        with patch.object(told, "_is_told", lambda *_args: True), warnings.catch_warnings():
            warnings.simplefilter("error")
            for source in (usual, "stock.mail_template_data_delivery_confirmation"):
                self.assertFalse(picking.message_post_with_source(source))
            view = "mail.message_origin_link"
            values = {"self": picking, "origin": picking.sale_id}
            self.assertTrue(picking.message_post_with_source(view, render_values=values))


@tagged("post_install", "-at_install")
class TestListsInTheTimeline(MessagesCase):
    def test_orders_of_one_parcel_are_named_as_people_name_them(self):
        first, second, third = (self.confirmed_order() for _i in range(3))
        self.env["order.event"]._log(
            first, "shipped_together", {"orders": [second.name, third.name]}, document=first.sudo()
        )
        event = first.sudo()._events().filtered(lambda one: one.kind == "shipped_together")
        self.assertEqual(event.text, f"Sent in one parcel with {second.name}, {third.name}")
