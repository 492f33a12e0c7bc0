"""Accounts for what passes through a running system: is every sample there, and how late is it?

The simulator's device clock is the wall clock, so at real-time pace ``t0 + n / fs`` is the moment
at which sample ``n`` was taken, and any later moment less that is a delay. What nobody can help is
taken off: a packet cannot leave before its last sample is taken, and a decision that looks ahead
needs the packet with the last sample that it looked at. What remains is the system's own. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.engine.resample import last_needed
from ecg_monitor.core.types import Packet

STAGES = ("ingest", "beat", "label", "alert", "frame")
"""What a delay is measured to: a packet's arrival at ingest; a beat, its class and an alarm in
Redis; samples at a client of the hub."""
PERCENTILES = (50, 95, 99)
_RECENT_PACKETS = 256
"""Ends of packets kept of a device: over ten seconds of the shortest ones."""
_OVERDUE_S = 3.0
"""A sample that has not been seen so long after it was taken is counted as lost, s: no packet is
longer than 2 s, and a system that is later than that has missed its goal anyhow."""


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

    def add_all(self, delays_s: npt.NDArray[np.float64]) -> None:
        """Count delays, shape (n,)."""
        if not delays_s.size:
            return
        places = np.clip(np.rint(delays_s * 1000), 0, 10_000).astype(np.int64)
        found = np.bincount(places)
        for place in np.flatnonzero(found).tolist():
            self.counts[place] += int(found[place])
        self.worst = max(self.worst, float(delays_s.max()))

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

    def percentiles_ms(self) -> dict[str, float | int | None]:
        """Return ``p50``, ``p95`` and ``p99`` in ms, None without any, and the ``count``."""
        found = {f"p{percent}": self.percentile(percent) for percent in PERCENTILES}
        in_ms = {name: None if s is None else round(1000 * s, 1) for name, s in found.items()}
        return {**in_ms, "count": self.total}


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
        ends: indices one past the last sample of the packets that came last, ascending.
        analysed: an event of it has been seen.
    """

    fs: float
    start: float
    first: int
    next_n: int
    missing: int = 0
    repeated: int = 0
    ends: deque[int] = field(default_factory=lambda: deque(maxlen=_RECENT_PACKETS))
    analysed: bool = False

    def taken_at(self, n: int) -> float:
        """Return when the packet with the samples before index ``n`` was complete, Unix s.

        Of a packet that has not been seen yet the length is taken to be that of the last one.
        """
        end = last = self.ends[-1] if self.ends else n
        if n > last:
            length = last - self.ends[-2] if len(self.ends) > 1 else 1
            end = last - (last - n) // length * length
        else:
            for one in reversed(self.ends):
                if one < n:
                    break
                end = one
        return self.start + end / self.fs

    def overdue(self, now: float) -> int:
        """Return how many samples should have been seen by Unix time ``now`` and were not."""
        return max(0, int((now - _OVERDUE_S - self.start) * self.fs) - self.next_n)


@dataclass(slots=True)
class Follower:
    """Keeps the account of what passes through Redis and what reaches a client of the hub.

    Attributes:
        devices: by name.
        stages: delays beyond packet and look-ahead, by `STAGES`.
        to_reader: from a packet's last sample until it was read from Redis.
        to_peak: from an R peak until it was read.
        to_label: from an R peak until its class was read.
        beats: classes read.
    """

    devices: dict[str, DeviceAccount] = field(default_factory=dict)
    stages: dict[str, Delays] = field(default_factory=lambda: {one: Delays() for one in STAGES})
    to_reader: Delays = field(default_factory=Delays)
    to_peak: Delays = field(default_factory=Delays)
    to_label: Delays = field(default_factory=Delays)
    beats: int = 0

    def begin_anew(self) -> None:
        """Forget the delays and losses so far: processes were starting. Devices stay known."""
        fresh = Follower()
        for name in ("stages", "to_reader", "to_peak", "to_label", "beats"):
            setattr(self, name, getattr(fresh, name))
        for account in self.devices.values():
            account.first, account.missing, account.repeated = account.next_n, 0, 0

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
        self.samples(account, packet.n0, packet.n1, arrival, now)

    def samples(self, account: DeviceAccount, n0: int, n1: int, arrival: float, now: float) -> None:
        """Take the samples ``n0`` .. ``n1`` (exclusive) of a device; times as of `packet`."""
        if n0 > account.next_n:
            account.missing += n0 - account.next_n
        elif n0 < account.next_n:
            account.repeated += min(n1, account.next_n) - n0
        account.next_n = max(account.next_n, n1)
        if not account.ends or n1 > account.ends[-1]:
            account.ends.append(n1)
        taken = account.start + n1 / account.fs
        self.stages["ingest"].add(arrival - taken)
        self.to_reader.add(now - taken)

    def analysed(self, device: str) -> None:
        """Take that there is an event of a device."""
        account = self.devices.get(device)
        if account is not None:
            account.analysed = True

    def event(self, device: str, event: Mapping[str, Any], now: float) -> None:
        """Take an event of the detector, as a map, read from Redis at Unix time ``now``."""
        account = self.devices.get(device)
        if account is None:
            return
        account.analysed = True
        since_peak_s = now - account.start - event.get("n", 0) / account.fs
        match event["type"]:
            case "r_peak":
                stage = "beat"
                self.to_peak.add(since_peak_s)
            case "beat":
                stage = "label"
                self.beats += 1
                self.to_label.add(since_peak_s)
            case "alarm" if event["present"]:
                stage = "alert"
            case _:
                return
        looked_to = last_needed(event["decided_n"], account.fs) + 1
        self.stages[stage].add(now - account.taken_at(looked_to))

    def frames(self, delays_s: npt.NDArray[np.float64]) -> None:
        """Take how long after their last sample frames reached a client, s, shape (n,)."""
        self.stages["frame"].add_all(delays_s)

    def lost(self, now: float) -> int:
        """Return how many samples are lost: skipped by later ones, or long overdue."""
        accounts = self.devices.values()
        return sum(account.missing + account.overdue(now) for account in accounts)
