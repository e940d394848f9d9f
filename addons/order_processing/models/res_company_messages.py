from odoo import fields, models


class ResCompany(models.Model):
    """When customers are told, and how often. All off until somebody switches it on."""

    _inherit = "res.company"

    quiet_mail = fields.Boolean(
        "Quiet hours for e-mail", help="E-mails that fall into them are sent after, by the recipient's clock."
    )
    quiet_mail_from = fields.Float("E-mail quiet from", default=21.0)
    quiet_mail_until = fields.Float("E-mail quiet until", default=7.0)
    quiet_sms = fields.Boolean(
        "Quiet hours for SMS", help="SMS that fall into them are sent after, by the recipient's clock."
    )
    quiet_sms_from = fields.Float("SMS quiet from", default=20.0)
    quiet_sms_until = fields.Float("SMS quiet until", default=8.0)
    quiet_except_urgent = fields.Boolean(
        "Failed attempts at once",
        help="That a delivery attempt has failed is told in quiet hours, too: it may need an answer today.",
    )
    messages_digest = fields.Selection(
        [("each", "A message for each"), ("daily", "One e-mail a day")],
        "News of parcels",
        required=True,
        default="each",
        help="For customers who have not chosen themselves. SMS are sent at once in both cases.",
    )
    messages_digest_hour = fields.Float(
        "Mail of the day at", default=17.0, help="By the recipient's clock; of staff as well."
    )
    messages_required = fields.Boolean(
        "Orders accepted and moved are always told",
        help="Customers cannot do without the messages that their order is accepted, and that it comes on"
        " another day.",
    )

    _hours_of_messages = models.Constraint(
        "CHECK(LEAST(quiet_mail_from, quiet_mail_until, quiet_sms_from, quiet_sms_until,"
        " messages_digest_hour) >= 0 AND GREATEST(quiet_mail_from, quiet_mail_until, quiet_sms_from,"
        " quiet_sms_until, messages_digest_hour) < 24)",
        "The hours of messages are between 0:00 and 23:59.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    quiet_mail = fields.Boolean(related="company_id.quiet_mail", readonly=False)
    quiet_mail_from = fields.Float(related="company_id.quiet_mail_from", readonly=False)
    quiet_mail_until = fields.Float(related="company_id.quiet_mail_until", readonly=False)
    quiet_sms = fields.Boolean(related="company_id.quiet_sms", readonly=False)
    quiet_sms_from = fields.Float(related="company_id.quiet_sms_from", readonly=False)
    quiet_sms_until = fields.Float(related="company_id.quiet_sms_until", readonly=False)
    quiet_except_urgent = fields.Boolean(related="company_id.quiet_except_urgent", readonly=False)
    messages_digest = fields.Selection(related="company_id.messages_digest", readonly=False)
    messages_digest_hour = fields.Float(related="company_id.messages_digest_hour", readonly=False)
    messages_required = fields.Boolean(related="company_id.messages_required", readonly=False)
