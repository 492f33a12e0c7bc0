"""Packets that break the wire format, each in one way, as a faulty or hostile device sends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from ecg_monitor.core import wire
from ecg_monitor.core.types import Packet

Fields = dict[str, Any]


def _truncated(_: Fields, payload: bytes) -> bytes:
    return payload[: len(payload) // 2]


def _empty(_: Fields, __: bytes) -> bytes:
    return b""


def _not_utf8(_: Fields, payload: bytes) -> bytes:
    return payload.replace(b'"boot":"', b'"boot":"\xff\xfe', 1)


def _not_a_number(_: Fields, payload: bytes) -> bytes:
    return payload.replace(b'"v":1', b'"v":1,"x":NaN', 1)


def _huge(_: Fields, payload: bytes) -> bytes:
    return payload + b" " * wire.MAX_PAYLOAD


def _with(**changes: Any) -> Callable[[Fields, bytes], bytes]:
    return lambda fields, _: orjson.dumps(fields | changes)


def _without(name: str) -> Callable[[Fields, bytes], bytes]:
    return lambda fields, _: orjson.dumps({k: v for k, v in fields.items() if k != name})


def _ragged(fields: Fields, _: bytes) -> bytes:
    first = next(iter(fields["leads"]))
    leads = {**fields["leads"], "extra": [*fields["leads"][first], 0]}
    return orjson.dumps(fields | {"leads": leads})


KINDS: dict[str, Callable[[Fields, bytes], bytes]] = {
    "truncated": _truncated,
    "empty": _empty,
    "not_utf8": _not_utf8,
    "nan": _not_a_number,
    "huge": _huge,
    "version": _with(v=99),
    "missing": _without("n0"),
    "type": _with(seq="one"),
    "rate": _with(fs=1e6),
    "gain": _with(gain=0),
    "ragged": _ragged,
}
"""Ways to break a packet, by name."""


def corrupt(packet: Packet, kind: str) -> bytes:
    """Return the bytes of a packet broken in the way of `KINDS` named ``kind``."""
    payload = wire.encode_json(packet)
    return KINDS[kind](orjson.loads(payload), payload)
