from odoo import fields, models

PROMISE_MODES = [
    ("off", "Off"),
    ("show", "Show dates to staff, promise nothing"),
    ("promise", "Promise: set, kept and told to customers"),
]


class ResCompany(models.Model):
    """How dates are promised."""

    _inherit = "res.company"

    promise_mode = fields.Selection(
        PROMISE_MODES,
        string="Delivery promises",
        required=True,
        default="off",
        help="When an order can be with the customer: from what is on hand, what comes in, what can be bought"
        " or made, working days, cut-off times and the carrier.",
    )
    tell_promise = fields.Boolean(
        "Delivery date moved",
        default=True,
        help="Customers get a message, once, when the date they were promised cannot be kept.",
    )

    def _promises(self):
        """Tell whether dates are promised here, not only shown."""
        return self.promise_mode == "promise"
