"""What SF's codes mean where a code alone does not say, and in which words it wants to be answered."""

from __future__ import annotations

from odoo.addons.order_processing.connectors.base import Ack, Trouble

# Of the platform; what else it says has passed some other time.
ERRORS = {
    "A1001": Trouble.BAD_REQUEST,
    "A1002": Trouble.AUTH,  # the token is over; in other copies of the documentation A1011
    "A1003": Trouble.AUTH,  # our address is not on its list
    "A1004": Trouble.AUTH,  # the application may not ask this
    "A1005": Trouble.RATE,
    "A1006": Trouble.AUTH,  # the signature
    "A1009": Trouble.RETRY_LATER,
    "A1011": Trouble.AUTH,
    "A1099": Trouble.RETRY_LATER,
}
# Of the service behind it.
REFUSALS = {
    "6133": Trouble.BAD_REQUEST,
    "8003": Trouble.BAD_REQUEST,  # more than ten numbers
    "8013": Trouble.BAD_REQUEST,
    "8191": Trouble.BAD_NUMBER,
    "8247": Trouble.BAD_NUMBER,
}
# (opCode, reasonCode), where the reason says the contrary: lost, destroyed, sent back.
REASONS = {
    ("8000", "6"): ("exception", "lost"),
    ("8000", "2"): ("exception", "damaged"),
    ("99", "2"): ("returning", ""),
}
# These say more than the status codes beside them, which know no way back.
ON_ITS_WAY_BACK = {"99", "631", "648"}
BACK = ("退回", "退件")
LOCKER = ("自助柜", "丰巢", "快递柜", "自助櫃", "豐巢", "快遞櫃")
TAKEN = ("取件", "已取", "本人")
NOT_TAKEN = ("取件码", "取件碼")  # what is needed to take it
# What is said of a parcel without routes: models/ has the words.
NO_ROUTES, NO_PHONE = "sf_no_routes", "sf_no_phone"
# In which words a message is acknowledged, by (it is XML, it is stored).
JSON, XML = "application/json", "application/xml;charset=UTF-8"
RESPONSE = '<Response service="RoutePushService"><Head>%s</Response>'
ACKS = {
    (False, True): Ack(200, '{"return_code":"0000","return_msg":"成功"}'.encode(), JSON),
    (False, False): Ack(503, '{"return_code":"1000","return_msg":"系统异常"}'.encode(), JSON),
    (True, True): Ack(200, (RESPONSE % "OK</Head>").encode(), XML),
    (True, False): Ack(503, (RESPONSE % 'ERR</Head><ERROR code="4001">系统异常</ERROR>').encode(), XML),
}


def trap(code: str, remark: str, reason: str, is_pushed: bool) -> tuple[str, str]:
    """Return the status where the code alone would be wrong, else ("", "")."""
    if found := REASONS.get((code, reason)):
        return found
    if code == "99" and any(word in remark for word in BACK):
        return "returning", ""
    if code != "80" or is_pushed or not any(word in remark for word in LOCKER):
        return "", ""
    for word in NOT_TAKEN:
        remark = remark.replace(word, "")
    return ("", "") if any(word in remark for word in TAKEN) else ("available_for_pickup", "locker")
