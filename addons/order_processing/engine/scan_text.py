"""What customers and mails may see of a scan's text: no courier's name, no phone number, no e-mail.

Carriers write the courier and his mobile into their texts (``派件员:张三，电话13812345678``). Who receives a
parcel sees where it is, not whose number rings.
"""

from __future__ import annotations

import re

HIDDEN = "***"

_EMAIL = re.compile(
    r"[^\s@<>()\[\]【】（），,;；:：]+@[^\s@<>()\[\]【】（），,;；]+\.[^\s@<>()\[\]【】（），,;；。]+"
)
# Digits in any script, with what people write between them.
_PHONE = re.compile(r"[+＋]?(?:\d[\s\-–—./()（）·]{0,3}){6,}\d")
# Dates and times look like phone numbers; they stay.
_MOMENT = re.compile(
    r"(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?(?!\d)"
    r"|(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)"
)
# What a courier is called, then his name: with a colon, or in brackets.
_TITLE = (
    "(?:派件员|派送员|快递员|配送员|投递员|业务员|揽件员|收件员"
    "|揽投员|小哥|联系人|签收人|收件人|代收人|派件人|寄件人)"
)
_NAME = r"[\u3400-\u9fff·]{2,4}?"
_BEFORE_PHONE = r"(?=\s*[,，(（\[【]?\s*(?:电话|手机|联系|[+＋\d]))"
# Without a mark between title and name it is a name only before a phone number: others are verbs.
_COURIER = re.compile(
    rf"({_TITLE}\s*[:：\[【(（「]\s*[\[【(（「]?\s*){_NAME}"
    rf"(?=[^\u3400-\u9fff·]|电话|手机|联系|正在|已|将|为您|$)|({_TITLE}\s*){_NAME}{_BEFORE_PHONE}"
)
# Who has it now, without any title: ``快件交给张三，正在派送途中``.
_HANDED_TO = re.compile(
    r"(交[给給]\s*[\[【(（]?\s*)[\u3400-\u9fff·]{2,12}?"
    r"(?=\s*[\]】)）]?\s*[,，、]?\s*[(（]?\s*(?:正在|电话|電話|手机|手機|联系|聯繫|聯絡))"
)
# And a name right before a phone number: ``【张三 138…】``, ``的张三(138…)``.
_BESIDE_PHONE = re.compile(
    rf"(?<=[的由【\[（(\s])(?!{_TITLE}|电话|手机|联系|客服|热线|座机)[\u3400-\u9fff·]{{2,4}}"
    r"(?=\s*[/（(【\[]?\s*[+＋]?(?:\d[\s\-]?){7})"
)
_LATIN_COURIER = re.compile(
    r"(?i)\b((?:courier|driver|delivered by|signed (?:for )?by|received by"
    r"|deliveryman|carrier agent|unterschr(?:ift|ieben) von|entgegengenommen von|sign[ée] par"
    r"|firmado por)(?:\s*[:：]\s*|\s+(?=(?:mr|mrs|ms|miss|dr)\b))"
    # Whoever signs is a person, with a mark before the name and without.
    r"|signed (?:for )?by\s+(?!at\b|on\b)|unterschrieben von\s+|firmado por\s+|sign[ée] par\s+)"
    r"[^\W\d_][^\d,，;；。()\[\]\n]{0,40}"
)


def masked(text: str | None) -> str:
    """Return the text without names of couriers and receivers, phone numbers and e-mail addresses."""
    if not text:
        return ""
    text = _EMAIL.sub(HIDDEN, text)
    text = _COURIER.sub(lambda match: (match[1] or match[2]) + HIDDEN, text)
    text = _HANDED_TO.sub(lambda match: match[1] + HIDDEN, text)
    text = _BESIDE_PHONE.sub(HIDDEN, text)
    text = _LATIN_COURIER.sub(lambda match: match[1] + HIDDEN, text)
    return _without_phones(text)


def _without_phones(text: str) -> str:
    """Hide runs of seven digits and more; a date or time in the middle of a text is none."""
    parts, start = [], 0
    for moment in _MOMENT.finditer(text):
        parts += [_PHONE.sub(HIDDEN, text[start : moment.start()]), moment[0]]
        start = moment.end()
    return "".join([*parts, _PHONE.sub(HIDDEN, text[start:])])
