"""Features of one beat on one lead, and the running state that they are measured against.

Compiled; everything that the compiled code depends on is in this file, because numba tells a
stale cache by the time stamp of the function's own file alone. Sums run in a fixed order in
double precision, so the same beats give the same bits however they are batched.

Sources:
    RR context: de Chazal 2004, doi:10.1109/TBME.2004.827359, with the mean over five minutes as
    Llamedo and Martinez 2011, doi:10.1109/TBME.2010.2068048, use it.
    Sample entropy of RR intervals: Lake and Moorman 2011, doi:10.1152/ajpheart.00561.2010.
"""

# Compiled functions: their argument types are arrays and records that numba infers.
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import math

import numba
import numpy as np

FS = 250.0
"""Sampling rate of what the models see, Hz."""
PRE = 128
"""Samples of the window before the R peak (0.512 s)."""
WINDOW = 320
"""Samples of the window (1.28 s); it ends 0.764 s after the R peak."""
NEXT_LIMIT = 275
"""The next R peak is looked at only if it comes within so many samples (1.1 s)."""
RRS = 64
"""RR intervals kept; 60 of them make the irregularity."""
IRREGULAR = 60
BUCKETS = 30
"""The five-minute mean is kept in buckets of `BUCKET` samples (10 s) on the device's own clock."""
BUCKET = 2500
SHAPE = 125
"""Samples of a kept shape: 125 Hz, from 0.4 s before to 0.6 s after the R peak."""
SHAPE_PRE = 50
CLUSTERS = 6
"""Shapes told apart at a time."""
SAME_SHAPE = 0.92
"""Correlation from which two beats have the same shape."""
FADE = 0.99
"""Weight that a beat keeps in the shares of shapes when the next one comes: 100 beats of memory."""
SLOWEST = 0.04
"""Least weight of a new beat in a running shape: 25 beats of memory."""
ALIGN, ALIGN_MOST = 30, 15
"""Reach of the search for the middle of the QRS complex, and how far shapes are moved for it."""
EARLY = 0.9
"""A beat is early when it comes before this part of the mean of the last ten RR intervals."""

QRS_A, QRS_B = SHAPE_PRE - 13, SHAPE_PRE + 14
"""The part of a shape that holds the QRS complex: about 0.1 s either side."""
P_A, P_B = SHAPE_PRE - 30, SHAPE_PRE - 7
"""The part of a shape that holds the P wave: 240 to 56 ms before the R peak."""

CONTEXT = np.dtype(
    [
        ("rr", "f8", (RRS,)),  # ring of RR intervals, s
        ("n_rr", "i8"),
        ("bucket", "i8", (BUCKETS,)),  # which ten seconds a bucket holds
        ("bucket_sum", "f8", (BUCKETS,)),  # of the RR intervals that ended in it, s
        ("bucket_n", "i8", (BUCKETS,)),
        ("n_beats", "i8"),
        ("shape", "f4", (CLUSTERS, SHAPE)),  # mean beat per cluster, mV
        ("count", "f8", (CLUSTERS,)),  # fading number of beats; 0: free
        ("regular", "f8", (CLUSTERS,)),  # fading number of beats that were not early
        ("log_rr", "f8", (CLUSTERS,)),  # running mean of log(RR / five-minute mean)
        ("log_next", "f8", (CLUSTERS,)),
        ("width", "f8", (CLUSTERS,)),  # running mean of the QRS spread, s
        ("normal", "f4", (SHAPE,)),  # mean of the regular beats of the prevailing shape, mV
        ("n_normal", "i8"),
        ("p_match", "f8"),  # running mean of how well P waves of regular beats agree
        ("peak", "f8"),  # running mean of peak-to-peak QRS, mV
        ("last", "f4", (SHAPE,)),  # the beat before, mV
        ("last_own", "i8"),  # its cluster
        ("last_match", "f8"),  # its correlation with `normal`
        ("last_width", "f8"),  # its log ratio of QRS spread
    ],
    align=True,
)
"""State of one lead of one device."""

