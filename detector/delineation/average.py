# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Averages the normal beats of about ten seconds, of all leads of many devices.

Monitors measure ST levels and intervals on averages of 10 to 16 beats, since noise falls by the
root of their number (Drew et al., AHA practice standards, Circulation 110:2721-2746, 2004). Beats
are aligned by correlation of the QRS complex over all leads. What baseline wander does within a
beat is taken off by a curve of second order through the levels ahead of three QRS complexes, its
own and those beside it (after Meyer and Keiser, Comput Biomed Res 10:459-470, 1977, who lay a
cubic spline through them): no filter bends the ST segment.
"""

from __future__ import annotations

import math

import numpy as np

from detector.delineation.state import AVERAGE, AVERAGE_BEFORE, USUAL
from detector.engine.state import STRIP, STRIP_BEFORE
from ecg_monitor.core.compiled import njit

DUE = 2500
"""An average of `LEAST_BEATS` beats or more is measured when they span so many samples (10 s)."""
LEAST_BEATS = 5
"""An average of fewer beats waits until it has so many."""
OVERDUE = 7500
"""An average is due at the latest when its beats span so many samples (30 s), however few."""
SHIFT = 6
"""A beat is moved by up to so many samples (24 ms): leads take turns in telling the R peak."""
QRS_HALF = 25
ALIKE = 0.9
"""Correlation of QRS complexes from which a beat is of the kind that is averaged."""
KNOT_FROM, KNOT_UNTIL = -25, -15
"""The level ahead of a QRS complex is the mean from 100 to 64 ms before its R peak."""
KNOT_STEP_MV = 0.5
"""A lead whose level changes more than this from beat to beat is left out."""
PREMATURE = 0.8
"""A next beat that comes earlier than this part of the RR interval lends no level."""
REST_MV, REST_PART = 0.1, 0.3
"""A lead is left out of a beat that differs from the usual by more (rms)."""


@njit
def is_due(bed, peak, before):
    """Tell whether the average must be measured, or dropped, ahead of the beat at ``peak``.

    Args:
        bed: state of the device.
        peak: R peak, engine samples.
        before: RR interval before it, samples; 0: a stretch begins with it.
    """
    if bed.first < 0:
        return False
    if before == 0:
        return True
    span = peak - bed.first
    return span >= DUE and (bed.beats >= LEAST_BEATS or span >= OVERDUE)


@njit
def clear(bed, leads):
    """Empty the average."""
    bed.first = -1
    bed.last = -1
    if bed.refused > bed.beats:  # the usual beat looks otherwise now
        bed.known = 0
        bed.p_on = 0
    bed.beats = 0
    bed.refused = 0
    bed.rr = 0.0
    bed.rr_beats = 0
    for i in range(leads.shape[0]):
        leads[i].sum[:] = 0.0
        leads[i].squares[:] = 0.0
        leads[i].count = 0


@njit
def _level(strip, peak):
    """Mean of a strip ahead of the QRS complex at ``peak``."""
    total = 0.0
    for j in range(KNOT_FROM, KNOT_UNTIL):
        total += strip[peak + j]
    return total / (KNOT_UNTIL - KNOT_FROM)


@njit
def _reference(bed, lead, j):
    """Sample ``j`` from the R peak of what beats are aligned to: the usual beat, or the first."""
    if bed.known:
        return lead.usual[AVERAGE_BEFORE + j] if lead.usual_count else 0.0
    return lead.sum[AVERAGE_BEFORE + j] / lead.count if lead.count else 0.0


@njit
def align(bed, leads, strips, usable):
    """Find how the QRS complex of a beat lies against the usual one's.

    Returns:
        the best correlation over all leads (2: there is nothing to compare with), and the shift.
    """
    n_leads = leads.shape[0]
    width = 2 * QRS_HALF + 1
    usual = np.zeros((n_leads, width))
    energy = 0.0
    for i in range(n_leads):
        if not (usable >> i) & 1:
            continue
        for j in range(width):
            usual[i, j] = _reference(bed, leads[i], j - QRS_HALF)
        usual[i] -= usual[i].mean()
        for j in range(width):
            energy += usual[i, j] * usual[i, j]
    if energy <= 0.0:
        return 2.0, 0
    best = -1.0
    at = 0
    for shift in range(-SHIFT, SHIFT + 1):
        first = STRIP_BEFORE + shift - QRS_HALF
        product = own = 0.0
        for i in range(n_leads):
            if not (usable >> i) & 1:
                continue
            total = squares = 0.0
            for j in range(width):
                value = strips[i, first + j] - strips[i, first]
                total += value
                squares += value * value
                product += value * usual[i, j]
            own += squares - total * total / width
        if own > 0.0 and product > best * math.sqrt(energy * own):
            best = product / math.sqrt(energy * own)
            at = shift
    return best, at


@njit
def straighten(bed, lead, strip, centre, before, after, out):
    """Copy a beat without its baseline: the curve through the levels ahead of QRS complexes.

    Args:
        bed: state of its device.
        lead: state of its lead.
        strip: signal, mV, shape (STRIP,).
        centre: sample of its R peak.
        before: RR interval before it in samples, 0: none.
        after: RR interval after it likewise.
        out: the beat, mV, shape (AVERAGE,).

    Returns:
        whether the level kept still.
    """
    level = _level(strip, centre)
    rise = curve = 0.0
    ahead = after > PREMATURE * before and centre + after + KNOT_UNTIL <= STRIP
    behind = before > 0 and bed.knot_peak >= 0
    up = (_level(strip, centre + after) - level) if ahead else 0.0
    down = (lead.knot - level) if behind else 0.0
    if abs(up) > KNOT_STEP_MV or abs(down) > KNOT_STEP_MV:
        return False
    if ahead and behind:
        curve = (up / after + down / before) / (after + before)
        rise = up / after - curve * after
    elif ahead:
        rise = up / after
    elif behind:
        rise = -down / before
    middle = (KNOT_FROM + KNOT_UNTIL - 1) / 2
    for j in range(AVERAGE):
        t = j - AVERAGE_BEFORE - middle
        at = min(max(centre - AVERAGE_BEFORE + j, 0), STRIP - 1)
        out[j] = strip[at] - level - t * (rise + t * curve)
    return True


@njit
def _strange(bed, lead, beat):
    """Tell whether one lead of a beat is far from the usual: noise, or a movement."""
    rest = size = 0.0
    for j in range(USUAL):
        usual = _reference(bed, lead, j - AVERAGE_BEFORE)
        rest += (beat[j] - usual) ** 2
        size += usual * usual
    return math.sqrt(rest / USUAL) > REST_MV + REST_PART * math.sqrt(size / USUAL)


@njit
def add(bed, leads, strips, peak, before, after, usable, beat):
    """Let a normal beat join the average, if it is of the usual kind.

    Args:
        bed: state of its device.
        leads: states of its leads.
        strips: its signal, mV, shape (leads, STRIP).
        peak: R peak, engine samples.
        before: RR interval before it, samples; 0: none.
        after: RR interval after it likewise.
        usable: bit mask of leads that are attached and alive.
        beat: room for one beat, shape (AVERAGE,).

    Returns:
        the shift by which it was aligned, or `SHIFT` + 1 if it was refused.
    """
    alike, shift = align(bed, leads, strips, usable)
    if alike < ALIKE:
        bed.refused += 1
        return SHIFT + 1
    joined = False
    for i in range(leads.shape[0]):
        lead = leads[i]
        if not (usable >> i) & 1:
            continue
        if not straighten(bed, lead, strips[i], STRIP_BEFORE + shift, before, after, beat):
            continue
        fresh = lead.usual_count == 0 if bed.known else lead.count == 0
        if not fresh and _strange(bed, lead, beat):
            continue
        for j in range(AVERAGE):
            lead.sum[j] += beat[j]
        for j in range(AVERAGE_BEFORE):
            lead.squares[j] += beat[j] * beat[j]
        lead.count += 1
        joined = True
    if not joined:
        bed.refused += 1
        return SHIFT + 1
    bed.first = peak if bed.first < 0 else bed.first
    bed.last = peak
    bed.beats += 1
    if before > 0:
        bed.rr += before
        bed.rr_beats += 1
    return shift


@njit
def keep_knots(bed, leads, strips, peak, normal):
    """Remember the level ahead of this QRS complex for the next beat's baseline."""
    bed.knot_peak = peak if normal else -1
    for i in range(leads.shape[0]):
        leads[i].knot = _level(strips[i], STRIP_BEFORE)


@njit
def keep_usual(bed, leads):
    """Let the average be what the next beats are held against."""
    bed.known = 1
    for i in range(leads.shape[0]):
        lead = leads[i]
        if lead.count:
            for j in range(USUAL):
                lead.usual[j] = lead.sum[j] / lead.count
            lead.usual_count = lead.count
