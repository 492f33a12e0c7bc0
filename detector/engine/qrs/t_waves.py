# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Peaked T waves: what follows every beat at one distance, smoother than the beat, is none.

The network tells T waves of the usual size from QRS complexes; those of hyperkalaemia, as high as
the R wave and narrow, it takes for ventricular beats, and the rate doubles. Three things together
speak against a candidate soon after a beat, on the lead that shows them:

* it is gentle: its steepest slope is a part of that of the beat before it;
* it is smooth: that slope is small against its own height;
* the same wave, in shape and size, followed an earlier beat at the same distance, whether it was
  counted there or not; or there is no earlier beat yet. A ventricular ectopic beat that comes once
  does not, and of bigeminy the ectopic beats are steeper.

Nothing is learnt from it, so that a T wave which was counted does not sustain itself. Both bounds
of slopes were set between synthetic T waves (half width 67 to 100 ms, 0.7 to 1.4 of R) and the
beats of MIT-BIH's training half (DS1), first leads.
"""

from __future__ import annotations

import math

from detector.engine.qrs.features import LAG, LOOK, swing_and_slope
from detector.engine.qrs.templates import HALF, MASK
from detector.engine.resample import FS
from detector.engine.state import LAST_PEAKS, RING
from ecg_monitor.core.compiled import njit

MS = FS / 1000.0
SOONEST, LATEST = int(200 * MS), int(460 * MS)
"""Distance from the beat before it at which a T wave has its peak, samples."""
GENTLE = 0.38
"""Most that its slope is of that of the beat before it. The ectopic beats of bigeminy as in EC13
(3a to 3d, synthesized) have from 0.39 on; T waves as high as R and 84 ms wide have 0.25."""
SMOOTH = 0.2
"""Most that its slope (mV per two samples) is of its height from trough to peak (mV)."""
SAME, SMALLER, LARGER = 0.9, 0.6, 1.7
"""Least correlation with the earlier wave, and bounds of its size against that one's."""
MOVES = 8
"""Samples by which the distance may differ (32 ms): envelope peaks are no fiducials."""
NO_ENERGY = 1e-9


@njit
def is_t_wave(device, lane, peak):
    """Return whether a candidate is the T wave of the last beat on one lead.

    Args:
        device: record, dtype DEVICE.
        lane: record, dtype LANE.
        peak: the candidate, an envelope peak.
    """
    last = device.last_peak
    if last < 0 or not SOONEST <= peak - last <= LATEST:
        return False
    swing, slope = swing_and_slope(lane, peak - LAG)
    _, of_beat = swing_and_slope(lane, last - LAG)
    if slope > GENTLE * of_beat or slope > SMOOTH * swing:
        return False
    first = True
    for i in range(LAST_PEAKS):
        earlier = device.last_peaks[i]
        if earlier < device.start or earlier >= last:
            continue
        first = False
        place = earlier + peak - last
        kept = place - LAG - HALF - MOVES > peak + LOOK - RING
        if kept and _is_same(lane, peak - LAG, place - LAG):
            return True
    return first


@njit
def _is_same(lane, centre, earlier):
    """Return whether the signal around two samples has one shape and size."""
    for move in range(-MOVES, MOVES + 1, 2):
        own = other = own_squares = other_squares = product = 0.0
        for j in range(-HALF, HALF + 1):
            a = lane.wide[(centre + j) & MASK]
            b = lane.wide[(earlier + move + j) & MASK]
            own += a
            other += b
            own_squares += a * a
            other_squares += b * b
            product += a * b
        n = 2 * HALF + 1
        own_squares -= own * own / n
        other_squares -= other * other / n
        if own_squares < NO_ENERGY or other_squares < NO_ENERGY:
            continue
        size = math.sqrt(own_squares / other_squares)
        like = (product - own * other / n) / math.sqrt(own_squares * other_squares)
        if like >= SAME and SMALLER <= size <= LARGER:
            return True
    return False
