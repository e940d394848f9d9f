from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    case_from_problems = fields.Boolean(
        "Cases of parcels",
        default=True,
        help="A parcel that is damaged, lost or came back makes a case by itself.",
    )
    case_ask_rating = fields.Boolean("Ask how it went", default=True)
    case_low_rating = fields.Float(
        "Follow up from", default=2.0, help="A rating of so many stars or less is followed up. 0: never."
    )
    case_post_refunds = fields.Boolean(
        "Post refunds at once",
        help="Where who makes it may post invoices. Without, a credit note is a draft for finance.",
    )
    case_return_words = fields.Text(
        "How goods are sent back", translate=True, help="What customers read of a return that was agreed."
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    case_from_problems = fields.Boolean(related="company_id.case_from_problems", readonly=False)
    case_ask_rating = fields.Boolean(related="company_id.case_ask_rating", readonly=False)
    case_low_rating = fields.Float(related="company_id.case_low_rating", readonly=False)
    case_post_refunds = fields.Boolean(related="company_id.case_post_refunds", readonly=False)
    case_return_words = fields.Text(related="company_id.case_return_words", readonly=False)
