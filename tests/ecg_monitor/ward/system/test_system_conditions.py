"""Conditions of the system: when they begin and end, and where they show."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor import cli
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.system import figures as figures_module
from ecg_monitor.ward.system import watch
from ecg_monitor.ward.system.conditions import Condition, Figures, judge, judge_away
from ecg_monitor.ward.system.watch import Watcher, read_log

SETTINGS = Settings(partitions=2, state="/nowhere")


def kinds(*steps: Figures) -> list[list[str]]:
    """What is present after each step."""
    known: dict[str, Condition] = {}
    found = []
    for at, figures in enumerate(steps):
        known = judge(figures, known, float(at))
        found.append(sorted(known))
    return found


def test_a_condition_ends_only_well_within_its_limit() -> None:
    late = [Figures(behind_s=value) for value in (4.9, 5.1, 3.0, 1.9, 4.9)]
    assert kinds(*late) == [[], ["analysis_late"], ["analysis_late"], [], []]
    memory = [Figures(memory=value) for value in (0.89, 0.91, 0.86, 0.84)]
    assert kinds(*memory) == [[], ["memory_low"], ["memory_low"], []]
    disk = [Figures(disk_free_gb=value) for value in (1.1, 0.9, 1.1, 1.3)]
    assert kinds(*disk) == [[], ["disk_low"], ["disk_low"], []]
    assert kinds(Figures(saved=False), Figures()) == [["not_saved"], []]
    assert kinds(Figures(memory=None, disk_free_gb=None)) == [[]]


@given(st.lists(st.floats(0, 20), min_size=1))
def test_it_began_when_it_was_first_seen(values: list[float]) -> None:
    known: dict[str, Condition] = {}
    began = None
    for at, value in enumerate(values):
        known = judge(Figures(behind_s=value), known, float(at))
        present = known.get("analysis_late")
        began = None if present is None else at if began is None else began
        assert (None if present is None else present.since) == began
        assert present is None or present.text.startswith("analysis is late by")


def test_while_redis_is_away_nothing_else_is_over() -> None:
    full = judge(Figures(memory=0.95), {}, 1.0)
    away = judge_away(judge_away(full, 2.0), 3.0)
    assert [(one.kind, one.since) for one in away.values()] == [
        ("memory_low", 1.0),
        ("store_away", 2.0),
    ]
    assert judge(Figures(), away, 4.0) == {}


async def look(store: Store, settings: Settings = SETTINGS) -> dict[str, Condition]:
    """What a process finds that has just started."""
    return await (await Watcher.open(store, settings)).look()


async def told(store: Store) -> list[str]:
    return [fields[b"what"].decode() for _, fields in await store.xrange(keys.SYSTEM_LOG)]


async def test_a_detector_that_does_nothing_is_told(redis_client: Store) -> None:
    old = f"{round((time.time() - 7) * 1000)}-0"
    await redis_client.xadd(keys.wave(1), {"d": "bed-1"}, id=old)
    await redis_client.hset(keys.lag(1), "position", old)
    watcher = await Watcher.open(redis_client, SETTINGS)
    assert (await watcher.look()).keys() == {"no_packets"}
    waiting = await redis_client.xadd(
        keys.wave(1), {"d": "bed-1"}, id=f"{round((time.time() - 6) * 1000)}-0"
    )
    await redis_client.xadd(keys.wave(1), {"d": "bed-1"})
    present = await watcher.look()
    assert present.keys() == {"analysis_late"}
    assert 5.9 < (present["analysis_late"].value or 0) < 60
    await watcher.look()
    assert await told(redis_client) == ["began", "ended", "began"]
    assert 0 < await redis_client.ttl(keys.SYSTEM) <= watch.EXPIRE_S
    newest = (await redis_client.xrevrange(keys.wave(1), count=1))[0][0]
    await redis_client.hset(keys.lag(1), "position", newest)
    assert await watcher.look() == {}
    assert await told(redis_client) == ["began", "ended"] * 2
    assert waiting


async def test_a_detector_that_never_ran_is_told(redis_client: Store) -> None:
    await redis_client.xadd(keys.wave(0), {"d": "x"}, id=f"{round((time.time() - 6) * 1000)}-0")
    await redis_client.xadd(keys.wave(0), {"d": "x"})
    assert (await look(redis_client)).keys() == {"analysis_late"}


async def test_partitions_without_live_beds_are_not_late(redis_client: Store) -> None:
    await redis_client.xadd(keys.wave(0), {"d": "x"}, id="1000-0")
    assert await look(redis_client) == {}


async def test_little_memory_is_told_before_redis_refuses(
    redis_client: Store, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = (await redis_client.info("memory"))["used_memory"]
    await redis_client.config_set("maxmemory", round(used / 0.95))
    try:
        present = await look(redis_client)
        assert present.keys() == {"memory_low"}
        assert present["memory_low"].value == pytest.approx(0.95, abs=0.05)
    finally:
        await redis_client.config_set("maxmemory", 0)
    assert await look(redis_client) == {}


async def test_the_space_left_is_that_of_the_state_folder(
    redis_client: Store, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures_module, "_GB", 1e18)
    settings = Settings(partitions=2, state=str(tmp_path))
    (tmp_path / "ecg-monitor").mkdir()
    assert (await look(redis_client, settings)).keys() == {"disk_low"}


async def test_who_comes_next_knows_what_was_wrong(redis_client: Store) -> None:
    """Also when the process before it was killed, and the hash that it kept has expired."""
    await redis_client.xadd(keys.wave(0), {"d": "x"}, id=f"{round((time.time() - 6) * 1000)}-0")
    await redis_client.xadd(keys.wave(0), {"d": "x"})
    first = await Watcher.open(redis_client, SETTINGS)
    since = (await first.look())["analysis_late"].since
    await redis_client.delete(keys.SYSTEM)
    second = await Watcher.open(redis_client, SETTINGS)
    assert (await second.look())["analysis_late"].since == since
    await redis_client.delete(keys.wave(0))
    third = await Watcher.open(redis_client, SETTINGS)
    assert await third.look() == {}
    (began, ended) = await read_log(redis_client)
    assert (began.what, began.present) == ("began", ("analysis_late",))
    assert (ended.what, ended.present) == ("ended", ())
    assert ended.condition.since == since
    assert ended.number > began.number


async def test_what_another_version_has_written_is_skipped(redis_client: Store) -> None:
    await redis_client.xadd(keys.SYSTEM_LOG, {"what": "began", "e": "{}"})
    await redis_client.xadd(keys.SYSTEM_LOG, {"what": "began"})
    await redis_client.hset(keys.SYSTEM, "odd", "{}")
    assert await read_log(redis_client) == []
    assert (await watch.read_conditions(redis_client)).keys() == {"unwatched"}
    assert await look(redis_client) == {}


def test_the_terminal_says_it(redis_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    import redis

    client = redis.Redis.from_url(redis_url)
    client.flushall()
    client.hset(keys.SYSTEM, "memory_low", '{"kind":"memory_low","since":1,"value":0.95}')
    client.set(keys.WATCHED, "1")
    client.close()
    monkeypatch.setenv("ECG_REDIS_URL", redis_url)
    assert cli.main(["alerts"]) == 0
    said = capsys.readouterr()
    assert said.out == "no alerts\n"
    assert said.err == "system: Redis uses 95 % of its memory, since 1970-01-01 00:00:01 UTC\n"
