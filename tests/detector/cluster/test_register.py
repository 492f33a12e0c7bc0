"""Who a cluster is, and whom it refuses; against a real Redis."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from detector.cluster import register
from detector.cluster.register import Cluster
from ecg_monitor.core.errors import ServiceError, SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store

SETTINGS = Settings(partitions=3)
STATE = {"detectors": {}, "leaving": [], "refused": {}, "by_hand": True}


async def test_a_second_cluster_on_one_redis_is_not_let_in(redis_client: Store) -> None:
    first, second = (Cluster.begin(f"10.0.0.{n}:6390", SETTINGS) for n in (1, 2))
    assert await register.renew(redis_client, first, STATE)
    assert not await register.renew(redis_client, second, STATE)
    assert await register.renew(redis_client, first, STATE)
    assert await register.find(redis_client) == (first, STATE)


async def test_one_that_is_gone_makes_room(redis_client: Store) -> None:
    first, second = (Cluster.begin(f"10.0.0.{n}:6390", SETTINGS) for n in (1, 2))
    assert await register.renew(redis_client, first, STATE, held_s=0.05)
    while await register.find(redis_client) is not None:
        await asyncio.sleep(0.02)
    assert await register.renew(redis_client, second, STATE)


def test_a_machine_of_another_version_is_refused() -> None:
    cluster = dataclasses.replace(Cluster.begin("10.0.0.1:6390", SETTINGS), version="99.0")
    with pytest.raises(SettingsError, match=r"at 10\.0\.0\.1:6390 has 99\.0.*install that one"):
        cluster.check(SETTINGS)


def test_other_partitions_are_refused() -> None:
    cluster = Cluster.begin("10.0.0.1:6390", SETTINGS)
    cluster.check(SETTINGS)
    with pytest.raises(SettingsError, match="ECG_PARTITIONS is 4 here and 3"):
        cluster.check(Settings(partitions=4))


def test_other_limits_are_refused_and_other_rules_of_handling_are_not(tmp_path: Path) -> None:
    cluster = Cluster.begin("10.0.0.1:6390", SETTINGS)
    config = tmp_path / "config.toml"
    settings = dataclasses.replace(SETTINGS, config=str(config))
    config.write_text("[alerts]\n")
    cluster.check(settings)
    config.write_text("[adult.rate]\nlow_bpm = 44\n")
    with pytest.raises(SettingsError, match="other alarm limits"):
        cluster.check(settings)


async def test_an_order_is_answered(redis_client: Store) -> None:
    cluster = Cluster.begin("10.0.0.1:6390", SETTINGS)
    await register.renew(redis_client, cluster, STATE)
    asked = asyncio.create_task(register.order(redis_client, "move", partition=2, node="b"))
    given = None
    while given is None:
        given = await register.next_order(redis_client, 0.5)
    assert (given["what"], given["partition"], given["node"]) == ("move", 2, "b")
    await register.answer(redis_client, given, {"took_s": 0.1})
    assert await asked == {"took_s": 0.1}


async def test_a_refused_order_says_why(redis_client: Store) -> None:
    await register.renew(redis_client, Cluster.begin("10.0.0.1:6390", SETTINGS), STATE)
    asked = asyncio.create_task(register.order(redis_client, "drain", node="c"))
    given = None
    while given is None:
        given = await register.next_order(redis_client, 0.5)
    await register.answer(redis_client, given, {"problem": "no node c"})
    with pytest.raises(ServiceError, match="no node c"):
        await asked


async def test_without_a_cluster_nothing_is_ordered(redis_client: Store) -> None:
    with pytest.raises(ServiceError, match="no cluster works on this Redis"):
        await register.order(redis_client, "drain", node="b")
