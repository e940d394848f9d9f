from odoo import fields, models


class ResCompany(models.Model):
    """Whether departures and waves are planned here."""

    _inherit = "res.company"

    dispatch_mode = fields.Selection(
        [("off", "As Odoo does it"), ("plan", "Plan departures and waves")],
        string="Dispatch",
        required=True,
        default="off",
        help="Which transfer leaves when: by priority, on the route that serves its address.",
    )

    def _plans_dispatch(self):
        return self.dispatch_mode == "plan"
