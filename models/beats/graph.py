"""Takes the tree ensembles out of an ONNX file, so that compiled code runs them (`forest`).

A protocol-buffers message is a row of numbered fields, and of ONNX's only a dozen are needed: no
package for it is among those that the program needs to run. Numbers are those of ``onnx.proto``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ecg_monitor.core.errors import SettingsError

ENSEMBLE = b"TreeEnsembleRegressor"
_GRAPH = 7
_NODE, _INPUT = 1, 11
_NODE_OUTPUT, _NODE_OPERATOR, _NODE_ATTRIBUTE = 2, 4, 5
_NAME, _FLOAT, _INT, _STRING, _FLOATS, _INTS, _STRINGS = 1, 2, 3, 4, 7, 8, 9
_SINGLE, _REPEATED = (_FLOAT, _INT, _STRING), (_FLOATS, _INTS, _STRINGS)
_TENSOR_OF_FLOATS = 1
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5


@dataclass(frozen=True, slots=True, eq=False)
class SplitGraph:
    """A graph without its tree ensembles.

    Attributes:
        network: serialised ONNX model; what the ensembles put out are inputs of it.
        inputs: names of these, in the order of the ensembles.
        ensembles: their attributes by name.
    """

    network: bytes
    inputs: list[str]
    ensembles: list[dict[str, Any]]


def split(network: bytes, batch: int) -> SplitGraph:
    """Return a model without its tree ensembles.

    Args:
        network: serialised ONNX model.
        batch: rows of what each ensemble puts out, of one column.

    Raises:
        SettingsError: it is no such model.
    """
    inputs: list[str] = []
    ensembles: list[dict[str, Any]] = []
    try:
        model = b"".join(
            _field(_GRAPH, _without(value, batch, inputs, ensembles)) if number == _GRAPH else raw
            for number, value, raw in _fields(network)
        )
    except (IndexError, struct.error) as error:
        raise SettingsError("beat weights: the network is no ONNX model") from error
    return SplitGraph(model, inputs, ensembles)


def _without(graph: bytes, batch: int, inputs: list[str], ensembles: list[dict[str, Any]]) -> bytes:
    """Return a graph without ensembles, which are added to the lists."""
    kept = []
    for number, value, raw in _fields(graph):
        if number == _NODE:
            node = list(_fields(value))
            if (_NODE_OPERATOR, ENSEMBLE) in ((part, held) for part, held, _ in node):
                (name,) = (held for part, held, _ in node if part == _NODE_OUTPUT)
                held = (held for part, held, _ in node if part == _NODE_ATTRIBUTE)
                ensembles.append(dict(map(_attribute, held)))
                inputs.append(name.decode())
                kept.append(_field(_INPUT, _matrix(name, batch)))
                continue
        kept.append(raw)
    return b"".join(kept)


def _attribute(message: bytes) -> tuple[str, Any]:
    """Return name and value of an attribute."""
    name = ""
    lists: dict[int, list[Any]] = {number: [] for number in _REPEATED}
    single: Any = None
    for number, value, _ in _fields(message):
        if number == _NAME:
            name = value.decode()
        elif number in _SINGLE:
            single = struct.unpack("<f", value)[0] if number == _FLOAT else value
        elif number == _FLOATS:  # one by one, or all in one field
            lists[number] += [one for (one,) in struct.iter_unpack("<f", value)]
        elif number == _INTS and isinstance(value, bytes):
            at = 0
            while at < len(value):
                one, at = _varint(value, at)
                lists[number].append(one)
        elif number in _REPEATED:
            lists[number].append(value)
    return name, next((held for held in lists.values() if held), single)


def _matrix(name: bytes, rows: int) -> bytes:
    """Return the description of a value of so many rows and one column."""
    shape = b"".join(_field(1, _number(1, size)) for size in (rows, 1))
    tensor = _number(1, _TENSOR_OF_FLOATS) + _field(2, shape)
    return _field(_NAME, name) + _field(2, _field(1, tensor))


def _fields(message: bytes) -> Iterator[tuple[int, Any, bytes]]:
    """Yield number, value and bytes of each field; numbers of four or eight bytes as these."""
    at = 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value: Any
            value, at = _varint(message, at)
        else:
            size = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(kind, 0)
            if kind == _BYTES:
                size, at = _varint(message, at)
            elif not size:
                raise IndexError(kind)
            value = message[at : at + size]
            if len(value) < size:
                raise IndexError(at)
            at += size
        yield key >> 3, value, message[start:at]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at a byte, seven bits of it in each, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _number(field: int, value: int) -> bytes:
    return _bytes(field << 3 | _VARINT) + _bytes(value)


def _field(field: int, value: bytes) -> bytes:
    return _bytes(field << 3 | _BYTES) + _bytes(len(value)) + value


def _bytes(value: int) -> bytes:
    """Return a number as `_varint` reads it."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
