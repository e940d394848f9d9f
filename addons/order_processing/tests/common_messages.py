from unittest.mock import patch

from odoo import fields, modules
from odoo.fields import Command

from .common_reservation import ReservationCase


class MessagesCase(ReservationCase):
    """Lamps & Mugs tells its customers by the outbox: accepted and sent, by e-mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"tell_accepted": True, "tell_shipped": True, "stock_text_confirmation": False})
        cls.freight = cls.product("FREIGHT", 5.0, name="Freight", type="service", is_storable=False)
        cls.parcels = cls.env["delivery.carrier"].create(
            {"name": "Northern Parcels", "product_id": cls.freight.id, "delivery_type": "fixed"}
        )
        cls.parcels.tracking_url = "https://track.example.com/<shipmenttrackingnumber>"
        cls.sally.partner_id.email = "sally@lamps.example.com"

    # ---------------------------------------------------------------- acting
    @classmethod
    def send(cls):
        """Let the scheduled action send what is due."""
        cls.env.flush_all()
        with cls.without_commits():
            cls.env["order.notification"]._cron_send()
        cls.env.invalidate_all()

    @classmethod
    def rows(cls, orders, **filters):
        """Return what stands in the outbox about the orders."""
        Notification = cls.env["order.notification"]
        domain = Notification._order_domain(orders.sudo())
        domain += [(name, "=", value) for name, value in filters.items()]
        return Notification.search(domain, order="id")

    @staticmethod
    def texting():
        """Let stock_sms work as outside of tests: it sends none in them."""
        return patch.object(modules.module, "current_test", None)

    @classmethod
    def later(cls, rows):
        """Let the time come for which these messages wait."""
        rows.sudo().due_at = fields.Datetime.now()

    # ---------------------------------------------------------------- looking
    @classmethod
    def heard(cls, orders, kinds=("email",)):
        """Return the subjects of all messages the customer got about the orders and their parcels."""
        cls.env.flush_all()
        orders = orders.sudo()
        records = [orders, orders.picking_ids, orders.shipment_ids]
        messages = cls.env["mail.message"]
        for some in records:
            domain = [("model", "=", some._name), ("res_id", "in", some.ids)]
            messages |= cls.env["mail.message"].sudo().search(domain, order="id")
        notes = messages.notification_ids.filtered(
            lambda one: one.res_partner_id in orders.partner_id | orders.partner_shipping_id
            and one.notification_type in kinds
        )
        return [message.subject for message in messages if message in notes.mail_message_id]

    @classmethod
    def mail(cls, orders):
        """Return the newest message about the orders that went to a customer by the outbox."""
        return cls.rows(orders, medium="mail").sudo().message_id[-1:]

    def accepted(self, order):
        return f"Your order {order.name} is accepted"

    def sent(self, *orders):
        return f"Your order {', '.join(order.name for order in orders)} is on its way"

    # ---------------------------------------------------------------- making
    @classmethod
    def quotation_template(cls, with_mail):
        template = cls.env["mail.template"].create(
            {
                "name": "Thanks",
                "model_id": cls.env.ref("sale.model_sale_order").id,
                "subject": "Specially for you: {{ object.name }}",
                "body_html": "<p>Bring an umbrella.</p>",
                "use_default_to": True,
            }
        )
        vals = {"name": "Set", "mail_template_id": template.id if with_mail else False}
        return cls.env["sale.order.template"].create(vals)

    @classmethod
    def batch(cls, pickings):
        return cls.env["stock.picking.batch"].create({"picking_ids": [Command.set(pickings.ids)]})
