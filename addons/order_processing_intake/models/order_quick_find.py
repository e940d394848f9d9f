import re

from odoo import api, models
from odoo.fields import Domain

from ..engine.quick_order import closest

MOST_FOUND = 8
# Lines for which products like what was typed are looked for, and products looked at: one look-up for all.
MOST_MISSPELT = 40
MOST_LOOKED_AT = 400
ENOUGH_FOR_A_NAME = 3


class OrderQuick(models.Model):
    """Which products are meant by what was typed: a constant number of look-ups for any number of lines."""

    _inherit = "order.quick"

    # ---------------------------------------------------------------- what was given
    @api.model
    def _find_products(self, asked):
        """Return for each line ``{code, product, unit, quantity, given, fault}``."""
        readings = [one.readings() for one in asked]
        found = self._products_by_code({reading.code for some in readings for reading in some})
        missing = {
            one.code for one, some in zip(asked, readings, strict=True) if not self._known(some, found)
        }
        found |= self._products_by_name(missing)
        return [self._row(one, some, found) for one, some in zip(asked, readings, strict=True)]

    @staticmethod
    def _known(readings, found):
        return next((reading for reading in readings if reading.code.casefold() in found), None)

    def _row(self, one, readings, found):
        product = self.env["product.product"]
        reading = self._known(readings, found) or readings[0]
        products = found.get(reading.code.casefold(), product)
        unread = one.fault if reading.quantity is None else False
        row = {
            "code": self.env["order.quick.line"]._limit_code(one.code),
            "product": product,
            "unit": self.env["uom.uom"],
            "quantity": float(reading.quantity or 0),
            "given": one.given[:60] if unread else False,
            "fault": "unknown" if not products else "several" if len(products) > 1 else unread,
        }
        if len(products) != 1:
            return row
        unit = self._unit_of(products, reading.unit)
        quantity = row["quantity"]
        if reading.quantity is None and not row["fault"]:
            quantity = products._least_quantity(unit or products.uom_id)
        fault = row["fault"] or ("bad_unit" if one.is_unit_sure and not unit else False)
        return {
            **row,
            "product": products,
            "unit": unit or products.uom_id,
            "quantity": quantity,
            "fault": fault,
        }

    @staticmethod
    def _unit_of(product, words):
        """Return the unit meant: the product's own where none is named; nothing if it is not sold by it."""
        if not words:
            return product.uom_id
        asked = words.casefold().rstrip(".")
        units = product.uom_id | product.uom_ids
        named = units.filtered(lambda unit: asked in (name := unit.name.casefold(), f"{name}s"))
        if named:
            return named[0]
        # "pcs" and the like behind the number say no more than the number.
        return product.uom_id if PIECES.fullmatch(asked) else named

    def _products_by_code(self, codes):
        """Return ``{code, folded: products}`` by their numbers and barcodes."""
        spelt = {way for code in codes for way in (code, code.upper(), code.lower())}
        domain = Domain("default_code", "in", list(spelt)) | Domain("barcode", "in", list(spelt))
        found = {}
        for product in self._orderable(domain, ["default_code", "barcode"]):
            for code in {(product.default_code or "").casefold(), (product.barcode or "").casefold()} - {""}:
                # One alone stays among those it was found with, and is read with them.
                found[code] = found[code] | product if code in found else product
        return found

    def _products_by_name(self, names):
        """Return ``{name, folded: products}`` of the names that are written out."""
        long = [name for name in names if len(name) >= ENOUGH_FOR_A_NAME]
        if not long:
            return {}
        found = {}
        for product in self._orderable(
            Domain.OR([Domain("name", "=ilike", _literal(n)) for n in long[:200]]), ["name"]
        ):
            name = product.name.casefold()
            found[name] = found[name] | product if name in found else product
        return found

    def _orderable(self, domain, names, limit=None, order=None):
        Product = self.env["product.product"]
        domain &= Product._quickly_ordered_domain(self.env.company)
        return Product.search_fetch(domain, [*names, "product_tmpl_id"], limit=limit, order=order)

    # ---------------------------------------------------------------- what may be meant
    def _suggestions(self, lines):
        """Return ``{line: products}`` like what was typed, for lines whose product is not known."""
        asked = lines.filtered(lambda line: line.fault in ("unknown", "several"))[:MOST_MISSPELT]
        if not asked:
            return {}
        domain = Domain.OR([self._alike_domain(line.code) for line in asked])
        products = self._orderable(domain, ["default_code", "barcode", "name"], limit=MOST_LOOKED_AT)
        known = {
            product.id: [name for name in (product.default_code, product.barcode, product.name) if name]
            for product in products
        }
        return {line: products.browse(closest(line.code, known)) for line in asked}

    @staticmethod
    def _alike_domain(code):
        """Return what may be meant: the same beginning, or the word as a part of the name."""
        begins = _literal(code[: max(2, len(code) // 2)]) + "%"
        domain = Domain("default_code", "=ilike", begins) | Domain("barcode", "=", code)
        if len(code) >= ENOUGH_FOR_A_NAME:
            domain |= Domain("name", "ilike", _literal(code)) | Domain("name", "=ilike", begins)
        return domain

    # ---------------------------------------------------------------- while he types
    @api.model
    def _search_products(self, words):
        """Return the few products whose number begins with the words, or whose name has them all."""
        words = " ".join(words.split())[:80]
        if len(words) < 2:
            return self.env["product.product"]
        begins = Domain("default_code", "=ilike", _literal(words) + "%") | Domain("barcode", "=", words)
        names = ["default_code", "name"]
        found = self._orderable(begins, names, limit=MOST_FOUND, order="default_code")
        if len(found) < MOST_FOUND:
            parts = Domain.AND([Domain("name", "ilike", _literal(word)) for word in words.split()])
            more = parts & Domain("id", "not in", found.ids)
            found |= self._orderable(more, names, limit=MOST_FOUND - len(found))
        return found


PIECES = re.compile("pcs?|pce|pieces?|ea|each|units?|stk|stck|stück|st|pza?|uds?|个|件|只")


def _literal(words):
    """Return words in which nothing stands for anything else."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
