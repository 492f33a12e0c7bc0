# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Hands signal out: around beats that can be labelled, and second by second for the waveform."""

from __future__ import annotations

from detector.engine import intake
from detector.engine.resample import FS
from detector.engine.state import (
    BEATS,
    FLAT_S,
    MASK_STEP,
    RAW,
    READY,
    READY_AFTER,
    RING,
    SECOND,
    STRIP,
    STRIP_BEFORE,
    WINDOW,
    WINDOW_BEFORE,
    WINDOW_LEADS,
)
from ecg_monitor.core.compiled import njit

NONE = -1.0
LENGTH = int(FS)
"""Samples of a second."""
HOLED = LENGTH // 5
"""The waveform of a second is judged if no more of its samples are missing."""


@njit
def emit(rows, count, kind, slot, k, decided, a, b, c):
    """Write one row of the output; return how many there are now."""
    row = rows[count]
    row.kind = kind
    row.slot = slot
    row.k = k
    row.decided = decided
    row.a = a
    row.b = b
    row.c = c
    return count + 1


@njit
def hand_out(device, lanes, slot, ended, rows, count, windows, strips, filled):
    """Emit READY for the beats that are due: `READY_AFTER` samples old, or all if it has ended."""
    while device.n_ready < device.n_beats:
        place = device.n_ready % BEATS
        peak = device.beats[place]
        if not ended and device.k <= peak + READY_AFTER:
            break
        after = NONE
        if device.n_ready + 1 < device.n_beats:
            following = (device.n_ready + 1) % BEATS
            if device.before[following] == peak:
                after = float(device.beats[following])
        for i in range(min(lanes.shape[0], WINDOW_LEADS)):
            _copy(device, lanes[i], peak - WINDOW_BEFORE, windows[filled[0], i])
        for i in range(lanes.shape[0]):
            if len(strips):
                _copy_raw(device, lanes[i], peak - STRIP_BEFORE, strips[filled[2]])
                filled[2] += 1
        usable = _usable(device, lanes, peak)
        for i in range(lanes.shape[0], WINDOW_LEADS):
            windows[filled[0], i, :] = 0.0
        filled[0] += 1
        before = float(device.before[place])
        count = emit(rows, count, READY, slot, peak, device.k - 1, before, after, usable)
        device.n_ready += 1
    return count


@njit
def _usable(device, lanes, peak):
    """Return the leads on which a beat can be classified and averaged, as `READY` tells them.

    A lead without a hole in the window makes those with holes in it superfluous; where there is
    none, a beat is classified on what is there of it. One in the first half second of a power-up is
    not: nothing is known yet to hold it against.
    """
    whole, some, strip, spoilt, cut = 0, 0, 0, 0, 0
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        if lane.flat_s >= FLAT_S or lane.too_large or lane.unfit or peak < WINDOW_BEFORE:
            continue
        first = peak - WINDOW_BEFORE
        missing = intake.missing_between(device, lane, first, first + WINDOW - 1)
        if not missing:
            whole |= 1 << i
        if missing <= intake.WINDOW_MOST and not intake.is_holed(device, lane, peak):
            some |= 1 << i
        elif i < WINDOW_LEADS:
            spoilt = 1
        around = intake.AROUND
        if i < WINDOW_LEADS and intake.missing_between(device, lane, peak - around, peak + around):
            cut = 2
        if not intake.missing_between(device, lane, peak - STRIP_BEFORE, device.k - 1):
            strip |= 1 << i
    shown = (1 << WINDOW_LEADS) - 1
    usable = whole if whole & shown else some
    spoilt = spoilt if not usable & shown else 0
    return float(usable + MASK_STEP * (strip + MASK_STEP * (spoilt + cut)))


@njit
def _copy(device, lane, first, window):
    """Copy the signal from ``first`` on; zeros where this stretch has none."""
    for j in range(WINDOW):
        k = first + j
        inside = device.start <= k < device.k
        window[j] = lane.wide[k & (RING - 1)] if inside else 0.0


@njit
def _copy_raw(device, lane, first, strip):
    """Copy the signal as it came from ``first`` on; the ends last on where this stretch ends."""
    for j in range(STRIP):
        k = min(max(first + j, device.start), device.k - 1)
        strip[j] = lane.raw[k & (RAW - 1)]


@njit
def hand_out_second(device, lanes, slot, k, wrong, span, rows, count, seconds, filled):
    """Emit SECOND for the second that ends with ``k``, if it lies in this stretch.

    ``wrong`` and ``span`` are from `detector.engine.scale.told`.
    """
    if k - LENGTH + 1 < device.start:
        return count
    block = seconds[filled[1]]
    for i in range(min(lanes.shape[0], WINDOW_LEADS)):
        for j in range(LENGTH):
            at = k - LENGTH + 1 + j
            block[0, i, j] = lanes[i].raw[at & (RAW - 1)]
            block[1, i, j] = lanes[i].wide[at & (RING - 1)]
    filled[1] += 1
    absent = 0
    for i in range(lanes.shape[0]):
        missing = intake.missing_between(device, lanes[i], k - LENGTH + 1, k)
        if 2 * missing > LENGTH:
            absent |= 1 << i
        if missing > HOLED:
            absent |= MASK_STEP << i
    return emit(rows, count, SECOND, slot, k, k, wrong, span, float(absent))
