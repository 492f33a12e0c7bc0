"""What comes back of the analysis of an array."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.types import Beat, Episode, Event, Measurement
from ecg_monitor.records import AAMI_LABELS, Recording


class HeartRate(NamedTuple):
    """The heart rate, once per second of signal.

    Attributes:
        time_s: when it holds, s from the first sample, float64, shape (n_seconds,).
        bpm: beats per minute, float64, shape (n_seconds,); NaN while it cannot be told.
    """

    time_s: npt.NDArray[np.float64]
    bpm: npt.NDArray[np.float64]


class AlarmPeriod(NamedTuple):
    """An alarm from its beginning to its end. Times are seconds from the first sample.

    Attributes:
        kind: what it is (``"asystole"``); docs/ALARMS.md lists them all.
        priority: ``high``, ``medium``, ``low`` or ``technical``.
        onset_s: when the condition began.
        decided_s: the time that the decision looked at.
        raised_s: how much signal had arrived when it was raised.
        cleared_s: when it ended, or None if it had not by the end.
        value: the number that decided (beats per minute, s, mV), or None.
        limit: the limit that it was held against, or None.
    """

    kind: str
    priority: str
    onset_s: float
    decided_s: float
    raised_s: float
    cleared_s: float | None
    value: float | None
    limit: float | None


class QualityPeriod(NamedTuple):
    """A stretch of equal signal quality. Times are seconds from the first sample.

    Attributes:
        start_s: its beginning.
        end_s: its end.
        state: ``good``, ``poor``, ``leadoff`` (no lead has values) or ``flat``.
    """

    start_s: float
    end_s: float
    state: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Analysis:
    """Everything that the engine says about an array. Sample indices count along the array.

    Attributes:
        fs: sampling rate, Hz.
        leads: names of the rows.
        duration_s: length of the signal, s.
        r_peaks: sample indices of the R peaks, int64, ascending, shape (n_beats,).
        beats: one `Beat` for each R peak: ``n`` (its sample index), ``label`` (AAMI class),
            ``probabilities`` of the classes, ``anomaly``, ``rr_s`` and ``rhythm``.
        rhythm: stretches of a rhythm that is not plainly normal, as `Episode` with ``kind``, ``n``
            and ``end_n`` (sample indices, the end exclusive), in the order in which they ended.
        heart_rate: once per second.
        alarms: in the order in which they were raised.
        quality: of the signal, without a hole.
        measurements: waves of averaged normal beats, every 10 s or so.
        resolution_uv: step in which each lead was kept, µV.
        notes: what had to be assumed and what was left out, in words; empty if nothing.
    """

    fs: float
    leads: tuple[str, ...]
    duration_s: float
    r_peaks: npt.NDArray[np.int64]
    beats: tuple[Beat, ...]
    rhythm: tuple[Episode, ...]
    heart_rate: HeartRate
    alarms: tuple[AlarmPeriod, ...]
    quality: tuple[QualityPeriod, ...]
    measurements: tuple[Measurement, ...]
    resolution_uv: tuple[float, ...]
    notes: tuple[str, ...]
    _plain: Mapping[str, Any]

    @classmethod
    def of(
        cls, recording: Recording, events: Sequence[Event], analysis: Mapping[str, Any]
    ) -> Analysis:
        """Put together what is known of a recording.

        Args:
            recording: what was analysed.
            events: all of its events, in order.
            analysis: the same as a map, as `detector.analyzer.offline.as_analysis` makes it.
        """
        beats = tuple(event for event in events if isinstance(event, Beat))
        vitals = analysis["vitals"]
        return cls(
            fs=recording.fs,
            leads=recording.leads,
            duration_s=recording.duration_s,
            r_peaks=np.array([beat.n for beat in beats], np.int64),
            beats=beats,
            rhythm=tuple(event for event in events if isinstance(event, Episode)),
            heart_rate=HeartRate(
                np.array([one["time_s"] for one in vitals], np.float64),
                np.array([one["heart_rate"] for one in vitals], np.float64),  # None becomes NaN
            ),
            alarms=tuple(AlarmPeriod(**one) for one in analysis["alarms"]),
            quality=tuple(QualityPeriod(**one) for one in analysis["quality"]),
            measurements=tuple(event for event in events if isinstance(event, Measurement)),
            resolution_uv=tuple(1000 / gain for gain in recording.gain),
            notes=recording.notes,
            _plain=analysis,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, as ``ecg-monitor analyze --json`` writes it, with the notes."""
        return {**self._plain, "notes": list(self.notes)}

    def __repr__(self) -> str:
        labels = Counter[str](beat.label for beat in self.beats)
        kinds = ", ".join(f"{label} {labels[label]}" for label in AAMI_LABELS if labels[label])
        lines = [
            f"Analysis of {self.duration_s:.1f} s at {self.fs:g} Hz, {', '.join(self.leads)}",
            f"beats: {len(self.beats)}{f' ({kinds})' if kinds else ''}",
        ]
        rates = self.heart_rate.bpm[np.isfinite(self.heart_rate.bpm)]
        if rates.size:
            lines.append(f"heart rate: {rates.min():.0f} to {rates.max():.0f} /min")
        for name, kinds_of in (("rhythm", self.rhythm), ("alarms", self.alarms)):
            counts = Counter(one.kind for one in kinds_of)
            if counts:
                text = ", ".join(f"{kind} {number}" for kind, number in sorted(counts.items()))
                lines.append(f"{name}: {text}")
        lines += [f"note: {note}" for note in self.notes]
        return "\n  ".join(lines)
