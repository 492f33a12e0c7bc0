"""How much of the signal before the QRS complex is the same from beat to beat: P waves, or none.

Before each normal beat, what lies 280 to 72 ms ahead of the R peak is taken into a running mean and
a running mean square (coherent averaging; after Slocum et al., J Electrocardiol 25:1-8, 1992,
who look for atrial activity to tell atrial fibrillation). The part of the power that repeats is the
intraclass correlation (Shrout and Fleiss, Psychol Bull 86:420-428, 1979): about 0.8 in sinus
rhythm, 0.02 in atrial fibrillation, whose waves come at any time; less where there is noise. So
much of it speaks against fibrillation, little of it for nothing.

Each segment counts without its mean and slope, which baseline wander makes. What may be the T wave
of the beat before is left out: at fast rates it repeats too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import lent, njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

RATE = 250
FROM, UNTIL = 70, 18
"""The segment begins and ends so many samples before the R peak (280 ms, 72 ms); later, a wide QRS
complex would repeat."""
LENGTH = FROM - UNTIL
MEMORY = 24
"""Beats that the running means remember: about 20 s."""
T_ENDS, T_PART = 80, 0.6
"""The T wave lies, mostly, within so many samples after its R peak (320 ms), or within this part of
the RR interval if that is less: at fast rates it comes sooner."""
SHORTEST = 8
"""What is left of a segment is not taken if it has fewer samples."""
LEAST = 8
"""Nothing is known from fewer beats."""
LEAST_SAMPLES = 15
"""Nor if fewer samples of the segment have been seen in so many."""


@njit
def _take(
    mean: FloatArray, square: FloatArray, counts: IntArray, segment: FloatArray, first: int
) -> None:
    """Take one segment, shape (52,), into one lead's running means, from sample ``first`` on."""
    n = segment.size
    middle = (first + n - 1) / 2
    level = segment[first:].mean()
    slope = 0.0
    power = 0.0
    for i in range(first, n):
        slope += (i - middle) * segment[i]
        power += (i - middle) * (i - middle)
    slope /= power
    for i in range(first, n):
        value = segment[i] - level - slope * (i - middle)
        counts[i] = min(counts[i] + 1, MEMORY)
        mean[i] += (value - mean[i]) / counts[i]
        square[i] += (value * value - square[i]) / counts[i]


@njit
def _repeated(mean: FloatArray, square: FloatArray, counts: IntArray) -> float:
    """Return the part of one lead's power that repeats, 0 .. 1."""
    power = 0.0
    rest = 0.0
    seen = 0
    for i in range(counts.size):
        if counts[i] < LEAST:
            continue
        # A running mean of weight 1/m has the noise of 2m - 1 plain averages; one of m beats, of m.
        share = 1.0 / (2 * MEMORY - 1) if counts[i] == MEMORY else 1.0 / counts[i]
        scatter = (square[i] - mean[i] * mean[i]) / (1.0 - share)
        power += mean[i] * mean[i] - share * scatter
        rest += scatter
        seen += 1
    if seen < LEAST_SAMPLES:
        return 0.0
    repeated = max(power, 0.0) / seen
    return repeated / (repeated + rest / seen + 1e-9)


@njit
def _most_repeated(mean: FloatArray, square: FloatArray, counts: IntArray) -> float:
    """Return the greatest of the leads' parts, 0 without leads."""
    mean, square, counts = lent(mean), lent(square), lent(counts)
    most = 0.0
    for i in range(counts.shape[0]):
        most = max(most, _repeated(mean[i], square[i], counts[i]))
    return most


@njit
def _take_leads(
    mean: FloatArray,
    square: FloatArray,
    counts: IntArray,
    window: npt.NDArray[np.float32],
    start: int,
    first: int,
    taken: int,
) -> float:
    """Take a segment of each lead of the bit mask ``taken``, from ``start`` of the window on.

    Returns:
        as of `_most_repeated`.
    """
    mean, square, counts, window = lent(mean), lent(square), lent(counts), lent(window)
    for i in range(window.shape[0]):
        if (taken >> i) & 1:
            segment = window[i, start : start + LENGTH].astype(np.float64)
            _take(mean[i], square[i], counts[i], segment, first)
    return _most_repeated(mean, square, counts)


@dataclass(slots=True)
class Atrial:
    """What repeats ahead of the normal beats of one device.

    Attributes:
        mean: of the segments of each lead, mV, shape (n_leads, 52); no rows before the first.
        square: mean of their squares, likewise.
        counts: of how many beats, at most `MEMORY`, likewise.
        repeats: part of the power that repeats on the lead that shows most, 0 .. 1.
    """

    mean: FloatArray = field(default_factory=lambda: np.zeros((0, LENGTH)))
    square: FloatArray = field(default_factory=lambda: np.zeros((0, LENGTH)))
    counts: IntArray = field(default_factory=lambda: np.zeros((0, LENGTH), np.int64))
    repeats: float = 0.0

    def on_beat(
        self, window: npt.NDArray[np.float32], back: int, usable: list[int], since: int
    ) -> None:
        """Take a normal beat.

        Args:
            window: the last seconds of all leads, mV at 250 Hz, shape (n_leads, n).
            back: how many samples before the end of ``window`` the R peak lies; what lies partly
                outside is not taken.
            usable: seconds for which each lead has been usable: 0 is not taken.
            since: samples at 250 Hz since the R peak before.
        """
        first = max(0, int(min(T_ENDS, T_PART * since)) + FROM - since)
        start = window.shape[1] - back - FROM
        if start < 0 or back + UNTIL < 0 or first > LENGTH - SHORTEST:
            return
        if len(self.mean) != len(window):
            self.mean, self.square = np.zeros((2, len(window), LENGTH))
            self.counts = np.zeros((len(window), LENGTH), np.int64)
        taken = 0
        for i, seconds in enumerate(usable):
            if seconds:
                taken |= 1 << i
        known = self.mean, self.square, self.counts
        self.repeats = _take_leads(*known, window, start, first, taken)

    def forget(self) -> None:
        """A stretch ends."""
        self.mean, self.square = np.zeros((2, 0, LENGTH))
        self.counts = np.zeros((0, LENGTH), np.int64)
        self.repeats = 0.0
