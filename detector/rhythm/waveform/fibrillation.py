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
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import signal

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

_LOW: FloatArray = signal.butter(2, 30.0, fs=RATE, output="sos")
_QRS: FloatArray = signal.butter(1, (13.0, 16.5), "bandpass", fs=RATE, output="sos")


@njit
def _section(sos: FloatArray, values: FloatArray) -> FloatArray:
    """Run one second-order section over a window, from rest."""
    out = np.empty_like(values)
    a = 0.0
    b = 0.0
    for i in range(values.size):
        x = values[i]
        y = sos[0] * x + a
        a = sos[1] * x - sos[4] * y + b
        b = sos[2] * x - sos[5] * y
        out[i] = y
    return out


@njit
def _leakage(values: FloatArray) -> float:
    steps = np.abs(np.diff(values)).sum()
    half = math.floor(math.pi * np.abs(values).sum() / (steps + 1e-9) + 0.5)
    half = max(1, min(half, values.size - 1))
    over = 0.0
    under = 1e-9
    for i in range(half, values.size):
        over += abs(values[i] + values[i - half])
        under += abs(values[i]) + abs(values[i - half])
    return over / under


@njit
def _count(band: FloatArray) -> float:
    above = 0
    seconds = band.size // RATE
    for s in range(seconds):
        part = np.abs(band[s * RATE : (s + 1) * RATE])
        above += (part > part.mean()).sum()
    return above / (seconds * RATE)


@njit
def _visited(values: FloatArray) -> float:
    low = values.min()
    scale = (CELLS - 1e-3) / (values.max() - low + 1e-9)
    seen = np.zeros((CELLS, CELLS), np.uint8)
    for i in range(DELAY, values.size):
        seen[int((values[i - DELAY] - low) * scale), int((values[i] - low) * scale)] = 1
    return float(seen.sum() / (CELLS * CELLS))


@njit
def measures(window: FloatArray) -> FloatArray:
    """Return leakage, count, log band energy, log kurtosis and visited cells.

    Args:
        window: mV at 250 Hz, without baseline wander, shape (1250,).

    Returns:
        shape (5,).
    """
    smooth = _section(_LOW[0], window)
    smooth = smooth - smooth.mean()
    band = _section(_QRS[0], smooth)
    power = (smooth * smooth).mean() + 1e-9
    energy = (band * band).mean() / power
    kurtosis = (smooth**4).mean() / (power * power)
    return np.array(
        [
            _leakage(smooth),
            _count(band),
            math.log(energy + 1e-6),
            math.log(kurtosis + 1e-6),
            _visited(smooth),
        ]
    )


def probability(window: FloatArray) -> float:
    """Return how likely a window (mV at 250 Hz, shape (1250,)) shows fibrillation or flutter."""
    span_mv = float(np.ptp(window))
    if not LOWEST_MV <= span_mv < math.inf:  # compiled code must not be led by what is no number
        return 0.0
    score = INTERCEPT + float(np.dot(WEIGHTS, measures(window)))
    return 1.0 / (1.0 + math.exp(-score))


def beats_regularly(window: FloatArray) -> bool:
    """Tell whether a window (mV at 250 Hz, shape (1250,)) shows distinct, regular complexes."""
    smooth = _section(_LOW[0], window)
    return is_regular(smooth - smooth.mean())


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

    def on_second(
        self, second: Samples, usable: npt.NDArray[np.bool_], n: int, out: Conditions
    ) -> None:
        """Take one second of signal.

        Args:
            second: mV at 250 Hz without baseline wander, shape (n_leads, 250).
            usable: leads that can be judged, shape (n_leads,).
            n: sample index (device rate) one past it.
            out: takes the condition ``vf``.
        """
        if not self.usable:
            self.window = np.zeros((len(second), WINDOW), np.float32)
            self.usable = [0] * len(second)
        self.window = np.concatenate([self.window[:, RATE:], second], axis=1)
        self.usable = [
            min(count + 1, WINDOW_S) if good else 0
            for count, good in zip(self.usable, usable.tolist(), strict=True)
        ]
        judged = [i for i, count in enumerate(self.usable) if count == WINDOW_S]
        if not judged:
            self.streak = 0
            return
        windows = [self.window[i].astype(np.float64) for i in judged]
        chance = min(probability(window) for window in windows)
        present = self.onset is not None
        if chance > self.limits.off:
            regular = [beats_regularly(window) for window in windows]
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
