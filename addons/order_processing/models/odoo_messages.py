"""Where Odoo tells customers by itself what our outbox tells them: one event, one message.

Everything is in this file, and holds only for companies that have switched ours on.

==================================  ===========================================  ====================
Odoo sends                          when                                         ours instead, with
==================================  ===========================================  ====================
sale: confirmation mail             ``action_confirm`` with ``send_email``:      ``tell_accepted``
                                    signature, payment, order of no value; or
                                    later, by ``sale.async_emails``
sale_management: mail of the        ``action_confirm`` without ``send_email``    ``tell_accepted``
quotation template
stock: delivery mail                an outgoing transfer is done                 ``tell_shipped``
stock_sms: delivery SMS, and the    an outgoing transfer is done; before the     ``tell_shipped_sms``
question whether to send it         first one
==================================  ===========================================  ====================

Not touched: what people send by hand, mails about payments, quotations and invoices; mails and SMS of
deliveries that belong to no order; buying labels (``send_to_shipper``), which Odoo does in the same method.
"""

from odoo import models

from .inside import Mark

# Under "shipping_told": Odoo is about to send what our outbox sends for some of these transfers.
TOLD = Mark("told by the outbox")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _send_order_notification_mail(self, mail_template, **options):
        # All of Odoo's ways lead through here, the mail it has put off as well.
        self.ensure_one()
        order = self.sudo()  # sudo: settings, whoever confirms
        if order.company_id.tell_accepted and mail_template and mail_template in order._acceptances():
            order._tell_accepted()
            return None
        return super()._send_order_notification_mail(mail_template, **options)

    def _acceptances(self):
        """Return the templates by which Odoo says that the order is confirmed."""
        if self.state != "sale":
            return self.env["mail.template"]
        usual = self._get_confirmation_template() or self.env["mail.template"]
        return usual | self.sale_order_template_id.mail_template_id


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _send_confirmation_email(self):
        # All transfers together, whether we tell of them or not: labels are bought here, one after the
        # other, and what is done when one of them fails depends on those before.
        return super(StockPicking, self.with_context(shipping_told=TOLD))._send_confirmation_email()

    def message_post_with_source(self, source_ref, *args, **kwargs):
        if self._is_told("tell_shipped"):
            usual = self.company_id.stock_mail_confirmation_template_id
            # Odoo takes a record as well as its name.
            named = isinstance(source_ref, str)
            source = self.env.ref(source_ref, raise_if_not_found=False) if named else source_ref
            if source and source == usual:
                return self.env["mail.message"]
        return super().message_post_with_source(source_ref, *args, **kwargs)

    def _message_sms_with_template(self, *args, **kwargs):
        if self._is_told("tell_shipped_sms"):
            return self.env["mail.message"]
        return super()._message_sms_with_template(*args, **kwargs)

    def _check_warn_sms(self):
        # Only stock_sms calls it: nobody is asked about an SMS that is not sent.
        return super()._check_warn_sms().filtered(lambda picking: not picking._is_ours("tell_shipped_sms"))

    def _is_told(self, switch):
        return self.env.context.get("shipping_told") is TOLD and self._is_ours(switch)

    def _is_ours(self, switch):
        """Tell whether the outbox tells the customer of what leaves with this transfer."""
        picking = self.sudo()  # sudo: settings and orders, whoever packs
        return bool(picking.company_id[switch]) and picking._leaves_for_an_order()

    def _leaves_for_an_order(self):
        """Tell whether goods that a customer has ordered leave us with this transfer."""
        leaves = self.location_dest_id._is_at_customer() and not self.location_id._is_at_customer()
        return bool(leaves and self._shipped_orders())
