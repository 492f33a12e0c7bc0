"""A partition changes hands between processes while its packets come; against a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from detector.runner.owning.ownership import Ownership
from ecg_monitor.core import keys
from ecg_monitor.core.errors import FencedError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from tests.support.waiting import allowed_s, eventually, until


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url, partitions=2)


async def epoch(client: Store, partition: int) -> int:
    return int(await client.get(keys.epoch(partition)) or 0)


async def test_what_nobody_works_on_is_taken(redis_client: Store, settings: Settings) -> None:
    one = Ownership(redis_client, settings)
    one.start([0, 1], standby=True)
    await until(lambda: one.owned == [0, 1])
    assert await one.close() == []


async def test_a_partition_is_released_to_whom_takes_it(
    redis_client: Store, settings: Settings
) -> None:
    one, two = Ownership(redis_client, settings), Ownership(redis_client, settings)
    one.start([0, 1], standby=True)
    await until(lambda: one.owned == [0, 1])
    two.start([0, 1], standby=True)
    await one.release(1)
    await two.take(1)
    assert (one.owned, two.owned) == ([0], [1])
    before = await epoch(redis_client, 1)
    await asyncio.sleep(2.5)  # longer than a lease: the former owner stands by, and no more
    assert (one.owned, two.owned) == ([0], [1])
    assert await epoch(redis_client, 1) == before
    assert await two.close() == []
    await until(lambda: one.owned == [0, 1])
    assert await one.close() == []


async def test_one_that_is_robbed_stands_by(
    redis_client: Store,
    settings: Settings,
    pulses: Callable[..., np.ndarray],
    packetize: Callable[..., list[Packet]],
    publish: Callable[..., Awaitable[None]],
) -> None:
    one, two = Ownership(redis_client, settings), Ownership(redis_client, settings)
    one.start([0], standby=True)
    await until(lambda: one.owned == [0])
    two.start([0], standby=True)
    await two.take(0)
    await publish(packetize(pulses(250.0, 4.0, 60.0), 250.0, 125))  # what it commits is refused
    await until(lambda: one.owned == [])
    assert two.owned == [0]
    assert await two.close() == []
    await until(lambda: one.owned == [0])
    assert await one.close() == []


async def test_one_that_does_not_stand_by_ends(
    redis_client: Store,
    settings: Settings,
    pulses: Callable[..., np.ndarray],
    packetize: Callable[..., list[Packet]],
    publish: Callable[..., Awaitable[None]],
) -> None:
    one, two = Ownership(redis_client, settings), Ownership(redis_client, settings)
    one.start([0], standby=False)

    async def taken() -> bool:
        return await epoch(redis_client, 0) > 0

    await eventually(taken)
    two.start([0], standby=False)

    async def robbed() -> bool:
        return await epoch(redis_client, 0) > 1

    await eventually(robbed)
    await publish(packetize(pulses(250.0, 4.0, 60.0), 250.0, 125))  # what it commits is refused
    await asyncio.wait_for(one.ended(), allowed_s(60))
    assert [type(failure) for failure in await one.close()] == [FencedError]
    assert await two.close() == []
