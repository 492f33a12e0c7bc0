# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Running templates of a lead: shapes of its beats, and of its other waves.

A lead keeps `TEMPLATES` shapes of beats (one rhythm's complexes and, say, its PVCs) and as many
of envelope peaks that were judged to be none (its T and P waves). A shape is the baseline-free
signal at every second sample, 100 ms on either side of the R peak, without its mean and scaled
to unit energy, so that an inner product is a correlation and amplitude does not matter.
"""

from __future__ import annotations

import math

from detector.engine.resample import FS
from detector.engine.state import RING, SHAPE, TEMPLATES
from ecg_monitor.core.compiled import njit

MASK = RING - 1
HALF = int(0.1 * FS)
"""Half of the stretch that holds a QRS complex: a PVC lasts 160 ms."""
SHIFT = 4
"""A template is tried this many samples to either side, since envelope peaks are no fiducials."""
ALIKE = 0.8
"""Correlation from which a complex counts as one of a template."""
MEMORY = 8
"""A template is the mean of about this many complexes, as long as the running QRS level."""
AGED = 30
"""A template's count at which all are halved, so that one whose beats ceased gives way."""
NO_ENERGY = 1e-9


@njit
def _likeness(lane, which, centre):
    """Return the best correlation of a template with the signal around ``centre``, and where."""
    shape = lane.shapes[which]
    best = -1.0
    at = centre
    for shift in range(-SHIFT, SHIFT + 1):
        first = centre + shift - HALF + 1
        total = 0.0
        squares = 0.0
        product = 0.0
        for j in range(SHAPE):
            value = lane.wide[(first + 2 * j) & MASK]
            total += value
            squares += value * value
            product += value * shape[j]
        energy = squares - total * total / SHAPE
        if energy > NO_ENERGY:
            correlation = product / math.sqrt(energy)
            if correlation > best:
                best = correlation
                at = centre + shift
    return best, at


@njit
def likest(lane, first, centre):
    """Compare the signal around ``centre`` with `TEMPLATES` templates from ``first`` on.

    Returns:
        The best correlation (-1: there is no template), where it was reached, which template.
    """
    best = -1.0
    at = centre
    which = -1
    for i in range(first, first + TEMPLATES):
        if lane.shape_beats[i] > 0:
            correlation, place = _likeness(lane, i, centre)
            if correlation > best:
                best = correlation
                at = place
                which = i
    return best, at, which


@njit
def learn_shape(lane, first, centre):
    """Let the complex around ``centre`` join its template, or replace the rarest one."""
    correlation, at, which = likest(lane, first, centre)
    if correlation < ALIKE:
        which = first
        for i in range(first, first + TEMPLATES):
            if lane.shape_beats[i] < lane.shape_beats[which]:
                which = i
        at = centre
        lane.shape_beats[which] = 0
        lane.shapes[which, :] = 0.0
    start = at - HALF + 1
    mean = 0.0
    for j in range(SHAPE):
        mean += lane.wide[(start + 2 * j) & MASK]
    mean /= SHAPE
    energy = 0.0
    for j in range(SHAPE):
        energy += (lane.wide[(start + 2 * j) & MASK] - mean) ** 2
    if energy < NO_ENERGY:
        return
    share = 1.0 / min(MEMORY, lane.shape_beats[which] + 1)
    norm = 0.0
    shape = lane.shapes[which]
    for j in range(SHAPE):
        value = (lane.wide[(start + 2 * j) & MASK] - mean) / math.sqrt(energy)
        shape[j] += share * (value - shape[j])
        norm += shape[j] * shape[j]
    for j in range(SHAPE):
        shape[j] /= math.sqrt(norm)
    lane.shape_beats[which] += 1
    if lane.shape_beats[which] > AGED:
        for i in range(first, first + TEMPLATES):
            if lane.shape_beats[i] > 0:
                lane.shape_beats[i] = max(1, lane.shape_beats[i] // 2)
