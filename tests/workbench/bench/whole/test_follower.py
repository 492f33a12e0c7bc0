"""Delays beyond packet and look-ahead, and samples that are lost, on packets of known times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.engine.resample import last_needed
from ecg_monitor.core.types import Packet
from workbench.bench.whole.follower import Delays, Follower

FS = 100.0
START = 1000.0
LENGTH = 25


def packet(n0: int, length: int = LENGTH) -> Packet:
    samples = np.zeros((1, length), np.int16)
    return Packet("bed-1", "b", 0, n0, START + n0 / FS, FS, ("II",), (200.0,), (0.0,), samples)


def fed(*starts: int) -> Follower:
    follower = Follower()
    for n0 in starts:
        end = START + (n0 + LENGTH) / FS
        follower.packet(packet(n0), end + 0.010, end + 0.020)
    return follower


def test_a_packet_is_late_by_what_comes_after_its_last_sample():
    follower = fed(0, 25, 50)
    assert follower.stages["ingest"].percentiles_ms() == {
        **{"p50": 10.0, "p95": 10.0, "p99": 10.0, "count": 3}
    }
    assert follower.to_reader.percentile(99) == 0.02


@pytest.mark.parametrize(
    ("looked_to", "complete"), [(26, 50), (49, 50), (50, 50), (51, 75), (76, 100), (101, 125)]
)
def test_a_decision_is_late_by_what_comes_after_the_packet_that_it_looked_at(looked_to, complete):
    """With the filter of the engine's rate, also of a packet that is read only after the event."""
    follower = fed(0, 25, 50)
    decided_n = next(n for n in range(looked_to) if last_needed(n, FS) + 1 >= looked_to)
    now = START + complete / FS + 0.123
    follower.event("bed-1", {"type": "r_peak", "n": 5, "decided_n": decided_n}, now)
    assert follower.stages["beat"].percentiles_ms()["p99"] == 123.0
    assert follower.devices["bed-1"].analysed


def test_stages_are_told_apart():
    follower = fed(0, 25)
    beginning = {"type": "alarm", "n": 5, "decided_n": 50, "present": True}
    for event in (
        {"type": "beat", "n": 5, "decided_n": 50},
        beginning,
        {**beginning, "present": False},
        {"type": "vitals", "n": 50},
    ):
        follower.event("bed-1", event, START + 0.6)
    follower.event("unknown", beginning, START + 0.6)
    follower.frames(np.array([0.05]))
    counts = {stage: delays.total for stage, delays in follower.stages.items()}
    assert counts == {"ingest": 2, "beat": 0, "label": 1, "alert": 1, "frame": 1}
    assert follower.stages["frame"].percentile(50) == 0.05


def test_lost_are_samples_that_were_skipped_or_are_long_overdue():
    follower = fed(0, 25, 75)
    assert follower.lost(START + 1.0) == 25
    assert follower.lost(START + 1.0 + 3.0 + 0.5) == 25 + 50
    follower.packet(packet(75), START + 1.0, START + 1.0)
    assert follower.devices["bed-1"].repeated == 25


def test_what_was_seen_at_the_start_does_not_count():
    follower = fed(0, 25, 75)
    follower.begin_anew()
    assert follower.lost(START + 1.0) == 0
    assert [delays.total for delays in follower.stages.values()] == [0] * 5
    assert follower.devices["bed-1"].first == 100


@given(st.lists(st.floats(-2.0, 20.0), max_size=50))
def test_many_delays_are_counted_as_one_by_one(found):
    one_by_one, at_once = Delays(), Delays()
    for delay_s in found:
        one_by_one.add(delay_s)
    at_once.add_all(np.array(found))
    assert at_once == one_by_one


def test_percentiles_are_of_what_was_counted():
    delays = Delays()
    assert delays.percentiles_ms() == {"p50": None, "p95": None, "p99": None, "count": 0}
    for ms in range(1, 101):
        delays.add(ms / 1000)
    assert delays.percentiles_ms() == {"p50": 50.0, "p95": 95.0, "p99": 99.0, "count": 100}
    delays.add(-0.5)
    delays.add(60.0)
    assert delays.percentile(0) == 0.0
    assert delays.percentile(100) == 10.0
    assert delays.worst == 60.0
