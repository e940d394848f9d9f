from odoo import fields
from odoo.tests import tagged

from .test_choice import ChoiceCase


@tagged("post_install", "-at_install")
class TestSlipsAreTold(ChoiceCase):
    """Carla's order was promised in three days, and the ledger says that it comes later."""

    def tell(self, *rows):
        rows = self.env["order.promise"].union(*rows)
        told = self.env["sale.order"]._tell_slip(rows)
        for row in rows:
            row.write({"told_at": fields.Datetime.now(), "told_to": told.get(row.id)})
        return told

    def test_customer_and_salesperson_once(self):
        row = self.slip(self.sale, 40)
        told = self.tell(row)
        self.assertEqual(told, {row.id: "carla@example.com, Sally"})
        [mail] = self.mails(self.sale)
        self.assertIn("comes later than we promised", mail.body_html)
        self.assertIn("Our supplier delivers on another day", mail.body_html)
        for day in (row.previous_date, row.date):
            self.assertIn(self.sale._day_words(day), mail.body_html)
        self.assertEqual(mail.body_html.count("/order/choice/"), 5)
        [activity] = self.activities(self.sally, "sale.order")
        self.assertIn("Delivery moved", activity.summary)
        self.assertIn("P00042", activity.note)
        self.assertEqual(self.tell(row), {})
        self.assertEqual((len(self.mails(self.sale)), len(self.activities(self.sally, "sale.order"))), (1, 1))

    def test_who_follows_the_order_does_not_get_the_links(self):
        self.sale.message_subscribe(self.paul.partner_id.ids)
        self.tell(self.slip(self.sale, 40))
        domain = [("model", "=", "sale.order"), ("res_id", "=", self.sale.id)]
        mails = self.env["mail.mail"].sudo().search(domain)
        with_links = mails.filtered(lambda mail: "/order/choice/" in (mail.body_html or ""))
        self.assertEqual(with_links.recipient_ids, self.customer)
        self.env.flush_all()
        [kept] = self.sale.message_ids.filtered(lambda one: "About the delivery" in (one.subject or ""))
        self.assertIn("comes later than we promised", kept.body)
        self.assertNotIn("/order/choice/", kept.body)

    def test_nothing_internal_is_written(self):
        self.tell(self.slip(self.sale, 40))
        for internal in ("P00042", "Sally", "shortage", "WH/"):
            self.assertNotIn(internal, self.mails(self.sale).body_html)

    def test_several_rows_are_one_message(self):
        before = self.sale.promise_date
        rows = [self.slip(self.sale, 20), self.slip(self.sale, 40)]
        told = self.tell(*rows)
        self.assertEqual(set(told.values()), {"carla@example.com, Sally"})
        [mail] = self.mails(self.sale)
        self.assertIn(self.sale._day_words(before), mail.body_html)
        self.assertIn(self.sale._day_words(rows[1].date), mail.body_html)
        self.assertNotIn(self.sale._day_words(rows[0].date), mail.body_html)

    def test_there_and_back_is_no_news(self):
        rows = [self.slip(self.sale, 40), self.slip(self.sale, 3)]
        self.assertEqual(self.tell(*rows), dict.fromkeys([row.id for row in rows], ""))
        self.assertFalse(self.mails(self.sale))

    def test_earlier_is_good_news_without_choices(self):
        self.tell(self.slip(self.sale, 40))
        told = self.tell(earlier := self.slip(self.sale, 9))
        self.assertEqual(told, {earlier.id: "carla@example.com"})
        mail = self.mails(self.sale)[-1]
        self.assertIn("comes earlier than we promised", mail.body_html)
        self.assertFalse(self.activities(self.sally, "sale.order"))

    def test_a_second_slip_changes_the_activity(self):
        self.tell(self.slip(self.sale, 20))
        activity = self.activities(self.sally, "sale.order")
        self.tell(self.slip(self.sale, 40))
        self.assertEqual(self.activities(self.sally, "sale.order"), activity)
        self.assertIn(self.sale._day_words(self.sale.promise_date), activity.summary)
        self.assertEqual(len(self.mails(self.sale)), 2)

    def test_nobody_can_say_when(self):
        row = self.slip(self.sale, 40)
        row.date = False
        self.tell(row)
        self.assertIn("We cannot say yet", self.mails(self.sale).body_html)

    def test_without_an_address_somebody_calls(self):
        self.customer.email = False
        told = self.tell(row := self.slip(self.sale, 40))
        self.assertEqual(told, {row.id: "Sally"})
        [activity] = self.activities(self.sally, "sale.order")
        self.assertIn("Tell the customer", activity.summary)
        self.assertIn(self.sale._day_words(row.date), activity.note)

    def test_where_customers_are_not_written_to_colleagues_are(self):
        self.company.tell_promise = False
        self.assertEqual(list(self.tell(self.slip(self.sale, 40)).values()), ["Sally"])
        self.company.tell_promise = True
        self.sale.channel_id = self.env["order.channel"].create(
            {"name": "Market", "code": "market", "tells_customers": False}
        )
        self.assertEqual(list(self.tell(self.slip(self.sale, 60)).values()), ["Sally"])
        self.assertFalse(self.mails(self.sale))
        self.assertEqual(len(self.activities(self.sally, "sale.order")), 1)

    def test_only_where_dates_are_promised(self):
        self.company.promise_mode = "show"
        self.assertEqual(list(self.tell(self.slip(self.sale, 40)).values()), [""])
        self.assertFalse(self.mails(self.sale))

    def test_in_the_customer_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        template = self.env.ref("order_processing.mail_template_order_promise_moved")
        template.with_context(lang="fr_FR").subject = "About the delivery, en français"
        row = self.slip(self.sale, 40)
        self.tell(row)
        day = self.sale.with_context(lang="fr_FR")._day_words(row.date)
        self.assertIn(day, self.mails(self.sale, "en français").body_html)

    def test_many_orders_are_one_batch(self):
        orders = [self.order((self.mug, 1)) for _n in range(3)]
        rows = []
        for order in orders:
            self.promise(order, 3)
            rows.append(self.slip(order, 30))
        self.assertEqual(len(self.tell(*rows)), 3)
        for order in orders:
            self.assertEqual(len(self.mails(order)), 1)
            self.assertNotIn("/order/choice/", self.mails(order).body_html)

    def test_planners_ask_before_a_date_was_promised(self):
        order = self.order((self.blanket, 3)).sudo()
        [shortage] = self.look().filtered(lambda one: one.order_id == order)
        notice = self.rpc(self.sally, shortage, "action_ask_customer")
        self.assertIn("Carla", notice["params"]["message"])
        [mail] = self.mails(order)
        self.assertIn("not there yet", mail.body_html)
        self.assertEqual(mail.body_html.count("/order/choice/"), 3)
        self.assertIn("choices_offered", self.events(order))
