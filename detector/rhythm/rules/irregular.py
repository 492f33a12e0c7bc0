"""Atrial fibrillation and flutter from RR intervals and P waves: 64 intervals say whether, 16 when.

Four measures are weighed by a logistic regression:

* the root mean square of successive differences of the RR intervals over their mean (Dash et al.,
  Ann Biomed Eng 37:1701-1709, 2009, doi:10.1007/s10439-009-9740-z), without the tenth of largest
  differences, so that single ectopic beats do not count;
* the coefficient of sample entropy of the RR intervals (Lake and Moorman, Am J Physiol Heart Circ
  Physiol 300:H319-H325, 2011, doi:10.1152/ajpheart.00561.2010), which bi- and trigeminy do not
  raise: no order in the intervals;
* how little of an RR interval the two before it foretell (`surprise`; linear prediction: Makhoul,
  Proc IEEE 63:561-580, 1975, doi:10.1109/PROC.1975.9792): breathing makes the intervals of a
  healthy heart irregular too, but in waves;
* how much of the signal ahead of normal beats repeats (`detector.rhythm.waveform.atrial`): P waves.

The first three, of the last 16 intervals, have weights of their own: where they turn regular
fibrillation has ended, and where they have turned irregular it began, if the 64 say that it did.
The 16 alone tell nothing.

RR intervals before and after a PVC are left out, and those that a hole in the signal leaves
unsure. The weights were fitted on MIT-BIH records of DS1, on every second recording of the
Challenge 2017 subset, and on long records of RR intervals (``python -m workbench.fits.irregular``);
what was tried, and the figures, are in ``MODEL_CARD.md``.

What these call fibrillation is flutter where the atrial waves keep step, in the middle of half a
minute's measurements (`detector.rhythm.waveform.flutter`).

Limitations: flutter whose waves do not stand out is told as fibrillation, one with fixed conduction
is not told. Of the first 64 intervals of a stretch nothing is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from detector.rhythm.beats import NO_NORMAL
from detector.rhythm.conditions import Conditions
from detector.rhythm.moment import Moment, Rule
from detector.rhythm.waveform.flutter import EVERY_S, WINDOW_S
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.core.compiled import njit
from ecg_monitor.core.types import BeatLabel
from ecg_monitor.ward.limits.model import AfLimits

WINDOW = 64
"""RR intervals that are judged together."""
SHORT = 16
"""Newest RR intervals that say from when to when."""
MATCH_S = 0.03
"""Two intervals match when they differ by no more: r of the sample entropy."""
RR_S = (0.2, 3.0)
"""Intervals outside are no RR intervals: a double detection, a pause."""
EVEN = 0.5
"""Where the probability passes it, one rhythm becomes the other; the limits, further apart, say
only whether that is believed."""
REGULAR = 0.05
"""Where the probability of the newest `SHORT` intervals falls to it, fibrillation has ended: chosen
on records 00 and 03 of LTAFDB, where 0.1 broke two of seven episodes off, 0.05 one
(``MODEL_CARD.md``)."""
TRIM = 0.9
OUTER = 0.05
"""Of the intervals, so many are drawn in on either side before one is foretold from another: a
single ectopic beat is no surprise."""
MEASURED = 6
SEEN_S = (MEASURED - 1) * EVERY_S + WINDOW_S
"""The median of `MEASURED` measurements of atrial waves decides; they span so many seconds."""
FLUTTER, NO_FLUTTER = 0.65, 0.5
"""Flutter begins and ends where the atrial waves are so regular: irregular rhythms of DS1 that are
no flutter reached 0.47 to 0.59, flutter with varying conduction has 0.67 to 0.79
(``MODEL_CARD.md``)."""
P_WAVES = 0.2
"""Where more repeats ahead of the beats there may be P waves after all, and premature ones among
them: premature beats that prevail can be taken for fibrillation (model card of the beats)."""
STEP, STEPS = 0.08, 0.6
"""The newest `SHORT` intervals have no order where a part of `STEPS` of the steps between them is
larger than the part `STEP` of their median."""
SHORTER = 0.15
"""There, a beat is not premature if an interval among them was shorter than its own by so much
(logarithm of their ratio). Chosen with `STEP` and `STEPS` on folds of DS1 (model card of the
beats); between 0.1 and 0.2 little changes."""
RIDGE = 1e-3
"""Penalty on the coefficients of the prediction, as a part of the variance."""
WEIGHTS, INTERCEPT = (1.676, 1.731, 1.071, -4.055), 6.485
SHORT_WEIGHTS, SHORT_INTERCEPT = (1.6, 2.156, 1.578), 6.083


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


@njit
def spread(rr: npt.NDArray[np.float64]) -> float:
    """Return the trimmed root mean square of successive differences over the mean RR interval.

    RR intervals in s, shape (n,), n >= 3.
    """
    steps = np.sort((rr[1:] - rr[:-1]) ** 2)
    return float(math.sqrt(steps[: int(TRIM * steps.size)].mean()) / rr.mean())


@njit
def surprise(rr: npt.NDArray[np.float64]) -> float:
    """Return the part of the variance of RR intervals that the two before each do not foretell.

    Linear prediction by least squares; intervals in s, shape (n,), n >= 10. About 1 without order,
    and for a heart that beats like a clock; near 0 where breathing or a trend makes them.
    """
    n = rr.size
    rising = np.sort(rr)
    low, high = rising[int(OUTER * n)], rising[int((1 - OUTER) * n) - 1]
    drawn = np.minimum(np.maximum(rr, low), high)
    drawn -= drawn.mean()
    one, two, now = drawn[1:-1], drawn[:-2], drawn[2:]
    d, e, power = (now * one).sum(), (now * two).sum(), (now * now).sum()
    a, b, c = (one * one).sum(), (one * two).sum(), (two * two).sum()
    a, c = a + RIDGE * power, c + RIDGE * power  # in bigeminy one and two foretell the same
    spanned = a * c - b * b + 1e-12
    first, second = (d * c - e * b) / spanned, (e * a - d * b) / spanned
    return float(max(power - first * d - second * e, 1e-12) / (power + 1e-12))


@njit
def of_intervals(rr: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Return what is weighed of RR intervals alone; they are in s, shape (n,), n >= 10."""
    return math.log(spread(rr) + 1e-3), entropy(rr), math.log(surprise(rr))


