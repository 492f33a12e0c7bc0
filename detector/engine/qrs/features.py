# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Features of an envelope peak on one lead, which the QRS detector judges.

All are free of units and of the lead's gain and polarity: ratios (natural logarithms) to the
lead's own running levels, correlations, and times. "Height" is that of the lead's envelope.
"""

from __future__ import annotations

import math

from detector.engine.qrs.templates import HALF, MASK, SHIFT, likest
from detector.engine.resample import FS
from ecg_monitor.core.compiled import njit

MS = FS / 1000.0
LAG = int(66 * MS)
"""Samples from the R peak to the envelope peak: delays of band filter, slope and moving window."""
LOOK = int(300 * MS)
"""Samples past an envelope peak that are seen before it is judged."""
NEAR = int(80 * MS)
"""Least distance at which a rival peak is looked for, samples."""
CLEAR = NEAR + 10
"""Distance from which the envelope no longer holds the peak itself, samples."""
SECOND = int(FS)
FLOOR = 1e-5
UNKNOWN_S = 2.0
"""Time since the last beat, s, that is taken when there is none; longer ones count as this."""
FEATURES = (
    "height against the running QRS level",
    "height against the running level of other peaks",
    "height against the last beat",
    "highest envelope ahead (80 to 300 ms) against height",
    "highest envelope behind against height",
    "mean envelope ahead (120 to 300 ms) against height",
    "mean envelope behind against height",
    "steepest slope against that of QRS complexes",
    "trough to peak against that of QRS complexes",
    "steepest slope against trough to peak",
    "roughness before against steepest slope",
    "roughness after against steepest slope",
    "baseline's step across it against trough to peak",
    "correlation with templates of beats",
    "correlation of a peak ahead of like height with templates of beats, else 0",
    "how well founded its template is, 0 to 1",
    "time since the last beat, s",
    "time since the last beat against the mean RR interval",
    "relative spread of RR intervals",
    "mean envelope of the last second against the QRS level",
    "mean RR interval, logarithm of s",
    "time since the last beat, squared",
)
N_FEATURES = len(FEATURES)
AHEAD, ROUGH, LIKE, LIKE_AHEAD, SINCE = 3, 10, 13, 14, 16
"""Features that `detector.engine.qrs.detect` uses by itself: for its P wave rule, and for trust."""


@njit
def log_ratio(a, b):
    """Return the logarithm (base e) of a ratio, within -4 .. 4; 0 where the divisor is unknown."""
    if b <= FLOOR:
        return 0.0
    return min(4.0, max(-4.0, math.log(max(a, FLOOR) / b)))


@njit
def envelope_near(lane, peak):
    """Return the highest envelope of a lane near a peak of the joint one."""
    return lane.envelope[_highest(lane, peak - 6, peak + 6) & MASK]


@njit
def swing_and_slope(lane, centre):
    """Return trough to peak (mV) and steepest slope (mV per two samples) of a complex."""
    low = lane.wide[(centre - HALF) & MASK]
    high = low
    slope = 0.0
    for k in range(centre - HALF + 1, centre + HALF + 1):
        value = lane.wide[k & MASK]
        low = min(low, value)
        high = max(high, value)
        slope = max(slope, abs(value - lane.wide[(k - 2) & MASK]))
    return high - low, slope


@njit
def _highest(lane, first, last):
    """Return where the envelope is highest from ``first`` to ``last``."""
    best = first
    for k in range(first + 1, last + 1):
        if lane.envelope[k & MASK] > lane.envelope[best & MASK]:
            best = k
    return best


@njit
def _mean_envelope(lane, first, last):
    total = 0.0
    for k in range(first, last + 1):
        total += lane.envelope[k & MASK]
    return total / (last - first + 1)


@njit
def _roughness(lane, first, last):
    """Return the mean second difference over 16 ms, mV: high in muscle noise, low in T and P."""
    total = 0.0
    for k in range(first, last + 1):
        before = lane.wide[(k - 4) & MASK]
        total += abs(before - 2.0 * lane.wide[(k - 2) & MASK] + lane.wide[k & MASK])
    return total / (last - first + 1)


@njit
def _step(lane, centre):
    """Return the baseline after a complex less that before it, mV."""
    total = 0.0
    for j in range(10):
        total += lane.wide[(centre + HALF + j) & MASK] - lane.wide[(centre - HALF - j) & MASK]
    return total / 10.0


@njit
def describe(device, lane, peak, x):
    """Write the `FEATURES` of an envelope peak as one lead sees it into ``x``.

    Args:
        device: record, dtype DEVICE.
        lane: record, dtype LANE; `LOOK` samples past the peak must be in.
        peak: where the joint envelope has its peak.
        x: float64, shape (N_FEATURES,).
    """
    centre = peak - LAG
    height = envelope_near(lane, peak)
    swing, slope = swing_and_slope(lane, centre)
    x[0] = log_ratio(height, lane.signal_level)
    x[1] = log_ratio(height, lane.noise_level)
    x[2] = log_ratio(height, lane.last_envelope)
    highest = lane.envelope[_highest(lane, peak + NEAR, peak + LOOK) & MASK]
    x[AHEAD] = log_ratio(highest, height)
    highest = lane.envelope[_highest(lane, peak - LOOK, peak - NEAR) & MASK]
    x[4] = log_ratio(highest, height)
    x[5] = log_ratio(_mean_envelope(lane, peak + CLEAR, peak + LOOK), height)
    x[6] = log_ratio(_mean_envelope(lane, peak - LOOK, peak - CLEAR), height)
    x[7] = log_ratio(slope, lane.slope_level)
    x[8] = log_ratio(swing, lane.swing_level)
    x[9] = log_ratio(slope, swing)
    x[ROUGH] = log_ratio(_roughness(lane, centre - LOOK, centre - HALF), slope)
    x[11] = log_ratio(_roughness(lane, centre + HALF, centre + LOOK), slope)
    x[12] = min(2.0, abs(_step(lane, centre)) / max(swing, FLOOR))
    x[LIKE], _, which = likest(lane, 0, centre)
    # The whole complex ahead must have arrived for it to be compared.
    ahead = _highest(lane, peak + NEAR, peak + LOOK - (HALF + SHIFT - LAG))
    x[LIKE_AHEAD] = 0.0
    if lane.envelope[ahead & MASK] > 0.8 * height:
        x[LIKE_AHEAD], _, _ = likest(lane, 0, ahead - LAG)
    x[15] = 0.0 if which < 0 else min(8, lane.shape_beats[which]) / 8.0
    known = device.last_peak >= 0
    x[SINCE] = min(UNKNOWN_S, (peak - device.last_peak) / FS) if known else UNKNOWN_S
    x[17] = 1.0
    x[18] = 0.0
    x[20] = 0.0
    if device.mean_rr > 0.0:
        x[20] = math.log(max(60.0, device.mean_rr) / FS)
        if known:
            x[17] = min(3.0, (peak - device.last_peak) / device.mean_rr)
            x[18] = device.rr_spread
    x[19] = log_ratio(_mean_envelope(lane, peak - SECOND, peak - CLEAR), lane.signal_level)
    x[21] = x[SINCE] ** 2
