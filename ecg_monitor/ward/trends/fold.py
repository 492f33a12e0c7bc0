"""Folds a device's events into minutes. Pure; the same events give the same minutes.

A minute is closed once the detector has said all that it will say about it: when the vitals of a
moment `SETTLE_S` later have come, or when another stream (a new power-up or format) has begun.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from ecg_monitor.core.checkpoint.fields import Derived
from ecg_monitor.core.types import Alarm, Beat, Event, Measurement, Vitals
from ecg_monitor.ward.alarms.catalogue import BURDENS
from ecg_monitor.ward.trends.minute import (
    ANOMALY_STEPS,
    BEAT,
    LABELS,
    NO_ANOMALY,
    QUALITIES,
    Minute,
    MinuteBeats,
    first_sample,
    number_of,
)

SETTLE_S = 5.0
"""Beats are labelled, and averages of beats measured, within 2 s after they come."""
UNUSUAL = 0.5
_LONGEST_RR_MS = 65_535


@dataclass(frozen=True, slots=True)
class KeptMinute:
    """A minute as it is kept: its numbers and its beats."""

    numbers: Minute
    beats: MinuteBeats


@dataclass(slots=True)
class _Tally:
    """What a minute that is still open has brought so far."""

    rates: list[float] = field(default_factory=list)
    seconds: list[int] = field(default_factory=lambda: [0] * len(QUALITIES))
    af_s: int = 0
    beats: list[int] = field(default_factory=list)
    """Four numbers a beat, as of `BEAT`, one after the other: a list for each costs a fourfold."""
    anomalies: list[float] = field(default_factory=list)
    st: dict[str, list[float]] = field(default_factory=dict)
    qrs_ms: list[float] = field(default_factory=list)
    qtc_ms: list[float] = field(default_factory=list)
    pr_ms: list[float] = field(default_factory=list)
    qt_ms: list[float] = field(default_factory=list)

    def close(self, boot: str, number: int, fs: float) -> KeptMinute:
        """Return the minute; the tally can go on."""
        labels = self.beats[2::4]
        rates, scores = self.rates, self.anomalies
        numbers = Minute(
            boot=boot,
            number=number,
            fs=fs,
            heart_rate=(float(median(rates)), min(rates), max(rates)) if rates else None,
            counts=tuple(labels.count(label) for label in range(len(LABELS))),
            anomaly=(sum(scores) / len(scores), max(scores)) if scores else None,
            unusual=sum(score >= UNUSUAL for score in scores),
            quality=tuple(self.seconds),
            af_s=self.af_s,
            st_mv={lead: float(median(levels)) for lead, levels in sorted(self.st.items())},
            qrs_ms=_middle(self.qrs_ms),
            qtc_ms=_middle(self.qtc_ms),
            pr_ms=_middle(self.pr_ms),
            qt_ms=_middle(self.qt_ms),
        )
        table = np.empty(len(labels), BEAT)
        for place, name in enumerate(BEAT.names or ()):
            table[name] = self.beats[place::4]
        return KeptMinute(numbers, MinuteBeats(boot, number, fs, table))


@dataclass(slots=True)
class Fold:
    """Minutes of one device.

    Attributes:
        boot: power-up of the device.
        fs: sampling rate of its stream, Hz.
    """

    boot: str
    fs: float
    _open: dict[int, _Tally] = field(default_factory=dict)
    _closed_to: int = 0
    _fibrillates: bool = False
    _last: Derived[tuple[int, int, _Tally] | None] = None
    """First sample of the minute that was asked for last, one past its last, its tally: most events
    lie in the minute of the one before."""

    def take(self, events: Iterable[Event]) -> list[KeptMinute]:
        """Take events of this stream, in order; return the minutes that they close."""
        closed: list[KeptMinute] = []
        for event in events:
            if isinstance(event, Vitals):
                self._vitals(event)
                closed += self._close_before(event.n - SETTLE_S * self.fs)
            elif isinstance(event, Beat):
                self._beat(event)
            elif isinstance(event, Measurement):
                self._measurement(event)
            elif isinstance(event, Alarm) and event.kind in BURDENS:
                self._fibrillates = event.present
        return closed

    def finish(self) -> list[KeptMinute]:
        """Close all minutes: no more events will come."""
        return self._close_before(float("inf"))

    def running(self) -> list[KeptMinute]:
        """Return the minutes that are still open, as they stand."""
        return [tally.close(self.boot, m, self.fs) for m, tally in sorted(self._open.items())]

    def _tally(self, n: int) -> tuple[int, _Tally | None]:
        """Return the first sample of the minute of a sample and its tally, None if it is closed."""
        if self._last is None or not self._last[0] < n < self._last[1]:
            number = number_of(n, self.fs)
            first, end = first_sample(number, self.fs), first_sample(number + 1, self.fs)
            if number < self._closed_to:
                return first, None
            self._last = first, end, self._open.setdefault(number, _Tally())
        return self._last[0], self._last[2]

    def _vitals(self, vitals: Vitals) -> None:
        if vitals.n == 0:
            return
        _, tally = self._tally(vitals.n - 1)  # they tell of the second that ends with them
        if tally is None:
            return
        if vitals.heart_rate is not None:
            tally.rates.append(vitals.heart_rate)
        tally.seconds[QUALITIES.index(vitals.quality)] += 1
        tally.af_s += self._fibrillates

    def _beat(self, beat: Beat) -> None:
        first, tally = self._tally(beat.n)
        if tally is None:
            return
        offset = beat.n - first
        rr_ms = 0 if beat.rr_s is None else min(round(1000 * beat.rr_s), _LONGEST_RR_MS)
        score = NO_ANOMALY
        if beat.anomaly is not None:
            tally.anomalies.append(beat.anomaly)
            score = round(ANOMALY_STEPS * beat.anomaly)
        tally.beats += (offset, rr_ms, LABELS.index(beat.label), score)

    def _measurement(self, measurement: Measurement) -> None:
        _, tally = self._tally(measurement.n)
        if tally is None:
            return
        for lead, level in measurement.st_mv.items():
            tally.st.setdefault(lead, []).append(level)
        tally.qrs_ms.append(measurement.qrs_ms)
        for known, value in (
            (tally.qtc_ms, measurement.qtc_ms),
            (tally.pr_ms, measurement.pr_ms),
            (tally.qt_ms, measurement.qt_ms),
        ):
            if value is not None:
                known.append(value)

    def _close_before(self, n: float) -> list[KeptMinute]:
        done = sorted(m for m in self._open if first_sample(m + 1, self.fs) <= n)
        if not done:
            return []
        self._closed_to, self._last = done[-1] + 1, None
        return [self._open.pop(m).close(self.boot, m, self.fs) for m in done]


def _middle(values: list[float]) -> float | None:
    return round(float(median(values)), 1) if values else None
