"""Runs the analyzer over recordings and holds its alarms against the annotations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from detector.analyzer.offline import Analysis, analyze
from ecg_monitor.records import Recording
from ecg_monitor.ward.limits.model import LimitBook, Limits, default_limits
from workbench.alarm_review.context import Reference
from workbench.alarm_review.load import AlarmLoad
from workbench.alarm_review.strata import (
    OUTCOMES,
    VENTRICULAR_TACHYCARDIAS,
    TachycardiaStrata,
    table_of,
)
from workbench.alarm_review.strips import strip_svg
from workbench.alarm_review.verdicts import JUDGED, RaisedAlarm, judge

AROUND_S = 2.0
"""Stretch ahead of the onset and after the decision from which reference rhythms and beats are
shown, s."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One high-priority alarm.

    Attributes:
        fields: JSON-ready: ``record``, ``kind``, ``onset_s``, ``decided_s``, ``raised_s``,
            ``cleared_s``, ``value``, ``limit``, ``rhythms``, ``reference_beats`` (symbols),
            ``outcome``, ``reason``.
        strip: SVG of the signal around it.
    """

    fields: dict[str, Any]
    strip: str


@dataclass(slots=True)
class AlarmReview:
    """High-priority alarms of a database, each with its verdict, and counts of all alarms.

    Attributes:
        packet_ms: length of the packets that the analyzer is fed with.
        limits: limits that the alarms are raised by.
        entries: high-priority alarms, in the order of records and time.
        counts: number raised, by (priority, kind) and record.
        hours: length of the signal, h.
        load: alarms per bed and day.
        strata: ventricular tachycardias by the rhythm in which they were told.
    """

    packet_ms: float = 500.0
    limits: Limits = field(default_factory=default_limits)
    entries: list[Entry] = field(default_factory=list)
    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    hours: float = 0.0
    load: AlarmLoad = field(default_factory=AlarmLoad)
    strata: TachycardiaStrata = field(default_factory=TachycardiaStrata)

    def add(self, recording: Recording, book: LimitBook | None = None) -> None:
        """Analyse a recording and judge its alarms.

        Args:
            recording: with reference beats and rhythms.
            book: limits for the analyzer; None: the built-in ones.
        """
        self.take(recording, analyze(recording, packet_ms=self.packet_ms, limits=book))

    def take(self, recording: Recording, analysis: Analysis) -> None:
        """Judge the alarms of a recording that has been analysed."""
        reference = Reference(recording)
        self.hours += recording.duration_s / 3600
        self.load.take(analysis["alarms"], recording.duration_s)
        judged = []
        for alarm in analysis["alarms"]:
            key = (alarm["priority"], alarm["kind"])
            self.counts.setdefault(key, Counter())[recording.name] += 1
            if alarm["kind"] in JUDGED:
                judged.append(self._entry(recording, reference, analysis, alarm))
        self.entries += judged
        self.strata.take(
            reference,
            (
                (entry.fields["onset_s"], entry.fields["outcome"])
                for entry in judged
                if entry.fields["kind"] in VENTRICULAR_TACHYCARDIAS
            ),
        )

    def as_map(self) -> dict[str, Any]:
        """Return the review, JSON-ready."""
        tachycardias = self.strata.as_rows()
        high = {kind: self._outcomes(kind) for kind in sorted(JUDGED)}
        return {
            "hours": round(self.hours, 3),
            "high": high,
            "high_total": {
                name: sum(row[name] for row in high.values()) for name in ("raised", *OUTCOMES)
            },
            "tachycardia_by_rhythm": tachycardias,
            "tachycardia_table": table_of(tachycardias),
            "load": self.load.as_map(),
            "counts": [
                {
                    "priority": priority,
                    "kind": kind,
                    "raised": records.total(),
                    "per_hour": round(records.total() / self.hours, 3),
                    "records": dict(records.most_common()),
                }
                for (priority, kind), records in sorted(
                    self.counts.items(), key=lambda item: (item[0][0], -item[1].total())
                )
            ],
            "alarms": [entry.fields for entry in self.entries],
        }

    def _outcomes(self, kind: str) -> dict[str, Any]:
        outcomes = Counter(e.fields["outcome"] for e in self.entries if e.fields["kind"] == kind)
        return {
            "raised": outcomes.total(),
            "per_hour": round(outcomes.total() / self.hours, 3) if self.hours else 0.0,
            **{name: outcomes[name] for name in OUTCOMES},
        }

    def _entry(
        self,
        recording: Recording,
        reference: Reference,
        analysis: Analysis,
        alarm: dict[str, Any],
    ) -> Entry:
        onset_s, decided_s = alarm["onset_s"], alarm["decided_s"]
        verdict = judge(RaisedAlarm(alarm["kind"], onset_s, decided_s), reference, self.limits)
        start_s, end_s = onset_s - AROUND_S, decided_s + AROUND_S
        wanted = ("kind", "onset_s", "decided_s", "raised_s", "cleared_s", "value", "limit")
        fields = {
            "record": recording.name,
            **{name: alarm[name] for name in wanted},
            "rhythms": list(reference.rhythms(start_s, end_s)),
            "reference_beats": "".join(reference.symbols[reference.between(start_s, end_s)]),
            "outcome": verdict.outcome,
            "reason": verdict.reason,
        }
        beats = [(beat["time_s"], beat["label"]) for beat in analysis["beats"]]
        return Entry(fields, strip_svg(recording, beats, onset_s, decided_s))
