"""Devices that are gone leave nothing behind, in the detector or in Redis."""

import time

import numpy as np
import orjson
import pytest

from detector.runner.endings import departures
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward.devices.desk import DeviceDesk
from ecg_monitor.ward.devices.roster import PASSED_S, RosterEntry
from ecg_monitor.ward.patients.desk import PatientDesk
from ecg_monitor.ward.patients.trail import ChangeKind
from ecg_monitor.ward.patients.transfer import Ward, begin, finish
from tests.support.ticking import tick

FS = 360.0
SETTINGS = Settings(partitions=1)
DAY_S = 86_400.0


class Later:
    """A clock that the test puts forward: Redis numbers entries by the real one."""

    ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def send(publish, pulses, packetize):
    """Return a function that lets a device send, as ingest would write it down."""

    async def sent(store, device: str, seconds: float = 4.0, *, first_s: float = 3600.0) -> None:
        signal = pulses(FS, seconds, 70)
        await publish(packetize(signal, FS, 90, device=device), time.time() - seconds)
        entry = RosterEntry(time.time() - first_s, time.time())
        await store.hset(keys.roster(0), device, entry.to_text())
        await store.hset(keys.devices(0), device, '{"meta":{}}')
        for noted in (keys.forms, keys.refused, keys.strangers):
            await store.hset(noted(0), device, "{}")
        await store.hincrby(keys.counters(0), f"{device}|accepted", 1)

    return sent


async def run(runner: PartitionRunner, later: Later, *, at_s: float) -> None:
    """Let it tick, then look at all silences and departures as they are so much later."""
    while await runner.tick(block_ms=1):
        pass
    for _ in range(3):
        later.ahead_s = at_s = at_s + departures.LOOK_S + 1
        await tick(runner)


async def left_of(store, device: str) -> set[str]:
    """Names of the keys that still hold something of a device, but for the record of alerts."""
    found = set()
    for key in [name.decode() for name in await store.keys("*")]:
        kind = (await store.type(key)).decode()
        if device in key and ":strip:" not in key:
            found.add(key)
        if kind == "hash" and key not in (keys.alerts(0), keys.acts(0)):
            names = [name.decode().split("|")[0] for name in await store.hkeys(key)]
            found |= {key} if device in names else set()
    return found


async def present(store) -> set[str]:
    alerts = [orjson.loads(text) for text in await store.hvals(keys.alerts(0))]
    return {one["device"] for one in alerts if one["present"]}


async def test_a_device_long_silent_is_forgotten_everywhere(redis_client, later, send):
    for device in ("gone", "stays", "admitted"):
        await send(redis_client, device)
    await PatientDesk(redis_client, SETTINGS).admit(
        "admitted", "A. Nurse", patient="4711", name="", category="adult"
    )
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, later)
    await run(runner, later, at_s=60)
    assert await present(redis_client) == {"gone", "stays", "admitted"}  # all are silent
    assert await left_of(redis_client, "gone")
    later_still = RosterEntry(time.time(), time.time() + DAY_S)
    await redis_client.hset(keys.roster(0), "stays", later_still.to_text())
    await run(runner, later, at_s=DAY_S + 120)
    assert await left_of(redis_client, "gone") == set()
    assert runner.state.beds.keys() == {"stays", "admitted"}
    assert set(runner.state.analyzer.devices) == {"stays", "admitted"}
    assert await present(redis_client) == {"stays", "admitted"}
    # The next owner finds the same, and whoever comes back is a new device.
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, later)
    assert runner.state.beds.keys() == {"stays", "admitted"}
    later.ahead_s = 0
    await send(redis_client, "gone")
    await run(runner, later, at_s=0)
    assert "gone" in runner.state.beds


async def test_who_passes_by_is_forgotten_soon_and_sooner_in_a_crowd(redis_client, later, send):
    for number in range(6):
        await send(redis_client, f"made-up-{number}", 1.0, first_s=1)
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, later)
    await run(runner, later, at_s=PASSED_S / 2)
    assert len(runner.state.beds) == 6
    few = Settings(partitions=1, max_devices=10)
    runner = await PartitionRunner.open(redis_client, 0, few, later)
    await run(runner, later, at_s=PASSED_S / 2)
    assert not runner.state.beds
    assert await redis_client.hlen(keys.roster(0)) == 0
    assert not await redis_client.keys(keys.state(0, "*"))


