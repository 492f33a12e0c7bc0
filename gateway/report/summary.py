"""The figures of a report, from an excerpt and the events of the engine. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from ecg_monitor.core.types import Beat, Event, Measurement, Vitals
from ecg_monitor.ward.alarms.catalogue import BURDENS, KINDS
from ecg_monitor.ward.trends.hrv import WINDOW_S, Variability, intervals, variability
from ecg_monitor.ward.trends.minute import LABELS, QUALITIES
from gateway.export.excerpt import AlarmMark, Excerpt
from gateway.report.beats import Beats, Moment, Rates, Run, pauses, rates, runs

MOST_WINDOWS = 72
"""Most windows whose spectrum is taken, evenly spread: medians of more are the same, and a day has
288, which would take seconds."""


@dataclass(frozen=True, slots=True)
class AlarmCount:
    """Alarms of one kind.

    Attributes:
        kind: name of the kind.
        priority: of the last of them.
        count: how many.
        total_s: how long they lasted together, s.
        longest: the longest, s, and when it began.
    """

    kind: str
    priority: str
    count: int
    total_s: float
    longest: Moment


@dataclass(frozen=True, slots=True)
class HeartRateVariability:
    """Heart rate variability of normal beats; numbers of windows are their medians.

    Attributes:
        sdnn_ms: standard deviation of all NN intervals of the interval.
        windows: how many windows of 5 min were taken; they have enough normal beats.
        rmssd_ms: of a window.
        pnn50: of a window, 0 .. 1.
        lf_ms2: of a window.
        hf_ms2: of a window.
        lf_hf: of a window; None where there is no power at high frequencies.
    """

    sdnn_ms: float
    windows: int
    rmssd_ms: float
    pnn50: float
    lf_ms2: float
    hf_ms2: float
    lf_hf: float | None


@dataclass(frozen=True, slots=True)
class Intervals:
    """Medians of what was measured on averages of normal beats, ms; None: never measured.

    Attributes:
        count: how many averages were measured.
        pr_count: how many of them have a PR interval.
        qt_count: how many have a QT interval.
        qrs_ms: width of the QRS complex.
        pr_ms: PR interval.
        qt_ms: QT interval.
        qtc_ms: corrected after Fridericia.
        qtc_bazett_ms: corrected after Bazett.
        longest_qtc: longest after Fridericia, and when.
    """

    count: int
    pr_count: int
    qt_count: int
    qrs_ms: float | None
    pr_ms: float | None
    qt_ms: float | None
    qtc_ms: float | None
    qtc_bazett_ms: float | None
    longest_qtc: Moment | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that a report tells in numbers; times are seconds from its first sample.

    Attributes:
        duration_s: length of the interval.
        quality_s: seconds by signal quality.
        beats: the heartbeats.
        counts: beats by AAMI class.
        rates: heart rates.
        pauses: RR intervals of 2 s and more, the longest first.
        ventricular: runs of ventricular beats.
        supraventricular: runs of supraventricular beats.
        couplets: pairs of ventricular beats.
        af_s: seconds of atrial fibrillation or flutter, without what a reviewer called false.
        af_longest: its longest episode, s, and when it began.
        variability: None where normal beats were too few.
        intervals: of the waves.
        alarms: by kind, the gravest first.
        trend: (s, bpm) once a second where the heart rate is known.
    """

    duration_s: float
    quality_s: dict[str, float]
    beats: Beats
    counts: dict[str, int]
    rates: Rates
    pauses: list[Moment]
    ventricular: list[Run]
    supraventricular: list[Run]
    couplets: list[Run]
    af_s: float
    af_longest: Moment | None
    variability: HeartRateVariability | None
    intervals: Intervals
    alarms: list[AlarmCount]
    trend: list[tuple[float, float]]

    @property
    def analysed_s(self) -> float:
        """Seconds in which the signal allowed an analysis."""
        return self.quality_s["good"]

    def burden(self, label: str) -> float:
        """Return the share of a class in all beats, 0 .. 1."""
        total = sum(self.counts.values())
        return self.counts[label] / total if total else 0.0


