"""Many connections to the hub, of one browser or of one address, and many that never read."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from contextlib import AsyncExitStack, ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dashboard.hub import gate, server
from dashboard.hub.server import Hub
from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from ecg_monitor.launch.processes import free_port
from ecg_monitor.ward import access
from ecg_monitor.ward.access import Link
from ecg_monitor.ward.accounts.entrance import Entrance
from tests.support.hub_sockets import SECRET
from tests.support.waiting import allowed_s, eventually, until


async def sign_in(settings: Settings, client: Store, user: str = "A. Nurse") -> str:
    return await Entrance(client, settings).follow_link(Link(user, "viewer", time.time()), "::1")


def open_socket(port: int, token: str, **options: Any) -> Any:
    cookie = f"{access.SESSION_COOKIE}={access.make_cookie(SECRET, token)}"
    return connect(
        f"ws://127.0.0.1:{port}",
        origin="http://127.0.0.1:8050",
        additional_headers={"Cookie": cookie},
        compression=None,
        open_timeout=60,
        **options,
    )


async def test_straight_after_signing_in_the_door_is_open(
    hub: Hub, settings: Settings, redis_client: Store
) -> None:
    for number in range(5):
        with pytest.raises(InvalidStatus):  # makes the hub look at the sessions now
            await open_socket(hub.port, f"of nobody {number}")
        token = await sign_in(settings, redis_client)
        async with open_socket(hub.port, token) as client:
            await client.send('{"t":"ping","c":1}')
            await client.recv()


async def test_one_browser_does_not_take_all_places(
    hub: Hub, settings: Settings, redis_client: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MAX_CLIENTS", gate.MAX_OF_SESSION + 2)
    greedy = await sign_in(settings, redis_client, "Greedy")
    async with AsyncExitStack() as stack:
        for _ in range(gate.MAX_OF_SESSION):
            await stack.enter_async_context(open_socket(hub.port, greedy))
        await until(lambda: len(hub.core.clients) == gate.MAX_OF_SESSION)
        with pytest.raises(InvalidStatus) as caught:
            await open_socket(hub.port, greedy)
        assert caught.value.response.status_code == 429
        # Nor does one user with many sessions: who has fewer pages gets one of theirs.
        more = await sign_in(settings, redis_client, "Greedy")
        for _ in range(2):
            await stack.enter_async_context(open_socket(hub.port, more))
        for number in range(3):
            token = await sign_in(settings, redis_client, f"Nurse {number}")
            other = await stack.enter_async_context(open_socket(hub.port, token))
            await other.send('{"t":"ping","c":1}')
            await other.recv()
        assert len(hub.core.clients) <= gate.MAX_CLIENTS
        with pytest.raises(InvalidStatus):
            await open_socket(hub.port, more)


async def test_places_that_give_way_are_told(
    hub: Hub, settings: Settings, redis_client: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MAX_CLIENTS", 2)
    greedy = await sign_in(settings, redis_client, "Greedy")
    nurse = await sign_in(settings, redis_client, "Nurse")
    async with (
        open_socket(hub.port, greedy) as first,
        open_socket(hub.port, greedy),
        open_socket(hub.port, nurse),
    ):
        with pytest.raises(ConnectionClosed) as caught:
            await asyncio.wait_for(first.recv(), allowed_s(30))
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == server.TRY_LATER


async def test_connections_that_say_nothing_shut_nobody_out(
    hub: Hub, settings: Settings, redis_client: Store
) -> None:
    token = await sign_in(settings, redis_client)
    with ExitStack() as stack:
        silent = []
        for _ in range(server.MAX_OPENING + 40):
            one = stack.enter_context(closing(socket.create_connection(("127.0.0.1", hub.port))))
            one.setblocking(False)
            silent.append(one)
        async with open_socket(hub.port, token) as client:
            await client.send('{"t":"ping","c":1}')
            await client.recv()

        def ended(one: socket.socket) -> bool:
            try:
                return one.recv(1) == b""
            except BlockingIOError:
                return False
            except ConnectionError:
                return True

        await until(lambda: sum(map(ended, silent)) >= 40)


def wide_packet(bed: int, n0: int) -> Packet:
    return Packet(
        device=f"bed-{bed}", boot="x", seq=n0, n0=n0, t0=0.0, fs=1000.0,
        leads=tuple(f"L{i}" for i in range(16)), gain=(200.0,) * 16, baseline=(0.0,) * 16,
        samples=np.ones((16, 1000), np.int16),
    )  # fmt: skip


@pytest.mark.serial
async def test_sockets_that_never_read_cost_little(
    settings: Settings, redis_client: Store, tmp_path: Path
) -> None:
    """A process of its own tells its memory. Each of these held two copies of its queue before."""
    port = free_port()
    env = {**os.environ, **to_environ(settings)}
    with (tmp_path / "hub.log").open("wb") as log:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ecg_monitor.cli", "hub", "--port", str(port)),
            env=env,
            stderr=log,
        )
    try:
        await eventually(lambda: answers(port))
        token = await sign_in(settings, redis_client)
        for n0 in range(0, 15_000, 1000):  # 15 s of 8 beds: 4 MB
            for bed in range(8):
                one = wide_packet(bed, n0)
                entry: dict[Any, Any] = {
                    "d": one.device,
                    "t": repr(time.time()),
                    "p": wire.encode_cbor(one),
                }
                await redis_client.xadd(keys.wave(keys.partition_of(one.device, 4)), entry)
        async with AsyncExitStack() as stack:
            process = psutil.Process(child.pid)
            first = await stack.enter_async_context(open_socket(port, token))
            await first.send('{"t":"subscribe","leads":"all","history_s":20}')
            await first.recv()
            before = process.memory_info().rss
            for number in range(48):
                if number % 12 == 0:
                    token = await sign_in(settings, redis_client, f"Nurse {number}")
                stuck = socket.socket()
                stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                stuck.connect(("127.0.0.1", port))
                client = await open_socket(port, token, sock=stuck, max_queue=1)
                stack.callback(client.transport.abort)
                await client.send('{"t":"subscribe","leads":"all","history_s":20}')
            await first.send('{"t":"ping","c":1}')  # answered after all of them have been
            while b"pong" not in str(await first.recv()).encode():
                pass
            assert process.memory_info().rss - before < 100e6
    finally:
        child.send_signal(signal.SIGTERM)
        await child.wait()


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
