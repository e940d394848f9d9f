from odoo import fields, models

from odoo.addons.base.models.res_partner import _tz_get


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    kind = fields.Selection(
        selection_add=[("aftership", "AfterShip")],
        ondelete={"aftership": lambda accounts: accounts._kind_gone()},
    )
    aftership_time_zone = fields.Selection(
        _tz_get, "Time zone of AfterShip's scans", help="Of times that come without one. Empty: UTC."
    )
    aftership_postcode = fields.Boolean(
        "Tell AfterShip the receiver's postcode",
        help="Some carriers, like PostNL, answer only who knows it. AfterShip then says: 4011.",
    )

    def _connector_options(self):
        options = super()._connector_options()
        if self.kind != "aftership":
            return options
        return {
            **options,
            "time_zone": self.aftership_time_zone or "",
            "postcode": self.aftership_postcode,
        }

    def _secret_labels(self):
        labels = super()._secret_labels()
        if self.kind != "aftership":
            return labels
        return {**labels, "key": self.env._("API key"), "webhook_secret": self.env._("Webhook secret")}
