"""Rhythms made from a patient's own beats, for training and for testing under another rhythm.

The development records hold few rhythms: early beats are rare in nearly all of them, so a
classifier may learn "rare and early" where it should learn "early". These rhythms part the two:
ectopic beats that prevail, with pauses between them (as in sinus node disease), bigeminy, runs;
and irregular rhythms without any ectopic beat (sinus arrhythmia, block, blocked premature beats,
fibrillation, changes of rate), all with P waves and QRS complexes that are real.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from models.beats.training.splicing import Floats, Indices, Labels, Pieces, Step, assemble

Rhythm = Callable[[Pieces, np.random.Generator, int], list[Step]]
N, S, V = 0, 1, 2
SHORTEST = 75.0
"""Least RR interval of a made rhythm, samples (0.3 s)."""
FEWEST_NORMAL, FEWEST_ECTOPIC = 50, 8
"""Beats that a record must have to choose from."""
TRACK = 700
"""Beats of a made track."""


def _spread(rng: np.random.Generator, size: float) -> float:
    return float(np.exp(size * rng.standard_normal()))


def _ectopic(
    pieces: Pieces,
    rng: np.random.Generator,
    count: int,
    label: int,
    odds: tuple[float, float],
    coupling: float,
    pause: tuple[float, float],
) -> list[Step]:
    """Two states, normal and ectopic; ``odds`` that ectopy follows either."""
    cycle = pieces.cycle * rng.uniform(1.0, 1.6)
    jitter, slowing = rng.uniform(0.01, 0.06), rng.uniform(0.95, 1.15)
    plan: list[Step] = []
    ectopic, drift = False, 0.0
    while len(plan) < count:
        drift = 0.98 * drift + 0.01 * rng.standard_normal()
        now = cycle * np.exp(drift)
        follows = ectopic
        ectopic = bool(rng.random() < odds[int(follows)])
        if ectopic:
            rr = now * coupling * _spread(rng, jitter) * (slowing if follows else 1.0)
            chosen = pieces.by_class[label]
        else:
            rr = now * (rng.uniform(*pause) if follows else _spread(rng, 0.03))
            chosen = pieces.sinus
        rr = max(rr, SHORTEST)
        plan.append(Step(pieces.near(chosen, rr, rng), rr, label if ectopic else N))
    return plan


def atrial(pieces: Pieces, rng: np.random.Generator, count: int) -> list[Step]:
    """Atrial ectopy as the rhythm: sinus node disease with pauses, bigeminy, or runs."""
    kind = rng.integers(3)
    if kind == 0:
        odds = (rng.uniform(0.5, 0.95), rng.uniform(0.5, 0.95))
    elif kind == 1:
        odds = (rng.uniform(0.6, 1.0), rng.uniform(0.0, 0.2))
    else:
        odds = (rng.uniform(0.05, 0.3), rng.uniform(0.7, 0.97))
    longest = 1.3 if rng.random() < 0.4 else rng.uniform(1.5, 3.5)
    return _ectopic(pieces, rng, count, S, odds, rng.uniform(0.58, 0.88), (1.0, longest))


def ventricular(pieces: Pieces, rng: np.random.Generator, count: int) -> list[Step]:
    """Ventricular ectopy as the rhythm: bigeminy, couplets, runs; with a compensatory pause."""
    coupling = rng.uniform(0.5, 0.95)
    odds = (rng.uniform(0.05, 0.95), float(rng.choice([0.0, 0.1, 0.5, 0.85])))
    return _ectopic(pieces, rng, count, V, odds, coupling, (1.0, 2.1 - coupling))


def _normal(pieces: Pieces, rng: np.random.Generator, intervals: Iterator[float]) -> list[Step]:
    plan = []
    for interval in intervals:
        rr = max(interval, SHORTEST)
        plan.append(Step(pieces.near(pieces.sinus, rr, rng), rr, N))
    return plan


def sinus_arrhythmia(pieces: Pieces, rng: np.random.Generator, count: int) -> list[Step]:
    """RR intervals that swing with breathing, up to 28 % either way."""
    cycle, depth = pieces.cycle * rng.uniform(0.85, 1.5), rng.uniform(0.05, 0.28)
    breathing, sharpness = rng.uniform(0.12, 0.4) / 250.0, 1.0 - 0.5 * rng.random()

    def intervals() -> Iterator[float]:
        at, drift = 0.0, 0.0
        for _ in range(count):
            drift = 0.98 * drift + 0.015 * rng.standard_normal()
            swing = np.sin(2 * np.pi * breathing * at)
            swing = np.sign(swing) * abs(swing) ** sharpness
            rr = cycle * np.exp(drift) * (1.0 + depth * swing + 0.02 * rng.standard_normal())
            at += rr
            yield rr

    return _normal(pieces, rng, intervals())


def block(pieces: Pieces, rng: np.random.Generator, count: int) -> list[Step]:
    """Beats that drop out: every second to sixth one, or one or two at random."""
    cycle, odds = pieces.cycle * rng.uniform(0.75, 1.1), rng.uniform(0.05, 0.5)
    period = int(rng.integers(2, 7)) if rng.random() < 0.5 else 0

    def intervals() -> Iterator[float]:
        for number in range(count):
            if period:
                place = number % period
                times = 2.0 if place == 0 else 1.0 - 0.02 * place
            else:
                times = rng.choice([1.0, 2.0, 3.0], p=[1 - odds, 0.9 * odds, 0.1 * odds])
            yield cycle * times * _spread(rng, 0.02)

    return _normal(pieces, rng, intervals())


def blocked_ectopy(pieces: Pieces, rng: np.random.Generator, count: int) -> list[Step]:
    """Pauses shorter than two cycles, as blocked premature atrial beats leave them."""
    cycle, odds = pieces.cycle * rng.uniform(0.85, 1.2), rng.uniform(0.05, 0.6)
    pause = rng.uniform(1.3, 1.9)

    def intervals() -> Iterator[float]:
        for _ in range(count):
            times = pause * _spread(rng, 0.05) if rng.random() < odds else 1.0
            yield cycle * times * _spread(rng, 0.025)

    return _normal(pieces, rng, intervals())


def rate_changes(pieces: Pieces, rng: np.random.Generator, count: int) -> list[Step]:
    """Sinus rhythm that quickens and slows within a few beats or many."""

    def intervals() -> Iterator[float]:
        now = target = pieces.cycle
        pace = 0.1
        for _ in range(count):
            if rng.random() < 0.02:
                target = pieces.cycle * rng.uniform(0.6, 1.5)
                pace = rng.uniform(0.03, 0.5)
            now += pace * (target - now)
            yield now * _spread(rng, 0.02)

    return _normal(pieces, rng, intervals())


def fibrillation(pieces: Pieces, rng: np.random.Generator, count: int) -> list[Step]:
    """RR intervals of atrial fibrillation, or of flutter with a changing block."""
    cycle, spread = pieces.cycle * rng.uniform(0.6, 1.3), rng.uniform(0.12, 0.32)
    flutter, unit = rng.random() < 0.25, rng.uniform(45.0, 62.0)

    def intervals() -> Iterator[float]:
        for _ in range(count):
            if flutter:
                times = rng.choice([2, 3, 4, 5], p=[0.3, 0.2, 0.4, 0.1])
                yield unit * times * _spread(rng, 0.02)
            else:
                yield min(cycle * _spread(rng, spread), 600.0)

    return _normal(pieces, rng, intervals())


REGIMES: Mapping[str, tuple[Rhythm, int]] = MappingProxyType(
    {
        "atrial": (atrial, 4),
        "ventricular": (ventricular, 1),
        "sinus_arrhythmia": (sinus_arrhythmia, 1),
        "block": (block, 1),
        "blocked_ectopy": (blocked_ectopy, 1),
        "rate_changes": (rate_changes, 1),
        "fibrillation": (fibrillation, 1),
    }
)
"""The rhythms by name, and how many tracks of each are made per lead."""
NAMES = tuple(REGIMES)
_NEEDS = {"atrial": S, "ventricular": V}


def tracks(
    signal: Floats, peaks: Indices, labels: Labels, seed: tuple[int, ...]
) -> Iterator[tuple[str, Floats, Indices, Labels]]:
    """Make all rhythms that a lead has the beats for.

    Args:
        signal: baseline-free signal at 250 Hz, mV.
        peaks: R peaks, samples.
        labels: their classes, 0 to 3 for N, S, V, F.
        seed: of all draws.

    Yields:
        name of the rhythm, signal, R peaks, classes.
    """
    pieces = Pieces.of(signal, peaks, labels)
    if len(pieces.sinus) < FEWEST_NORMAL:
        return
    size = float(np.percentile(np.abs(signal), 99))
    for name, (rhythm, times) in REGIMES.items():
        if name in _NEEDS and len(pieces.by_class[_NEEDS[name]]) < FEWEST_ECTOPIC:
            continue
        for number in range(times):
            rng = np.random.default_rng([*seed, zlib.crc32(name.encode()), number])
            plan = rhythm(pieces, rng, TRACK)
            waves = size * rng.uniform(0.005, 0.06) if name == "fibrillation" else None
            yield name, *assemble(pieces, plan, rng, waves)
