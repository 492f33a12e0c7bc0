"""Features of the RR intervals before and after a beat.

Sources:
    RR context: de Chazal 2004, doi:10.1109/TBME.2004.827359, with the mean over five minutes as
    Llamedo and Martinez 2011, doi:10.1109/TBME.2010.2068048, use it.
    Sample entropy of RR intervals: Lake and Moorman 2011, doi:10.1152/ajpheart.00561.2010.
"""

# Compiled functions: their argument types are arrays and records that numba infers.
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import math

import numpy as np

from ecg_monitor.core.compiled import njit
from models.beats.features.measures import clip, log_ratio
from models.beats.features.state import BUCKET, BUCKETS, FS, IRREGULAR, NEXT_LIMIT, RRS


@njit
def five_minute_mean(state, k):
    """Return the mean of the RR intervals that ended in the last five minutes, s; 0 if none."""
    oldest = k // BUCKET - BUCKETS
    total = 0.0
    count = 0
    for i in range(BUCKETS):
        if state.bucket_n[i] > 0 and state.bucket[i] > oldest:
            total += state.bucket_sum[i]
            count += state.bucket_n[i]
    return total / count if count > 0 else 0.0


@njit
def note_rr(state, k, rr):
    """Take an RR interval that ended at ``k`` into the state."""
    state.rr[state.n_rr % RRS] = rr
    state.n_rr += 1
    place = (k // BUCKET) % BUCKETS
    if state.bucket_n[place] == 0 or state.bucket[place] != k // BUCKET:
        state.bucket[place] = k // BUCKET
        state.bucket_sum[place] = 0.0
        state.bucket_n[place] = 0
    state.bucket_sum[place] += rr
    state.bucket_n[place] += 1


@njit
def rr_features(state, k, rr, following, out):
    """Fill the RR columns; ``rr`` and ``following`` in s, 0 when unknown."""
    known = state.n_rr
    mean = five_minute_mean(state, k)
    if mean == 0.0:
        mean = rr if rr > 0.0 else (following if following > 0.0 else 0.8)
    has_rr = rr > 0.0
    has_next = following > 0.0
    if not has_rr:
        rr = mean
    if not has_next:
        following = max(mean, NEXT_LIMIT / FS)
    n = min(known, IRREGULAR)
    recent = np.empty(IRREGULAR)
    for i in range(n):  # newest first
        recent[i] = state.rr[(known - 1 - i) % RRS]
    n10 = min(n, 10)
    mean10 = 0.0
    for i in range(n10):
        mean10 += recent[i]
    mean10 = mean10 / n10 if n10 > 0 else mean
    last = recent[0] if n > 0 else rr
    out[0] = log_ratio(rr, mean)
    out[1] = log_ratio(following, mean)
    out[2] = 1.0 if has_rr else 0.0
    out[3] = 1.0 if has_next else 0.0
    out[4] = log_ratio(rr, mean10)
    out[5] = log_ratio(following, mean10)
    out[6] = log_ratio(rr, last)
    out[7] = log_ratio(following, rr)
    out[8] = min(rr, 2.5)
    out[9] = min(mean, 2.5)
    out[10] = log_ratio(mean10, mean)
    out[11] = log_ratio(last, mean)
    out[12] = log_ratio(recent[1], mean) if n > 1 else out[11]
    out[13] = log_ratio(recent[2], mean) if n > 2 else out[12]
    out[14] = log_ratio(rr + following, 2.0 * mean)
    out[15] = out[0]
    out[16] = out[0]
    out[17:29] = 0.0
    out[29] = n / IRREGULAR
    out[30] = out[0]
    out[31] = out[1]
    out[32] = 0.0
    if n >= 3:
        out[15] = log_ratio(rr, np.median(recent[: min(n, 8)]))
    if n >= 8:
        _irregularity(recent, n, rr, following, mean, out)
    return mean, mean10


@njit
def _irregularity(recent, n, rr, following, mean, out):
    """Fill the RR columns that need 8 intervals and more."""
    middle = np.median(recent[:n])
    out[16] = log_ratio(rr, middle)
    change = np.abs(recent[1:n] - recent[: n - 1])
    change_2 = np.abs(recent[2:n] - recent[: n - 2])
    average = recent[:n].mean()
    out[17] = min(change.mean() / average, 1.0)
    out[18] = min(np.median(change) / middle, 1.0)
    out[19] = min(math.sqrt((change * change).mean()) / average, 1.5)
    large = 0
    for value in change:
        if value > 0.1 * average:
            large += 1
    out[20] = large / len(change)
    out[21] = min(np.median(change_2) / middle, 1.0)
    out[22] = _entropy(recent, n, average)
    out[23] = min(recent[:n].std() / average, 1.0)
    shorter = 0
    early = 0
    very = 0
    early8 = 0
    near = 1.0
    for i in range(n):
        if recent[i] < rr:
            shorter += 1
        if recent[i] < 0.87 * mean:
            early += 1
            if i < 8:
                early8 += 1
        if recent[i] < 0.75 * mean:
            very += 1
        if i < 8:
            near = min(near, abs(recent[i] - rr) / max(rr, 0.1))
    out[24] = shorter / n
    out[25] = early / n
    out[26] = early8 / 8.0
    out[27] = very / n
    out[28] = near
    ordered = np.sort(recent[:n])
    upper = ordered[4 * n // 5]
    out[30] = log_ratio(rr, upper)
    out[31] = log_ratio(following, upper)
    out[32] = log_ratio(upper, ordered[n // 5])


@njit
def _entropy(recent, n, average):
    """Return the coefficient of sample entropy (m = 1, r = 40 ms) of the last RR intervals."""
    pairs = 0
    triples = 0
    for i in range(n - 1):
        for j in range(i + 1, n - 1):
            if abs(recent[i] - recent[j]) < 0.04:
                pairs += 1
                if abs(recent[i + 1] - recent[j + 1]) < 0.04:
                    triples += 1
    value = math.log((pairs + 1.0) / (triples + 1.0)) + math.log(0.08) - math.log(average)
    return clip(value, -5.0, 1.0)
