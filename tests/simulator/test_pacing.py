import asyncio
import math
import socket
import time

import pytest

from simulator.pacing import Deadlines, GatheringSelector, Lateness, Pacer, gathering_loop


@pytest.mark.serial
async def test_deadlines_do_not_drift():
    pacer = Pacer(speed=10.0)
    late = []
    for k in range(1, 401):
        await pacer.wait(k * 0.05)
        late.append(pacer.late_s(k * 0.05))
    assert min(late) > -0.001
    # 20 s of signal at ten times the pace: 400 sleeps, and yet no accumulated error. Any one of
    # them may find the processor busy.
    assert min(late[-20:]) < 0.005


async def test_a_late_start_is_caught_up():
    pacer = Pacer(speed=1.0, offset_s=-60.0)
    async with asyncio.timeout(30.0):
        for k in range(600):  # a minute of signal
            await pacer.wait(k * 0.1)
    assert pacer.late_s(59.9) > 0.0


async def test_no_waiting_at_infinite_speed():
    pacer = Pacer(speed=math.inf)
    async with asyncio.timeout(30.0):
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


async def test_deadlines_of_all_are_kept_in_order_and_never_early():
    deadlines, now, order = Deadlines(), time.monotonic(), []

    async def wait(place: int, after_s: float) -> None:
        await deadlines.until(now + after_s)
        order.append(place)
        assert time.monotonic() >= now + after_s

    given_up = deadlines.until(now + 0.01)
    given_up.cancel()
    waits = ((3, 0.03), (1, 0.005), (2, 0.02), (0, -1.0))
    await asyncio.gather(*(wait(place, after_s) for place, after_s in waits))
    assert order == [0, 1, 2, 3]


def test_what_happens_in_a_short_while_wakes_a_loop_once():
    selector = GatheringSelector(least_s=0.05)
    ends = [socket.socketpair() for _ in range(2)]
    for near, _ in ends:
        selector.register(near, 1)
    ends[0][1].send(b"x")
    assert len(selector.select()) == 1
    ends[1][1].send(b"x")
    assert len(selector.select(0)) == 2  # who has work already does not wait
    before = time.monotonic()
    assert len(selector.select(1.0)) == 2
    selector.select(0.5)
    assert time.monotonic() - before >= 0.05
    for pair in ends:
        for end in pair:
            end.close()
    selector.close()


def test_a_gathering_loop_keeps_time():
    with asyncio.Runner(loop_factory=gathering_loop) as runner:
        before = time.monotonic()
        runner.run(asyncio.sleep(0.02))
        assert time.monotonic() - before >= 0.02
