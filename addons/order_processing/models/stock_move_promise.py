from odoo import api, models

from ..engine.allocation import Code


class StockMove(models.Model):
    """Whatever moves supply has the promises looked at again that rest on it."""

    _inherit = "stock.move"

    def write(self, vals):
        noted = self._supply_noted(vals)
        result = super().write(vals)
        for code, moves in noted:
            moves._have_promises_rechecked(code)
        return result

    def _supply_noted(self, vals):
        """Return ``[(why, moves)]`` of those whose change moves what can be promised."""
        if not ({"date", "product_uom_qty", "state"} & vals.keys()):
            return []
        moves = self.filtered(lambda move: move.company_id.promise_mode == "promise" and move.product_id)
        if not moves:
            return []
        state = vals.get("state")
        if state == "cancel":
            open_moves = moves.filtered(lambda move: move.state not in ("done", "cancel", "draft"))
            supply = open_moves.filtered(lambda move: move._brings_supply())
            gone = (open_moves - supply).filtered(lambda move: not move._goes_on_in_another())
            return [("receipt_cancelled", supply), ("order_cancelled", gone)]
        if state == "done":
            return moves._noted_when_done()
        if state in ("confirmed", "assigned", "waiting"):
            fresh = moves.filtered(lambda move: move.state == "draft")
            supply = fresh.filtered(lambda move: move._brings_supply())
            demand = (fresh - supply).filtered(lambda move: not move.sale_line_id and move._takes_supply())
            return [("receipt_changed", supply), ("other_demand", demand)]
        if state:
            return []
        supply = moves.filtered(
            lambda move: move.state not in ("done", "cancel", "draft") and move._brings_supply()
        )
        code = "receipt_changed" if "product_uom_qty" in vals else "receipt_moved"
        return [(code, supply.filtered(lambda move: code != "receipt_moved" or move._moves_to(vals["date"])))]

    def _noted_when_done(self):
        moves = self.filtered(lambda move: move.state != "done")
        lost = moves.filtered(lambda move: move.location_dest_id.usage == "inventory")
        found = moves.filtered(lambda move: move.location_id.usage == "inventory")
        back = moves.filtered(
            lambda move: move.location_id.usage == "customer" and move.location_dest_id.usage == "internal"
        )
        came = (moves - lost - found - back).filtered(lambda move: move._brings_supply())
        return [("stock_lost", lost), ("stock_found", found | back), ("receipt_changed", came)]

    @api.model
    def _note_outcomes(self, facts, outcomes, failed=()):
        """Who does not get what he was promised from stock waits for what comes in: that is another day."""
        result = super()._note_outcomes(facts, outcomes, failed)
        short = self.browse(
            id_
            for id_, outcome in outcomes.items()
            if outcome.code is not Code.SERVED and facts.rows[id_].code != outcome.code.value
        )
        short.filtered(lambda move: move.company_id.promise_mode == "promise")._have_promises_rechecked(
            "promised_twice"
        )
        return result

    def _moves_to(self, date):
        return str(self.date)[:16] != str(date)[:16]

    def _brings_supply(self):
        """Whether it brings goods into a warehouse from outside."""
        source, target = self.location_id, self.location_dest_id
        return (
            target.usage == "internal"
            and bool(target.warehouse_id)
            and source.usage != "customer"
            and (source.usage != "internal" or source.warehouse_id != target.warehouse_id)
        ) or self._comes_straight()

    def _takes_supply(self):
        """Whether it takes goods out of a warehouse."""
        source = self.location_id
        target = self.location_final_id or self.location_dest_id
        return (
            source.usage == "internal"
            and bool(source.warehouse_id)
            and (target.usage != "internal" or target.warehouse_id != source.warehouse_id)
        )

    def _goes_on_in_another(self):
        """Merged into another move of the same line, it has not gone away."""
        # sudo: whether there is one
        others = self.sudo().sale_line_id.move_ids - self
        return any(move.state not in ("done", "cancel") for move in others)

    def _comes_straight(self):
        """From the vendor to the customer, past every warehouse."""
        return self.location_id.usage == "supplier" and bool(self.sudo().sale_line_id)  # sudo: whether

    def _have_promises_rechecked(self, code):
        Recheck = self.env["order.promise.recheck"]
        for move in self:
            if not move.product_id.is_storable:
                continue
            places = (move.location_id | move.location_dest_id).filtered(
                lambda place: place.usage == "internal"
            )
            warehouses = places.warehouse_id or move.sudo().sale_line_id.warehouse_id  # sudo: which one
            pools = {(move.product_id.id, warehouse.id) for warehouse in warehouses}
            Recheck._note_pools(pools, code, move._promise_source())

    def _promise_source(self):
        """Return the document that people know the move by."""
        # sudo: only its name is kept
        move = self.sudo()
        order = move.sale_line_id.order_id
        return (order if not move._comes_straight() else False) or move.picking_id or move
