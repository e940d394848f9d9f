from odoo import api, fields, models


class OrderFreightRate(models.Model):
    """What it costs, and how long it takes, from a warehouse by a carrier to a zone."""

    _name = "order.freight.rate"
    _description = "Freight Rate"
    _order = "sequence, id"
    _rec_name = "zone_id"

    sequence = fields.Integer(default=10)
    zone_id = fields.Many2one("order.freight.zone", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", index=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    warehouse_id = fields.Many2one(
        "stock.warehouse", ondelete="cascade", index="btree_not_null", help="Empty: from all warehouses."
    )
    carrier_id = fields.Many2one(
        "delivery.carrier", ondelete="cascade", index="btree_not_null", help="Empty: by all carriers."
    )
    transit_days = fields.Integer("Days on the way", default=1, help="Days on which the carrier works.")
    fixed_cost = fields.Monetary("Per parcel", help="What sending anything at all costs.")
    cost_per_kg = fields.Monetary("Per kilogram")
    cost_per_line = fields.Monetary("Per line", help="Picking one more line, whatever it weighs.")

    _not_negative = models.Constraint(
        "CHECK(transit_days >= 0 AND fixed_cost >= 0 AND cost_per_kg >= 0 AND cost_per_line >= 0)",
        "Days and costs are 0 or more.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for rate in self:
            rate.currency_id = (rate.company_id or self.env.company).currency_id

    @api.model
    def _for(self, zone, warehouse, carrier):
        """Return the rate that fits best: its own warehouse, company and carrier before those for all.

        A shared zone has rates of several companies; another's than the warehouse's are not for us.
        """
        own = warehouse.company_id
        return zone.rate_ids.filtered(
            lambda rate: (not rate.warehouse_id or rate.warehouse_id == warehouse)
            and (not rate.company_id or rate.company_id == own)
            and (not rate.carrier_id or rate.carrier_id == carrier)
        ).sorted(_fit)[:1]

    def _cost(self, parcels, weight, lines):
        """Return what so many parcels of this weight together, with so many lines, cost."""
        return self.fixed_cost * parcels + self.cost_per_kg * weight + self.cost_per_line * lines


def _fit(rate):
    return not rate.warehouse_id, not rate.company_id, not rate.carrier_id, rate.sequence, rate.id
