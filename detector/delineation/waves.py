# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Onset, peak and end of the P wave, the QRS complex and the T wave of one beat on one lead.

After the wavelet delineator of Martínez et al. (IEEE Trans Biomed Eng 51:570-581, 2004,
doi:10.1109/TBME.2003.821031): a wave is a pair of slopes of opposite sign, its peak the zero
crossing between them, its boundaries lie where the outer slope has fallen to a part of its
extreme, or turns.

Deviations: the QRS complex is looked for at scale 2^3, with both boundaries held against its
steepest slope; P and T waves at 2^4 once the QRS complex is replaced by a straight line, so that
its slopes do not reach into theirs; each lead's own R peak is looked for near the one that all
share; the pair with the largest sum of slopes is the wave, so of a
biphasic T wave the larger part. The constants were chosen on the odd records of the Lobachevsky
University Database; `ecg-monitor evaluate LUDB --delineation` scores the even ones.

Limitations: a pacemaker's spike counts as part of the QRS complex; U waves are not told from T
waves; of two P waves before a QRS complex one is found.
"""

from __future__ import annotations

import math

import numpy as np

from detector.delineation.slopes import slopes
from detector.engine.resample import FS
from ecg_monitor.core.compiled import njit

MARKS = ("P_ON", "P_PEAK", "P_OFF", "QRS_ON", "R_PEAK", "QRS_OFF", "T_PEAK", "T_OFF")
"""What `delineate` finds, in the order of its output."""
P_ON, P_PEAK, P_OFF, QRS_ON, R_PEAK, QRS_OFF, T_PEAK, T_OFF = range(8)

QRS_SCALE = 3
WAVE_SCALE = 4
STEEPEST = 23
"""The steepest slope of a QRS complex lies within so many samples (92 ms) of the R peak."""
LOCATIONS = 2
"""How often the lead's own R peak is looked for, each time from where it was found before."""
REACH_BEFORE = 14
REACH_AFTER = 24
"""The first and last deflections of a QRS complex lie within these (56, 96 ms) of its R peak."""
FIRST, LAST = 0.07, 0.14
"""The first and last deflections are at least so steep, as a part of the steepest."""
ONSET, END = 0.076, 0.088
"""The complex begins and ends where the slope is that part of its steepest."""
ONSET_TURN, END_TURN = 0.63, 0.59
"""The complex also begins or ends where the slope turns while it is less than that part of the
first or last deflection's."""
SMEARED = 1
"""Samples by which the smoothing holds the slope back at the onset."""
ONSET_MOST, END_MOST = 20, 25
"""Samples from the first or last deflection to the boundary at most."""

T_FROM = 13
"""Samples after the QRS complex before which no T wave begins to rise or fall."""
T_UNTIL = 110.0
"""The T wave ends so many samples after the R peak at most if RR is 1 s; else by its root."""
NEXT_BEAT = 24
"""The T wave ends at least so many samples before the next R peak."""
T_LEAST = 0.006
"""Its slope, as a part of the height of the QRS complex, mV per 8 samples per mV."""
T_PAIR = 67
"""Samples between its slopes at most."""
T_END, T_TURN = 0.39, 0.49
T_BALANCE = 0.67
"""What the lesser of the two slopes counts more in the choice of the pair."""

P_FROM = 85
"""The P wave lies within so many samples (340 ms) before the QRS complex, after the last T."""
P_UNTIL = 6
P_LEAST = 0.007
P_PAIR = 37
P_START, P_END, P_TURN = 0.62, 0.80, 1.0
P_BALANCE = 0.51
P_AHEAD = 1.8
"""The P wave must be so much steeper than the rms slope of what lies between the T wave before and
the QRS complex without it, if that is `P_REST` samples or more."""
P_REST = 12
"""Samples of rest beside a P wave from which `P_AHEAD` counts: a wave that is not ahead of its rest
is one of fibrillation's, or noise."""
NO_RR = 200.0
"""RR interval in samples where none is known."""
MISSING = math.nan


