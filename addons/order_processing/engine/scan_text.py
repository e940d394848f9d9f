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
_PHONE = re.compile(r"[+＋]?(?:\d[\s\-‐‑–—－_./()（）·]{0,3}){6,}\d")
# Dates and times look like phone numbers, and so do the codes with which a parcel is collected; they stay.
_DAY, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:19|20)[0-9]{2}"
_MOMENT = (
    rf"(?<![\d./-])(?:{_YEAR}[-/.]{_DAY}[-/.]{_DAY}|{_DAY}[-/.]{_DAY}[-/.]{_YEAR})"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?(?!\d|[./-]\d)"
    r"|(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)"
)
_CODE = (
    r"(?:取件码|取货码|提货码|取件号|验证码|\b(?i:(?:pick-?up |collection |locker )?code|pin)\b)"
    r"\s*(?:[:：]|为|是)?\s*(?:\d-?){3,8}(?![\d-]|\s\d{3})"
)
# What a courier is called, then his name: with a colon, or in brackets.
_TITLE = (
    "(?:派件员|派送员|快递员|配送员|投递员|业务员|揽件员|收件员|取件员|收派员"
    "|揽投员|小哥|骑手|司机|联系人|签收人|收件人|代收人|派件人|派送人|寄件人)"
)
_NAME = r"[\u3400-\u9fff·]{2,4}?"
# After a colon it is a name however long, and in whatever letters.
_NAMED = (
    r"(?:[\u3400-\u9fff·]{1,20}?(?=[^\u3400-\u9fff·]|电话|手机|联系|正在|已|将|为您|$)"
    r"|[A-Za-z][A-Za-z .'’-]{0,40})"
)
_BEFORE_PHONE = r"(?=\s*[,，(（\[【]?\s*(?:电话|手机|联系|[+＋\d]))"
# Without a mark between title and name it is a name only before a phone number: others are verbs.
_COURIER = re.compile(
    rf"({_TITLE}\s*(?:(?:是|为)?\s*[:：\[【(（「]\s*[\[【(（「]?|是)\s*){_NAMED}"
    rf"|({_TITLE}\s*){_NAME}{_BEFORE_PHONE}"
)
# Without a title: whose number stands in brackets after it.
_BEFORE_NUMBER = re.compile(
    r"([】\]]\s*的?\s*|[由的]\s*)(?![\u3400-\u9fff·]{0,3}(?:电话|热线|网点|客服|驿站))"
    rf"{_NAME}(?=\s*[(（]\s*(?:电话|手机)?\s*[:：]?\s*{_PHONE.pattern})"
)
# Who has it now, without any title: ``快件交给张三，正在派送途中``.
_HANDED_TO = re.compile(
    r"(交[给給]\s*[\[【(（]?\s*)[\u3400-\u9fff·]{2,12}?"
    r"(?=\s*[\]】)）]?\s*[,，、]?\s*[(（]?\s*(?:正在|电话|電話|手机|手機|联系|聯繫|聯絡))"
)
# And a name right before a phone number: ``【张三 138…】``, ``的张三(138…)``.
_BESIDE_PHONE = re.compile(
    rf"(?<=[的由【\[（(\s])(?!{_TITLE}|[\u3400-\u9fff·]{{0,3}}(?:电话|手机|联系|客服|热线|座机|网点|驿站))[\u3400-\u9fff·]{{2,4}}"
    r"(?=\s*[/（(【\[]?\s*[+＋]?(?:\d[\s\-]?){7})"
)
_LATIN_COURIER = re.compile(
    r"(?i)\b((?:courier|driver|delivered by|signed (?:for )?by|received by"
    r"|deliveryman|carrier agent|signatory|consignee|recipient|receiver|postman"
    r"|unterschr(?:ift|ieben) von|entgegengenommen von|sign[ée] par|firmado por)"
    r"(?:\s*[:：]\s*|\s+(?=(?:mr|mrs|ms|miss|dr)\b))"
    # Whoever signs is a person, with a mark before the name and without.
    r"|signed (?:for )?by\s+(?!at\b|on\b)|unterschrieben von\s+|firmado por\s+|sign[ée] par\s+"
    r"|your (?:driver|courier)(?:,| is)?\s+(?=(?-i:[A-Z])))"
    r"[^\W\d_][^\d,，;；。()\[\]\n]{0,40}"
)


def is_web_link(url: object) -> bool:
    """Tell whether a link leads to a page: others can run something in the browser of who clicks on it."""
    return isinstance(url, str) and url.lower().startswith(("https://", "http://"))


def masked(text: str | None, *known: str | None) -> str:
    """Return the text without names of couriers and receivers, phone numbers and e-mail addresses.

    :param known: numbers that the reader has anyway, as his parcel's: they are no phone numbers
    """
    if not text:
        return ""
    text = _EMAIL.sub(HIDDEN, text)
    text = _COURIER.sub(lambda match: (match[1] or match[2]) + HIDDEN, text)
    for pattern in (_BEFORE_NUMBER, _HANDED_TO, _LATIN_COURIER):
        text = pattern.sub(lambda match: match[1] + HIDDEN, text)
    text = _BESIDE_PHONE.sub(HIDDEN, text)
    return _without_phones(text, known)


def _without_phones(text: str, known: tuple[str | None, ...]) -> str:
    """Hide runs of seven digits and more; what stays in the middle of a text is none of them."""
    numbers = [rf"(?<![A-Za-z0-9]){re.escape(number)}(?![A-Za-z0-9])" for number in known if number]
    parts, start = [], 0
    for kept in re.finditer("|".join([*numbers, _CODE, _MOMENT]), text):
        parts += [_PHONE.sub(HIDDEN, text[start : kept.start()]), kept[0]]
        start = kept.end()
    return "".join([*parts, _PHONE.sub(HIDDEN, text[start:])])
