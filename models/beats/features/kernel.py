"""Describes beats one after the other against the running state of their lead.

Sums run in a fixed order in double precision, so the same beats give the same bits however they
are batched.
"""

# Compiled functions: their argument types are arrays and records that numba infers.
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import lent, njit
from models.beats.columns import (
    HIDDEN_FEATURES,
    N_FEATURES,
    P_FEATURES,
    P_MATCH_FEATURES,
    QRS_FEATURES,
    RR_FEATURES,
    SHAPE_FEATURES,
)
from models.beats.features.clusters import learn, own_cluster, shape_features
from models.beats.features.late import hidden_features, late_features, learn_late
from models.beats.features.p_wave import p_features
from models.beats.features.rr import note_rr, rr_features
from models.beats.features.shape import centre, qrs_features, shape_of
from models.beats.features.state import EARLY, FS, NEXT_LIMIT, PRE, SHAPE


@njit
def describe(
    states: npt.NDArray[Any],
    slots: npt.NDArray[np.int64],
    windows: npt.NDArray[np.float32],
    peaks: npt.NDArray[np.int64],
    before: npt.NDArray[np.int64],
    after: npt.NDArray[np.int64],
    features: npt.NDArray[np.float32],
) -> None:
    """Describe beats one after the other, and let each become part of what follows is held against.

    Args:
        states: CONTEXT records.
        slots: which record each beat belongs to, shape (n,).
        windows: signal in mV at `FS`, R peak at `PRE`, shape (n, WINDOW).
        peaks: R peaks in samples of the device's clock, shape (n,).
        before: R peak before each in the same unbroken stretch, -1 if there is none.
        after: R peak after each if known, -1 if not; beyond `NEXT_LIMIT` it counts as unknown.
        features: filled, shape (n, N_FEATURES).
    """
    states, windows, features = lent(states), lent(windows), lent(features)
    shape = np.empty(SHAPE)
    n_rr, n_p = len(RR_FEATURES), len(P_FEATURES) + len(P_MATCH_FEATURES)
    p_from, qrs_from = n_rr, n_rr + n_p
    shape_from = qrs_from + len(QRS_FEATURES)
    late_from = shape_from + len(SHAPE_FEATURES)
    hidden_from = N_FEATURES - len(HIDDEN_FEATURES)
    for b in range(len(slots)):
        state = states[slots[b]]
        out = features[b]
        k = peaks[b]
        rr = (k - before[b]) / FS if before[b] >= 0 else 0.0
        following = 0.0
        if after[b] >= 0 and after[b] - k <= NEXT_LIMIT:
            following = (after[b] - k) / FS
        mean, mean10 = rr_features(state, k, rr, following, out[:n_rr])
        middle = PRE + centre(windows[b])
        shape_of(windows[b], middle, shape)
        spread, peak = qrs_features(windows[b], middle, shape, out[qrs_from:shape_from])
        p_match = p_features(state, shape, peak, out[qrs_from + 11], out[p_from:qrs_from])
        own, own_corr = own_cluster(state, shape)
        match, width = shape_features(
            state, shape, spread, peak, own, own_corr, out[shape_from:late_from]
        )
        rest = late_features(state, shape, peak, out[late_from:hidden_from])
        hidden_features(state, peak, rr, out[hidden_from:])
        learn_late(state, shape, rr, mean, match, out[late_from], rest)
        regular = rr > EARLY * mean10 or rr == 0.0
        learn(state, shape, own, out[0], out[1], spread, peak, regular, p_match)
        state.last_match = match
        state.last_width = width
        if rr > 0.0:
            note_rr(state, k, rr)
