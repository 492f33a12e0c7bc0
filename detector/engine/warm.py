"""Compiles the engine ahead of its first use: ``python -m detector.engine.warm``.

numba compiles for seconds when a function is first called, and keeps the result on disk; set-up
does this once, so that a start takes no time.
"""

from __future__ import annotations

import numpy as np

from detector.engine.engine import Batch, Engine
from detector.reassembly import Chunk


def warm() -> None:
    """Run the kernel once on nothing much."""
    engine = Engine()
    slot = engine.add(250.0, (200.0,), (0.0,))
    batch = Batch()
    engine.put(batch, slot, Chunk(0, np.zeros((1, 10), np.int16), after_gap=True))
    engine.advance(batch)


if __name__ == "__main__":
    warm()
