"""Values put into texts as the generic connector's records say. Nothing is evaluated.

A template is a text with names in braces: ``{number}``. In JSON, of a text that is nothing but a name,
``{carrier:int}`` is a number and ``{phone:optional}`` is left out where it is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

NAME = re.compile(r"\{(\w+)((?::\w+)*)\}")
# Of a text in JSON that is nothing but a name.
WISHES = ("int", "optional")
_DROPPED = object()
_DOTS = re.compile(r"\.+")


class TemplateError(ValueError):
    """A value that may not stand where it is to be put."""


def names_in(template: str) -> set[str]:
    """Return the names a template wants values for."""
    return {found[1] for found in NAME.finditer(template)}


def wishes_in(template: str) -> set[str]:
    """Return what a template asks of values besides."""
    return {wish for found in NAME.finditer(template) for wish in found[2].split(":") if wish}


def filled(template: str, values: Mapping[str, Any], how: Callable[[str], str] = str) -> str:
    """Return a template with its values; a name without a value becomes nothing.

    :param how: makes of a value what may stand there
    """
    return NAME.sub(lambda found: how(str(values.get(found[1], ""))), template)


def filled_url(template: str, values: Mapping[str, Any]) -> str:
    """Return an address with its values, each quoted: no number can become a path or a parameter."""
    return filled(template, values, _in_url)


def _in_url(value: str) -> str:
    if _DOTS.fullmatch(value):
        # Quoted or not, dots alone lead to another place on the server.
        raise TemplateError("dots")
    return quote(value, safe="")


def filled_header(template: str, values: Mapping[str, Any]) -> str:
    """Return a header's value; what may not stand there is left out."""
    text = filled(template, values).encode("latin-1", "ignore").decode("latin-1")
    return "".join(sign for sign in text if sign.isprintable() or sign == "\t")


def filled_json(template: Any, values: Mapping[str, Any]) -> Any:
    """Return read JSON with the values in its texts; a text that is one name only becomes the value itself.

    So a list can stand where ``"{numbers}"`` stands, and no value can break out of its text.
    """
    found = _filled_json(template, values)
    return None if found is _DROPPED else found


def _filled_json(template: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(template, str):
        alone = NAME.fullmatch(template)
        return _alone(values.get(alone[1], ""), alone[2]) if alone else filled(template, values)
    if isinstance(template, list):
        return [one for one in (_filled_json(one, values) for one in template) if one is not _DROPPED]
    if isinstance(template, dict):
        pairs = ((filled(key, values), _filled_json(one, values)) for key, one in template.items())
        return {key: one for key, one in pairs if one is not _DROPPED}
    return template


def _alone(value: Any, wishes: str) -> Any:
    if ":int" in wishes and isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else _DROPPED
    return _DROPPED if ":optional" in wishes and value in ("", []) else value
