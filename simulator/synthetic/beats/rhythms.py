"""Supraventricular and ventricular rhythms: each a generator of cycles from its segment's start.

A generator need not stop at the segment's end, the caller does; it may end earlier, which means
that no further beat comes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from simulator.synthetic.beats.blocks import first_degree, mobitz_i, mobitz_ii, third_degree
from simulator.synthetic.beats.ectopy import Ectopy
from simulator.synthetic.beats.heart import CONDUCTED, Activation, Cycle, Heart
from simulator.synthetic.beats.pacing import paced


def sinus(heart: Heart) -> Iterator[Cycle]:
    """Sinus rhythm, with the segment's ectopy."""
    ectopy = Ectopy(heart)
    rr = heart.mean_rr
    r = heart.first(rr)
    while True:
        rr = heart.rr(r)
        yield heart.conducted(r, rr)
        premature = ectopy.after(r, rr)
        if premature is None:
            r += rr
        else:
            cycle, r = premature
            yield cycle


def pauses(heart: Heart) -> Iterator[Cycle]:
    """Sinus rhythm that stops now and then (sinus arrest)."""
    segment = heart.segment
    r = heart.first(heart.mean_rr)
    next_pause = heart.start + segment.pause_every_s / 2
    while True:
        rr = heart.rr(r)
        cycle = heart.conducted(r, rr)
        yield cycle
        if r + rr < next_pause:
            r += rr
            continue
        resumed = r + segment.pause_s
        if resumed < heart.end:
            shown = heart.conducted(resumed, rr)
            yield replace(shown, episodes=(("pause", r, resumed),))
            r = resumed + heart.rr(resumed)
        else:
            r = resumed
        next_pause += segment.pause_every_s


def atrial_fibrillation(heart: Heart) -> Iterator[Cycle]:
    """Beats without P waves at irregular intervals, log-normal and independent of each other."""
    segment = heart.segment
    ectopy = Ectopy(heart, compensatory=False)
    cv = 0.22 if segment.irregularity is None else segment.irregularity
    sigma = math.sqrt(math.log1p(cv * cv))
    r = heart.first(heart.mean_rr)
    while True:
        rr = heart.mean_rr * math.exp(heart.rng.normal(-sigma * sigma / 2, sigma))
        # The AV node needs time to recover, however fast the atria fire.
        rr = max(rr, min(0.24, 0.8 * heart.mean_rr))
        yield heart.conducted(r, rr, p="")
        premature = ectopy.after(r, max(rr, 0.6 * heart.mean_rr))
        if premature is None:
            r += rr
        else:
            cycle, r = premature
            yield cycle


def flutter(heart: Heart) -> Iterator[Cycle]:
    """Beats in step with the flutter waves, one for each 2, 3, 4 ... of them."""
    segment = heart.segment
    wave = 60 / segment.atrial_per_min
    # Conduction starts at the same phase of the wave as drawn by `sources.flutter_dipole`.
    earliest = heart.first(2 * wave)
    r = heart.start + (math.ceil((earliest - heart.start) / wave) + 0.35) * wave
    while True:
        ratio = segment.av_ratio or int(heart.rng.integers(2, 5))
        yield heart.conducted(r, ratio * wave, p="")
        r += ratio * wave


def supraventricular_tachycardia(heart: Heart) -> Iterator[Cycle]:
    """Narrow, fast and regular, with a retrograde P wave just after the QRS complex (AVNRT)."""
    r = heart.first(heart.mean_rr)
    shape, symbol = CONDUCTED[heart.segment.conduction]
    symbol = "A" if symbol == "N" else symbol
    while True:
        rr = heart.rr(r)
        retrograde = Activation(r + 0.085, "P-retrograde", rr)
        yield Cycle(r, (Activation(r, shape, rr, symbol), retrograde))
        r += rr


def junctional(heart: Heart) -> Iterator[Cycle]:
    """Junctional escape rhythm: narrow, slow, without P waves before the QRS complex."""
    r = heart.first(heart.mean_rr)
    while True:
        rr = heart.rr(r)
        yield Cycle(r, (Activation(r, CONDUCTED[heart.segment.conduction][0], rr, "j"),))
        r += rr


def idioventricular(heart: Heart) -> Iterator[Cycle]:
    """Ventricular escape rhythm: wide and slow, without P waves."""
    r = heart.first(heart.mean_rr)
    while True:
        rr = heart.rr(r)
        yield Cycle(r, (Activation(r, "escape", rr, "E"),))
        r += rr


def ventricular_tachycardia(heart: Heart) -> Iterator[Cycle]:
    """Monomorphic ventricular tachycardia; begins prematurely."""
    segment = heart.segment
    cv = 0.015 if segment.irregularity is None else segment.irregularity
    r = heart.first(heart.mean_rr)
    while True:
        # Jitter about the interval, bounded so that beats keep their order.
        rr = heart.mean_rr * (1 + min(0.5, max(-0.5, heart.rng.normal(0, cv))))
        yield Cycle(r, (Activation(r, f"V{segment.vt_form}", rr, "V"),))
        r += rr


def no_beats(heart: Heart) -> Iterator[Cycle]:
    """No ventricular beats: fibrillation, or asystole with the P waves that the segment wants."""
    if heart.segment.atrial_per_min:
        interval = 60 / heart.segment.atrial_per_min
        time = heart.start + interval / 2
        while True:
            yield Cycle(time, (Activation(time, "P"),))
            time += interval


GENERATORS: dict[str, Callable[[Heart], Iterator[Cycle]]] = {
    "sinus": sinus,
    "pauses": pauses,
    "af": atrial_fibrillation,
    "flutter": flutter,
    "svt": supraventricular_tachycardia,
    "junctional": junctional,
    "ivr": idioventricular,
    "vt": ventricular_tachycardia,
    "vf": no_beats,
    "asystole": no_beats,
    "av-block-1": first_degree,
    "av-block-2-i": mobitz_i,
    "av-block-2-ii": mobitz_ii,
    "av-block-3": third_degree,
    "paced": paced,
}
"""How each rhythm of `segments.RHYTHMS` is made."""
