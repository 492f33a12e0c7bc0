"""First alarms, decided per device from beats and ticks. Pure.

Definitions after the PhysioNet/CinC Challenge 2015 (Clifford et al., Computing in Cardiology
42:273-276, 2015):

* asystole: no QRS complex for at least 4 s;
* extreme bradycardia: heart rate below 40 bpm over 5 consecutive beats;
* extreme tachycardia: heart rate above 140 bpm over 17 consecutive beats.

A detached electrode is a technical condition of its own (lead-off), and suspends the others:
nothing can be said of the heart.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ecg_monitor.types import Alarm, Priority

ASYSTOLE_S = 4.0
DECISION_S = 0.35
"""A beat is known so long after its R peak at the latest: the silence must have lasted longer."""
BRADYCARDIA_BPM = 40.0
BRADYCARDIA_BEATS = 5
TACHYCARDIA_BPM = 140.0
TACHYCARDIA_BEATS = 17
HYSTERESIS_BPM = 3.0
"""The rate must pass the limit by this before the alarm ends, else it would chatter."""
LEADOFF_S = 1.0

PRIORITIES: dict[str, Priority] = {
    "asystole": "high",
    "extreme_tachycardia": "high",
    "extreme_bradycardia": "high",
    "leadoff": "technical",
}


@dataclass(slots=True)
class AlarmRules:
    """Alarm conditions of one device.

    Attributes:
        fs: sampling rate in Hz.
        present: onset of each condition that is present, by kind.
        peaks: sample indices of the last R peaks of this unbroken stretch.
        leadoff_since: sample index since which all leads have been off, or None.
    """

    fs: float
    present: dict[str, int] = field(default_factory=dict)
    peaks: deque[int] = field(default_factory=lambda: deque(maxlen=TACHYCARDIA_BEATS))
    leadoff_since: int | None = None

    def on_beat(self, n: int, decided_n: int) -> Iterator[Alarm]:
        """Take an R peak; yield alarms that begin or end."""
        self.peaks.append(n)
        yield from self._end("asystole", decided_n)
        slow = self._rate_over(BRADYCARDIA_BEATS)
        if slow is not None:
            yield from self._limit(
                "extreme_bradycardia",
                BRADYCARDIA_BEATS,
                decided_n,
                slow,
                BRADYCARDIA_BPM,
                begins=slow < BRADYCARDIA_BPM,
                ends=slow > BRADYCARDIA_BPM + HYSTERESIS_BPM,
            )
        fast = self._rate_over(TACHYCARDIA_BEATS)
        if fast is not None:
            yield from self._limit(
                "extreme_tachycardia",
                TACHYCARDIA_BEATS,
                decided_n,
                fast,
                TACHYCARDIA_BPM,
                begins=fast > TACHYCARDIA_BPM,
                ends=fast < TACHYCARDIA_BPM - HYSTERESIS_BPM,
            )

    def on_tick(self, n: int, silent_s: float, *, leadoff: bool) -> Iterator[Alarm]:
        """Take a half-second tick; yield alarms that begin or end.

        Args:
            n: sample index of the tick.
            silent_s: seconds since the last R peak, or since the stretch began.
            leadoff: all leads are off.
        """
        if leadoff:
            self.leadoff_since = n if self.leadoff_since is None else self.leadoff_since
            if n - self.leadoff_since >= LEADOFF_S * self.fs:
                yield from self._end_heart(n)
                yield from self._begin("leadoff", self.leadoff_since, n, None, None)
            return
        self.leadoff_since = None
        yield from self._end("leadoff", n)
        if silent_s - DECISION_S >= ASYSTOLE_S:
            onset = n - round(silent_s * self.fs)
            yield from self._begin("asystole", onset, n, round(silent_s, 3), ASYSTOLE_S)

    def on_stretch_end(self, n: int) -> Iterator[Alarm]:
        """The signal breaks off at ``n``: nothing is known of the heart until it returns."""
        yield from self._end_heart(n)
        self.leadoff_since = None
        yield from self._end("leadoff", n)

    def save(self) -> dict[str, Any]:
        """Return the state as a JSON-ready map."""
        return {
            "present": self.present,
            "peaks": list(self.peaks),
            "leadoff_since": self.leadoff_since,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Put a saved state back."""
        self.present = dict(saved["present"])
        self.peaks.extend(saved["peaks"])
        self.leadoff_since = saved["leadoff_since"]

    def _rate_over(self, beats: int) -> float | None:
        if len(self.peaks) < beats:
            return None
        return 60.0 * self.fs * (beats - 1) / (self.peaks[-1] - self.peaks[-beats])

    def _limit(
        self,
        kind: str,
        beats: int,
        decided_n: int,
        rate: float,
        limit: float,
        *,
        begins: bool,
        ends: bool,
    ) -> Iterator[Alarm]:
        if begins:
            yield from self._begin(kind, self.peaks[-beats], decided_n, round(rate, 1), limit)
        elif ends:
            yield from self._end(kind, decided_n)

    def _begin(
        self, kind: str, onset: int, decided_n: int, value: float | None, limit: float | None
    ) -> Iterator[Alarm]:
        if kind not in self.present:
            self.present[kind] = onset
            yield Alarm(kind, PRIORITIES[kind], onset, decided_n, True, value, limit)

    def _end(self, kind: str, decided_n: int) -> Iterator[Alarm]:
        if kind in self.present:
            onset = self.present.pop(kind)
            yield Alarm(kind, PRIORITIES[kind], onset, decided_n, False)

    def _end_heart(self, n: int) -> Iterator[Alarm]:
        self.peaks.clear()
        for kind in ("asystole", "extreme_bradycardia", "extreme_tachycardia"):
            yield from self._end(kind, n)
