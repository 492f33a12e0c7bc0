"""Made-up beats for the tests of the autoencoder."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from models.autoencoder import inputs as seen

Draw = tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]


@pytest.fixture(scope="session")
def draw_beats() -> Callable[..., Draw]:
    """Beats with P, QRS and T, a little noise, and RR intervals near 0.8 s."""

    def draw(count: int, seed: int = 0) -> Draw:
        rng = np.random.default_rng(seed)
        t = (np.arange(seen.WINDOW) - seen.BEFORE) / seen.FS
        waves = [(-0.16, 0.1, 0.02), (-0.03, -0.15, 0.008), (0.0, 1.1, 0.01), (0.24, 0.3, 0.04)]
        beat = sum(a * np.exp(-0.5 * ((t - at) / width) ** 2) for at, a, width in waves)
        noisy = beat + 0.02 * rng.normal(size=(count, seen.WINDOW))
        rr = np.tile([0.8, 0.8, 0.8, 0.8], (count, 1)) + 0.01 * rng.normal(size=(count, 4))
        return noisy.astype(np.float32), rr

    return draw
