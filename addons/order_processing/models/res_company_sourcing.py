from odoo import fields, models

SOURCING_MODES = [
    ("off", "The order's warehouse"),
    ("choose", "The cheapest warehouses that keep the date"),
]


class ResCompany(models.Model):
    """How the warehouse of an order's lines is chosen, and when stock is moved between warehouses."""

    _inherit = "res.company"

    sourcing_mode = fields.Selection(
        SOURCING_MODES,
        string="Warehouse of an order's lines",
        required=True,
        default="off",
        help="Where there are several: chosen on confirmation, line by line, or always the order's own.",
    )
    sourcing_split_penalty = fields.Monetary(
        "One more parcel",
        currency_field="currency_id",
        default=5.0,
        help="What it is worth to send an order from one warehouse less, beside the freight.",
    )
    sourcing_balance = fields.Monetary(
        "Sparing the last pieces",
        currency_field="currency_id",
        default=0.0,
        help="What it is worth, per line, to take nothing from a warehouse that has just enough for itself."
        " 0: stock is not balanced.",
    )
    sourcing_patience = fields.Integer(
        "Days of patience",
        default=1,
        help="Where no date was asked for: so many days later than the earliest an order may arrive, if"
        " it costs less.",
    )
    transfer_days = fields.Integer(
        "Days between warehouses",
        default=2,
        help="From one warehouse to another, where no freight rate says it.",
    )

    _sourcing_not_negative = models.Constraint(
        "CHECK(sourcing_split_penalty >= 0 AND sourcing_balance >= 0 AND sourcing_patience >= 0"
        " AND transfer_days >= 0)",
        "What sourcing costs, and days, are 0 or more.",
    )

    def _chooses_sources(self):
        """Tell whether the warehouse is chosen here; with one warehouse there is no choice."""
        self.ensure_one()
        return self.sourcing_mode == "choose" and len(self._order_warehouses()) > 1

    def _order_warehouses(self):
        """Return the warehouses orders can come from, as they are listed in Odoo."""
        return self.env["stock.warehouse"].search([("company_id", "=", self.id)])
