from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..engine.remote_area import RemoteArea, range_fault


class OrderRemoteArea(models.Model):
    """An area that carriers charge extra for, or take longer to: a country, states, or postal codes."""

    _name = "order.remote.area"
    _description = "Remote Area"
    _order = "country_id, zip_from, name, id"

    name = fields.Char(required=True, help="What the finding calls it, for example Scottish Highlands.")
    note = fields.Char("Reason", help="Why, for whoever reads it: a surcharge, a ferry, no express service.")
    active = fields.Boolean(default=True)
    country_id = fields.Many2one("res.country", required=True, index=True, ondelete="cascade")
    state_ids = fields.Many2many(
        "res.country.state",
        string="States",
        ondelete="restrict",  # an area that loses its last state would become the whole country
        domain="[('country_id', '=', country_id)]",
        help="An address in one of them is in the area. Without states and postal codes: the whole country.",
    )
    zip_from = fields.Char(
        "Postal codes from",
        help="A postal code, or how postal codes begin: 83, HS, HS1. Where the states say it already, codes"
        " find the addresses that have no state.",
    )
    zip_to = fields.Char(
        "Postal codes to", help="The last of the range, which belongs to it. Empty: as the first."
    )
    carrier_ids = fields.Many2many(
        "delivery.carrier",
        string="Carriers",
        ondelete="restrict",
        help="Only when the order goes by one of them. Empty: all.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to share the area between companies."
    )

    _name_uniq = models.UniqueIndex(
        "(name, country_id, COALESCE(zip_from, ''), COALESCE(company_id, 0))",
        "There is a remote area with this name, country and first postal code already: change Name or Postal"
        " codes from.",
    )

    # ---------------------------------------------------------------- what is typed must make sense
    @api.constrains("country_id", "state_ids")
    def _check_states(self):
        for area in self:
            if others := area.state_ids - area.country_id.state_ids:
                raise ValidationError(
                    self.env._(
                        "States of %(area)s: %(states)s is not in %(country)s.",
                        area=area.name,
                        states=", ".join(others.mapped("name")),
                        country=area.country_id.name,
                    )
                )

    @api.constrains("country_id", "zip_from", "zip_to")
    def _check_zip_range(self):
        for area in self:
            fault = range_fault(area.zip_from or "", area.zip_to or "", area.country_id.code or "")
            if fault:
                raise ValidationError(area._zip_range_words(fault))

    def _zip_range_words(self, fault):
        values = {"area": self.name, "low": self.zip_from or "", "high": self.zip_to or ""}
        if fault == "low" and not self.zip_from:
            return self.env._(
                "Postal codes from of %(area)s: give the first one, or empty Postal codes to.", **values
            )
        if fault == "low":
            return self.env._(
                "Postal codes from of %(area)s: %(low)s is not how postal codes of the country begin.",
                **values,
            )
        if fault == "high":
            return self.env._(
                "Postal codes to of %(area)s: %(high)s is not how postal codes of the country begin.",
                **values,
            )
        if fault == "length":
            return self.env._(
                "Postal codes from and to of %(area)s need the same number of signs: %(low)s, %(high)s.",
                **values,
            )
        return self.env._(
            "Postal codes to of %(area)s: %(high)s comes before %(low)s, the first one.", **values
        )

    # ---------------------------------------------------------------- what the check sees
    @api.model
    @ormcache("company_id")
    def _areas_by_country(self, company_id):
        """Return ``{country id: (RemoteArea, …)}`` of the company, the most particular area first."""
        # sudo: the areas hold for everybody's orders. An area of an archived carrier is not one of all.
        areas = self.sudo().with_context(active_test=False)
        areas = areas.search_fetch([("active", "=", True), ("company_id", "in", (company_id, False))])
        found = defaultdict(list)
        for area in sorted(
            areas, key=lambda area: (not area.carrier_ids, -len(area.zip_from or ""), area.id)
        ):
            found[area.country_id.id].append(area._as_plain())
        return {country_id: tuple(rows) for country_id, rows in found.items()}

    def _as_plain(self):
        return RemoteArea(
            id=self.id,
            name=self.name,
            country_code=self.country_id.code or "",
            state_ids=frozenset(self.state_ids.ids),
            zip_from=self.zip_from or "",
            zip_to=self.zip_to or "",
            carrier_ids=frozenset(self.carrier_ids.ids),
        )

    @api.model_create_multi
    def create(self, vals_list):
        areas = super().create([self._tidy(vals) for vals in vals_list])
        self.env.registry.clear_cache()
        return areas

    def write(self, vals):
        result = super().write(self._tidy(vals))
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    def _tidy(self, vals):
        """Keep postal codes as people read them, but in capitals and without blanks around."""
        codes = {name: vals[name].strip().upper() for name in ("zip_from", "zip_to") if vals.get(name)}
        return {**vals, **{name: code or False for name, code in codes.items()}}
