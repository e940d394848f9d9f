from odoo import api, models

from ..engine.pick_walk import Take, walk
from ..models.stock_picking_papers import quantity_words


class WavePickList(models.AbstractModel):
    """One walk for a whole wave: each shelf once, and into which box of the trolley how much goes."""

    _name = "report.order_processing.report_wave_pick_list"
    _description = "Pick List"

    @api.model
    def _get_report_values(self, docids, data=None):
        batches = self.env["stock.picking.batch"].browse(docids)
        return {"docs": batches, "lists": {batch.id: self._pick_list(batch) for batch in batches}}

    def _pick_list(self, batch):
        pickings = batch.picking_ids.filtered(lambda picking: picking.state != "cancel")
        pickings = pickings._in_box_order()
        boxes = {picking: number for number, picking in enumerate(pickings, 1)}
        lines = pickings.move_line_ids.filtered(lambda line: line.quantity)
        takes = [
            Take(
                line.location_id.complete_name,
                (line.product_id, line.lot_id.name or line.lot_name, line.package_id.name),
                line.product_id.display_name,
                line.quantity_product_uom,
                boxes[line.picking_id],
            )
            for line in lines
        ]
        return {
            "boxes": [self._box(picking, number) for picking, number in boxes.items()],
            "stops": [(stop.place, [self._row(row) for row in stop.rows]) for stop in walk(takes)],
            "short": self._short(pickings, boxes),
            "has_lots": any(line.lot_id or line.lot_name for line in lines),
            "is_split": len(boxes) > 1,
            "is_urgent": pickings._is_urgent(),
            "units": sum(lines.mapped("quantity_product_uom")),
        }

    def _box(self, picking, number):
        orders = picking._paper_orders()
        return {
            "number": number,
            "picking": picking,
            "orders": ", ".join(orders.mapped("name")) or picking.origin or "",
            "receiver": picking.partner_id.display_name or "",
            "is_urgent": picking._is_urgent(),
            "is_gift": any(orders.mapped("gift_note")),
            "no_substitutes": any(orders.mapped("no_substitutes")),
            "instructions": [text for text in orders.mapped("packing_instruction") if text],
        }

    def _row(self, row):
        product, lot, package = row.thing
        return {
            "product": product,
            "lot": lot,
            "package": package,
            "quantity": quantity_words(self.env, row.quantity, product.uom_id),
            "split": [(box, quantity_words(self.env, part, product.uom_id)) for box, part in row.split],
        }

    def _short(self, pickings, boxes):
        """Return what is not set aside: ``[(product, quantity, box)]``. Nobody should look for it in vain."""
        missing = []
        for move in pickings.move_ids:
            quantity = move.product_uom_qty - move.quantity
            if move.state in ("done", "cancel") or move.product_uom.compare(quantity, 0) <= 0:
                continue
            words = quantity_words(self.env, quantity, move.product_uom)
            missing.append((move.product_id, words, boxes[move.picking_id]))
        return missing
