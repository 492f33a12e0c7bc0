"""Of several Redis servers the one that is away is named, and the rest of the system is seen."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import orjson
import pytest

from ecg_monitor.core import keys, store
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.launch import health
from ecg_monitor.ward.system import watch
from ecg_monitor.ward.system.conditions import Figures, judge
from ecg_monitor.ward.system.watch import Watcher
from tests.support.two_servers import TwoServers
from tests.support.waiting import eventually

SETTINGS = Settings(partitions=2, state="/nowhere")


@pytest.fixture
async def client(two_servers: TwoServers) -> AsyncIterator[Store]:
    """Client of two servers, which have their places."""
    async with store.answering(two_servers.url) as client:
        yield client


async def test_a_server_that_is_away_is_named_and_the_others_are_seen(
    client: Store, two_servers: TwoServers
) -> None:
    watcher = await Watcher.open(client, SETTINGS)
    assert await watcher.look() == {}
    two_servers.kill(1)
    old = f"{round((time.time() - 8) * 1000)}-0"
    await client.xadd(keys.wave(0), {"d": "bed-1"}, id=old)
    await client.hset(keys.lag(0), "position", "0-0")

    async def told() -> bool:
        return "store_away" in await watcher.look()

    await eventually(told)
    present = watcher.journal.present
    name = f"server 2 of 2, {two_servers.address(1)}"
    assert name in present["store_away"].text
    assert present["store_away"].text.startswith("Redis does not answer (")
    assert "analysis_late" in present, "of the partitions that can be seen"
    kept = await watch.read_conditions(client, "page")
    assert name in kept["store_away"].detail, "pages are told"
    since = present["store_away"].since
    assert (await watcher.look())["store_away"].since == since
    two_servers.restart(1)
    await client.hset(keys.lag(0), "position", old)

    async def over() -> bool:
        return "store_away" not in await watcher.look()

    await eventually(over)
    assert "store_away" not in await watch.read_conditions(client, "page")


async def test_the_first_server_is_named_as_well(client: Store, two_servers: TwoServers) -> None:
    watcher = await Watcher.open(client, SETTINGS)
    two_servers.kill(0)
    present = await watcher.look()
    assert f"(server 1 of 2, {two_servers.address(0)}" in present["store_away"].text


async def test_a_server_that_takes_no_writes_is_named(client: Store) -> None:
    watcher = await Watcher.open(client, SETTINGS)
    await store.servers_of(client)[1].config_set("maxmemory", 1)
    present = await watcher.look()
    assert present["store_refuses"].detail.startswith("server 2 of 2, ")
    assert "memory_low" in present, "of the server that has least left"
    kept = await watch.read_conditions(client, "page")
    assert "store_refuses" in kept
    await store.servers_of(client)[1].config_set("maxmemory", 0)
    assert await watcher.look() == {}


def test_parts_are_judged_though_another_server_takes_no_writes() -> None:
    """They report to the first."""
    present = judge(Figures(refused_by="server 2 of 2: full", ingest_silent_s=9.0), {}, 1.0)
    assert present.keys() == {"store_refuses", "ingest_away"}
    present = judge(Figures(away="server 2 of 2", detector_silent_s=9.0), present, 2.0)
    assert present.keys() == {"store_away", "detector_away"}
    assert judge(Figures(), present, 3.0) == {}


async def test_parts_are_healthy_that_work_on_what_there_is(
    client: Store, two_servers: TwoServers
) -> None:
    """Else all detectors would be started anew, again and again, since one server is away."""
    report = {"role": "detect", "t": time.time()}
    await client.hset(keys.THROUGHPUT, "detect", orjson.dumps(report))
    await client.set(keys.WATCHED, 1)
    two_servers.kill(1)
    assert await health.detect(client, 2) is None
    assert await health.deliver(client, 2) is None
    now_ms = round(time.time() * 1000)
    await client.xadd(keys.wave(0), {"d": "bed-1"}, id=f"{now_ms - 40_000}-0")
    await client.hset(keys.lag(0), "position", f"{now_ms - 80_000}-0")
    assert await health.detect(client, 2) == "partition 0 is 40 s behind"
