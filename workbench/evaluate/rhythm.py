"""Scores rhythm episodes against a database's rhythm annotations, and counts alarms per hour.

After ANSI/AAMI EC57 (episode and duration statistics, summed over all records): an episode of the
reference counts as found when any found episode overlaps it, and the other way round; duration
sensitivity and positive predictivity are the overlap's part of the reference's and of the found
duration. Alarms are counted as they are raised.

The beats are the engine's own, or those of the reference annotator with their labels, which shows
what the rules do when no beat is missed or mislabelled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from detector.analyzer.offline import analyze
from detector.engine.state import GOOD
from detector.rhythm.alarms import AlarmRules
from detector.rhythm.waveform.quality import measure
from ecg_monitor.core.types import Alarm, Episode, Event
from ecg_monitor.records import AAMI_LABELS, Recording
from workbench.evaluate.waveform import seconds_of

Span = tuple[float, float]

REFERENCE: Mapping[str, frozenset[str]] = {
    "af": frozenset({"(AFIB"}),
    "atrial flutter": frozenset({"(AFL"}),
    "af or flutter": frozenset({"(AFIB", "(AFL"}),
    "av block II": frozenset({"(BII"}),
    "av block III": frozenset({"(BIII"}),
    "vt": frozenset({"(VT"}),
    "idioventricular": frozenset({"(IVR"}),
    "bigeminy": frozenset({"(B"}),
    "trigeminy": frozenset({"(T"}),
    "svt": frozenset({"(SVTA"}),
    "vf": frozenset({"(VFL", "(VF", "(VFIB"}),
}
"""Rhythm annotations that stand for each kind. Atrial flutter is not atrial fibrillation; both are
scored together too, since they are treated alike."""
FOUND: Mapping[str, frozenset[str]] = {
    "atrial flutter": frozenset({"atrial_flutter"}),
    "af or flutter": frozenset({"af", "atrial_flutter"}),
    "av block II": frozenset({"av_block_2"}),
    "av block III": frozenset({"av_block_3"}),
    "vt": frozenset({"vt", "vt_sustained", "ventricular_run"}),
    "svt": frozenset({"svt", "pac_run"}),
}
"""Episode kinds that count as each, where it is not the kind alone."""
DECIDED_S = 0.3
"""Time after its R peak at which a reference beat is handed on, s, as the engine does."""
TICK_S = 0.5


@dataclass(slots=True)
class Tally:
    """Sums over records: episodes and seconds, of the reference and found.

    ``free_h`` are hours of records in which the reference has none, ``false`` the episodes found
    there.
    """

    reference: int = 0
    reference_found: int = 0
    found: int = 0
    found_true: int = 0
    reference_s: float = 0.0
    found_s: float = 0.0
    overlap_s: float = 0.0
    free_h: float = 0.0
    false: int = 0

    def add(self, reference: list[Span], found: list[Span], hours: float) -> None:
        """Count one record; spans are (start, end) in s, and do not touch."""
        self.reference += len(reference)
        self.found += len(found)
        self.reference_found += sum(any(_overlap(r, f) > 0 for f in found) for r in reference)
        self.found_true += sum(any(_overlap(r, f) > 0 for r in reference) for f in found)
        self.reference_s += sum(end - start for start, end in reference)
        self.found_s += sum(end - start for start, end in found)
        self.overlap_s += sum(_overlap(r, f) for r in reference for f in found)
        if not reference:
            self.free_h += hours
            self.false += len(found)

    def report(self) -> dict[str, Any]:
        """Return fractions; None where nothing was to be found, or nothing was."""
        return {
            "episodes": self.reference,
            "episode_se": _part(self.reference_found, self.reference),
            "episode_ppv": _part(self.found_true, self.found),
            "reference_s": round(self.reference_s, 1),
            "found_s": round(self.found_s, 1),
            "duration_se": _part(self.overlap_s, self.reference_s),
            "duration_ppv": _part(self.overlap_s, self.found_s),
            "free_hours": round(self.free_h, 3),
            "false_per_hour": round(self.false / self.free_h, 3) if self.free_h else None,
        }


@dataclass(slots=True)
class RhythmReport:
    """Episodes and alarms over records.

    Attributes:
        tallies: by kind, over all records.
        alarms: number raised, by kind and record.
        hours: length of the signal, h.
    """

    tallies: dict[str, Tally] = field(default_factory=lambda: {k: Tally() for k in REFERENCE})
    alarms: dict[str, Counter[str]] = field(default_factory=dict)
    hours: float = 0.0

    def add(self, recording: Recording, episodes: list[dict[str, Any]], alarms: list[str]) -> None:
        """Take a record.

        Args:
            recording: with its rhythm annotations.
            episodes: as in the analysis: ``kind``, ``start_s``, ``end_s``.
            alarms: kinds of the alarms raised.
        """
        hours = recording.duration_s / 3600
        self.hours += hours
        for kind, tally in self.tallies.items():
            kinds = FOUND.get(kind, frozenset({kind}))
            found = [(e["start_s"], e["end_s"]) for e in episodes if e["kind"] in kinds]
            tally.add(reference_spans(recording, REFERENCE[kind]), joined(found), hours)
        for kind in alarms:
            self.alarms.setdefault(kind, Counter())[recording.name] += 1

    def as_map(self) -> dict[str, Any]:
        """Return the report, JSON-ready."""
        counts = sorted(self.alarms.items(), key=lambda item: -item[1].total())
        return {
            "hours": round(self.hours, 3),
            "rhythms": {kind: tally.report() for kind, tally in self.tallies.items()},
            "alarms": {
                kind: {
                    "raised": records.total(),
                    "per_hour": round(records.total() / self.hours, 3),
                    "records": dict(records.most_common()),
                }
                for kind, records in counts
            },
        }


def reference_spans(recording: Recording, names: frozenset[str]) -> list[Span]:
    """Return the annotated stretches of some rhythms, s, joined where they touch."""
    edges = [*(mark.sample for mark in recording.rhythms[1:]), recording.n_samples]
    return joined(
        (mark.sample / recording.fs, end / recording.fs)
        for mark, end in zip(recording.rhythms, edges, strict=False)
        if mark.aux in names
    )


def joined(spans: Iterable[Span]) -> list[Span]:
    """Sort spans and join those that touch or overlap."""
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def from_own_beats(
    recording: Recording, packet_ms: float
) -> tuple[list[dict[str, Any]], list[str]]:
    """Analyse a recording; return its episodes and the kinds of the alarms raised."""
    analysis = analyze(recording, packet_ms=packet_ms)
    return analysis["episodes"], [alarm["kind"] for alarm in analysis["alarms"]]


def from_reference_beats(recording: Recording) -> tuple[list[dict[str, Any]], list[str]]:
    """Do the same with the reference annotator's beats and labels.

    The waveform rules get the signal; they look for ventricular fibrillation and noise.
    """
    fs = recording.fs
    rules = AlarmRules(fs)
    raw, wide = seconds_of(recording)
    events: list[Event] = []
    beats = [b for b in recording.beats if b.symbol in AAMI_LABELS]
    lag, last, at = round(DECIDED_S * fs), 0, 0
    for tick in range(1, int(recording.duration_s / TICK_S) + 1):
        n = round(tick * TICK_S * fs)
        while at < len(beats) and beats[at].sample + lag <= n:
            last = beats[at].sample
            events += rules.on_beat(last, last + lag, AAMI_LABELS[beats[at].symbol])
            at += 1
        if tick % 2 == 0 and tick // 2 <= len(raw):
            events += rules.on_second(n, measure(raw[tick // 2 - 1]), wide[tick // 2 - 1])
        events += rules.on_tick(n, (n - last) / fs, GOOD)
    events += rules.on_stretch_end(recording.n_samples)
    episodes = [
        {"kind": e.kind, "start_s": e.n / fs, "end_s": e.end_n / fs}
        for e in events
        if isinstance(e, Episode)
    ]
    return episodes, [e.kind for e in events if isinstance(e, Alarm) and e.present]


def _overlap(one: Span, other: Span) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


def _part(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None
