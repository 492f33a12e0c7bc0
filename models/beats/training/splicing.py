"""Splices a patient's own beats in another order and with other RR intervals.

A piece of signal runs from 140 ms after one R peak to 140 ms after the next: it holds the T wave
of the beat before, the diastole, and the beat's own P wave and QRS complex. Pieces are joined
without a step; diastole is added or taken away before the P wave to give the RR interval wanted.
P waves, QRS complexes and coupling are therefore real; only the rhythm is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.beats.features.state import FS

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int8]

AFTER_R = 35
"""Samples after an R peak at which pieces are cut: the QRS complex is over."""
P_ROOM = 70
"""Samples before the R peak that are never stretched: P wave and PR interval (280 ms)."""
SHORTEST_RR, LONGEST_RR = 50, 700
"""RR intervals of pieces that are used, samples."""
EDGE = 400
"""Samples at either end of a recording that are not used."""
JOINT = 60
"""Samples over which the step at a joint is let out."""
_RAMP = 20


class Step(NamedTuple):
    """One beat of a new rhythm.

    Attributes:
        beat: index of the beat whose piece is taken.
        rr: RR interval that ends with it, samples.
        label: its class.
    """

    beat: int
    rr: float
    label: int


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Beats of one lead that can be put together anew.

    Attributes:
        signal: baseline-free signal at `FS`, mV.
        peaks: R peaks, samples.
        rr: interval before each, samples; enormous for the first.
        by_class: beats of N, S, V and F that can be used.
        sinus: N beats that follow an N beat.
        cycle: median RR interval of ``sinus``, samples.
        noise: standard deviation of the signal's noise, mV.
    """

    signal: Floats
    peaks: Indices
    rr: Indices
    by_class: tuple[Indices, ...]
    sinus: Indices
    cycle: float
    noise: float

    @classmethod
    def of(cls, signal: Floats, peaks: Indices, labels: Labels) -> Pieces:
        """Find the pieces of a labelled lead."""
        rr = np.diff(peaks, prepend=peaks[0] - 10**6)
        inside = (peaks > EDGE) & (peaks < len(signal) - EDGE)
        usable = inside & (rr > SHORTEST_RR) & (rr < LONGEST_RR)
        after_normal = np.concatenate([[False], labels[:-1] == 0])
        by_class = tuple(np.flatnonzero(usable & (labels == label)) for label in range(4))
        sinus = np.flatnonzero(usable & (labels == 0) & after_normal)
        bend = np.diff(signal[peaks[0] : peaks[-1]].astype(np.float64), 2)
        # Of white noise, the second difference has six times the variance.
        noise = float(np.median(np.abs(bend)) / 0.6745 / np.sqrt(6.0)) if len(bend) else 0.0
        cycle = float(np.median(rr[sinus])) if len(sinus) else 0.8 * FS
        return cls(signal, peaks, rr, by_class, sinus, cycle, noise)

    def near(self, beats: Indices, rr: float, rng: np.random.Generator, tries: int = 6) -> int:
        """Of a few beats drawn at random, return the one whose own RR is nearest to ``rr``."""
        drawn = rng.choice(beats, min(tries, len(beats)))
        return int(drawn[np.argmin(np.abs(np.log(self.rr[drawn] / rr)))])

    def piece(self, beat: int, rr: float, rng: np.random.Generator) -> Doubles:
        """Return the signal of a beat with the RR interval brought to ``rr`` samples."""
        start, end = self.peaks[beat - 1] + AFTER_R, self.peaks[beat] + AFTER_R
        piece = self.signal[start:end].astype(np.float64)
        more = max(int(rr), SHORTEST_RR + 10) - len(piece)
        before_p = max(len(piece) - AFTER_R - P_ROOM, int(0.35 * len(piece)))
        if more > 0:
            fill = np.linspace(piece[before_p - 1], piece[before_p], more)
            fill += self.noise * rng.standard_normal(more)
            return np.concatenate([piece[:before_p], fill, piece[before_p:]])
        after_t = int(0.45 * len(piece)) if len(piece) > FS else int(0.5 * len(piece))
        cut = before_p - min(-more, max(before_p - after_t, 0))
        if cut == before_p:
            return piece
        step = piece[before_p] - piece[cut - 1]
        piece = np.concatenate([piece[:cut], piece[before_p:]])
        ramp = min(_RAMP, len(piece) - cut)
        piece[cut : cut + ramp] -= step * (1.0 - np.arange(ramp) / ramp)
        return piece


def assemble(
    pieces: Pieces,
    plan: Sequence[Step],
    rng: np.random.Generator,
    fibrillation: float | None = None,
) -> tuple[Floats, Indices, Labels]:
    """Join the pieces of a plan.

    Args:
        pieces: where the signal comes from.
        plan: the beats.
        rng: draws the noise of added diastole.
        fibrillation: None, or the amplitude in mV of the f waves that take the place of P waves.

    Returns:
        signal at `FS` in mV, shape (n,); R peaks; classes.
    """
    parts = [np.zeros(EDGE)]
    end, level = EDGE, 0.0
    peaks = np.empty(len(plan), np.int64)
    for number, step in enumerate(plan):
        piece = pieces.piece(step.beat, step.rr, rng)
        joint = min(len(piece), JOINT)
        piece[:joint] += (level - piece[0]) * (1.0 - np.arange(joint) / joint)
        if fibrillation is not None:
            _without_p(piece, pieces.noise, rng)
        parts.append(piece)
        end, level = end + len(piece), float(piece[-1])
        peaks[number] = end - AFTER_R
    parts.append(np.linspace(level, 0.0, EDGE))
    signal = np.concatenate(parts)
    if fibrillation is not None:
        signal += fibrillation * _f_waves(len(signal), rng)
    labels = np.array([step.label for step in plan], np.int8)
    return signal.astype(np.float32), peaks, labels


def _without_p(piece: Doubles, noise: float, rng: np.random.Generator) -> None:
    """Put a straight line where the P wave is, 250 to 50 ms before the R peak."""
    first, end = max(len(piece) - AFTER_R - 62, 5), len(piece) - AFTER_R - 12
    if end > first:
        line = np.linspace(piece[first], piece[end], end - first)
        piece[first:end] = line + noise * rng.standard_normal(end - first)


def _f_waves(count: int, rng: np.random.Generator) -> Doubles:
    """Waves of 4.5 to 8 Hz whose frequency wanders and whose size waxes and wanes."""
    time = np.arange(count) / FS
    phase = 2 * np.pi * rng.uniform(4.5, 8.0) * time
    phase += 0.05 * np.cumsum(rng.standard_normal(count))
    swell = 1.0 + 0.5 * np.sin(2 * np.pi * 0.3 * time)
    waves: Doubles = (np.sin(phase) + 0.3 * np.sin(2 * phase)) * swell
    return waves
