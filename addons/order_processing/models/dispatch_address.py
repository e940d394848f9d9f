"""Where transfers go, and whether two addresses are one, however they were written."""

from ..engine.routes import Address, plain_zip

LINES = ("street", "street2", "zip", "city")


def address_lines(partner):
    """Return the lines of an address as they are compared: of a record or of a dict."""
    return "|".join(plain_zip(partner[name]) for name in LINES).strip("|")


class Addresses:
    """What is asked about the addresses of transfers that were read; ``partners``: those, by id."""

    partners: dict

    def address(self, row):
        """Return where a transfer goes, for the routes."""
        partner = self.partners.get(row.partner)
        if not partner:
            return Address(carrier=row.carrier)
        return Address(
            tuple({row.partner, partner["parent_id"], partner["commercial_partner_id"]} - {None}),
            partner["country_id"],
            partner["state_id"],
            partner["zip"] or "",
            row.carrier,
        )

    def address_key(self, row):
        """Return what transfers of one customer to one address by one carrier have in common, if anything."""
        partner = self.partners.get(row.partner)
        if not partner:
            return None
        customers = "+".join(map(str, sorted(row.customers or ())))
        return (
            f"{customers}|{partner['commercial_partner_id']}|{row.carrier or 0}|{partner['country_id'] or 0}|"
            f"{address_lines(partner) or row.partner}"
        )
