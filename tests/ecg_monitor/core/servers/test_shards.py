"""Several servers answer as one would; one that is away fails what concerns it alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import redis.exceptions
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio.client import Pipeline

from ecg_monitor.core import keys, store
from ecg_monitor.core.servers.shards import put_together, taken_apart
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.launch.services.start import Service, start_redis
from tests.support.two_servers import TwoServers
from tests.support.waiting import allowed_s

PARTITIONS = 4
PING = "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}"

partitions = st.integers(0, PARTITIONS - 1)
texts = st.binary(max_size=5)
moments = st.integers(1, 50)
several = st.lists(partitions, min_size=1, max_size=4, unique=True)
commands = st.one_of(
    st.tuples(st.just("XADD"), partitions, moments, texts),
    st.tuples(st.just("HSET"), partitions, texts, texts),
    st.tuples(st.just("HGETALL"), partitions),
    st.tuples(st.just("SET"), partitions, texts),
    st.tuples(st.just("MGET"), several),
    st.tuples(st.just("XREAD"), several, moments),
    st.tuples(st.just("GLOBAL"), texts),
)
"""What is asked of a store: command, partition or partitions, and more."""
Asked = tuple[Any, ...]


WORDS: dict[str, Callable[..., tuple[Any, ...]]] = {
    "XADD": lambda partition, moment, text: (keys.wave(partition), f"{moment}-1", "d", text),
    "HSET": lambda partition, name, text: (keys.alerts(partition), name, text),
    "HGETALL": lambda partition: (keys.alerts(partition),),
    "SET": lambda partition, text: (keys.epoch(partition), text),
    "MGET": lambda some: (*map(keys.epoch, some), keys.STARTING),
    "XREAD": lambda some, moment: (
        *("COUNT", 3, "STREAMS", *map(keys.wave, some)),
        *(f"{moment}-0" for _ in some),
    ),
}


def words_of(asked: Asked) -> tuple[Any, ...]:
    """The words of a command as a client takes them."""
    name, *values = asked
    return ("SET", keys.STARTING, *values) if name == "GLOBAL" else (name, *WORDS[name](*values))


def comparable(answer: Any) -> Any:
    """An answer; streams come in the order in which they were written to, which is no order."""
    if isinstance(answer, Exception):
        return type(answer)
    if isinstance(answer, list) and answer and isinstance(answer[0], list | tuple):
        return sorted(answer)
    return answer or None


async def one_by_one(client: Store, asked: list[Asked]) -> list[Any]:
    execute: Any = client.execute_command
    answers = []
    for one in asked:
        try:
            answers.append(comparable(await execute(*words_of(one))))
        except StoreError as error:
            answers.append(comparable(error))
    return answers


async def at_once(client: Store, asked: list[Asked], *, transaction: bool) -> list[Any]:
    async with client.pipeline(transaction=transaction) as pipe:
        for one in asked:
            add: Any = pipe.execute_command
            add(*words_of(one))
        return [comparable(answer) for answer in await pipe.execute(raise_on_error=False)]


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server that holds everything."""
    service: Service = start_redis(Settings(state=str(tmp_path_factory.mktemp("single"))))
    yield service
    service.stop()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two servers that share it."""
    folder: Path = tmp_path_factory.mktemp("two")
    servers = TwoServers(folder)
    yield servers
    servers.stop()


@given(st.lists(commands, max_size=12), st.sampled_from(["one by one", "at once", "transaction"]))
def test_two_servers_answer_as_one(
    single: Service, two: TwoServers, asked: list[Asked], how: str
) -> None:
    async def answers(url: str) -> list[Any]:
        client = store.connect(url)
        try:
            for server in store.servers_of(client):
                await server.flushall()
            if how == "one by one":
                return await one_by_one(client, asked)
            return await at_once(client, asked, transaction=how == "transaction")
        finally:
            await client.aclose()

    assert asyncio.run(answers(two.url)) == asyncio.run(answers(single.url))


@given(several, st.integers(1, 4))
def test_a_command_taken_apart_and_put_together_is_whole(some: list[int], count: int) -> None:
    """Each key is asked for once, where it lies, and its answer comes in its place."""
    words = ("MGET", *map(keys.epoch, some))
    parts = taken_apart(words, count)
    asked = [key for part in parts.values() for key in part[1:]]
    assert sorted(asked) == sorted(words[1:])
    answers = {home: list(part[1:]) for home, part in parts.items()}
    assert put_together(words, answers, count) == list(words[1:])
    assert all(keys.server_of(one, count) in parts for one in some)


def test_keys_of_several_servers_in_one_command_are_refused() -> None:
    words = ("EVALSHA", "sha", 2, keys.epoch(0), keys.epoch(1), "argument")
    with pytest.raises(redis.exceptions.DataError, match="on several servers"):
        taken_apart(words, 2)
    assert list(taken_apart(words, 1)) == [0]


@pytest.fixture
async def client(two_servers: TwoServers) -> AsyncIterator[Store]:
    """Client of two servers, which have their places."""
    async with store.answering(two_servers.url) as client:
        yield client


async def test_each_partition_lies_on_its_server(client: Store) -> None:
    for partition in range(PARTITIONS):
        await client.set(keys.epoch(partition), partition)
    await client.set(keys.STARTING, "1")
    home, other = [sorted(await one.keys("*")) for one in store.servers_of(client)]
    assert home == [b"ecg:place", b"ecg:starting", b"ecg:{0}:epoch", b"ecg:{2}:epoch"]
    assert other == [b"ecg:place", b"ecg:{1}:epoch", b"ecg:{3}:epoch"]
    assert store.by_server(client, range(PARTITIONS)) == [(0, 2), (1, 3)]
    assert store.by_server(client, [3]) == [(3,)]


async def test_a_script_runs_where_its_key_is(client: Store) -> None:
    script = client.register_script(PING)
    for partition in (0, 1, 1):
        name = keys.committed(partition)
        answer = await script(keys=[name], args=["x"])
        assert answer[:2] == [name.encode(), b"x"]
    home, other = store.servers_of(client)
    assert (await home.get(keys.committed(0)), await other.get(keys.committed(1))) == (b"1", b"2")


async def test_a_transaction_watches_where_its_key_is(client: Store) -> None:
    async def double(pipe: Pipeline) -> None:
        value: Any = await pipe.get(keys.epoch(1))
        pipe.multi()
        pipe.set(keys.epoch(1), 2 * int(value))

    await client.set(keys.epoch(1), 21)
    await client.transaction(double, keys.epoch(1))
    assert await client.get(keys.epoch(1)) == b"42"
    async with client.pipeline() as pipe:
        with pytest.raises(redis.exceptions.DataError, match="watches no key"):
            await pipe.watch(keys.epoch(1))


async def test_a_read_waits_for_the_first_of_all_servers(client: Store) -> None:
    positions = {keys.wave(one): "0-0" for one in range(PARTITIONS)}
    for partition in (1, 2, 3):
        reading = asyncio.create_task(store.read_words(client, positions, 10, 20_000))
        await asyncio.sleep(0.05)
        assert not reading.done()
        await client.xadd(keys.wave(partition), {"d": "bed-1"})
        ((stream, entries),) = await asyncio.wait_for(reading, allowed_s(10))
        assert stream == keys.wave(partition)
        positions[stream] = entries[-1][0]
    began = time.monotonic()
    assert await store.read_words(client, positions, 10, 50) == []
    assert time.monotonic() - began < allowed_s(5)


async def test_a_server_that_is_away_fails_what_concerns_it_alone(
    client: Store, two_servers: TwoServers
) -> None:
    await client.set(keys.epoch(0), "here")
    two_servers.kill(1)
    async with client.pipeline(transaction=False) as pipe:
        for partition in range(PARTITIONS):
            pipe.get(keys.epoch(partition))
        answers = await pipe.execute(raise_on_error=False)
    assert answers[0::2] == [b"here", None]
    assert all(isinstance(one, StoreError) for one in answers[1::2])
    assert await client.get(keys.epoch(2)) is None
    with pytest.raises(StoreError, match=two_servers.address(1).rsplit(":", 1)[1]):
        await client.get(keys.epoch(1))
    assert await store.within_reach(client, PARTITIONS) == [0, 2]
    await store.check(client)  # who starts meanwhile works on what there is
    two_servers.restart(1)
    assert await client.get(keys.epoch(1)) is None
    assert await store.within_reach(client, PARTITIONS) == [0, 1, 2, 3]