@njit
def of_all_and_newest(
    rr: npt.NDArray[np.float64], newest: int
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return `of_intervals` of all, and of so many ``newest``, RR intervals; s, shape (n,)."""
    return of_intervals(rr), of_intervals(rr[-newest:])


def measures(rr: npt.NDArray[np.float64], repeats: float) -> tuple[float, float, float, float]:
    """Return what is weighed.

    Args:
        rr: RR intervals, s, shape (n,), n >= 10.
        repeats: of `detector.rhythm.waveform.atrial.Atrial`, 0 .. 1.
    """
    return (*of_intervals(rr), math.sqrt(repeats))


def likelihood(intervals: tuple[float, float, float], repeats: float) -> float:
    """Return how likely it is atrial fibrillation.

    Args:
        intervals: of `of_intervals`.
        repeats: as of `measures`.
    """
    return _likely(WEIGHTS, (*intervals, math.sqrt(repeats)), INTERCEPT)


def probability(rr: npt.NDArray[np.float64], repeats: float) -> float:
    """Return how likely it is atrial fibrillation; arguments as of `measures`."""
    return likelihood(of_intervals(rr), repeats)


def lately(intervals: tuple[float, float, float]) -> float:
    """Return how likely the newest `SHORT` RR intervals are fibrillation's, by `of_intervals`."""
    return _likely(SHORT_WEIGHTS, intervals, SHORT_INTERCEPT)


def _likely(weights: tuple[float, ...], values: tuple[float, ...], intercept: float) -> float:
    score = 0.0
    for weight, value in zip(weights, values, strict=True):
        score += weight * value
    return 1.0 / (1.0 + math.exp(-(intercept + score)))


@dataclass(slots=True)
class IrregularRules(Rule):
    """Onset and end of atrial fibrillation.

    Attributes:
        limits: of this patient.
        rr: the last RR intervals between beats that are no PVC, s.
        n: sample indices of the beats that end them.
        onset: where fibrillation began, None while there is none.
        turned: where the probability passed `EVEN` last.
        likely: the probability is above it.
        irregular: since when the RR intervals alone say so, None: they do not.
        since: where the newest intervals turned irregular, None: they are regular.
        waves: how regular the atrial waves were, newest last.
        fluttering: what `onset` began is flutter; None: not known yet, told as fibrillation.
        told: what `onset` began has lasted long enough to be told.
        repeats: what has repeated ahead of the beats last.
    """

    SECTION: ClassVar[str] = "af"
    KEPT_IN_NOISE: ClassVar[bool] = True

    limits: Configuration[AfLimits]
    rr: list[float] = field(default_factory=list)
    n: list[int] = field(default_factory=list)
    onset: int | None = None
    turned: int = 0
    likely: bool = False
    irregular: int | None = None
    since: int | None = None
    waves: list[float] = field(default_factory=list)
    fluttering: bool | None = None
    told: bool = False
    repeats: float = 0.0

    @property
    def kind(self) -> str:
        """What the rhythm is, if it is either."""
        return "atrial_flutter" if self.fluttering else "af"

    @property
    def rhythm(self) -> str | None:
        """`kind` while it is held to be present and nothing looks like P waves, else None."""
        if self.onset is None or (self.repeats > P_WAVES and not self.fluttering):
            return None
        return self.kind

    def called(self, label: BeatLabel, rr_s: float | None = None) -> BeatLabel:
        """Return the class of the next beat, which the networks call ``label``.

        A beat is premature against the atrial rhythm that it breaks into. In fibrillation and
        flutter there is none, and annotators mark hardly any beat S. Nor is one premature that
        comes later than others have come in intervals without order: so fibrillation begins, long
        before 64 intervals can tell it. `repeats` goes by the networks' own labels, and S or N is
        all one to `rr`, so that this does not feed itself.

        Args:
            label: AAMI class.
            rr_s: the RR interval that ends with the beat, s; None: it is not known.
        """
        if label != "S":
            return label
        return "N" if self.rhythm is not None or (rr_s and self._was_shorter(rr_s)) else label

    def _was_shorter(self, rr_s: float) -> bool:
        """Whether the newest intervals have no order, and one of them was shorter than this."""
        latest = self.rr[-SHORT:]
        if len(latest) < SHORT or math.log(rr_s / min(latest)) <= SHORTER:
            return False
        large = STEP * median(latest)
        steps = [abs(later - one) > large for one, later in pairwise(latest)]
        return sum(steps) >= STEPS * len(steps)

    def on_beat(self, moment: Moment) -> None:
        """Take the newest beat."""
        beats, decided_n, out = moment.beats, moment.n, moment.out
        repeats = self.repeats = moment.repeats
        rr = beats.rr_s
        if rr is None or not RR_S[0] < rr < RR_S[1]:
            return
        if beats.labels[-1] in NO_NORMAL or beats.labels[-2] in NO_NORMAL:
            return
        self.rr.append(rr)
        self.n.append(beats.n[-1])
        if len(self.rr) < WINDOW:
            return
        first = len(self.rr) == WINDOW
        del self.rr[:-WINDOW], self.n[:-WINDOW]
        intervals, newest = of_all_and_newest(np.array(self.rr), SHORT)
        by_rr = likelihood(intervals, 0.0)
        middle = self.n[0] if first else self.n[WINDOW // 2]  # it was so when the stretch began
        if by_rr < EVEN:
            self.irregular = None
            self.waves.clear()
            self.fluttering = None if self.onset is None else self.fluttering
        elif self.irregular is None:
            self.irregular = middle
        self._look_lately(lately(newest), first=first)
        # What repeats ahead of the beats of flutter are its waves, no P waves.
        chance = by_rr if self.fluttering else likelihood(intervals, repeats)
        if first or self.likely != (chance >= EVEN):
            self.likely = chance >= EVEN
            self.turned = middle
        ended = self.since is None and not self.fluttering
        if self.onset is None and chance >= self.limits.on and not ended:
            within = self.since is not None and self.since >= self.n[0]
            self.onset = self.since if within else self.turned
        elif self.onset is not None and (ended or chance <= self.limits.off):
            self._over(self.n[-SHORT // 2] if ended else self.turned, decided_n, out)
        if self.onset is not None and (
            self.told or self.n[-1] - self.onset >= self.limits.min_s * beats.fs
        ):
            self.told = True
            out.begin(self.kind, self.onset, decided_n, chance, self.limits.on)

    def _look_lately(self, chance: float, *, first: bool) -> None:
        """Follow where the newest intervals turn irregular, and where they are regular again.

        Flutter is regular for a while wherever its conduction is.

        Args:
            chance: of `lately`.
            first: they are the newest of the first `WINDOW`.
        """
        if chance <= REGULAR:
            self.since = None
        elif self.since is None and chance >= EVEN:
            self.since = self.n[0] if first else self.n[-SHORT // 2]

    def on_second(self, moment: Moment) -> None:
        """Look at the atrial waves of a rhythm that is irregular."""
        if self.irregular is not None:
            regular = moment.watch.flutter.measure(moment.beats, moment.n)
            if regular is not None:
                self.on_waves(regular, moment.n, moment.out)

    def on_waves(self, regular: float, n: int, out: Conditions) -> None:
        """Take a measurement of the atrial waves of a rhythm that is `irregular`.

        Args:
            regular: of `detector.rhythm.waveform.flutter.Flutter`, 0 .. 1.
            n: sample index one past the last second.
            out: takes the conditions.
        """
        self.waves.append(regular)
        del self.waves[:-MEASURED]
        if len(self.waves) < MEASURED:
            return
        middle = median(self.waves)
        fluttering = middle >= (NO_FLUTTER if self.fluttering else FLUTTER)
        turned = n - round(SEEN_S / 2 * out.fs)
        if self.onset is not None and fluttering != bool(self.fluttering):
            if self.fluttering is None:  # it has been from the onset, whatever was told
                out.end(self.kind, n)
            else:
                turned = max(self.onset, turned)
                self._ends(turned, n, out)
                self.onset = turned
        elif self.irregular is not None and fluttering and not self.likely:
            self.likely = True
            since = self.irregular if self.fluttering is None else turned
            self.turned = max(self.irregular, since)
        self.fluttering = fluttering

    def deny_beats(self, moment: Moment) -> None:
        """End the rhythm: which of its beats were none is not known."""
        self.forget(moment)

    def forget(self, moment: Moment) -> None:
        """End the rhythm, and forget the intervals."""
        self._over(moment.n, moment.n, moment.out)
        self.rr.clear()
        self.n.clear()
        self.turned, self.likely, self.irregular, self.since = 0, False, None, None
        self.waves.clear()

    def _over(self, end_n: int, decided_n: int, out: Conditions) -> None:
        self._ends(end_n, decided_n, out)
        self.onset = None
        self.fluttering = None
        self.told = False

    def _ends(self, end_n: int, decided_n: int, out: Conditions) -> None:
        """What `onset` began ends at ``end_n``."""
        if self.onset is not None and self.told and end_n > self.onset:
            out.episode(self.kind, self.onset, end_n)
        out.end(self.kind, decided_n)
