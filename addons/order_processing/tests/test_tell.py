from types import SimpleNamespace

from odoo import fields
from odoo.tests import tagged

from odoo.addons.order_processing.cli.process_orders import ProcessOrders
from odoo.addons.order_processing.tools.order_file_run import OrderFileRun
from odoo.addons.order_processing.tools.order_file_setup import customer_ref

from .common import OrderProcessingCase, OrderProcessingHttpCase
from .test_order_file import read

RECEIVED, ASKED, REFUSED = "We have received your order", "A question about your order", "We cannot accept"


class TellingCase(OrderProcessingCase):
    """Carla's order has too low a price: it is held, and Rita decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.sally.partner_id.email = "sally@lamps.example.com"

    def held(self, partner=None, **vals):
        return self.held_quotation(partner or self.customer, [(self.lantern, 2, 17.0)], **vals)

    def ask(self, order, question="Is that price right?"):
        order.with_user(self.rita).action_review_request_change(question)

    def refuse(self, order, reason="We do not sell at that price."):
        order.with_user(self.rita).action_review_refuse(reason)

    def mails(self, orders):
        """Return the mails in the queue to customers about the orders, oldest first."""
        domain = [("model", "=", "sale.order"), ("res_id", "in", orders.ids)]
        mails = self.env["mail.mail"].sudo().search(domain, order="id")
        return mails.filtered(lambda mail: mail.recipient_ids & orders.sudo().partner_id)

    def subjects(self, orders):
        return self.mails(orders).mapped("subject")

    def calls(self, order):
        return order.sudo().activity_ids


@tagged("post_install", "-at_install")
class TestTelling(TellingCase):
    """What the customer gets by e-mail, and what not."""

    # ---------------------------------------------------------------- what is written, and to whom
    def test_received(self):
        order = self.held()
        mail = self.mails(order)
        self.assertEqual(mail.subject, f"{RECEIVED} {order.name}")
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("sally@lamps.example.com", mail.email_from)
        self.assertEqual(mail.mail_message_id.author_id, self.sally.partner_id)
        self.assertIn("34.00", mail.body_html)

    def test_asked(self):
        order = self.held()
        self.ask(order, "Is 17.00 right?\n<b>We</b> sell at 18.50.")
        mail = self.mails(order)[-1]
        self.assertEqual(mail.subject, f"{ASKED} {order.name}")
        self.assertIn("Is 17.00 right?", mail.body_html)
        self.assertIn("&lt;b&gt;We&lt;/b&gt; sell at 18.50.", mail.body_html)
        self.assertIn("#order_progress", mail.body_html)

    def test_refused(self):
        order = self.held()
        self.refuse(order)
        mail = self.mails(order)[-1]
        self.assertEqual(mail.subject, f"{REFUSED} your order {order.name}")
        self.assertIn("We do not sell at that price.", mail.body_html)

    def test_nothing_internal_is_written(self):
        order = self.held()
        self.ask(order, "Please call us.")
        self.refuse(order, "Nobody answered.")
        for mail in self.mails(order):
            for internal in ("price list", "17.00", "18.50", "review", "Rita", "off_list"):
                self.assertNotIn(internal, mail.body_html, mail.subject)

    def test_in_the_language_of_the_customer(self):
        template = self.env.ref("order_processing.mail_template_order_changes_requested")
        template.with_context(lang="fr_FR").subject = "Une question sur {{ object.name }}"
        french, english = self.held(), self.held(self.customer.copy({"email": "bob@example.com"}))
        self.customer.lang = "fr_FR"
        self.ask(french + english)
        self.assertEqual(self.subjects(french)[-1], f"Une question sur {french.name}")
        self.assertEqual(self.subjects(english)[-1], f"{ASKED} {english.name}")

    def test_an_answer_to_the_mail_comes_back_to_the_order(self):
        order = self.held()
        message = self.mails(order).mail_message_id
        self.assertEqual((message.model, message.res_id), ("sale.order", order.id))
        self.assertIn(message, order.sudo().message_ids)

    def test_the_queue_is_worked_off_at_once_and_not_in_the_transaction(self):
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        order = self.held()
        self.assertEqual(self.mails(order).state, "outgoing")
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), before)

    # ---------------------------------------------------------------- one event, one message
    def test_confirmed_at_once_only_odoo_writes(self):
        order = self.confirmed_order()
        self.assertFalse(self.mails(order))
        signed = self.quotation()
        signed.sudo()._validate_order()
        self.assertEqual(len(self.mails(signed)), len(self.confirmation_mails(signed)))

    def test_checked_again_nothing_is_said_twice(self):
        order = self.held()
        self.submit(order)
        order.sudo()._validate_order()
        order.order_line.price_unit = 16.0
        self.submit(order)
        self.approve(order)
        self.assertEqual(self.subjects(order), [f"{RECEIVED} {order.name}", f"Confirmed: {order.name}"])

    def test_asked_twice_is_two_questions(self):
        order = self.held()
        self.ask(order, "First?")
        self.ask(order, "Second?")
        first, second = self.mails(order)[1:]
        self.assertIn("First?", first.body_html)
        self.assertIn("Second?", second.body_html)
        self.assertNotIn("First?", second.body_html)

    def test_handed_in_anew_it_is_received_anew(self):
        order = self.held()
        self.refuse(order)
        order.action_cancel()
        order.action_draft()
        self.submit(order)
        self.assertEqual(
            [subject.startswith(RECEIVED) for subject in self.subjects(order)], [True, False, True]
        )

    def test_followers_and_tracking_say_nothing_more(self):
        order = self.held()
        order.sudo().message_subscribe(self.customer.ids)
        self.env.cr.flush()
        self.ask(order)
        self.env.cr.flush()
        self.refuse(order)
        self.env.cr.flush()
        starts = (RECEIVED, ASKED, REFUSED)
        for subject, start in zip(self.subjects(order), starts, strict=True):
            self.assertTrue(subject.startswith(start), subject)

    # ---------------------------------------------------------------- nothing is written
    def test_each_message_can_be_switched_off(self):
        for what in ("received", "changes_requested", "refused"):
            with self.subTest(what):
                self.company.write(
                    {f"tell_{one}": one != what for one in ("received", "changes_requested", "refused")}
                )
                order = self.held()
                self.ask(order)
                self.refuse(order)
                told = {"received": RECEIVED, "changes_requested": ASKED, "refused": REFUSED}
                told.pop(what)
                for subject, words in zip(self.subjects(order), told.values(), strict=True):
                    self.assertTrue(subject.startswith(words))

    def test_a_channel_that_writes_itself_is_left_to_it(self):
        channel = self.env["order.channel"].create({"name": "Shop", "code": "s", "tells_customers": False})
        order = self.held(channel_id=channel.id)
        self.ask(order)
        self.refuse(order)
        self.assertFalse(self.mails(order) or self.calls(order))

    def test_orders_of_a_file_are_of_the_past(self):
        orders = read("T1,SKU1,1,2,17").orders
        self.env["product.product"].create({"name": "Cup", "default_code": "SKU1", "list_price": 5})
        self.customer.ref = customer_ref(orders[0])
        OrderFileRun(lambda function: function(self.env), orders, "file", 50, lambda *a: None).run()
        order = self.env["sale.order"].search([("channel_ref", "=", "T1")])
        self.assertEqual((order.partner_id, order.review_state), (self.customer, "pending"))
        self.refuse(order)
        self.assertFalse(self.mails(order) or self.calls(order))

    def test_a_file_is_not_entered_by_a_channel_that_writes_to_customers(self):
        channel = self.env["order.channel"].create({"name": "Shop", "code": "shop"})
        options = SimpleNamespace(channel="shop")
        self.assertIn("writes to its customers", ProcessOrders._obstacle(self.env, options))
        channel.tells_customers = False
        self.assertIsNone(ProcessOrders._obstacle(self.env, options))

    def test_what_a_rule_refuses_is_not_written_about(self):
        self.rule("price").severity = "refuse"
        order = self.held()
        self.assertEqual(order.review_state, "refused")
        self.assertFalse(self.mails(order))

    def test_a_template_that_fails_stops_nobody(self):
        template = self.env.ref("order_processing.mail_template_order_changes_requested")
        template.body_html = "<p t-out=\"1 // (object.partner_id.name != 'Carla')\"/>"
        order, other = self.held(), self.held(self.customer.copy({"name": "Bob", "email": "b@example.com"}))
        with self.assertLogs("odoo.addons.order_processing.models.sale_order_tell", "WARNING"):
            self.ask(order + other)
        self.assertEqual((order + other).mapped("review_state"), ["changes_requested"] * 2)
        self.assertEqual((len(self.mails(order)), len(self.mails(other))), (1, 2))
        self.assertEqual(self.calls(order).user_id, self.sally)

    # ---------------------------------------------------------------- no e-mail address
    def test_without_an_address_the_salesperson_calls(self):
        order = self.held_quotation()
        self.assertFalse(self.mails(order) or self.calls(order))
        self.ask(order, "Which <post> code?")
        call = self.calls(order)
        self.assertEqual(call.activity_type_id, self.env.ref("mail.mail_activity_data_call"))
        self.assertEqual((call.user_id, call.date_deadline), (self.sally, fields.Date.context_today(call)))
        self.assertIn(order.name, call.summary)
        self.assertIn("Which &lt;post&gt; code?", call.note)
        self.refuse(order)
        self.assertEqual(len(self.calls(order)), 2)
        self.assertFalse(self.mails(order))

    def test_an_address_that_is_none_counts_as_none(self):
        self.corner_shop.write({"email": "not an address", "phone": "+44 117 496 0018"})
        order = self.held_quotation()
        self.ask(order)
        self.assertEqual(len(self.calls(order)), 1)

    def test_else_the_head_of_the_team_calls_or_nobody(self):
        team = self.env["crm.team"].create({"name": "Shops", "user_id": self.mona.id})
        order = self.held_quotation(by=self.mona, user_id=False, team_id=team.id)
        self.ask(order)
        self.assertEqual(self.calls(order).user_id, self.mona)
        team.user_id = False
        nobody = self.held_quotation(by=self.mona, user_id=False, team_id=team.id)
        self.ask(nobody)
        self.assertFalse(self.calls(nobody))
        self.assertEqual(nobody.review_state, "changes_requested")

    # ---------------------------------------------------------------- many at once
    def test_many_are_told_together(self):
        def cost(count):
            orders = self.env["sale.order"].union(*(self.held() for _ in range(count)))
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            orders.with_user(self.rita).action_review_refuse("No.")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(1)
        one, five = cost(1), cost(5)
        self.assertLess((five - one) / 4, one / 2)


@tagged("post_install", "-at_install")
class TestTheLinkInTheMail(TellingCase, OrderProcessingHttpCase):
    def test_it_opens_the_page_without_log_in(self):
        order = self.held()
        self.ask(order, "Is that price right?")
        for mail in self.mails(order):
            links = [link for link in mail.body_html.split('href="')[1:] if "/my/orders/" in link]
            url = links[0].split('"')[0].replace("&amp;", "&")
            self.assertTrue(url.startswith("http"), url)
            page = self.url_open(url[url.index("/my/orders/") :].split("#")[0], timeout=60)
            self.assertEqual(page.status_code, 200)
            self.assertIn("Is that price right?", page.text)
