"""Bodies of the documented shapes, and SF's signature made independently of the connector."""

import base64
import hashlib
import json
from datetime import timedelta
from xml.sax.saxutils import quoteattr

SHANGHAI = timedelta(hours=8)
PARTNER, CHECKWORD = "SF-partner-of-nobody", "ch3ckword-of-nobody"
# SF's documentation, sample in Java.
DOCUMENTED = (
    b'{"language":"zh-CN","orderId":"QIAO-20200618-004"}',
    "12312334453453",
    "fjcg5PGKaNpPSHFAZ4QsCOkV71R3zVci",
    "IIKJtuLVzoFTu4kHI8M8vA==",
)


def java_encoded(text):
    """Return a text as java.net.URLEncoder writes it, by its documentation."""
    kept = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-*_"
    return "".join(
        one if one in kept else "+" if one == " " else "".join(f"%{byte:02X}" for byte in one.encode())
        for one in text
    )


def digest(text, stamp="", checkword=CHECKWORD, encoded=True):
    signed = f"{text}{stamp}{checkword}"
    signed = java_encoded(signed) if encoded else signed
    return base64.b64encode(hashlib.md5(signed.encode(), usedforsecurity=False).digest()).decode()


def route(at, code, remark="", place="", status=None, **more):
    """Return a scan; ``at`` is UTC, SF writes its own time. ``status`` is "4/401"."""
    first, _slash, second = (status or "").partition("/")
    statuses = {"firstStatusCode": first, "secondaryStatusCode": second} if status else {}
    written = (at + SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return {
        "acceptTime": written,
        "acceptAddress": place,
        "remark": remark,
        "opCode": code,
        **statuses,
        **more,
    }


def platform(code="A1000", data=None, message=""):
    """Return what the platform answers: inside is text that is JSON."""
    said = data if data is None or isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return {
        "apiErrorMsg": message,
        "apiResponseID": "00016B0D59BA503FDF3C3333355F863F",
        "apiResultCode": code,
        "apiResultData": said,
    }


def service(parcels, code="S0000", success=True, message=None):
    """Return what the service behind it answers: {number: [routes]}."""
    routes = [{"mailNo": number, "routes": routes} for number, routes in parcels.items()]
    return {
        "success": success,
        "errorCode": code,
        "errorMsg": message,
        "msgData": {"routeResps": routes} if success else None,
    }


def answer(parcels):
    return platform(data=service(parcels))


def refusal(code, message="No"):
    return platform(data=service({}, code, success=False, message=message))


def pushed(number, routes):
    """Return a message as JSON: it has the operation only, not the status codes."""
    told = [
        {
            "id": f"1004936106{place:04}",
            "mailno": number,
            "orderid": "QIAO-1",
            "reasonCode": "",
            "reasonName": "",
            **one,
        }
        for place, one in enumerate(routes)
    ]
    return {"Body": {"WaybillRoute": told}}


def as_xml(message):
    routes = "".join(
        f"<WaybillRoute {' '.join(f'{name}={quoteattr(str(value))}' for name, value in one.items())}/>"
        for one in message["Body"]["WaybillRoute"]
    )
    start = (
        "<?xml version='1.0' encoding='UTF-8'?><Request service=\"RoutePushService\" lang=\"zh-CN\"><Body>"
    )
    return f"{start}{routes}</Body></Request>"
