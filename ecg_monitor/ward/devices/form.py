"""What a device's packets look like, as ingest writes it down while they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class PacketForm:
    """What the newest packets of a device look like.

    Attributes:
        at: when the newest of them came, Unix s.
        boot: power-up that their samples count from.
        since: when the first packet of that power-up came, Unix s.
        fs: sampling rate, Hz.
        leads: names of their leads.
        samples: samples per lead of the newest one.
        stored: one past its last sample: how far what the device has been told is stored reaches.
        clock_off_s: by how much the device's clock is behind ours, s, with the way of the packets;
            the least of what the packets since the last entry say, since others came late.
    """

    at: float
    boot: str
    since: float
    fs: float
    leads: tuple[str, ...]
    samples: int
    stored: int
    clock_off_s: float

    def to_json(self) -> str:
        """Return what is kept in Redis."""
        return orjson.dumps(self).decode()


_FIELDS: dict[str, type | tuple[type, ...]] = {
    "at": (int, float), "boot": str, "since": (int, float), "fs": (int, float), "leads": list,
    "samples": int, "stored": int, "clock_off_s": (int, float),
}  # fmt: skip


def form_of(text: bytes | None) -> PacketForm | None:
    """Read a form; None: there is none, or it is malformed: the next packets write another."""
    if text is None:
        return None
    try:
        found: Any = orjson.loads(text)
        fields = {name: found[name] for name in _FIELDS}
    except (ValueError, TypeError, KeyError):
        return None
    if not all(isinstance(fields[name], kind) for name, kind in _FIELDS.items()):
        return None
    return PacketForm(**{**fields, "leads": tuple(map(str, fields["leads"]))})
