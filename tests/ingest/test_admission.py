"""Who comes in while many knock: without a broker, and through the real ingest."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiomqtt
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.devices.refusal import TOO_MANY
from ecg_monitor.ward.devices.roster import WRITE_EVERY_S, RosterEntry, entry_of
from ecg_monitor.ward.patients.desk import PatientDesk
from ecg_monitor.ward.system.watch import Watcher
from ingest import admission as rules
from ingest.admission import NEWCOMERS, Admission
from ingest.judge import AcceptedPacket, DeviceNews, Refusal
from tests.support.waiting import eventually

NOW = 1_700_000_000.0


def packet(device: str) -> AcceptedPacket:
    return AcceptedPacket(device, b"")


def comes_in(admission: Admission, device: str, at: float) -> bool:
    return isinstance(admission.sift(packet(device), at)[-1], AcceptedPacket)


def flood(admission: Admission, count: int, at: float = NOW) -> int:
    return sum(comes_in(admission, f"made-up-{number}", at) for number in range(count))


def test_a_ward_that_is_switched_on_comes_in_at_once() -> None:
    assert flood(Admission(1000, NOW), rules.AT_ONCE // 2) == rules.AT_ONCE // 2


def test_a_flood_is_held_up_and_a_bed_that_goes_on_sending_comes_in() -> None:
    admission = Admission(1000, NOW)
    assert flood(admission, 5000) <= rules.AT_ONCE
    assert admission.turned_away(NOW) > 1000
    at = NOW
    while not comes_in(admission, "real", at):
        at += 0.25
    assert at - NOW < 5
    assert admission.turned_away(at + rules.TURNED_AWAY_S + 1) == 0


def test_a_bed_comes_in_while_the_flood_goes_on() -> None:
    admission = Admission(100_000, NOW)
    at, number = NOW, 0
    flood(admission, 5000)
    while not comes_in(admission, "real", at):
        at += 0.25
        for _ in range(50):  # 200 new ids a second, each only once
            number += 1
            comes_in(admission, f"another-{number}", at)
    assert at - NOW < 5


def test_known_beds_and_those_with_a_patient_come_in_whatever_happens() -> None:
    admission = Admission(2, NOW)
    admission.load({"known": RosterEntry(NOW - 100, NOW - 50)}, {"with-patient"})
    assert flood(admission, 5000) <= 1
    assert comes_in(admission, "known", NOW)
    assert comes_in(admission, "with-patient", NOW)
    assert not comes_in(admission, "real", NOW + 100)
    (refusal,) = admission.sift(packet("another"), NOW + 100)
    assert isinstance(refusal, Refusal)
    assert (refusal.device, refusal.reason) == (NEWCOMERS, TOO_MANY)
    assert "another" in refusal.problem
    (again,) = admission.sift(packet("another"), NOW + 101)
    assert again == Refusal(NEWCOMERS, TOO_MANY, "")  # counted, and told once a minute


def test_what_a_newcomer_has_told_of_itself_comes_with_it() -> None:
    admission = Admission(1000, NOW)
    meta = DeviceNews("bed", "meta", {"label": "Bed 1"})
    gone = DeviceNews("bed", "status", {"state": "offline"})
    assert admission.sift(meta, NOW) == []
    assert admission.sift(gone, NOW) == []  # a broker keeps that of a device long gone
    online = DeviceNews("bed", "status", {"state": "online"})
    assert admission.sift(online, NOW) == [meta, online]
    assert admission.sift(packet("bed"), NOW) == [packet("bed")]
    assert admission.sift(meta, NOW) == [meta]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30),
            st.sampled_from(["packet", "online", "meta", "refusal"]),
            st.floats(0, 20),
        ),
        max_size=80,
    ),
    st.integers(1, 8),
)
def test_never_more_than_so_many(steps: list[tuple[int, str, float]], most: int) -> None:
    admission, at = Admission(most, NOW), NOW
    for number, what, passed_s in steps:
        at += passed_s
        device = f"d{number}"
        was_known = device in admission.known
        out = admission.sift(
            {
                "packet": packet(device),
                "online": DeviceNews(device, "status", {"state": "online"}),
                "meta": DeviceNews(device, "meta", {}),
                "refusal": Refusal(device, "range", "is wrong"),
            }[what],
            at,
        )
        assert len(admission.known) <= most
        assert not was_known or out, "a device that is known is never turned away"
        accepted = [one.device for one in out if isinstance(one, AcceptedPacket)]
        assert set(accepted) <= admission.known.keys()
    written = admission.due()
    assert written.keys() == admission.known.keys()
    assert admission.due() == {}
    admission.load(written, set())
    assert admission.known == written


def test_a_malformed_entry_keeps_its_device() -> None:
    assert entry_of(b"rubbish") == RosterEntry(0.0, 0.0)


@pytest.mark.timeout(120)
async def test_made_up_ids_shut_out_no_real_bed_and_that_is_told(
    system: Any, make_fields: Any, device: str
) -> None:
    store: Store = system.redis
    settings: Settings = system.settings
    payload = orjson.dumps(make_fields())
    began = time.time()
    for number in range(1500):
        await system.publisher.publish(keys.wave_topic(f"made-up-{number}"), payload, qos=0)

    async def roster() -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        for partition in range(settings.partitions):
            found |= await store.hgetall(keys.roster(partition))
        return found

    n0 = 0

    async def is_in() -> bool:
        nonlocal n0
        await system.send(device, **make_fields(n0=n0, seq=n0 // 90))
        n0 += 90
        await asyncio.sleep(0.2)
        return bool(await system.packets(device))

    await eventually(is_in)
    most = rules.AT_ONCE + rules.PER_S * (time.time() - began)
    assert len(await roster()) <= most + 1
    counters = await system.counters(NEWCOMERS)
    assert counters[f"refused:{TOO_MANY}"] > 500

    watcher = await Watcher.open(store, settings)

    async def told() -> bool:
        return "too_many_devices" in await watcher.look()

    await eventually(told)


@pytest.mark.timeout(120)
async def test_a_bed_with_a_patient_comes_in_when_all_places_are_taken(
    settings: Settings, redis_client: Store, running: Any, make_fields: Any
) -> None:
    few = Settings(mqtt_url=settings.mqtt_url, redis_url=settings.redis_url, max_devices=2)
    payload = orjson.dumps(make_fields())

    async def known() -> set[str]:
        found = [await redis_client.hkeys(keys.roster(one)) for one in range(few.partitions)]
        return {name.decode() for names in found for name in names}

    async with running(few, redis_client), aiomqtt.Client("127.0.0.1", port_of(few)) as publisher:

        async def full() -> bool:
            for number in range(5):
                await publisher.publish(keys.wave_topic(f"first-{number}"), payload, qos=1)
            return len(await known()) == 2

        await eventually(full)
        await PatientDesk(redis_client, few).admit(
            "bed-1", "A. Nurse", patient="4711", name="", category="adult"
        )

        async def came() -> bool:
            await publisher.publish(keys.wave_topic("bed-1"), payload, qos=1)
            await publisher.publish(keys.wave_topic("bed-2"), payload, qos=1)
            await asyncio.sleep(0.1)
            return "bed-1" in await known()

        await eventually(came)
        assert "bed-2" not in await known()


def port_of(settings: Settings) -> int:
    return int(settings.mqtt_url.rsplit(":", 1)[1])


def test_the_roster_is_as_young_as_it_says() -> None:
    admission = Admission(10, NOW)
    comes_in(admission, "bed", NOW)
    admission.due()
    comes_in(admission, "bed", NOW + WRITE_EVERY_S - 1)
    assert admission.due() == {}
    comes_in(admission, "bed", NOW + WRITE_EVERY_S)
    assert admission.due() == {"bed": RosterEntry(NOW, NOW + WRITE_EVERY_S)}