@njit
def _falls(slope, start, step, most, level, turn):
    """Walk from an extreme of the slope to where it is below ``level``, or turns below ``turn``."""
    i = start
    sign = slope[start] > 0
    for _ in range(most):
        following = i + step
        if following <= 0 or following >= slope.size - 1:
            break
        here, there = abs(slope[i]), abs(slope[following])
        if there < level or (slope[following] > 0) != sign:
            return following
        if here < turn and there >= here:
            break
        i = following
    return i


@njit
def _own_peak(slope, peak):
    """Return where a lead shows its QRS complex: the middle of the squared slope near an R peak.

    Leads reach their peaks up to 40 ms apart, and one of them locates the R peaks of all.

    Args:
        slope: at `QRS_SCALE`, shape (n,).
        peak: sample of the R peak, as any lead shows it.
    """
    for _ in range(LOCATIONS):
        weight = moment = 0.0
        for i in range(max(1, peak - STEEPEST), min(slope.size - 1, peak + STEEPEST + 1)):
            weight += slope[i] * slope[i]
            moment += i * slope[i] * slope[i]
        if weight > 0.0 and math.isfinite(moment):
            peak = round(moment / weight)
    return peak


@njit
def _complex(signal, slope, peak, marks):
    """Find the QRS complex; return its height in mV."""
    low, high = max(1, peak - STEEPEST), min(slope.size - 2, peak + STEEPEST)
    at = low
    for i in range(low, high + 1):
        if abs(slope[i]) > abs(slope[at]):
            at = i
    top = abs(slope[at])
    first = last = at
    for i in range(max(1, peak - REACH_BEFORE), at):
        here = abs(slope[i])
        if here > FIRST * top and here >= abs(slope[i - 1]) and here > abs(slope[i + 1]):
            first = i
            break
    for i in range(min(slope.size - 2, peak + REACH_AFTER) - 1, at, -1):
        here = abs(slope[i])
        if here > LAST * top and here > abs(slope[i - 1]) and here >= abs(slope[i + 1]):
            last = i
            break
    on = _falls(slope, first, -1, ONSET_MOST, ONSET * top, ONSET_TURN * abs(slope[first]))
    on = max(0, on - SMEARED)
    off = _falls(slope, last, 1, END_MOST, END * top, END_TURN * abs(slope[last]))
    r_peak = on
    lowest = highest = signal[on]
    for i in range(on, off + 1):
        lowest, highest = min(lowest, signal[i]), max(highest, signal[i])
        if abs(signal[i] - signal[on]) > abs(signal[r_peak] - signal[on]):
            r_peak = i
    marks[QRS_ON] = on
    marks[R_PEAK] = r_peak
    marks[QRS_OFF] = off
    return highest - lowest


@njit
def _bridged(signal, on, off):
    """Return the signal with a straight line in the place of the QRS complex."""
    bridged = signal.copy()
    before = signal[max(0, on - 2) : on + 1].mean()
    after = signal[off : off + 3].mean()
    for i in range(on, off + 1):
        bridged[i] = before + (after - before) * (i - on) / max(1, off - on)
    return bridged


@njit
def _extremes(slope, low, high, found):
    """List the extremes of the slope that take turns in sign; return how many there are."""
    count = 0
    for i in range(max(1, low), min(slope.size - 1, high)):
        here = abs(slope[i])
        if here < abs(slope[i - 1]) or here <= abs(slope[i + 1]):
            continue
        if count and (slope[found[count - 1]] > 0) == (slope[i] > 0):
            if here > abs(slope[found[count - 1]]):
                found[count - 1] = i
        elif count < found.size:
            found[count] = i
            count += 1
    return count


