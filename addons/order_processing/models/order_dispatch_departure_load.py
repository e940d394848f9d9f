from odoo import api, fields, models

from ..engine.consignment import Load

SIZES = Load._fields


class OrderDispatchDeparture(models.Model):
    """How full a departure is."""

    _inherit = "order.dispatch.departure"

    picking_count = fields.Integer("Number of transfers", compute="_compute_load")
    load_parcels = fields.Integer("Parcels on it", compute="_compute_load")
    load_weight = fields.Float("Weight on it", digits="Stock Weight", compute="_compute_load")
    load_volume = fields.Float("Volume on it", digits="Volume", compute="_compute_load")
    fill = fields.Float("Full", compute="_compute_load", help="In percent of what there is least room for.")
    has_limit = fields.Boolean(compute="_compute_load")
    is_overfull = fields.Boolean("More than it can take", compute="_compute_load")

    @api.depends("picking_ids.weight", "picking_ids.state", "max_parcels", "max_weight", "max_volume")
    def _compute_load(self):
        loads = self._origin._loads()
        for departure in self:
            load = loads.get(departure._origin.id) or {"pickings": 0, **dict.fromkeys(SIZES, 0)}
            limits = {size: departure[f"max_{size}"] for size in SIZES}
            filled = [load[size] / limit for size, limit in limits.items() if limit]
            departure.picking_count = load["pickings"]
            departure.load_parcels = load["parcels"]
            departure.load_weight = load["weight"]
            departure.load_volume = load["volume"]
            departure.has_limit = bool(filled)
            departure.fill = 100 * max(filled, default=0)
            departure.is_overfull = any(
                limit and round(load[size] - limit, 6) > 0 for size, limit in limits.items()
            )

    def _overload(self):
        """Return by how much more is on it than it can take, as figures."""
        self.invalidate_recordset(["picking_count"])
        load, over = self._loads()[self.id], {}
        for size in SIZES:
            limit = self[f"max_{size}"]
            if limit and round(load[size] - limit, 6) > 0:
                over[size] = round(load[size] - limit, 3)
        return {"over": over} if over else {}

    def _loads(self):
        """Return ``{departure id: load}``; of goods in several transfers the last one counts."""
        loads = {id_: {"pickings": 0, **dict.fromkeys(SIZES, 0)} for id_ in self.ids}
        # sudo: how full a departure is may be seen by whoever sees it
        on_it = (
            self.env["stock.picking"]
            .sudo()
            .search([("departure_id", "in", self.ids), ("state", "not in", ("draft", "cancel"))])
        )
        for picking in on_it - on_it._before_others(on_it):
            load = loads[picking.departure_id.id]
            load["pickings"] += 1
            load["parcels"] += picking.parcel_count
            load["weight"] += picking.weight
            load["volume"] += sum(
                move.product_id.volume * move.product_qty
                for move in picking.move_ids
                if move.state != "cancel"
            )
        return loads


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _before_others(self, others):
        """Return those whose goods go on with another of these transfers, or are counted no more."""
        found = self.browse()
        for picking in self:
            inside = picking.picking_type_id.code != "outgoing"
            if inside and (picking.state == "done" or picking.move_ids.move_dest_ids.picking_id & others):
                found |= picking
        return found
