"""The stream of events, over a real server: what happens, to whom it is told, and when it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.accounts.tokens import Tokens
from ecg_monitor.ward.units.desk import UnitDesk
from gateway.api.state import LISTENERS_OF_ONE
from tests.gateway.api.conftest import Grant
from tests.support.alerts import Detector, make_alarm
from tests.support.api_server import serving
from tests.support.waiting import PATIENCE_S, allowed_s


@pytest.fixture(scope="module")
def url(redis_service: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("api")
    settings = Settings(redis_url=redis_service.url, state=str(folder), partitions=1)
    with serving(settings) as address:
        yield address.replace("http", "ws")


def vitals(device: str, rate: float) -> dict[str, Any]:
    events = [
        {"type": "vitals", "n": 250, "heart_rate": rate, "quality": "good"},
        {"type": "beat", "n": 240, "label": "N"},
    ]
    return {"d": device, "b": "boot1", "i": 0, "j": orjson.dumps(events)}


async def next_of(socket: ClientConnection) -> Any:
    return orjson.loads(await asyncio.wait_for(socket.recv(), allowed_s(PATIENCE_S)))


async def until_listening(client: Store, socket: ClientConnection, device: str) -> None:
    """Say something until it is heard: the stream begins some time after the connection."""
    while True:
        await client.xadd(keys.events(0), vitals(device, 1.0))
        with suppress(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.2)
            break
    await client.xadd(keys.events(0), vitals(device, 2.0))
    while (await next_of(socket)).get("heart_rate") != 2.0:
        pass  # what was said before somebody listened to the end


async def test_what_happens_is_told_to_those_it_concerns(
    url: str, grant: Grant, redis_client: Store, detector: Detector
) -> None:
    headers = await grant("read", beds=["icu-*"])
    asked = f"{url}/v1/events?types=vitals,alert"
    async with connect(asked, additional_headers=headers) as socket:
        await until_listening(redis_client, socket, "icu-1")
        await redis_client.xadd(keys.events(0), vitals("er-2", 50.0))
        await redis_client.xadd(keys.events(0), vitals("icu-1", 72.0))
        told = await next_of(socket)
        assert (told["device"], told["type"], told["heart_rate"]) == ("icu-1", "vitals", 72.0)
        await detector.say(make_alarm(), time.time(), "er-2")
        await detector.say(make_alarm(), time.time(), "icu-2")
        told = await next_of(socket)
        assert (told["type"], told["what"], told["alert"]["kind"]) == (
            "alert",
            "raised",
            "asystole",
        )
        assert told["device"] == "icu-2"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("types=secrets", "there is no secrets"),
        ("beds=er-2", "another care unit"),
        ("beds=a%20b", "no device id"),
    ],
)
async def test_what_is_wrong_is_told(url: str, grant: Grant, query: str, why: str) -> None:
    headers = await grant("read", beds=["icu-*"])
    async with connect(f"{url}/v1/events?{query}", additional_headers=headers) as socket:
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await asyncio.wait_for(socket.recv(), allowed_s(PATIENCE_S))
    assert closed.value.rcvd.code == 1008
    assert why in closed.value.rcvd.reason


async def test_strangers_hear_nothing(url: str, grant: Grant) -> None:
    for headers in ({}, {"Authorization": "Bearer no"}):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(f"{url}/v1/events", additional_headers=headers)
        assert refused.value.response.status_code == 401
    async with connect(f"{url}/v1/events", additional_headers=await grant("score")) as socket:
        with pytest.raises(websockets.ConnectionClosedError):
            await asyncio.wait_for(socket.recv(), allowed_s(PATIENCE_S))


async def test_a_revoked_token_stops_listening(url: str, grant: Grant, redis_client: Store) -> None:
    headers = await grant("read")
    asked = f"{url}/v1/events?types=vitals"
    async with connect(asked, additional_headers=headers) as socket:
        await until_listening(redis_client, socket, "icu-1")
        await Tokens(redis_client, "A. Admin").revoke("token-1")
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await asyncio.wait_for(socket.recv(), allowed_s(PATIENCE_S))
    assert closed.value.rcvd.code == 4401


async def test_a_bed_that_is_given_to_another_unit_is_heard_no_more(
    url: str, grant: Grant, redis_client: Store
) -> None:
    settings = Settings(partitions=1)
    desk = UnitDesk(redis_client, settings, "A. Admin")
    unit = await desk.add("ICU")
    await desk.give_person("A. Nurse", [unit.id], 0)
    await redis_client.hset(keys.roster(0), "er-2", "1 2")
    asked = f"{url}/v1/events?types=vitals"
    async with connect(asked, additional_headers=await grant("read")) as socket:
        await until_listening(redis_client, socket, "er-2")  # of no unit: everybody's
        other = await desk.add("Emergency")
        await desk.give_beds(other.id, {"er-2": 0})
        for rate in map(float, range(100, 10_000)):  # some seconds pass until it is known
            await redis_client.xadd(keys.events(0), vitals("er-2", rate))
            await redis_client.xadd(keys.events(0), vitals("new-3", rate))
            told = await next_of(socket)
            if told["device"] == "new-3":
                break
            assert (await next_of(socket))["device"] == "new-3"
        assert told["heart_rate"] == rate


async def test_one_token_does_not_take_all_places(url: str, grant: Grant) -> None:
    greedy, modest = await grant("read"), await grant("read")
    held = [
        await connect(f"{url}/v1/events", additional_headers=greedy)
        for _ in range(LISTENERS_OF_ONE)
    ]
    async with connect(f"{url}/v1/events", additional_headers=greedy) as socket:
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await asyncio.wait_for(socket.recv(), allowed_s(PATIENCE_S))
    assert closed.value.rcvd.code == 1013
    async with connect(f"{url}/v1/events", additional_headers=modest) as socket:
        await socket.ping()
    for one in held:
        await one.close()
