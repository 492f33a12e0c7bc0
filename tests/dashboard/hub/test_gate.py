"""Who hears the hub, and until when: over real websockets and a real Redis."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dashboard.hub.server import SESSION_OVER, Hub
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward import access
from ecg_monitor.ward.access import Link
from ecg_monitor.ward.accounts.entrance import Entrance
from ecg_monitor.ward.accounts.people import People
from tests.support.hub_sockets import SECRET
from tests.support.waiting import allowed_s

SHOWN_OUT_S = 4.0
"""A look every 2 s, and the farewell, on a machine that has time."""


@pytest.fixture
def entrance(settings: Settings, redis_client: Store) -> Entrance:
    return Entrance(redis_client, settings)


def open_socket(hub: Hub, token: str) -> Any:
    cookie = f"theme=dark; {access.SESSION_COOKIE}={access.make_cookie(SECRET, token)}"
    return connect(
        f"ws://127.0.0.1:{hub.port}",
        origin="http://127.0.0.1:8050",
        additional_headers={"Cookie": cookie},
    )


async def code_of_close(client: Any, within_s: float) -> int:
    async def read_on() -> None:
        while True:
            await client.recv()

    with pytest.raises(ConnectionClosed) as caught:
        await asyncio.wait_for(read_on(), within_s)
    assert caught.value.rcvd is not None
    return int(caught.value.rcvd.code)


async def test_who_signed_in_a_moment_ago_is_let_in(hub: Hub, entrance: Entrance) -> None:
    token = await entrance.follow_link(Link("A. Nurse", "viewer", time.time()), "::1")
    async with open_socket(hub, token) as client:
        await client.send('{"t":"ping","c":1}')
        await client.recv()


async def test_a_revoked_session_is_shown_out_and_others_stay(hub: Hub, entrance: Entrance) -> None:
    now = time.time()
    tokens = [await entrance.follow_link(Link(f"Nurse {i}", "viewer", now), "") for i in range(2)]
    async with open_socket(hub, tokens[0]) as one, open_socket(hub, tokens[1]) as other:
        await entrance.revoke(access.digest_of(tokens[0]), "A. Admin", "")
        assert await code_of_close(one, allowed_s(SHOWN_OUT_S)) == SESSION_OVER
        await other.send('{"t":"ping","c":1}')
        await asyncio.wait_for(other.recv(), allowed_s(2))
    with pytest.raises(InvalidStatus) as caught:
        await open_socket(hub, tokens[0])
    assert caught.value.response.status_code == 401


async def test_a_disabled_user_is_shown_out(
    hub: Hub, entrance: Entrance, redis_client: Store
) -> None:
    people = People(redis_client, "A. Admin")
    await people.add("karim", "clinician", "blue tram no 7")
    token = await entrance.sign_in("karim", "blue tram no 7", "127.0.0.1")
    async with open_socket(hub, token) as client:
        await people.disable("karim")
        assert await code_of_close(client, allowed_s(SHOWN_OUT_S)) == SESSION_OVER


async def test_an_idle_session_hears_on(
    hub: Hub, entrance: Entrance, redis_client: Store, settings: Settings
) -> None:
    await People(redis_client, "A. Admin").add("karim", "clinician", "blue tram no 7")
    token = await entrance.sign_in("karim", "blue tram no 7", "127.0.0.1")
    digest = access.digest_of(token)
    async with open_socket(hub, token) as client:
        await redis_client.hset(keys.SEEN, digest, str(time.time() - settings.idle_s - 1))
        with pytest.raises(TimeoutError):  # two looks at the sessions, and it is still there
            await code_of_close(client, SHOWN_OUT_S)
    async with open_socket(hub, token) as late:
        await late.send('{"t":"ping","c":1}')
        await asyncio.wait_for(late.recv(), allowed_s(2))


async def test_a_session_that_nobody_can_read_lets_nobody_in(hub: Hub, redis_client: Store) -> None:
    await redis_client.hset(keys.SESSIONS, access.digest_of("token"), b'{"role":"god"}')
    with pytest.raises(InvalidStatus):
        await open_socket(hub, "token")
