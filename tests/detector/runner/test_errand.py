"""What is fetched while ticks go on: taken once, a failure told, and over when it is dropped."""

from __future__ import annotations

import asyncio

import pytest

from detector.runner.desk import Errand


async def test_it_is_taken_once_and_nobody_waits_for_it():
    gate = asyncio.Event()

    async def fetch() -> int:
        await gate.wait()
        return 7

    errand: Errand[int] = Errand()
    assert errand.take() is None
    errand.send(fetch())
    assert errand.under_way
    assert errand.take() is None
    gate.set()
    await errand.come()
    assert errand.under_way
    assert errand.take() == 7
    assert not errand.under_way
    assert errand.take() is None


async def test_a_failure_is_told_to_who_takes_it():
    async def fail() -> int:
        raise OSError("away")

    errand: Errand[int] = Errand()
    errand.send(fail())
    await errand.come()
    with pytest.raises(OSError, match="away"):
        errand.take()
    assert not errand.under_way


async def test_nothing_goes_on_when_it_is_dropped():
    ended = asyncio.Event()

    async def fetch() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    errand: Errand[None] = Errand()
    errand.send(fetch())
    await asyncio.sleep(0)
    await errand.drop()
    assert ended.is_set()
    assert not errand.under_way
    await errand.drop()
