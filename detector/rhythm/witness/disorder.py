"""Whether what is found are beats at all: those of a heart resemble one another.

Electrode motion has the band and the amplitude of QRS complexes, and a detector takes it for them;
but no two of its deflections are alike, and the signal moves as much between them. Two measures of
the beats of the last 10 s are weighed by a logistic regression:

* the part of them that resembles no familiar shape on any lead
(`detector.rhythm.witness.likeness`);
* how much the signal moves from one beat to the next, against the height of the beat (mean
  logarithm, on the calmest lead).

The weights were fitted on DS1 with the first half of the electrode motion and muscle noise of the
Noise Stress Test Database, where a quarter of the beats found were wrong, against DS1 and the
Malignant Ventricular Ectopy Database as they are (``python -m workbench.fits.disorder``).
Ventricular tachycardia of one shape is order; fibrillation is not, and has its own rule.

Limitations: of a device with more than two leads the first two are looked at. Ectopy of ever new
shapes looks like noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detector.rhythm.witness.likeness import POINTS, SHAPES, compare
from ecg_monitor.core.checkpoint.fields import Derived

Samples = npt.NDArray[np.float32]
FloatArray = npt.NDArray[np.float64]

RATE = 250
WINDOW_S = 10.0
FEWEST = 6
"""Fewer beats in the window show no disorder, and a slow rhythm never does."""
QRS = 24
"""Samples on either side of an R peak that belong to its complex (96 ms)."""
CALM, WILD = -4.0, 0.0
"""Bounds of the logarithm of movement against height."""
WEIGHTS = (10.868, 1.975)
INTERCEPT = 1.448
LIKELY, UNLIKELY = 0.75, 0.5
"""Probability from which the beats are not believed, and below which they are again."""
SURELY_NOT = 0.5
"""Log odds below which it is not `LIKELY` (1.1), whatever rounding does."""
RESTLESS = 0.25
"""Rms of a stretch without beats against the height of beats: more than a silent heart shows.
Electrode motion of 0 dB has 0.35 by definition, the stretch from T to P wave less than 0.1."""
REST_S = 1.0
UNKNOWN_S = 0.4
"""A beat is known so long after its R peak."""
T_WAVE_S = 0.5
"""How long after an R peak its T wave may last."""


@dataclass(slots=True)
class Disorder:
    """Familiar shapes of each lead, and how the newest beats compare.

    Attributes:
        shapes: of every lead (see `likeness.take`), shape (n_leads, SHAPES, 2, POINTS).
        sizes: of them, shape (n_leads, SHAPES).
        counts: complexes that each is made of, shape (n_leads, SHAPES).
        beats: sample index of the R peak, 1 if it resembles nothing familiar (else 0), and
            movement against height, of the beats of the last 10 s.
        heights: of each lead's familiar beats from trough to peak, mV; 0 while there are none.
        likeness: of the newest beat, by lead; nan where nothing can be said.
        strange: how many of ``beats`` resemble nothing familiar.
        moved: sum of their movements, up to rounding.
        since_n: sample index since which the beats are not believed; None: they are.
        doubtful: they were not when the newest of them came.
    """

    shapes: FloatArray = field(default_factory=lambda: np.zeros((0, SHAPES, 2, POINTS)))
    sizes: FloatArray = field(default_factory=lambda: np.zeros((0, SHAPES)))
    counts: FloatArray = field(default_factory=lambda: np.zeros((0, SHAPES)))
    beats: list[tuple[int, float, float]] = field(default_factory=list)
    heights: FloatArray = field(default_factory=lambda: np.zeros(0))
    likeness: Derived[list[float]] = field(default_factory=list)
    strange: Derived[float] = 0.0
    moved: Derived[float] = 0.0
    since_n: int | None = None
    doubtful: bool = False

    def after_restore(self) -> None:
        """Sum up the beats again."""
        self.strange = sum(strange for _, strange, _ in self.beats)
        self.moved = sum(movement for _, _, movement in self.beats)

    def on_beat(self, n: int, fs: float, window: Samples, peak: int) -> bool:
        """Take the newest beat; return whether some lead knows its shape.

        Args:
            n: sample index of its R peak.
            fs: sampling rate of the device, Hz.
            window: mV at 250 Hz without baseline wander, useless leads flat, shape (n_leads, m).
            peak: place of the R peak in it, with `MARGIN` samples on either side.
        """
        if len(self.shapes) != len(window):
            self._begin(len(window))
        start = max(-QRS, peak - round((n - self.beats[-1][0]) * RATE / fs)) if self.beats else -QRS
        found = np.empty(len(window))
        shapes = self.shapes, self.sizes, self.counts
        moved, familiar, known = compare(window, peak, QRS, start, *shapes, self.heights, found)
        self.likeness = found.tolist()
        unlike, movement = 1.0 if known and not familiar else 0.0, max(CALM, min(WILD, moved))
        self.beats.append((n, unlike, movement))
        self.strange += unlike
        self.moved += movement
        self.follow(n, fs)
        self.doubtful = self.since_n is not None
        return familiar

    def restless(self, window: Samples, n: int, last_n: int | None, fs: float) -> list[bool]:
        """Tell of which leads the newest stretch without beats moves more than a silent heart.

        Args:
            window: mV at 250 Hz without baseline wander up to ``n``, shape (n_leads, 350 at least).
            n: sample index one past it.
            last_n: R peak of the last beat, None if there is none.
            fs: sampling rate of the device, Hz.
        """
        end = window.shape[1] - round(UNKNOWN_S * RATE)
        start = end - round(REST_S * RATE)
        known = last_n is not None and len(self.heights) == len(window)
        if not known or n - (UNKNOWN_S + REST_S) * fs < (last_n or 0) + T_WAVE_S * fs:
            return [False] * len(window)
        rms = np.sqrt(np.mean(window[:, start:end].astype(np.float64) ** 2, axis=1))
        moves = rms > RESTLESS * self.heights
        return [bool(m) and height > 0.0 for m, height in zip(moves, self.heights, strict=True)]

    def follow(self, n: int, fs: float) -> None:
        """Decide at sample index ``n`` whether the beats are believed."""
        if self.beats and self.beats[0][0] <= n - WINDOW_S * fs:
            self._drop(n, fs)
        if self.since_n is None and self._score(self.strange, self.moved) < SURELY_NOT:
            return  # nearly always
        chance = self.chance(n, fs)
        if chance >= LIKELY and self.since_n is None:
            self.since_n = n
        elif chance < UNLIKELY:
            self.since_n = None

    def chance(self, n: int, fs: float) -> float:
        """Return how likely it is that the beats of the 10 s before ``n`` are noise."""
        self._drop(n, fs)
        if len(self.beats) < FEWEST:
            return 0.0
        unlike = moved = 0.0
        for _, strange, movement in self.beats:  # in this order: sums are always the same
            unlike += strange
            moved += movement
        return 1.0 / (1.0 + math.exp(-self._score(unlike, moved)))

    def forget(self) -> None:
        """A stretch ends; the shapes are the patient's, and stay."""
        self._clear()
        self.since_n = None
        self.doubtful = False

    def _begin(self, n_leads: int) -> None:
        self.shapes = np.zeros((n_leads, SHAPES, 2, POINTS))
        self.sizes = np.zeros((n_leads, SHAPES))
        self.counts = np.zeros((n_leads, SHAPES))
        self.heights = np.zeros(n_leads)
        self._clear()

    def _clear(self) -> None:
        self.beats.clear()
        self.strange = self.moved = 0.0

    def _drop(self, n: int, fs: float) -> None:
        oldest = n - WINDOW_S * fs
        while self.beats and self.beats[0][0] <= oldest:
            _, strange, movement = self.beats.pop(0)
            self.strange -= strange
            self.moved -= movement
        if not self.beats:  # nothing is left of what rounding has brought
            self.strange = self.moved = 0.0

    def _score(self, unlike: float, moved: float) -> float:
        """Return the log odds of the beats being noise, by sums over them."""
        count = len(self.beats)
        if count < FEWEST:
            return -math.inf
        return INTERCEPT + WEIGHTS[0] * (unlike / count) + WEIGHTS[1] * (moved / count)
