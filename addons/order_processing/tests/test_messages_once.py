from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderProcessingHttpCase
from .common_messages import MessagesCase
from .test_gate_portal import PIXEL


@tagged("post_install", "-at_install")
class TestAcceptedOnce(MessagesCase):
    """An order is confirmed, however: the customer hears of it once."""

    def assertAcceptedOnce(self, order):
        self.send()
        self.send()
        self.assertEqual(self.heard(order), [self.accepted(order)])
        self.assertFalse(self.confirmation_mails(order))

    def test_confirmed_by_hand_without_a_mail(self):
        self.assertAcceptedOnce(self.confirmed_order())

    def test_confirmed_by_hand_with_a_mail(self):
        order = self.quotation()
        order.with_context(send_email=True).action_submit()
        self.assertAcceptedOnce(order)

    def test_validated_as_the_portal_does(self):
        order = self.quotation()
        order.sudo()._validate_order()
        self.assertAcceptedOnce(order)

    def test_a_quotation_template_with_a_mail_of_its_own_writes_that_and_no_second(self):
        order = self.quotation(sale_order_template_id=self.quotation_template(with_mail=True).id)
        order.action_submit()
        self.send()
        self.assertEqual(self.heard(order), [f"Specially for you: {order.name}"])
        self.assertIn("umbrella", self.mail(order).body)
        self.assertTrue(self.mail(order).attachment_ids, "the confirmation goes with it")

    def test_a_quotation_template_without_a_mail(self):
        order = self.quotation(sale_order_template_id=self.quotation_template(with_mail=False).id)
        order.action_submit()
        self.assertAcceptedOnce(order)

    def test_mails_that_odoo_puts_off(self):
        self.env["ir.config_parameter"].set_param("sale.async_emails", "True")
        order = self.quotation()
        order.with_context(send_email=True).action_submit()
        self.assertFalse(order.sudo().pending_email_template_id)
        with self.without_commits():
            self.env["sale.order"]._cron_send_pending_emails()
        self.assertAcceptedOnce(order)

    def test_put_off_before_the_switch_and_sent_after_it(self):
        self.env["ir.config_parameter"].set_param("sale.async_emails", "True")
        self.company.tell_accepted = False
        order = self.quotation()
        order.with_context(send_email=True).action_submit()
        self.assertTrue(order.sudo().pending_email_template_id)
        self.company.tell_accepted = True
        with self.without_commits():
            self.env["sale.order"]._cron_send_pending_emails()
        self.assertAcceptedOnce(order)

    def test_a_held_order_is_accepted_when_it_is_cleared(self):
        order = self.quotation(lines=[(self.lantern, 2, 17.0)])
        order.sudo()._validate_order()
        self.assertOpen(order)
        self.send()
        self.assertEqual(self.heard(order), [f"We have received your order {order.name}"])
        self.approve(order)
        self.assertConfirmed(order, "approved")
        self.send()
        self.assertEqual(
            self.heard(order), [f"We have received your order {order.name}", self.accepted(order)]
        )

    def test_many_confirmed_together(self):
        orders = self.quotation() + self.quotation() + self.quotation()
        orders.action_submit()
        self.assertEqual(len(self.rows(orders)), 3)
        self.send()
        for order in orders:
            self.assertEqual(self.heard(order), [self.accepted(order)])

    def test_confirmed_again_after_it_was_cancelled_it_is_accepted_again(self):
        order = self.confirmed_order().sudo()
        self.send()
        order._action_cancel()
        order.action_draft()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=5)):
            order.action_submit()
            self.send()
        self.assertEqual(self.heard(order), [self.accepted(order)] * 2)

    def test_switched_off_it_is_odoos_own_mail(self):
        self.company.tell_accepted = False
        order = self.quotation()
        order.with_context(send_email=True).action_submit()
        self.send()
        self.assertEqual(self.heard(order), [f"Confirmed: {order.name}"])
        self.assertFalse(self.rows(order))
        by_hand = self.confirmed_order()
        self.assertFalse(self.heard(by_hand))

    def test_what_a_person_sends_is_sent(self):
        order = self.confirmed_order().sudo()
        self.send()
        template = self.env.ref("sale.mail_template_sale_confirmation")
        order.message_post_with_source(template, subtype_xmlid="mail.mt_comment")
        self.assertEqual(self.heard(order), [self.accepted(order), f"Confirmed: {order.name}"])


