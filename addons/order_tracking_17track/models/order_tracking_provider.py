from odoo import fields, models


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    kind = fields.Selection(
        selection_add=[("17track", "17TRACK")], ondelete={"17track": lambda accounts: accounts._kind_gone()}
    )
    track17_language = fields.Char("Language of scans", help="Like en or zh-hans. Empty: as carriers write.")

    track17_carriers = fields.Char("List of carriers", help="Empty: where 17TRACK publishes it.")

    def _connector_options(self):
        options = super()._connector_options()
        if self.kind != "17track":
            return options
        return {
            **options,
            "language": self.track17_language or "",
            "carriers_url": self.track17_carriers or "",
        }

    def _secret_labels(self):
        labels = super()._secret_labels()
        return labels if self.kind != "17track" else {**labels, "key": self.env._("Access key (17token)")}
