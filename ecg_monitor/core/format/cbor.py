"""CBOR as the wire format takes it: maps, arrays, text, bytes, whole numbers and fractions.

Other items of CBOR cost what their sender likes. A decimal fraction or a big number of 500 kB
(tags 2 to 5) is a power of ten with half a million digits, which takes seconds of squaring; a tag
may name a date, a regular expression or an address. So the items are walked over before any is
decoded: what is not in the format is refused, and their number and depth are bounded.
"""

from __future__ import annotations

from typing import Any

import cbor2

MOST_ITEMS = 40_000
"""Items in one message: 16 leads of 2000 samples as arrays of numbers, and room for other fields.
To walk over so many takes 10 ms."""
MOST_DEPTH = 16
"""Containers in one another. The format needs two: leads are a map in the packet's map."""

BYTES, TEXT, ARRAY, MAP, _TAG, _OTHER = range(2, 8)
_NUMBERS, _STRINGS, _CONTAINERS = (0, 1), (BYTES, TEXT), (ARRAY, MAP)
"""Major types."""
_LENGTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_FRACTIONS, _SIMPLE = (25, 26, 27), (20, 21, 22)
"""Floating-point numbers of three sizes; false, true and null."""
_OPEN, _BREAK = 31, b"\xff"
_ANY = -1


def loads(payload: bytes) -> Any:
    """Decode one message.

    Raises:
        ValueError: it is no CBOR, or holds what the format does not; the text says what.
    """
    _walk(payload)
    return decoded(payload)


def decoded(payload: bytes) -> Any:
    """Decode a message that is known to hold nothing but what the format has.

    Raises:
        ValueError: it is no CBOR.
    """
    try:
        return cbor2.loads(payload)
    except (cbor2.CBORDecodeError, RecursionError, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error


def _walk(payload: bytes) -> None:
    """Go over all items; raise ValueError at the first that is not in the format."""
    at = items = 0
    opened = [_Container(1, is_map=False)]
    while opened:
        inner = opened[-1]
        if inner.left == 0:
            opened.pop()
            continue
        items += 1
        if items > MOST_ITEMS:
            raise ValueError(f"it has over {MOST_ITEMS} items")
        if payload[at : at + 1] == _BREAK:
            at += 1
            inner.end()
            opened.pop()
            continue
        kind, value, at = head(payload, at)
        inner.take(kind, value, payload[at : at + value] if inner.at_key else b"")
        if kind in _CONTAINERS or (kind in _STRINGS and value == _ANY):
            if len(opened) > MOST_DEPTH:
                raise ValueError(f"over {MOST_DEPTH} containers in one another")
            opened.append(_Container(value, is_map=kind == MAP))
        elif kind in _STRINGS:
            at += value
    if at > len(payload):
        raise ValueError("it ends early")
    if at < len(payload):
        raise ValueError("it holds more than one CBOR item; send one packet a message")


class _Container:
    """A map, an array or text in pieces that has not ended.

    Attributes:
        left: items that it still takes; `_ANY`: until a break.
        at_key: it is a map, whose next item is a key.
    """

    __slots__ = ("_is_map", "_keys", "at_key", "left")

    def __init__(self, count: int, *, is_map: bool) -> None:
        self.left = 2 * count if is_map and count > 0 else count
        self._is_map = self.at_key = is_map
        self._keys: set[bytes] = set()

    def take(self, kind: int, value: int, text: bytes) -> None:
        """Take the next item; ``text`` is that of a key."""
        if self.at_key:
            if kind != TEXT or value == _ANY:
                raise ValueError("the key of a map must be text")
            if text in self._keys:
                raise ValueError(f"the key {text[:40]!r} stands twice in a map")
            self._keys.add(text)
        if self.left > 0:
            self.left -= 1
        self.at_key = self._is_map and not self.at_key

    def end(self) -> None:
        if self.left > 0 or (self._is_map and not self.at_key):
            raise ValueError("a break where none may be")


def head(payload: bytes, at: int) -> tuple[int, int, int]:
    """Read the head of the item at a place: its kind, its length or value, and where that ends.

    Raises:
        ValueError: there is none that the format has.
    """
    if at >= len(payload):
        raise ValueError("it ends early")
    kind, value = payload[at] >> 5, payload[at] & 31
    at += 1
    if kind == _TAG:
        raise ValueError("tags (big numbers, decimals, dates ...) are not in the format")
    if kind == _OTHER:
        if value in _SIMPLE:
            return kind, value, at
        if value in _FRACTIONS:
            return kind, value, at + _LENGTHS[value]
        raise ValueError("a simple value that the format does not have")
    if value == _OPEN and kind not in _NUMBERS:
        return kind, _ANY, at
    if value >= 24:
        if value not in _LENGTHS:
            raise ValueError("a length of a form that CBOR does not have")
        end = at + _LENGTHS[value]
        value, at = int.from_bytes(payload[at:end]), end
    if kind not in _NUMBERS and value > len(payload) - at:  # every item takes a byte
        raise ValueError("it ends early")
    return kind, value, at
