import secrets

from odoo import fields, models

KIND, SALT = "kuaidi100", "salt"


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    kind = fields.Selection(
        selection_add=[(KIND, "Kuaidi100 (快递100)")],
        ondelete={KIND: lambda accounts: accounts._kind_gone()},
    )
    kuaidi100_detail = fields.Selection(
        [("4", "Exact statuses"), ("8", "Exact statuses and when it is to arrive")],
        "What is asked for",
        default="4",
        help="What Kuaidi100 calls resultv2. Your contract has to include when parcels are to arrive.",
    )
    kuaidi100_language = fields.Char("Language of its scans", help="zh or en. Empty: as carriers write.")
    kuaidi100_station_delivers = fields.Boolean(
        "What a station has signed for counts as delivered",
        help="Off: a parcel that a station or a locker has taken in waits there until it is fetched."
        " Counts for scans read from now on.",
    )

    def _connector_options(self):
        options = super()._connector_options()
        if self.kind != KIND:
            return options
        return {
            **options,
            "resultv2": self.kuaidi100_detail or "4",
            "language": self.kuaidi100_language or "",
            "station_delivers": self.kuaidi100_station_delivers,
        }

    def _push_url(self):
        """Make what its news are signed with, once, beside the address.

        It stays: of a parcel announced a second time Kuaidi100 keeps the first address and the first salt.
        """
        self.ensure_one()
        if self.kind == KIND and not self._has_secret(SALT):
            self._set_secret(SALT, secrets.token_hex(16))
        return super()._push_url()