@tagged("post_install", "-at_install")
class TestPaidOnce(MessagesCase):
    """Paid online: a message about the payment is another event, the acceptance is one."""

    def paid_order(self, price):
        """Return an order that was paid as in the web shop or the portal."""
        lines = [(self.lantern, 2, price)]
        order = self.quotation(lines=lines, require_payment=True, require_signature=False).sudo()
        order.action_quotation_sent()
        provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        bank = [("type", "=", "bank"), ("company_id", "=", self.company.id)]
        provider.journal_id = self.env["account.journal"].search(bank, limit=1)
        vals = {
            "provider_id": provider.id,
            "payment_method_id": provider.payment_method_ids[:1].id,
            "amount": order.amount_total,
            "currency_id": order.currency_id.id,
            "partner_id": order.partner_id.id,
            "operation": "online_direct",
            "sale_order_ids": [Command.set(order.ids)],
            "reference": order.name,
        }
        transaction = self.env["payment.transaction"].sudo().create(vals)
        transaction._process("demo", {"reference": order.name, "simulated_state": "done"})
        transaction._post_process()
        return order

    def test_a_payment_accepts_once(self):
        order = self.paid_order(18.5)
        self.assertConfirmed(order)
        self.send()
        self.assertEqual(self.heard(order).count(self.accepted(order)), 1)
        self.assertFalse(self.confirmation_mails(order))

    def test_held_and_approved_a_paid_order_is_accepted_once(self):
        order = self.paid_order(17.0)
        self.assertOpen(order)
        self.send()
        self.assertNotIn(self.accepted(order), self.heard(order))
        self.approve(order)
        self.send()
        self.assertEqual(self.heard(order).count(self.accepted(order)), 1)
        self.assertFalse(self.confirmation_mails(order))


@tagged("post_install", "-at_install")
class TestSignedOnce(MessagesCase, OrderProcessingHttpCase):
    """Signed in the portal, where nobody is logged in."""

    def test_a_signature_in_the_portal_accepts_once(self):
        order = self.quotation().sudo()
        order.action_quotation_sent()
        order._portal_ensure_token()
        params = {"access_token": order.access_token, "name": "Carla", "signature": PIXEL}
        self.make_jsonrpc_request(f"/my/orders/{order.id}/accept", params, timeout=60)
        self.assertEqual(order.state, "sale")
        self.send()
        self.assertEqual(self.heard(order).count(self.accepted(order)), 1)
        self.assertFalse(self.confirmation_mails(order))


