import contextlib
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# In the context: the day asked about, as text or as the search bar sends it, or how many days ahead.
AT, DAYS = "availability_at", "availability_days"


class OrderAvailability(models.Model):
    """What can be had of each product in each warehouse: now, on a day, and how soon more comes.

    Rows are made on reading, and only what is on the screen is worked out.
    """

    _name = "order.availability"
    _description = "Availability"
    _auto = False
    _order = "product_id, warehouse_id"
    _rec_name = "product_id"
    _depends = {
        "product.product": ["active", "product_tmpl_id"],
        "product.template": ["is_storable", "company_id", "categ_id"],
        "stock.warehouse": ["active", "company_id"],
    }

    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", "Category", readonly=True)
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    free_now = fields.Float(
        "Free now",
        digits="Product Unit",
        compute="_compute_availability",
        help="After all promises: nobody waits for it.",
    )
    at = fields.Date("Day", compute="_compute_availability", search="_search_at")
    free_at = fields.Float("Free on that day", digits="Product Unit", compute="_compute_availability")
    next_date = fields.Datetime("Next receipt", compute="_compute_availability")
    next_quantity = fields.Float("Comes in", digits="Product Unit", compute="_compute_availability")
    lead_days = fields.Char(
        "Days to get more",
        compute="_compute_availability",
        help="To buy or make what is not ordered yet. Empty: it can be neither bought nor made.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT product.id::bigint * 1000000 + warehouse.id AS id, product.id AS product_id,
                   template.categ_id, warehouse.id AS warehouse_id, warehouse.company_id
              FROM product_product product
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN stock_warehouse warehouse
                ON template.company_id IS NULL OR template.company_id = warehouse.company_id
             WHERE product.active AND template.is_storable AND warehouse.active
            """
        )

    @api.model
    def _search_at(self, operator, value):
        return Domain.TRUE  # it says what is shown of the rows, not which

    def _day(self):
        """Return the day asked about: what the context says, else a week from now."""
        today = fields.Date.context_today(self)
        given = self.env.context.get(AT)
        if isinstance(given, list | tuple):
            given = given[-1] if given else None
        if isinstance(given, str):
            with contextlib.suppress(ValueError):  # typed into an address: as if nothing were asked
                return max(fields.Date.to_date(given) or today, today)
        days = self.env.context.get(DAYS)
        days = days if isinstance(days, int) and 0 <= days <= 3650 else 7
        return today + timedelta(days=days)

    @api.depends_context(AT, DAYS, "tz")
    def _compute_availability(self):
        day = self._day()
        end = datetime.combine(day, time(23, 59, 59))
        found = self.product_id._order_availability(self.warehouse_id, end, with_lead=True)
        for row in self:
            availability = found.get((row.product_id.id, row.warehouse_id.id))
            row.at = day
            row.free_now = availability.free_now if availability else 0.0
            row.free_at = availability.free_at if availability else 0.0
            row.next_date = availability and availability.next_date
            row.next_quantity = availability.next_quantity if availability else 0.0
            lead = availability.lead_days if availability else None
            row.lead_days = False if lead is None else str(lead)