@njit
def _pair(slope, found, count, widest, balance):
    """Choose the wave among extremes: the steepest pair of slopes, if possible equally steep.

    Returns:
        number of its first extreme (-1: there is none), the sum of its slopes.
    """
    best = best_worth = 0.0
    chosen = -1
    for j in range(count - 1):
        one, other = abs(slope[found[j]]), abs(slope[found[j + 1]])
        worth = one + other + balance * min(one, other)
        if found[j + 1] - found[j] <= widest and worth > best_worth:
            best, best_worth, chosen = one + other, worth, j
    return chosen, best


@njit
def _zero(slope, first, last):
    """Return where the slope crosses zero between two extremes, between samples."""
    i = first + 1
    while i < last and (slope[i] > 0) == (slope[first] > 0):
        i += 1
    here, there = abs(slope[i - 1]), abs(slope[i])
    return i - 1 + here / (here + there) if here + there > 0 else float(i)


@njit
def delineate(signal, peak, before, after, marks):
    """Find the boundaries of the waves of one beat on one lead.

    Args:
        signal: mV at 250 Hz, shape (n,), from before its P wave to after its T wave. No filter may
            have bent it, baseline wander matters little.
        peak: sample of the R peak, as any lead shows it.
        before: RR interval before it in samples, 0 if unknown.
        after: RR interval after it likewise.
        marks: output, see `MARKS`; samples, nan where there is no such wave.

    Returns:
        height of the QRS complex in mV.
    """
    slope = np.empty(signal.size)
    slopes(signal, QRS_SCALE, slope)
    marks[:] = MISSING
    peak = _own_peak(slope, peak)
    height = _complex(signal, slope, peak, marks)
    on, off = int(marks[QRS_ON]), int(marks[QRS_OFF])
    slopes(_bridged(signal, on, off), WAVE_SCALE, slope)
    found = np.empty(64, np.int64)

    rr = float(after) if after > 0 else float(before) if before > 0 else NO_RR
    until = float(min(peak + T_UNTIL * math.sqrt(rr / FS), signal.size - 3.0))
    if after > 0:
        until = min(until, peak + after - NEXT_BEAT)
    count = _extremes(slope, off + T_FROM, int(until), found)
    j, steep = _pair(slope, found, count, T_PAIR, T_BALANCE)
    if j >= 0 and steep > 2 * T_LEAST * height:
        first, last = found[j], found[j + 1]
        level = T_END * abs(slope[last])
        marks[T_PEAK] = _zero(slope, first, last)
        marks[T_OFF] = _falls(slope, last, 1, signal.size, level, T_TURN * abs(slope[last]))

    rr = float(before) if before > 0 else rr
    since = max(2.0, peak - rr + 0.9 * T_UNTIL * math.sqrt(rr / FS))
    count = _extremes(slope, int(max(since, float(on - P_FROM))), on - P_UNTIL, found)
    j, steep = _pair(slope, found, count, P_PAIR, P_BALANCE)
    if j >= 0 and steep > 2 * P_LEAST * height:
        first, last = found[j], found[j + 1]
        marks[P_PEAK] = _zero(slope, first, last)
        level = P_START * abs(slope[first])
        marks[P_ON] = _falls(slope, first, -1, P_FROM, level, P_TURN * abs(slope[first]))
        level = P_END * abs(slope[last])
        marks[P_OFF] = min(_falls(slope, last, 1, P_FROM, level, P_TURN * abs(slope[last])), on)
        since = max(2.0, peak - rr + T_UNTIL * math.sqrt(rr / FS) + P_REST)
        steepest = max(abs(slope[first]), abs(slope[last]))
        rest = _rest(slope, int(since), on - P_UNTIL, marks[P_ON] - 4, marks[P_OFF] + 4)
        if steepest < P_AHEAD * rest:
            marks[P_ON : P_OFF + 1] = MISSING
    return height


@njit
def _rest(slope, low, high, first, last):
    """Return the rms slope between ``low`` and ``high`` without ``first`` to ``last``; 0: short."""
    total = 0.0
    count = 0
    for i in range(low, high):
        if i < first or i > last:
            total += slope[i] * slope[i]
            count += 1
    return math.sqrt(total / count) if count >= P_REST else 0.0
