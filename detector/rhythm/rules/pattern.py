"""A pattern of PVCs that comes again and again: bigeminy, trigeminy."""

from __future__ import annotations

from dataclasses import dataclass

from detector.rhythm.beats import Beats
from detector.rhythm.conditions import Conditions
from ecg_monitor.core.checkpoint.fields import Configuration

CYCLES = 3
"""So many cycles make the pattern (Drew et al., AHA practice standards, 2004)."""


@dataclass(slots=True)
class Pattern:
    """One PVC in every ``period`` beats.

    Attributes:
        kind: name of the condition.
        period: beats per cycle.
        same: number of beats in a row that were like the one a period before.
        onset: sample index of the first beat of the pattern, None while there is none.
    """

    kind: Configuration[str]
    period: Configuration[int]
    same: int = 0
    onset: int | None = None

    def on_beat(self, beats: Beats, decided_n: int, out: Conditions) -> None:
        """Take the newest of ``beats``."""
        labels = beats.labels[-self.period - 1 :]
        if not self.same and self.onset is None and "V" not in labels:
            return
        pvcs = [label == "V" for label in labels]
        if len(pvcs) > self.period and pvcs[-1] == pvcs[0] and sum(pvcs[1:]) == 1:
            self.same += 1
        else:
            self._over(beats.n[-2] if len(beats.n) > 1 else decided_n, decided_n, out)
        needed = self.period * (CYCLES - 1)
        if self.same >= needed:
            if self.onset is None:
                self.onset = beats.n[-self.same - self.period]
            out.begin(self.kind, self.onset, decided_n)

    def forget(self, n: int, out: Conditions) -> None:
        """A stretch ends at ``n``."""
        self._over(n, n, out)

    def _over(self, end_n: int, decided_n: int, out: Conditions) -> None:
        self.same = 0
        if self.onset is not None:
            out.episode(self.kind, self.onset, end_n + 1)
            out.linger(self.kind, decided_n)
            self.onset = None
