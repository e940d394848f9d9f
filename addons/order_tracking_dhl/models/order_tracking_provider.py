from odoo import fields, models

from odoo.addons.base.models.res_partner import _tz_get


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    kind = fields.Selection(
        selection_add=[("dhl", "DHL")], ondelete={"dhl": lambda accounts: accounts._kind_gone()}
    )
    dhl_language = fields.Char("Language of DHL's scans", help="Two letters, like de. Empty: English.")
    dhl_time_zone = fields.Selection(
        _tz_get, "Time zone of DHL's scans", help="Of times that come without one. Empty: UTC."
    )
    dhl_postcode = fields.Boolean(
        "Tell DHL the receiver's postcode",
        help="Some divisions find the right parcel, and say more of it, only with the postcode.",
    )

    def _connector_options(self):
        options = super()._connector_options()
        if self.kind != "dhl":
            return options
        return {
            **options,
            "language": self.dhl_language or "",
            "time_zone": self.dhl_time_zone or "",
            "postcode": self.dhl_postcode,
        }

    def _secret_labels(self):
        labels = super()._secret_labels()
        return labels if self.kind != "dhl" else {**labels, "key": self.env._("API key (Consumer Key)")}