@tagged("post_install", "-at_install")
class TestSentOnce(MessagesCase):
    """Goods leave, however: the customer hears of it once for each shipment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"tell_accepted": False, "stock_move_email_validation": True})

    def test_one_transfer(self):
        order = self.confirmed_order()
        self.ship(order)
        self.send()
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)])

    def test_switched_off_it_is_odoos_own_mail(self):
        self.company.tell_shipped = False
        order = self.confirmed_order()
        picking = self.ship(order)
        self.send()
        self.assertEqual(self.heard(order), [f"Lamps & Mugs Delivery Order (Ref {picking.name})"])

    def test_a_delivery_of_no_order_is_odoos_affair(self):
        stock, away = self.warehouse.lot_stock_id, self.env.ref("stock.stock_location_customers")
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": self.customer.id,
                "location_id": stock.id,
                "location_dest_id": away.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.mug.id,
                            "product_uom_qty": 1,
                            "location_id": stock.id,
                            "location_dest_id": away.id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.button_validate()
        self.assertIn("Delivery Order", picking.message_ids.mapped("subject")[0] or "")

    def test_a_batch_of_several_orders(self):
        orders = self.confirmed_order() + self.confirmed_order(lines=[(self.mug, 3)])
        pickings = orders.sudo().picking_ids
        batch = self.batch(pickings)
        batch.action_confirm()
        pickings.move_ids.picked = True
        batch.action_done()
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        self.send()
        for order in orders:
            self.assertEqual(self.heard(order).count(self.sent(order)), len(self.rows(order)))
            self.assertEqual(self.heard(order), [self.sent(order)])
        self.assertFalse([one for one in self.heard(orders) if "Delivery Order" in one])

    def test_what_follows_is_another_shipment(self):
        order = self.confirmed_order(lines=[(self.mug, 5)])
        picking = order.sudo().picking_ids
        picking.move_ids.write({"quantity": 2, "picked": True})
        picking.with_context(skip_backorder=True).button_validate()
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)])
        self.assertIn("Still to come", self.mail(order).body)
        self.ship(order)
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)] * 2)
        self.assertNotIn("Still to come", self.mail(order).body)

    def test_in_two_steps_only_the_last_is_told(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self.confirmed_order(lines=[(self.mug, 2)])
        self.ship(order)
        self.send()
        self.assertFalse(self.heard(order))
        self.ship(order)
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)])

    def test_a_return_is_told_nobody(self):
        order = self.confirmed_order()
        picking = self.ship(order)
        self.send()
        wizard = self.env["stock.return.picking"].with_context(
            active_id=picking.id, active_model="stock.picking"
        )
        wizard = wizard.create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        back.move_ids.write({"quantity": 1, "picked": True})
        back.button_validate()
        self.assertEqual(back.state, "done")
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)])

    def test_dropshipped_goods_are_told_once(self):
        order = self.confirmed_order(lines=[(self.blanket, 1)])
        picking = order.sudo().picking_ids
        supplier = self.env.ref("stock.stock_location_suppliers")
        picking.move_ids.write({"location_id": supplier.id})
        picking.location_id = supplier
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.button_validate()
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)])

    def test_labels_are_bought_all_the_same(self):
        bought = []
        carrier = type(self.env["delivery.carrier"])

        def fixed_send_shipping(carrier, pickings):
            bought.extend(pickings.ids)
            return [{"exact_price": 3.0, "tracking_number": "NP-77"} for _picking in pickings]

        self.parcels.integration_level = "rate_and_ship"
        self.patch(carrier, "fixed_send_shipping", fixed_send_shipping)
        self.warehouse.out_type_id.print_label = True
        order = self.confirmed_order(carrier_id=self.parcels.id)
        picking = self.ship(order)
        self.assertEqual((bought, picking.carrier_tracking_ref), (picking.ids, "NP-77"))
        self.send()
        self.assertEqual(self.heard(order), [self.sent(order)])
        self.assertIn("https://track.example.com/NP-77", self.mail(order).body)


@tagged("post_install", "-at_install")
class TestTextedOnce(MessagesCase):
    """By SMS: stock_sms, which comes with Odoo's stock and sms, sends its own, or ours is sent instead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.has_stock_sms = "confirm.stock.sms" in cls.env
        cls.company.write({"tell_accepted": False, "tell_shipped": False, "tell_shipped_sms": True})
        if cls.has_stock_sms:
            cls.company.write(
                {
                    "stock_text_confirmation": True,
                    "stock_confirmation_type": "sms",
                    "has_received_warning_stock_sms": True,
                    "stock_sms_confirmation_template_id": cls.env.ref(
                        "stock_sms.sms_template_data_stock_delivery"
                    ).id,
                }
            )

    def ship_texting(self, order):
        self.env.flush_all()
        with self.texting():
            return self.ship(order)

    def texts(self):
        return self.env["sms.sms"].search([]).mapped("body")

    def test_ours_is_sent_and_no_second(self):
        before = len(self.texts())
        order = self.confirmed_order()
        self.ship_texting(order)
        self.send()
        self.send()
        self.assertEqual(len(self.texts()) - before, 1)
        self.assertIn(f"your order {order.name} is on its way", self.texts()[0])

    def test_nobody_is_asked_about_an_sms_that_is_not_sent(self):
        if not self.has_stock_sms:
            return
        self.company.has_received_warning_stock_sms = False
        order = self.confirmed_order()
        with self.texting():
            self.assertFalse(order.sudo().picking_ids._check_warn_sms())
            self.company.tell_shipped_sms = False
            self.assertTrue(order.sudo().picking_ids._check_warn_sms())

    def test_switched_off_it_is_odoos(self):
        self.company.tell_shipped_sms = False
        order = self.confirmed_order()
        sent = []
        self.patch(
            type(self.env["mail.thread"]), "_message_sms", lambda self, body, **kwargs: sent.append(body)
        )
        self.ship_texting(order)
        self.send()
        self.assertEqual(len(sent), 1 if self.has_stock_sms else 0)
        self.assertFalse(self.rows(order))

    def test_mail_and_sms_are_one_each(self):
        self.company.tell_shipped = True
        order = self.confirmed_order()
        before = len(self.texts())
        self.ship_texting(order)
        self.send()
        self.assertEqual(sorted(self.rows(order).mapped("medium")), ["mail", "sms"])
        self.assertEqual((len(self.texts()) - before, self.heard(order)), (1, [self.sent(order)]))

    def test_without_a_phone_number_nothing_is_texted(self):
        self.customer.phone = False
        order = self.confirmed_order(lines=[(self.mug, 1)])
        self.rule("contact").active = False
        self.ship_texting(order)
        self.send()
        self.assertEqual(self.rows(order).mapped("reason_code"), ["no_phone"])
