from urllib.parse import urlencode

from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    guest_lookup = fields.Boolean(
        "Look up an order without log-in",
        default=True,
        help="Who knows the number of an order and the customer's e-mail address or phone number sees where"
        " it stands, and its parcels: no prices, names, addresses or documents.",
    )

    @api.model
    def _offers_lookup(self):
        # sudo: a setting, asked for by who is not logged in
        return bool(self.sudo().search_count([("guest_lookup", "=", True)], limit=1))

    def _lookup_url(self, record=None):
        """Return the way to the look-up for a message about ``record``, or nothing where there is none."""
        company = self.sudo()[:1]  # sudo: a setting
        if not company.guest_lookup:
            return ""
        number = record.name if record is not None and record._name == "sale.order" else ""
        query = f"?{urlencode({'number': number})}" if number else ""
        return f"{(company if record is None else record).get_base_url()}/order/status{query}"


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    guest_lookup = fields.Boolean(related="company_id.guest_lookup", readonly=False)
    guest_lookup_per_address = fields.Integer(
        "Look-ups from one address in 15 minutes",
        default=20,
        config_parameter="order_processing.guest_lookup_per_address",
    )
    guest_lookup_per_number = fields.Integer(
        "Look-ups of one order in an hour",
        default=20,
        config_parameter="order_processing.guest_lookup_per_number",
    )
    guest_lookup_minutes = fields.Integer(
        "Minutes the page stays open", default=30, config_parameter="order_processing.guest_lookup_minutes"
    )
