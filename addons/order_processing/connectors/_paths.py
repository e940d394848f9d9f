"""Parts of an answer by dotted paths, as records name them: ``data.parcels[].number``, ``routes[0].time``.

A step is a name, the place in a list (``[-1]`` is the last), ``[]`` for all of a list, ``*`` for all of a
list or object, or ``@json`` where a text is JSON once more. ``a | b`` is what the first of them has (of lists
what both have), ``a + b`` is both, joined by a blank. An empty path is the whole. Whatever is not there is
None; nothing here raises for an answer that looks otherwise than thought.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

# A few stars in a row in a long answer are more than anybody has parcels.
MOST = 20_000
LONGEST_TEXT = 2_000
_BRACKETS = re.compile(r"\[(-?\d*)\]")
ALL = "#"  # how ``[]`` is kept
_STEP = re.compile(r"[^\s.|+*@#\[\]]+|\*|#|@json")
_POSITION = re.compile(r"-?\d{1,6}")
# Half a character, as only broken answers have it, and what databases refuse.
_BROKEN = re.compile("[\x00\ud800-\udfff]")


class PathError(ValueError):
    """A path that nobody can follow."""


@lru_cache(maxsize=2048)
def parsed(expression: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Return an expression as alternatives of sums of paths; raises ``PathError``."""
    return tuple(
        tuple(_path(path.strip()) for path in alternative.split("+"))
        for alternative in expression.strip().split("|")
    )


def _path(text: str) -> tuple[str, ...]:
    if text in ("", "."):
        return ()
    steps = tuple(_BRACKETS.sub(lambda found: "." + (found[1] or ALL), text).lstrip(".").split("."))
    if bad := [step for step in steps if not _STEP.fullmatch(step)]:
        raise PathError(bad[0] or text)
    return steps


def nodes(value: Any, expression: str) -> list[Any]:
    """Return all an expression names, of every alternative; the elements of lists, not the lists."""
    found: list[Any] = []
    for alternative in parsed(expression):
        for path in alternative:
            for node in _walk([value], path):
                found += node if isinstance(node, list) else [node]
    return [node for node in found[:MOST] if node is not None]


def first(value: Any, expression: str) -> Any:
    """Return the first that an expression names, as it is; None where there is none. Empty: None."""
    if not expression.strip():
        return None
    for alternative in parsed(expression):
        if len(alternative) > 1:
            words = [as_text(_first(value, path)) for path in alternative]
            if any(words):
                return " ".join(filter(None, words))
        elif (node := _first(value, alternative[0])) is not None:
            return node
    return None


def text(value: Any, expression: str) -> str:
    """Return what an expression names as text; lists and objects are none."""
    return as_text(first(value, expression))


def as_text(node: Any) -> str:
    """Return a plain value as text: true as "true", a number as it is written."""
    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, int | float):
        # Longer ones are no number of anything, and Python refuses to write them.
        return str(node) if isinstance(node, float) or node.bit_length() < 4096 else ""
    if isinstance(node, str):
        return _BROKEN.sub("", node).strip()[:LONGEST_TEXT]
    return ""


def _first(value: Any, path: tuple[str, ...]) -> Any:
    return next((node for node in _walk([value], path) if node is not None), None)


def _walk(values: list[Any], path: tuple[str, ...]) -> list[Any]:
    for step in path:
        values = [found for value in values for found in _step(value, step)][:MOST]
    return values


def _step(value: Any, step: str) -> Iterator[Any]:
    if step == ALL:
        # Many write a list of one as the one.
        yield from value if isinstance(value, list) else [value] if isinstance(value, dict) else []
    elif step == "*":
        if isinstance(value, list | dict):
            yield from value.values() if isinstance(value, dict) else value
    elif step == "@json":
        yield _json(value)
    elif isinstance(value, dict):
        yield value.get(step)
    elif isinstance(value, list) and _POSITION.fullmatch(step):
        position = int(step)
        if -len(value) <= position < len(value):
            yield value[position]


def _json(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
