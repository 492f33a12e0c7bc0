"""A recording's signal as the waveform rules see it: seconds of 250 Hz without baseline wander.

For fitting and scoring offline. It follows the engine (`detector.engine.resample`,
`detector.engine.filters`) closely, not bit by bit.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy import signal

from detector.engine.filters import HIGH, HIGH_REST
from detector.rhythm.waveform.fibrillation import RATE
from ecg_monitor.records import Recording

Seconds = npt.NDArray[np.float32]


def seconds_of(recording: Recording) -> tuple[Seconds, Seconds]:
    """Return whole seconds of all leads; samples without a value count as 0 mV.

    Returns:
        the signal in mV at 250 Hz as it came, and without baseline wander; each of shape
        (n_seconds, n_leads, 250).
    """
    gain = np.array(recording.gain)[:, None]
    baseline = np.array(recording.baseline)[:, None]
    values = np.where(recording.valid(), (recording.samples - baseline) / gain, 0.0)
    ratio = Fraction(RATE) / Fraction(recording.fs).limit_denominator(1000)
    if ratio != 1:
        values = signal.resample_poly(values, ratio.numerator, ratio.denominator, axis=1)
    rest = HIGH_REST[:, None, :] * values[None, :, :1]
    wide, _ = signal.sosfilt(HIGH, values, axis=1, zi=rest)
    return _cut(values), _cut(wide)


def _cut(values: npt.NDArray[np.float64]) -> Seconds:
    n_leads, n_samples = values.shape
    whole = n_samples // RATE
    cut = values[:, : whole * RATE].reshape(n_leads, whole, RATE)
    return cut.transpose(1, 0, 2).astype(np.float32)
