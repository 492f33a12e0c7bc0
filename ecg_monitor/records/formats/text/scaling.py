"""Values of a table as int16, in steps that single impossible cells do not coarsen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.format.ranges import OFFSET_MV
from ecg_monitor.core.types import Int16Array
from ecg_monitor.records.recording import to_int16

_STEPS_PER_MV = 1000.0
"""Steps of 1 µV: IEC 60601-2-25 allows an electrocardiograph steps of 5 µV."""
_WIDEST = 65_000.0
"""Steps that int16 holds, with some to spare."""
_USUAL = 0.05, 99.95
"""Percentiles between which the usual values lie."""
_REACH = 8.0
"""Spans of the usual values, on both sides of them, that are believed: an artefact or a paced
beat stands out by less, and a cell with a digit too many by more."""

_LEAST_REACH_MV = 16.0
"""What is always believed around the usual values, mV: beats that are few in a flat signal."""

_REPEATS = 3
"""So often a code for a missing value stands in a table: one cell may be an artefact."""
_CODE_MV = 90.0
"""Least distance of such a code from the other values, mV; 99 is the smallest that is in use."""


def scaled(
    values: npt.NDArray[np.float32], per_mv: float
) -> tuple[Int16Array, float, float, npt.NDArray[np.bool_], int]:
    """Bring a lead into int16.

    Args:
        values: in the table's unit, shape (n,); not finite where there is none.
        per_mv: how many of the unit make 1 mV.

    Returns:
        Samples (int16, shape (n,)), gain (units per mV) and baseline that belong to them, which
        of them have a value (shape (n,)), and how many cells were left out as impossible.
    """
    valid = np.isfinite(values)
    good = values[valid]
    left_out = 0
    if not good.size:
        return to_int16(values, valid, _STEPS_PER_MV, 0.0)[0], _STEPS_PER_MV, 0.0, valid, 0
    believed = _no_codes(good, per_mv)
    if not believed.all():
        left_out = int((~believed).sum())
        valid[valid] = believed
        good = good[believed]
    factor, offset = _coding(good, per_mv)
    if float(good.max()) * factor - float(good.min()) * factor > _WIDEST:
        low, high = (float(one) for one in np.percentile(good, _USUAL))
        reach = max(_REACH * (high - low), _LEAST_REACH_MV * per_mv)
        believed = (values >= low - reach) & (values <= high + reach)
        left_out += int(valid.sum() - (valid & believed).sum())
        valid &= believed
    samples, gain, baseline = to_int16(
        (values - np.float32(offset)) * np.float32(factor), valid, per_mv * factor, 0.0
    )
    return samples, gain, baseline, valid, left_out


def _no_codes(good: npt.NDArray[np.float32], per_mv: float) -> npt.NDArray[np.bool_]:
    """Return which values are no code for a missing one, such as -999, shape as ``good``.

    A code is the lowest or the highest value, stands there more than once, and is further from
    the others than an ECG reaches.
    """
    believed = np.ones(good.shape, np.bool_)
    for code in (float(good.min()), float(good.max())):
        is_code = good == code
        rest = good[believed & ~is_code]
        if is_code.sum() < _REPEATS or rest.size < good.size / 2:
            continue
        low, high = (float(one) for one in np.percentile(rest, _USUAL))
        reach = max(_REACH * (high - low), _CODE_MV * per_mv)
        if low < high and max(low - code, code - high) > reach:
            believed &= ~is_code
    return believed


def _coding(good: npt.NDArray[np.float32], per_mv: float) -> tuple[float, float]:
    """Return what values are multiplied by, and what is taken from them before.

    Counts of a converter stay as they are, and those that lie where no electrode's offset is are
    moved by their median. All others are brought to steps of 1 µV.
    """
    steps = _STEPS_PER_MV / per_mv
    low, high = (float(one) for one in np.percentile(good, _USUAL))
    if (high - low) * steps > _WIDEST and bool((good[:10_000] % 1 == 0).all()):
        # Whole numbers over a range that is no ECG's in mV.
        middle = float(np.median(good))
        return 1.0, middle if abs(middle) > OFFSET_MV * per_mv else 0.0
    # Volts that are called millivolts keep their shape.
    span = float(good.max()) - float(good.min())
    while 0 < span * steps < 100 and steps * per_mv < 1e9:
        steps *= 10
    return steps, 0.0
