"""A task that loses a cancellation is ended all the same."""

import asyncio

from ecg_monitor.stopping import cancel_all


async def test_a_lost_cancellation_is_repeated():
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost += 1
                if lost == 3:
                    raise

    task = asyncio.create_task(stubborn())
    finished = asyncio.create_task(asyncio.sleep(0))
    await asyncio.sleep(0.01)
    await cancel_all([task, finished], again_s=0.01)
    assert lost == 3
    assert task.cancelled()
    assert not finished.cancelled()
