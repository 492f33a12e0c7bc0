"""Compiles all that runs live ahead of its first use: ``python -m detector.engine.warm``.

numba compiles for seconds when a function is first called, and keeps the result on disk; set-up
does this once, so that a start takes no time.
"""

from __future__ import annotations

import numpy as np

from detector.delineation import stream as delineation
from detector.engine.engine import Batch, Engine
from detector.reassembly import Chunk
from detector.rhythm import atrial, cycle, fibrillation, irregular, quality, shapes
from models.beats import classifier


def warm() -> None:
    """Run the engine, the measures of rhythm and the features of beats once on nothing much."""
    engine = Engine()
    slot = engine.add(250.0, (200.0,), (0.0,))
    batch = Batch()
    engine.put(batch, slot, Chunk(0, np.zeros((1, 10), np.int16), after_gap=True))
    engine.advance(batch)
    delineation.warm()
    irregular.measures(np.full(irregular.WINDOW, 0.8), 0.0)
    fibrillation.measures(np.zeros(fibrillation.WINDOW))
    cycle.cycle_bpm(np.zeros(cycle.SAMPLES))
    quality.LeadQuality().on_second(np.zeros((1, quality.RATE)))
    window = np.zeros((1, atrial.FROM), np.float32)
    atrial.Atrial().on_beat(window, 0, [1])
    around = np.zeros((1, shapes.BEFORE + shapes.AFTER))
    shapes.likeness(around, around)
    classifier.warm()


if __name__ == "__main__":
    warm()
