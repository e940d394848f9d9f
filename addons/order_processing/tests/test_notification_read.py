from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_messages import MessagesCase
from .common_promise import PromiseCase


class JoinedCase(MessagesCase):
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


@tagged("post_install", "-at_install")
class TestWhatIsTold(JoinedCase):
    """Each customer reads of his own orders, in his language, what is for him."""

    # ---------------------------------------------------------------- joined shipments
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
class TestWhoSeesMessages(JoinedCase):
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
        other = self.confirmed_order(lines=[(self.mug, 4)])
        self.joined_shipment(order, other)
        self.joined_shipment(order)
        order.invalidate_recordset(["notification_count"])
        self.assertEqual((order + other).mapped("notification_count"), [3, 2])
        self.assertEqual(other.notification_count, len(self.rows(other)))
        action = self.rpc(self.sally, order, "action_view_notifications")
        self.assertEqual(self.env["order.notification"].search(action["domain"]), self.rows(order))
