# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Input samples on their way to the resampler: pulses and steps are held, short holes are bridged.

A hole is where a lead has no value: its electrode is flagged as off, or the packet never came.
Interpolation from one end of a short hole to the other makes no wave of its own, as a step would;
for that the resampler waits for the end of the hole, `BRIDGE_S` at most. What is longer keeps the
last value and is bridged in its last `BRIDGE_S`, so that it does not end in a step. Nothing of
that passes for signal: every engine sample that a missing one shapes is marked, per lead and, where
no lead shows the heart, for the device. What judges beats, intervals, silence and waveform asks for
the marks.
"""

from __future__ import annotations

import math

from detector.engine.resample import FS, HISTORY
from detector.engine.state import FLAT_S, RING
from ecg_monitor.core.compiled import njit

PULSE_S = 0.02
"""Signal that a pacemaker pulse hides, s: it lasts 0.1 to 2 ms (IEC 60601-2-27, 201.12.1.101.13),
and a filter against aliases spreads it over five samples of 250 Hz. The signal is held meanwhile,
or the pulses that go on when the heart stands still would be counted as beats."""
STEEPEST, STEP_MV = 400.0, 1.0
"""A step between two samples that is steeper, mV/s, and higher is no heart's: a monitor has to take
320 mV/s (IEC 60601-2-27, 201.12.1.101.1), MIT-BIH's DS1 has up to 250. What follows it is held as
after a pulse: a device that does not report pulses still shows the high ones."""
JOINS_MV = 0.2
"""Movement in mV at the same sample by which other leads are held with the one that makes such a
step, as a pulse moves them. An electrode that jumps must not hide the QRS complexes of another."""
NOT_A_NUMBER = float("nan")
BRIDGE_S = 0.2
"""A hole is bridged over so much of its end, s: how long the resampler waits, and well inside what
IEC 60601-2-27 leaves for a decision. Half an RR interval at 150 bpm."""
HOLE_S = 1.0
"""What lasts longer is no hole, s: a lead is detached, or a stretch has ended. IEC 60601-2-27 asks
for a technical alarm then, and asystole must be told 4 s after the last beat."""
LONG = int(HOLE_S * FS)
HIDES = int(0.06 * FS)
"""A hole of so many engine samples (60 ms) may hide a QRS complex from the detector; an interval
across it is not measured. A QRS complex lasts 70 ms or more, so a shorter one leaves part of it."""
SETTLES = int(0.35 * FS)
"""A lead that comes back shows no beats for so many engine samples (350 ms), while another has a
hole: what lies ahead and behind tells a QRS complex from others (`detector.engine.qrs`), 0.3 s on
either side. Else contacts that come and go in turn would make pauses of the beats in between."""
AROUND = 25
"""Samples on either side of an R peak that hold the QRS complex (100 ms: a PVC lasts 160)."""
COMPLEX_MOST, WINDOW_MOST = 16, 160
"""Most engine samples that may be missing around an R peak, and of the window of a beat, for it to
be classified. Normal beats of six records of DS1 with one hole of 20 to 300 ms each: where more
than half of the complex was missing a fifth of them became ventricular, up to this bound few."""


@njit
def start(device, lanes):
    """Begin an unbroken stretch: no hole is open."""
    device.dark[:] = 0
    device.dark_before = device.dark_n
    for i in range(lanes.shape[0]):
        lanes[i].missing[:] = 0
        lanes[i].holes[:] = 0
        lanes[i].hole = -1
        lanes[i].gone = 0
        lanes[i].back = SETTLES
        lanes[i].stepped = 0


@njit
def _hold(device, lane, n):
    """Hold a lane from input sample ``n`` on; the foot of its step may lie in the one before."""
    lane.held = n + math.ceil(PULSE_S * device.fs)
    lane.history[(n - 1) & (HISTORY - 1)] = lane.history[(n - 2) & (HISTORY - 1)]


@njit
def take_in(device, lanes, n, values, offset, length):
    """Take input sample ``n`` of every lane, the first at ``offset``, into its history.

    Returns:
        The input sample up to which all histories are final.
    """
    steep = False
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        value = NOT_A_NUMBER  # what a detached input reads means nothing
        if not (device.leadoff >> i) & 1:
            value = (values[offset + i * length] - lane.baseline) / lane.gain
        step = abs(value - lane.newest)
        free = n >= max(lane.held, device.pulse_end) and not lane.too_large
        if n == lane.steep and abs(value - lane.history[(n - 1) & (HISTORY - 1)]) > STEP_MV:
            lane.jumped = device.k
        if free and step > STEP_MV and step * device.fs > STEEPEST:
            _hold(device, lane, n)
            lane.steep = lane.held
            steep = steep or not lane.unfit  # what steps all the time is no pulse
        lane.newest = value
    if steep:
        for i in range(lanes.shape[0]):
            lane = lanes[i]
            moved = abs(lane.newest - lane.history[(n - 1) & (HISTORY - 1)])
            if n >= lane.held and moved > JOINS_MV:
                _hold(device, lane, n)
    known = n
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        missing = math.isnan(lane.newest)
        held = n < device.pulse_end or n < lane.held or missing
        lane.stepped += n < lane.steep
        last = lane.history[(n - 1) & (HISTORY - 1)]
        lane.history[n & (HISTORY - 1)] = last if held else lane.newest
        lane.missing[n & (HISTORY - 1)] = missing
        if missing or lane.hole >= 0:
            known = min(known, _follow_hole(device, lane, n, missing))
    device.newest = n
    return known


@njit
def _follow_hole(device, lane, n, missing):
    """Open, wait for or bridge a hole at input sample ``n``; return what is final of the lane."""
    if lane.hole < 0:
        lane.hole = n
    bridge = int(BRIDGE_S * device.fs)
    short = n - lane.hole <= HOLE_S * device.fs
    first = max(lane.hole, n - bridge)
    if missing:
        return first - 1 if short else n
    if short:
        before = lane.history[(first - 1) & (HISTORY - 1)]
        rise = (lane.history[n & (HISTORY - 1)] - before) / (n - first + 1)
        for j in range(first, n):
            lane.history[j & (HISTORY - 1)] = before + rise * (j - first + 1)
    lane.hole = -1
    return n


@njit
def mark(device, lanes, whole):
    """Mark engine sample ``device.k``, after input sample ``whole``, where samples are missing."""
    reach = math.ceil(max(1.0, device.fs / FS))
    k = device.k & (RING - 1)
    missing, hidden, seen = 0, False, False
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        hole = False
        for j in range(whole - reach + 1, whole + reach + 1):
            hole = hole or lane.missing[j & (HISTORY - 1)] != 0
        lane.holes[k] = hole
        lane.gone = lane.gone + 1 if hole else 0
        lane.back = 0 if hole else min(SETTLES, lane.back + 1)
        shows = lane.flat_s < FLAT_S and not lane.too_large and not lane.unfit
        missing += hole
        hidden = hidden or (hole and shows and lane.gone < LONG)
        seen = seen or (shows and lane.back >= SETTLES)
    dark = missing == lanes.shape[0] or (hidden and not seen)
    device.dark[k] = dark
    device.dark_n += dark


@njit
def unseen(device):
    """Return how many engine samples no lead has shown since the last beat."""
    return device.dark_n - device.dark_before


@njit
def dark_between(device, first, last):
    """Return how many engine samples from ``first`` to ``last`` no lead has shown."""
    total = 0
    for k in range(max(first, device.k - RING, device.start), last + 1):
        total += device.dark[k & (RING - 1)]
    return total


@njit
def hides_a_beat(device, first, last):
    """Return whether a hole from ``first`` to ``last`` may hide a beat on all leads."""
    run = 0
    for k in range(max(first, device.k - RING, device.start), last + 1):
        run = run + 1 if device.dark[k & (RING - 1)] else 0
        if run >= HIDES:
            return True
    return False


@njit
def missing_between(device, lane, first, last):
    """Return how many engine samples of a lane are missing from ``first`` to ``last``."""
    total = 0
    for k in range(max(first, device.start), min(last, device.k - 1) + 1):
        total += lane.holes[k & (RING - 1)]
    return total


@njit
def is_holed(device, lane, centre):
    """Return whether too much of the complex around ``centre`` is missing on a lane."""
    return missing_between(device, lane, centre - AROUND, centre + AROUND) > COMPLEX_MOST


@njit
def whole_lane(device, lanes, first, peak):
    """Return lane ``first``, or if holes lie near ``peak`` on it, one that has none there."""
    for j in range(lanes.shape[0]):
        i = (first + j) % lanes.shape[0]
        shows = lanes[i].flat_s < FLAT_S and not lanes[i].too_large and not lanes[i].unfit
        missing = missing_between(device, lanes[i], peak - 2 * AROUND, peak + AROUND)
        if not missing and (shows or not j):
            return i
    return first
