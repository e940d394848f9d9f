"""Bodies of the shapes Kuaidi100 documents; whoever is named in them is made up."""

import hashlib
import json
from datetime import timedelta

SECRETS = {"customer": "9C0FFEE", "key": "k3y-of-nobody", "salt": "s4lt-of-nobody"}
# Its times are China's, without a zone.
CHINA = timedelta(hours=8)
STATION = "您的快件已由快递驿站代收，感谢您使用"


def md5(signed):
    return hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest().upper()


def scan(at, code="0", text="快件在途中", area="", **more):
    """Return an event; ``at`` is UTC."""
    written = f"{at + CHINA:%Y-%m-%d %H:%M:%S}"
    return {
        "time": written,
        "ftime": written,
        "context": text,
        "areaCode": None,
        "areaName": area or None,
        "status": "在途",
        "location": "",
        "statusCode": code,
        **more,
    }


def parcel(number, scans, state="0", com="zhongtong", **more):
    """Return what is known of a number; ``scans`` newest first, as they come."""
    return {
        "message": "ok",
        "nu": number,
        "ischeck": "1" if state.startswith("3") else "0",
        "com": com,
        "status": "200",
        "state": state,
        "condition": "00",
        "data": scans,
        "isLoop": False,
        **more,
    }


def refusal(code, message="查询无结果，请隔段时间再查"):
    return {"result": False, "returnCode": code, "message": message}


NO_RESULT = refusal("500")
OK = {"result": True, "returnCode": "200", "message": "提交成功"}


def told(last, status="polling", **more):
    """Return a pushed message."""
    message = {
        "status": status,
        "billstatus": "got",
        "message": "",
        "autoCheck": "0",
        "comOld": "",
        "comNew": "",
        "lastResult": last,
    }
    return {**message, **more}


def form(message, salt=SECRETS["salt"]):
    """Return the form a message is pushed in, signed."""
    param = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
    return {"param": param, "sign": md5(param + salt)}
