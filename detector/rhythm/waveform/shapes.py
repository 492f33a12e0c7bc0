"""Shapes of ventricular ectopic beats: uniform or multiform.

Multiform: two different shapes, each seen at least twice within the last 300 beats and at least
once within the last 60. So bedside monitors have it (Philips IntelliVue, instructions for use,
"Multiform PVCs"). Shapes are told apart by correlation over all leads, at the shift that fits best
(as Krasteva and Jekova, Ann Biomed Eng 35:2065-2076, 2007, match templates).

Limitation: fusion beats that are labelled V can look like a second shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import njit

FloatArray = npt.NDArray[np.float64]

SHIFT = 22
"""Shapes are moved by up to so many samples at 250 Hz (88 ms): the R peak of a wide complex may be
found on either of its waves."""
BEFORE, AFTER = 25 + SHIFT, 38 + SHIFT
"""The signal around an R peak that is asked for: the complex from 100 ms before it to 152 ms after
it, and room to move."""
ALIKE, DIFFERENT = 0.8, 0.6
"""Correlation from which a beat has a shape, and below which it has one of its own. What lies
between is neither: a fusion of a ventricular and a normal beat."""
SHAPES = 4
"""Shapes remembered; the one that has not been seen for longest gives way."""
TWICE_WITHIN, ONCE_WITHIN = 300, 60
"""Beats."""
_LEARN = 0.25


@njit
def likeness(shape: FloatArray, beat: FloatArray) -> float:
    """Return the best correlation of two complexes over all leads.

    Args:
        shape: mV at 250 Hz, shape (n_leads, BEFORE + AFTER); the outer `SHIFT` are not used.
        beat: the same, to be moved.
    """
    n = shape.shape[1] - 2 * SHIFT
    best = -1.0
    for lag in range(-SHIFT, SHIFT + 1):
        both = 0.0
        own = 1e-9
        other = 1e-9
        for lead in range(shape.shape[0]):
            a = shape[lead, SHIFT : SHIFT + n]
            b = beat[lead, SHIFT + lag : SHIFT + lag + n]
            mean_a = a.mean()
            mean_b = b.mean()
            for i in range(n):
                u = a[i] - mean_a
                v = b[i] - mean_b
                both += u * v
                own += u * u
                other += v * v
        best = max(best, both / math.sqrt(own * other))
    return best


@dataclass(slots=True, eq=False)
class Shape:
    """One shape.

    Attributes:
        mean: of its beats, mV, shape (n_leads, BEFORE + AFTER).
        seen: numbers of the two newest beats that had it.
    """

    mean: FloatArray
    seen: list[int]


@dataclass(slots=True)
class Shapes:
    """The shapes of one device's ventricular ectopic beats.

    Attributes:
        beats: of any kind, so far.
        known: shapes, in the order in which they appeared.
    """

    beats: int = 0
    known: list[Shape] = field(default_factory=list)

    def take(self, complex_: FloatArray) -> None:
        """Take the newest beat, which is ventricular; ``complex_`` as in `Shape`."""
        alike = [likeness(shape.mean, complex_) for shape in self.known]
        best = int(np.argmax(alike)) if alike else -1
        if best >= 0 and alike[best] >= ALIKE:
            shape = self.known[best]
            shape.mean += _LEARN * (complex_ - shape.mean)
            shape.seen = [*shape.seen[-1:], self.beats]
        if alike and alike[best] >= DIFFERENT:
            return
        if len(self.known) == SHAPES:
            del self.known[int(np.argmin([shape.seen[-1] for shape in self.known]))]
        self.known.append(Shape(complex_.copy(), [self.beats]))

    @property
    def prevailing(self) -> int:
        """How many shapes are there often and lately enough to count."""
        return sum(
            len(shape.seen) == 2
            and shape.seen[0] > self.beats - TWICE_WITHIN
            and shape.seen[1] > self.beats - ONCE_WITHIN
            for shape in self.known
        )

    def forget(self) -> None:
        """A stretch ends."""
        self.beats = 0
        self.known.clear()
