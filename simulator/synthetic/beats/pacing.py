"""Pacemaker rhythms: spikes, and what they capture."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.synthetic.beats.heart import Activation, Cycle, Heart
from simulator.synthetic.beats.shapes import P_HALF_S, SHAPES

_SPIKE_BEFORE_QRS_S = 0.012
"""From the ventricular spike to the onset of the QRS complex, s."""
_SPIKE_BEFORE_P_S = 0.060
"""From the atrial spike to the reference time of the P wave, s."""
_AV_DELAY_S = 0.16


def paced(heart: Heart) -> Iterator[Cycle]:
    """Pacing at a fixed rate of the chamber that the segment names.

    A ventricular spike that does not capture, or is not given, leaves no QRS complex: the heart
    stands still until one does.
    """
    pr_s = heart.segment.pr_s or _AV_DELAY_S
    r = heart.first(heart.mean_rr)
    while True:
        yield _cycle(heart, r, pr_s)
        r += heart.mean_rr


def _cycle(heart: Heart, r: float, pr_s: float) -> Cycle:
    segment, rr = heart.segment, heart.mean_rr
    if segment.output < 1 and heart.rng.random() >= segment.output:
        return Cycle(r, ())
    parts: list[Activation] = []
    fused = bool(heart.rng.random() < segment.fusion) and segment.pacing == "ventricular"
    captured = bool(heart.rng.random() < segment.capture)
    shape = "N" if segment.pacing == "atrial" else "paced-fusion" if fused else "paced"
    onset = r + SHAPES[shape].onset_s
    if segment.pacing != "ventricular" or fused:
        p = onset - pr_s + P_HALF_S
        if not fused:
            parts.append(Activation(p - _SPIKE_BEFORE_P_S, "spike"))
        parts.append(Activation(p, "P", rr))
    if segment.pacing != "atrial":
        parts.append(Activation(onset - _SPIKE_BEFORE_QRS_S, "spike"))
        if not captured:
            return Cycle(r, tuple(parts))
    parts.append(Activation(r, shape, rr, "f" if fused else "/"))
    return Cycle(r, tuple(parts))
