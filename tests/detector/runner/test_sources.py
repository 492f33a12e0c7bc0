"""Two devices under one id, and restarts of one, against a real Redis."""

import orjson
import pytest

from detector.analyzer.analyzer import Analyzer
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import Packet, event_to_map

FS = 360.0
SETTINGS = Settings(partitions=1)
START = 1_700_000_000.0


@pytest.fixture
def mixed(pulses, packetize) -> list[Packet]:
    """A device, for a while beside another under the same id, which then goes on alone."""
    mine = packetize(pulses(FS, 20, 70), FS, 180, device="one", boot="mine")
    other = packetize(pulses(FS, 30, 120), FS, 180, device="one", boot="other")
    beside = [one for pair in zip(mine[20:], other[:20], strict=True) for one in pair]
    return [*mine[:20], *beside, *other[20:]]


async def committed(store) -> list[dict]:
    events: list[dict] = []
    for _, fields in await store.xrange(keys.events(0)):
        assert int(fields[b"i"]) == len(events)
        events += orjson.loads(fields[b"j"])
    return events


async def played(store, clock, packets: list[Packet], publish, step: int) -> PartitionRunner:
    """Packets come every half second; after so many another process takes over."""
    runner = await PartitionRunner.open(store, 0, SETTINGS, clock)
    for i, packet in enumerate(packets):
        # As it arrives: `publish` dates a packet by its last sample.
        await publish([packet], start=START + i / 4 - packet.n1 / FS)
        clock.time = START + i / 4
        if i % step == step - 1:
            runner = await PartitionRunner.open(store, 0, SETTINGS, clock)
        while await runner.tick(block_ms=1):
            pass
    return runner


@pytest.mark.parametrize("step", [7, 1000])
async def test_who_takes_over_in_between_finds_the_same(redis_client, clock, mixed, publish, step):
    await played(redis_client, clock, mixed, publish, step)
    analyzer = Analyzer()
    whole = [event for packet in mixed for output in analyzer.feed([packet])
             for event in output.events]  # fmt: skip
    assert await committed(redis_client) == [event_to_map(event) for event in whole]


async def test_the_bed_tells_and_its_clock_is_that_of_the_signal_followed(
    redis_client, clock, mixed, publish
):
    runner = await played(redis_client, clock, mixed, publish, 1000)
    alerts = [orjson.loads(text) for text in await redis_client.hvals(keys.alerts(0))]
    (told,) = [alert for alert in alerts if alert["kind"] == "two_devices"]
    assert told["device"] == "one"
    assert told["boot"] == "mine"
    assert not told["present"]
    assert told["onset_at"] == pytest.approx(START + 20 / 4 + 4 / 2, abs=1)
    assert runner.state.beds["one"].boot == "other"
    assert not [alert for alert in alerts if alert["late"]]
    counted = await redis_client.hgetall(keys.counters(0))
    assert int(counted[b"one|samples_stale"]) > 0
