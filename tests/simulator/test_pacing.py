import asyncio
import math

import pytest

from simulator.pacing import Lateness, Pacer


@pytest.mark.serial
async def test_deadlines_do_not_drift():
    pacer = Pacer(speed=2.0)
    late = []
    for k in range(1, 401):
        await pacer.wait(k * 0.05)
        late.append(pacer.late_s(k * 0.05))
    assert min(late) > -0.001
    # 20 s of signal at twice the pace: 400 sleeps, and yet no accumulated error. Any one of them
    # may find the processor busy.
    assert min(late[-20:]) < 0.005


async def test_a_late_start_is_caught_up():
    pacer = Pacer(speed=1.0, offset_s=-60.0)
    async with asyncio.timeout(10.0):
        for k in range(600):  # a minute of signal
            await pacer.wait(k * 0.1)
    assert pacer.late_s(59.9) > 0.0


async def test_no_waiting_at_infinite_speed():
    pacer = Pacer(speed=math.inf)
    async with asyncio.timeout(10.0):
        await pacer.wait(1e6)


def test_lateness_percentiles():
    late = Lateness()
    assert late.percentile_s(0.5) == 0.0
    for ms in range(1, 101):
        late.add(ms / 1000)
    assert late.percentile_s(0.5) == pytest.approx(0.050, abs=2e-4)
    assert late.percentile_s(0.99) == pytest.approx(0.099, abs=2e-4)
    assert late.worst_s == 0.1
    late.add(1e9)
    assert late.percentile_s(1.0) <= late.worst_s
