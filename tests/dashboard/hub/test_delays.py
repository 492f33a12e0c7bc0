"""Histograms of delays."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.hub.core import HubCore
from dashboard.hub.delays import BOUNDS_S, Delays, Histogram
from ecg_monitor.core.types import Packet


def test_a_delay_falls_into_its_bin() -> None:
    histogram = Histogram()
    for delay in (-1.0, 0.001, 0.0011, 10.0, 10.1):
        histogram.add(delay)
    assert [histogram.counts[i] for i in (0, 1, len(BOUNDS_S) - 1, len(BOUNDS_S))] == [2, 1, 1, 1]
    assert histogram.sum_s == pytest.approx(20.1021)
    assert sum(histogram.counts) == 5


def packet(n0: int) -> Packet:
    return Packet(
        device="bed-1", boot="x", seq=n0, n0=n0, t0=0.0, fs=100.0, leads=("II",),
        gain=(200.0,), baseline=(0.0,), samples=np.zeros((1, 100), np.int16),
    )  # fmt: skip


def counts(delays: Delays, stage: str) -> dict[float, int]:
    found = delays.to_map()[stage]["counts"]
    return {bound: n for bound, n in zip((*BOUNDS_S, float("inf")), found, strict=True) if n}


def test_the_core_measures_what_is_live_alone() -> None:
    core = HubCore(1, now=1000.0)
    core.packet(0, packet(0), 999.6, 1000.1)  # from before the hub began
    for number, late in enumerate((0.0, 0.3, 0.03), start=1):
        arrival = 1000.0 + number + late
        core.packet(0, packet(100 * number), arrival, arrival + 0.004)
    assert counts(core.delays, "ingest_to_hub") == {0.005: 3}
    # By the quickest packet sample 0 was taken at 998.6: the others came 0.4, 0.7 and 0.43 s late.
    assert counts(core.delays, "device_to_ingest") == {0.5: 2, 1.0: 1}
    core.events_read(999.0, 1001.0)
    core.events_read(1001.0, 1001.015)
    assert counts(core.delays, "detector_to_hub") == {0.02: 1}
