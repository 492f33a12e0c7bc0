"""Guards the cost of a bed: in units of a loop that runs beside it, and in calls of functions.

  python -m workbench.bench.guard                 print the cost
  python -m workbench.bench.guard --most 1.5      exit status 1 if it is over 1.5 times the standard

Beds play a synthetic patient of two leads at 360 Hz through the engine without networks. Between
the runs a filter of fixed length runs, compiled scalar code as the engine is. Both are measured in
CPU time of this process, the quickest of several runs counts, and only their ratio is judged: a
machine that is slow, or busy, is so for both.

Even such a ratio wavers by more than a tenth from machine to machine. What does not waver is how
many functions Python calls for a bed and second of signal, networks and rules included: most of
what a bed costs is there, and the tests hold it to `MOST_CALLS` (`calls`).
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import numpy as np
from scipy.signal import lfilter

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.warm import warm
from ecg_monitor.records import Recording
from simulator.synthetic.patient import SyntheticPatient
from simulator.synthetic.scenario import Scenario
from simulator.synthetic.segments import Segment
from workbench.bench.engine import CALL_S, WARM_UP_S, Player, measure

STANDARD = 1.4
"""Cost of a bed and second of signal in runs of the loop: the lower of two measurements on two
cores that did little else (2026-12-01, 1.37 and 1.43)."""
STANDARD_CALLS = 461.0
"""Functions that Python calls per bed and second (`calls`), as counted on 2026-12-01 with Python
3.11. Newer ones call fewer."""
MOST_CALLS = 1.1 * STANDARD_CALLS
"""What the tests let pass: a tenth more."""
BEDS, SECONDS, RUNS = 50, 4.0, 3
FS, LENGTH_S = 360.0, 90.0
_LOOP_SAMPLES = 20_000
_FEEDBACK = (1.0, -3.2, 3.9, -2.1, 0.44)
"""A stable filter of fourth order: its values are of no matter, each sample waits for the last."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What was measured.

    Attributes:
        bed_us: CPU time of the engine per bed and second of signal, us.
        loop_us: CPU time of one run of the loop, us.
    """

    bed_us: float
    loop_us: float

    @property
    def ratio(self) -> float:
        """Cost of a bed and second in runs of the loop."""
        return self.bed_us / self.loop_us

    def is_within(self, most: float) -> bool:
        """Whether the cost is at most so many times the `STANDARD`."""
        return self.ratio <= most * STANDARD


def cost(runs: int = RUNS, beds: int = BEDS, seconds: float = SECONDS) -> Cost:
    """Measure the engine and the loop by turns; of each the quickest run counts."""
    recording = patient()
    engine_us, loop_us = [], [_loop_us()]
    for _ in range(runs):
        engine_us.append(measure([recording], beds, seconds).us_per_bed_second)
        loop_us.append(_loop_us())
    return Cost(min(engine_us), min(loop_us))


def calls(beds: int = BEDS, seconds: float = SECONDS) -> float:
    """Count the functions called per bed and second of signal, by the analyzer with networks.

    Args:
        beds: number of beds, which play `patient`.
        seconds: signal time to count over, s, after the detector has learnt.
    """
    warm()
    _play(beds, seconds, None)  # what is loaded at its first use is loaded now
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1

    collects, before = gc.isenabled(), sys.getprofile()
    gc.disable()  # what others have asked the collector to call is not a bed's
    try:
        _play(beds, seconds, note)
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
    return count / (beds * seconds)


def _play(beds: int, seconds: float, note: Callable[[FrameType, str, object], None] | None) -> None:
    """Analyse beds that play `patient`; ``note`` is told each call, after the learning time."""
    analyzer, recording = Analyzer(networks=True), patient()
    players = [Player(number, recording, packet_ms=500.0) for number in range(beds)]
    for tick in range(round((WARM_UP_S + seconds) / CALL_S)):
        until = (tick + 1) * CALL_S
        packets = [packet for player in players for packet in player.due(until)]
        if note is not None and until > WARM_UP_S:
            sys.setprofile(note)
        analyzer.feed(packets)
        if note is not None:
            sys.setprofile(None)


def patient() -> Recording:
    """Return the patient that the beds play, each from a place of its own."""
    segments = (Segment("sinus", LENGTH_S, rate=80, pvc_per_min=6),)
    source = SyntheticPatient(Scenario(segments, loop=False), fs=FS, leads=("II", "V1"), seed=1)
    samples = source.generate(round(LENGTH_S)).samples
    return Recording("synthetic", FS, ("II", "V1"), (200.0,) * 2, (0.0,) * 2, samples)


def _loop_us() -> float:
    """Return the CPU time of one run of the loop, the quickest of twenty, us."""
    signal = np.random.default_rng(1).standard_normal(_LOOP_SAMPLES)
    took = []
    for _ in range(20):
        started = time.process_time()
        lfilter((1.0,), _FEEDBACK, signal)
        took.append(time.process_time() - started)
    return 1e6 * min(took)


def main() -> int:
    """Measure and judge; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--most", type=float, metavar="X", help="most that it may cost, in times of the standard"
    )
    args = parser.parse_args()
    found = cost()
    print(
        f"{found.bed_us:.1f} us per bed and second, {found.ratio:.2f} runs of the loop of "
        f"{found.loop_us:.1f} us; standard {STANDARD:g}"
    )
    print(f"{calls():.1f} calls of functions per bed and second; at most {MOST_CALLS:.0f}")
    return 0 if args.most is None or found.is_within(args.most) else 1


if __name__ == "__main__":
    sys.exit(main())
