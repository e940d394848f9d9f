from odoo.tests import HttpCase, tagged

from .common_messages import MessagesCase


@tagged("post_install", "-at_install")
class TestMessagesInTheBrowser(MessagesCase, HttpCase):
    """Sally looks at what became of messages to customers."""

    def test_a_message_that_failed_is_sent_again(self):
        sent, failed = self.confirmed_order(), self.quotation()
        self.send()
        failed.action_submit()
        row = self.rows(failed).sudo()
        row.write(
            {
                "state": "failed",
                "attempts": 5,
                "reason_code": "error",
                "reason_figures": {"error": "mailbox full"},
            }
        )
        self.start_tour("/odoo/order-messages", "message_sally_sends_again", login="sally")
        self.assertEqual((row.state, row.attempts), ("due", 0))
        order_page = f"/odoo/order-processing/{failed.id}"
        self.start_tour(order_page, "message_sally_finds_it_on_the_order", login="sally")
        self.send()
        self.assertEqual(row.state, "sent")
        self.assertEqual(self.heard(failed), [self.accepted(failed)])
        self.assertEqual(self.heard(sent), [self.accepted(sent)])
