"""Compiled functions at work on signals that reach what few recordings do, as JSON; a command.

``python -m tests.support.kernels`` prints a JSON object with what each of `CASES` gives, so that it
can run uncompiled.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.engine.rows import Row
from detector.rhythm.rules import dissociation
from detector.rhythm.waveform import cycle, flutter, shrunk
from detector.rhythm.witness import likeness
from tests.support.cycles import Cycle, even, signal_of
from tests.support.engine import Hole, rows_of

FloatArray = npt.NDArray[np.float64]
FS = 250.0


def _engine(*mv: FloatArray, holes: list[Hole] | None = None, gain: float = 1000.0) -> list[Row]:
    """Rows of the engine over leads in mV at `FS`, each of shape (n,)."""
    units = np.clip(np.round(np.stack(mv) * gain), -32767, 32767).astype(np.int16)
    return rows_of(units, holes or [], FS, gain=gain)


def _heart(seconds: float, bpm: float = 70.0, cycle: Cycle | None = None) -> FloatArray:
    return signal_of(even(bpm, seconds), FS, seconds, cycle)


def peaked_t_waves() -> list[Row]:
    """T waves as high as the R wave, the last of them in places of their own."""
    beats = even(60, 7.0)
    late = Cycle(r_mv=0.0, p_mv=0.0, t_mv=1.0, t_s=0.084, r_to_t_s=0.40)
    mv = signal_of(beats[:-1], FS, 7.0, Cycle(t_mv=1.0, t_s=0.084, r_to_t_s=0.34))
    return _engine(mv + signal_of(beats[-1:], FS, 7.0) + signal_of(beats[-1:], FS, 7.0, late))


def holes() -> list[Row]:
    """Short and long holes, on one lead, on the other, and on both."""
    one = _heart(7.0)
    both = [(lead, 1100, 60) for lead in (0, 1)]
    return _engine(one, 0.5 * one, holes=[(0, 400, 30), (1, 560, 120), (0, 800, 270), *both])


def steps() -> list[Row]:
    """Pulses on both leads, an electrode that jumps, and one that is torn for two seconds."""
    one, other = _heart(7.0), 0.5 * _heart(7.0)
    for at in (300, 480):
        one[at : at + 2] += 20.0
        other[at : at + 2] += 6.0
    other[700:] += 3.0
    one[1000:1500:4] += 5.0
    one[1001:1500:4] += 5.0
    return _engine(one, other)


def wrong_units() -> list[list[Row]]:
    """One lead of counts for mV beside one of mV, both of counts, and both of volts for mV."""
    one = _heart(4.0)
    small = 0.001 * _heart(5.0, cycle=Cycle(t_mv=0.1, p_mv=0.05))
    holed = [(0, 750, 125)]
    return [
        _engine(one, 200.0 * one, holes=holed, gain=100.0),
        _engine(200.0 * one, 200.0 * one, holes=[(1, 0, 1000)], gain=100.0),
        _engine(small, 0.5 * small, holes=[(1, 0, 1250)], gain=200_000.0),
    ]


def marching_p_waves() -> list[tuple[float, float]]:
    """P waves past a slow rhythm; none; and waves that follow one another as in flutter."""
    t = np.arange(700)
    peaks = np.arange(30, 690, 80)
    noise = np.random.default_rng(5).normal(0.0, 0.004, (2, t.size))
    beats = sum(np.exp(-0.5 * ((t - at) / 1.5) ** 2) for at in peaks)
    waves = [
        sum(np.exp(-0.5 * ((t - at) / 2.0) ** 2) for at in np.arange(5, 700, every))
        for every in (35, 12)
    ]
    signals = [beats + noise, beats + 0.15 * waves[0] + noise, beats + 0.15 * waves[1] + noise]
    return [dissociation.marching(leads, peaks, 60) for leads in signals]


def shrunk_beats() -> list[Any]:
    """A mean cycle, and against it: its beat, small, moved, without T wave, a P wave, nothing."""
    at = 250
    with_t, without, p_only, none = (
        signal_of(np.array([at / FS]), FS, 2.0, one, noise_mv=0.0)
        for one in (
            Cycle(),
            Cycle(t_mv=0.0),
            Cycle(r_mv=0.0, p_mv=0.0, t_mv=0.12, t_s=0.05, r_to_t_s=0.0),
            Cycle(r_mv=0.0, p_mv=0.0, t_mv=0.0),
        )
    )
    means = []
    for beat in (with_t, without):
        mean = np.zeros(shrunk.POINTS)
        for count in range(3):
            shrunk.follow(shrunk.cycle_at(beat, at), mean, count)
        means.append(mean)
    beats = (with_t, 0.1 * with_t, np.roll(with_t, 6), without, p_only, none)
    cycles = [shrunk.cycle_at(beat, at) for beat in beats]
    return [[bool(shrunk.is_whole(one, mean)) for one in cycles] for mean in means]


def waves_that_repeat() -> list[float]:
    """Rates of wide waves, of small, narrow, slow ones, and of noise."""
    t = np.arange(cycle.SAMPLES) / FS
    turn = 2 * np.pi * 206 / 60 * t
    wide = np.sin(turn) + 0.3 * np.sin(2 * turn + 1)
    narrow = np.exp(-((((t * 2.0) % 1.0 - 0.5) * 0.5 / 0.02) ** 2))
    noise = np.convolve(np.random.default_rng(1).normal(size=t.size + 10), np.ones(11), "valid")
    return [
        cycle.cycle_bpm(values)
        for values in (wide, 0.05 * wide, narrow, np.sin(2 * np.pi * 0.7 * t), noise)
    ]


def regular_waves() -> list[Any]:
    """How regular flutter waves and noise between complexes are, second by second taken in."""
    t = np.arange(14 * int(FS)) / FS
    waves = 0.1 * np.sin(2 * np.pi * 4.8 * t)
    noise = np.random.default_rng(2).normal(0.0, 0.1, t.size)
    window = flutter.Flutter()
    for second in np.split(np.stack([waves, noise]).astype(np.float32), 14, axis=1):
        window.on_second(second, [True, True])
    segments = np.array([(first, first + 25) for first in range(60, 650, 45)], np.int64)
    leads = window.window.astype(np.float64)
    return [leads[:, ::50].tolist(), flutter.explained(leads, segments).tolist()]


def familiar_shapes() -> list[Any]:
    """Complexes that join shapes, replace one, are found again, and a flat line."""
    t = np.arange(-likeness.MARGIN, likeness.MARGIN) / FS
    narrow = np.exp(-0.5 * (t / 0.012) ** 2) - 0.3 * np.exp(-0.5 * ((t - 0.03) / 0.012) ** 2)
    wide = -np.exp(-0.5 * (t / 0.04) ** 2) + 0.5 * np.exp(-0.5 * ((t - 0.07) / 0.03) ** 2)
    shapes = np.zeros((1, likeness.SHAPES, 2, likeness.POINTS))
    sizes, counts = np.zeros((1, likeness.SHAPES)), np.zeros((1, likeness.SHAPES))
    known = shapes, sizes, counts
    found, heights = np.zeros(1), np.zeros(1)
    told = []
    for part in (0 * narrow, *[narrow] * 6, wide, np.roll(narrow, 9), 0 * narrow):
        whole = np.concatenate([part, part])[None, : 2 * likeness.MARGIN + 8].astype(np.float32)
        outcome = likeness.compare(whole, likeness.MARGIN, 25, 0, *known, heights, found)
        told.append([*outcome, float(found[0]), float(heights[0])])
    line = np.zeros(500)
    for at, size in ((100, 1.0), (250, 0.7), (400, 3.0)):
        line[at - likeness.MARGIN : at + likeness.MARGIN] += size * narrow
    thin = likeness.thinned(line)
    places = likeness.find(thin, 20, thin.size - 20, shapes[0], sizes[0], counts[0])
    return [*told, places.tolist(), sizes.tolist(), counts.tolist()]


CASES: dict[str, Callable[[], Any]] = {
    case.__name__: case
    for case in (
        peaked_t_waves,
        holes,
        steps,
        wrong_units,
        marching_p_waves,
        shrunk_beats,
        waves_that_repeat,
        regular_waves,
        familiar_shapes,
    )
}


def outcome(name: str) -> Any:
    """What a case gives, as it comes out of JSON; what is not a number is NaN."""
    return json.loads(json.dumps(CASES[name]()))


if __name__ == "__main__":
    json.dump({name: outcome(name) for name in CASES}, sys.stdout)
