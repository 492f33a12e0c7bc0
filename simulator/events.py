"""Actions of a simulated device in time: the seam between patient, faults and MQTT.

``due`` is the time in seconds since the device's power-up at which it happens, by the device's own
signal; the pacer turns it into wall-clock time. Events of one device come in order of ``due``.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecg_monitor.core.types import Packet


@dataclass(frozen=True, slots=True)
class Send:
    """Publish a packet; it is due when its last sample has been taken."""

    due: float
    packet: Packet


@dataclass(frozen=True, slots=True)
class SendRaw:
    """Publish bytes that break the wire format, on the wave topic."""

    due: float
    payload: bytes


@dataclass(frozen=True, slots=True)
class Truth:
    """Publish the reference annotations of samples ``n0`` .. ``n1`` (exclusive) of ``boot``.

    Attributes:
        due: when, s.
        boot: power-up that the indices count from.
        fs: sampling rate in Hz.
        n0: first sample of the span.
        n1: one past its last sample.
        beats: (sample, WFDB symbol) in the span.
        rhythms: (sample, WFDB aux) of rhythm changes in the span.
    """

    due: float
    boot: str
    fs: float
    n0: int
    n1: int
    beats: tuple[tuple[int, str], ...]
    rhythms: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Offline:
    """Lose the connection without a word, and find it again at ``until``."""

    due: float
    until: float


Event = Send | SendRaw | Truth | Offline
