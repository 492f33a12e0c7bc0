"""Tasks that lose a cancellation are ended all the same."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from ecg_monitor.core import stopping
from ecg_monitor.core.stopping import cancel_all, run_together
from tests.support.waiting import PATIENCE_S, allowed_s


class Stubborn:
    """A work that loses the first cancellations, as `asyncio.wait_for` may."""

    def __init__(self, losses: int) -> None:
        self.losses = losses
        self.lost = 0
        self.ended = False

    async def run(self) -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if self.lost == self.losses:
                    self.ended = True
                    raise
                self.lost += 1


async def forever() -> None:
    await asyncio.sleep(60)


async def failing_when_told() -> None:
    """Redis goes away in the moment in which the process is told to end."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        raise ConnectionError("away") from error


async def failing_at_once() -> None:
    raise ConnectionError("away")


async def test_a_lost_cancellation_is_repeated() -> None:
    stubborn = Stubborn(2)
    task = asyncio.create_task(stubborn.run())
    finished = asyncio.create_task(asyncio.sleep(0))
    await asyncio.sleep(0.01)
    await cancel_all([task, finished], again_s=0.01)
    assert stubborn.lost == 2
    assert task.cancelled()
    assert not finished.cancelled()


async def test_who_ends_others_may_be_told_to_end_meanwhile() -> None:
    stubborn = Stubborn(3)
    task = asyncio.create_task(stubborn.run())
    await asyncio.sleep(0)
    ending = asyncio.create_task(cancel_all([task], again_s=0.05))
    await asyncio.sleep(0.01)
    ending.cancel()
    await asyncio.wait([ending], timeout=allowed_s(PATIENCE_S))
    assert ending.cancelled()
    assert stubborn.ended, "and yet it has ended them"


@pytest.mark.parametrize("beside", [forever, failing_when_told])
async def test_works_end_for_certain(
    beside: Callable[[], Coroutine[None, None, None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a lost cancellation nor a failure at that moment keeps the process alive."""
    monkeypatch.setattr(stopping, "AGAIN_S", 0.01)
    stubborn = Stubborn(2)
    task = asyncio.create_task(run_together([stubborn.run(), beside()]))
    await asyncio.sleep(0.01)
    await cancel_all([task])
    assert task.cancelled()
    assert stubborn.ended


async def test_a_failure_ends_the_others_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "AGAIN_S", 0.01)
    stubborn = Stubborn(1)
    with pytest.raises(ConnectionError, match="away"):
        await run_together([stubborn.run(), failing_at_once(), failing_when_told()])
    assert stubborn.ended


async def test_nothing_to_do_is_done() -> None:
    await run_together([])
