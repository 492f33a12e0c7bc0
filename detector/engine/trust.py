# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""Trust in each lead: its share in the joint vote of several leads.

A lead's trust is a running mean of how sure it was of the candidates that it judged: its log odds
as a part of their bounds and, where it said "yes", times the likeness to its templates. It does
not ask what the leads decided together: a lead full of artefacts says "yes" to what resembles
nothing it knows, and loses its trust however often it outvoted a better one. (Trust as agreement
with the joint decisions, which was here before, let the first burst of noise turn it against the
good lead.)

Two things take a lead's share away for some seconds, since they hide or make up beats at once: what
towers over its QRS complexes, and a jump of its signal to another level (rail to rail). A pacemaker
pulse comes back to where it was and is no jump. What befalls all leads changes little: only their
shares against one another count. A lead alone is judged as if there were no shares.

Chosen on MIT-BIH's DS1 and the paced records with one lead spoilt
(`workbench.evaluate.spoilt_leads`): of 40 running measures of a lead, each fitted as the exponent
of its share, none left clearly fewer errors.
"""

from __future__ import annotations

import math

from detector.engine.resample import FS
from ecg_monitor.core.compiled import njit

MEMORY = 8.0
"""Candidates that trust remembers; 5 and 20 were within 3 % of its errors."""
STEEPNESS = 4.0
"""Exponent per unit of trust, which is 0 .. 1, by which a lead's share grows."""
TOWERS = 4.0
"""Height over the QRS level at which a lead's share is halved."""
JUMP, JUMPED = int(2 * FS), 0.02
"""Samples after a jump of its signal to another level for which a lead's share is reduced, and the
part of it that is left."""
ALONE = 0.15
"""What stands out of the calm on one lead alone is an artefact more often than a beat: a lead's
share in a verdict is multiplied by this power of its roughness ahead of the candidate against the
steepest slope. Of the errors in electrode motion it took a seventh, and added 3 to 55 on the clean
records."""


@njit
def begin(lane):
    """Rely on a lane whose levels were just learnt for the first time."""
    if lane.share == 0.0:
        lane.trust = 1.0
        lane.share = math.exp(STEEPNESS)


@njit
def follow(lane, sure):
    """Let a lane's trust follow how sure it was of a candidate, 0 .. 1."""
    lane.trust += (sure - lane.trust) / MEMORY
    lane.share = math.exp(STEEPNESS * lane.trust)


@njit
def share(lane, k):
    """Return a lane's share among several at engine sample ``k``, above 0."""
    towering = (lane.loudest / (TOWERS * lane.signal_level)) ** 2
    weight = lane.share / (1.0 + towering * towering)
    return JUMPED * weight if k - lane.jumped < JUMP else weight


@njit
def alone(rough):
    """Return the factor of a lead's share for one candidate.

    Args:
        rough: logarithm of how rough the lead was ahead of it against its steepest slope.
    """
    return math.exp(ALONE * rough)
