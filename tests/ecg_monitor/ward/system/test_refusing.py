"""A Redis that can be read but takes no writes is told, whatever its reason, by whoever looks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ecg_monitor.core import keys, store
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.ward.system import figures, watch
from ecg_monitor.ward.system.watch import Watcher
from tests.support.waiting import eventually

SETTINGS = Settings(partitions=2, state="/nowhere")
REASONS = {
    "a replica": ("REPLICAOF", "127.0.0.1", "1"),
    "without replicas": ("CONFIG", "SET", "min-replicas-to-write", "3"),
    "out of memory": ("CONFIG", "SET", "maxmemory", "1"),
    "closed to this user": ("ACL", "SETUSER", "default", "-@write"),
}


@pytest.fixture
async def own_store(tmp_path: Path) -> AsyncIterator[Store]:
    """Client of a Redis server that the test may spoil."""
    service = start_redis(Settings(state=str(tmp_path)))
    client = store.connect(service.url)
    yield client
    await client.aclose()
    service.stop()


@pytest.mark.parametrize("command", REASONS.values(), ids=REASONS)
async def test_the_reason_does_not_matter(own_store: Store, command: tuple[str, ...]) -> None:
    watcher = await Watcher.open(own_store, SETTINGS)
    assert await watcher.look() == {}
    assert await watch.read_conditions(own_store, "page") == {}
    await own_store.execute_command(*command)
    present = await watcher.look()
    assert "store_refuses" in present
    assert len(present["store_refuses"].detail) > 10
    seen = await watch.read_conditions(own_store, "page")
    assert "store_refuses" in seen
    assert "store_away" not in present


async def test_it_ends_when_a_write_is_taken_again(own_store: Store) -> None:
    watcher = await Watcher.open(own_store, SETTINGS)
    await watcher.look()
    await own_store.execute_command("REPLICAOF", "127.0.0.1", "1")
    began = (await watcher.look())["store_refuses"].since
    assert (await watcher.look())["store_refuses"].since == began
    await own_store.execute_command("REPLICAOF", "NO", "ONE")
    assert await watcher.look() == {}
    whats = [(one.what, one.condition.kind) for one in await watch.read_log(own_store)]
    assert whats == [("began", "store_refuses"), ("ended", "store_refuses")]


async def test_what_was_wrong_is_not_over_because_nothing_is_written_any_more(
    own_store: Store,
) -> None:
    await own_store.xadd(keys.wave(0), {"d": "x"}, id=f"{round((time.time() - 7) * 1000)}-0")
    watcher = await Watcher.open(own_store, SETTINGS)
    before = await watcher.look()
    assert before.keys() == {"analysis_late", "no_packets"}
    await own_store.execute_command("REPLICAOF", "127.0.0.1", "1")
    assert (await watcher.look()).keys() == before.keys() | {"store_refuses"}


async def test_writes_that_hang_while_reads_are_answered(
    own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "WRITE_S", 0.2)
    monkeypatch.setattr(figures.why_refused, "__defaults__", (0.2,))
    watcher = await Watcher.open(own_store, SETTINGS)
    await own_store.client_pause(60_000, all=False)
    present = await watcher.look()
    assert present.keys() == {"store_refuses"}
    assert "no write is answered" in present["store_refuses"].text
    await own_store.client_unpause()
    assert await watcher.look() == {}


async def test_a_redis_that_goes_away_under_a_write_does_not_refuse_it(tmp_path: Path) -> None:
    """It is killed while the write waits: that is "away", and never "takes no writes"."""
    service = start_redis(Settings(state=str(tmp_path)))
    assert service.process is not None
    client = store.connect(service.url)
    try:
        await client.client_pause(60_000, all=False)
        writing = asyncio.create_task(figures.why_refused(client, keys.WATCHED, 30.0))

        async def waits() -> bool:
            return int((await client.info("clients"))["blocked_clients"]) > 0

        await eventually(waits)
        service.process.kill()
        service.process.wait()
        with pytest.raises(store.StoreError):
            await writing
        with pytest.raises(store.StoreError):
            await figures.why_refused(client, keys.WATCHED, 0.2)
    finally:
        await client.aclose()
        service.stop()


async def test_that_nobody_watches_is_seen_by_who_reads(own_store: Store) -> None:
    assert (await watch.read_conditions(own_store)).keys() == {"unwatched"}
    watcher = await Watcher.open(own_store, SETTINGS)
    watching = asyncio.create_task(watcher.run())

    async def watched() -> bool:
        return not await watch.read_conditions(own_store, "page")

    async def unwatched() -> bool:
        return (await watch.read_conditions(own_store, "page")).keys() == {"unwatched"}

    await eventually(watched)
    await cancel_all([watching])
    await eventually(unwatched)


async def test_no_packets_are_missed_only_where_some_are_expected(own_store: Store) -> None:
    old = f"{round((time.time() - 2 * SETTINGS.wave_retention_s) * 1000)}-0"
    await own_store.xadd(keys.wave(1), {"d": "x"}, id=old)
    watcher = await Watcher.open(own_store, SETTINGS)
    assert await watcher.look() == {}
    await own_store.hset(keys.patients(0), "bed-1", '{"admission":{"stay":"s"}}')
    present = await watcher.look()
    assert present.keys() == {"no_packets"}
    await own_store.xadd(keys.wave(0), {"d": "bed-1"})
    assert await watcher.look() == {}
    await own_store.delete(keys.wave(0), keys.wave(1))
    assert (await watcher.look()).keys() == {"no_packets"}
    await own_store.hset(keys.patients(0), "bed-1", '{"admission":null}')
    assert await watcher.look() == {}


async def test_analysis_is_late_until_it_has_read_what_waits(own_store: Store) -> None:
    """Also when no packets come any more."""
    clock = time.time()
    first = f"{round((clock - 30) * 1000)}-0"
    await own_store.xadd(keys.wave(0), {"d": "x"}, id=first)
    await own_store.hset(keys.lag(0), "position", "0-0")
    sight = await figures.look_at(own_store, SETTINGS, late=True)
    assert sight.figures.behind_s > 20
    await own_store.hset(keys.lag(0), "position", first)
    sight = await figures.look_at(own_store, SETTINGS, late=True)
    assert sight.figures.behind_s == 0
