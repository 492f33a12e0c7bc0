"""Features of a beat's own waves: QRS complex, ST segment, T wave, noise."""

# Compiled functions: their argument types are arrays and records that numba infers.
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import math

import numpy as np

from ecg_monitor.core.compiled import njit
from models.beats.features.measures import TINY, clip, extent
from models.beats.features.state import (
    ALIGN,
    ALIGN_MOST,
    FS,
    PRE,
    QRS_A,
    QRS_B,
    SHAPE,
    SHAPE_PRE,
    WINDOW,
)


@njit
def centre(window):
    """Return the offset in samples of the middle of the QRS slopes from the R peak.

    R peaks are placed on different waves of one complex by different detectors, and by one
    detector in noise; the middle of the slopes hardly moves.
    """
    weight = TINY
    centre = 0.0
    for i in range(-ALIGN, ALIGN + 1):
        slope = window[PRE + i + 1] + window[PRE + i] - window[PRE + i - 1] - window[PRE + i - 2]
        weight += slope * slope
        centre += slope * slope * i
    middle = centre / weight
    return round(clip(middle, -ALIGN_MOST, ALIGN_MOST)) if math.isfinite(middle) else 0


@njit
def shape_of(window, centre, shape):
    """Bring a window to 125 Hz by averaging pairs, about its level before the QRS complex."""
    for i in range(SHAPE):
        j = centre + 2 * (i - SHAPE_PRE)
        shape[i] = 0.5 * window[j] + 0.25 * (window[j - 1] + window[j + 1])
    level = 0.0
    for i in range(SHAPE_PRE - 20, SHAPE_PRE - 10):
        level += shape[i]
    level /= 10.0
    for i in range(SHAPE):
        shape[i] -= level


@njit
def _repolarisation(shape, peak, sign, out):
    """Fill the columns of T wave, ST level and level before; returns the sum of the latter."""
    t_low, t_high = extent(shape, SHAPE_PRE + 18, SHAPE_PRE + 52)
    t_area = 0.0
    for i in range(SHAPE_PRE + 18, SHAPE_PRE + 52):
        t_area += shape[i]
    out[7] = clip(sign * t_area / (34.0 * peak), -1.5, 1.5)
    out[8] = clip((t_high - t_low) / peak, 0.0, 2.0)
    st = 0.0
    for i in range(SHAPE_PRE + 12, SHAPE_PRE + 16):
        st += shape[i]
    out[9] = clip(sign * st / (4.0 * peak), -1.5, 1.5)
    before = 0.0
    for i in range(5):
        before += shape[i]
    out[10] = clip(sign * before / (5.0 * peak), -1.5, 1.5)
    return before


@njit
def qrs_features(window, middle, shape, out):
    """Fill the QRS columns; returns the spread of the QRS slopes in s and peak-to-peak in mV."""
    first, end = middle - 30, middle + 31
    slopes = np.empty(end - first)
    top = 0.0
    for i in range(first, end):
        # Slope over 12 ms: differentiates, and damps mains hum and muscle noise.
        slope = abs(window[i + 1] + window[i] - window[i - 1] - window[i - 2]) * 0.25
        slopes[i - first] = slope
        top = max(top, slope)
    weight = TINY
    centre = 0.0
    energy = 0.0
    for i in range(len(slopes)):
        power = slopes[i] * slopes[i]
        weight += power
        centre += power * i
    centre /= weight
    spread = 0.0
    for i in range(len(slopes)):
        spread += slopes[i] * slopes[i] * (i - centre) * (i - centre)
    spread = math.sqrt(spread / weight) / FS
    out[0] = spread * 20.0
    for column, part in ((1, 0.15), (2, 0.4)):
        a = 0
        while a < len(slopes) and slopes[a] < part * top:
            a += 1
        b = len(slopes) - 1
        while b > a and slopes[b] < part * top:
            b -= 1
        out[column] = (b - a) / FS * 5.0
    low, high = extent(shape, QRS_A, QRS_B)
    peak = max(high - low, 0.01)
    area = 0.0
    for i in range(QRS_A, QRS_B):
        area += shape[i]
        energy += shape[i] * shape[i]
    out[3] = clip(math.log((weight + 1e-7) / (energy + 1e-6)), -8.0, 2.0)
    out[4] = min(top / peak, 1.0) * 5.0
    out[5] = clip(high / peak, -1.0, 2.0)
    out[6] = clip(area / (peak * (QRS_B - QRS_A)), -1.0, 1.0)
    before = _repolarisation(shape, peak, 1.0 if high > -low else -1.0, out)
    noise = 0.0
    count = 0
    for i in range(2, WINDOW - 2):
        if abs(i - middle) > 30:
            bend = window[i - 2] - 2.0 * window[i] + window[i + 2]
            noise += min(bend * bend, 0.25 * peak * peak)
            count += 1
    out[11] = clip(math.log(math.sqrt(noise / count) / peak + 1e-3), -7.0, 2.0)
    after = 0.0
    for i in range(SHAPE - 5, SHAPE):
        after += shape[i]
    out[12] = clip(abs(after - before) / (5.0 * peak), 0.0, 3.0)
    return spread, peak
