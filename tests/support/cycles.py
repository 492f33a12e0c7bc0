"""ECG of Gaussian waves, cycle by cycle: sizes, widths and distances as a test wants them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecg_monitor.records import Recording

FloatArray = npt.NDArray[np.float64]
HALF_WIDTH = 2 * np.sqrt(np.log(2))
"""Width of a Gaussian wave at half its height against its width parameter."""
LEADS = ("II", "V1", "V5")


@dataclass(frozen=True, slots=True)
class Cycle:
    """Waves of a heart beat: heights in mV, half widths and the distance from R to T in s."""

    r_mv: float = 1.0
    r_s: float = 0.02
    p_mv: float = 0.12
    p_s: float = 0.042
    t_mv: float = 0.25
    t_s: float = 0.083
    r_to_t_s: float = 0.32
    q: float = -0.1
    s: float = -0.25


def even(bpm: float, seconds: float, *, jitter: float = 0.01, seed: int = 1) -> FloatArray:
    """R peaks of a regular rhythm, s, the first after 1 s."""
    rng = np.random.default_rng(seed)
    count = int((seconds - 1.5) * bpm / 60)
    intervals = 60 / bpm * (1 + rng.normal(0, jitter, count))
    return 1.0 + np.concatenate([[0.0], np.cumsum(intervals)[:-1]])


def signal_of(
    beats: FloatArray,
    fs: float,
    seconds: float,
    cycle: Cycle | None = None,
    *,
    noise_mv: float = 0.01,
    seed: int = 3,
) -> FloatArray:
    """One lead, mV: ``cycle`` (None: an ordinary one) at each of ``beats``, in s."""
    cycle = cycle or Cycle()
    t = np.arange(round(seconds * fs)) / fs
    mv = np.random.default_rng(seed).normal(0, noise_mv, len(t))
    width = cycle.r_s / HALF_WIDTH
    waves = (
        (-0.16, cycle.p_s / HALF_WIDTH, cycle.p_mv),
        (0.0, width, cycle.r_mv),
        (-2.2 * width, 0.8 * width, cycle.q * cycle.r_mv),
        (2.2 * width, 0.9 * width, cycle.s * cycle.r_mv),
        (cycle.r_to_t_s, cycle.t_s / HALF_WIDTH, cycle.t_mv),
    )
    for beat in beats:
        part = slice(max(0, round((beat - 0.6) * fs)), round((beat + 0.9) * fs))
        for at, wide, high in waves:
            mv[part] += high * np.exp(-(((t[part] - beat - at) / wide) ** 2))
    return mv


def recorded(mv: FloatArray, fs: float, gain: float = 1000.0) -> Recording:
    """Leads in mV, shape (n_leads, n) or (n,), as a recording."""
    mv = np.atleast_2d(mv)
    samples = np.clip(np.round(mv * gain), -32767, 32767).astype(np.int16)
    count = len(mv)
    return Recording("made", fs, LEADS[:count], (gain,) * count, (0.0,) * count, samples)
