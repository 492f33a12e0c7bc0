"""Reads the entries that other processes put into Redis (`ecg_monitor.core.keys`). Pure.

`Partition` is what the hub keeps of them beside the beds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from ecg_monitor.core import wire
from ecg_monitor.core.errors import WireError
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.alerts.board import Board

Fields = Mapping[bytes, bytes]

_EVENT_FIELDS = {
    "r_peak": {"n", "rr_s", "amplitude_mv"},
    "beat": {"n", "label", "rr_s", "anomaly"},
    "vitals": {"n", "heart_rate", "quality"},
    "measurement": {"n", "st_mv"},
}


def packet(fields: Fields) -> tuple[Packet, float]:
    """Read a packet of a wave stream and its arrival time (Unix s).

    Raises:
        WireError: the entry is malformed.
    """
    try:
        device, arrival = fields[b"d"].decode(), float(fields[b"t"])
        payload = fields[b"p"]
    except (KeyError, ValueError) as error:
        raise WireError("wave", "type", f"entry lacks or misspells a field: {error}") from error
    return wire.read(payload, device, ours=True), arrival


def events(fields: Fields) -> tuple[str, str, list[dict[str, Any]]]:
    """Read an entry of an event stream: device, boot and the events as maps.

    Raises:
        WireError: the entry is malformed.
    """
    try:
        device, boot = fields[b"d"].decode(), fields[b"b"].decode()
        found = orjson.loads(fields[b"j"])
        for event in found:
            _require(event, _EVENT_FIELDS.get(event["type"]))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise WireError("events", "type", f"entry lacks or misspells a field: {error}") from error
    return device, boot, found


def device(text: bytes) -> dict[str, Any]:
    """Read what a device tells of itself: a map with the maps ``status`` and ``meta``.

    Raises:
        WireError: it is malformed.
    """
    try:
        fields = orjson.loads(text)
        return {name: dict(fields.get(name) or {}) for name in ("status", "meta")}
    except (ValueError, TypeError, AttributeError) as error:
        raise WireError("devices", "type", f"entry is not a map of maps: {error}") from error


def behind_s(lag: Fields, last_wave_id: bytes | None) -> float | None:
    """Return how far the detector is behind, s; None if it has never said.

    Its own figure goes stale when it hangs or dies, so its position is held against the newest
    packet as well: stream identities begin with a time in ms.
    """
    if b"behind_s" not in lag:
        return None
    behind = float(lag[b"behind_s"])
    position = lag.get(b"position", b"")
    if last_wave_id is None or b"-" not in position:
        return behind
    return max(behind, (entry_ms(last_wave_id) - entry_ms(position)) / 1000)


def share(text: bytes | None) -> float | None:
    """Read a share, 0 .. 1; None if there is none, or what is there is no share."""
    try:
        return None if text is None else min(1.0, max(0.0, float(text)))
    except ValueError:
        return None


def counters(fields: Fields) -> dict[str, int]:
    """Read the hash of counters: ``device|counter`` to number."""
    return {name.decode(): int(count) for name, count in fields.items()}


def refusals(entries: Iterable[tuple[bytes, Fields]]) -> list[dict[str, Any]]:
    """Read the last refused packets."""
    return [
        {
            "device": fields.get(b"d", b"").decode(errors="replace"),
            "at": float(fields.get(b"t", b"0")),
            "error": fields.get(b"e", b"").decode(errors="replace"),
        }
        for _, fields in entries
    ]


def _require(fields: Mapping[str, Any], names: set[str] | None) -> None:
    missing = (names or set()) - fields.keys()
    if missing:
        raise KeyError(min(missing))


def committed_at(identity: bytes) -> float:
    """Return when an entry was added to its stream, Unix s."""
    return entry_ms(identity) / 1000


@dataclass(slots=True)
class Partition:
    """What the hub knows of one partition.

    Attributes:
        heard_at: Unix time of the last answer from Redis.
        packet_at: Unix time at which the last packet was read.
        behind_s: how far the detector is behind the wave stream, s; None if it has never run.
        counters: per-device counters for the system page.
        refusals: last refused packets for the system page, newest first.
        board: its alerts: what the detector found and what staff did.
        restless: devices whose alerts may look different with time alone.
    """

    heard_at: float
    packet_at: float = 0.0
    behind_s: float | None = None
    counters: dict[str, int] = field(default_factory=dict)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    board: Board = field(default_factory=Board)
    restless: set[str] = field(default_factory=set)

    def to_map(self, now: float) -> dict[str, Any]:
        """Return what the system page shows of it, at Unix time ``now``, s."""
        return {
            "behind_s": self.behind_s,
            "silent_s": now - self.packet_at if self.packet_at else None,
            "refusals": self.refusals,
        }
