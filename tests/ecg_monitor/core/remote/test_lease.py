"""Who stands by takes over when the owner falls silent, and only then; against a real Redis."""

from __future__ import annotations

import asyncio
import time

from ecg_monitor.core import keys, store
from ecg_monitor.core.remote import lease
from ecg_monitor.core.store import Store
from tests.support.two_servers import TwoServers
from tests.support.waiting import PATIENCE_S, allowed_s, eventually, until


async def test_nobody_takes_what_another_works_on(redis_client: Store, redis_url: str) -> None:
    owner = lease.Holder(redis_url)
    owner.add(0)
    owner.start()

    async def held() -> bool:
        return bool(await redis_client.exists(keys.lease(0)))

    await eventually(held)
    watch = lease.LeaseWatch(redis_client)
    waiting = asyncio.create_task(watch.wait_for(0))
    await watch.wait_for(1)  # nobody's
    await asyncio.sleep(2 * lease.LEASE_S)
    assert not waiting.done()
    owner.stop()
    began = time.monotonic()
    await asyncio.wait_for(waiting, allowed_s(PATIENCE_S))
    assert time.monotonic() - began < allowed_s(30.0)


async def test_of_several_one_gets_it(redis_client: Store) -> None:
    waiting = [asyncio.create_task(lease.LeaseWatch(redis_client).wait_for(0)) for _ in range(3)]
    await until(lambda: any(one.done() for one in waiting))
    assert sum(one.done() for one in waiting) == 1
    for one in waiting:
        one.cancel()


async def test_what_is_given_up_is_free(redis_client: Store, redis_url: str) -> None:
    owner = lease.Holder(redis_url)
    owner.start()
    owner.add(0)
    owner.add(1)
    assert owner.owned == [0, 1]
    owner.remove(0)
    await asyncio.wait_for(lease.LeaseWatch(redis_client).wait_for(0), allowed_s(60))

    async def renewed() -> bool:
        return bool(await redis_client.exists(keys.lease(1)))

    await eventually(renewed)
    owner.stop()


async def test_what_is_not_waited_for_any_more_is_left_alone(redis_client: Store) -> None:
    watch = lease.LeaseWatch(redis_client)
    waiting = asyncio.create_task(watch.wait_for(0))
    await asyncio.sleep(0)
    waiting.cancel()
    await watch.wait_for(1)
    assert waiting.cancelled()
    assert not await redis_client.exists(keys.lease(0))


async def test_a_lease_is_held_though_the_server_of_another_is_away(
    two_servers: TwoServers,
) -> None:
    async with store.answering(two_servers.url) as client:

        async def held() -> bool:
            return bool(await client.exists(keys.lease(0)) and await client.exists(keys.lease(1)))

        holder = lease.Holder(two_servers.url)
        holder.add(0)
        holder.add(1)
        holder.start()
        try:
            await eventually(held)
            two_servers.kill(1)
            ends = time.monotonic() + 3 * lease.LEASE_S
            while time.monotonic() < ends:
                assert await client.exists(keys.lease(0))
                await asyncio.sleep(0.02)
        finally:
            holder.stop()
