"""What was lost or doubled is found from what is kept; against a real Redis."""

from __future__ import annotations

import numpy as np
import orjson
import pytest

from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from tests.detector.conftest import START, make_packets, pulse_train
from workbench.faults.account import Account, account

FS = 360.0


async def played(redis_client: Store, boot: str, since: float) -> Store:
    """Redis after a bed with an asystole has been analysed; the device was started at ``since``."""
    beats, ends = pulse_train(FS, 12, 70), since + 31.0
    signal = np.hstack([beats, np.zeros((1, round(7 * FS))), beats])
    packets = make_packets(np.round(200 * signal).astype(np.int16), FS, 90, device="one", boot=boot)
    for packet in packets:
        at = since + packet.n1 / FS
        fields = {"d": "one", "t": f"{at:.4f}", "p": wire.encode_cbor(packet)}
        await redis_client.xadd(keys.wave(0), fields)
    runner = await PartitionRunner.open(redis_client, 0, Settings(partitions=1), lambda: ends)
    while await runner.tick(block_ms=1):
        pass
    return redis_client


@pytest.fixture
async def kept(redis_client: Store) -> Store:
    """Redis after a bed with an asystole has been analysed."""
    return await played(redis_client, "b1", START)


def harmed(found: Account) -> dict[str, int]:
    names = ("samples_lost", "events_lost", "events_doubled", "alerts_lost", "alerts_doubled")
    return {name: getattr(found, name) for name in names if getattr(found, name)}


async def test_an_undisturbed_run_has_lost_nothing(kept: Store) -> None:
    found = await account(kept)
    assert harmed(found) == {}
    assert found.samples == 31 * FS
    assert found.events > 20
    assert found.alerts >= 1


async def test_a_device_that_was_started_anew_and_plays_the_same_doubles_nothing(
    kept: Store,
) -> None:
    once = await account(kept)
    found = await account(await played(kept, "b2", START + 60.0))
    assert harmed(found) == {}
    assert found.samples == 2 * once.samples
    assert found.alerts > once.alerts
    entries = await kept.xrange(keys.alertlog(0))
    of_the_second = [name for name, fields in entries if orjson.loads(fields[b"j"])["boot"] == "b2"]
    await kept.xdel(keys.alertlog(0), *of_the_second)
    assert harmed(await account(kept)).keys() == {"alerts_lost"}, "one start hides no other's loss"


async def test_what_stands_twice_is_found(kept: Store) -> None:
    ((_, fields), *_) = await kept.xrange(keys.events(0))
    await kept.xadd(keys.events(0), fields)
    raised = [one for _, one in await kept.xrange(keys.alertlog(0)) if b'"raised"' in one[b"e"]]
    await kept.xadd(keys.alertlog(0), raised[0])
    found = harmed(await account(kept))
    assert found["events_doubled"] >= 1
    assert found["alerts_doubled"] == 1
    assert "events_lost" not in found


async def test_what_is_missing_is_found(kept: Store) -> None:
    entries = await kept.xrange(keys.alertlog(0))
    await kept.xdel(keys.alertlog(0), *[name for name, _ in entries])
    events = await kept.xrange(keys.events(0))
    await kept.xdel(keys.events(0), events[0][0])
    found = harmed(await account(kept))
    assert found["alerts_lost"] >= 1
    assert found["events_lost"] >= 1
    packets = await kept.xrange(keys.wave(0))
    await kept.xdel(keys.wave(0), packets[40][0])
    assert harmed(await account(kept))["samples_lost"] == 90
