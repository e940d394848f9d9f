from functools import lru_cache

import phonenumbers

from odoo import models
from odoo.tools import email_normalize

from ..engine.address import address, address_fault
from ..engine.remote_area import find_area
from ..engine.review import Found
from ..engine.street_number import lacks_number


@lru_cache(maxsize=50_000)
def _is_reachable_phone(number, country_code):
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, country_code or None))
    except phonenumbers.NumberParseException:
        return False


@lru_cache(maxsize=50_000)
def _is_reachable_email(text):
    return bool(email_normalize(text))


class SaleOrder(models.Model):
    """Checks of where an order goes and who can be reached about it.

    Addresses are judged as values, each once; orders of services only go nowhere and need none.
    """

    _inherit = "sale.order"

    # ---------------------------------------------------------------- where does it go?
    def _check_address(self, rule, facts):
        """The delivery address has what its country asks for, and its parts agree with each other."""
        goes_to = self._delivery_partners(facts)
        states = self.env["res.country.state"].browse({p.state_id for p in goes_to.values() if p.state_id})
        home = {state.id: state.country_id.id for state in states}
        faults = {}
        for order_id, partner in goes_to.items():
            code, missing = address_fault(_address_of(partner)) or (None, ())
            if partner.country_id and home.get(partner.state_id, partner.country_id) != partner.country_id:
                code, missing = "address_bad_state", ()
            if code:
                faults[order_id] = (partner, code, missing)
        countries = self.env["res.country"].browse({p.country_id for p, _code, _missing in faults.values()})
        names = {country.id: country.name for country in countries if country}
        return {
            order_id: self._address_found(facts, partner, code, missing, names.get(partner.country_id))
            for order_id, (partner, code, missing) in faults.items()
        }

    def _address_found(self, facts, partner, code, missing, country):
        figures = {"partner": facts.partner_name(partner.id)}
        parts = {
            "address_no_country": ["country"],
            "address_incomplete": list(missing),
            "address_bad_zip": ["zip"],
            "address_bad_state": ["state"],
            "address_zip_state": ["zip", "state"],
        }[code]
        if missing:
            figures["missing"] = parts
        if "zip" in parts and not missing:
            figures["zip"] = partner.zip.strip()
        if code in ("address_bad_state", "address_zip_state"):
            figures["state"] = partner.state_name
        if code in ("address_bad_zip", "address_bad_state"):
            figures["country"] = country
        return Found(code, figures, {**dict.fromkeys(parts, 1.0), **_size_of(partner)})

    def _check_address_detail(self, rule, facts):
        """A carrier's driver finds the door: the street line is more than the name of a street or village."""
        return {
            order_id: Found(
                "address_no_number",
                {"partner": facts.partner_name(partner.id), "street": _street_of(partner)},
                {"number": 1.0, **_size_of(partner)},
            )
            for order_id, partner in self._delivery_partners(facts).items()
            if lacks_number(_address_of(partner))
        }

    def _check_remote_area(self, rule, facts):
        """The address is not in an area that carriers (or the order's carrier) charge extra for."""
        areas = self.env["order.remote.area"]._areas_by_country(facts.company.id)
        hits, known = {}, {}
        for order_id, partner in self._delivery_partners(facts).items():
            carrier_id = facts.orders[order_id].carrier_id
            place = (partner.country_id, partner.state_id, partner.zip, carrier_id)
            if place not in known:
                known[place] = find_area(areas.get(partner.country_id, ()), *place[1:])
            if area := known[place]:
                hits[order_id] = (partner, area, carrier_id if area.carrier_ids else None)
        # sudo: a carrier's name, for whoever submits
        carriers = self.env["delivery.carrier"].sudo().browse({hit[2] for hit in hits.values() if hit[2]})
        names = {carrier.id: carrier.name for carrier in carriers}
        findings = {}
        for order_id, (partner, area, carrier_id) in hits.items():
            figures = {"partner": facts.partner_name(partner.id), "area": area.name}
            code = "remote_area"
            if carrier_id:
                code, figures["carrier"] = "remote_area_carrier", names[carrier_id]
            findings[order_id] = Found(code, figures, {f"area:{area.id}": 1.0})
        return findings

    def _delivery_partners(self, facts):
        """Return ``{order id: delivery contact}`` for the orders that send goods somewhere."""
        return {
            order_id: facts.partners[facts.orders[order_id].shipping_id]
            for order_id in self._ids
            if any(line.product_type == "consu" for line in facts.lines.get(order_id, ()))
        }

    # ---------------------------------------------------------------- whom do we call?
    def _check_contact(self, rule, facts):
        """Somebody can be reached about the order, by phone or by e-mail."""
        here = facts.company.country_id.code or ""
        findings = {}
        for order_id in self._ids:
            row = facts.orders[order_id]
            people = {row.shipping_id, row.partner_id, row.commercial_id}
            if not any(_is_reachable(facts.partners[person], here) for person in people):
                figures = {"partner": facts.partner_name(row.partner_id)}
                findings[order_id] = Found("contact_unreachable", figures, {f"partner:{row.partner_id}": 1.0})
        return findings


def _is_reachable(partner, here):
    """Tell whether a phone number or e-mail address is one; ``here``: the country of numbers without one."""
    if partner.email and _is_reachable_email(partner.email):
        return True
    return bool(partner.phone) and _is_reachable_phone(partner.phone, partner.country_code or here)


def _address_of(partner):
    return address(
        partner.country_code,
        partner.state_code,
        partner.state_name,
        partner.city,
        partner.zip,
        partner.street,
        partner.street2,
        asks_state=partner.state_count > 0,
    )


def _street_of(partner):
    return ", ".join(part.strip() for part in (partner.street, partner.street2) if part and part.strip())


def _size_of(partner):
    """A waiver is for this very address: with another one the finding is another."""
    return {f"address:{_address_of(partner).digest}": 1.0}
