"""Distinct, regular complexes: what repeats like that is no fibrillation.

A heart of 230 to 260 beats per minute (an infant's, a supraventricular tachycardia), or one with
very wide QRS complexes, fills the window as fibrillation does. But its complexes return after one
interval, all alike, and stand out of what lies between them: the signal five seconds long is very
like itself moved by a cycle, and its steepest slope in a cycle is several times the mean one. A
sine has 1.6 times. Fibrillation does not repeat so well, flutter is no steeper anywhere.

Measured on the fibrillation and flutter of the MIT-BIH Malignant Ventricular Ectopy Database and
of DS1 that the measures of `detector.rhythm.waveform.fibrillation` find: both together in less
than 1 % of 950 windows, and of one more recording (430, annotated as flutter throughout, with
narrow complexes in places) in 4 %. Synthetic tachycardia of 200 to 280 bpm with QRS complexes of
up to 80 ms has 0.95 and 3.4 or more, complexes of up to 280 ms at 60 to 110 bpm 0.97 and 2.7.

Limitation: nothing is said of cycles of 320 to 500 ms, where ventricular tachycardia lies.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import njit

FloatArray = npt.NDArray[np.float64]

RATE = 250
SHORTEST, LONGEST = 45, 390
"""Cycles that are looked for, samples: 333 to 38 bpm."""
NEAREST = 0.9
"""The cycle is the shortest whose likeness reaches this part of the best one's."""
ALIKE = 0.92
"""Correlation of the signal with itself, a cycle later, from which it is regular."""
FAST, FAST_STEEP = 80, 3.2
"""Longest cycle of a fast rhythm (188 bpm), samples, and the slope that it must have."""
SLOW, SLOW_STEEP = 125, 2.6
"""Shortest cycle that is slower than any flutter (120 bpm), samples, and its slope."""


@njit
def is_regular(window: FloatArray) -> bool:
    """Tell whether a window shows distinct complexes that return at one interval.

    Args:
        window: mV at 250 Hz without baseline wander, smoothed (below about 30 Hz), without its
            mean, shape (n,), ``n`` at least 1000.
    """
    cycle = _cycle(window)
    if cycle == 0 or FAST < cycle < SLOW:
        return False
    return steepness(window, cycle) >= (FAST_STEEP if cycle <= FAST else SLOW_STEEP)


@njit
def steepness(window: FloatArray, cycle: int) -> float:
    """Return the steepest slope of a cycle against its mean slope, median over all cycles."""
    slopes = np.abs(window[2:] - window[:-2])
    count = slopes.size // cycle
    ratios = np.empty(count)
    for i in range(count):
        part = slopes[i * cycle : (i + 1) * cycle]
        ratios[i] = part.max() / (part.mean() + 1e-9)
    return float(np.median(ratios))


@njit
def _cycle(window: FloatArray) -> int:
    """Return the interval at which the window repeats, samples; 0: it does not."""
    n = window.size
    squares = np.zeros(n + 1)
    for i in range(n):
        squares[i + 1] = squares[i] + window[i] * window[i]
    alike = np.zeros(LONGEST + 2)
    best = 0.0
    for lag in range(SHORTEST - 1, LONGEST + 2):
        product = (window[: n - lag] * window[lag:]).sum()
        energy = squares[n - lag] * (squares[n] - squares[lag])
        alike[lag] = product / math.sqrt(energy) if energy > 1e-12 else 0.0
        if SHORTEST <= lag <= LONGEST:
            best = max(best, alike[lag])
    for lag in range(SHORTEST, LONGEST + 1):
        peak = alike[lag] >= alike[lag - 1] and alike[lag] >= alike[lag + 1]
        if peak and alike[lag] >= NEAREST * best:
            return lag if alike[lag] >= ALIKE else 0
    return 0