async def test_what_waits_for_somebody_keeps_its_device(
    redis_client, later, send, publish, pulses, packetize
):
    flat = np.hstack([pulses(FS, 12, 70), 0 * pulses(FS, 7, 70)])
    await publish(packetize(flat, FS, 90, device="asystole"), time.time() - flat.shape[1] / FS)
    await redis_client.hset(
        keys.roster(0), "asystole", RosterEntry(time.time() - 3600, time.time()).to_text()
    )
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, later)
    await run(runner, later, at_s=DAY_S + 120)
    assert "asystole" in runner.state.beds
    assert await present(redis_client) == {"asystole"}


async def test_an_order_to_remove_is_void_once_the_device_has_a_patient_or_sends(
    redis_client, later, send
):
    """Or the patient's discharge, or a night without the device, would carry it out days later."""
    patients = PatientDesk(redis_client, SETTINGS)
    for device in ("admitted", "awaited", "sends", "gone"):
        await send(redis_client, device)
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, later)
    while await runner.tick(block_ms=1):
        pass
    for device in ("admitted", "awaited", "sends", "gone"):
        order = {"by": "A. Nurse", "at": time.time()}
        await redis_client.hset(keys.removals(0), device, orjson.dumps(order))
    ward = Ward(redis_client, 1)
    for device in ("admitted", "source"):
        await patients.admit(device, "A. Nurse", patient=device, name="", category="adult")
    source = await patients.bed("source")
    await begin(ward, "source", source, "awaited", "A. Nurse")
    await redis_client.hset(keys.patients(0), "malformed", b"rubbish")
    await send(redis_client, "sends")
    await run(runner, later, at_s=60)
    assert runner.state.beds.keys() == {"admitted", "awaited", "sends"}
    assert await redis_client.hlen(keys.removals(0)) == 0
    await redis_client.hdel(keys.patients(0), "malformed")
    await finish(ward, "source")
    arrived = (await patients.bed("awaited")).admission
    assert arrived is not None
    assert arrived.patient == "source"


async def test_removed_by_hand(redis_client, later, send):
    desk = DeviceDesk(redis_client, SETTINGS, later)
    await send(redis_client, "bed-1")
    await send(redis_client, "bed-2")
    with pytest.raises(PatientError, match="it sends"):
        await desk.remove("bed-1", "A. Nurse")
    with pytest.raises(PatientError, match="no such device"):
        await desk.remove("bed-9", "A. Nurse")
    patients = PatientDesk(redis_client, SETTINGS)
    await patients.admit("bed-2", "A. Nurse", patient="4711", name="", category="adult")
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS, later)
    await run(runner, later, at_s=60)
    with pytest.raises(PatientError, match="discharge"):
        await desk.remove("bed-2", "A. Nurse")
    assert [one.device for one in await desk.devices()] == ["bed-1", "bed-2"]
    await desk.remove("bed-1", "A. Nurse")
    await run(runner, later, at_s=120)
    assert await left_of(redis_client, "bed-1") == set()
    assert [one.device for one in await desk.devices()] == ["bed-2"]
    trail = await patients.trail("bed-1")
    assert [(one.what, one.who) for one in trail] == [(ChangeKind.REMOVED, "A. Nurse")]
    assert (await patients.bed("bed-1")).admission is None


async def test_nobody_leaves_while_another_server_is_away(two_servers, later):
    """A patient may be on the way to the bed from there."""
    settings = Settings(partitions=2)
    async with store.answering(two_servers.url) as client:
        entry = RosterEntry(time.time() - 3600, time.time())
        await client.hset(keys.roster(0), "gone", entry.to_text())
        runner = await PartitionRunner.open(client, 0, settings, later)
        two_servers.kill(1)
        later.ahead_s = DAY_S + 120
        await tick(runner)
        assert await client.hexists(keys.roster(0), "gone"), "and the partition is followed"
        two_servers.restart(1)
        await store.check(client)
        await run(runner, later, at_s=DAY_S + 300)
        assert not await client.hexists(keys.roster(0), "gone")
        await runner.close()
