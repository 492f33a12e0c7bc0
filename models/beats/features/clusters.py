"""The shapes that prevail in a lead, and how a beat compares with them."""

# Compiled functions: their argument types are arrays and records that numba infers.
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import math

from ecg_monitor.core.compiled import njit
from models.beats.features.measures import TINY, best_correlation, correlation, log_ratio, residual
from models.beats.features.state import (
    CLUSTERS,
    FADE,
    QRS_A,
    QRS_B,
    SAME_SHAPE,
    SHAPE,
    SHAPE_PRE,
    SLOWEST,
)


@njit
def _normal_cluster(state):
    """Return the cluster with most beats that were not early: what is usual for this patient."""
    best = 0
    for c in range(1, CLUSTERS):
        if state.regular[c] > state.regular[best]:
            best = c
    return best


@njit
def own_cluster(state, shape):
    """Return the cluster of the same shape, or -1; and the best correlation found."""
    best = -1.0
    own = -1
    for c in range(CLUSTERS):
        if state.count[c] == 0.0:
            continue
        value, _ = best_correlation(shape, state.shape[c], QRS_A, QRS_B, 2)
        value = 0.7 * value + 0.3 * correlation(shape, state.shape[c], QRS_A, SHAPE_PRE + 52, 0)
        if value > best:
            best = value
            own = c
    if best < SAME_SHAPE:
        own = -1
    return own, best


@njit
def shape_features(state, shape, spread, peak, own, own_corr, out):
    """Fill the columns that compare the beat with the shapes seen before."""
    out[:] = 0.0
    out[21] = math.log(max(peak, 0.02))
    if state.n_beats == 0:
        out[2] = 1.0
        out[4] = 1.0
        return 1.0, 0.0
    normal = _normal_cluster(state)
    total = TINY
    shapes = 0
    for c in range(CLUSTERS):
        total += state.count[c]
        if state.count[c] >= 1.0:
            shapes += 1
    out[0] = log_ratio(peak, state.peak)
    out[1] = log_ratio(spread, state.width[normal])
    match, lag = best_correlation(shape, state.normal, QRS_A, QRS_B, 4)
    out[2] = match
    out[3] = lag / 4.0
    out[4] = correlation(shape, state.normal, QRS_A, SHAPE_PRE + 52, 0)
    out[5] = residual(shape, state.normal, QRS_A, QRS_B)
    out[6] = residual(shape, state.normal, SHAPE_PRE + 15, SHAPE_PRE + 52)
    out[7] = own_corr
    if own >= 0:
        out[8] = state.count[own] / total
        out[9] = state.regular[own] / state.count[own]
        out[10] = state.log_rr[own]
        out[11] = state.log_next[own]
        out[12] = log_ratio(state.width[own], state.width[normal])
        out[13] = 1.0 if own == normal else 0.0
    out[14] = best_correlation(shape, state.last, QRS_A, QRS_B, 3)[0]
    out[15] = 1.0 if own >= 0 and own == state.last_own else 0.0
    out[16] = state.last_match
    out[17] = state.last_width
    out[18] = state.width[normal] * 20.0
    out[19] = state.count[normal] / total
    out[20] = shapes / CLUSTERS
    return match, out[1]


@njit
def _new_cluster(state):
    """Give the place of the shape that was seen least."""
    own = 0
    for c in range(CLUSTERS):
        if state.count[c] < state.count[own]:
            own = c
    state.count[own] = 0.0
    state.regular[own] = 0.0
    return own


@njit
def learn(state, shape, own, rr_ratio, next_ratio, spread, peak, regular, p_match):
    """Take the beat into the running shapes."""
    for c in range(CLUSTERS):
        state.count[c] *= FADE
        state.regular[c] *= FADE
    if own < 0:
        own = _new_cluster(state)
    part = max(1.0 / (state.count[own] + 1.0), SLOWEST)
    if state.count[own] == 0.0:
        part = 1.0
    for i in range(SHAPE):
        state.shape[own, i] += part * (shape[i] - state.shape[own, i])
    state.log_rr[own] += part * (rr_ratio - state.log_rr[own])
    state.log_next[own] += part * (next_ratio - state.log_next[own])
    state.width[own] += part * (spread - state.width[own])
    state.count[own] += 1.0
    if regular:
        state.regular[own] += 1.0
    if state.n_beats == 0 or (regular and own == _normal_cluster(state)):
        part = max(1.0 / (state.n_normal + 1.0), SLOWEST)
        for i in range(SHAPE):
            state.normal[i] += part * (shape[i] - state.normal[i])
        if state.n_normal >= 3:
            state.p_match += max(1.0 / (state.n_normal - 2.0), SLOWEST) * (p_match - state.p_match)
        state.n_normal += 1
    part = max(1.0 / (state.n_beats + 1.0), SLOWEST)
    state.peak += part * (peak - state.peak)
    for i in range(SHAPE):  # as a slice, this would take numba a second more to compile
        state.last[i] = shape[i]
    state.last_own = own
    state.n_beats += 1
