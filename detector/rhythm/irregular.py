"""Atrial fibrillation from RR intervals and P waves: causal, decided on the middle of 64 beats.

Three measures are weighed by a logistic regression:

* the root mean square of successive differences of the RR intervals over their mean (Dash et al.,
  Ann Biomed Eng 37:1701-1709, 2009, doi:10.1007/s10439-009-9740-z), without the tenth of largest
  differences, so that single ectopic beats do not count;
* the coefficient of sample entropy of the RR intervals (Lake and Moorman, Am J Physiol Heart Circ
  Physiol 300:H319-H325, 2011, doi:10.1152/ajpheart.00561.2010), which bi- and trigeminy do not
  raise: no order in the intervals;
* how much of the signal ahead of normal beats repeats (`detector.rhythm.atrial`): P waves.

RR intervals before and after a PVC are left out. The weights were fitted on MIT-BIH records of
DS1 and on every second recording of the Challenge 2017 subset (``python -m
detector.rhythm.fit_irregular``); what was tried, and the figures, are in ``MODEL_CARD.md``.

Limitations: flutter with varying block is told as fibrillation. An episode must last about 64
beats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.limits import AfLimits
from detector.rhythm.beats import Beats
from detector.rhythm.conditions import Conditions
from ecg_monitor.compiled import njit

WINDOW = 64
"""RR intervals that are judged together."""
MATCH_S = 0.03
"""Two intervals match when they differ by no more: r of the sample entropy."""
RR_S = (0.2, 3.0)
"""Intervals outside are no RR intervals: a double detection, a pause."""
TRIM = 0.9
WEIGHTS = (0.742, 1.655, -5.63)
INTERCEPT = 5.275


@njit
def entropy(rr: npt.NDArray[np.float64]) -> float:
    """Return the coefficient of sample entropy of RR intervals (s, shape (n,), n >= 3).

    Templates of one interval, tolerance `MATCH_S`; corrected for tolerance and mean interval.
    """
    n = rr.size
    matches = 0
    longer = 0
    for i in range(n - 2):
        for j in range(i + 1, n - 1):
            if abs(rr[i] - rr[j]) <= MATCH_S:
                matches += 1
                if abs(rr[i + 1] - rr[j + 1]) <= MATCH_S:
                    longer += 1
    sample = math.log(max(matches, 1) / max(longer, 1))
    return sample + math.log(2 * MATCH_S) - math.log(rr.mean())


def spread(rr: npt.NDArray[np.float64]) -> float:
    """Return the trimmed root mean square of successive differences over the mean RR interval."""
    steps = np.sort(np.diff(rr) ** 2)
    return math.sqrt(float(steps[: int(TRIM * len(steps))].mean())) / float(rr.mean())


def measures(rr: npt.NDArray[np.float64], repeats: float) -> tuple[float, float, float]:
    """Return what is weighed.

    Args:
        rr: RR intervals, s, shape (n,), n >= 3.
        repeats: of `detector.rhythm.atrial.Atrial`, 0 .. 1.
    """
    return math.log(spread(rr) + 1e-3), entropy(rr), math.sqrt(repeats)


def probability(rr: npt.NDArray[np.float64], repeats: float) -> float:
    """Return how likely it is atrial fibrillation; arguments as of `measures`."""
    score = INTERCEPT + float(np.dot(WEIGHTS, measures(rr, repeats)))
    return 1.0 / (1.0 + math.exp(-score))


@dataclass(slots=True)
class IrregularRules:
    """Onset and end of atrial fibrillation.

    Attributes:
        limits: of this patient.
        rr: the last RR intervals between beats that are no PVC, s.
        n: sample indices of the beats that end them.
        onset: where fibrillation began, None while there is none.
    """

    limits: AfLimits
    rr: list[float] = field(default_factory=list)
    n: list[int] = field(default_factory=list)
    onset: int | None = None

    def on_beat(self, beats: Beats, decided_n: int, out: Conditions, repeats: float) -> None:
        """Take the newest of ``beats``; ``repeats`` is of `detector.rhythm.atrial.Atrial`."""
        rr = beats.rr()
        if rr is None or not RR_S[0] < rr < RR_S[1] or "V" in beats.labels[-2:]:
            return
        self.rr.append(rr)
        self.n.append(beats.n[-1])
        if len(self.rr) < WINDOW:
            return
        first = len(self.rr) == WINDOW
        del self.rr[:-WINDOW], self.n[:-WINDOW]
        chance = probability(np.array(self.rr), repeats)
        middle = self.n[WINDOW // 2]
        if self.onset is None and chance >= self.limits.on:
            self.onset = self.n[0] if first else middle  # it was there when the stretch began
        elif self.onset is not None and chance <= self.limits.off:
            self._over(middle, decided_n, out)
        if self.onset is not None and middle - self.onset >= self.limits.min_s * beats.fs:
            out.begin("af", self.onset, decided_n, chance, self.limits.on)

    def forget(self, n: int, out: Conditions) -> None:
        """A stretch ends at ``n``."""
        self._over(n, n, out)
        self.rr.clear()
        self.n.clear()

    def save(self) -> dict[str, Any]:
        """Return the state as a JSON-ready map."""
        return {"rr": self.rr, "n": self.n, "onset": self.onset}

    def load(self, saved: Mapping[str, Any]) -> None:
        """Put a saved state back."""
        self.rr = list(saved["rr"])
        self.n = list(saved["n"])
        self.onset = saved["onset"]

    def _over(self, end_n: int, decided_n: int, out: Conditions) -> None:
        if self.onset is not None and end_n - self.onset >= self.limits.min_s * out.fs:
            out.episode("af", self.onset, end_n)
        self.onset = None
        out.end("af", decided_n)
