from datetime import timedelta
from typing import NamedTuple

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import groupby


class Load(NamedTuple):
    """So much of a product, in its own unit, and the numbers of the orders it is brought for."""

    product: models.Model
    quantity: float
    what_for: str


class StockWarehouse(models.Model):
    """Bringing goods from one warehouse to another, as Odoo does."""

    _inherit = "stock.warehouse"

    def _days_to(self, target):
        """Return how many days goods are on their way from here to another warehouse."""
        company = target.company_id
        zone = self.env["order.freight.zone"].with_company(company)._of(target.partner_id)
        zone = zone.get(target.partner_id.id, self.env["order.freight.zone"])
        rate = self.env["order.freight.rate"]._for(zone, self, self.env["delivery.carrier"])
        return rate.transit_days if rate else company.transfer_days

    def _bring_to(self, target, loads, days):
        """Make the transfers that bring these loads to another warehouse; return those that leave here.

        By the resupply route between the two where there is one, else in two transfers through the company's
        own transit: one leaves now, the other arrives after so many days.
        """
        route = target.resupply_route_ids.filtered(lambda route: route.supplier_wh_id == self)[:1]
        now = fields.Datetime.now()
        when = now + timedelta(days=days)
        if route:
            return self._bring_by_route(route, target, loads, when)
        # sudo: settings; Odoo keeps it archived until warehouses supply each other
        transit = target.company_id.sudo().internal_transit_location_id
        transit.active = True
        arriving = target._prepare_load(loads, transit, target.lot_stock_id, when)
        leaving = self._prepare_load(loads, self.lot_stock_id, transit, now)
        for move in leaving.move_ids:
            move.move_dest_ids = arriving.move_ids.filtered(lambda m, p=move.product_id: m.product_id == p)
        leaving.action_confirm()
        arriving.action_confirm()
        leaving.action_assign()
        return leaving

    def _prepare_load(self, loads, place, goal, when):
        """Return a transfer of these loads, of this warehouse, not confirmed yet."""
        what_for = ", ".join(dict.fromkeys(load.what_for for load in loads if load.what_for))
        common = {"location_id": place.id, "location_dest_id": goal.id, "company_id": self.company_id.id}
        moves = [
            Command.create(
                {
                    **common,
                    "product_id": product.id,
                    "product_uom": product.uom_id.id,
                    "product_uom_qty": sum(load.quantity for load in some),
                    "origin": what_for,
                    "date": when,
                }
            )
            for product, some in groupby(loads, lambda load: load.product)
        ]
        vals = {"picking_type_id": self.int_type_id.id, "origin": what_for, "scheduled_date": when}
        return self.env["stock.picking"].create({**common, **vals, "move_ids": moves})

    def _bring_by_route(self, route, target, loads, when):
        what_for = ", ".join(dict.fromkeys(load.what_for for load in loads if load.what_for))
        reference = self.env["stock.reference"].sudo().create({"name": what_for})  # sudo: Odoo's own
        Rule = self.env["stock.rule"]
        values = {
            "warehouse_id": target,
            "route_ids": route,
            "reference_ids": reference,
            "date_planned": when,
        }
        Rule.run(
            [
                Rule.Procurement(
                    load.product,
                    load.quantity,
                    load.product.uom_id,
                    target.lot_stock_id,
                    load.product.display_name,
                    load.what_for,
                    target.company_id,
                    dict(values),
                )
                for load in loads
            ]
        )
        moves = self.env["stock.move"].search([("reference_ids", "in", reference.ids)])
        moves.picking_id.action_assign()
        return (
            moves.filtered(lambda move: move.location_id.warehouse_id == self).picking_id or moves.picking_id
        )
