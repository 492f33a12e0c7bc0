"""What the hub reads from Redis: the malformed is skipped and counted, the good is shown."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dashboard.hub import readers
from dashboard.hub.core import HubCore
from dashboard.hub.polling import PartitionPoller
from dashboard.hub.readers import StreamReader
from dashboard.hub.requests import Subscription
from ecg_monitor.core import keys, wire
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.trail import EntryKind
from tests.support.hub_core import alert, join, packet, take


@pytest.fixture
def core() -> HubCore:
    return HubCore(1, time.time())


@pytest.fixture
def reader(core: HubCore, redis_client: Store) -> StreamReader:
    return StreamReader(core, redis_client, (0,))


@pytest.fixture
def poller(core: HubCore, redis_client: Store) -> PartitionPoller:
    return PartitionPoller(core, redis_client, 0)


def entry(n0: int = 0) -> dict[Any, Any]:
    return {"d": "a", "t": repr(time.time()), "p": wire.encode_cbor(packet(n0))}


async def test_what_is_malformed_in_a_stream_is_skipped_and_counted(
    core: HubCore, reader: StreamReader, redis_client: Store
) -> None:
    client = join(core)
    await redis_client.xadd(keys.wave(0), {"d": "a"})
    await redis_client.xadd(keys.wave(0), {**entry(), "p": b"rubbish"})
    await redis_client.xadd(keys.wave(0), entry())
    await redis_client.xadd(keys.events(0), {"d": "a", "b": "x", "j": "[5]"})
    await redis_client.xadd(keys.alertlog(0), {"what": str(EntryKind.RAISED)})
    await reader.read()
    assert core.unreadable == 4
    assert {(one.bed, one.n0) for one in take(client)[1]} == {(core.beds["a"].index, 0)}


async def test_what_is_malformed_in_a_hash_is_skipped_and_counted(
    core: HubCore, poller: PartitionPoller, redis_client: Store
) -> None:
    client = join(core)
    good = alert(1)
    await redis_client.hset(
        keys.devices(0), mapping={"a": "[]x", "b": '{"meta":{"label":"Bed 2"}}'}
    )
    await redis_client.hset(keys.patients(0), "c", "rubbish")
    await redis_client.hset(keys.alerts(0), mapping={"x": "{}", good.id: good.to_json()})
    await poller.fetch(sweep_alarms=False)
    assert core.unreadable == 2, "alerts are looked at when they are swept"
    await poller.fetch(sweep_alarms=True)
    assert core.unreadable == 5
    told = take(client)[0]
    assert ("b", "Bed 2") in [(one["device"], one["label"]) for one in told["bed"]]
    assert [one["kind"] for one in told["alarms"][-1]["alarms"]] == [good.kind]


async def test_what_waits_is_read_without_a_pause(
    reader: StreamReader, redis_client: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "READ_COUNT", 2)
    for number in range(3):
        await redis_client.xadd(keys.wave(0), entry(25 * number))
    assert await reader.read()
    assert not reader.caught_up.is_set()
    assert not await reader.read()
    assert reader.caught_up.is_set()


async def test_figures_of_the_system_are_read_for_those_who_look_at_them(
    core: HubCore, poller: PartitionPoller, redis_client: Store
) -> None:
    await redis_client.hset(keys.counters(0), "a|accepted", "3")
    await redis_client.xadd(keys.refusals(0), {"d": "a", "t": "5.0", "e": "no gain"})
    await redis_client.hset(keys.lag(0), mapping={"behind_s": "0.25", "at": "1"})
    join(core)
    await poller.fetch(sweep_alarms=False)
    assert core.partitions[0].counters == {}
    looking = join(core, Subscription(system=True))
    await poller.fetch(sweep_alarms=False)
    core.tick(time.time())
    (system,) = take(looking)[0]["system"][-1:]
    assert system["counters"] == {"a|accepted": 3}
    assert core.partitions[0].refusals == [{"device": "a", "at": 5.0, "error": "no gain"}]
    assert core.partitions[0].behind_s == 0.25


def test_many_pages_are_told_and_many_beds_are_read_less_often() -> None:
    assert readers.GATHER_S <= readers.gather_s(1, 16) < 1.2 * readers.GATHER_S
    assert readers.gather_s(1, 16) < readers.gather_s(50, 16) < readers.gather_s(150, 16)
    assert readers.gather_s(1, 16) < readers.gather_s(1, 64) < readers.gather_s(1, 150)
    assert readers.gather_s(0, 1) == readers.gather_s(0, 2000) == readers.UNWATCHED_S
    assert readers.gather_s(10_000, 1) == readers.gather_s(1, 2000) == readers.MOST_GATHER_S


async def test_one_read_brings_all_partitions(redis_client: Store) -> None:
    core = HubCore(3, time.time())
    client = join(core)
    for partition in range(3):
        await redis_client.xadd(keys.wave(partition), {**entry(), "d": f"a{partition}"})
    await StreamReader(core, redis_client, range(3)).read()
    assert {one["device"] for one in take(client)[0]["bed"]} == {"a0", "a1", "a2"}
    assert not core.stale(time.time())


async def test_what_has_not_changed_is_not_read_again(
    core: HubCore, poller: PartitionPoller, redis_client: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    take_device = core.device

    def counted(name: str, info: dict[str, Any]) -> None:
        taken.append(name)
        take_device(name, info)

    monkeypatch.setattr(core, "device", counted)
    await redis_client.hset(keys.devices(0), mapping={"a": "{}", "b": "{}"})
    for _ in range(3):
        await poller.fetch(sweep_alarms=True)
    assert sorted(taken) == ["a", "b"]
    await redis_client.hset(keys.devices(0), "b", '{"status":{"state":"offline"}}')
    await poller.fetch(sweep_alarms=True)
    assert taken[2:] == ["b"]
    core.beds.remove("a")
    await poller.fetch(sweep_alarms=False)
    assert "a" in core.beds, "what is said of a bed that comes again is heard again"
