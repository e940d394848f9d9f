from odoo import fields, models


class ResCompany(models.Model):
    """Which messages go through the outbox. Off until somebody switches them on.

    A company that installs us into a running Odoo has its own way of telling customers that an order is
    confirmed, or has been sent: with the switch ours replaces Odoo's, it is never added to it.
    """

    _inherit = "res.company"

    tell_accepted = fields.Boolean(
        "Order accepted",
        help="Customers get one message when their order is confirmed, with the promised dates and the"
        " confirmation as PDF. It replaces Odoo's own confirmation mail and that of quotation templates.",
    )
    call_accepted = fields.Boolean(
        "Call who has no e-mail",
        help="The salesperson gets an activity to tell customers without an e-mail address that their order"
        " is accepted. Of goods that have left they are always to be told.",
    )
    tell_shipped = fields.Boolean(
        "Order sent",
        help="Customers get one message when goods leave: what is in the parcels, how to follow them and what"
        " is still to come. It replaces Odoo's e-mail of deliveries.",
    )
    tell_shipped_sms = fields.Boolean(
        "Order sent, by SMS", help="A text message when goods leave. It replaces Odoo's SMS of deliveries."
    )
    shipped_wait_minutes = fields.Integer(
        "Wait for the tracking number",
        default=30,
        help="So many minutes the message waits for a tracking number that is not known yet. 0: not at all.",
    )
    accepted_mail_template_id = fields.Many2one(
        "mail.template",
        "Template: order accepted",
        domain=[("model", "=", "sale.order")],
        help="Empty: the template Order Accepted of Order Processing.",
    )
    shipped_mail_template_id = fields.Many2one(
        "mail.template",
        "Template: order sent",
        domain=[("model", "=", "order.shipment")],
        help="Empty: the template Order Sent of Order Processing.",
    )
    shipped_sms_template_id = fields.Many2one(
        "sms.template",
        "Template: order sent, by SMS",
        domain=[("model", "=", "order.shipment")],
        help="Empty: the template Order Sent of Order Processing.",
    )

    _shipped_wait_positive = models.Constraint(
        "CHECK(shipped_wait_minutes >= 0)", "The minutes to wait for a tracking number are 0 or more."
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    tell_accepted = fields.Boolean(related="company_id.tell_accepted", readonly=False)
    call_accepted = fields.Boolean(related="company_id.call_accepted", readonly=False)
    tell_shipped = fields.Boolean(related="company_id.tell_shipped", readonly=False)
    tell_shipped_sms = fields.Boolean(related="company_id.tell_shipped_sms", readonly=False)
    shipped_wait_minutes = fields.Integer(related="company_id.shipped_wait_minutes", readonly=False)
    accepted_mail_template_id = fields.Many2one(
        related="company_id.accepted_mail_template_id", readonly=False
    )
    shipped_mail_template_id = fields.Many2one(related="company_id.shipped_mail_template_id", readonly=False)
    shipped_sms_template_id = fields.Many2one(related="company_id.shipped_sms_template_id", readonly=False)
