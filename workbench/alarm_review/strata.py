"""Ventricular tachycardias by the rhythm in which they were told. Pure.

A rhythm with wide, fast or irregular complexes invites a false ventricular tachycardia: it must
not have more of them than any other. A stretch is of a group by the annotated rhythm, or, for
bundle branch block, by the beats: all of a record whose beats are mostly L or R.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from workbench.alarm_review.context import Reference

Span = tuple[float, float]
VENTRICULAR_TACHYCARDIAS = frozenset({"vt", "vt_sustained"})
"""Kinds of alarm that are counted."""
ALL = "all"
BLOCK = "bundle branch block"
RHYTHMS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "supraventricular tachycardia": frozenset({"(SVTA"}),
        "atrial fibrillation or flutter": frozenset({"(AFIB", "(AFL"}),
    }
)
"""Groups of annotated rhythms, by name."""
BLOCKED = "LR"
"""Symbols of beats with left and right bundle branch block."""
MOSTLY = 0.5
"""Part of a record's beats from which on it counts as one of bundle branch block."""
OUTCOMES = ("true", "arguable", "false")
DAY_H = 24.0
HEADINGS = ("rhythm", "hours", *OUTCOMES, "false in 24 h")


@dataclass(slots=True)
class TachycardiaStrata:
    """Alarms of ventricular tachycardia by group of rhythms.

    Attributes:
        hours: length of the signal by group, h.
        outcomes: number of alarms by group and verdict.
    """

    hours: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)

    def take(self, reference: Reference, verdicts: Iterable[tuple[float, str]]) -> None:
        """Count a recording.

        Args:
            reference: its annotations.
            verdicts: of each ventricular tachycardia that was told its onset, s, and outcome.
        """
        judged = list(verdicts)
        for name, spans in spans_of(reference).items():
            self.hours[name] += sum(end_s - start_s for start_s, end_s in spans) / 3600
            counts = self.outcomes.setdefault(name, Counter())
            counts.update(
                outcome
                for onset_s, outcome in judged
                if any(start_s <= onset_s < end_s for start_s, end_s in spans)
            )

    def as_rows(self) -> list[dict[str, Any]]:
        """Return a row a group, JSON-ready, with the false alarms in 24 h of its signal."""
        return [
            {
                "group": name,
                "hours": round(self.hours[name], 3),
                **{outcome: counts[outcome] for outcome in OUTCOMES},
                "false_per_24h": (
                    round(counts["false"] * DAY_H / self.hours[name], 2)
                    if self.hours[name]
                    else None
                ),
            }
            for name, counts in self.outcomes.items()
        ]


def table_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the rows of `TachycardiaStrata.as_rows` as cells under `HEADINGS`."""
    cells = [
        [
            *(row["group"], f"{row['hours']:.2f}", *(str(row[name]) for name in OUTCOMES)),
            "-" if row["false_per_24h"] is None else f"{row['false_per_24h']:.2f}",
        ]
        for row in rows
    ]
    return {"columns": list(HEADINGS), "rows": cells}


def spans_of(reference: Reference) -> dict[str, list[Span]]:
    """Return the stretches of a recording that are of each group, s."""
    recording = reference.recording
    end_s = recording.duration_s
    whole = [(0.0, end_s)]
    edges = [*((one.sample / recording.fs, one.aux) for one in recording.rhythms), (end_s, "")]
    blocked = sum(symbol in BLOCKED for symbol in reference.symbols)
    return {
        ALL: whole,
        **{
            name: [(at, until) for (at, aux), (until, _) in pairwise(edges) if aux in wanted]
            for name, wanted in RHYTHMS.items()
        },
        BLOCK: whole if blocked > MOSTLY * max(1, len(reference.symbols)) else [],
    }
