"""Made-up beats for the tests of the beat classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from models.beats.features.state import PRE, WINDOW


@dataclass(frozen=True, slots=True)
class Stretch:
    """Beats of one track."""

    windows: npt.NDArray[np.float32]
    peaks: npt.NDArray[np.int64]
    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]


def make_stretch(seed: int, count: int = 40) -> Stretch:
    """Narrow beats with P waves at 75 bpm, each seventh early and wide."""
    rng = np.random.default_rng(seed)
    wide = np.arange(count) % 7 == 6
    rr = np.where(wide, 120, 200) + rng.integers(-4, 5, count)
    peaks = np.cumsum(rr)
    time = (np.arange(WINDOW) - PRE) / 250.0
    narrow_wave = np.exp(-((time / 0.012) ** 2)) + 0.12 * np.exp(-(((time + 0.16) / 0.03) ** 2))
    wide_wave = 1.4 * np.exp(-((time / 0.05) ** 2)) - 0.4 * np.exp(-(((time - 0.3) / 0.06) ** 2))
    windows = np.where(wide[:, None], wide_wave, narrow_wave)
    windows = windows + 0.01 * rng.standard_normal(windows.shape)
    return Stretch(
        windows.astype(np.float32),
        peaks.astype(np.int64),
        np.concatenate([[-1], peaks[:-1]]).astype(np.int64),
        np.concatenate([peaks[1:], [-1]]).astype(np.int64),
    )


@pytest.fixture
def stretches() -> list[Stretch]:
    """Three tracks of 40 beats."""
    return [make_stretch(seed) for seed in range(3)]


@pytest.fixture
def interleaved(stretches: list[Stretch]) -> dict[str, Any]:
    """The beats of the three tracks in turns, as the arguments of ``describe`` less the slots."""
    order = np.arange(120).reshape(3, 40).T.reshape(-1)
    joined = {
        name: np.concatenate([getattr(stretch, name) for stretch in stretches])[order]
        for name in ("windows", "peaks", "before", "after")
    }
    return {"track": order // 40, **joined}
