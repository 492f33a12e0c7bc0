# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Voltages that cannot be those of an ECG: the unit or gain is wrong, or steps no heart makes.

Converter counts or microvolts sent as mV are hundreds or thousands of times too large: every slope
is then steeper than what is held as a pacemaker pulse, and beats are lost silently. Volts
sent as mV are a thousand times too small, and look like a flat line. Every second is looked at; the
verdict waits for several, so that a pulled cable makes none.

Too large
    The samples as they came, from the 10th to the 90th percentile, span more than
    `ecg_monitor.records.plausible.LARGEST_MV` in 4 of 5 s. Pacemaker pulses are too short to move
    the percentiles, whatever their height. On DS1 this span is 0.04 .. 3.4 mV. Leads share a unit:
    beside one that is too large, `JOINS_MV` are enough.

Too small
    All leads together stay below `ecg_monitor.records.plausible.SMALLEST_MV` for two seconds, in 3
    of 4 s, and one of them shows complexes all the same: its steepest step is `STEEP` times the
    mean one and it spans `STEPS` of its converter. White noise has 4 times (in 1 % over 5.4), the
    records of DS1 in the median 9 to 24. A flat line with noise stays a flat line.

Torn
    Steps that no heart makes (`detector.engine.intake.STEEPEST`) hide more than half of a second of
    a lead, and so its QRS complexes. Pacemaker pulses, 21 a second at most
    (`ecg_monitor.core.format.ranges`), hide 0.42 s.

A lead that is too large or torn is unfit if another is neither of it, nor flat, nor detached: it
has no vote on beats then, and does not classify them.

At the beginning of a stretch two seconds decide: the first alarm would not wait for more.
"""

from __future__ import annotations

import math

import numpy as np

from detector.engine.ready import LENGTH
from detector.engine.state import CAME, CAME_EVERY, FLAT_S, RAW
from ecg_monitor.core.compiled import njit
from ecg_monitor.records.plausible import LARGEST_MV, SMALLEST_MV

JOINS_MV = 4.0
STEEP = 6.0
STEPS = 20.0
SEEN = 60
"""Values of a second that are judged, at least half of them, since some may be missing; the 10th
percentile is the sixth of them."""
TORN_S = 2
"""Seconds for which a lead counts as torn after each one in which it was."""
_LARGE_OF, _LARGE, _SMALL_OF, _SMALL, _ENDS = 5, 4, 4, 3, 2
_NONE = float("nan")


@njit
def keep(lane, k):
    """Keep the newest sample of a lane as it came, once in `CAME_EVERY` engine samples."""
    if k % CAME_EVERY == 0:
        lane.came[(k // CAME_EVERY) % CAME] = lane.newest


@njit
def judge(device, lanes, k):
    """Judge the second that ends with engine sample ``k``, if it lies in this stretch."""
    if k - LENGTH + 1 < device.start:
        return
    seconds = (k + 1 - device.start) // LENGTH
    widest = 0.0
    for i in range(lanes.shape[0]):
        lanes[i].span = _span(lanes[i], k)
        if not math.isnan(lanes[i].span):
            widest = max(widest, lanes[i].span)
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        large = lane.span > (JOINS_MV if widest > LARGEST_MV else LARGEST_MV)
        lane.large = ((lane.large << 1) | int(large)) & ((1 << _LARGE_OF) - 1)
        count = _bits(lane.large)
        if count >= min(_LARGE, max(seconds, _ENDS)):
            lane.too_large = 1
        elif count < _ENDS:
            lane.too_large = 0
        lane.torn = TORN_S if 2 * lane.stepped > device.fs else max(0, lane.torn - 1)
        lane.stepped = 0
    _set_unfit(lanes)
    small = k - 2 * LENGTH + 1 >= device.start and _small(lanes, k)
    device.small = ((device.small << 1) | int(small)) & ((1 << _SMALL_OF) - 1)
    count = _bits(device.small)
    if count >= min(_SMALL, max(seconds - 1, _ENDS)):
        device.too_small = 1
    elif count < _ENDS:
        device.too_small = 0


@njit
def told(lanes, too_small):
    """Return the bit mask of the leads of wrong scale, and what the worst of them spans, mV."""
    mask, worst = 0, 0.0
    for i in range(lanes.shape[0]):
        attached = lanes[i].gone < LENGTH
        if attached and (lanes[i].too_large or too_small):
            mask |= 1 << i
            if not math.isnan(lanes[i].span):
                worst = max(worst, lanes[i].span)
    return float(mask), worst


@njit
def _set_unfit(lanes):
    """Say which leads are not asked for beats, since they are too large or torn."""
    shown = False
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        attached = lane.gone < LENGTH and lane.flat_s < FLAT_S
        shown = shown or (attached and not lane.too_large and not lane.torn)
    for i in range(lanes.shape[0]):
        lanes[i].unfit = int(shown and (lanes[i].too_large > 0 or lanes[i].torn > 0))


@njit
def _span(lane, k):
    """Return what the last second's samples span between their percentiles, mV; nan: not known."""
    values = np.empty(SEEN)
    newest = k // CAME_EVERY
    count = 0
    for j in range(SEEN):
        value = lane.came[(newest - j) % CAME]
        if not math.isnan(value):
            values[count] = value
            count += 1
    if 2 * count < SEEN:
        return _NONE
    some = values[:count]
    some.sort()
    low = count // 10
    return some[count - 1 - low] - some[low]


@njit
def _small(lanes, k):
    """Return whether no lead leaves the smallest span, and one shows complexes all the same."""
    shown = False
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        if lane.gone >= LENGTH:
            continue
        if lane.span >= SMALLEST_MV:  # nearly always: the rest need not be looked at
            return False
        last = lane.raw[k & (RAW - 1)]
        low = top = last
        total = steepest = 0.0
        for j in range(1, 2 * LENGTH):
            value = lane.raw[(k - j) & (RAW - 1)]
            low, top = min(low, value), max(top, value)
            step = abs(value - last)
            total += step
            steepest = max(steepest, step)
            last = value
        if top - low >= SMALLEST_MV:
            return False
        steep = steepest * (2 * LENGTH - 1) > STEEP * total
        shown = shown or (steep and (top - low) * lane.gain >= STEPS)
    return shown


@njit
def _bits(value):
    count = 0
    while value:
        count += value & 1
        value >>= 1
    return count
