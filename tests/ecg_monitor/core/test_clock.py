"""The device clock: never ahead of the samples, and true to drift."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.clock import MAX_DRIFT, DeviceClock

FS = 360.0


@given(st.lists(st.floats(0, 2), min_size=1, max_size=50))
def test_the_least_delayed_packet_sets_the_clock(delays):
    clock = DeviceClock(FS)
    for i, delay in enumerate(delays, 1):
        clock.update(90 * i, 1000 + 0.25 * i + delay)
    assert clock.start is not None
    slack = MAX_DRIFT * (0.25 * len(delays) + 2)
    assert 1000 + min(delays) - 1e-6 <= clock.start <= 1000 + min(delays) + slack + 1e-6


@pytest.mark.parametrize("ppm", [-100, 0, 100])
def test_drift_is_followed_for_hours(ppm):
    clock = DeviceClock(FS)
    period = 0.25 * (1 + ppm * 1e-6)  # true seconds per packet of a device clock that is off
    for i in range(1, 60_000):
        jitter = 0.02 * (i % 7) / 7
        clock.update(90 * i, 1000 + period * i + jitter)
    end = 1000 + period * 59_999
    assert clock.time_of(90 * 59_999) == pytest.approx(end, abs=0.01)


def test_lateness_is_told_and_never_negative():
    clock = DeviceClock(FS)
    assert clock.time_of(5) is None
    assert clock.update(90, 10.25) == 0
    assert clock.update(180, 10.8) == pytest.approx(0.3, abs=0.001)
    assert clock.update(270, 10.75) == pytest.approx(0, abs=0.001)
