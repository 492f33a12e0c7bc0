"""The P wave against those of beats that came late, and P waves hidden in the T wave before.

A beat that comes no earlier than the mean RR interval of the last minutes is hardly ever ectopic,
not even where ectopic beats are the majority: a mean is pulled up by the pauses between them. So
late beats, and not the most frequent ones, say what the sinus P wave looks like.
"""

# Compiled functions: their argument types are arrays and records that numba infers.
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import math

import numpy as np

from ecg_monitor.core.compiled import njit
from models.beats.features.measures import clip
from models.beats.features.p_wave import against_usual, detrended
from models.beats.features.state import LATE, LATE_ALIKE, LATE_SLOWEST, P_A, P_B, SHAPE, SHAPE_PRE


@njit
def late_features(state, shape, peak, out):
    """Fill the columns that hold the P wave against the late beats'; returns its unlikeness."""
    out[:] = 0.0
    if state.n_late < 2:
        return 0.0
    part = np.empty(P_B - P_A)
    detrended(shape, P_A, P_B, part)
    _, rest = against_usual(shape, part, state.late, peak, out[0:6])
    out[6] = state.late_match
    out[7] = out[0] - state.late_match
    out[8] = clip(math.log((rest + 1e-6) / (state.late_rest + 1e-6)), -4.0, 4.0)
    return rest


@njit
def hidden_features(state, peak, rr, out):
    """Fill the columns on what the T wave of the beat before has on it that it usually has not."""
    out[0] = 0.0
    out[1] = math.log(1e-3)
    if state.n_normal < 3 or rr <= 0.0:
        return
    first = SHAPE_PRE + 20
    end = min(SHAPE, SHAPE_PRE + int((rr - 0.07) * 125.0))
    if end <= first + 4:
        return
    level = 0.0
    for i in range(first, first + 4):
        level += (state.last[i] - state.normal[i]) / 4.0
    top = 0.0
    energy = 0.0
    for i in range(first, end):
        more = state.last[i] - state.normal[i] - level
        energy += more * more
        if abs(more) > abs(top):
            top = more
    out[0] = clip(top / peak, -0.6, 0.6) * 3.0
    out[1] = clip(math.log(math.sqrt(energy / (end - first)) / peak + 1e-3), -7.0, 1.0)


@njit
def learn_late(state, shape, rr, mean, alike, match, rest):
    """Take a beat into the late beats' running shape if it is one of them."""
    if alike < LATE_ALIKE or rr < LATE * mean:
        return
    part = max(1.0 / (state.n_late + 1.0), LATE_SLOWEST)
    for i in range(SHAPE):
        state.late[i] += part * (shape[i] - state.late[i])
    if state.n_late >= 2:
        part = max(1.0 / (state.n_late - 1.0), LATE_SLOWEST)
        state.late_match += part * (match - state.late_match)
        state.late_rest += part * (rest - state.late_rest)
    state.n_late += 1
