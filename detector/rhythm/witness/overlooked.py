"""A complex of a fast wide rhythm that the QRS detector overlooked between two that it found.

A QRS detector looks for steep waves, since the energy of normal complexes lies at 10 to 17 Hz and
that of T waves below; wide complexes have theirs near 4 Hz (Thakor, Webster and Tompkins, IEEE
Trans Biomed Eng 31:702-706, 1984), and where they run into one another one of them may be lost. A
reader sees it at a glance: it looks like the complexes on either side. So where two ventricular
beats that are alike leave room for another, the signal between them is searched for one that is
like the second of them on every lead that shows it, in shape and in size. A T wave is not: after a
ventricular beat it points away from the complex (Surawicz et al., AHA/ACCF/HRS recommendations,
Circulation 119:e235-e240, 2009).

Limitation: one is looked for between two beats, no more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

FloatArray = npt.NDArray[np.float64]

RATE = 250
REACH = 20
"""Samples on either side of the middle of a complex that are compared (80 ms)."""
APART = 50
"""Samples from one complex to the next at least (200 ms): a ventricle that beats faster than 300
per minute flutters, which has a rule of its own."""
LONGEST_S = 1.5
"""A longer interval is a pause, in which nothing was overlooked at a rate of a tachycardia."""
ALIKE = 0.85
"""Correlation of a complex with the one after it, on every lead that shows it: a little more than
tells a familiar shape (`detector.rhythm.witness.likeness`), as the best of many places counts."""
SMALLEST, LARGEST = 0.5, 2.0
"""Size of a complex against the one after it."""
LEAST_MV = 0.1
"""A lead on which the complex is no higher shows nothing of it."""
_NO_ENERGY = 1e-12


class OverlookedComplex(NamedTuple):
    """A complex that was not found.

    Attributes:
        back: samples of 250 Hz from its middle to the R peak of the beat after it.
        likeness: correlation with that beat on the lead that is least like.
    """

    back: int
    likeness: float


def between(window: FloatArray, first: int, last: int) -> OverlookedComplex | None:
    """Return the complex between two beats that is most like the second; None: there is none.

    Args:
        window: mV at 250 Hz without baseline wander, useless leads flat, shape (n_leads, m).
        first: place of the R peak of the first beat in it.
        last: place of the R peak of the second, with `REACH` samples on either side.
    """
    starts = np.arange(first + APART, last - APART + 1) - REACH
    shown = [row for row in window if np.ptp(_complex(row, last)) >= LEAST_MV]
    if not starts.size or not shown:
        return None
    fit = np.ones(starts.size)
    for row in shown:
        like = _complex(row, last) - _complex(row, last).mean()
        parts = sliding_window_view(row, like.size)[starts]
        parts = parts - parts.mean(axis=1, keepdims=True)
        size, own = np.sqrt((parts**2).sum(axis=1)), np.sqrt((like**2).sum())
        found = parts @ like / np.maximum(size * own, _NO_ENERGY)
        of_size = (size >= SMALLEST * own) & (size <= LARGEST * own)
        fit = np.minimum(fit, np.where(of_size, found, -1.0))
        if fit.max() < ALIKE:  # no other lead makes it more
            return None
    place = int(fit.argmax())
    return OverlookedComplex(last - REACH - int(starts[place]), float(fit[place]))


def _complex(row: FloatArray, middle: int) -> FloatArray:
    return row[middle - REACH : middle + REACH + 1]
