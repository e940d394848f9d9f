"""A connector for the carrier's server of the tests, in the place of the generic one."""

import json
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.addons.order_processing.connectors import base

SECRET = "s3cret-key"  # noqa: S105  of nobody


class CarrierConnector(base.Connector):
    """Asks ``POST /track`` for up to five numbers a call."""

    kind = "generic"
    batch = 5
    secret_names = {"key": "Key"}
    pause = timedelta(minutes=30)
    is_signed_in = False  # by a token, as OAuth2

    def build_requests(self, items):
        headers = {"X-Key": SECRET, "Content-Type": "application/json"}
        if token := self.secrets.get("token"):
            headers["Authorization"] = f"Bearer {token}"
        for first in range(0, len(items), self.batch):
            some = tuple(items[first : first + self.batch])
            body = json.dumps({"numbers": [item.number for item in some]}).encode()
            url = f"{self.settings.base_url}/track?key={SECRET}"
            yield base.Request("POST", url, some, headers, body=body)

    def parse(self, response, request):
        try:
            parcels = json.loads(response.body)["parcels"]
        except (ValueError, TypeError, KeyError):
            raise base.ConnectorError(base.Trouble.MALFORMED, "json") from None
        return [
            base.Result(
                parcel["number"],
                scans=tuple(
                    base.Scan(datetime.fromisoformat(scan["at"]), scan["code"], scan["text"])
                    for scan in parcel.get("scans", ())
                ),
                trouble=base.Trouble(parcel["trouble"]) if "trouble" in parcel else None,
            )
            for parcel in parcels
        ]

    def token_request(self):
        if not self.is_signed_in:
            return None
        return base.Request("POST", f"{self.settings.base_url}/token", body=b"", purpose="token")

    def read_token(self, response):
        answer = json.loads(response.body)
        return answer["token"], timedelta(seconds=answer["seconds"])


class SignedIn(CarrierConnector):
    is_signed_in = True


def as_generic(connector=CarrierConnector):
    """Let the generic kind be this connector, while the patch lasts."""
    return patch.dict(base._KINDS, {"generic": connector})
