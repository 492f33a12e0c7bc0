"""Tells when a device has fallen silent. `Watchdog` is pure: the caller says what time it is.

Silence can only be seen with a clock, so these alarms stand outside the engine; their identity is
the index of the first sample that did not come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from detector.runner.alert_desk import AlertDesk
from detector.runner.desk import Desk, PartitionState
from detector.runner.fence import Commit
from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alarms.catalogue import KINDS
from ecg_monitor.ward.alerts.model import Alert

NO_DATA = "no_data"
"""The kind of alarm that a silent device raises."""
SILENT_S = 5.0
"""A device that sends no new sample for so long, in s, is silent. IEC 60601-2-27 wants a technical
alarm within 10 s; 5 s lets a Wi-Fi roaming pass."""
CHECK_S = 1.0
UNKNOWN = "unknown"
"""Power-up of a device that has sent nothing since nothing is known of it any more."""


@dataclass(slots=True)
class _Progress:
    next_n: int
    at: float


@dataclass(slots=True)
class Watchdog:
    """When each device last brought new samples."""

    _seen: dict[str, _Progress] = field(default_factory=dict)
    _silent: dict[str, Alarm] = field(default_factory=dict)

    def resume(self, device: str, alarm: Alarm, now: float) -> None:
        """Take over a silence that was raised before a restart."""
        self._seen[device] = _Progress(alarm.n, now)
        self._silent[device] = alarm

    def progress(self, device: str, next_n: int, now: float) -> Alarm | None:
        """Note how far a device's samples go; return the end of its silence, if it was silent."""
        seen = self._seen.get(device)
        if seen is None:
            self._seen[device] = _Progress(next_n, now)
        elif seen.next_n == next_n:
            return None
        else:
            seen.next_n, seen.at = next_n, now
        alarm = self._silent.pop(device, None) if self._silent else None
        if alarm is None:
            return None
        return Alarm(alarm.kind, alarm.priority, alarm.n, next_n, False)

    def forget(self, device: str) -> None:
        """Watch a device no more."""
        self._seen.pop(device, None)
        self._silent.pop(device, None)

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


class WatchdogDesk(Desk):
    """Raises and ends ``no_data``, and ends what nobody else would after a restart.

    What was present on a device of which nothing is known any more ends with the first tick; a
    condition that still holds is found again, as another alert.
    """

    def __init__(self, state: PartitionState, alerts: AlertDesk) -> None:
        self._state = state
        self._alerts = alerts
        self._watchdog = Watchdog()
        self._watched_at = 0.0
        self._orphans: list[Alert] = []

    async def before(self, commit: Commit, now: float) -> None:
        """End what was present on devices that have started anew."""
        for alert in self._orphans:
            over = Alarm(alert.kind, alert.priority, alert.n, alert.n, False)
            self._alerts.alarm(commit, alert.device, alert.boot, over, now)
        self._orphans.clear()

    def progress(self, commit: Commit, device: str, now: float) -> None:
        """Take note of new samples: they end a silence."""
        boot, next_n = self._state.analyzer.position(device)
        if next_n is None:
            return
        ended = self._watchdog.progress(device, next_n, now)
        if ended is not None:
            silence = self._alerts.open_of(device, ended.kind)
            self._alerts.alarm(commit, device, silence.boot if silence else boot, ended, now)

    async def after(self, commit: Commit, now: float, *, caught_up: bool) -> None:
        """Look for silent devices, once a second; a backlog in the stream is no silence."""
        if not caught_up or now - self._watched_at < CHECK_S:
            return
        self._watched_at = now
        for device, alarm in self._watchdog.check(now):
            bed = self._state.beds.get(device)
            self._alerts.alarm(commit, device, UNKNOWN if bed is None else bed.boot, alarm, now)

    def resumed(self, device: str, now: float) -> None:
        """Go on with a silence that was raised before a restart."""
        silence = self._alerts.open_of(device, NO_DATA)
        _, next_n = self._state.analyzer.position(device)
        if silence is not None:
            self._watchdog.resume(device, _alarm_of(silence), now)
        elif next_n is not None:
            self._watchdog.progress(device, next_n, now)

    def started_anew(self, device: str, now: float) -> None:
        """Watch a device of which nothing is known any more; note what was present on it.

        That it is silent ends with its next sample, whatever index that has; the time stands in.
        """
        self._watchdog.progress(device, round(now), now)
        for alert in self._alerts.present_by_device().get(device, []):
            if alert.kind == NO_DATA:
                self._watchdog.resume(device, _alarm_of(alert), now)
            else:
                self._orphans.append(alert)

    def forget(self, device: str) -> None:
        """Watch a device that is gone no more."""
        self._watchdog.forget(device)


def _alarm_of(silence: Alert) -> Alarm:
    return Alarm(NO_DATA, silence.priority, silence.n, silence.n, True)
