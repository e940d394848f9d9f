from odoo import models

from .inside import COUNTING


class StockPicking(models.Model):
    """Lots and serial numbers at the packing table: another one may be taken than was planned."""

    _inherit = "stock.picking"

    def _scanned_lot(self, code):
        """Return the lot of that number; of several, the one of a product in the transfer."""
        lots = self.env["stock.lot"].search([("name", "=", code)], limit=50)
        lots = lots.filtered(lambda lot: not lot.company_id or lot.company_id == self.company_id)
        mine = lots.filtered(lambda lot: lot.product_id in self.move_ids.product_id)
        return (mine or lots)[:1]

    def _count_lot(self, lot):
        product = lot.product_id
        lines = self._lines_of(product)
        if not lines:
            return self._wrong(product)
        own = lines.filtered(lambda line: line.lot_id == lot)
        if with_room := own._with_room():
            return self._count_on(with_room, 1.0)
        if own and product.tracking == "serial":
            return self._not_counted(
                "too_many", self.env._("Serial number %s is in already.", lot.name), own[0]
            )
        return self._count_other_lot(lot, lines)

    def _count_other_lot(self, lot, lines):
        """Another lot was taken than planned: it is packed instead, if nobody else has it.

        What is counted stays; as much of what is still to go in as there is comes from the other lot.
        """
        open_lines = lines._with_room().filtered(lambda line: line.lot_id != lot)
        if not open_lines:
            return self._too_many(lines, 1.0, 0.0)
        line = open_lines.sorted(lambda one: one.packed_qty > 0)[0]
        quant, free = self._free_of_lot(lot, line)
        if line.product_id.uom_id.compare(free, 1.0) < 0:
            return self._not_counted("wrong", self._lot_not_free(lot, line), line)
        return self._count_on(line._switch_place(quant, min(line._room(), free)), 1.0)

    def _free_of_lot(self, lot, line):
        """Return where most of the lot is free, and how much."""
        quants = self.env["stock.quant"]._gather(line.product_id, line.location_id, lot_id=lot, strict=False)
        free = {quant: quant.quantity - quant.reserved_quantity for quant in quants if quant.lot_id == lot}
        return max(free.items(), key=lambda one: one[1], default=(quants.browse(), 0.0))

    def _lot_not_free(self, lot, line):
        names = {"lot": lot.name, "product": lot.product_id.display_name}
        own = self.move_line_ids.filtered(lambda one: one.lot_id == lot)
        if own:
            return self.env._(
                "All there is of %(lot)s for this transfer is in; %(rest)s of %(other)s are still to go in.",
                lot=lot.name,
                rest=f"{line._room():g}",
                other=line.lot_id.name or line.product_id.display_name,
            )
        others = self.env["stock.move.line"].search(
            [
                ("lot_id", "=", lot.id),
                ("picking_id", "!=", self.id),
                ("state", "not in", ("done", "cancel", "draft")),
                ("location_id", "child_of", line.picking_id.location_id.id),
            ],
            limit=1,
        )
        if others.picking_id:
            return self.env._(
                "%(lot)s of %(product)s is set aside for %(transfer)s.",
                transfer=others.picking_id.name,
                **names,
            )
        return self.env._("%(lot)s of %(product)s is not in stock here.", **names)


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    def _with_room(self):
        """Return those of the lines of which something is still to go in."""
        rooms = self._room_of_each()
        return self.filtered(lambda line: line.product_id.uom_id.compare(rooms[line], 0) > 0)

    def _switch_place(self, quant, quantity):
        """Take so much of the line, in the unit of the product, from there; return the line that says so."""
        unit = self.product_id.uom_id
        place = {
            "location_id": quant.location_id.id,
            "lot_id": quant.lot_id.id,
            "package_id": quant.package_id.id,
            "owner_id": quant.owner_id.id,
        }
        entire = unit.compare(quantity, self.quantity_product_uom) >= 0
        there = (quant.location_id, quant.lot_id, quant.package_id, quant.owner_id)
        twin = self.move_id.move_line_ids.filtered(
            lambda line: line._place() == there and not line.result_package_id
        )[:1].with_context(counting=COUNTING)
        if entire and not twin:
            self.write(place)
            return self
        lines = self.with_context(counting=COUNTING)
        if entire:
            self.unlink()
        else:
            lines._set_quantity_in_unit(self.quantity_product_uom - quantity)
        if twin:
            twin._set_quantity_in_unit(twin.quantity_product_uom + quantity)
            return twin.with_env(self.env)
        return self.create(
            {
                **place,
                "move_id": self.move_id.id,
                "picking_id": self.picking_id.id,
                "location_dest_id": self.location_dest_id.id,
                "product_id": self.product_id.id,
                "product_uom_id": unit.id,
                "quantity": quantity,
                "picked": False,
            }
        )

    def _set_quantity_in_unit(self, quantity):
        """Set the quantity, said in the unit of the product."""
        unit = self.product_id.uom_id
        self.write(
            {"quantity": quantity, **({"product_uom_id": unit.id} if self.product_uom_id != unit else {})}
        )
