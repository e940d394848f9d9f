"""Quantities: how people write them, and which are right for a product."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

MOST = Decimal(1_000_000)


class Verdict(NamedTuple):
    """What is wrong with a quantity, and the nearest one from there up that is right."""

    code: str
    suggestion: Decimal | None = None


class UnreadableQuantity(ValueError):
    """Why something is no quantity, as a code."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def read_quantity(value: object) -> Decimal:
    """Return a quantity: 3, 2.5, 2,5, 1 200, 1'200, 1,200.5.

    1,200 is refused: it is 1200 to some and 1.2 to others. Numbers of a spreadsheet are taken as they are.
    """
    if isinstance(value, bool):
        raise UnreadableQuantity("bad_quantity")
    if isinstance(value, int | float | Decimal):
        number = Decimal(repr(round(value, 6)) if isinstance(value, float) else value)
        return _bounded(number)
    figures = re.sub(r"(?<=\d)[ '’\u00a0\u202f](?=\d{3}(\D|$))", "", str(value).strip())
    if not re.fullmatch(r"\d+([.,]\d+)*", figures, re.ASCII):
        raise UnreadableQuantity("bad_quantity")
    marks = re.findall(r"[.,]", figures)
    if len(marks) == 1 and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", figures):
        raise UnreadableQuantity("ambiguous_quantity")
    return _bounded(_with_point(figures, marks))


def _with_point(figures: str, marks: list[str]) -> Decimal:
    if len(marks) > 1:
        point = marks[-1] if marks[-1] not in marks[:-1] else ""
        between = set(marks[:-1] if point else marks)
        groups = re.split(r"[.,]", figures)[1 : -1 if point else None]
        if len(between) > 1 or any(len(group) != 3 for group in groups):
            raise UnreadableQuantity("bad_quantity")
        for mark in between:
            figures = figures.replace(mark, "")
    return Decimal(figures.replace(",", "."))


def _bounded(number: Decimal) -> Decimal:
    if not number.is_finite() or not 0 <= number <= MOST:
        raise UnreadableQuantity("bad_quantity")
    return number


def count_in(text: str) -> Decimal | None:
    """Return the quantity, if this is one."""
    try:
        return read_quantity(text)
    except UnreadableQuantity:
        return None


def can_be_meant(text: str) -> bool:
    """Tell whether this is a quantity, be it one that can be read two ways."""
    try:
        read_quantity(text)
    except UnreadableQuantity as error:
        return error.code == "ambiguous_quantity"
    return True


def check_quantity(
    quantity: Decimal,
    minimum: Decimal = Decimal(0),
    multiple: Decimal = Decimal(0),
    step: Decimal = Decimal(0),
) -> Verdict | None:
    """Return what is wrong with a quantity, or None; all figures in the same unit.

    :param minimum: the smallest order, 0 for none
    :param multiple: it is sold by so many, 0 for any number
    :param step: the smallest part of the unit, 0 for any
    """
    if quantity <= 0:
        return Verdict("none", _next_right(max(minimum, multiple, step, Decimal(1)), multiple or step))
    if quantity > MOST:
        return Verdict("too_many")
    if quantity < minimum:
        return Verdict("below_minimum", _next_right(minimum, multiple or step))
    if multiple and quantity % multiple:
        return Verdict("not_multiple", _next_right(quantity, multiple))
    if step and not multiple and quantity % step:
        return Verdict("too_fine", _next_right(quantity, step))
    return None


def _next_right(quantity: Decimal, by: Decimal) -> Decimal:
    if not by:
        return quantity
    return (quantity / by).to_integral_value(ROUND_CEILING) * by
