# mypy: allow-untyped-calls
"""The level of the J point of each of twelve leads, from the average of a window's normal beats.

The J point is the end of the QRS complex that the leads have in common (`detector.delineation`);
its level is held against that just ahead of the complex, as the Fourth Universal Definition of
Myocardial Infarction measures ST elevation (Thygesen et al., Circulation 138:e618-e651, 2018,
doi:10.1161/CIR.0000000000000617). No filter bends the ST segment: what baseline wander does within
a beat comes off by a line through the levels ahead of its complex and the next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from detector.delineation.intervals import CONFIRMED, ISOELECTRIC, earliest, latest
from detector.delineation.state import AVERAGE, AVERAGE_BEFORE
from detector.delineation.waves import MARKS, QRS_OFF, QRS_ON, delineate
from detector.engine.resample import FS
from models.diagnosis.leads import STANDARD, FloatArray

LEAST_BEATS = 4
"""An average of fewer beats is not measured: ten seconds at 30 bpm have five, less one at an
edge."""
QRS_HALF, SHIFT = 25, 6
"""Beats are laid upon one another by 100 ms around the R peak, moved by up to 24 ms: leads take
turns in telling the R peak."""
KNOT = slice(AVERAGE_BEFORE - 25, AVERAGE_BEFORE - 15)
"""The level ahead of a QRS complex: the mean from 100 to 60 ms before its R peak."""
AFTER_J = slice(0, 3)
"""Samples after the J point whose mean is its level: 8 ms."""
LIKE = 0.8
"""Correlation with the window's usual QRS complex from which a beat is of its kind."""


@dataclass(frozen=True, slots=True)
class StLevels:
    """J points of one window.

    Attributes:
        qrs_ms: width of the QRS complex over all leads.
        levels: mV by lead, of those that could be measured.
    """

    qrs_ms: float
    levels: Mapping[str, float]


def st_levels(signal: FloatArray, fs: float, peaks: Sequence[int]) -> StLevels | None:
    """Measure the J points of a window; None: it has too few beats that are alike.

    Args:
        signal: mV in the order of `STANDARD`, NaN where there is no value, shape (12, n).
        fs: sampling rate, Hz.
        peaks: R peaks of normal beats, samples of ``signal``.
    """
    from scipy.signal import resample_poly  # noqa: PLC0415  # slow to load

    whole = np.array([bool(np.isfinite(row).all()) for row in signal])
    if not whole.any() or len(peaks) < LEAST_BEATS:
        return None
    ratio = Fraction(FS / fs).limit_denominator(1000)
    rows = signal[whole]
    if ratio != 1:
        rows = resample_poly(rows, ratio.numerator, ratio.denominator, axis=-1, padtype="line")
    at = [round(peak * FS / fs) for peak in peaks]
    beats = _beats(rows, at)
    if len(beats) < LEAST_BEATS:
        return None
    average = np.median(beats, axis=0)
    rr = int(np.median(np.diff(at)))
    marks, heights = np.empty((len(average), len(MARKS))), np.empty(len(average))
    for i, row in enumerate(average):
        heights[i] = delineate(np.ascontiguousarray(row), AVERAGE_BEFORE, rr, rr, marks[i])
    on = earliest(marks[:, QRS_ON], heights, CONFIRMED)
    off = latest(marks[:, QRS_OFF], heights, CONFIRMED)
    if np.isnan(on) or np.isnan(off):
        return None
    first, j = round(on), round(off)
    low, high = (max(0, first + edge) for edge in ISOELECTRIC)
    levels = average[:, j + AFTER_J.start : j + AFTER_J.stop].mean(axis=1)
    levels = levels - average[:, low:high].mean(axis=1)
    names = [name for name, there in zip(STANDARD, whole.tolist(), strict=True) if there]
    found = {name: round(float(level), 3) for name, level in zip(names, levels, strict=True)}
    return StLevels(round(1000 * (off - on) / FS, 1), found)


def _beats(rows: FloatArray, peaks: Sequence[int]) -> FloatArray:
    """Return the beats that are alike, laid upon one another, (beats, leads, AVERAGE)."""
    n = rows.shape[1]
    inside = [
        (peak, following)
        for peak, following in zip(peaks, [*peaks[1:], 0], strict=True)
        if peak - AVERAGE_BEFORE - SHIFT >= 0 and peak - AVERAGE_BEFORE + AVERAGE + SHIFT <= n
    ]
    if len(inside) < LEAST_BEATS:
        return np.empty((0, len(rows), AVERAGE))
    cut = np.stack([_cut(rows, peak) for peak, _ in inside])
    around = slice(AVERAGE_BEFORE - QRS_HALF, AVERAGE_BEFORE + QRS_HALF + 1)
    usual = _about_mean(np.median(cut[:, :, around], axis=0))
    found = []
    for peak, following in inside:
        likeness, moved = max(
            (_likeness(_about_mean(_cut(rows, peak + by)[:, around]), usual), by)
            for by in range(-SHIFT, SHIFT + 1)
        )
        if likeness >= LIKE:
            beat = _cut(rows, peak + moved)
            found.append(beat - _line(rows, peak + moved, following))
    return np.stack(found) if found else np.empty((0, len(rows), AVERAGE))


def _cut(rows: FloatArray, peak: int) -> FloatArray:
    return rows[:, peak - AVERAGE_BEFORE : peak - AVERAGE_BEFORE + AVERAGE]


def _about_mean(part: FloatArray) -> FloatArray:
    centred: FloatArray = part - part.mean(axis=1, keepdims=True)
    return centred


def _likeness(one: FloatArray, other: FloatArray) -> float:
    size = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / size if size > 0 else -1.0


def _line(rows: FloatArray, peak: int, following: int) -> FloatArray:
    """Return the line through the levels ahead of a QRS complex and the next, (leads, AVERAGE)."""
    here = _cut(rows, peak)[:, KNOT].mean(axis=1)
    ahead = slice(following - AVERAGE_BEFORE + KNOT.start, following - AVERAGE_BEFORE + KNOT.stop)
    if following <= peak or ahead.start < 0:
        return np.repeat(here[:, None], AVERAGE, axis=1)
    slope = (rows[:, ahead].mean(axis=1) - here) / (following - peak)
    middle = (KNOT.start + KNOT.stop) / 2
    line: FloatArray = here[:, None] + slope[:, None] * (np.arange(AVERAGE) - middle)
    return line
