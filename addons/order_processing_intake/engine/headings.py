"""What the columns of a table are, by what their headings say in the languages customers write."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What a column can be, the surest words first; and what only sounds like it.
MEANINGS = {
    "quantity": (
        r"\border(ed)?\b.*\b(qty|quantity)\b|\b(qty|quantity)\b.*\border|bestellmenge|订购数量|订货数量|订单数量",
        r"\b(qty|quantity|pcs|pieces|units|count|ordered|stück|stk|qté|cant|qtd|qta|pezzi)\b|menge|anzahl|stückzahl"
        r"|quantité|cantidad|quantità|quantidade|aantal|数量|件数|個数",
    ),
    "unit": (r"^(unit|uom|unit of measure|packaging|einheit|unité|unidad|unità|unidade|eenheid|单位|単位)$",),
    "code": (
        r"\b(sku|mpn)\b|\b(item|article|art|part|product|model|material)\W*(no|nr|num|number|code|id|ref)\b"
        r"|(artikel|bestell|teile|art)\W*(nr|nummer|code)\b|编号|编码|货号|品号|料号|型号|品番|コード",
        r"\b(code|no|nr|number|ref|reference|réf|barcode|ean|gtin|upc)\b|référence|referencia|código|codice|条码",
        r"\b(item|article|part|product|produit|producto|prodotto|produto|artículo|articolo)\b|artikel|产品|商品",
    ),
}
SOUNDS_LIKE = {
    "quantity": r"\b(stock|available|on hand|min|minimum|max|pack|per|date)\b"
    r"|mindest|lager|bestand|库存|最小|起订|每箱",
    "unit": r"(?!)",
    "code": r"\b(po|customer|line|pos|position|row|invoice|price|hs|tariff|zip|postal|country|currency)\b"
    r"|\b(tax|vat|order) (no|nr|number|ref)|kunden|auftrag|行号|序号|单号",
}


def heading(cells: Sequence) -> dict[str, int]:
    """Return which column means what, if these cells are a heading: it names a code and a quantity."""
    texts = [words_of(cell).casefold() for cell in cells]
    if any(re.fullmatch(r"[-+]?[\d.,]+", text) for text in texts):
        return {}  # with a number in it, it is a line: REF-5, 3, pcs
    places: dict[str, int] = {}
    for name in MEANINGS:
        free = {at: text for at, text in enumerate(texts) if at not in places.values()}
        if (place := _place(name, free)) is not None:
            places[name] = place
    return places if {"code", "quantity"} <= places.keys() else {}


def _place(name: str, texts: dict[int, str]) -> int | None:
    """Return the column that is most surely meant by one of the meanings."""
    fitting = {
        at: text
        for at, text in texts.items()
        if not re.search(r"\d", text) and not re.search(SOUNDS_LIKE[name], text)
    }
    return next(
        (at for hint in MEANINGS[name] for at, text in fitting.items() if re.search(hint, text)), None
    )


def words_of(cell: object) -> str:
    """Return a cell as text; a spreadsheet keeps 4711 as 4711.0."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        cell = int(cell)
    text = " ".join(str(cell).replace("\ufeff", "").split())
    return match[1] if (match := re.fullmatch(r'="(.*)"', text)) else text.strip('"')
