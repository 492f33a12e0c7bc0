"""Whether a QRS complex could be told at all: silence in muscle noise is no silence of the heart.

Muscle noise has the band of QRS complexes. Where it is as steep as they are the QRS detector
raises its demands and finds none, so that a heart that beats on looks like one that stands still.
A true standstill is quiet: on one lead at least the signal moves far less than a complex does.

Two measures of each lead and second, over stretches of 248 ms as those of
`detector.rhythm.witness.likeness`:

* steepness: the energy of the derivative, in the calmest third of the second, against that of the
  shape that most of the lead's complexes have;
* roughness: the energy of the second derivative against it, median of the second. Fibrillation and
  movement of the baseline are smooth, and hide no complex.

A second is covered if every attached lead whose complexes are distinct is both steep and rough.
Covered time counts neither for an asystole nor for a low rate (`detector.rhythm.rules.rate`): what
remains must prove them.

The three constants were set on the open half of CinC 2015 (what experts called a true asystole or
bradycardia must be told), the Malignant Ventricular Ectopy Database (asystoles in fibrillation,
and bradycardia in low noise) and four records of DS1 (101, 112, 205, 223) with muscle noise of 0
and 6 dB. `detector/rhythm/MODEL_CARD.md` has what they do to eight others.

Limitation: where no lead has shown complexes yet nothing is covered.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detector.rhythm.waveform.quality import FLAT
from detector.rhythm.witness.likeness import (
    ESTABLISHED,
    POINTS,
    STEP,
    FloatArray,
    size_of,
    slopes,
    thinned,
)
from ecg_monitor.core.compiled import lent, njit

Samples = npt.NDArray[np.float32]

RATE = 250
COVERING = 0.3
"""Steepness of a lead's noise, against its complexes, in which one may hide. Within asystoles and
bradycardias called true the calmest lead has less than 0.25 in 98 of 100 seconds; within those that
were told in noise it has more."""
ROUGH = 0.8
"""Ratio of the roots of both energies: muscle noise has about 1.4, electrode motion 1, fibrillation
0.4 to 0.8."""
LEAST_MV = 0.2
"""Steepness, as the root of the energy, of a complex of about 0.2 mV and 40 ms. What moves less
hides none that must be found, however gentle this patient's are; a lead whose own are gentler shows
too little to be asked."""
_NO_SLOPE = 1e-9
HOP = POINTS // 2
"""Distance of the stretches that are compared, points."""
CALMEST = 3
"""One stretch in so many may be calmer: a wave between two bursts of muscle."""
KEPT_S = 60.0
"""Longer than rates are taken over, s."""


@dataclass(slots=True)
class Activity:
    """When noise as steep as QRS complexes covered every lead of one device.

    Attributes:
        sizes: steepness of each lead's usual complexes, mV; 0 while it has shown none.
        covered: sample indices one past each covered second of the last `KEPT_S`, oldest first.
    """

    sizes: FloatArray = field(default_factory=lambda: np.zeros(0))
    covered: list[int] = field(default_factory=list)

    def on_second(
        self,
        n: int,
        window: Samples,
        states: Sequence[int],
        known: tuple[FloatArray, FloatArray],
        fs: float,
    ) -> None:
        """Take a second of signal.

        Args:
            n: sample index one past it.
            window: mV at 250 Hz without baseline wander up to ``n``, shape (n_leads, 250 at least).
            states: of the leads in it (`detector.rhythm.waveform.quality.STATES`).
            known: sizes of the familiar shapes of each lead, and complexes that each is made of
                (`detector.rhythm.witness.likeness`), both of shape (n_leads, SHAPES).
            fs: sampling rate of the device, Hz.
        """
        if len(self.sizes) != len(window):
            self.sizes = np.zeros(len(window))
        if len(known[0]) != len(window):
            return
        flat = 0
        if FLAT in states:
            flat = sum(1 << lead for lead, state in enumerate(states) if state == FLAT)
        if _is_covered(window, flat, *known, self.sizes):
            self.covered.append(n)
        while self.covered and self.covered[0] < n - KEPT_S * fs:
            del self.covered[0]

    def covered_s(self, from_n: int, to_n: int, fs: float, beats: Sequence[int] = ()) -> float:
        """Return how many seconds are covered, of the last `KEPT_S` before ``to_n``.

        Args:
            from_n: sample index to count from.
            to_n: one past the last.
            fs: sampling rate of the device, Hz.
            beats: R peaks that were found, oldest first: a second that holds more
                than one moves by itself, and does not count.
        """
        whole = round(fs)
        return (
            sum(
                max(0, min(end, to_n) - max(end - whole, from_n))
                for end in self.covered
                if bisect_left(beats, end) - bisect_left(beats, end - whole) <= 1
            )
            / fs
        )

    def forget(self) -> None:
        """A stretch ends; the sizes are the patient's, and stay."""
        self.covered.clear()


@njit
def _is_covered(
    window: Samples,
    flat: int,
    shape_sizes: FloatArray,
    shape_counts: FloatArray,
    sizes: FloatArray,
) -> bool:
    """Tell whether the newest second is covered on every lead that is not flat and distinct.

    Args:
        window: mV at 250 Hz, shape (n_leads, 250 at least).
        flat: bit mask of flat leads.
        shape_sizes: of the familiar shapes of each lead, shape (n_leads, SHAPES).
        shape_counts: complexes that each is made of, likewise.
        sizes: of each lead's usual complexes, taken anew where a shape is established, shape
            (n_leads,).
    """
    window, shape_counts = lent(window), lent(shape_counts)
    for i in range(window.shape[0]):
        usual = int(np.argmax(shape_counts[i]))
        if shape_counts[i, usual] >= ESTABLISHED:
            sizes[i] = shape_sizes[i, usual]
    covered = False
    for i in range(window.shape[0]):
        if (flat >> i) & 1 or sizes[i] < LEAST_MV:
            continue
        steepness, roughness = _measure(window[i, window.shape[1] - RATE :])
        covered = steepness >= max(COVERING * sizes[i], LEAST_MV) and roughness >= ROUGH
        if not covered:  # one is enough
            break
    return covered


@njit
def _measure(second: Samples) -> tuple[float, float]:
    """Return the steepness, mV, and the roughness of a second of a lead, shape (250,)."""
    places = (second.size // STEP - 1 - POINTS) // HOP + 1
    steep, rough = np.empty(places), np.empty(places)
    slope = slopes(thinned(second))
    bend = slopes(slope)
    for place in range(places):
        first = 1 + place * HOP
        steep[place] = size_of(slope, first)
        rough[place] = size_of(bend, first) / (steep[place] + _NO_SLOPE)
    steep.sort()
    rough.sort()
    return steep[places // CALMEST], rough[places // 2]


def warm() -> None:
    """Compile what is compiled."""
    one = np.ones((1, 1))
    _is_covered(np.zeros((1, RATE), np.float32), 0, one, one, np.zeros(1))
