"""How much of the signal before the QRS complex is the same from beat to beat: P waves, or none.

Before each normal beat, what lies 280 to 60 ms ahead of the R peak is taken into a running mean and
a running mean square (coherent averaging; after Slocum et al., J Electrocardiol 25:1-8, 1992,
who look for atrial activity to tell atrial fibrillation). The part of the power that repeats is the
intraclass correlation (Shrout and Fleiss, Psychol Bull 86:420-428, 1979): about 0.8 in sinus
rhythm, 0.02 in atrial fibrillation, whose waves come at any time; less where there is noise. So
much of it speaks against fibrillation, little of it for nothing.

Each segment counts without its mean and slope, which baseline wander makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.compiled import njit

FloatArray = npt.NDArray[np.float64]

RATE = 250
FROM, UNTIL = 70, 15
"""The segment begins and ends so many samples before the R peak (280 ms, 60 ms)."""
LENGTH = FROM - UNTIL
MEMORY = 24
"""Beats that the running means remember: about 20 s."""
LEAST = 8
"""Nothing is known from fewer beats."""


@njit
def _take(mean: FloatArray, square: FloatArray, segment: FloatArray, part: float) -> None:
    """Take one segment, shape (55,), into one lead's running means, with weight ``part``."""
    n = segment.size
    level = segment.mean()
    slope = 0.0
    power = 0.0
    for i in range(n):
        at = i - (n - 1) / 2
        slope += at * segment[i]
        power += at * at
    slope /= power
    for i in range(n):
        value = segment[i] - level - slope * (i - (n - 1) / 2)
        mean[i] += part * (value - mean[i])
        square[i] += part * (value * value - square[i])


@dataclass(slots=True)
class Atrial:
    """What repeats ahead of the normal beats of one device.

    Attributes:
        mean: of the segments of each lead, mV, shape (n_leads, 55); no rows before the first.
        square: mean of their squares, likewise.
        beats: taken of each lead, at most `MEMORY`.
    """

    mean: FloatArray = field(default_factory=lambda: np.zeros((0, LENGTH)))
    square: FloatArray = field(default_factory=lambda: np.zeros((0, LENGTH)))
    beats: list[int] = field(default_factory=list)

    def on_beat(self, window: npt.NDArray[np.float32], back: int, usable: list[int]) -> None:
        """Take a normal beat.

        Args:
            window: the last seconds of all leads, mV at 250 Hz, shape (n_leads, n).
            back: how many samples before the end of ``window`` the R peak lies; what lies partly
                outside is not taken.
            usable: seconds for which each lead has been usable: 0 is not taken.
        """
        start = window.shape[1] - back - FROM
        if start < 0 or back + UNTIL < 0:
            return
        if len(self.mean) != len(window):
            self.mean, self.square = np.zeros((2, len(window), LENGTH))
            self.beats = [0] * len(window)
        for i, seconds in enumerate(usable):
            if seconds:
                self.beats[i] = min(self.beats[i] + 1, MEMORY)
                segment = window[i, start : start + LENGTH].astype(np.float64)
                _take(self.mean[i], self.square[i], segment, 1.0 / self.beats[i])

    def repeats(self) -> float:
        """Return the part of the power that repeats on the lead that shows most: 0 .. 1."""
        return max(map(self._lead, range(len(self.beats))), default=0.0)

    def forget(self) -> None:
        """A stretch ends."""
        self.mean, self.square = np.zeros((2, 0, LENGTH))
        self.beats = []

    def save(self) -> dict[str, Any]:
        """Return the state as a CBOR-ready map."""
        return {
            "mean": self.mean.astype("<f8").tobytes(),
            "square": self.square.astype("<f8").tobytes(),
            "beats": self.beats,
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        """Put a saved state back."""
        self.mean = np.frombuffer(saved["mean"], "<f8").astype(np.float64).reshape(-1, LENGTH)
        self.square = np.frombuffer(saved["square"], "<f8").astype(np.float64).reshape(-1, LENGTH)
        self.beats = list(saved["beats"])

    def _lead(self, row: int) -> float:
        beats = self.beats[row]
        if beats < LEAST:
            return 0.0
        # A running mean of weight 1/m has the noise of 2m - 1 plain averages; one of m beats, of m.
        share = 1.0 / (2 * MEMORY - 1) if beats == MEMORY else 1.0 / beats
        power = float((self.mean[row] ** 2).mean())
        rest = float((self.square[row] - self.mean[row] ** 2).mean()) / (1.0 - share)
        repeated = max(power - share * rest, 0.0)
        return repeated / (repeated + rest + 1e-9)
