"""Watches a running system through Redis: is every sample there, and how late is it? Pure.

The simulator's device clock is the wall clock, so at real-time pace ``t0 + n / fs`` is the moment
at which sample ``n`` was taken, and any later moment less that is a delay.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ecg_monitor.core.types import Packet


@dataclass(slots=True)
class Delays:
    """Delays in s, kept in bins of 1 ms up to `TOP_S`."""

    TOP_S = 10.0
    counts: list[int] = field(default_factory=lambda: [0] * 10_001)
    worst: float = 0.0

    def add(self, delay_s: float) -> None:
        """Count one delay."""
        self.counts[min(10_000, max(0, round(delay_s * 1000)))] += 1
        self.worst = max(self.worst, delay_s)

    @property
    def total(self) -> int:
        """How many were counted."""
        return sum(self.counts)

    def percentile(self, percent: float) -> float | None:
        """Return the delay in s that ``percent`` of all do not exceed; None without any."""
        if not self.total:
            return None
        cumulated = np.cumsum(self.counts)
        return int(np.searchsorted(cumulated, percent / 100 * cumulated[-1])) / 1000

    def to_map(self) -> dict[str, float | int | None]:
        """Return p50, p99 and the worst in ms, and how many there are."""
        p50, p99 = self.percentile(50), self.percentile(99)
        return {
            "p50_ms": None if p50 is None else 1000 * p50,
            "p99_ms": None if p99 is None else 1000 * p99,
            "worst_ms": round(1000 * self.worst, 1),
            "count": self.total,
        }


@dataclass(slots=True)
class DeviceAccount:
    """The samples of one device, every one accounted for.

    Attributes:
        fs: sampling rate in Hz.
        start: device time of sample 0, Unix s.
        first: index of the first sample seen.
        next_n: index one past the last sample in order.
        missing: samples that never came before later ones did.
        repeated: samples that came again.
    """

    fs: float
    start: float
    first: int
    next_n: int
    missing: int = 0
    repeated: int = 0


@dataclass(slots=True)
class Follower:
    """Keeps the account of what passes through Redis."""

    devices: dict[str, DeviceAccount] = field(default_factory=dict)
    to_ingest: Delays = field(default_factory=Delays)
    to_reader: Delays = field(default_factory=Delays)
    to_peak: Delays = field(default_factory=Delays)
    to_label: Delays = field(default_factory=Delays)
    beats: int = 0

    def packet(self, packet: Packet, arrival: float, now: float) -> None:
        """Take a packet from the wave stream.

        Args:
            packet: the packet.
            arrival: when ingest received it, Unix s.
            now: when it was read from Redis, Unix s.
        """
        account = self.devices.get(packet.device)
        if account is None:
            start = packet.t0 - packet.n0 / packet.fs
            account = DeviceAccount(packet.fs, start, packet.n0, packet.n0)
            self.devices[packet.device] = account
        if packet.n0 > account.next_n:
            account.missing += packet.n0 - account.next_n
        elif packet.n0 < account.next_n:
            account.repeated += min(packet.n1, account.next_n) - packet.n0
        account.next_n = max(account.next_n, packet.n1)
        taken = account.start + packet.n1 / packet.fs
        self.to_ingest.add(arrival - taken)
        self.to_reader.add(now - taken)

    def beat(self, device: str, n: int, now: float, *, labelled: bool) -> None:
        """Take an R peak, or the label of one, from the event stream, read at ``now``."""
        self.beats += labelled
        account = self.devices.get(device)
        if account is not None:
            delays = self.to_label if labelled else self.to_peak
            delays.add(now - account.start - n / account.fs)
