"""Atrioventricular block: P waves are regular; QRS complexes are late, missing or independent."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from simulator.synthetic.beats.heart import Activation, Cycle, Heart


def first_degree(heart: Heart) -> Iterator[Cycle]:
    """Every P wave is conducted, late."""
    pr_s = heart.segment.pr_s or 0.30
    r = heart.first(heart.mean_rr)
    while True:
        rr = heart.rr(r)
        yield heart.conducted(r, rr, pr_s=pr_s)
        r += rr


def mobitz_i(heart: Heart) -> Iterator[Cycle]:
    """Wenckebach: PR grows from beat to beat, by less each time, until a beat is dropped."""
    shortest = heart.segment.pr_s or 0.18
    longest = min(0.42, max(0.6 * heart.mean_rr, shortest + 0.04))
    steps = heart.segment.block_cycle - 1
    r = heart.first(heart.mean_rr)
    sinus = r - shortest
    while True:
        for step in range(steps):
            # Half of the remaining growth each time, so that RR shortens as it does clinically.
            pr_s = longest - (longest - shortest) * 0.5**step
            rr = heart.rr(sinus)
            yield heart.conducted(sinus + pr_s, rr, pr_s=pr_s)
            sinus += rr
        yield _blocked(heart, sinus, shortest)
        sinus += heart.rr(sinus)


def mobitz_ii(heart: Heart) -> Iterator[Cycle]:
    """PR is constant; now and then a beat is dropped without warning (2:1 if the cycle is 2)."""
    pr_s = heart.segment.pr_s or 0.18
    sinus = heart.first(heart.mean_rr) - pr_s
    while True:
        for _ in range(heart.segment.block_cycle - 1):
            rr = heart.rr(sinus)
            yield heart.conducted(sinus + pr_s, rr, pr_s=pr_s)
            sinus += rr
        yield _blocked(heart, sinus, pr_s)
        sinus += heart.rr(sinus)


def third_degree(heart: Heart) -> Iterator[Cycle]:
    """No P wave is conducted; an escape rhythm beats on its own."""
    return heapq.merge(_atria(heart), _escape(heart), key=lambda cycle: cycle.time)


def _blocked(heart: Heart, sinus: float, pr_s: float) -> Cycle:
    """Return a P wave alone, where one with the given PR interval would lie."""
    time = heart.p_time(sinus + pr_s, heart.mean_rr, pr_s)
    return Cycle(sinus + pr_s, (Activation(time, "P"),))


def _atria(heart: Heart) -> Iterator[Cycle]:
    interval = 60 / heart.segment.atrial_per_min
    time = heart.start + 0.1
    while True:
        yield Cycle(time, (Activation(time, "P"),))
        time += heart.rr(time, interval)


def _escape(heart: Heart) -> Iterator[Cycle]:
    junctional = heart.segment.escape == "junctional"
    shape, symbol = ("N", "j") if junctional else ("escape", "E")
    r = heart.first(heart.mean_rr)
    while True:
        rr = heart.rr(r)
        yield Cycle(r, (Activation(r, shape, rr, symbol),))
        r += rr
