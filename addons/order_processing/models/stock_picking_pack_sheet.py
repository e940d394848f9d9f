from odoo import models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    """What the packer sees of a transfer, as plain values."""

    _inherit = "stock.picking"

    def _pack_entry(self):
        """The transfer in the list of those that are packed one after the other."""
        return {
            "id": self.id,
            "name": self.name,
            "customer": self.partner_id.sudo().display_name or "",
            "state": self.state,
            "urgent": self._is_urgent(),
            "held": self.dispatch_by_hand == "held",
        }

    def _pack_sheet(self):
        lines = self.move_line_ids.sorted(lambda line: (line.location_id.complete_name or "", line.id))
        return {
            **self._pack_entry(),
            "orders": self._paper_orders().mapped("name"),
            "address": self._dispatch_address(),
            "carrier": self.carrier_id.sudo().name or False,
            "joined": self.dispatch_join_key,
            "weight": self.weight,
            "weight_unit": self.weight_uom_name,
            "wave": {"id": self.batch_id.id, "name": self.batch_id.name} if self.batch_id else False,
            "requests": self._pack_requests(),
            "lines": [
                line._pack_line(wanted)
                for line, wanted in lines._wanted_of_each().items()
                if line.quantity or line.packed_qty
            ],
            "short": self._pack_short(),
            "over": self._pack_over(),
            "whole": self._is_packed_whole(),
            "counted": any(line.packed_qty for line in lines),
            "packages": self.env.user.has_group("stock.group_tracking_lot"),
            "others": self.env["order.pack.look"].sudo()._other_names(self),  # sudo: packers see each other
        }

    def _pack_missing(self):
        """Return what of the transfer is not in the parcel."""
        return self._pack_lacking(lambda move: move._counted_quantity())

    def _pack_short(self):
        """Return what is asked for and not set aside."""
        return self._pack_lacking(lambda move: sum(move.move_line_ids.mapped("quantity_product_uom")))

    def _pack_lacking(self, there):
        """Return of which products more is asked for than is there, and how much."""
        lacking = []
        for move in self._open_moves():
            product, quantity = move.product_id, move.product_qty - there(move)
            if product.uom_id.compare(quantity, 0) > 0:
                lacking.append(
                    {"product": product.display_name, "quantity": quantity, "unit": product.uom_id.name}
                )
        return lacking

    def _pack_over(self):
        """Return what of the transfer is counted beyond what is asked for."""
        over = []
        for move in self._open_moves():
            if move._is_counted_over():
                over.append(
                    {
                        "product": move.product_id.display_name,
                        "counted": move._counted_quantity(),
                        "wanted": sum(move._pack_shares().values()),
                        "unit": move.product_id.uom_id.name,
                    }
                )
        return over

    def _check_not_over(self):
        """Refuse to send more than is asked for: somebody takes it out of the parcel first."""
        for picking in self:
            for one in picking._pack_over():
                raise UserError(
                    self.env._(
                        "%(transfer)s: %(counted)s %(unit)s of %(product)s are counted, and only %(wanted)s"
                        " are asked for now. Take the others out of the parcel and count again.",
                        transfer=picking.name,
                        product=one["product"],
                        unit=one["unit"],
                        counted=f"{one['counted']:g}",
                        wanted=f"{one['wanted']:g}",
                    )
                )


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    def _pack_line(self, wanted):
        product = self.product_id
        return {
            "id": self.id,
            "product_id": product.id,
            "name": product.with_context(display_default_code=False).display_name,
            "sku": product.default_code or "",
            "barcode": product.barcode or "",
            "tracking": product.tracking,
            "lot": self.lot_id.name or self.lot_name or "",
            "place": self.location_id.display_name,
            "wanted": wanted,
            "packed": self.packed_qty,
            "unit": product.uom_id.name,
            "whole": product.uom_id.compare(self.packed_qty, wanted) == 0,
            "over": product.uom_id.compare(self.packed_qty, wanted) > 0,
        }

    def _counted_words(self):
        return self.env._(
            "%(product)s: %(counted)s of %(wanted)s",
            product=self.product_id.display_name,
            counted=f"{self.packed_qty:g}",
            wanted=f"{self._wanted():g}",
        )
