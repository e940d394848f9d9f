import os
from unittest.mock import patch

from cryptography.fernet import Fernet

from ..connectors.generic import Generic
from ..models.order_secret import VARIABLE
from .carrier_connector import SECRET

# How the carrier of carrier_server.py is connected: by what people enter, and nothing else.
ASKED = {
    "base_url": "http://127.0.0.1:9",
    "generic_ask_method": "POST",
    "generic_ask_path": "track?key={key}",
    "generic_ask_headers": "X-Key: {key}",
    "generic_ask_body": '{"numbers": "{numbers}"}',
    "generic_parcels_path": "parcels",
    "generic_number_path": "number",
    "generic_error_path": "trouble",
    "generic_errors": "\n".join(
        f"{code} = {code}" for code in ("not_found", "bad_number", "rate", "quota", "auth")
    ),
    "generic_scans_path": "scans",
    "generic_scan_time_path": "at",
    "generic_scan_code_path": "code",
    "generic_scan_text_path": "text",
    "batch_size": 5,
}
SIGNED_IN = {"generic_auth": "oauth2", "generic_token_path": "token"}
PUSHED = {
    "generic_sign_with": "hmac-sha256",
    "generic_sign_header": "X-Signature",
    "generic_ack_body": '{"received": true}',
}
SECRETS = {"key": SECRET, "user": "shop"}


class ByRecords:
    """The provider is a generic one, set up by records."""

    connector = Generic
    set_up = ASKED

    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(patch.dict(os.environ, {VARIABLE: Fernet.generate_key().decode()}))
        super().setUpClass()
        cls.provider.write(cls.set_up)
        for name, value in SECRETS.items():
            cls.provider._set_secret(name, value)

    @classmethod
    def tracking_provider(cls, name, **vals):
        return super().tracking_provider(name, **{**cls.set_up, **vals})
