"""Hands beats out for labelling, each with the signal around it, once all that counts is there."""

from __future__ import annotations

from detector.compiled import njit
from detector.engine.state import (
    BEATS,
    FLAT_S,
    READY,
    READY_AFTER,
    RING,
    WINDOW,
    WINDOW_BEFORE,
    WINDOW_LEADS,
)

NONE = -1.0


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
def hand_out(device, lanes, slot, ended, rows, count, windows, filled):
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
        usable = 0
        for i in range(min(lanes.shape[0], WINDOW_LEADS)):
            _copy(device, lanes[i], peak - WINDOW_BEFORE, windows[filled[0], i])
            if lanes[i].off < peak - WINDOW_BEFORE and lanes[i].flat_s < FLAT_S:
                usable |= 1 << i
        for i in range(lanes.shape[0], WINDOW_LEADS):
            windows[filled[0], i, :] = 0.0
        filled[0] += 1
        before = float(device.before[place])
        count = emit(
            rows, count, READY, slot, peak, device.k - 1, before, after, float(usable)
        )
        device.n_ready += 1
    return count


@njit
def _copy(device, lane, first, window):
    """Copy the signal from ``first`` on; zeros where this stretch has none."""
    for j in range(WINDOW):
        k = first + j
        inside = device.start <= k < device.k
        window[j] = lane.wide[k & (RING - 1)] if inside else 0.0
