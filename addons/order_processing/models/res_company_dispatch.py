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
    dispatch_release_urgent = fields.Boolean(
        "Release urgent waves at once",
        default=True,
        help="Work on urgent orders begins as soon as their goods are set aside.",
    )
    dispatch_join_days = fields.Integer(
        "Days to wait for each other",
        default=1,
        help="So long one may wait for another to the same address, where its promise allows. 0: never.",
    )

    _dispatch_join_days_positive = models.Constraint(
        "CHECK(dispatch_join_days >= 0)", "Transfers wait for each other 0 days or more."
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"dispatch_mode", "dispatch_release_urgent", "dispatch_join_days"}:
            self.env["stock.picking"]._note_dispatch()
        return result

    def _plans_dispatch(self):
        return self.dispatch_mode == "plan"
