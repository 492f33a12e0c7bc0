"""Delays of the alarm of atrial fibrillation against the annotator's episodes. Pure.

An episode of the reference is a stretch of atrial fibrillation or flutter; what interrupts it for
less than `BRIDGE_S` (a run of PVCs, a few beats called otherwise) belongs to it. It is timed if it
lasts `LEAST_S`, which the guideline asks of clinical fibrillation on a single lead (Hindricks et
al., 2020 ESC guidelines, Eur Heart J 42:373-498, doi:10.1093/eurheartj/ehaa612), if so much without
either lies before it (its onset) or behind it (its end), and if the record shows both. An alarm is
what staff see: from when it is raised until it is cleared, whatever onset is written on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

Span = tuple[float, float]

NAMES = frozenset({"(AFIB", "(AFL"})
"""Rhythm annotations that stand for fibrillation and flutter, which are treated alike."""
BRIDGE_S = 10.0
LEAST_S = 30.0
_DAY_S = 86_400.0


def episodes(marks: Iterable[tuple[float, str]], end_s: float) -> list[Span]:
    """Return the episodes of fibrillation and flutter of a record, s, in order.

    Args:
        marks: time in s and name of each change of rhythm, in order.
        end_s: length of the record, s.
    """
    changes = [*marks, (end_s, "")]
    return bridged((start, end) for (start, name), (end, _) in pairwise(changes) if name in NAMES)


def bridged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, with those joined that lie less than `BRIDGE_S` apart."""
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start - apart[-1][1] < BRIDGE_S:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


@dataclass(slots=True)
class Timing:
    """Delays and false time over records.

    Attributes:
        seconds: length of the records, s.
        present_s: of these, fibrillation or flutter by the annotator, s.
        told_s: the alarm was there, s.
        true_s: both, s.
        timed: episodes of the reference that last `LEAST_S`.
        found: of these, those during which the alarm was there.
        onsets: delay of the alarm after each onset that can be timed and was told, s; 0 where it
            had been there before.
        ends: delay of its end after each end that can be timed and before which it was there, s.
        early: ends that can be timed, of episodes that were told, where it had ended before.
        false: alarms during which there was none of it, however short.
    """

    seconds: float = 0.0
    present_s: float = 0.0
    told_s: float = 0.0
    true_s: float = 0.0
    timed: int = 0
    found: int = 0
    onsets: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    early: int = 0
    false: int = 0

    def add(self, reference: list[Span], alarms: Iterable[Span], end_s: float) -> None:
        """Count one record.

        Args:
            reference: of `episodes`.
            alarms: from when to when each was there, s.
            end_s: length of the record, s.
        """
        told = bridged(alarms)
        self.seconds += end_s
        self.present_s += _length(reference)
        self.told_s += _length(told)
        self.true_s += sum(_overlap(r, t) for r in reference for t in told)
        self.false += sum(not any(_overlap(r, t) > 0 for r in reference) for t in told)
        for i, (start, end) in enumerate(reference):
            before = start - (reference[i - 1][1] if i else 0.0)
            behind = (reference[i + 1][0] if i + 1 < len(reference) else end_s) - end
            if end - start >= LEAST_S:
                self._time((start, end), told, before >= LEAST_S, behind >= LEAST_S)

    def _time(self, episode: Span, told: list[Span], begins: bool, ends: bool) -> None:
        start, end = episode
        self.timed += 1
        within = [one for one in told if _overlap(one, episode) > 0]
        if not within:
            return
        self.found += 1
        if begins:
            self.onsets.append(max(0.0, within[0][0] - start))
        if ends and within[-1][1] > end:
            self.ends.append(within[-1][1] - end)
        elif ends:
            self.early += 1

    def as_map(self) -> dict[str, Any]:
        """Return the figures, JSON-ready; None where there is nothing to be divided by."""
        free_s = self.seconds - self.present_s
        false_s = self.told_s - self.true_s
        return {
            "hours": round(self.seconds / 3600, 2),
            "af_hours": round(self.present_s / 3600, 2),
            "episodes": self.timed,
            "found": self.found,
            "onsets": len(self.onsets),
            "onset_median_s": _quantile(self.onsets, 0.5),
            "onset_p90_s": _quantile(self.onsets, 0.9),
            "ends": len(self.ends),
            "end_median_s": _quantile(self.ends, 0.5),
            "end_p90_s": _quantile(self.ends, 0.9),
            "ended_early": self.early,
            "time_se": round(self.true_s / self.present_s, 4) if self.present_s else None,
            "time_ppv": round(self.true_s / self.told_s, 4) if self.told_s else None,
            "false_alarms": self.false,
            "false_min_per_24h": round(false_s / 60 * _DAY_S / free_s, 2) if free_s > 0 else None,
        }


def _length(spans: list[Span]) -> float:
    return sum(end - start for start, end in spans)


def _overlap(one: Span, other: Span) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


def _quantile(values: list[float], part: float) -> float | None:
    return round(float(np.quantile(values, part)), 1) if values else None
