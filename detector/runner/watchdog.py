"""Tells when a device has fallen silent. Pure: the caller says what time it is.

Silence can only be seen with a clock, so these alarms stand outside the engine; their identity is
the index of the first sample that did not come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alarms.catalogue import KINDS

NO_DATA = "no_data"
"""The kind of alarm that a silent device raises."""
SILENT_S = 5.0
"""A device that sends no new sample for so long, in s, is silent. IEC 60601-2-27 wants a technical
alarm within 10 s; 5 s lets a Wi-Fi roaming pass."""


@dataclass(slots=True)
class _Seen:
    next_n: int
    at: float


@dataclass(slots=True)
class Watchdog:
    """When each device last brought new samples."""

    _seen: dict[str, _Seen] = field(default_factory=dict)
    _silent: dict[str, Alarm] = field(default_factory=dict)

    def resume(self, device: str, alarm: Alarm, now: float) -> None:
        """Take over a silence that was raised before a restart."""
        self._seen[device] = _Seen(alarm.n, now)
        self._silent[device] = alarm

    def progress(self, device: str, next_n: int, now: float) -> Alarm | None:
        """Note how far a device's samples go; return the end of its silence, if it was silent."""
        seen = self._seen.get(device)
        if seen is not None and seen.next_n == next_n:
            return None
        self._seen[device] = _Seen(next_n, now)
        alarm = self._silent.pop(device, None)
        if alarm is None:
            return None
        return Alarm(alarm.kind, alarm.priority, alarm.n, next_n, False)

    def check(self, now: float) -> Iterator[tuple[str, Alarm]]:
        """Yield the devices that have just become silent."""
        for device, seen in self._seen.items():
            silent_s = now - seen.at
            if silent_s >= SILENT_S and device not in self._silent:
                n = seen.next_n
                priority = KINDS[NO_DATA].priority
                alarm = Alarm(NO_DATA, priority, n, n, True, round(silent_s, 1), SILENT_S)
                self._silent[device] = alarm
                yield device, alarm

    def forget(self, device: str) -> None:
        """Stop watching a device."""
        self._seen.pop(device, None)
        self._silent.pop(device, None)
