"""Beds that no page watches: their packets are not read, and nothing is missing when one looks."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import numpy as np
import pytest

from dashboard.hub import entries
from dashboard.hub.bed import SILENT_S
from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.frames import unpack
from dashboard.hub.outbox import Outbox
from dashboard.hub.readers import PartitionReader
from dashboard.hub.requests import HISTORY_S, Subscription
from ecg_monitor.core import keys, wire
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.signal.sources import HANDOVER_S
from ecg_monitor.ward.units.model import Unit
from ecg_monitor.ward.units.sight import UnitBook
from tests.support.waiting import until

NOW = 1_000_000.0
FS = 100.0
STEP = 25


def fields(device: str, n0: int, boot: str = "x", began: float = NOW) -> dict[bytes, bytes]:
    """An entry of a wave stream, which arrives as soon as its last sample is taken."""
    packet = Packet(
        device=device, boot=boot, seq=0, n0=n0, t0=0.0, fs=FS, leads=("II",), gain=(200.0,),
        baseline=(0.0,), samples=np.full((1, STEP), n0 % 1000, np.int16),
    )  # fmt: skip
    arrival = began + (n0 + STEP) / FS
    return {b"d": device.encode(), b"t": repr(arrival).encode(), b"p": wire.encode_cbor(packet)}


def feed(core: HubCore, entry: dict[bytes, bytes]) -> bool:
    """Do with an entry what the reader does; return whether it was read."""
    arrival = float(entry[b"t"])
    if core.hold(0, entry, arrival):
        return False
    packet, _ = entries.packet(entry)
    core.packet(0, packet, arrival, arrival)
    return True


def join(core: HubCore, *devices: str) -> Client:
    client = Client(Outbox(lambda: None))
    core.connect(client)
    wanted = frozenset(devices)
    core.request(client, Subscription(beds=wanted, history_s=20.0, all_alarms=True), NOW)
    return client


def shown(client: Client) -> list[int]:
    """Indices of the first samples of the frames that a client was sent."""
    messages = [one for one in client.outbox.take() if isinstance(one, bytes)]
    return [frame.n0 for message in messages for frame in unpack(message)]


@pytest.fixture
def core() -> HubCore:
    return HubCore(1, NOW)


def test_only_what_is_watched_is_read(core: HubCore) -> None:
    client = join(core, "a")
    for n0 in range(0, 1000, STEP):
        assert feed(core, fields("a", n0))
        assert feed(core, fields("b", n0)) is (n0 == 0)  # which leads it has must be known
    assert shown(client) == list(range(0, 1000, STEP))
    assert core.packets == 2 * 1000 / STEP
    assert core.figures()["delays"]["ingest_to_hub"]["counts"]
    assert core.behind_s(NOW + 10) is None  # there are live traces, and no detector


def test_who_begins_to_look_sees_the_last_seconds(core: HubCore) -> None:
    last = round(3 * HISTORY_S * FS)
    for n0 in range(0, last, STEP):
        feed(core, fields("a", n0))
    client = join(core, "a")
    expected = list(range(last - round(HISTORY_S * FS), last, STEP))
    assert shown(client)[-len(expected) :] == expected
    assert feed(core, fields("a", last))
    assert shown(client) == [last]
    core.disconnect(client)
    assert not feed(core, fields("a", last + STEP))
    assert shown(join(core, "a"))[-2:] == [last, last + STEP]


def test_a_device_that_was_switched_on_anew_meanwhile(core: HubCore) -> None:
    for n0 in range(0, 500, STEP):
        feed(core, fields("a", n0))
    began = NOW + 60
    for n0 in range(0, round((HANDOVER_S + 2) * FS), STEP):
        assert not feed(core, fields("a", n0, "y", began))
    core.events("a", "y", [{"type": "vitals", "n": 100, "heart_rate": 61, "quality": "good"}])
    assert core.beds["a"].boot == "y"
    assert core.beds["a"].vitals is not None
    assert shown(join(core, "a")) == list(range(0, round((HANDOVER_S + 2) * FS), STEP))


def test_a_bed_that_nobody_watches_is_not_taken_for_gone(core: HubCore) -> None:
    for n0 in range(0, round(2 * SILENT_S * FS), 10 * STEP):
        feed(core, fields("a", n0))
    now = NOW + 2 * SILENT_S
    core.roster(0, (), now)
    assert "a" in core.beds
    core.roster(0, (), now + SILENT_S + 10)
    assert "a" not in core.beds


def test_what_turns_out_to_be_malformed_is_counted_and_passed_over(core: HubCore) -> None:
    feed(core, fields("a", 0))
    assert not feed(core, {**fields("a", STEP), b"p": b"rubbish"})
    assert not feed(core, fields("a", 2 * STEP))
    assert shown(join(core, "a")) == [0, 2 * STEP]
    assert core.figures()["unreadable"] == 1
    assert not core.hold(0, {b"d": b"a"}, NOW)
    assert not core.hold(0, {}, NOW)


async def test_a_wall_of_one_unit_costs_what_its_beds_cost(
    redis_client: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 200 beds in a real stream those of the unit are read, and all are known."""
    read: list[str] = []
    decode = entries.packet

    def counted(entry: Any) -> Any:
        packet, arrival = decode(entry)
        read.append(packet.device)
        return packet, arrival

    monkeypatch.setattr(entries, "packet", counted)
    unit = Unit("0000000a", "ICU", "icu", 1, "A", 0.0)
    beds = [f"bed-{number}" for number in range(200)]
    book = UnitBook({unit.id: unit}, dict.fromkeys(beds[:8], unit.id))
    now = time.time()
    core = HubCore(1, now)
    core.see(book, {}, now)
    reader = PartitionReader(core, redis_client, 0)
    client = Client(Outbox(lambda: None))
    client.sight = book.sight_of("a nurse")
    core.connect(client)
    core.request(client, Subscription(unit=unit.id, all_alarms=True), now)
    following = asyncio.create_task(reader.follow())
    try:
        for n0 in (0, STEP, 2 * STEP):
            for device in beds:
                await redis_client.xadd(keys.wave(0), dict(fields(device, n0, began=now)))
        await until(lambda: core.packets == 3 * len(beds))
    finally:
        await cancel_all([following])
    assert len(core.beds) == 200
    assert [read.count(device) for device in beds] == [3] * 8 + [1] * 192
    assert len(shown(client)) == 3 * 8
