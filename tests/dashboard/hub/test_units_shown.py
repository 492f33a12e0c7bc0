"""Which beds a browser is told of: those of its care units, and of them what it asks for."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import orjson
import pytest
from websockets.asyncio.client import connect

from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.frames import unpack
from dashboard.hub.outbox import Outbox
from dashboard.hub.requests import NO_UNIT, Subscription
from dashboard.hub.server import Hub
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from ecg_monitor.ward import access
from ecg_monitor.ward.access import Link
from ecg_monitor.ward.accounts.entrance import Entrance
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.alerts.trail import Entry, EntryKind
from ecg_monitor.ward.units.desk import UnitDesk
from ecg_monitor.ward.units.model import Unit
from ecg_monitor.ward.units.sight import UnitBook

NOW = 1_000_000.0
ICU, WARD = "0000000a", "0000000b"
UNITS = {one: Unit(one, name, name, 1, "A", 0.0) for one, name in ((ICU, "ICU"), (WARD, "Ward"))}
BOOK = UnitBook(UNITS, {"icu-1": ICU, "icu-2": ICU, "ward-1": WARD})
BEDS = ("icu-1", "icu-2", "ward-1", "new-1")


def packet(device: str, n0: int = 0) -> Packet:
    return Packet(
        device=device, boot="x", seq=0, n0=n0, t0=0.0, fs=100.0, leads=("II",), gain=(200.0,),
        baseline=(0.0,), samples=np.zeros((1, 25), np.int16),
    )  # fmt: skip


def feed(core: HubCore, n0: int = 0) -> None:
    for device in BEDS:
        core.packet(0, packet(device, n0), NOW + n0 / 100, NOW + n0 / 100)


def alarm(core: HubCore, device: str) -> None:
    facts = Alert(
        id=f"{device}/x/asystole/1", device=device, boot="x", kind="asystole", priority="high",
        n=1, value=4.0, limit=4.0, present=True, onset_at=NOW, raised_at=NOW, cleared_at=None,
        announced_at=NOW, decided_n=1, latching=True,
    )  # fmt: skip
    core.alert_entry(0, Entry(EntryKind.RAISED, "detector", NOW, device, facts), NOW)


@pytest.fixture
def core() -> HubCore:
    core = HubCore(1, NOW)
    core.see(BOOK, {}, NOW)
    return core


def join(core: HubCore, *given: str, **wants: Any) -> Client:
    """A page of somebody who has been given some units."""
    client = Client(Outbox(lambda: None))
    client.sight = UnitBook(UNITS, BOOK.beds, {"k": frozenset(given)} if given else {}).sight_of(
        "k"
    )
    core.connect(client)
    core.request(client, Subscription(history_s=20.0, **wants), NOW)
    return client


def told(core: HubCore, client: Client) -> dict[str, set[str]]:
    """Devices that a client has been told of since it was asked last, by kind of message."""
    names = {bed.index: bed.device for bed in core.beds.values()}
    found: dict[str, set[str]] = {}
    for message in client.outbox.take():
        if isinstance(message, bytes):
            found.setdefault("frames", set()).update(names[one.bed] for one in unpack(message))
            continue
        for text in json.loads(message):
            if text["t"] == "units":
                assert text["all"] is (client.sight.given is None)
                found["units"] = {one["id"] for one in text["units"]}
            elif "bed" in text:
                found.setdefault(text["t"], set()).add(names[text["bed"]])
    return found


def test_a_bed_of_another_unit_is_never_told_of(core: HubCore) -> None:
    feed(core)
    for wants in ({}, {"all_alarms": True}, {"beds": frozenset(BEDS)}, {"unit": WARD}):
        client = join(core, ICU, **wants)
        alarm(core, "ward-1")
        feed(core, 25)
        core.events(
            "ward-1", "x", [{"type": "vitals", "n": 1, "heart_rate": 60, "quality": "good"}]
        )
        core.device("ward-1", {"meta": {"label": "Secret"}, "status": {}})
        seen = set().union(
            *(found for kind, found in told(core, client).items() if kind != "units")
        )
        assert "ward-1" not in seen
        core.disconnect(client)


@pytest.mark.parametrize(
    ("given", "unit", "shown"),
    [
        ((), None, {*BEDS}),
        ((), ICU, {"icu-1", "icu-2"}),
        ((), NO_UNIT, {"new-1"}),
        ((ICU,), None, {"icu-1", "icu-2", "new-1"}),
        ((ICU,), ICU, {"icu-1", "icu-2"}),
        ((ICU,), WARD, set()),
        ((), "ffffffff", set()),
    ],
)
def test_a_wall_shows_a_unit_and_hears_all(
    core: HubCore, given: tuple[str, ...], unit: str | None, shown: set[str]
) -> None:
    feed(core)
    client = join(core, *given, unit=unit, all_alarms=True)
    found = told(core, client)
    assert found.get("frames", set()) == shown
    mine = {"icu-1", "icu-2", "new-1"} if given else {*BEDS}
    assert found["bed"] == mine  # those that are not on this screen are counted there
    assert found["units"] == ({ICU} if given else {ICU, WARD})
    for device in BEDS:
        alarm(core, device)
    feed(core, 25)
    found = told(core, client)
    assert found.get("frames", set()) == shown
    assert found["alarms"] == mine


def test_a_bed_that_changes_units_goes_and_comes(core: HubCore) -> None:
    feed(core)
    nurse, other, wall = join(core, ICU), join(core, WARD), join(core, unit=ICU, all_alarms=True)
    for client in (nurse, other, wall):
        told(core, client)
    moved = UnitBook(UNITS, {**BOOK.beds, "icu-1": WARD})
    core.see(moved, {
        nurse: UnitBook(UNITS, moved.beds, {"k": frozenset({ICU})}).sight_of("k"),
        other: UnitBook(UNITS, moved.beds, {"k": frozenset({WARD})}).sight_of("k"),
        wall: moved.sight_of("k"),
    }, NOW)  # fmt: skip
    assert told(core, nurse).get("gone") == {"icu-1"}
    found = told(core, other)
    assert (found["bed"], found["frames"]) == ({"icu-1"}, {"icu-1"})
    found = told(core, wall)
    assert (found["bed"], found.get("gone")) == ({"icu-1"}, None)  # of another unit, still heard
    feed(core, 25)
    assert told(core, nurse)["frames"] == {"icu-2", "new-1"}
    assert told(core, other)["frames"] == {"icu-1", "ward-1", "new-1"}
    assert told(core, wall)["frames"] == {"icu-2"}


def test_a_person_who_gets_a_unit_sees_it_at_once(core: HubCore) -> None:
    feed(core)
    nurse = join(core, ICU)
    told(core, nurse)
    core.see(BOOK, {nurse: BOOK.sight_of("k")}, NOW)
    found = told(core, nurse)
    assert (found["bed"], found["units"]) == ({"ward-1"}, {ICU, WARD})


def test_the_bed_says_to_which_unit_it_belongs(core: HubCore) -> None:
    feed(core)
    client = join(core)
    texts = [
        text for message in client.outbox.take() if isinstance(message, str)
        for text in json.loads(message) if text["t"] == "bed"
    ]  # fmt: skip
    assert {one["device"]: one["unit"] for one in texts} == {
        "icu-1": ICU, "icu-2": ICU, "ward-1": WARD, "new-1": "",
    }  # fmt: skip


def test_the_system_page_names_no_device_of_another_unit(core: HubCore) -> None:
    feed(core)
    core.partitions[0].counters = {"icu-1|accepted": 1, "ward-1|accepted": 2}
    core.partitions[0].refusals = [{"device": "ward-1", "at": 1.0, "error": "x"}]
    client = join(core, ICU, system=True)
    core.tick(NOW)
    texts = [text for text in client.outbox.take() if isinstance(text, str)]
    assert "icu-1|accepted" in "".join(texts)
    assert "ward-1" not in "".join(texts)


async def test_the_hub_knows_the_units_of_a_session(redis_client: Store, redis_url: str) -> None:
    """Over a real socket: what is given and taken away reaches a page that is open."""
    settings = Settings(redis_url=redis_url, secret="of the tests", partitions=1)
    desk = UnitDesk(redis_client, settings, "Amina")
    icu, ward = (await desk.add("ICU")).id, (await desk.add("Ward")).id
    for device in ("icu-1", "ward-1"):
        await redis_client.hset(keys.roster(0), device, f"{time.time():.0f} {time.time():.0f}")
        told_of = orjson.dumps({"status": {"state": "online"}, "meta": {}})
        await redis_client.hset(keys.devices(0), device, told_of)
    await desk.give_beds(icu, {"icu-1": 0})
    await desk.give_beds(ward, {"ward-1": 0})
    await desk.give_person("Karim", [icu], 0)
    entrance = Entrance(redis_client, settings)
    token = await entrance.follow_link(Link("Karim", "viewer", time.time()), "::1")
    cookie = f"{access.SESSION_COOKIE}={access.make_cookie(settings.secret, token)}"
    async with (
        Hub(settings, 0) as hub,
        connect(
            f"ws://127.0.0.1:{hub.port}",
            origin="http://127.0.0.1:8050",
            additional_headers={"Cookie": cookie},
        ) as socket,
    ):
        await socket.send('{"t": "subscribe", "beds": "all"}')
        seen: dict[str, int] = {}

        async def until(done: Any) -> None:
            while not done():
                for text in json.loads(await socket.recv()):
                    if text["t"] == "bed":
                        seen[text["device"]] = text["bed"]
                    if text["t"] == "gone":
                        del seen[next(one for one in seen if seen[one] == text["bed"])]

        await until(lambda: seen.keys() == {"icu-1"})
        await desk.give_person("Karim", [ward], 1)
        await until(lambda: seen.keys() == {"ward-1"})
        await desk.give_person("Karim", [], 2)
        await until(lambda: seen.keys() == {"icu-1", "ward-1"})
