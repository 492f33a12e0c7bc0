# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""How far each lead is believed when the leads of a device are joined.

How often a lead agrees with the joint verdict (its trust) does not tell which of two leads is
right: a noisy one that says "yes" to every artefact wins the vote, and then it is the clean lead
that seems to be wrong. So two measures judge a lead by itself:

1. Its likeness: how well what it takes for beats correlates with its own running templates (after
   Orphanidou et al. 2015). Beats resemble each other, artefacts do not. The share in the vote falls
   as its square.
2. A bound of amplitude: baseline-free signal further from zero than any heart puts it, against the
   lead's own QRS complexes, is a jump of the baseline, a change between rails or the recovery from
   one. Such a lead stays out until `HOLD` after the last such sample.

A lead that is out keeps `OUT` of its share rather than none: if all leads are disturbed, they vote
as they would without this. A device of one lead is not affected at all. A lead that is still (flat,
or at its rail) abstains, see `detector.engine.qrs.judge`.

Measured on MIT-BIH's training half (DS1), both leads, after 5 minutes: 24 beats missed and 29
invented, without these measures 25 and 46.

Orphanidou et al., "Signal-quality indices for the electrocardiogram and photoplethysmogram",
IEEE J Biomed Health Inform 19(3):832-838, 2015.
"""

from __future__ import annotations

from detector.engine.features import MS
from detector.engine.templates import MASK
from ecg_monitor.compiled import njit

MIN_LEVEL = 0.008
"""Envelope in mV below which there is no QRS complex. Measured: noise of 50 uV from peak to peak
reaches 0.007; a complex of 0.15 mV, the smallest to be found, 0.025 if 40 ms wide, 0.011 if 120."""
MIN_TRUST = 0.05
"""A lead is trusted no less, so that it can win its trust back."""
MAX_MV = 6.0
"""No heart puts a lead further from its baseline: QRS complexes of 5 mV must be found."""
SWINGS = 3.0
MARGIN_MV = 0.5
"""... nor further than so many of its own QRS complexes (trough to peak) and this: ectopic beats
and T waves are taller than the complexes that the level comes from, but not by that much."""
HOLD = int(2000 * MS)
"""How long a disturbed lead stays out: a recovery from saturation may take so long."""
OUT = 0.01
"""Part of its share that it keeps."""
UNLIKE, LIKE = 0.5, 0.9
"""Mean correlation with its templates at which a lead's share is least, and from which it is
whole."""
LIKENESS_MEMORY = 10.0
"""The mean is over about so many complexes. With 3 or 4 for a fall, noise is noticed sooner, but
runs of varied ectopic beats count as noise: on DS1, 31 and 39 beats are missed."""
LEAST_FAITH = 0.05
"""Least part of the share by likeness, before it is squared."""


@njit
def watch(lane, k):
    """Note whether engine sample ``k`` of a lane lies where no heart puts it."""
    limit = MAX_MV
    if lane.swing_level > 0.0:
        limit = min(limit, SWINGS * lane.swing_level + MARGIN_MV)
    if abs(lane.wide[k & MASK]) > limit:
        lane.out_until = k + HOLD


@njit
def learn_likeness(lane, correlation):
    """Let a complex that the lane takes for a beat count, by its correlation with a template."""
    if lane.likeness == 0.0:
        lane.likeness = 1.0
    lane.likeness += (correlation - lane.likeness) / LIKENESS_MEMORY


@njit
def weight(device, lanes, i, k):
    """Share of lane ``i`` in what the leads say together at ``k``; 0 when it says nothing."""
    lane = lanes[i]
    if (device.leadoff >> i) & 1 or lane.signal_level < MIN_LEVEL:
        return 0.0
    share = max(MIN_TRUST, lane.trust)
    if lanes.shape[0] == 1:
        return share
    if lane.likeness != 0.0:
        share *= min(1.0, max(LEAST_FAITH, (lane.likeness - UNLIKE) / (LIKE - UNLIKE))) ** 2
    return share * OUT if k < lane.out_until else share


@njit
def best_lane(device, lanes, k):
    """Index of the lane to be trusted most at ``k``."""
    best = 0
    most = -1.0
    for i in range(lanes.shape[0]):
        share = weight(device, lanes, i, k)
        if share > most:
            best = i
            most = share
    return best


@njit
def fused(device, lanes, k):
    """Envelope of all usable leads at ``k``, in units of the QRS level."""
    total = 0.0
    weights = 0.0
    for i in range(lanes.shape[0]):
        share = weight(device, lanes, i, k)
        if share > 0.0:
            total += share * lanes[i].envelope[k & MASK] / lanes[i].signal_level
            weights += share
    return total / weights if weights > 0.0 else 0.0
