from datetime import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import format_date

from .promise_facts import PromiseFacts, lead_of

# In the context of the catalogue and of lists: the warehouse whose stock is meant.
WAREHOUSE = "availability_warehouse_id"


class Availability(NamedTuple):
    """What of a product can be had in a warehouse, in the product's own unit."""

    free_now: float  # after all promises: nobody waits for it
    free_at: float  # the same at the date asked for
    next_date: datetime | None = None  # of the next receipt
    next_quantity: float = 0.0
    lead_days: int | None = None  # of what is not ordered yet; None: it cannot be


def availability_of(facts, promiser, pool, at=None, lead=None):
    """Return what can be had of a pool, a product in a warehouse."""
    following = next((supply for supply in facts.stocks[pool].supplies if not supply.overdue), None)
    return Availability(
        max(promiser.free(pool, facts.now), 0) / facts.scale,
        max(promiser.free(pool, max(at or facts.now, facts.now)), 0) / facts.scale,
        following and following.at,
        following.quantity / facts.scale if following else 0.0,
        lead and lead.promised.days,
    )


class ProductProduct(models.Model):
    """What can be had of a product, where, and when."""

    _inherit = "product.product"

    order_availability = fields.Char(
        "Can be had",
        compute="_compute_order_availability",
        groups="base.group_user",
        help="What is free after all promises, and what comes in next.",
    )

    def _order_availability(self, warehouses, at=None, besides=(), with_lead=False):
        """Return ``{(product id, warehouse id): Availability}``, with a constant number of queries.

        ``besides``: moves that do not count, neither what they want nor what they have. ``with_lead``: also
        how many days it takes to get more, which asks the rules of each kind of supply.
        """
        facts = PromiseFacts(self.env, self, warehouses, besides)
        promiser = facts.promiser({})
        return {
            pool: availability_of(facts, promiser, pool, at, facts.lead(pool) if with_lead else None)
            for pool in facts.stocks
        }

    def _order_availability_text(self, availability):
        """Say in words what can be had of the product."""
        unit = self.uom_id.name
        free = self.env._("%(quantity)s %(unit)s free", quantity=f"{availability.free_now:g}", unit=unit)
        if not availability.next_date:
            return free
        return self.env._(
            "%(free)s, %(quantity)s more on %(date)s",
            free=free,
            quantity=f"{availability.next_quantity:g}",
            date=format_date(self.env, availability.next_date),
        )

    @api.depends_context("lang", WAREHOUSE, "warehouse_id", "company")
    def _compute_order_availability(self):
        chosen = self.env.context.get(WAREHOUSE) or self.env.context.get("warehouse_id")
        Warehouse = self.env["stock.warehouse"].sudo()  # sudo: which one is asked about is no secret
        warehouse = Warehouse.browse(chosen if isinstance(chosen, int) else ()).exists()
        if not warehouse or warehouse.company_id not in self.env.companies:
            warehouse = Warehouse.search([("company_id", "=", self.env.company.id)], limit=1)
        counted = self.filtered("is_storable")
        found = counted._order_availability(warehouse) if warehouse else {}
        for product in self:
            availability = found.get((product.id, warehouse.id))
            product.order_availability = availability and product._order_availability_text(availability)

    # ---------------------------------------------------------------- getting more
    def _supplied_alike(self):
        """Return what decides by which rules more of it is got; glue addons add theirs."""
        return tuple((self.route_ids | self.categ_id.total_route_ids).ids), bool(self.seller_ids)

    def _promise_lead(self, location, routes=None):
        """Return the engine's Lead: how long it takes to buy or make more of it; None where one cannot."""
        self.ensure_one()
        # sudo: vendors and bills of materials, of which only the days are told
        rules = self.sudo()._get_rules_from_location(location, route_ids=routes or False)
        planning = (location.company_id or self.env.company).sudo()._promise_planning()
        return lead_of(rules, self.sudo(), planning)
