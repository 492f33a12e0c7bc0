"""Ventricular fibrillation and flutter, decided from the waveform: beats cannot be found in it.

Five measures of the last 5 s, once a second, are weighed by a logistic regression:

* the leakage of a filter that removes one sine wave (Kuo and Dillman, Computers in Cardiology,
  347-349, 1978): small in fibrillation, which looks like a sine;
* the part of each second in which the band around 14.6 Hz lies above its mean (after the "count"
  of Jekova and Krasteva, Physiol Meas 25:1167-1178, 2004): large without QRS complexes;
* the energy in that band against the whole: QRS complexes and muscle noise have it;
* kurtosis: QRS complexes stand far out of the rest;
* the cells that the signal visits in phase space, x(t) against x(t + 0.5 s) (Amann et al., IEEE
  Trans Biomed Eng 54:174-177, 2007, doi:10.1109/TBME.2006.880909).

A signal of less than 0.15 mV is an asystole; distinct complexes at one interval are a heart that
beats (`detector.rhythm.waveform.regular`). The weights were fitted on the MIT-BIH Malignant
Ventricular Ectopy Database and DS1 (``python -m workbench.fits.fibrillation``, which also
tells what was found when each patient was held back).

It needs the signal at 250 Hz without baseline wander, as the engine's ``wide`` has it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detector.rhythm.conditions import Conditions
from detector.rhythm.waveform.regular import is_regular
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.core.compiled import njit
from ecg_monitor.ward.limits.model import VfLimits

FloatArray = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

RATE = 250
WINDOW_S = 5
WINDOW = WINDOW_S * RATE
LOWEST_MV = 0.15
"""Peak to peak: below it there is no fibrillation to be seen (IEC 60601-2-27's smallest QRS)."""
DELAY = RATE // 2
CELLS = 40
"""Cells of the phase space per side, as published."""
WEIGHTS = (-6.933, 50.315, -0.637, 2.511, 21.447)
INTERCEPT = -26.378

# As `scipy.signal.butter` gives them, which a test holds them against: it takes long to import.
LOW: FloatArray = np.array(
    [
        [
            0.09131490043583196,
            0.18262980087166392,
            0.09131490043583196,
            1.0,
            -0.9824057931083952,
            0.34766539485172315,
        ]
    ]
)
"""Second-order section of what smooths: Butterworth, second order, 30 Hz; shape (1, 6)."""
QRS: FloatArray = np.array(
    [[0.04215539206942101, 0.0, -0.04215539206942101, 1.0, -1.7872870018316174, 0.9156892158611581]]
)
"""Second-order section of the band of QRS complexes: Butterworth, first order, 13 to 16.5 Hz."""


@njit
def _smooth(window: Samples | FloatArray, out: FloatArray) -> tuple[float, float, float, float]:
    """Low-pass a window (mV at 250 Hz, shape (n,)) from rest.

    Returns:
        what the window spans, mV, nan where a sample is no number; mean, least and greatest of the
        outcome, mV.
    """
    low = high = float(window[0])
    total = a = b = 0.0
    least, most = math.inf, -math.inf
    for i in range(window.size):
        x = float(window[i])
        low, high = min(low, x), max(high, x)
        y = LOW[0, 0] * x + a
        a = LOW[0, 1] * x - LOW[0, 4] * y + b
        b = LOW[0, 2] * x - LOW[0, 5] * y
        out[i] = y
        total += y
        least, most = min(least, y), max(most, y)
    span = high - low if math.isfinite(total) else math.nan
    return span, total / window.size, least, most


@njit
def _leakage(values: FloatArray, steps: float, size: float) -> float:
    """Return the leakage, by the sums of the values' absolute differences and of themselves."""
    half = math.floor(math.pi * size / (steps + 1e-9) + 0.5)
    half = max(1, min(half, values.size - 1))
    over = 0.0
    under = 1e-9
    for i in range(half, values.size):
        over += abs(values[i] + values[i - half])
        under += abs(values[i]) + abs(values[i - half])
    return over / under


@njit
def _count(band: FloatArray) -> float:
    """Return the part of each second in which the absolute values lie above their mean."""
    above = 0
    seconds = band.size // RATE
    for s in range(seconds):
        total = 0.0
        for i in range(s * RATE, (s + 1) * RATE):
            total += band[i]
        mean = total / RATE
        for i in range(s * RATE, (s + 1) * RATE):
            above += band[i] > mean
    return above / (seconds * RATE)


@njit
def _compare(values: FloatArray, mean: float, low: float, high: float) -> FloatArray:
    """Return the measures of a smooth window, as of `measures`.

    One pass does what would take five: a filter waits for its own last output at every sample, and
    all else is done meanwhile.

    Args:
        values: mV, shape (n,); loses its mean, in place.
        mean: of it.
        low: least of its values without the mean.
        high: greatest likewise.
    """
    scale = (CELLS - 1e-3) / (high - low + 1e-9)
    seen = np.zeros((CELLS, CELLS), np.uint8)
    band = np.empty(values.size)
    visited = 0
    power = energy = fourth = size = steps = a = b = last = 0.0
    for i in range(values.size):
        x = values[i] - mean
        values[i] = x
        y = QRS[0, 0] * x + a
        a = QRS[0, 1] * x - QRS[0, 4] * y + b
        b = QRS[0, 2] * x - QRS[0, 5] * y
        band[i] = abs(y)
        square = x * x
        energy += y * y
        power += square
        fourth += square * square
        size += abs(x)
        if i:
            steps += abs(x - last)
        last = x
        if i >= DELAY:
            row, column = int((values[i - DELAY] - low) * scale), int((x - low) * scale)
            visited += 1 - int(seen[row, column])
            seen[row, column] = 1
    power = power / values.size + 1e-9
    energy = energy / values.size / power
    kurtosis = fourth / values.size / (power * power)
    return np.array(
        [
            _leakage(values, steps, size),
            _count(band),
            math.log(energy + 1e-6),
            math.log(kurtosis + 1e-6),
            visited / (CELLS * CELLS),
        ]
    )


@njit
def measures(window: Samples | FloatArray) -> FloatArray:
    """Return leakage, count, log band energy, log kurtosis and visited cells.

    Args:
        window: mV at 250 Hz, without baseline wander, shape (1250,).

    Returns:
        shape (5,).
    """
    smooth = np.empty(window.size)
    _, mean, low, high = _smooth(window, smooth)
    return _compare(smooth, mean, low - mean, high - mean)


def lengthened(seconds: list[int], usable: Sequence[bool], most: int) -> list[int]:
    """Return for how many seconds, ``most`` at most, leads have been usable, a second later.

    Args:
        seconds: for how many each was a second ago.
        usable: whether each was in it.
        most: what counts.
    """
    if False not in usable and seconds.count(most) == len(seconds):  # nearly always
        return seconds
    return [
        min(count + 1, most) if good else 0 for count, good in zip(seconds, usable, strict=True)
    ]


@njit
def _chance(window: Samples | FloatArray, weights: tuple[float, ...], intercept: float) -> float:
    smooth = np.empty(window.size)
    span_mv, mean, low, high = _smooth(window, smooth)
    if not LOWEST_MV <= span_mv < math.inf:  # compiled code must not be led by what is no number
        return 0.0
    found = _compare(smooth, mean, low - mean, high - mean)
    score = intercept
    for i in range(found.size):
        score += weights[i] * found[i]
    return 1.0 / (1.0 + math.exp(-score))


def probability(window: Samples | FloatArray) -> float:
    """Return how likely a window (mV at 250 Hz, shape (1250,)) shows fibrillation or flutter."""
    return _chance(window, WEIGHTS, INTERCEPT)


def beats_regularly(window: Samples | FloatArray) -> bool:
    """Tell whether a window (mV at 250 Hz, shape (1250,)) shows distinct, regular complexes."""
    smooth = np.empty(window.size)
    _, mean, _, _ = _smooth(window, smooth)
    return is_regular(smooth - mean)


@njit
def shift_in(window: Samples, second: Samples) -> None:
    """Let a window, shape (n_leads, n), move on by a second, in place; shape (n_leads, m)."""
    length = second.shape[1]
    for i in range(window.shape[0]):
        for j in range(window.shape[1] - length):
            window[i, j] = window[i, j + length]
        window[i, window.shape[1] - length :] = second[i]


@dataclass(slots=True)
class FibrillationRules:
    """Onset and end of ventricular fibrillation or flutter on one device.

    It must be seen on every lead that can be judged: noise and a small QRS complex are seldom on
    all of them, fibrillation is. Nor may any of them show distinct, regular complexes;
    and once it is present, all of them end it by those.

    Attributes:
        limits: of this patient.
        window: the last seconds, mV at 250 Hz, shape (n_leads, 1250).
        usable: seconds up to now for which each lead was usable.
        streak: consecutive seconds that speak against what holds now.
        onset: where it began, None while there is none.
    """

    limits: Configuration[VfLimits]
    window: Samples = field(default_factory=lambda: np.zeros((0, WINDOW), np.float32))
    usable: list[int] = field(default_factory=list)
    streak: int = 0
    onset: int | None = None

    def on_second(self, second: Samples, usable: Sequence[bool], n: int, out: Conditions) -> None:
        """Take one second of signal.

        Args:
            second: mV at 250 Hz without baseline wander, shape (n_leads, 250).
            usable: whether each lead can be judged.
            n: sample index (device rate) one past it.
            out: takes the condition ``vf``.
        """
        if not self.usable:
            self.window = np.zeros((len(second), WINDOW), np.float32)
            self.usable = [0] * len(second)
        shift_in(self.window, second)
        self.usable = lengthened(self.usable, usable, WINDOW_S)
        judged = [i for i, count in enumerate(self.usable) if count == WINDOW_S]
        if not judged:
            self.streak = 0
            return
        present = self.onset is not None
        chance = self._least_chance(judged, present=present)
        if chance > self.limits.off:
            regular = [beats_regularly(self.window[i]) for i in judged]
            # What is present ends when all leads say so: flutter is regular, too.
            if all(regular) if present else any(regular):
                chance = 0.0
        against = chance <= self.limits.off if present else chance >= self.limits.on
        self.streak = self.streak + 1 if against else 0
        if self.streak >= self.limits.seconds:
            self.streak = 0
            if present:
                self._over(n, out)
            else:
                self.onset = n - round((WINDOW_S + self.limits.seconds - 1) * out.fs)
        if self.onset is not None:
            out.begin("vf", self.onset, n, chance, self.limits.on)

    def _least_chance(self, judged: Sequence[int], *, present: bool) -> float:
        """Return the least probability of leads; one that begins nothing need not be the least."""
        least = 1.0
        for i in judged:
            least = min(least, probability(self.window[i]))
            if not present and least <= self.limits.off and least < self.limits.on:
                break
        return least

    def forget(self, n: int, out: Conditions) -> None:
        """A stretch ends at ``n``."""
        self._over(n, out)
        self.usable = []
        self.streak = 0

    def _over(self, n: int, out: Conditions) -> None:
        if self.onset is not None:
            out.episode("vf", self.onset, n)
            out.linger("vf", n)
            self.onset = None
