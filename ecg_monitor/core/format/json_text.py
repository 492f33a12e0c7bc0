"""JSON as the wire format takes it: each name once in a map.

Of a name that stands twice decoders keep the last value and say nothing (RFC 8259, section 4,
leaves it open). A device that gives two leads one name would lose one, and nobody would know.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

_NOT_JSON = re.compile(rb"\b(NaN|Infinity)\b")
"""Words that JSON does not have, but some encoders write, Python's `json` among them."""


def loads(payload: bytes) -> Any:
    """Decode one message.

    Raises:
        ValueError: it is no JSON, or a map in it holds a name twice; the text says what.
    """
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        hint = "; JSON has no NaN and no Infinity" if _NOT_JSON.search(payload) else ""
        raise ValueError(f"{error}{hint}") from error
    # Every name is followed by a colon, so as many colons as names say that none was repeated.
    if payload.count(b":") > _names(found):
        _refuse_repeated(payload)
    return found


def _names(value: Any) -> int:
    """Count the names of a map, and of the maps in it, which are as deep as the format goes."""
    if not isinstance(value, dict):
        return 0
    return len(value) + sum(len(inner) for inner in value.values() if isinstance(inner, dict))


def _refuse_repeated(payload: bytes) -> None:
    """Raise ValueError if a map holds a name twice; there may be colons in text or deeper down."""
    try:
        json.loads(payload, object_pairs_hook=_map)
    except RecursionError as error:
        raise ValueError("too many containers in one another") from error


def _map(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the name {name[:40]!r} stands twice in a map")
        found[name] = value
    return found
