from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderProcessingHttpCase
from .common_messages import MessagesCase


class TwoCustomersCase(MessagesCase):
    """Carla and Otto have ordered for one receiver, and somebody has sent both in one shipment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tell_accepted = False
        cls.receiver = cls.customer.copy({"name": "Receiver", "email": "r@example.com"})
        cls.otto = cls.customer.copy({"name": "Otto", "email": "otto@example.com"})
        to = {"partner_shipping_id": cls.receiver.id, "carrier_id": cls.parcels.id}
        cls.hers = cls.confirmed_order(lines=[(cls.lantern, 1)], **to).sudo()
        cls.his = cls.confirmed_order(
            cls.otto,
            [(cls.mug, 2)],
            client_order_ref="SECRET-REF",
            gift_note="Secret greeting",
            packing_instruction="Secret instruction",
            **to,
        ).sudo()
        cls.both = cls.hers + cls.his
        cls.pickings = cls.both.picking_ids
        cls.of_other = (
            cls.his.name,
            cls.his.picking_ids.name,
            "SECRET-REF",
            "Enamel Mug",
            "Secret",
            "NP-2",
            "Otto",
        )

    @classmethod
    def ship_together(cls):
        for picking in cls.pickings:
            cls.ship(picking.sale_id)
        cls.pickings.shipment_ids.sudo().unlink()
        shipment = cls.env["order.shipment"].create(
            {
                "name": ", ".join(cls.pickings.mapped("name")),
                "company_id": cls.company.id,
                "order_ids": [Command.set(cls.both.ids)],
                "picking_ids": [Command.set(cls.pickings.ids)],
                "partner_id": cls.receiver.id,
                "carrier_id": cls.parcels.id,
            }
        )
        shipment._log_shipped(cls.wes)
        return shipment

    def number(self):
        for number, order in enumerate(self.both, 1):
            order.picking_ids.carrier_tracking_ref = f"NP-{number}"

    def assertHersOnly(self, text):
        for part in self.of_other:
            self.assertNotIn(part, text)


@tagged("post_install", "-at_install")
class TestMessagesApart(TwoCustomersCase):
    """Of several customers in one shipment each reads of what is his own."""

    def test_each_hears_of_his_own(self):
        self.company.tell_shipped_sms = True
        self.ship_together()
        self.number()
        before = self.env["sms.sms"].search([])
        self.send()
        rows = self.rows(self.both, medium="mail").sudo().filtered("shipment_id")
        bodies = {row.partner_id: f"{row.message_id.subject} {row.message_id.body}" for row in rows}
        self.assertEqual(set(bodies), {self.customer, self.otto})
        self.assertHersOnly(bodies[self.customer])
        self.assertIn("NP-1", bodies[self.customer])
        texts = (self.env["sms.sms"].search([]) - before).mapped("body")
        [text] = [text for text in texts if self.hers.name in text]
        self.assertHersOnly(text)

    def test_the_customer_has_changed_while_it_waited(self):
        self.ship_together()
        third = self.customer.copy({"name": "Third", "email": "third@example.com"})
        self.hers.partner_id = third
        self.later(self.rows(self.both))
        self.send()
        hers = self.rows(self.both, partner_id=self.customer.id)
        self.assertEqual(set(hers.mapped("reason_code")), {"not_theirs"})
        self.assertFalse(hers.sudo().message_id)
        self.assertIn("no longer", hers[0].reason)
        self.assertFalse(self.both.activity_ids)
        his = self.rows(self.both, partner_id=self.otto.id)
        self.assertEqual(set(his.mapped("state")), {"sent"})

    def test_it_stands_on_an_order_that_is_still_his(self):
        other = self.confirmed_order(lines=[(self.blanket, 1)]).sudo()
        shipment = self.ship_together()
        shipment.order_ids = [Command.link(other.id)]
        self.hers.partner_id = self.otto
        self.later(self.rows(self.both + other))
        self.send()
        row = self.rows(other, partner_id=self.customer.id).sudo()
        self.assertEqual((row.state, row.message_id.res_id), ("sent", other.id))
        self.assertHersOnly(f"{row.message_id.subject} {row.message_id.body}")
        self.assertNotIn(self.hers.name, row.message_id.body)

    def test_an_acceptance_is_not_told_who_has_not_ordered(self):
        self.company.tell_accepted = True
        order = self.confirmed_order().sudo()
        order.partner_id = self.otto
        self.send()
        self.assertEqual(self.rows(order).mapped("reason_code"), ["not_theirs"])

    def test_looked_at_without_a_customer_the_template_names_one_only(self):
        news = self.ship_together()._shipped_news()
        self.assertHersOnly(str(news["orders"]) + str(news["items"]))

    def test_the_timeline_names_his_own_transfer(self):
        shipment = self.ship_together()
        shipment.status = "in_transit"
        texts = self.hers._portal_events().mapped("text")
        self.assertHersOnly(" ".join(texts))
        named = [text for text in texts if self.hers.picking_ids.name in text]
        # Sent by itself first, see ship_together; then together; then on its way.
        self.assertEqual(len(named), 3)

    def test_who_knows_no_transfers_may_follow_it_up(self):
        shipment = self.ship_together()
        self.rpc(self.mona, shipment, "action_in_transit")
        [event] = self.hers._events().filtered(lambda one: one.kind == "parcel_status")
        self.assertEqual(event.data["parcel"], self.hers.picking_ids.name)

    def test_a_shipment_of_one_customer_keeps_its_name(self):
        self.his.partner_id = self.customer
        shipment = self.ship_together()
        self.assertEqual(shipment._name_for(self.hers), shipment.name)

    def test_another_system_reads_of_the_order_alone(self):
        self.ship_together()
        self.number()
        [values] = self.hers._status_values()["shipments"]
        self.assertHersOnly(str(values))
        self.assertEqual(values["tracking_url"], "https://track.example.com/NP-1")

    def test_one_number_for_all_is_everybodys(self):
        shipment = self.ship_together()
        self.his.picking_ids.carrier_tracking_ref = "NP-9"
        self.assertEqual(shipment._numbers_for(self.hers), "NP-9")


@tagged("post_install", "-at_install")
class TestPortalApart(TwoCustomersCase, OrderProcessingHttpCase):
    """The page of the order."""

    def page(self, order):
        return self.url_open(order.get_portal_url(), timeout=60).text

    def test_the_page_names_his_own(self):
        self.ship_together()
        self.number()
        page = self.page(self.hers)
        self.assertIn("https://track.example.com/NP-1", page)
        self.assertIn(self.hers.picking_ids.name, page)
        self.assertHersOnly(page)

    def test_the_greeting_stands_on_the_page(self):
        self.assertNotIn("Your greeting", self.page(self.hers))
        self.hers.gift_note = "Happy birthday!"
        page = self.page(self.hers)
        self.assertIn("Your greeting", page)
        self.assertIn("Happy birthday!", page)
