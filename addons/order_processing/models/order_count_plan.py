from odoo import api, fields, models
from odoo.exceptions import AccessError

ABC = [("A", "A"), ("B", "B"), ("C", "C")]


class OrderCountPlan(models.Model):
    """The ABC class of a product in a warehouse, and when it is counted next.

    The classes and dates come from a scheduled action; the count itself is Odoo's own, on the stock records.
    A stock manager may set a class by hand, nothing else.
    """

    _name = "order.count.plan"
    _description = "ABC Class and Count Plan"
    _order = "warehouse_id, abc_class, value desc, id"
    _rec_name = "product_id"
    _log_access = False

    product_id = fields.Many2one(
        "product.product", required=True, ondelete="cascade", index=True, readonly=True
    )
    categ_id = fields.Many2one(related="product_id.categ_id", string="Category")
    warehouse_id = fields.Many2one(
        "stock.warehouse", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    value = fields.Monetary(
        "Value used", readonly=True, help="Of what left in the months looked at, at cost."
    )
    computed_class = fields.Selection(ABC, "Computed", readonly=True)
    fixed_class = fields.Selection(ABC, "By hand", help="Set by hand, this class holds whatever is used.")
    abc_class = fields.Selection(
        ABC, "Class", compute="_compute_abc_class", store=True, required=True, index=True, default="C"
    )
    classified_at = fields.Datetime("Classified on", readonly=True)
    last_count_date = fields.Date("Last counted", readonly=True)
    next_count_date = fields.Date("Next count", readonly=True, index=True)
    planned_class = fields.Char(readonly=True, help="The class it was planned with.")
    planned_at = fields.Datetime("Planned on", readonly=True)
    is_requested = fields.Boolean(readonly=True, help="The date stands on the stock records.")

    _once = models.UniqueIndex("(product_id, warehouse_id)", "A product has one class in a warehouse.")

    @api.depends("computed_class", "fixed_class")
    def _compute_abc_class(self):
        for plan in self:
            plan.abc_class = plan.fixed_class or plan.computed_class or "C"

    @api.depends("product_id", "warehouse_id")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = f"{plan.product_id.display_name} – {plan.warehouse_id.name}"

    def write(self, vals):
        if not self.env.su and vals.keys() - {"fixed_class"}:
            raise AccessError(self.env._("Classes and dates are computed; only a class can be set by hand."))
        return super().write(vals)

    @api.model
    def _class_of(self, products, warehouses):
        """Return ``{(product id, warehouse id): class}`` of those that have one."""
        domain = [("product_id", "in", products.ids), ("warehouse_id", "in", warehouses.ids)]
        plans = self.sudo().search_fetch(
            domain, ["product_id", "warehouse_id", "abc_class"]
        )  # sudo: a letter
        return {(plan.product_id.id, plan.warehouse_id.id): plan.abc_class for plan in plans}
