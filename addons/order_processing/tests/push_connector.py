"""Connectors that are told: JSON signed by HMAC in a header, or a form with a salted hash."""

import hashlib
import hmac
import json
from datetime import datetime

from odoo.addons.order_processing.connectors import base

SECRET = "push-s3cret"  # noqa: S105  of nobody


class PushConnector(base.Connector):
    """Signs its JSON with HMAC-SHA256 of the body, in ``X-Signature``."""

    kind = "generic"
    can_push = can_subscribe = signs_pushes = True
    secret_names = {"push_secret": "Secret of pushed messages"}

    def verify(self, headers, raw, form):
        secret = self.secrets.get("push_secret", "").encode()
        given = headers.get("x-signature", "")
        return bool(secret) and hmac.compare_digest(hmac.new(secret, raw, "sha256").hexdigest(), given)

    def parse_push(self, raw, form, headers):
        try:
            return [self._result(parcel) for parcel in json.loads(raw)["parcels"]]
        except (ValueError, KeyError, TypeError):
            raise base.ConnectorError(base.Trouble.MALFORMED, "json") from None

    @staticmethod
    def _result(parcel):
        scans = [
            base.Scan(datetime.fromisoformat(scan["at"]), scan["code"], scan.get("text", ""))
            for scan in parcel.get("scans", ())
        ]
        trouble = base.Trouble(parcel["trouble"]) if "trouble" in parcel else None
        return base.Result(
            parcel["number"], carrier=parcel.get("carrier", ""), scans=tuple(scans), trouble=trouble
        )

    def ack(self, ok=True):
        return base.Ack(200, b'{"received": true}') if ok else base.Ack(503, b'{"received": false}')

    def build_requests(self, items):
        return ()

    # ---------------------------------------------------------------- subscriptions
    def subscribe(self, items):
        for first in range(0, len(items), 2):
            some = tuple(items[first : first + 2])
            body = {"numbers": [item.number for item in some], "to": self.settings.callback_url}
            url = f"{self.settings.base_url}/subscribe"
            yield base.Request("POST", url, some, body=json.dumps(body).encode(), purpose="subscribe")

    def unsubscribe(self, items):
        body = json.dumps({"numbers": [item.number for item in items]}).encode()
        yield base.Request(
            "POST", f"{self.settings.base_url}/unsubscribe", tuple(items), body=body, purpose="unsubscribe"
        )

    def parse_subscription(self, response, request):
        return [
            base.Result(
                one["number"],
                external_ref=one.get("ref", ""),
                trouble=base.Trouble(one["trouble"]) if "trouble" in one else None,
            )
            for one in json.loads(response.body)
        ]


class FormConnector(PushConnector):
    """Signs the decoded field ``param``: MD5 with a salt, upper case; wants its own words back."""

    def verify(self, headers, raw, form):
        text = form.get("param", "") + self.secrets.get("push_secret", "")
        # The algorithm is the provider's.
        sign = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
        return hmac.compare_digest(sign, form.get("sign", ""))

    def parse_push(self, raw, form, headers):
        return super().parse_push(form["param"], form, headers)

    def ack(self, ok=True):
        body = '{"result":true,"returnCode":"200","message":"成功"}' if ok else '{"result":false}'
        return base.Ack(200, body.encode(), "application/json;charset=UTF-8")


class UnsignedConnector(PushConnector):
    """Signs nothing: whoever knows the address can say anything."""

    signs_pushes = False

    def verify(self, headers, raw, form):
        return True


def signature(raw):
    return hmac.new(SECRET.encode(), raw, "sha256").hexdigest()
