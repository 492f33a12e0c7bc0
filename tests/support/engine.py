"""Waveforms with known R peaks, and the engine run over them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from detector.engine.engine import Batch, Engine
from detector.engine.reassembly import Chunk
from detector.engine.resample import FS
from detector.engine.rows import Row, named
from detector.engine.state import PEAK

GAIN = 1000.0
Hole = tuple[int, int, int]
"""Lead, first sample, and number of samples."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Beats in s: R peaks, times of decision, RR intervals."""

    at: np.ndarray
    decided: np.ndarray
    rr: np.ndarray

    def misses(self, true: np.ndarray, window: float = 0.15) -> np.ndarray:
        """True beats that were not found."""
        return np.array([t for t in true if not np.any(np.abs(self.at - t) <= window)])

    def inventions(self, true: np.ndarray, window: float = 0.15) -> np.ndarray:
        """Found beats that are none."""
        return np.array([t for t in self.at if not np.any(np.abs(true - t) <= window)])


def run_engine(
    mv: np.ndarray,
    fs: float,
    *,
    leadoff: Callable[[int], int] = lambda _: 0,
    gaps: tuple[tuple[int, int], ...] = (),
    step_s: float = 0.25,
) -> Found:
    """Run the engine over signals in mV, shape (n_leads, n) or (n,), without what lies in gaps.

    What is found does not depend on ``step_s``, the length of a chunk; long ones are faster.
    """
    mv = np.atleast_2d(mv)
    values = np.clip(np.round(mv * GAIN), -32767, 32767).astype(np.int16)
    engine = Engine()
    slot = engine.add(fs, (GAIN,) * len(mv), (0.0,) * len(mv))
    step = max(1, round(step_s * fs))
    rows = []
    after_gap = True
    for n0 in range(0, mv.shape[1], step):
        if any(first <= n0 < last for first, last in gaps):
            after_gap = True
            continue
        batch = Batch()
        samples = np.ascontiguousarray(values[:, n0 : n0 + step])
        engine.put(batch, slot, Chunk(n0, samples, leadoff(n0), after_gap=after_gap))
        after_gap = False
        rows.append(engine.advance(batch).rows.copy())
    batch = Batch()
    engine.put_end(batch, slot)
    rows.append(engine.advance(batch).rows.copy())
    together = np.concatenate(rows)
    beats = together[together["kind"] == PEAK]
    return Found(beats["k"] / FS, beats["decided"] / FS, beats["a"])


def rows_of(
    leads: npt.NDArray[np.int16],
    holes: list[Hole],
    fs: float,
    *,
    gain: float = GAIN,
    step: int = 90,
) -> list[Row]:
    """Rows of the engine over leads with these holes, in units of ``gain`` per mV.

    Args:
        leads: shape (n_leads, n).
        holes: where leads are detached.
        fs: sampling rate, Hz.
        gain: units per mV.
        step: samples that the engine is given at once.
    """
    engine = Engine()
    slot = engine.add(fs, (gain,) * len(leads), (0.0,) * len(leads))
    total = leads.shape[1]
    off = np.zeros(total, np.int64)
    for lead, first, length in holes:
        off[first : first + length] |= 1 << lead
    edges = {0, total, *range(0, total, step), *(np.flatnonzero(np.diff(off)) + 1).tolist()}
    rows = []
    for n0, n1 in itertools.pairwise(sorted(edges)):
        batch = Batch()
        samples = np.ascontiguousarray(leads[:, n0:n1])
        engine.put(batch, slot, Chunk(n0, samples, int(off[n0]), after_gap=n0 == 0))
        rows += named(engine.advance(batch).rows)
    batch = Batch()
    engine.put_end(batch, slot)
    return rows + named(engine.advance(batch).rows)


def ecg(
    fs: float,
    beats: np.ndarray,
    seconds: float,
    *,
    width_s: float = 0.04,
    t_mv: float = 0.2,
    p_mv: float = 0.1,
    noise_mv: float = 0.005,
) -> np.ndarray:
    """ECG in mV with R peaks of 1 mV at given times; ``width_s`` is that of R at its foot."""
    t = np.arange(round(seconds * fs)) / fs
    mv = np.random.default_rng(0).normal(0, noise_mv, len(t)) if noise_mv else np.zeros(len(t))
    rr = np.diff(beats, append=beats[-1] + 1.0)
    sigma = width_s / 4
    for at, after in zip(beats, rr, strict=True):
        near = (t > at - 0.5) & (t < at + 0.7)
        u = t[near] - at
        qt = min(0.28, 0.5 * after)
        mv[near] += np.exp(-0.5 * (u / sigma) ** 2)
        mv[near] -= 0.2 * np.exp(-0.5 * ((u - 2.5 * sigma) / sigma) ** 2)
        mv[near] += t_mv * np.exp(-0.5 * ((u - qt) / min(0.045, 0.15 * after)) ** 2)
        if after > 0.35:
            mv[near] += p_mv * np.exp(-0.5 * ((u + 0.16) / 0.02) ** 2)
    return mv


@pytest.fixture(scope="session")
def detect() -> Callable[..., Found]:
    """`run_engine`."""
    return run_engine


@pytest.fixture(scope="session")
def make_ecg() -> Callable[..., np.ndarray]:
    """`ecg`."""
    return ecg