RR_FEATURES = (
    "log_rr",
    "log_next",
    "has_rr",
    "has_next",
    "log_rr_10",
    "log_next_10",
    "log_rr_last",
    "log_next_rr",
    "rr",
    "mean_rr",
    "log_mean_10",
    "log_rr_1",
    "log_rr_2",
    "log_rr_3",
    "log_pair",
    "log_rr_median_8",
    "log_rr_median_60",
    "change_mean",
    "change_median",
    "change_rms",
    "change_large",
    "change_2_median",
    "entropy",
    "spread",
    "rank",
    "early_60",
    "early_8",
    "very_early_60",
    "like_recent",
    "maturity",
)
P_FEATURES = (
    "p_height",
    "p_snr",
    "p_position",
    "p_curve",
)
P_MATCH_FEATURES = (
    "p_corr",
    "p_gain",
    "p_residual",
    "p_best",
    "p_lag",
    "p_normal_height",
    "p_stable",
)
QRS_FEATURES = (
    "spread_qrs",
    "width_15",
    "width_40",
    "frequency",
    "slope",
    "upward",
    "area",
    "t_signed",
    "t_height",
    "st_level",
    "pre_level",
    "noise",
    "drift",
)
SHAPE_FEATURES = (
    "log_peak",
    "log_width_normal",
    "qrs_corr",
    "qrs_lag",
    "beat_corr",
    "qrs_residual",
    "t_residual",
    "own_corr",
    "own_share",
    "own_regular",
    "own_log_rr",
    "own_log_next",
    "own_width",
    "own_is_normal",
    "last_corr",
    "last_same",
    "last_match",
    "last_width",
    "normal_width",
    "normal_share",
    "n_shapes",
    "peak_mv",
)
FEATURES = RR_FEATURES + P_FEATURES + P_MATCH_FEATURES + QRS_FEATURES + SHAPE_FEATURES
"""Names of the columns that `describe` fills."""
N_FEATURES = len(FEATURES)

_TINY = 1e-9
_njit = numba.njit(cache=True, error_model="numpy")


@_njit
def _clip(value, low, high):
    return min(max(value, low), high)


@_njit
def _log_ratio(a, b):
    return _clip(math.log(max(a, 0.02) / max(b, 0.02)), -2.0, 2.0)


@_njit
def _corr(a, b, first, end, lag):
    """Correlation of ``a[first:end]`` with ``b`` moved by ``lag``; 0 when either is flat."""
    n = end - first
    mean_a = 0.0
    mean_b = 0.0
    for i in range(first, end):
        mean_a += a[i]
        mean_b += b[i + lag]
    mean_a /= n
    mean_b /= n
    aa = 0.0
    bb = 0.0
    ab = 0.0
    for i in range(first, end):
        u = a[i] - mean_a
        v = b[i + lag] - mean_b
        aa += u * u
        bb += v * v
        ab += u * v
    return ab / math.sqrt(aa * bb) if aa > _TINY and bb > _TINY else 0.0


@_njit
def _best_corr(a, b, first, end, reach):
    best = -2.0
    at = 0
    for step in range(2 * reach + 1):
        lag = (step + 1) // 2 * (1 if step % 2 else -1)
        value = _corr(a, b, first, end, lag)
        if value > best + 1e-12:
            best = value
            at = lag
    return best, at


@_njit
def _residual(a, b, first, end):
    """Energy of ``a - b`` against that of ``b`` about their means, as a bounded log."""
    n = end - first
    mean_a = 0.0
    mean_b = 0.0
    for i in range(first, end):
        mean_a += a[i]
        mean_b += b[i]
    mean_a /= n
    mean_b /= n
    rest = 0.0
    whole = 0.0
    for i in range(first, end):
        u = a[i] - mean_a
        v = b[i] - mean_b
        rest += (u - v) * (u - v)
        whole += v * v
    return _clip(math.log((rest + 1e-5) / (whole + 1e-5)), -5.0, 4.0)


@_njit
def _five_minute_mean(state, k):
    oldest = k // BUCKET - BUCKETS
    total = 0.0
    count = 0
    for i in range(BUCKETS):
        if state.bucket_n[i] > 0 and state.bucket[i] > oldest:
            total += state.bucket_sum[i]
            count += state.bucket_n[i]
    return total / count if count > 0 else 0.0


