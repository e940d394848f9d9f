from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from .inside import Mark

# Under "tidying_orderpoints": Odoo removes the rules it had made up for its Replenishment page.
TIDYING = Mark("tidying up")
WATCHED_FIELDS = frozenset({"warning_level", "critical_level", "active", "product_id", "location_id"})


class StockWarehouseOrderpoint(models.Model):
    """Warning levels stand with the reordering rules.

    A level without reordering is a rule that is triggered by hand, with a minimum of 0: Odoo orders nothing.
    """

    _inherit = "stock.warehouse.orderpoint"

    warning_level = fields.Float(
        digits="Product Unit",
        aggregator=None,
        help="When no more than this is free (on hand and not reserved), people are told, once until it has"
        " recovered. 0: nobody is told.",
    )
    critical_level = fields.Float(
        digits="Product Unit",
        aggregator=None,
        help="At this or below people are told once more, urgently. 0: there is no such level.",
    )
    warning_user_ids = fields.Many2many(
        "res.users",
        "stock_orderpoint_warning_user_rel",
        string="Tell",
        help="Who is told. Empty: those named by the warehouse, or else by the company.",
    )
    stock_warning_ids = fields.One2many("order.stock.warning", "orderpoint_id", "Stock warnings")

    _warning_level = models.Constraint(
        "CHECK(COALESCE(warning_level, 0) >= 0 AND COALESCE(critical_level, 0) >= 0)",
        "A warning level is a quantity of 0 or more; 0 is none.",
    )
    _critical_level = models.Constraint(
        "CHECK(COALESCE(critical_level, 0) <= COALESCE(warning_level, 0))",
        "The critical level is not above the warning level.",
    )
    _watched = models.Index("(id) WHERE active AND warning_level > 0")

    @api.constrains("warning_user_ids", "company_id")
    def _check_warning_users(self):
        for orderpoint in self:
            orderpoint.warning_user_ids._check_may_watch_stock(orderpoint.company_id)

    def _watchers(self):
        """Return who is told about this level."""
        self.ensure_one()
        named = (
            self.warning_user_ids
            or self.warehouse_id.stock_warning_user_ids
            or self.company_id.stock_warning_user_ids
        )
        # Roles and companies change after somebody was named.
        return named.filtered(
            lambda user: user.active
            and self.company_id in user.company_ids
            and user.has_group("stock.group_stock_user")
        )

    # ---------------------------------------------------------------- which products are watched
    @api.model
    @ormcache()
    def _watched_product_ids(self):
        query = SQL(
            "SELECT DISTINCT product_id FROM stock_warehouse_orderpoint WHERE active AND warning_level > 0"
        )
        self.flush_model(["active", "product_id", "warning_level"])
        return frozenset(product_id for (product_id,) in self.env.execute_query(query))

    def _levels_changed(self):
        self.env.registry.clear_cache()
        self.env["order.stock.warning"]._wake()

    @api.model_create_multi
    def create(self, vals_list):
        orderpoints = super().create(vals_list)
        if any(vals.get("warning_level") for vals in vals_list):
            orderpoints._levels_changed()
        return orderpoints

    def write(self, vals):
        changing = WATCHED_FIELDS & vals.keys()
        had_level = changing and any(self.mapped("warning_level"))
        result = super().write(vals)
        if had_level or (changing and any(self.mapped("warning_level"))):
            self._levels_changed()
        return result

    def unlink(self):
        if self.env.context.get("tidying_orderpoints") is TIDYING:
            self = self.filtered(lambda orderpoint: not orderpoint.warning_level)
        had_level = any(self.mapped("warning_level"))
        result = super().unlink()
        if had_level:
            self._levels_changed()
        return result

    # ---------------------------------------------------------------- a level is not tidied away
    def action_replenish(self, force_to_max=False):
        tidying = self.with_context(tidying_orderpoints=TIDYING)
        return super(StockWarehouseOrderpoint, tidying).action_replenish(force_to_max=force_to_max)

    @api.autovacuum
    def _unlink_processed_orderpoints(self):
        tidying = self.with_context(tidying_orderpoints=TIDYING)
        return super(StockWarehouseOrderpoint, tidying)._unlink_processed_orderpoints()
