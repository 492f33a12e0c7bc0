# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""How one beat moves what is remembered of its device: compiled, beat by beat.

The state is the record `models.autoencoder.calibration.CALIBRATION`; beats come in order of time
per device, those of several devices mixed as they are.
"""

from __future__ import annotations

import math

import numpy as np

from ecg_monitor.core.compiled import lent, njit

MEMORY = 60
"""Beats that template and levels remember (about a minute); until then they are plain means."""
TOLERANCE = 1.5
"""A beat farther from the template than this many usual distances moves it less (Huber)."""
EARLY = -0.12
"""Log ratio (11 % early) from which a beat hardly moves the template: it may be ectopic."""
EARLY_WEIGHT = 0.2
SPREAD_FLOOR = 0.03
"""Errors steadier than this are as good as noise-free: smaller spreads would magnify nothings."""
STEP_LIMIT = 0.1
"""Largest pull of one beat on a level: what makes the running means robust."""
IRREGULARITY_LIMIT = 0.3
POWER_FLOOR = 1e-3
"""Summand of a template's power, mV^2, so that nothing is divided by a flat one's zero."""
_LANES = 8
"""Sums are made of so many sums side by side, as numpy makes those of up to 128 numbers."""


@njit
def _mean_square(values):
    """Return the mean of squares, to the bit as numpy has it of up to 128 numbers."""
    sums = np.zeros(_LANES)
    whole = values.size - values.size % _LANES
    for i in range(0, whole, _LANES):
        for j in range(_LANES):
            sums[j] += values[i + j] * values[i + j]
    total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + (
        (sums[4] + sums[5]) + (sums[6] + sums[7])
    )
    for i in range(whole, values.size):
        total += values[i] * values[i]
    return total / values.size


@njit
def meet(states, rows, beats, early, templates, rhythm):
    """Compare beats with the templates, and let them move those.

    Args:
        states: records of all devices, changed in place.
        rows: index into ``states`` per beat, shape (B,).
        beats: mV, 125 Hz, shape (B, POINTS).
        early: log of the RR interval before each over its mean, shape (B,).
        templates: takes the template of each beat before it was moved, shape (B, POINTS).
        rhythm: takes irregularity and the log ratio of the beat before in columns 3 and 4, shape
            (B, 5).
    """
    states, beats, templates, rhythm = lent(states), lent(beats), lent(templates), lent(rhythm)
    apart = np.empty(beats.shape[1])
    for i in range(rows.size):
        state = states[rows[i]]
        for j in range(apart.size):
            templates[i, j] = beats[i, j] if state.beats == 0 else state.template[j]
            apart[j] = beats[i, j] - templates[i, j]
        rhythm[i, 3] = state.irregularity
        rhythm[i, 4] = state.before
        size = math.sqrt(_mean_square(templates[i]) + POWER_FLOOR)
        distance = math.sqrt(_mean_square(apart)) / size
        weight = min(1.0, TOLERANCE * state.distance / (distance + 1e-6))
        if early[i] < EARLY:
            weight = EARLY_WEIGHT * weight
        state.beats += 1
        share = 1.0 / min(state.beats + 1, MEMORY)
        for j in range(apart.size):
            state.template[j] = templates[i, j] + apart[j] * (weight * share)
        state.distance += share * _limited(distance - state.distance)
        change = min(abs(early[i] - state.before), IRREGULARITY_LIMIT)
        state.irregularity += share * (change - state.irregularity)
        state.before = early[i]


@njit
def exceed(states, rows, errors, found):
    """Hold errors against the usual ones, and let them move those.

    Args:
        states: records of all devices, changed in place.
        rows: index into ``states`` per beat, shape (B,).
        errors: reconstruction errors, shape (B,).
        found: takes how far each lies above the usual, in usual deviations, shape (B,).
    """
    states = lent(states)
    for i in range(rows.size):
        state = states[rows[i]]
        off = errors[i] - state.level
        found[i] = off / (state.spread + SPREAD_FLOOR)
        share = 1.0 / min(state.judged + 2, MEMORY)
        state.level += share * _limited(off)
        state.spread += share * _limited(abs(off) - state.spread)
        state.judged += 1


@njit
def _limited(step):
    """Return a step of a level, no larger than one beat may make it."""
    return min(max(step, -STEP_LIMIT), STEP_LIMIT)
