"""Trends written by the partition runner: right, and the same wherever it was killed."""

import itertools

import numpy as np
import pytest

from detector.analyzer.analyzer import Analyzer
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import Beat
from ecg_monitor.ward.trends.kept import read_beats, read_trend
from ecg_monitor.ward.trends.minute import unpack

FS = 250.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0
FOREVER = (0.0, 4e9)


@pytest.fixture
def three_minutes(pulses, packetize):
    """A bed at 60, then at 100 bpm, then with 20 s that never come; a restart of the device."""
    signal = np.hstack([pulses(FS, 60, 60), pulses(FS, 100, 100)])
    packets = packetize(signal, FS, 250, device="one")
    kept = [p for p in packets if not 90 * FS <= p.n0 < 110 * FS]
    return kept, packetize(pulses(FS, 30, 80), FS, 250, device="one", boot="boot-2")


async def drain(publish, store, now, step=None, packets=None, settings=SETTINGS):
    """Run to the end, with a new runner for every ``step`` packets."""
    for i in range(0, len(packets), step or len(packets)):
        await publish(packets[i : i + (step or len(packets))])
        runner = await PartitionRunner.open(store, 0, settings, lambda: now)
        while await runner.tick(block_ms=1):
            pass


async def test_minutes_say_what_the_signal_shows(redis_client, three_minutes, publish):
    packets, again = three_minutes
    await drain(publish, redis_client, START + 160, packets=packets)
    first, second, last = await read_trend(redis_client, 0, "one", *FOREVER)
    assert [first.minute.number, second.minute.number, last.minute.number] == [0, 1, 2]
    assert first.at == pytest.approx(START, abs=0.1)
    assert second.at == pytest.approx(START + 60, abs=0.1)
    assert first.minute.heart_rate[0] == pytest.approx(60, abs=1)
    assert last.minute.heart_rate == pytest.approx((100, 100, 100), abs=1)
    assert first.minute.monitored_s == 60
    assert 38 <= second.minute.monitored_s <= 41, "20 s never came"
    assert sum(first.minute.counts) == pytest.approx(60, abs=3)
    # What another power-up brings ends the running minute of the one before.
    await drain(publish, redis_client, START + 200, packets=again)
    found = await read_trend(redis_client, 0, "one", *FOREVER)
    assert sorted((m.minute.boot, m.minute.number) for m in found) == [
        ("boot-1", 0), ("boot-1", 1), ("boot-1", 2), ("boot-2", 0),
    ]  # fmt: skip
    assert await redis_client.zcard(keys.trend(0, "one")) == 3, "the running one is in the hash"


async def test_beats_come_back_as_they_were_found(redis_client, three_minutes, publish):
    packets, _ = three_minutes
    await drain(publish, redis_client, START + 160, packets=packets)
    kept = await read_beats(redis_client, 0, "one", 0)
    outputs = Analyzer().feed(packets)
    told = [e for o in outputs for e in o.events if isinstance(e, Beat)]
    assert [(b.n, b.label) for b in kept] == [(b.n, b.label) for b in told]
    for mine, theirs in zip(kept, told, strict=True):
        assert mine.at == pytest.approx(START + theirs.n / FS, abs=0.1)
        assert mine.rr_s == (None if theirs.rr_s is None else pytest.approx(theirs.rr_s, abs=5e-4))
        assert (mine.anomaly is None) == (theirs.anomaly is None)


@pytest.mark.parametrize("step", [7, 31])
async def test_a_runner_that_dies_again_and_again_writes_the_same_minutes(
    redis_client, three_minutes, step, publish
):
    packets, again = three_minutes
    stored = []
    for cut in (None, step):
        await redis_client.flushall()
        await drain(publish, redis_client, START + 160, cut, packets)
        await drain(publish, redis_client, START + 200, cut, again)
        both = (keys.trend(0, "one"), keys.beats(0, "one"))
        stored.append([sorted(await redis_client.zrange(key, 0, -1)) for key in both])
    assert stored[0] == stored[1]
    assert len(stored[0][0]) == 3


async def test_minutes_past_their_retention_go(redis_client, three_minutes, publish):
    packets, _ = three_minutes
    settings = Settings(partitions=1, trend_retention_s=600, event_retention_s=60)
    await drain(publish, redis_client, START + 660, packets=packets, settings=settings)
    left = [unpack(blob).number for blob in await redis_client.zrange(keys.trend(0, "one"), 0, -1)]
    assert left == [1], "the first began 660 s ago"
    assert await redis_client.zcard(keys.beats(0, "one")) == 0
    assert 0 < await redis_client.ttl(keys.trend(0, "one")) <= 600


def test_lists_of_the_same_length():
    from detector.engine.state import QUALITIES
    from ecg_monitor.ward.trends import minute
    from models.beats.dataset import CLASSES

    assert sorted(QUALITIES) == sorted(minute.QUALITIES)
    assert tuple(CLASSES) == minute.LABELS
    assert list(itertools.chain(CLASSES)) == list(minute.LABELS)
