# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""The loop over the beats of a batch: averages grow, and are measured when they are due."""

from __future__ import annotations

import math

import numpy as np

from detector.delineation import average, p_wave, waves
from detector.delineation.state import AVERAGE, AVERAGE_BEFORE
from detector.engine.state import STRIP_BEFORE
from ecg_monitor.core.compiled import lent, njit

NOT_DUE = -1
LATE = 1.4
"""A P wave without a QRS complex is looked for if the next beat does not come before so many RR
intervals."""
EARLY = 0.8
"""One between two beats is not looked for if the next comes before so many RR intervals."""
WHOLE = AVERAGE - AVERAGE_BEFORE
"""Samples after the R peak that a beat must have to join an average."""


@njit
def measure(bed, leads, marks, levels, trust):
    """Find the waves of the averages of all leads.

    Args:
        bed: state of the device; learns where the usual P wave is.
        leads: states of its leads.
        marks: output, see `detector.delineation.waves.MARKS`, shape (leads, 8); a P wave that does
            not stand out of the beats' scatter is none.
        levels: output, the averages, mV, shape (leads, AVERAGE).
        trust: output, height of the QRS complex (mV), and how far the P wave stands out, both 0
            where there is none, shape (leads, 2).
    """
    rr = int(bed.rr / bed.rr_beats) if bed.rr_beats else 0
    room = np.empty(AVERAGE)
    best = 0
    for i in range(leads.shape[0]):
        marks[i, :] = math.nan
        levels[i, :] = math.nan
        trust[i, :] = 0.0
        if leads[i].count < min(bed.beats, average.LEAST_BEATS):
            continue
        for j in range(AVERAGE):
            room[j] = leads[i].sum[j] / leads[i].count
            levels[i, j] = room[j]
        trust[i, 0] = waves.delineate(room, AVERAGE_BEFORE, rr, rr, marks[i])
        if math.isnan(marks[i, waves.P_ON]):
            continue
        on, off = int(marks[i, waves.P_ON]), int(marks[i, waves.P_OFF])
        trust[i, 1] = p_wave.standing_out(leads[i], on, off)
        if trust[i, 1] < p_wave.P_LEAST:
            marks[i, waves.P_ON : waves.P_OFF + 1] = math.nan
        elif trust[i, 1] > trust[best, 1] or math.isnan(marks[best, waves.P_ON]):
            best = i
    average.keep_usual(bed, leads)
    bed.p_on = bed.p_off = 0
    if not math.isnan(marks[best, waves.P_ON]):
        bed.p_on = max(int(marks[best, waves.P_ON]), p_wave.MARGIN + 1)
        bed.p_off = int(marks[best, waves.P_OFF])


@njit
def take(beds, leads, lane_of, beats, strips, measured, p_waves, marks, levels, trust, numbers):
    """Take the beats of a batch, in order per device.

    Args:
        beds: state records, dtype BED.
        leads: state records, dtype LEAD.
        lane_of: first record in ``leads`` and number of leads of each device, shape (devices, 2).
        beats: one row per beat: slot, R peak, R peak before and after it in the same stretch (-1:
            none), last sample of the signal known, bit mask of usable leads, 1 if it is normal;
            int64, shape (n, 7).
        strips: the beats' leads one after another, mV, shape (at least all of them, STRIP).
        measured: output, which row of ``marks`` a beat brought, or -1; shape (n,).
        p_waves: output, per beat: likeness to the usual P wave, height as a part of it (nan:
            unknown), likeness of a P wave that was not conducted before it (0: none), and of one
            half an RR interval after its own (0: none), shape (n, 4).
        marks: output, wave boundaries of averages, shape (at least n, most leads, 8).
        levels: output, the averages, mV, shape (at least n, most leads, AVERAGE).
        trust: output, see `measure`, shape (at least n, most leads, 2).
        numbers: output, per measurement: beats in it, mean RR interval in samples (nan: unknown), R
            peak of its last beat; shape (at least n, 3).

    Returns:
        number of measurements.
    """
    beds, leads, strips, p_waves = lent(beds), lent(leads), lent(strips), lent(p_waves)
    marks, levels, trust, numbers = lent(marks), lent(levels), lent(trust), lent(numbers)
    beat = np.empty(AVERAGE)
    at = 0
    count = 0
    for b in range(beats.shape[0]):
        slot, peak, known, usable = beats[b, 0], beats[b, 1], beats[b, 4], beats[b, 5]
        before = peak - beats[b, 2] if beats[b, 2] >= 0 else 0
        after = beats[b, 3] - peak if beats[b, 3] >= 0 else 0
        normal = beats[b, 6] == 1
        bed = beds[slot]
        first, n_leads = lane_of[slot, 0], lane_of[slot, 1]
        mine = leads[first : first + n_leads]
        shown = strips[at : at + n_leads]
        at += n_leads
        measured[b] = NOT_DUE
        p_waves[b, :] = math.nan
        p_waves[b, 2:] = 0.0
        if average.is_due(bed, peak, before):
            if bed.beats >= average.LEAST_BEATS:
                close(bed, mine, marks[count], levels[count], trust[count], numbers[count])
                measured[b] = count
                count += 1
            average.clear(bed, mine)
        shift = 0
        if normal and before > 0 and known - peak >= WHOLE:
            shift = average.add(bed, mine, shown, peak, before, after, usable, beat)
        shift = shift if shift <= average.SHIFT else 0
        alike, height = p_wave.likeness(bed, mine, shown, usable, STRIP_BEFORE + shift)
        p_waves[b, 0], p_waves[b, 1] = alike, height
        p_waves[b, 2] = bed.dropped if before > 0 else 0.0
        bed.dropped = 0.0
        if before > 0 and (after == 0 or after > LATE * before):
            earlier = p_wave.EARLIER if normal else p_wave.EARLIER_STILL
            bed.dropped = p_wave.expected_alone(bed, mine, shown, usable, before, earlier)
        if normal and before > 0 and (after == 0 or after > EARLY * before):
            p_waves[b, 3] = p_wave.expected_halfway(bed, mine, shown, usable, before)
        average.keep_knots(bed, mine, shown, peak, normal)
    return count


@njit
def close(bed, leads, marks, levels, trust, numbers):
    """Measure an average; arguments as of `take`."""
    numbers[0] = bed.beats
    numbers[1] = bed.rr / bed.rr_beats if bed.rr_beats else math.nan
    numbers[2] = bed.last
    measure(bed, leads, marks, levels, trust)


@njit
def forget(bed, leads):
    """A stretch ends: nothing is averaged across a break. What is usual stays known."""
    average.clear(bed, leads)
    bed.knot_peak = -1
    bed.dropped = 0.0
