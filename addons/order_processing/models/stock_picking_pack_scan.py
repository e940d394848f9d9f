from odoo import models


class StockPicking(models.Model):
    """What a scanned code means at the packing table."""

    _inherit = "stock.picking"

    def _pack_scanned(self, code):
        """Return what came of a code: ``result`` and a sentence."""
        if len(code) < 2:
            return self._not_counted("unknown", self.env._("Nothing was scanned."))
        if other := self._scanned_transfer(code):
            return {"result": "transfer", "message": other.name, "picking_id": other.id}
        self._check_still_open()
        product, quantity = self._product_of_barcode(code)
        if product not in self.move_ids.product_id and (lot := self._scanned_lot(code)):
            return self._count_lot(lot)
        product = product or self._product_of_number(code)
        if not product:
            return self._not_counted(
                "unknown", self.env._("%s is not known: no product, lot or transfer has this code.", code)
            )
        return self._count_product(product, quantity)

    def _not_counted(self, result, message, line=None):
        return {"result": result, "message": message, "line_id": line.id if line else False}

    def _scanned_transfer(self, code):
        company = ("company_id", "=", self.company_id.id)
        return self.search([("name", "=ilike", self._as_typed(code)), company], limit=1)

    @staticmethod
    def _as_typed(code):
        return code.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

    # ---------------------------------------------------------------- products
    def _product_of_barcode(self, code):
        """Return the product, and how many of it the code stands for."""
        products = self.env["product.product"].with_context(active_test=False)
        if product := products.search([("barcode", "=", code)], limit=1):
            return product, 1.0
        packaging = self.env["product.uom"].search([("barcode", "=", code)], limit=1)
        if not packaging:
            return products.browse(), 1.0
        product = packaging.product_id
        return product, packaging.uom_id._compute_quantity(1.0, product.uom_id)

    def _product_of_number(self, code):
        """Return the product of that number; two may share one: meant is that which is in the transfer."""
        products = self.env["product.product"].with_context(active_test=False)
        found = products.search([("default_code", "=ilike", self._as_typed(code))], limit=20)
        return (found & self.move_ids.product_id or found)[:1]

    def _count_product(self, product, quantity):
        lines = self._lines_of(product)
        if not lines:
            return self._wrong(product)
        if product.tracking != "none":
            return self._not_counted(
                "lot",
                self.env._("%s is followed piece by piece: scan its serial number.", product.display_name)
                if product.tracking == "serial"
                else self.env._("%s is followed by lots: scan the number of the lot.", product.display_name),
                lines[:1],
            )
        return self._count_on(lines, quantity)

    def _lines_of(self, product):
        return self.move_line_ids.filtered(
            lambda line: line.product_id == product and line.quantity and line.state not in ("done", "cancel")
        )

    def _wrong(self, product):
        wanted = self.move_ids.filtered(lambda move: move.product_id == product and move.state != "cancel")
        if wanted:
            message = self.env._(
                "%s belongs to this transfer, but none is set aside for it. Check availability first.",
                product.display_name,
            )
        else:
            message = self.env._("Wrong product: %s does not belong to this transfer.", product.display_name)
        return self._not_counted("wrong", message)

    def _count_on(self, lines, quantity):
        """Count the quantity on the lines, from the first with room."""
        unit = lines.product_id.uom_id
        room = sum(line._room() for line in lines)
        if unit.compare(quantity, room) > 0:
            return self._too_many(lines, quantity, room)
        last = lines[:1]
        for line in lines:
            part = min(line._room(), quantity)
            if unit.compare(part, 0) > 0:
                line._count(line.packed_qty + part)
                quantity -= part
                last = line
        return {
            "result": "complete" if self._is_packed_whole() else "counted",
            "message": last._counted_words(),
            "line_id": last.id,
        }

    def _too_many(self, lines, quantity, room):
        product = lines.product_id
        if product.uom_id.is_zero(room):
            message = self.env._(
                "Too many: all %(count)s of %(product)s are in already.",
                count=f"{sum(lines.mapped('quantity_product_uom')):g}",
                product=product.display_name,
            )
        else:
            message = self.env._(
                "Too many: this code stands for %(quantity)s of %(product)s, and only %(room)s are to go in.",
                quantity=f"{quantity:g}",
                product=product.display_name,
                room=f"{room:g}",
            )
        return self._not_counted("too_many", message, lines[:1])

    # ---------------------------------------------------------------- lots and serial numbers
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
        if own := lines.filtered(lambda line: line.lot_id == lot):
            if product.tracking == "serial" and not product.uom_id.compare(own[0]._room(), 0) > 0:
                return self._not_counted(
                    "too_many", self.env._("Serial number %s is in already.", lot.name), own[0]
                )
            return self._count_on(own, 1.0)
        return self._count_other_lot(lot, lines)

    def _count_other_lot(self, lot, lines):
        """Another lot was taken than planned: it is packed instead, if nobody else has it."""
        open_lines = lines.filtered(lambda line: not line.packed_qty)
        if not open_lines:
            return self._too_many(lines, 1.0, sum(line._room() for line in lines))
        line = open_lines[0]
        quant = self.env["stock.quant"]._gather(line.product_id, line.location_id, lot_id=lot, strict=False)
        quant = quant.filtered(
            lambda one: one.lot_id == lot
            and one.quantity - one.reserved_quantity >= line.quantity_product_uom
        )
        if not quant:
            return self._not_counted("wrong", self._lot_not_free(lot, line), line)
        line.write(
            {
                "location_id": quant[0].location_id.id,
                "lot_id": lot.id,
                "package_id": quant[0].package_id.id,
                "owner_id": quant[0].owner_id.id,
            }
        )
        return self._count_on(line, 1.0)

    def _lot_not_free(self, lot, line):
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
                lot=lot.name,
                product=lot.product_id.display_name,
                transfer=others.picking_id.name,
            )
        return self.env._(
            "%(lot)s of %(product)s is not in stock here.",
            lot=lot.name,
            product=lot.product_id.display_name,
        )
