"""Bodies of the shapes Kuaidi100 documents (resultv2 = 4); times are clocks in China."""

from datetime import timedelta

CHINA = timedelta(hours=8)
NO_RESULT = {"result": False, "returnCode": "500", "message": "查询无结果，请隔段时间再查"}
OK = {"result": True, "returnCode": "200", "message": "提交成功"}


def clock(at):
    """Return a moment (UTC) as clocks in China show it."""
    return (at + CHINA).strftime("%Y-%m-%d %H:%M:%S")


def scan(at, code, text="", status="", place=""):
    written = clock(at)
    return {
        "time": written,
        "ftime": written,
        "context": text,
        "areaCode": None,
        "areaName": place or None,
        "status": status,
        "location": "",
        "areaCenter": None,
        "areaPinYin": None,
        "statusCode": code,
    }


def answer(number, scans, state="0", com="yuantong", **more):
    """Return what is known of a number; ``scans`` newest first, as they come."""
    return {
        "message": "ok",
        "nu": number,
        "ischeck": "1" if state[:1] == "3" else "0",
        "com": com,
        "status": "200",
        "data": scans,
        "state": state,
        "condition": "00",
        "routeInfo": {"from": {"number": "CN610111000000", "name": "陕西"}, "cur": None, "to": None},
        "isLoop": False,
        **more,
    }


def refusal(code, message="不"):
    return {"result": False, "returnCode": code, "message": message}


def message(last, status="polling", words="", **more):
    """Return what is pushed, before it is signed."""
    return {
        "status": status,
        "billstatus": "got",
        "message": words,
        "autoCheck": "0",
        "comOld": "",
        "comNew": "",
        "lastResult": last,
        **more,
    }
