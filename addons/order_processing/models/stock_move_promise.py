from odoo import models


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
            return [("receipt_cancelled", supply), ("order_cancelled", open_moves - supply)]
        if state == "done":
            return moves._noted_when_done()
        if state in ("confirmed", "assigned", "waiting"):
            fresh = moves.filtered(lambda move: move.state == "draft" and move._brings_supply())
            return [("receipt_changed", fresh)]
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
        came = (moves - lost - found).filtered(lambda move: move._brings_supply())
        return [("stock_lost", lost), ("stock_found", found), ("receipt_changed", came)]

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
        )

    def _have_promises_rechecked(self, code):
        Recheck = self.env["order.promise.recheck"]
        for move in self:
            if not move.product_id.is_storable:
                continue
            places = (move.location_id | move.location_dest_id).filtered(lambda l: l.usage == "internal")
            pools = {(move.product_id.id, warehouse.id) for warehouse in places.warehouse_id}
            Recheck._note_pools(pools, code, move._promise_source())

    def _promise_source(self):
        """Return the document that people know the move by."""
        # sudo: only its name is kept
        move = self.sudo()
        return move.sale_line_id.order_id or move.picking_id or move
