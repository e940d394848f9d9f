from odoo import models
from odoo.tools.sql import escape_psql


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
        return self.search([("name", "=ilike", escape_psql(code)), company], limit=1)

    # ---------------------------------------------------------------- products
    def _product_of_barcode(self, code):
        """Return the product, and how many of it the code stands for.

        A code may be used again when a product is archived, and in another company: meant is what is in the
        transfer, otherwise what is still sold here.
        """
        products = self.env["product.product"].with_context(active_test=False)
        found = [(product, 1.0) for product in products.search([("barcode", "=", code)], limit=20)]
        for packaging in self.env["product.uom"].search([("barcode", "=", code)], limit=20):
            product = packaging.product_id
            found.append((product, packaging.uom_id._compute_quantity(1.0, product.uom_id)))
        return min(found, key=lambda one: self._strangeness(one[0]), default=(products.browse(), 1.0))

    def _strangeness(self, product):
        """The smaller, the more likely it is the product that is meant."""
        # sudo: which company a product belongs to
        company = product.sudo().company_id
        return (
            product not in self.move_ids.product_id,
            not product.active,
            bool(company) and company != self.company_id,
            company != self.company_id,
        )

    def _product_of_number(self, code):
        """Return the product of that number; two may share one: meant is that which is in the transfer."""
        products = self.env["product.product"].with_context(active_test=False)
        found = products.search([("default_code", "=ilike", escape_psql(code))], limit=20)
        return found.sorted(self._strangeness)[:1]

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
        rooms = lines._room_of_each()
        room = sum(rooms.values())
        if unit.compare(quantity, room) > 0:
            return self._too_many(lines, quantity, room)
        last = lines[:1]
        for line, free in rooms.items():
            part = min(free, quantity)
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
                count=f"{sum(lines._wanted_of_each().values()):g}",
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
