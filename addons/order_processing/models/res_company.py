from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    review_mode = fields.Selection(
        selection=[
            ("off", "Off"),
            ("observe", "Observe: show findings, hold nothing"),
            ("enforce", "Enforce: hold orders until they are cleared"),
        ],
        string="Order review",
        required=True,
        default="observe",
        help="Observe is the right start in a running company: you see for some weeks what would be held.",
    )
    reservation_mode = fields.Selection(
        selection=[
            ("odoo", "As Odoo does it"),
            ("at_once", "At once, on confirmation"),
            ("queued", "Queued, by rank"),
        ],
        string="Stock reservation",
        required=True,
        default="odoo",
        help="Who gets scarce stock, and when it is set aside.",
    )
    review_price_tolerance = fields.Float(
        string="Price tolerance (%)",
        default=1.0,
        digits=(5, 2),
        help="How far a line's net price may be from the price list, up or down, before the order is held.",
    )

    def write(self, vals):
        # Saving the settings writes every field again: only a change concerns the orders.
        mode = vals.get("review_mode")
        changing = self.filtered(lambda company: mode and company.review_mode != mode)
        result = super().write(vals)
        if changing:
            domain = [("company_id", "in", changing.ids), ("state", "=", "sale")]
            # sudo: the switch concerns all orders of the company
            orders = self.env["sale.order"].sudo().search([*domain, ("processing_stage", "!=", "completed")])
            orders._follow_review_mode(mode)
        return result

    _review_price_tolerance_range = models.Constraint(
        "CHECK(review_price_tolerance >= 0 AND review_price_tolerance <= 100)",
        "The price tolerance is a percentage between 0 and 100.",
    )
