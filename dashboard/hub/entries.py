"""Reads the entries that other processes put into Redis (`ecg_monitor.core.keys`). Pure.

`Partition` is what the hub keeps of them beside the beds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, TypeVar

import orjson

from ecg_monitor.core import wire
from ecg_monitor.core.errors import AlertError, WireError
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.trail import Entry

Fields = Mapping[bytes, bytes]
Words = Sequence[bytes]
"""Names and values of an entry by turns, as Redis answers."""
_Told = TypeVar("_Told")
MAX_ALERTS = 4000
"""Alerts kept per partition: more than the detector keeps in Redis once they are over."""

_EVENT_FIELDS = {
    "r_peak": {"n", "rr_s", "amplitude_mv"},
    "beat": {"n", "label", "rr_s", "anomaly"},
    "vitals": {"n", "heart_rate", "quality"},
    "measurement": {"n", "st_mv"},
}


class EntryForm:
    """How entries of a stream are written: their values are found by their places.

    Args:
        names: of the fields, in the order in which ingest or the detector writes them.
        wanted: those whose values are read.
    """

    def __init__(self, names: list[bytes], wanted: tuple[bytes, ...]) -> None:
        self.names = names
        self._wanted = wanted
        self._pick = itemgetter(*(2 * names.index(one) + 1 for one in wanted))

    def values(self, words: Words) -> tuple[bytes, ...]:
        """Return the values that are wanted; by their names, where they stand in another order.

        Raises:
            KeyError: one is missing.
            ValueError: a name has no value.
        """
        if words[::2] == self.names:
            found: tuple[bytes, ...] = self._pick(words)
            return found
        fields = fields_of(words)
        return tuple(fields[one] for one in self._wanted)


PACKET = EntryForm([b"d", b"t", b"p"], (b"d", b"t", b"p"))
EVENTS = EntryForm([b"d", b"b", b"s", b"i", b"j"], (b"d", b"b", b"j"))


def packet(words: Words) -> tuple[Packet, float]:
    """Read a packet of a wave stream and its arrival time (Unix s).

    Raises:
        WireError: the entry is malformed.
    """
    try:
        device, arrival, payload = PACKET.values(words)
        name = device.decode()
    except (KeyError, ValueError) as error:
        raise _misspelt("wave", error) from error
    return packet_of(name, arrival, payload)


def packet_of(device: str, arrival: bytes, payload: bytes) -> tuple[Packet, float]:
    """Read a packet of a device by its arrival (Unix s, text) and payload.

    Raises:
        WireError: one of them is malformed.
    """
    try:
        arrival_s = float(arrival)
    except ValueError as error:
        raise _misspelt("wave", error) from error
    return wire.read(payload, device, ours=True), arrival_s


def events(words: Words) -> tuple[str, str, list[dict[str, Any]]]:
    """Read an entry of an event stream: device, boot and the events as maps.

    Raises:
        WireError: the entry is malformed.
    """
    try:
        device, boot, text = EVENTS.values(words)
        name = device.decode()
    except (KeyError, ValueError) as error:
        raise _misspelt("events", error) from error
    return name, *events_of(boot, text)


def events_of(boot: bytes, text: bytes) -> tuple[str, list[dict[str, Any]]]:
    """Read events by their power-up and JSON list.

    Raises:
        WireError: one of them is malformed.
    """
    try:
        found = orjson.loads(text)
        for event in found:
            required = _EVENT_FIELDS.get(event["type"])
            if required is not None and not required <= event.keys():
                raise KeyError(min(required - event.keys()))
        return boot.decode(), found
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _misspelt("events", error) from error


def fields_of(words: Words) -> Fields:
    """Return the fields of an entry by name."""
    return dict(zip(words[::2], words[1::2], strict=True))


def take_each(
    found: Iterable[Words], read: Callable[[Words], _Told], take: Callable[[_Told], None]
) -> list[WireError]:
    """Read entries by their words and take them, one by one.

    Returns:
        The errors of those that are malformed; the others have been taken.
    """
    errors = []
    for words in found:
        try:
            told = read(words)
        except WireError as error:
            errors.append(error)
        else:
            take(told)
    return errors


def _misspelt(stream: str, error: Exception) -> WireError:
    return WireError(stream, "type", f"entry lacks or misspells a field: {error}")


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
        due: when the alerts of devices may next look different with time alone, Unix s; those
            that never do are not in it.
    """

    heard_at: float
    packet_at: float = 0.0
    behind_s: float | None = None
    counters: dict[str, int] = field(default_factory=dict)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    board: Board = field(default_factory=Board)
    due: dict[str, float] = field(default_factory=dict)

    def take_alert(self, entry: Entry) -> None:
        """Take an entry of the audit trail."""
        self.board.take(entry)
        self.board.forget_old(MAX_ALERTS)

    def load_alerts(
        self, facts: Mapping[str, bytes], acts: Mapping[str, bytes]
    ) -> tuple[set[str], dict[str, AlertError]]:
        """Take values of the hashes of alerts and acts.

        Returns:
            The devices that they are about, and the errors of the values that are malformed, by
            name; the others have been taken.
        """
        concerned: set[str] = set()
        errors = {}
        for is_act, values in ((False, facts), (True, acts)):
            for name, text in values.items():
                one = {name: text}
                try:
                    concerned |= self.board.load({} if is_act else one, one if is_act else {})
                except AlertError as error:
                    errors[name] = error
        self.board.forget_old(MAX_ALERTS)
        return concerned, errors

    def note_due(self, device: str, due_at: float) -> None:
        """Take when the alerts of a device may next look different, Unix s; infinite: never."""
        self.due[device] = due_at
        if due_at == math.inf:
            del self.due[device]

    def to_map(self, now: float) -> dict[str, Any]:
        """Return what the system page shows of it, at Unix time ``now``, s."""
        return {
            "behind_s": self.behind_s,
            "silent_s": now - self.packet_at if self.packet_at else None,
            "refusals": self.refusals,
        }
