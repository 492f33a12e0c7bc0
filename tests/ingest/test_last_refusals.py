"""The last refusal of each device is kept in a real Redis, whoever else is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.devices.form import PacketForm, form_of
from ecg_monitor.ward.devices.refusal import (
    MOST_PROBLEM,
    MOST_STRANGERS,
    NOBODY,
    TOO_MANY,
    refusal_of,
)
from ecg_monitor.ward.devices.roster import RosterEntry
from ingest.admission import NEWCOMERS, STRANGERS, Admission
from ingest.judge import AcceptedPacket, Judgement, Refusal
from ingest.writer import JudgedMessage, Writer
from tests.support.waiting import eventually

T0 = 1_700_000_000.0
SETTINGS = Settings(partitions=1)


def refused(device: str, at: float = T0, problem: str = "fs: x", whom: str = "") -> JudgedMessage:
    return JudgedMessage(Refusal(device, "range", problem, whom), at)


@pytest.fixture
def writer(redis_client: Store) -> Writer:
    return Writer(redis_client, SETTINGS)


async def test_a_known_device_keeps_its_own_whatever_floods(
    writer: Writer, redis_client: Store
) -> None:
    await writer.write([refused("bed-1", problem="gain: 0")], {"bed-1": RosterEntry(T0, T0)})
    for first in range(0, 5000, 250):
        await writer.write([refused(f"made-up-{first + i}", T0 + first + i) for i in range(250)])
    mine = refusal_of(await redis_client.hget(keys.refused(0), "bed-1"))
    assert mine is not None
    assert (mine.at, mine.reason, mine.problem) == (T0, "range", "gain: 0")
    strangers = await redis_client.hkeys(keys.strangers(0))
    last = {b"made-up-%d" % i for i in range(5000 - MOST_STRANGERS, 5000)}
    assert set(strangers) == last, "those that came last, and no more"


async def test_a_device_that_floods_costs_one_entry(writer: Writer, redis_client: Store) -> None:
    await writer.write([refused("bed-1", T0 + i, "x" * 100_000) for i in range(500)])
    kept = await redis_client.hgetall(keys.strangers(0))
    assert kept.keys() == {b"bed-1"}
    found = refusal_of(kept[b"bed-1"])
    assert found is not None
    assert (found.at, len(found.problem)) == (T0 + 499, MOST_PROBLEM)


async def test_a_batch_of_made_up_devices_is_sorted_once(
    writer: Writer, redis_client: Store
) -> None:
    """Whoever makes ids up must not keep Redis busy."""
    await writer.write([refused(f"old-{i}", T0 + i) for i in range(MOST_STRANGERS)])
    await redis_client.config_resetstat()
    await writer.write([refused(f"new-{i}", T0 + 1000 - i) for i in range(250)])
    stats: Any = await redis_client.info("commandstats")
    assert stats["cmdstat_hgetall"]["calls"] == 1
    strangers = await redis_client.hkeys(keys.strangers(0))
    assert set(strangers) == {b"new-%d" % i for i in range(MOST_STRANGERS)}, "the newest"


async def test_what_another_has_written_there_makes_room_first(
    writer: Writer, redis_client: Store
) -> None:
    await redis_client.hset(keys.strangers(0), "odd", "not json")
    await redis_client.hset(keys.strangers(0), "odder", "[]")
    await redis_client.hset(keys.strangers(0), "oddest", '{"at": NaN}')
    await writer.write([refused(f"new-{i}", T0 + i) for i in range(MOST_STRANGERS)])
    found = await redis_client.hkeys(keys.strangers(0))
    assert set(found) == {b"new-%d" % i for i in range(MOST_STRANGERS)}


async def test_messages_of_no_device_are_counted_and_not_kept_as_a_device(
    writer: Writer, redis_client: Store
) -> None:
    await writer.write([refused(NOBODY), refused(NEWCOMERS, problem="")])
    assert not await redis_client.exists(keys.strangers(0), keys.refused(0))
    assert await redis_client.hget(keys.counters(0), f"{NOBODY}|refused:range") == b"1"


async def test_who_is_turned_away_is_told_by_name(writer: Writer, redis_client: Store) -> None:
    admission = Admission(0, T0)
    (judged,) = admission.sift(AcceptedPacket("late-comer", b""), T0)
    await writer.write([JudgedMessage(judged, T0)])
    kept = refusal_of(await redis_client.hget(keys.strangers(0), "late-comer"))
    assert kept is not None
    assert kept.reason == TOO_MANY
    assert await redis_client.hget(keys.counters(0), f"{NEWCOMERS}|refused:{TOO_MANY}") == b"1"


def test_a_stranger_whose_refusals_are_counted_with_others_is_named() -> None:
    admission = Admission(10, T0)
    told: list[Judgement] = []
    for i in range(STRANGERS + 1):
        told += admission.sift(Refusal(f"x{i}", "type", "t0: odd"), T0)
    assert told[-1] == Refusal(NEWCOMERS, "type", f"x{STRANGERS}: t0: odd", f"x{STRANGERS}")


async def test_the_form_of_packets_is_written_with_them(
    writer: Writer, redis_client: Store
) -> None:
    form = PacketForm(T0, "b1", T0, 250.0, ("II",), 125, 125, 0.1)
    await writer.write([], {}, {"bed-1": form})
    assert form_of(await redis_client.hget(keys.forms(0), "bed-1")) == form
    await redis_client.hset(keys.forms(0), "bed-2", "odd")
    assert await writer.read_forms() == {"bed-1": form}


async def test_both_are_noted_of_what_comes_over_the_broker(system: Any, device: str) -> None:
    partition = keys.partition_of(device, system.settings.partitions)

    async def kept(key: str) -> Any:
        return await system.redis.hget(key, device)

    await system.send(device)
    await system.send(device, gain=0)
    await eventually(lambda: kept(keys.refused(partition)))
    form, last = (
        form_of(await kept(keys.forms(partition))),
        refusal_of(await kept(keys.refused(partition))),
    )
    assert form is not None
    assert last is not None
    assert (form.boot, form.fs, form.leads, form.stored) == ("boot-1", 360.0, ("II", "V1"), 90)
    assert last.reason == "range"
    assert "gain" in last.problem
