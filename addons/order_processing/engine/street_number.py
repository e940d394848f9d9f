"""Does the street line lead a driver to a door?

A house without a number is found only where nothing else can be meant: the line is just the name of a
street, or of the place itself, in a country whose houses are numbered. Whatever might be the name of a
house, a firm, a farm or a campus is taken for one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .address import Address

# Where houses have numbers as a rule. In the others a street alone is a usual address.
NUMBERED = frozenset(
    re.findall(
        r"\w\w",
        "AD AR AT AU BE BG BR CA CH CL CN CO CY CZ DE DK EE ES FI FR GB GG GR HK HR HU IM IS IE IT JE JP KR"
        " LI LT LU LV MC MO MT MX NL NO NZ PE PL PT RO RS RU SE SG SI SK TR TW UA US UY XI",
    )
)
# Where the postal code alone names the building.
CODE_IS_BUILDING = frozenset({"IE", "SG"})

# "5th Avenue" has no number, "350 5th Avenue" has.
ORDINAL = re.compile(r"\b\d+(?:st|nd|rd|th)\b")
# 十二号, 三栋, 两弄, 五番地: the number of a house, a block or a room, not the one in 五一路.
HAN_NUMBER = re.compile(
    "[〇零一二三四五六七八九十百千两兩廿]+"
    "(?:号|號|弄|栋|棟|幢|座|楼|樓|室|单元|單元|丁目|番|巷|组|組|队|隊|层|層|门|門|院|条|條)"
)
NUMBER_WORD = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty)\b(?=\s)"
)
# Said in so many words that there is no number: sin número, senza numero civico, bez broja, 無番地.
NONE_GIVEN = re.compile(
    r"\bs\s?/\s?n\b|\bs\.n\.|\bsnc?\b|\bb\.?b\.?$|\bs[ie][nm] n[uú]mero|senza numero|[無无]番地"
)
# What is found without a number. Not in "Station Road": that is a street, whatever it is called after.
LANDMARK = re.compile(
    r"\b(?:hotel|hospital|hôpital|ospedale|h[oô]pital|aeropuerto|aeroporto"
    r"|universi\w+|campus|gare|centro|centre|edificio|edif|torre|pol[ií]gono|zona|zone|bloque|finca|km|villa)\b"
    r"|大学|大學|学校|學校|医院|醫院|病院|大厦|大廈|广场|廣場|酒店|机场|機場|空港|车站|車站|公司|工厂|工業|工业"
    r"|园区|小区|公园|中心|信箱"
)
# A street by its last word …
LAST_WORD = re.compile(
    r"(?:^|.*\s)(?:street|st|road|rd|avenue|ave|av|lane|ln|drive|dr|close|crescent|boulevard|blvd|terrace|row"
    r"|lu|jie|dajie|dadao|xiang|hutong|cadde\w*|cad|sokak|sokağı|sok|sk|utca|út)\.?"
    r"(?:\s(?:n|s|e|w|ne|nw|se|sw|north|south|east|west|central))?\.?$"
)
# … its last syllable …
SUFFIX = re.compile(
    r"(?:.*\sstr\.?|.*\w(?:strasse|str\.?|gasse|allee|weg|chaussee|straat|laan|steenweg|gade|vej|veien|gata|gatan|vägen"
    r"|gränd|katu|kuja|polku|iela|gatvė))$"
)
# … or its first word.
FIRST_WORD = re.compile(
    r"(?:rue|avenue|av\.|boulevard|bd|allée|impasse|via|viale|corso|calle|c/|avenida|avda\.?|carrer|paseo|rua|r\."
    r"|travessa|alameda|strada|str\.|bulevardul|ul\.|ulica|ulice|al\.|aleja|ул\.?|улица|вул\.?|вулиця|проспект)"
    r"\s*\S.*"
)
# In Chinese, Japanese and Korean the last sign tells; it may be a village, district or town, too.
LAST_SIGN = re.compile(
    r"[^\x00-\x7f]+(?:路|街|道|巷|胡同|村|镇|鎮|乡|鄉|区|區|县|縣|市|省|町|通り|로|길|동|읍|면|구)$"
)
# Japanese streets have no names; a ward or town without a number is not enough.
JAPANESE = re.compile(r"[^\x00-\x7f]*[市区郡町村][^\x00-\x7f]*")


@lru_cache(maxsize=50_000)
def lacks_number(one: Address) -> bool:
    """Tell whether the street line is but the name of a street or place, so that a door cannot be found."""
    text = f"{one.street}, {one.street2}".casefold()
    parts = [part.strip() for part in re.split("[,;、،]", text) if part.strip()]
    if not parts or (one.zip and one.country in CODE_IS_BUILDING) or _has_detail(text):
        return False
    places = {_bare(one.city), _bare(one.state)}
    streets = [part for part in parts if _bare(part) not in places]
    if not streets:
        return True
    return one.country in NUMBERED and all(_reads_as_street(part, one.country) for part in streets)


def has_street_number(text: str) -> bool:
    """Tell whether there is a house number in the line, in figures, Chinese numerals or English words."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = ORDINAL.sub("", text)
    return bool(re.search(r"\d", text) or HAN_NUMBER.search(text) or NUMBER_WORD.search(text))


def _has_detail(text: str) -> bool:
    return has_street_number(text) or bool(NONE_GIVEN.search(text.strip(", ")))


def _reads_as_street(part: str, country: str) -> bool:
    if LAST_WORD.fullmatch(part) or SUFFIX.fullmatch(part):
        return True
    may_be = FIRST_WORD.fullmatch(part) or LAST_SIGN.fullmatch(part)
    if country == "JP":
        may_be = may_be or JAPANESE.fullmatch(part)
    return bool(may_be) and not LANDMARK.search(part)


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
