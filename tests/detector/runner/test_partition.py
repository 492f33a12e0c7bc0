"""The partition runner against a real Redis: exactly-once effects, whatever kills it."""

import itertools

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.analyzer.analyzer import Analyzer
from detector.runner.command import parse_partitions
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys
from ecg_monitor.core.errors import FencedError, SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import Packet, event_to_map
from ecg_monitor.ward.alerts.handling.actions import read_trail
from tests.support.ticking import tick

FS = 360.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0


async def committed(store, device: str) -> list[dict]:
    """Events of a device as they stand in Redis, having checked their numbers."""
    events: list[dict] = []
    for _, fields in await store.xrange(keys.events(0)):
        if fields[b"d"].decode() == device:
            assert int(fields[b"i"]) == len(events)
            events += orjson.loads(fields[b"j"])
    return events


async def alerts(store) -> list[dict]:
    return [orjson.loads(text) for text in await store.hvals(keys.alerts(0))]


def expected(packets: list[Packet]) -> list[dict]:
    analyzer = Analyzer()
    return [event_to_map(event) for output in analyzer.feed(packets) for event in output.events]


@pytest.fixture
def two_beds(pulses, packetize) -> list[Packet]:
    """Two beds with an asystole each, their packets interleaved."""
    signal = np.hstack([pulses(FS, 12, 70), 0 * pulses(FS, 7, 70), pulses(FS, 12, 70)])
    other = np.hstack([pulses(FS, 9, 90), 0 * pulses(FS, 8, 70), pulses(FS, 14, 50)])
    one = packetize(signal, FS, 90, device="one")
    two = packetize(other, FS, 90, device="two")
    return list(itertools.chain.from_iterable(zip(one, two, strict=True)))


@pytest.mark.parametrize("step", [3, 17, 50])
async def test_a_runner_that_dies_again_and_again_commits_every_event_once(
    redis_client, clock, two_beds, step, publish
):
    for i in range(0, len(two_beds), step):
        await publish(two_beds[i : i + step])
        clock.time = START + two_beds[min(i + step, len(two_beds)) - 1].n1 / FS
        # Nothing is said when it dies: the next one finds only what was committed.
        runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
        while await tick(runner):
            clock.time += 0.01
    for device in ("one", "two"):
        mine = [packet for packet in two_beds if packet.device == device]
        assert await committed(redis_client, device) == expected(mine)
    raised = [a for a in await alerts(redis_client) if a["kind"] == "asystole"]
    assert sorted(a["device"] for a in raised) == ["one", "two"]
    assert all(not a["present"] and a["cleared_at"] for a in raised)
    for alert in raised:
        assert alert["onset_at"] == pytest.approx(START + alert["n"] / FS, abs=0.3)
    log = [entry for _, entry in await read_trail(redis_client, 0)]
    changes = sorted((e.device, e.what) for e in log if e.alert.kind == "asystole")
    told = ("cleared", "evidence", "raised")
    assert changes == [(device, what) for device in ("one", "two") for what in told]


async def test_a_former_owner_can_write_nothing(redis_client, clock, two_beds, publish):
    await publish(two_beds[:100])
    former = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    await former.tick(block_ms=1)
    owner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    before = await redis_client.xlen(keys.events(0))
    await publish(two_beds[100:])
    with pytest.raises(FencedError, match="partition 0"):
        await former.tick(block_ms=1)
    assert await redis_client.xlen(keys.events(0)) == before
    while await owner.tick(block_ms=1):
        pass
    assert await committed(redis_client, "one") == expected(
        [packet for packet in two_beds if packet.device == "one"]
    )


async def test_silence_is_alarmed_and_ends_with_the_next_sample(
    redis_client, clock, pulses, packetize, publish
):
    packets = packetize(pulses(FS, 10, 60), FS, 90, device="one")
    await publish(packets[:20])
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    clock.time = START + 5.0
    await runner.tick(block_ms=1)
    assert await alerts(redis_client) == []
    clock.time = START + 10.1
    await runner.tick(block_ms=1)
    (alert,) = await alerts(redis_client)
    assert (alert["kind"], alert["priority"], alert["present"]) == ("no_data", "technical", True)
    assert alert["n"] == packets[19].n1

    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)  # it dies meanwhile
    clock.time += 2.0
    await runner.tick(block_ms=1)
    assert len(await alerts(redis_client)) == 1

    await publish([packets[19]])  # a repeated packet is no sign of life
    await runner.tick(block_ms=1)
    assert (await alerts(redis_client))[0]["present"]
    await publish(packets[20:21])
    await runner.tick(block_ms=1)
    (alert,) = await alerts(redis_client)
    assert not alert["present"]


async def test_every_sample_is_accounted_for_in_the_counters(
    redis_client, clock, pulses, packetize, publish
):
    packets = packetize(pulses(FS, 20, 60), FS, 90, device="one")
    lossy = packets[:10] + packets[11:30] + packets[29:40] + [packets[10]] + packets[40:]
    await publish(lossy)
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    while await runner.tick(block_ms=1):
        pass
    counters = await redis_client.hgetall(keys.counters(0))
    counted = {
        name.decode().removeprefix("one|samples_"): int(value)
        for name, value in counters.items()
        if name.startswith(b"one|samples_")
    }
    assert 90 <= counted.pop("unseen") <= 96  # and what the resampler makes of their neighbours
    assert counted == {
        "accepted": 7200 - 90,
        "missing": 90,
        "bridged": 90,
        "late": 90,
        "duplicate": 90,
        "stale": 0,
        "stray": 0,
    }


async def test_a_foreign_entry_in_the_stream_is_skipped(redis_client, clock, two_beds, publish):
    await publish(two_beds[:4])
    await redis_client.xadd(keys.wave(0), {"d": "one", "t": "1", "p": b"rubbish"})
    await publish(two_beds[4:])
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, clock)
    while await runner.tick(block_ms=1):
        pass
    assert await committed(redis_client, "one")


@given(st.sets(st.integers(0, 7), min_size=1))
def test_partition_lists(chosen):
    assert parse_partitions(",".join(map(str, sorted(chosen))), 8) == sorted(chosen)


@pytest.mark.parametrize("text", ["", "a", "3-1", "0-8", "-1"])
def test_wrong_partition_lists_are_refused(text):
    with pytest.raises(SettingsError, match="partitions"):
        parse_partitions(text, 8)
