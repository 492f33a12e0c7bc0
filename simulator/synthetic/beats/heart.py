"""Cycles of activations, of which rhythms are made, and the heart that they depend on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.synthetic.beats.shapes import P_HALF_S, SHAPES
from simulator.synthetic.physiology import Physiology
from simulator.synthetic.segments import Segment

CONDUCTED = {"normal": ("N", "N"), "lbbb": ("L", "L"), "rbbb": ("R", "R")}
"""Shape and WFDB symbol of a conducted beat, by the segment's conduction."""


@dataclass(frozen=True, slots=True)
class Activation:
    """One electrical event: a P wave, a QRS complex with its T wave, or a pacemaker spike.

    Attributes:
        time: reference time of its shape, s since the patient's start.
        shape: name of the shape.
        rr_s: RR interval that its T wave adapts to, s.
        symbol: WFDB beat code, or empty when it is not a beat.
    """

    time: float
    shape: str
    rr_s: float = 1.0
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Cycle:
    """Activations that come or stay away together, e.g. a P wave and its QRS complex.

    Attributes:
        time: what decides to which segment it belongs, s.
        activations: its parts, by time.
        rhythms: changes of rhythm within it: time in s and WFDB rhythm string.
        episodes: episodes that it brings: kind, start and end in s.
    """

    time: float
    activations: tuple[Activation, ...]
    rhythms: tuple[tuple[float, str], ...] = ()
    episodes: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Heart:
    """State of the heart that a rhythm starts from when its segment begins.

    Attributes:
        segment: the segment with its parameters.
        start: begin of the segment, s.
        end: its end, s; may be infinite.
        last_r: time of the last beat before it, s; minus infinity if there was none.
        physiology: breathing and rate variability.
        rng: source of chance, used by the rhythms alone.
    """

    segment: Segment
    start: float
    end: float
    last_r: float
    physiology: Physiology
    rng: np.random.Generator

    @property
    def mean_rr(self) -> float:
        """Mean RR interval of the segment, s."""
        return 60 / self.segment.mean_rate

    def rr(self, time: float, mean: float | None = None) -> float:
        """Return the sinus interval that begins at ``time``, s."""
        mean = self.mean_rr if mean is None else mean
        hrv = self.segment.hrv * min(1.0, mean)
        return mean * self.physiology.rr_factor(time, hrv, self.segment.lf_hf)

    def first(self, interval: float) -> float:
        """Return the time of the segment's first beat: in step with the last one before it."""
        return max(self.start + 0.25 * min(interval, 1.0), self.last_r + interval)

    def per_beat(self, per_min: float, interval: float) -> bool:
        """Decide whether something that comes ``per_min`` times a minute comes in this interval."""
        return bool(self.rng.random() < per_min * interval / 60)

    def conducted(self, time: float, rr_s: float, p: str = "P", pr_s: float | None = None) -> Cycle:
        """Return a beat from above the ventricles with its P wave (none if ``p`` is empty)."""
        shape, symbol = CONDUCTED[self.segment.conduction]
        beat = Activation(time, shape, rr_s, symbol)
        if not p:
            return Cycle(time, (beat,))
        return Cycle(time, (Activation(self.p_time(time, rr_s, pr_s), p, rr_s), beat))

    def p_time(self, r_time: float, rr_s: float, pr_s: float | None = None) -> float:
        """Return the reference time of the P wave that leads to the beat at ``r_time``.

        A PR interval that is not prescribed shortens with the RR interval.
        """
        pr_s = self.segment.pr_s if pr_s is None else pr_s
        if pr_s is None:
            pr_s = 0.16 * min(1.0, max(rr_s, 0.15)) ** 0.35
        onset = SHAPES[CONDUCTED[self.segment.conduction][0]].onset_s
        return r_time + onset - pr_s + P_HALF_S
