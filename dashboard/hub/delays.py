"""Histograms of delays, stage by stage, since the hub began.

``device_to_ingest``    arrival of a packet after the quickest way that its device's packets took:
                        what the network adds. (Device clocks lie, so nobody knows the whole way.)
``ingest_to_hub``       from the arrival of a packet until the hub had read it; of beds that nobody
                        watches, one packet a read
``ingest_to_detector``  age of the newest packet when the detector had analysed it, once a second
``detector_to_hub``     from the commit of events until the hub had read them; the oldest of a read

From the hub to the painted frame only a browser knows; the system page shows its own.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

STAGES = ("device_to_ingest", "ingest_to_hub", "ingest_to_detector", "detector_to_hub")
BOUNDS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Upper bounds of the bins, s; one more bin holds what is longer."""


@dataclass(slots=True)
class Histogram:
    """Counts of delays.

    Attributes:
        counts: per bin, the one beyond the last bound included.
        sum_s: all delays together, s.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum_s: float = 0.0

    def add(self, delay_s: float) -> None:
        """Count one delay, s. Clocks of two machines differ: one below 0 counts as 0."""
        delay_s = max(0.0, delay_s)
        self.counts[bisect_left(BOUNDS_S, delay_s)] += 1
        self.sum_s += delay_s


class Delays:
    """One histogram per stage."""

    def __init__(self) -> None:
        self._stages = {stage: Histogram() for stage in STAGES}

    def add(self, stage: str, delay_s: float) -> None:
        """Count one delay of a stage, s."""
        self._stages[stage].add(delay_s)

    def to_map(self) -> dict[str, Any]:
        """Return the histograms as a JSON-ready map."""
        return {
            stage: {"bounds_s": BOUNDS_S, "counts": one.counts, "sum_s": round(one.sum_s, 6)}
            for stage, one in self._stages.items()
        }