def summarise(excerpt: Excerpt, events: Iterable[Event]) -> Summary:
    """Return the figures of an excerpt.

    Args:
        excerpt: the interval; its alarms are counted.
        events: of the engine, their samples counted from the beginning of the source.
    """
    fs = excerpt.recording.fs
    first = round(excerpt.offset_s * fs)
    within = [
        event
        for event in events
        if isinstance(event, Beat | Vitals | Measurement)
        and first <= event.n < first + excerpt.recording.n_samples
    ]
    found = [event for event in within if isinstance(event, Beat)]
    beats = Beats(
        [(event.n - first) / fs for event in found],
        [event.label for event in found],
        # The beat before the first one lies outside of the interval.
        [event.rr_s if i else None for i, event in enumerate(found)],
    )
    vitals = [event for event in within if isinstance(event, Vitals)]
    af = [one for one in excerpt.alarms if one.kind in BURDENS and one.verdict != "false"]
    episodes = [_lasting(alarm, excerpt.duration_s) for alarm in af]
    return Summary(
        duration_s=excerpt.duration_s,
        quality_s={one: float(sum(v.quality == one for v in vitals)) for one in QUALITIES},
        beats=beats,
        counts={label: beats.labels.count(label) for label in LABELS},
        rates=rates(beats),
        pauses=pauses(beats),
        ventricular=runs(beats, "V"),
        supraventricular=runs(beats, "S"),
        couplets=runs(beats, "V", 2, 2),
        af_s=sum(episode.value for episode in episodes),
        af_longest=max(episodes, default=None),
        variability=_variability(beats, excerpt.duration_s),
        intervals=_intervals([e for e in within if isinstance(e, Measurement)], first, fs),
        alarms=_alarms(excerpt.alarms, excerpt.duration_s),
        trend=[((v.n - first) / fs, v.heart_rate) for v in vitals if v.heart_rate is not None],
    )


def _lasting(alarm: AlarmMark, duration_s: float) -> Moment:
    """Return how long an alarm lasted within the interval, and when it began there."""
    start = max(0.0, alarm.onset_s)
    return Moment((duration_s if alarm.end_s is None else alarm.end_s) - start, start)


def _alarms(alarms: Sequence[AlarmMark], duration_s: float) -> list[AlarmCount]:
    by_kind: dict[str, list[AlarmMark]] = {}
    for alarm in alarms:
        by_kind.setdefault(alarm.kind, []).append(alarm)
    order = list(KINDS)
    rows = []
    for kind in sorted(by_kind, key=lambda k: order.index(k) if k in KINDS else len(order)):
        lasted = [_lasting(alarm, duration_s) for alarm in by_kind[kind]]
        total = sum(one.value for one in lasted)
        rows.append(AlarmCount(kind, by_kind[kind][-1].priority, len(lasted), total, max(lasted)))
    return rows


def _variability(beats: Beats, duration_s: float) -> HeartRateVariability | None:
    """Return the variability over windows of 5 min; an interval without one whole has none."""
    windows: list[Variability] = []
    at = 0
    whole = int(duration_s // WINDOW_S)
    every = -(-whole // MOST_WINDOWS) if whole else 1
    for number in range(whole):
        end = at
        while end < len(beats.times) and beats.times[end] < (number + 1) * WINDOW_S:
            end += 1
        part = slice(at, end)
        at = end
        if number % every:
            continue
        found = intervals(beats.times[part], beats.rr[part], beats.labels[part])
        one = variability(found)
        if one is not None:
            windows.append(one)
    if not windows:
        return None
    nn = intervals(beats.times, beats.rr, beats.labels).nn
    ratios = [one.lf_hf for one in windows if one.lf_hf is not None]
    return HeartRateVariability(
        sdnn_ms=float(1000 * nn.std(ddof=1)),
        windows=len(windows),
        rmssd_ms=median(one.rmssd_ms for one in windows),
        pnn50=median(one.pnn50 for one in windows),
        lf_ms2=median(one.lf_ms2 for one in windows),
        hf_ms2=median(one.hf_ms2 for one in windows),
        lf_hf=median(ratios) if ratios else None,
    )


def _intervals(measured: list[Measurement], first: int, fs: float) -> Intervals:
    qtc = [Moment(m.qtc_ms, (m.n - first) / fs) for m in measured if m.qtc_ms is not None]
    return Intervals(
        count=len(measured),
        pr_count=sum(m.pr_ms is not None for m in measured),
        qt_count=sum(m.qt_ms is not None for m in measured),
        qrs_ms=_middle(m.qrs_ms for m in measured),
        pr_ms=_middle(m.pr_ms for m in measured),
        qt_ms=_middle(m.qt_ms for m in measured),
        qtc_ms=_middle(m.qtc_ms for m in measured),
        qtc_bazett_ms=_middle(m.qtc_bazett_ms for m in measured),
        longest_qtc=max(qtc, default=None),
    )


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(median(known)) if known else None
