"""Compiles all that runs live ahead of its first use: ``python -m detector.analyzer.warm``.

numba compiles for a minute or two when functions are first called, and keeps the result on disk.
Set-up does this once, with ``--share`` for all users of the machine; after an update of the sources
the first start does it again. Processes that start together take turns, so that one compiles and
the others load what it has made.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from detector.delineation import stream as delineation
from detector.engine.engine import Batch, Engine
from detector.engine.reassembly import Chunk
from detector.engine.rows import in_turns
from detector.rhythm.rules import dissociation, irregular
from detector.rhythm.waveform import atrial, cycle, fibrillation, flutter, quality, shapes
from detector.rhythm.witness import scrutiny
from ecg_monitor.core import compiled
from models.autoencoder import calibration
from models.beats import classifier


def warm(told: Callable[[float, float], None] | None = None) -> None:
    """Run the engine, the measures of rhythm and the features of beats once on nothing much.

    Args:
        told: called before each step, once it is this process's turn, with the work that is done
            and that of the step, both in s (see `STEPS`).
    """
    done_s = 0.0
    with _in_turn():
        for step_s, step in STEPS:
            if told is not None:
                told(done_s, step_s)
            step()
            done_s += step_s


def _engine() -> None:
    engine = Engine()
    slot = engine.add(250.0, (200.0,), (0.0,))
    batch = Batch()
    engine.put(batch, slot, Chunk(0, np.zeros((1, 10), np.int16), after_gap=True))
    in_turns(engine.advance(batch).rows)


def _rhythm() -> None:
    irregular.of_all_and_newest(np.full(irregular.WINDOW, 0.8), irregular.SHORT)
    cycle.cycle_bpm(np.zeros(cycle.SAMPLES))
    second = np.zeros((1, quality.RATE), np.float32)
    quality.measure(second)
    flutter.Flutter().on_second(second, [True])
    window = np.zeros((1, atrial.FROM), np.float32)
    waves = atrial.Atrial()
    waves.on_beat(window, 0, [1], atrial.RATE)
    dissociation.marching(np.zeros((1, 300)), np.array([50, 150, 250]), dissociation.SLOWEST)
    flutter.explained(np.zeros((1, flutter.LEAST)), np.array([[0, flutter.LEAST]]))
    around = np.zeros((1, shapes.BEFORE + shapes.AFTER))
    shapes.likeness(around, around)
    scrutiny.warm()


def _fibrillation() -> None:
    window = np.zeros((1, fibrillation.WINDOW), np.float32)
    fibrillation.shift_in(window, np.zeros((1, fibrillation.RATE), np.float32))
    fibrillation.probability(window[0])
    fibrillation.beats_regularly(window[0])


STEPS: tuple[tuple[float, Callable[[], None]], ...] = (
    (45.0, _engine),
    (20.0, delineation.warm),
    (9.5, _fibrillation),
    (7.5, _rhythm),
    (23.0, classifier.warm),
    (3.0, calibration.warm),
)
"""What is compiled, and for how long: seconds measured once, on a machine that was busy."""
TOTAL_S = sum(seconds for seconds, _ in STEPS)


@contextmanager
def _in_turn() -> Iterator[None]:
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "compiling").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released with the file, however the process ends
        yield


def main() -> int:
    """Compile, and share what was compiled if the command line says so; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--share", action="store_true", help="lay it beside the program, for all users"
    )
    shares = parser.parse_args().share
    warm()
    if shares and (folder := compiled.share()) is not None:
        print(f"compiled code for all users of this machine: {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
