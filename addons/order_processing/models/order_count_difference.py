from odoo import api, fields, models
from odoo.tools import SQL

from .order_count_plan import ABC


class OrderCountDifference(models.Model):
    """What counts have found: one row for each stock record counted, with the difference and its value."""

    _name = "order.count.difference"
    _description = "Count Difference"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "product_id"
    # What is written before it is read.
    _depends = {
        "stock.move.line": ["date", "product_id", "location_id", "location_dest_id", "lot_id", "state"],
        "stock.move": ["is_inventory", "counted_quantity", "counted_cost", "counted_class"],
        "order.count.plan": ["abc_class", "product_id", "warehouse_id"],
        "product.product": ["standard_price"],
        "product.template": ["categ_id"],
        "stock.location": ["usage", "warehouse_id"],
        "res.company": ["currency_id"],
    }

    date = fields.Datetime("Counted on", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", "Category", readonly=True)
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True)
    location_id = fields.Many2one("stock.location", readonly=True)
    lot_id = fields.Many2one("stock.lot", "Lot or serial number", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", "Counted by", readonly=True)
    move_id = fields.Many2one("stock.move", readonly=True)
    abc_class = fields.Selection(ABC, "Class", readonly=True, help="When it was counted.")
    counted_quantity = fields.Float("Counted", digits="Product Unit", readonly=True, aggregator=None)
    is_counted_known = fields.Boolean(readonly=True, help="Counts from before this was kept do not say it.")
    difference = fields.Float(digits="Product Unit", readonly=True)
    value = fields.Monetary("Value of the difference", readonly=True, help="At the cost when it was counted.")
    absolute_value = fields.Monetary("Value, over and under", readonly=True)
    count_number = fields.Integer("Counts", readonly=True)
    off_number = fields.Integer("With a difference", readonly=True)
    accuracy = fields.Float(
        "Right (%)", readonly=True, aggregator="avg", help="Counts that found what should be there."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT ml.id, ml.date, ml.product_id, t.categ_id, place.warehouse_id, place.id AS location_id,
                   ml.lot_id, ml.company_id, c.currency_id, m.create_uid AS user_id, m.id AS move_id,
                   COALESCE(m.counted_class, plan.abc_class) AS abc_class, m.counted_quantity,
                   m.counted_quantity IS NOT NULL AS is_counted_known,
                   found.difference,
                   found.difference * found.cost AS value,
                   abs(found.difference) * found.cost AS absolute_value,
                   1 AS count_number, (found.difference <> 0)::int AS off_number,
                   CASE WHEN found.difference = 0 THEN 100.0 ELSE 0.0 END AS accuracy
              FROM stock_move_line ml
              JOIN stock_move m ON m.id = ml.move_id AND m.is_inventory
              JOIN stock_location source ON source.id = ml.location_id
              JOIN stock_location target ON target.id = ml.location_dest_id
              JOIN stock_location place
                ON place.id = CASE WHEN source.usage = 'inventory' THEN target.id ELSE source.id END
              JOIN product_product p ON p.id = ml.product_id
              JOIN product_template t ON t.id = p.product_tmpl_id
              JOIN res_company c ON c.id = ml.company_id
              LEFT JOIN order_count_plan plan
                ON plan.product_id = ml.product_id AND plan.warehouse_id = place.warehouse_id
              CROSS JOIN LATERAL (
                  SELECT CASE WHEN source.usage = 'inventory' THEN 1 ELSE -1 END
                         * ml.quantity_product_uom::float8 AS difference,
                         COALESCE(m.counted_cost, (p.standard_price ->> c.id::text)::float8, 0)::float8
                         AS cost
              ) found
             WHERE ml.state = 'done' AND place.usage IN ('internal', 'transit')
            """
        )

    @api.depends("product_id")
    def _compute_display_name(self):
        for found in self:
            found.display_name = found.product_id.display_name

    def action_open_move(self):
        """The move the count made."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.move",
            "res_id": self.move_id.id,
            "views": [[False, "form"]],
            "name": self.env._("Count"),
        }
