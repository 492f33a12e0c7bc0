"""Features of what lies before the QRS complex, against the P waves of the regular beats."""

# Compiled functions: their argument types are arrays and records that numba infers.
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import math

import numpy as np

from ecg_monitor.core.compiled import njit
from models.beats.features.measures import best_correlation, clip, correlation
from models.beats.features.state import P_A, P_B


@njit
def detrended(values, first, end, out):
    """Copy a part without the line through its ends (means of 3)."""
    a = (values[first] + values[first + 1] + values[first + 2]) / 3.0
    b = (values[end - 1] + values[end - 2] + values[end - 3]) / 3.0
    for i in range(first, end):
        out[i - first] = values[i] - a - (b - a) * (i - first) / (end - 1 - first)


@njit
def against_usual(shape, part, usual_shape, peak, out):
    """Fill six columns that compare a P wave with the usual one; returns likeness and residue.

    Args:
        shape: the beat's samples.
        part: its detrended P part.
        usual_shape: samples of the usual beat.
        peak: size of the beat's QRS complex.
        out: takes correlation, size and residue against the usual one, best correlation under a
            shift and that shift, size of the usual one against the QRS complex.
    """
    n = P_B - P_A
    usual = np.empty(n)
    detrended(usual_shape, P_A, P_B, usual)
    both = 0.0
    energy = 1e-6
    rest = 0.0
    top = 0.0
    for i in range(n):
        both += part[i] * usual[i]
        energy += usual[i] * usual[i]
        rest += (part[i] - usual[i]) * (part[i] - usual[i])
        top = max(top, abs(usual[i]))
    match = correlation(shape, usual_shape, P_A, P_B, 0)
    out[0] = match
    out[1] = clip(both / energy, -2.0, 3.0)
    out[2] = clip(math.log((rest + 1e-6) / energy), -4.0, 4.0)
    out[3], lag = best_correlation(usual_shape, shape, P_A + 2, P_B - 4, 4)
    out[4] = lag / 4.0
    out[5] = min(top / peak, 1.0) * 3.0
    return match, rest


@njit
def p_features(state, shape, peak, noise, out):
    """Fill the P columns: first those of the beat alone, then those against the regular beats."""
    n = P_B - P_A
    part = np.empty(n)
    detrended(shape, P_A, P_B, part)
    top = 0.0
    at = 0
    for i in range(n):
        if part[i] > top:
            top = part[i]
            at = i
        if -part[i] > top:
            top = -part[i]
            at = i
    out[0] = min(top / peak, 1.0) * 3.0
    out[1] = clip(math.log(top / peak + 1e-3) - noise, -4.0, 5.0)
    out[2] = at / n
    out[3] = clip(part[at] / peak, -0.5, 0.5) * 3.0
    out[4:11] = 0.0
    out[10] = state.p_match
    if state.n_normal < 3:
        return 0.0
    match, _ = against_usual(shape, part, state.normal, peak, out[4:10])
    return match
