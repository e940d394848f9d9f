from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from odoo.addons.order_processing.models.order_tracking_words import DETAILS

from ..codes import NO_PHONE, NO_ROUTES

_lt = LazyTranslate(__name__)

DETAILS.update(
    {
        NO_ROUTES: _lt(
            "SF shows nothing of it: there is nothing yet, it left more than three months ago, the phone"
            " number is another, or it was not paid by the account."
        ),
        NO_PHONE: _lt(
            "SF shows nothing of it, and was not given the receiver's phone number: tick that the carrier"
            " needs it, at the delivery method."
        ),
    }
)
LANGUAGES = [
    ("zh-CN", "Chinese, simplified"),
    ("zh-TW", "Chinese, traditional (Taiwan)"),
    ("zh-HK", "Chinese, traditional (Hong Kong)"),
    ("zh-MO", "Chinese, traditional (Macao)"),
    ("en", "English"),
]


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    kind = fields.Selection(
        selection_add=[("sf", "SF Express (顺丰)")], ondelete={"sf": lambda accounts: accounts._kind_gone()}
    )
    sf_login = fields.Selection(
        [
            ("digest", "Signature (standard MD5)"),
            ("plain", "Signature (simple MD5)"),
            ("oauth2", "OAuth2"),
        ],
        "Log in by",
        default="digest",
        help="As it is chosen for the application at SF. Simple: the text is signed without URL-encoding.",
    )
    sf_language = fields.Selection(LANGUAGES, "Scans in", default="zh-CN")
    sf_token_url = fields.Char("Address for tokens", help="Of OAuth2. Empty: SF's for production.")
    sf_signs_pushes = fields.Boolean(
        "Signs its news",
        help="News are refused unless msgDigest fits them. SF does not document that it signs them.",
    )

    def _connector_options(self):
        options = super()._connector_options()
        if self.kind != "sf":
            return options
        return {
            **options,
            "login": self.sf_login or "digest",
            "language": self.sf_language or "zh-CN",
            "token_url": self.sf_token_url or "",
            "signs_pushes": self.sf_signs_pushes,
        }

    @api.depends("sf_signs_pushes")
    def _compute_push_hint(self):
        return super()._compute_push_hint()
