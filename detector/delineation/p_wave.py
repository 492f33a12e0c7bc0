# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Evidence of P waves: whether the averages have one, and whether a beat has the usual one.

Fibrillation's waves are not locked to the QRS complex: they fade from an average as noise does. The
average therefore has a P wave where its power is many times what is left of the beats' scatter (the
signal-to-noise ratio of an average: Simson, Circulation 64:235-242, 1981, by the ratio of variances
of Fisher). A single beat has one if it correlates with the average's, over all leads at once.
"""

from __future__ import annotations

import math

import numpy as np

from detector.delineation.state import AVERAGE_BEFORE
from detector.engine.state import STRIP, STRIP_BEFORE
from ecg_monitor.core.compiled import njit

UNKNOWN = math.nan
MARGIN = 3
"""Samples on either side of the P wave that are compared too."""
P_LEAST = 6.0
"""An average has a P wave that stands out so far (see `standing_out`)."""
EARLIER, LATER = 40, 20
"""A P wave that is not conducted may come so many samples before or after the time expected: the PR
interval of the last beat may be longer than usual (Mobitz I), the sinus node is not a clock."""
EARLIER_STILL = 80
"""The same before a beat that is not called normal: the longest PR intervals of Mobitz I make beats
look premature, so that only the shortest count as usual."""
HALF_SLACK = 20
"""A P wave half an RR interval later may come so many samples before or after: in 2:1 block the PP
interval that holds the QRS complex is often the shorter one (ventriculophasic arrhythmia)."""
HALF_LEAST = 300
"""Nor is it looked for in an RR interval of fewer samples (1.2 s): it would lie on the T wave."""


@njit
def _without_line(values, first, end, out):
    """Copy a part without the straight line through its ends."""
    n = end - first
    for j in range(n):
        line = values[first] + (values[end - 1] - values[first]) * j / (n - 1)
        out[j] = values[first + j] - line


@njit
def standing_out(lead, on, off):
    """Return how far a wave of a lead's average stands out of the beats' scatter.

    Args:
        lead: state of the lead.
        on: its onset, sample of the average.
        off: its end, before the R peak.

    Returns:
        ratio of the variance that the average explains to that which it leaves: about 1 if there is
        no wave, over 10 in sinus rhythm.
    """
    first, end = max(0, on - MARGIN), min(AVERAGE_BEFORE, off + MARGIN + 1)
    if end - first < 4:
        return 0.0
    part = np.empty(end - first)
    mean = np.empty(AVERAGE_BEFORE)
    count = lead.count
    if count < 2:
        return 0.0
    wave = scatter = 0.0
    for j in range(first, end):
        mean[j] = lead.sum[j] / count
        scatter += max(0.0, lead.squares[j] / count - mean[j] * mean[j]) * count / (count - 1)
    _without_line(mean, first, end, part)
    for j in range(end - first):
        wave += count * part[j] * part[j]
    return wave / scatter if scatter > 0.0 else 0.0


@njit
def likeness(bed, leads, strips, usable, at):
    """Compare a part of a beat's strips with the usual P wave, all leads together.

    Args:
        bed: state of the device.
        leads: states of its leads.
        strips: signal, mV, shape (leads, STRIP).
        usable: bit mask of leads that are attached and alive.
        at: sample of the strips that would be the R peak of the usual beat.

    Returns:
        correlation -1 .. 1, and height as a part of the usual; both nan if there is no usual P
        wave, or the strips do not reach so far.
    """
    first = bed.p_on - MARGIN - AVERAGE_BEFORE
    end = bed.p_off + MARGIN + 1 - AVERAGE_BEFORE
    if bed.p_on == 0 or at + first < 0 or at + end > STRIP:
        return UNKNOWN, UNKNOWN
    n = end - first
    part, usual = np.empty(n), np.empty(n)
    both = own = energy = 0.0
    for i in range(leads.shape[0]):
        if not (usable >> i) & 1 or leads[i].usual_count == 0:
            continue
        _without_line(strips[i], at + first, at + end, part)
        _without_line(leads[i].usual, AVERAGE_BEFORE + first, AVERAGE_BEFORE + end, usual)
        for j in range(n):
            both += part[j] * usual[j]
            own += part[j] * part[j]
            energy += usual[j] * usual[j]
    if energy <= 0.0:
        return UNKNOWN, UNKNOWN
    if own <= 0.0:
        return 0.0, 0.0
    return both / math.sqrt(own * energy), both / energy


@njit
def expected_alone(bed, leads, strips, usable, before, earlier):
    """Look for a P wave one RR interval after this beat's own, whether or not a beat follows it.

    Args:
        bed: state of the device.
        leads: states of its leads.
        strips: signal, mV, shape (leads, STRIP).
        usable: bit mask of leads that are attached and alive.
        before: RR interval before this beat in samples.
        earlier: so many samples earlier it may come.

    Returns:
        the best likeness of a wave of at least half and at most twice the usual height; 0: none.
    """
    best = 0.0
    for shift in range(-earlier, LATER + 1):
        alike, height = likeness(bed, leads, strips, usable, STRIP_BEFORE + before + shift)
        if alike > best and 0.5 < height < 2.0:
            best = alike
    return best


@njit
def expected_halfway(bed, leads, strips, usable, before):
    """Look for a P wave half an RR interval after this beat's own, as 2:1 block has it.

    Args:
        bed: state of the device.
        leads: states of its leads.
        strips: signal, mV, shape (leads, STRIP).
        usable: bit mask of leads that are attached and alive.
        before: RR interval before this beat in samples.

    Returns:
        the best likeness of a wave of at least half and at most twice the usual height; 0: none, or
        one that only begins or ends where it is looked for, as the T wave does.
    """
    if before < HALF_LEAST:
        return 0.0
    best = 0.0
    where = 0
    for shift in range(-HALF_SLACK, HALF_SLACK + 1):
        alike, height = likeness(bed, leads, strips, usable, STRIP_BEFORE + before // 2 + shift)
        if alike > best and 0.5 < height < 2.0:
            best = alike
            where = shift
    return best if abs(where) < HALF_SLACK else 0.0
