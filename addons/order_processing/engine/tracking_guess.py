"""What a carrier's code nobody has decided on probably means, by the words the carrier wrote with it.

A proposal for people and nothing else: no parcel's status follows from it until somebody has said yes.
"""

from __future__ import annotations

import re

from .tracking import Status

# In this order: "returned, could not be delivered" is on its way back, "not delivered" has not arrived.
_WORDS = [
    (
        Status.RETURNED,
        "returned to (?:the )?sender|return(?:ed)? (?:shipment )?delivered|退件签收|已退回发件人",
    ),
    (Status.RETURNING, r"\breturn|back to (?:the )?sender|retour|rücksend|退回|退件"),
    (
        Status.ATTEMPT_FAILED,
        r"attempt|not at home|nobody|no one|not home|unsuccessful|(?:not|un)[ -]?deliver|not be deliver"
        r"|failed deliver|delivery failed|card left|nicht (?:zugestellt|angetroffen)"
        r"|未妥投|投递失败|派送失败|派件失败",
    ),
    (
        Status.OUT_FOR_DELIVERY,
        r"out for deliver|with (?:the )?courier|on (?:the )?van|vehicle for deliver|in zustellung"
        r"|en cours de livraison|派送中|派件中|正在派|开始派|安排派",
    ),
    (
        Status.AVAILABLE_FOR_PICKUP,
        r"ready (?:for|to be) (?:pick|collect)|await\w* (?:pick|collect)|pick-?up point|locker|parcel ?shop"
        r"|abholbereit|驿站|快递柜|自提|待取",
    ),
    (
        Status.EXCEPTION,
        r"damag|\blost\b|missing|delay|\bheld\b|on hold|exception|customs|wrong address|incorrect address"
        r"|beschädigt|verzöger|破损|丢失|异常|滞留|海关|清关|延误",
    ),
    (Status.CANCELLED, r"cancel|storniert|取消"),
    (Status.DELIVERED, r"\bdelivered\b|signed (?:for|by)|zugestellt|livré|已签收|签收|妥投|送达"),
    (
        Status.INFO_RECEIVED,
        r"label|announced|manifest|(?:data|information|details) received|order created|pre-?advice"
        r"|angekündigt|下单|待揽|电子",
    ),
    (Status.PICKED_UP, r"picked up|collected|accepted|handed over|abgeholt|揽收|揽件|收件|收寄"),
    (
        Status.IN_TRANSIT,
        r"transit|depot|arriv|depart|\bleft\b|sort|\bhub\b|process|forward|on its way"
        r"|到达|离开|发往|中转|运输|发出",
    ),
]
_KNOWN = [(status, re.compile(words)) for status, words in _WORDS]
# A promise of what is to come says nothing of where it is.
_TO_COME = re.compile(
    r"(?:will|to|should) be (?:delivered|collected|picked up)|estimated delivery|预计送达|即将送达"
)
_BETWEEN = re.compile(r"[_\s]+")


def guess(code: str | None, text: str | None = "") -> Status | None:
    """Return what it probably means, by its words or else by the code itself; None where nothing says so."""
    for written in (text, code):
        plain = _TO_COME.sub(" ", _BETWEEN.sub(" ", (written or "").lower()))
        for status, words in _KNOWN:
            if words.search(plain):
                return status
    return None
