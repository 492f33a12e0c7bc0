"""How fast a waveform repeats, when it is as wide as ventricular tachycardia makes it.

Counting complexes fails where they run into one another. Then the signal is nearly periodic: the
lag at which it resembles itself most (autocorrelation; Chen et al., IEEE Trans Biomed Eng
34:837-843, 1987, use its peaks to tell ventricular tachycardia) is one cycle. Narrow complexes are
kept out by their kurtosis: they stand far out of a signal that is otherwise near its mean.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import njit

FloatArray = npt.NDArray[np.float64]

SAMPLES = 750
"""3 s at 250 Hz."""
RATE = 125.0
"""The signal is looked at with every two samples of 250 Hz averaged."""
FASTEST_BPM, SLOWEST_BPM = 300.0, 100.0
ALIKE = 0.9
"""Autocorrelation from which the signal repeats."""
LOG_KURTOSIS = 1.0
"""Of a sine wave 0.4, of ventricular tachycardia up to 1, of sinus rhythm 1.5 to 3."""
LOWEST_MV = 0.15
"""Peak to peak: less shows nothing (IEC 60601-2-27's smallest QRS complex)."""
SHORTEST, LONGEST = int(60 * RATE / FASTEST_BPM), int(60 * RATE / SLOWEST_BPM)


@njit
def _alike(x: FloatArray, lag: int) -> float:
    both = 0.0
    early = 1e-9
    late = 1e-9
    for i in range(x.size - lag):
        both += x[i] * x[i + lag]
        early += x[i] * x[i]
        late += x[i + lag] * x[i + lag]
    return both / math.sqrt(early * late)


@njit
def cycle_bpm(values: FloatArray) -> float:
    """Return the rate at which a wide waveform repeats, bpm; 0 if it does not.

    Args:
        values: mV at 250 Hz without baseline wander, shape (750,).
    """
    n = values.size // 2
    x = np.empty(n)
    for i in range(n):
        x[i] = 0.5 * (values[2 * i] + values[2 * i + 1])
    if x.max() - x.min() < LOWEST_MV:
        return 0.0
    x = x - x.mean()
    power = (x * x).mean()
    if math.log((x**4).mean() / (power * power)) > LOG_KURTOSIS:
        return 0.0
    before = _alike(x, SHORTEST - 1)
    here = _alike(x, SHORTEST)
    for lag in range(SHORTEST, LONGEST + 1):
        after = _alike(x, lag + 1)
        if here >= ALIKE and here >= before and here > after:
            bend = before - 2 * here + after  # the top of a parabola through the three
            return 60.0 * RATE / (lag + 0.5 * (before - after) / bend)
        before = here
        here = after
    return 0.0
