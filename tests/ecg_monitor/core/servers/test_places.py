"""A server of several knows its place, and who names it for another is told what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.servers.places import Place, address_of, place_of, urls_of
from ecg_monitor.core.store import StoreError
from tests.support.two_servers import TwoServers


async def begin(url: str) -> None:
    async with store.answering(url):
        pass


@pytest.fixture
async def begun(two_servers: TwoServers) -> TwoServers:
    """Servers that have their places."""
    await begin(two_servers.url)
    return two_servers


@pytest.fixture
async def others(tmp_path: Path) -> AsyncIterator[TwoServers]:
    """Servers of another system."""
    servers = TwoServers(tmp_path / "others")
    await begin(servers.url)
    yield servers
    servers.stop()


async def test_servers_are_told_their_places_once(begun: TwoServers) -> None:
    async with store.answering(begun.url) as client:
        texts = [await one.get(keys.PLACE) for one in store.servers_of(client)]
    first, second = (place_of(text) for text in texts)
    assert first is not None
    assert second is not None
    assert (first.number, first.count) == (1, 2)
    assert second == Place(2, 2, first.installation)
    await begin(begun.url)


async def test_another_order_is_refused(begun: TwoServers) -> None:
    with pytest.raises(ServiceError, match="is server 2 of 2, but is named as number 1: name the"):
        await begin(",".join(begun.urls[::-1]))


@pytest.mark.parametrize("index", [0, 1])
async def test_one_of_several_alone_is_refused(begun: TwoServers, index: int) -> None:
    with pytest.raises(ServiceError, match=rf"is server {index + 1} of 2, and 1 is named: name "):
        await begin(begun.urls[index])


async def test_more_servers_than_there_are_are_refused(
    begun: TwoServers, redis_client: store.Store, redis_url: str
) -> None:
    with pytest.raises(ServiceError, match="is server 1 of 2, and 3 are named: name all 2"):
        await begin(f"{begun.url},{redis_url}")
    assert not await redis_client.exists(keys.PLACE), "who is not let in leaves nothing behind"


async def test_servers_of_two_systems_are_refused(begun: TwoServers, others: TwoServers) -> None:
    mixed = [begun.urls[0], others.urls[1]]
    with pytest.raises(ServiceError, match=r"belongs to the installation .*FLUSHALL"):
        await begin(",".join(mixed))


async def test_a_server_that_held_all_partitions_cannot_become_one_of_two(
    two_servers: TwoServers,
) -> None:
    async with store.answering(two_servers.urls[0]) as single:
        await single.set(keys.epoch(3), 1)
    with pytest.raises(ServiceError, match=r"holds ecg:\{3\}:epoch, which does not belong there"):
        await begin(two_servers.url)


async def test_a_system_begins_with_all_of_its_servers(two_servers: TwoServers) -> None:
    """Without the first nobody knows whose the second is."""
    two_servers.kill(0)
    client = store.connect(two_servers.url)
    with pytest.raises(StoreError, match="has no place yet, and the first server"):
        await client.get(keys.epoch(1))
    with pytest.raises(ServiceError, match="cannot reach Redis"):
        await store.check(client)
    await client.aclose()


async def test_what_is_on_the_others_is_reached_without_the_first(begun: TwoServers) -> None:
    begun.kill(0)
    client = store.connect(begun.url)
    assert await client.get(keys.epoch(1)) is None
    await client.aclose()


async def test_a_server_that_is_replaced_while_we_run_is_refused(begun: TwoServers) -> None:
    """As when two containers have changed their addresses: found by the next connection."""
    client = store.connect(begun.url)
    assert await client.get(keys.epoch(1)) is None
    second = store.servers_of(client)[1]
    await client.get(keys.INSTALLATION)  # whose the first is
    await second.set(keys.PLACE, Place(2, 2, "another").to_text())
    await second.connection_pool.disconnect()
    with pytest.raises(StoreError, match="belongs to the installation another"):
        await client.get(keys.epoch(1))
    await client.aclose()


async def test_a_mark_that_cannot_be_read_is_refused(begun: TwoServers) -> None:
    async with store.answering(begun.url) as client:
        await client.set(keys.PLACE, "a/b")
    with pytest.raises(ServiceError, match="another version of us"):
        await begin(begun.url)


def test_addresses_are_told_without_passwords() -> None:
    assert address_of("redis://:secret@icu-a:7000/0") == "icu-a:7000/0"
    assert address_of("rediss://nurse:secret@[::1]") == "[::1]:6379"
    assert address_of("unix:///run/redis.sock?db=1") == "/run/redis.sock"


@pytest.mark.parametrize("text", ["redis://a,", "redis://a,,redis://b", ","])
def test_an_empty_address_is_refused(text: str) -> None:
    with pytest.raises(ServiceError, match="ECG_REDIS_URL: an address between commas is empty"):
        urls_of(text)


def test_a_server_that_is_named_twice_is_refused() -> None:
    with pytest.raises(ServiceError, match="names a server twice"):
        urls_of("redis://a, redis://a")
