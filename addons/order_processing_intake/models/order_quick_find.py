import re
from collections import defaultdict
from dataclasses import replace

from odoo import api, models
from odoo.fields import Domain

from ..engine.likeness import closest

MOST_FOUND = 8
MOST_VARIANTS = 12
# Lines for which products like what was typed are looked for, and products looked at: one look-up for all.
MOST_MISSPELT = 40
MOST_LOOKED_AT = 400
ENOUGH_FOR_A_NAME, LONGEST_NAME = 3, 120
# Single ones, whatever the unit of the product is called.
PIECES = re.compile("pcs?|pce|pieces?|ea|each|units?|stk|stck|stück|st|pza?|uds?|个|件|只")
# Shirt (Blue, L)
VARIANT = re.compile(r"\s*\([^()]*\)$")


class OrderQuick(models.Model):
    """Which products are meant by what was typed: a constant number of look-ups for any number of lines."""

    _inherit = "order.quick"

    # ---------------------------------------------------------------- what was given
    @api.model
    def _find_products(self, asked):
        """Return for each line ``{code, product, unit, quantity, given, given_unit, fault}``."""
        units = self._unit_names()
        asked = [replace(one, is_unit_sure=True) if one.unit.casefold() in units else one for one in asked]
        readings = [one.readings() for one in asked]
        found, packed = self._products_by_code({reading.code for some in readings for reading in some})
        # In the order they were given; a set would do, but not the same each time.
        missing = dict.fromkeys(
            reading.code for some in readings if not self._known(some, found) for reading in some
        )
        found |= self._products_by_name(missing)
        return [self._row(one, some, found, packed) for one, some in zip(asked, readings, strict=True)]

    @staticmethod
    def _known(readings, found):
        return [reading for reading in readings if reading.code.casefold() in found]

    def _row(self, one, readings, found, packed):
        known = self._known(readings, found)
        reading = known[0] if known else readings[0]
        products = found.get(reading.code.casefold(), self.env["product.product"])
        unread = one.fault if reading.quantity is None else False
        row = {
            "code": self.env["order.quick.line"]._limit_code(one.code),
            "product": products.browse(),
            "unit": self.env["uom.uom"],
            "quantity": float(reading.quantity or 0),
            "given": one.given[:60] if unread else False,
            "given_unit": one.is_unit_sure and reading.unit[:60],
            "fault": "unknown" if not products else "several" if len(products) > 1 else unread,
        }
        if self._is_two_things(known, found):
            # MUG 12: twelve mugs, or one of what has the number MUG 12.
            code = self.env["order.quick.line"]._limit_code(one.text)
            return {**row, "code": code, "quantity": 0.0, "given": False, "fault": "several"}
        if len(products) != 1:
            return row
        unit = self._unit_of(products, reading.unit) if reading.unit else packed.get(reading.code.casefold())
        unit = unit if reading.unit or unit else products.uom_id
        if reading.quantity is None and not row["fault"]:
            row["quantity"] = products._least_quantity(unit or products.uom_id)
        fault = row["fault"] or ("bad_unit" if one.is_unit_sure and not unit else False)
        return {**row, "product": products, "unit": unit or products.uom_id, "fault": fault}

    @staticmethod
    def _is_two_things(known, found):
        """Tell whether a line names one product with its number, and another without."""
        counted = [found[reading.code.casefold()] for reading in known if reading.quantity is not None]
        named = [found[reading.code.casefold()] for reading in known if reading.quantity is None]
        return bool(counted and named and counted[0] != named[0])

    def _unit_names(self):
        return {unit.name.casefold() for unit in self.env["uom.uom"].search_fetch([], ["name"])}

    @staticmethod
    def _unit_of(product, words):
        """Return the unit meant: the product's own where none is named; nothing if it is not sold by it."""
        if not words:
            return product.uom_id
        asked = words.casefold().rstrip(".")
        units = product.uom_id | product.uom_ids
        named = units.filtered(lambda unit: asked in (name := unit.name.casefold(), f"{name}s"))
        if named or not PIECES.fullmatch(asked):
            return named[:1]
        # "pcs" and the like mean single ones, and never as many kilograms or boxes.
        one = product.env.ref("uom.product_uom_unit")
        return units.filtered(
            lambda unit: PIECES.fullmatch(unit.name.casefold())
            or (unit._has_common_reference(one) and unit.compare(unit.factor, one.factor) == 0)
        )[:1]

    def _products_by_code(self, codes):
        """Return ``{code, folded: products}`` and ``{barcode of a packaging, folded: unit}``."""
        spelt = [*{way for code in codes for way in (code, code.upper(), code.lower())}]
        packagings = self.env["product.uom"].search(
            Domain("barcode", "in", spelt)
            & Domain("company_id", "in", [False, *self.env.company.parent_ids.ids])
        )
        domain = Domain("default_code", "in", spelt) | Domain("barcode", "in", spelt)
        domain |= Domain("id", "in", packagings.product_id.ids)
        products = self._orderable(domain, ["default_code", "barcode"])
        found, packed = defaultdict(products.browse), {}
        for product in products:
            for code in {(product.default_code or "").casefold(), (product.barcode or "").casefold()} - {""}:
                found[code] |= product
        for packaging in packagings.filtered(lambda one: one.product_id in products):
            packed[packaging.barcode.casefold()] = packaging.uom_id
            found[packaging.barcode.casefold()] |= packaging.product_id
        # One alone stays among those it was found with, and is read with them.
        return {code: some.with_prefetch(products.ids) for code, some in found.items()}, packed

    def _products_by_name(self, names):
        """Return ``{name or number, folded: products}`` of those that are written out, in any letters."""
        long = [name for name in names if ENOUGH_FOR_A_NAME <= len(name) <= LONGEST_NAME]
        spelt = {way.lower() for name in long for way in (name, VARIANT.sub("", name))}
        if not spelt:
            return {}
        by_name, by_code = self._spelt_so(sorted(spelt))
        domain = Domain("product_tmpl_id", "in", [*by_name]) | Domain("id", "in", [*by_code])
        products = self._orderable(domain, ["name", "default_code"])
        found = defaultdict(products.browse)
        for product in products:
            spellings = by_name.get(product.product_tmpl_id.id, set()) | by_code.get(product.id, set())
            for name in {*spellings, product._quick_name()}:
                found[name.casefold()] |= product
        return {name: some.with_prefetch(products.ids) for name, some in found.items()}

    def _spelt_so(self, names):
        """Return ``({template's id: names}, {product's id: numbers})`` of these, all in small letters."""
        # By SQL: thousands of names are compared at once, which no domain does without regard to capitals.
        self.env["product.template"].flush_model(["name"])
        self.env["product.product"].flush_model(["default_code"])
        named = """SELECT template.id, lower(spelt.name) FROM product_template template,
                   LATERAL (VALUES (template.name->>%(lang)s), (template.name->>'en_US')) AS spelt (name)
                   WHERE lower(spelt.name) = ANY(%(names)s)"""
        coded = """SELECT id, lower(default_code) FROM product_product
                   WHERE lower(default_code) = ANY(%(names)s)"""
        return tuple(self._spellings(query, names) for query in (named, coded))

    def _spellings(self, query, names):
        found = defaultdict(set)
        self.env.cr.execute(query, {"names": names, "lang": self.env.lang or "en_US"})
        for record_id, name in self.env.cr.fetchall():
            found[record_id].add(name)
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
            product.id: [
                name
                for name in (product.default_code, product.barcode, product.name, product._quick_name())
                if name
            ]
            for product in products
        }
        return {
            line: products.browse(closest(line.code, known, MOST_VARIANTS if line.fault == "several" else 3))
            for line in asked
        }

    @staticmethod
    def _alike_domain(code):
        """Return what may be meant: the same beginning, or the word as a part of the name."""
        begins = _literal(code[: max(2, len(code) // 2)]) + "%"
        words = [way for word in code.split()[:8] for way in (word, word.upper())]
        domain = Domain("default_code", "=ilike", begins) | Domain("barcode", "=", code)
        domain |= Domain("default_code", "in", words)
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
        begins |= Domain("product_uom_ids.barcode", "=", words)
        names = ["default_code", "name"]
        found = self._orderable(begins, names, limit=MOST_FOUND, order="default_code")
        if len(found) < MOST_FOUND:
            parts = Domain.AND([Domain("name", "ilike", _literal(word)) for word in words.split()])
            more = parts & Domain("id", "not in", found.ids)
            found |= self._orderable(more, names, limit=MOST_FOUND - len(found))
        return found


def _literal(words):
    """Return words in which nothing stands for anything else."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
