from odoo import fields, models

POLICIES = [
    ("before_picking", "Before picking begins; then they ask"),
    ("ask", "They ask, somebody decides"),
    ("never", "No"),
]


class ResCompany(models.Model):
    """What customers may change of their orders on the order's page."""

    _inherit = "res.company"

    customer_may_cancel = fields.Selection(
        POLICIES, "Customers cancel orders", required=True, default="before_picking"
    )
    customer_may_quantity = fields.Selection(
        POLICIES, "Customers change quantities", required=True, default="before_picking"
    )
    customer_may_address = fields.Selection(
        POLICIES, "Customers change the delivery address", required=True, default="before_picking"
    )
    customer_may_date = fields.Selection(
        POLICIES, "Customers change the requested date", required=True, default="before_picking"
    )
    customer_refund_user_id = fields.Many2one(
        "res.users",
        "Refunds are seen to by",
        help="Gets an activity when a customer cancels what is paid. Empty: who is responsible for it.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    customer_may_cancel = fields.Selection(related="company_id.customer_may_cancel", readonly=False)
    customer_may_quantity = fields.Selection(related="company_id.customer_may_quantity", readonly=False)
    customer_may_address = fields.Selection(related="company_id.customer_may_address", readonly=False)
    customer_may_date = fields.Selection(related="company_id.customer_may_date", readonly=False)
    customer_refund_user_id = fields.Many2one(related="company_id.customer_refund_user_id", readonly=False)
