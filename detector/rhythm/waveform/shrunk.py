"""A heart beat that has shrunk as a whole: the T wave with the QRS complex.

An electrode that dries out, another gain, a heart in an effusion: complexes become a tenth of what
they were, and are then no larger than a P wave. But all waves of the cycle shrink alike. A P wave
that is found in place of a complex stays as large as P waves were, and no T wave follows it. So
each lead remembers its mean cycle, and a beat vouches for itself where the complex and the T wave
are those of the mean, and of one size.

It asks more than likeness of the complex alone, which says nothing where QRS complexes are as wide
as P waves (a paced rhythm, bundle branch block): those are the hearts that stand still.

Limitation: where no T wave shows, or it is lost in noise, this says nothing; nor when its direction
has changed as well.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import njit

FloatArray = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

STEP = 2
"""Samples at 250 Hz that are averaged to one point."""
BEFORE, AFTER = 62, 98
"""Samples at 250 Hz on either side of an R peak that belong to the cycle (248 and 392 ms)."""
POINTS = (BEFORE + AFTER) // STEP
MIDDLE = BEFORE // STEP
COMPLEX = 13
"""Points on either side of an R peak that belong to its complex (104 ms)."""
SHIFT = 3
"""Points by which a cycle is moved: an R peak may be found on either wave of its complex."""
MARGIN = STEP * (SHIFT + 1)
"""Samples that are needed on either side of the cycle, too."""
LIKE, WAVE_LIKE = 0.8, 0.6
"""Least correlation of the complex, and of the T wave after it, with those of the mean cycle."""
LEAST, MOST = 0.5, 2.0
"""Bounds of the size of the T wave against the mean's, as a part of that of the complex."""
SHOWN = 0.05
"""Least rms of the mean T wave, without slope, against that of the mean complex. What the baseline
filter leaves after a wide complex, and after a P wave as well, has less."""
MEMORY = 8.0
"""The mean cycle is that of about so many beats, each with its own size: small ones count less."""
_NO_ENERGY = 1e-9


@njit
def cycle_at(row: Samples | FloatArray, peak: int) -> FloatArray:
    """Return the cycle around an R peak and `SHIFT` points more on either side.

    Args:
        row: mV at 250 Hz without baseline wander, with `BEFORE` + `MARGIN` samples ahead of
            ``peak`` and `AFTER` + `MARGIN` past it.
        peak: where the R peak is.

    Returns:
        mV, shape (POINTS + 2 * SHIFT,).
    """
    out = np.empty(POINTS + 2 * SHIFT)
    first = peak - BEFORE - STEP * SHIFT
    for i in range(out.size):
        out[i] = 0.5 * (float(row[first + STEP * i]) + float(row[first + STEP * i + 1]))
    return out


@njit
def _level(values: FloatArray) -> FloatArray:
    """Return values without the straight line that fits them best."""
    n = values.size
    middle = (n - 1) / 2.0
    mean = values.mean()
    slope = 0.0
    for i in range(n):
        slope += (i - middle) * (values[i] - mean)
    slope /= n * (n * n - 1) / 12.0
    out = np.empty(n)
    for i in range(n):
        out[i] = values[i] - mean - slope * (i - middle)
    return out


@njit
def _fit(part: FloatArray, mean: FloatArray) -> tuple[float, float]:
    """Return correlation and size of a part of a cycle against the same part of the mean one."""
    own = (part * part).sum()
    other = (mean * mean).sum()
    product = (part * mean).sum()
    if own < _NO_ENERGY or other < _NO_ENERGY:
        return 0.0, 0.0
    return product / math.sqrt(own * other), product / other


@njit
def is_whole(cycle: FloatArray, mean: FloatArray) -> bool:
    """Tell whether a beat's cycle is the mean one, of whatever size.

    Args:
        cycle: as of `cycle_at`.
        mean: mean cycle of the lead, shape (POINTS,).
    """
    first, last = MIDDLE - COMPLEX, MIDDLE + COMPLEX + 1
    usual = mean[first:last] - mean[first:last].mean()
    usual_wave = _level(mean[last:])
    if math.sqrt((usual_wave**2).mean()) < SHOWN * math.sqrt((usual**2).mean()):
        return False
    for start in range(2 * SHIFT + 1):
        part = cycle[start + first : start + last]
        like, size = _fit(part - part.mean(), usual)
        if like < LIKE:
            continue
        wave_like, wave_size = _fit(_level(cycle[start + last : start + POINTS]), usual_wave)
        if wave_like >= WAVE_LIKE and LEAST * size <= wave_size <= MOST * size:
            return True
    return False


@njit
def follow(cycle: FloatArray, mean: FloatArray, beats: int) -> None:
    """Let a mean cycle, changed in place, follow that of a beat; ``beats`` came before it."""
    share = 1.0 / min(MEMORY, beats + 1.0)
    for i in range(POINTS):
        mean[i] += share * (cycle[SHIFT + i] - mean[i])
