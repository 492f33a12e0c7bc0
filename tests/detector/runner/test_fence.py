"""A commit takes effect once, whatever becomes of its answer; against a real Redis server."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.runner.fence import CHECK_S, STAGED_S, Commit, Fence
from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import FencedError
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch.services.start import Service, start_redis
from tests.support.losing_proxy import LosingProxy
from tests.support.waiting import eventually

LIST = "ecg:{0}:test"


def push(value: int) -> Commit:
    """A commit that is seen when it is carried out twice."""
    commit = Commit()
    commit.add("RPUSH", LIST, value)
    return commit


LARGE = "ecg:{0}:large"


def put(value: int) -> Commit:
    """A commit of which a large value is part."""
    commit = push(value)
    commit.set_large(LARGE, b"%d" % value)
    return commit


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Service]:
    """A Redis server that the test may stop."""
    service = start_redis(Settings(state=str(tmp_path)))
    yield service
    assert service.process is not None
    service.process.send_signal(signal.SIGCONT)
    service.stop()


@pytest.mark.parametrize("to_lose", [1, 3])
async def test_a_commit_whose_answer_is_lost_is_carried_out_once(
    redis_client: store.Store, redis_url: str, to_lose: int
) -> None:
    port = int(redis_url.rpartition(":")[2].partition("/")[0])
    async with LosingProxy(port).serving() as proxy:
        client = store.connect(f"redis://127.0.0.1:{proxy.port}/0")
        fence = await Fence.take(client, 0)
        await fence.commit(push(0))
        for number in range(1, 4):
            proxy.to_lose = to_lose
            await fence.commit(put(number))
            assert proxy.to_lose == 0
            assert await redis_client.get(LARGE) == b"%d" % number
        assert proxy.lost == 3 * to_lose
        await client.aclose()
    assert await redis_client.lrange(LIST, 0, -1) == [b"0", b"1", b"2", b"3"]


async def test_a_partition_whose_answer_is_lost_is_taken_over_once(
    redis_client: store.Store, redis_url: str
) -> None:
    port = int(redis_url.rpartition(":")[2].partition("/")[0])
    before = await Fence.take(redis_client, 0)
    async with LosingProxy(port).serving() as proxy:
        client = store.connect(f"redis://127.0.0.1:{proxy.port}/0")
        await store.check(client)
        proxy.to_lose = 1
        fence = await Fence.take(client, 0)
        assert proxy.lost == 1
        assert fence.epoch == before.epoch + 1
        await fence.commit(push(0))
        await client.aclose()
    with pytest.raises(FencedError):
        await before.commit(push(1))


async def test_a_server_that_stands_still_carries_out_once_what_it_got_twice(
    own_redis: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "ANSWER_TIMEOUT_S", 0.3)
    assert own_redis.process is not None
    client, onlooker = store.connect(own_redis.url), store.connect(own_redis.url)
    fence = await Fence.take(client, 0)
    await fence.commit(push(0))
    (connection,) = client.connection_pool._available_connections
    first = connection._writer
    own_redis.process.send_signal(signal.SIGSTOP)
    committing = asyncio.create_task(fence.commit(push(1)))

    async def given_up() -> bool:
        return connection._writer is not first

    await eventually(given_up)
    own_redis.process.send_signal(signal.SIGCONT)
    await committing
    await fence.commit(push(2))
    assert await onlooker.lrange(LIST, 0, -1) == [b"0", b"1", b"2"]
    await client.aclose()
    await onlooker.aclose()


async def test_a_straggler_of_the_same_owner_changes_nothing(redis_client: store.Store) -> None:
    """The first sending of a commit may reach the server after a later commit."""
    fence = await Fence.take(redis_client, 0)
    for value in range(3):
        await fence.commit(push(value))
    again = Fence(redis_client, 0, fence.epoch)
    for value in range(3):
        await again.commit(push(value))
    assert await redis_client.lrange(LIST, 0, -1) == [b"0", b"1", b"2"]
    await fence.commit(push(3))
    other = await Fence.take(redis_client, 0)
    await other.commit(push(4))
    assert await redis_client.lrange(LIST, 0, -1) == [b"0", b"1", b"2", b"3", b"4"]
    assert await redis_client.get(keys.committed(0)) == f"{other.epoch}/1".encode()


async def test_a_large_value_is_put_in_its_place_for_good(redis_client: store.Store) -> None:
    fence = await Fence.take(redis_client, 0)
    for value in range(3):
        if value == 2:
            await redis_client.script_flush()  # as after a restart of the server
        await fence.commit(put(value))
        assert await redis_client.get(LARGE) == b"%d" % value
        assert await redis_client.ttl(LARGE) == -1
    assert await redis_client.lrange(LIST, 0, -1) == [b"0", b"1", b"2"]
    assert not await redis_client.keys(keys.staged(0, "*"))


async def test_a_former_owner_and_a_straggler_put_no_large_value_in_place(
    redis_client: store.Store,
) -> None:
    former = await Fence.take(redis_client, 0)
    owner = await Fence.take(redis_client, 0)
    await owner.commit(put(1))
    await owner.commit(put(2))
    with pytest.raises(FencedError):
        await former.commit(put(3))
    await Fence(redis_client, 0, owner.epoch).commit(put(1))
    assert await redis_client.get(LARGE) == b"2"
    assert await redis_client.lrange(LIST, 0, -1) == [b"1", b"2"]
    for name in await redis_client.keys(keys.staged(0, "*")):
        assert 0 < await redis_client.ttl(name) <= STAGED_S, "and what they left goes by itself"


async def test_a_large_value_that_is_lost_takes_the_whole_commit_with_it(
    redis_client: store.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detector.runner.fence.STAGED_S", -1)  # refused: it is not there
    fence = await Fence.take(redis_client, 0)
    with pytest.raises(store.StoreError):
        await fence.commit(put(1))
    assert not await redis_client.exists(LIST, LARGE)


async def test_an_owner_without_work_finds_out_that_another_has_taken_over(
    redis_client: store.Store,
) -> None:
    former = await Fence.take(redis_client, 0)
    await former.check(1000.0)
    owner = await Fence.take(redis_client, 0)
    await former.check(1000.0 + CHECK_S / 2)  # not asked so soon
    await owner.check(1000.0)
    with pytest.raises(FencedError):
        await former.check(1000.0 + CHECK_S)
