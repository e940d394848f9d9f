from odoo import api, fields, models

from ..engine.routes import plain_zip


class OrderFreightZone(models.Model):
    """Part of the world that takes as long, and costs as much, to deliver to."""

    _name = "order.freight.zone"
    _description = "Freight Zone"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to share the zone between companies."
    )
    country_ids = fields.Many2many("res.country", string="Countries", help="Empty: all countries.")
    state_ids = fields.Many2many("res.country.state", string="States", help="Empty: all states.")
    zip_from = fields.Char("Postal code from")
    zip_to = fields.Char(
        "Postal code to", help="Compared as text, as far as it goes: 20 to 21 takes 21999 in."
    )
    rate_ids = fields.One2many("order.freight.rate", "zone_id", string="Rates")

    @api.model
    def _of(self, partners):
        """Return ``{partner id: zone}``: the first that takes the address in, or none."""
        # sudo: zones are settings, whoever asks for a date needs to know how far it is
        zones = self.sudo().search([("company_id", "in", (self.env.company.id, False))])
        nowhere = self.browse()
        return {
            partner.id: next((zone for zone in zones if zone._takes_in(partner)), nowhere)
            for partner in partners
        }

    def _takes_in(self, partner):
        if self.country_ids and partner.country_id not in self.country_ids:
            return False
        if self.state_ids and partner.state_id not in self.state_ids:
            return False
        code = plain_zip(partner.zip)
        first, last = plain_zip(self.zip_from), plain_zip(self.zip_to)
        return (not first or code[: len(first)] >= first) and (not last or code[: len(last)] <= last)
