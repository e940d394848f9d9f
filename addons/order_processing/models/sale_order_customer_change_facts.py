import hashlib
import json
from dataclasses import replace

from odoo import models

from ..engine.customer_change import Facts, Kind
from ..engine.typed_number import read_number, write_number


class SaleOrder(models.Model):
    """Where an order stands, and what a wish of its customer would do to price, freight and taxes."""

    _inherit = "sale.order"

    def _change_facts(self):
        """Return where the order stands, as plain values."""
        order = self.sudo()  # sudo: transfers, invoices and payments, of which only this is told
        return Facts(
            stage=order.processing_stage,
            locked=order.locked,
            picking_begun=order._is_being_packed() or order._is_picked_here(),
            something_left=order.fulfilment != "none",
            everything_left=order.fulfilment == "full" and not order._moves_to_send(),
            waits_for_answer=bool(order._open_change_requests()),
            invoiced=any(move.state == "posted" for move in order.invoice_ids),
            paid=bool(order._payments()),
        )

    def _wish_facts(self, kind, wish):
        """Return where the order stands and what this wish would do."""
        facts, order = self._change_facts(), self.sudo()  # sudo: as above
        if kind is Kind.QUANTITY:
            lines = order._wished_lines(wish)
            return replace(
                facts,
                ordered_more=any(quantity > line.product_uom_qty for line, quantity in lines.items()),
                costs_more=order._is_dearer_in_all(lines),
                special_price=order._has_special_price(lines),
                freight_changes=order._changes_freight(lines),
            )
        if kind is Kind.ADDRESS:
            place = order._place_as_wished(wish)
            return replace(
                facts,
                other_country=place.country_id != order.partner_shipping_id.country_id,
                other_taxes=order._has_other_taxes(place),
                carrier_refuses=bool(order.carrier_id) and not order.carrier_id._match_address(place),
            )
        return facts

    # ---------------------------------------------------------------- the place
    def _place_as_wished(self, wish):
        """Return the contact to deliver to; a new one is not made yet."""
        partners = self.env["res.partner"]
        return partners.browse(wish["partner"]) if "partner" in wish else partners.new(wish["new"])

    def _has_other_taxes(self, place):
        """Tell whether Odoo would tax a delivery there in another way than one to where it goes now."""
        find = self.env["account.fiscal.position"].with_company(self.company_id)._get_fiscal_position
        return find(self.partner_id, place) != find(self.partner_id, self.partner_shipping_id)

    # ---------------------------------------------------------------- prices
    def _has_special_price(self, lines):
        """Tell whether a person has agreed on a price, or takes something off the whole."""
        taken_off = any(
            line.price_unit < 0 for line in self.order_line if not line.display_type and line.product_uom_qty
        )
        return taken_off or any(line._has_price_by_hand() or line._has_discount_by_hand() for line in lines)

    def _is_dearer_in_all(self, lines):
        before = sum(line._net_price() * line.product_uom_qty for line in lines)
        after = sum(line._net_price_of(quantity) * quantity for line, quantity in lines.items())
        return self.currency_id.compare_amounts(after, before) > 0

    def _dearer(self, wish):
        """Return ``{line: net price}`` of what would cost more a piece than now: below a price break."""
        prices = {
            line: line._net_price_of(quantity)
            for line, quantity in self._wished_lines(wish).items()
            if quantity
        }
        return {
            line: price
            for line, price in prices.items()
            if self.currency_id.compare_amounts(price, line._net_price()) > 0
        }

    def _dearer_key(self, wish):
        """Return a digest of the higher prices: the customer agrees to these and no others."""
        prices = [[line.id, self.currency_id.round(price)] for line, price in self._dearer(wish).items()]
        return hashlib.sha256(json.dumps(prices).encode()).hexdigest()[:20]

    def _changes_freight(self, lines):
        """Tell whether sending was free because of the amount, and would not be for what is left."""
        if not self.carrier_id.free_over:
            return False
        less = sum(
            line.price_total * (1 - quantity / line.product_uom_qty)
            for line, quantity in lines.items()
            if line.product_uom_qty
        )
        before = self.amount_total
        # Odoo compares the amount without freight; whichever is meant, who is close to it is looked at.
        return less > 0 and before - less < self.carrier_id.amount <= before

    # ---------------------------------------------------------------- numbers
    def _typed_quantity(self, text):
        """Return what was typed as a number, in the reader's way of writing, or None."""
        lang = self._lang_of_numbers()
        return read_number(text, lang.decimal_point, lang.thousands_sep or "")

    def _written_quantity(self, quantity):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return write_number(quantity, digits, self._lang_of_numbers().decimal_point)

    def _lang_of_numbers(self):
        return self.env["res.lang"]._get_data(code=self.env.lang or "en_US")


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _has_price_by_hand(self):
        return bool(self.currency_id.compare_amounts(self.technical_price_unit, self.price_unit))

    def _has_discount_by_hand(self):
        """Tell whether somebody has given a discount that the price list does not give."""
        ghost = self._ghost(self.product_uom_qty)
        ghost._compute_discount()
        return bool(self.currency_id.compare_amounts(ghost.discount, self.discount))

    def _net_price_of(self, quantity):
        """Return what one would cost if so many were ordered; Odoo's own price, without writing it."""
        return self._ghost(quantity)._net_price()

    def _ghost(self, quantity):
        """Return the line as it would be with so many, in the cache alone; the same one each time."""
        ghost = self.new(origin=self)
        ghost.product_uom_qty = quantity
        return ghost