@_njit
def _note_rr(state, k, rr):
    state.rr[state.n_rr % RRS] = rr
    state.n_rr += 1
    place = (k // BUCKET) % BUCKETS
    if state.bucket_n[place] == 0 or state.bucket[place] != k // BUCKET:
        state.bucket[place] = k // BUCKET
        state.bucket_sum[place] = 0.0
        state.bucket_n[place] = 0
    state.bucket_sum[place] += rr
    state.bucket_n[place] += 1


@_njit
def _rr_features(state, k, rr, following, out):
    """Fill the RR columns; ``rr`` and ``following`` in s, 0 when unknown."""
    known = state.n_rr
    mean = _five_minute_mean(state, k)
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
    out[0] = _log_ratio(rr, mean)
    out[1] = _log_ratio(following, mean)
    out[2] = 1.0 if has_rr else 0.0
    out[3] = 1.0 if has_next else 0.0
    out[4] = _log_ratio(rr, mean10)
    out[5] = _log_ratio(following, mean10)
    out[6] = _log_ratio(rr, last)
    out[7] = _log_ratio(following, rr)
    out[8] = min(rr, 2.5)
    out[9] = min(mean, 2.5)
    out[10] = _log_ratio(mean10, mean)
    out[11] = _log_ratio(last, mean)
    out[12] = _log_ratio(recent[1], mean) if n > 1 else out[11]
    out[13] = _log_ratio(recent[2], mean) if n > 2 else out[12]
    out[14] = _log_ratio(rr + following, 2.0 * mean)
    out[15] = out[0]
    out[16] = out[0]
    out[17:29] = 0.0
    out[29] = n / IRREGULAR
    if n >= 3:
        out[15] = _log_ratio(rr, np.median(recent[: min(n, 8)]))
    if n >= 8:
        _irregularity(recent, n, rr, mean, out)
    return mean, mean10


@_njit
def _irregularity(recent, n, rr, mean, out):
    middle = np.median(recent[:n])
    out[16] = _log_ratio(rr, middle)
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


@_njit
def _entropy(recent, n, average):
    """Coefficient of sample entropy (m = 1, r = 40 ms) of the last RR intervals."""
    pairs = 0
    triples = 0
    for i in range(n - 1):
        for j in range(i + 1, n - 1):
            if abs(recent[i] - recent[j]) < 0.04:
                pairs += 1
                if abs(recent[i + 1] - recent[j + 1]) < 0.04:
                    triples += 1
    value = math.log((pairs + 1.0) / (triples + 1.0)) + math.log(0.08) - math.log(average)
    return _clip(value, -5.0, 1.0)


@_njit
def _centre(window):
    """Offset in samples of the middle of the QRS slopes from the R peak.

    R peaks are placed on different waves of one complex by different detectors, and by one
    detector in noise; the middle of the slopes hardly moves.
    """
    weight = _TINY
    centre = 0.0
    for i in range(-ALIGN, ALIGN + 1):
        slope = window[PRE + i + 1] + window[PRE + i] - window[PRE + i - 1] - window[PRE + i - 2]
        weight += slope * slope
        centre += slope * slope * i
    return round(_clip(centre / weight, -ALIGN_MOST, ALIGN_MOST))


@_njit
def _shape_of(window, centre, shape):
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


@_njit
def _range(values, first, end):
    low = values[first]
    high = values[first]
    for i in range(first, end):
        low = min(low, values[i])
        high = max(high, values[i])
    return low, high


@_njit
def _repolarisation(shape, peak, sign, out):
    """Fill the columns of T wave, ST level and level before; returns the sum of the latter."""
    t_low, t_high = _range(shape, SHAPE_PRE + 18, SHAPE_PRE + 52)
    t_area = 0.0
    for i in range(SHAPE_PRE + 18, SHAPE_PRE + 52):
        t_area += shape[i]
    out[7] = _clip(sign * t_area / (34.0 * peak), -1.5, 1.5)
    out[8] = _clip((t_high - t_low) / peak, 0.0, 2.0)
    st = 0.0
    for i in range(SHAPE_PRE + 12, SHAPE_PRE + 16):
        st += shape[i]
    out[9] = _clip(sign * st / (4.0 * peak), -1.5, 1.5)
    before = 0.0
    for i in range(5):
        before += shape[i]
    out[10] = _clip(sign * before / (5.0 * peak), -1.5, 1.5)
    return before


@_njit
def _qrs_features(window, middle, shape, out):
    """Fill the QRS columns; returns the spread of the QRS slopes in s and peak-to-peak in mV."""
    first, end = middle - 30, middle + 31
    slopes = np.empty(end - first)
    top = 0.0
    for i in range(first, end):
        # Slope over 12 ms: differentiates, and damps mains hum and muscle noise.
        slope = abs(window[i + 1] + window[i] - window[i - 1] - window[i - 2]) * 0.25
        slopes[i - first] = slope
        top = max(top, slope)
    weight = _TINY
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
    low, high = _range(shape, QRS_A, QRS_B)
    peak = max(high - low, 0.01)
    area = 0.0
    for i in range(QRS_A, QRS_B):
        area += shape[i]
        energy += shape[i] * shape[i]
    out[3] = _clip(math.log((weight + 1e-7) / (energy + 1e-6)), -8.0, 2.0)
    out[4] = min(top / peak, 1.0) * 5.0
    out[5] = _clip(high / peak, -1.0, 2.0)
    out[6] = _clip(area / (peak * (QRS_B - QRS_A)), -1.0, 1.0)
    before = _repolarisation(shape, peak, 1.0 if high > -low else -1.0, out)
    noise = 0.0
    count = 0
    for i in range(2, WINDOW - 2):
        if abs(i - middle) > 30:
            bend = window[i - 2] - 2.0 * window[i] + window[i + 2]
            noise += min(bend * bend, 0.25 * peak * peak)
            count += 1
    out[11] = _clip(math.log(math.sqrt(noise / count) / peak + 1e-3), -7.0, 2.0)
    after = 0.0
    for i in range(SHAPE - 5, SHAPE):
        after += shape[i]
    out[12] = _clip(abs(after - before) / (5.0 * peak), 0.0, 3.0)
    return spread, peak


@_njit
def _detrended(values, first, end, out):
    """Copy a part without the line through its ends (means of 3)."""
    a = (values[first] + values[first + 1] + values[first + 2]) / 3.0
    b = (values[end - 1] + values[end - 2] + values[end - 3]) / 3.0
    for i in range(first, end):
        out[i - first] = values[i] - a - (b - a) * (i - first) / (end - 1 - first)


@_njit
def _p_features(state, shape, peak, noise, out):
    """Fill the P columns: first those of the beat alone, then those against the regular beats."""
    n = P_B - P_A
    part = np.empty(n)
    _detrended(shape, P_A, P_B, part)
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
    out[1] = _clip(math.log(top / peak + 1e-3) - noise, -4.0, 5.0)
    out[2] = at / n
    out[3] = _clip(part[at] / peak, -0.5, 0.5) * 3.0
    out[4:11] = 0.0
    out[10] = state.p_match
    if state.n_normal < 3:
        return 0.0
    usual = np.empty(n)
    _detrended(state.normal, P_A, P_B, usual)
    pu = 0.0
    uu = 1e-6
    rest = 0.0
    usual_top = 0.0
    for i in range(n):
        pu += part[i] * usual[i]
        uu += usual[i] * usual[i]
        rest += (part[i] - usual[i]) * (part[i] - usual[i])
        usual_top = max(usual_top, abs(usual[i]))
    match = _corr(shape, state.normal, P_A, P_B, 0)
    best, lag = _best_corr(state.normal, shape, P_A + 2, P_B - 4, 4)
    out[4] = match
    out[5] = _clip(pu / uu, -2.0, 3.0)
    out[6] = _clip(math.log((rest + 1e-6) / uu), -4.0, 4.0)
    out[7] = best
    out[8] = lag / 4.0
    out[9] = min(usual_top / peak, 1.0) * 3.0
    return match


@_njit
def _normal_cluster(state):
    best = 0
    for c in range(1, CLUSTERS):
        if state.regular[c] > state.regular[best]:
            best = c
    return best


@_njit
def _own_cluster(state, shape):
    """Cluster of the same shape, or -1; and the best correlation found."""
    best = -1.0
    own = -1
    for c in range(CLUSTERS):
        if state.count[c] == 0.0:
            continue
        value, _ = _best_corr(shape, state.shape[c], QRS_A, QRS_B, 2)
        value = 0.7 * value + 0.3 * _corr(shape, state.shape[c], QRS_A, SHAPE_PRE + 52, 0)
        if value > best:
            best = value
            own = c
    if best < SAME_SHAPE:
        own = -1
    return own, best


@_njit
def _shape_features(state, shape, spread, peak, own, own_corr, out):
    """Fill the columns that compare the beat with the shapes seen before."""
    out[:] = 0.0
    out[21] = math.log(max(peak, 0.02))
    if state.n_beats == 0:
        out[2] = 1.0
        out[4] = 1.0
        return 1.0, 0.0
    normal = _normal_cluster(state)
    total = _TINY
    shapes = 0
    for c in range(CLUSTERS):
        total += state.count[c]
        if state.count[c] >= 1.0:
            shapes += 1
    out[0] = _log_ratio(peak, state.peak)
    out[1] = _log_ratio(spread, state.width[normal])
    match, lag = _best_corr(shape, state.normal, QRS_A, QRS_B, 4)
    out[2] = match
    out[3] = lag / 4.0
    out[4] = _corr(shape, state.normal, QRS_A, SHAPE_PRE + 52, 0)
    out[5] = _residual(shape, state.normal, QRS_A, QRS_B)
    out[6] = _residual(shape, state.normal, SHAPE_PRE + 15, SHAPE_PRE + 52)
    out[7] = own_corr
    if own >= 0:
        out[8] = state.count[own] / total
        out[9] = state.regular[own] / state.count[own]
        out[10] = state.log_rr[own]
        out[11] = state.log_next[own]
        out[12] = _log_ratio(state.width[own], state.width[normal])
        out[13] = 1.0 if own == normal else 0.0
    out[14] = _best_corr(shape, state.last, QRS_A, QRS_B, 3)[0]
    out[15] = 1.0 if own >= 0 and own == state.last_own else 0.0
    out[16] = state.last_match
    out[17] = state.last_width
    out[18] = state.width[normal] * 20.0
    out[19] = state.count[normal] / total
    out[20] = shapes / CLUSTERS
    return match, out[1]


@_njit
def _new_cluster(state):
    """Give the place of the shape that was seen least."""
    own = 0
    for c in range(CLUSTERS):
        if state.count[c] < state.count[own]:
            own = c
    state.count[own] = 0.0
    state.regular[own] = 0.0
    return own


@_njit
def _learn(state, shape, own, rr_ratio, next_ratio, spread, peak, regular, p_match):
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
    state.last[:] = shape
    state.last_own = own
    state.n_beats += 1


@_njit
def describe(states, slots, windows, peaks, before, after, features):
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
    shape = np.empty(SHAPE)
    n_rr, n_p = len(RR_FEATURES), len(P_FEATURES) + len(P_MATCH_FEATURES)
    p_from, qrs_from = n_rr, n_rr + n_p
    shape_from = qrs_from + len(QRS_FEATURES)
    for b in range(len(slots)):
        state = states[slots[b]]
        out = features[b]
        k = peaks[b]
        rr = (k - before[b]) / FS if before[b] >= 0 else 0.0
        following = 0.0
        if after[b] >= 0 and after[b] - k <= NEXT_LIMIT:
            following = (after[b] - k) / FS
        _, mean10 = _rr_features(state, k, rr, following, out[:n_rr])
        middle = PRE + _centre(windows[b])
        _shape_of(windows[b], middle, shape)
        spread, peak = _qrs_features(windows[b], middle, shape, out[qrs_from:shape_from])
        p_match = _p_features(state, shape, peak, out[qrs_from + 11], out[p_from:qrs_from])
        own, own_corr = _own_cluster(state, shape)
        match, width = _shape_features(state, shape, spread, peak, own, own_corr, out[shape_from:])
        regular = rr > EARLY * mean10 or rr == 0.0
        _learn(state, shape, own, out[0], out[1], spread, peak, regular, p_match)
        state.last_match = match
        state.last_width = width
        if rr > 0.0:
            _note_rr(state, k, rr)
