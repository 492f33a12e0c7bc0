"""Websockets to a hub for tests: who is signed in, what is sent, what comes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from dashboard.hub.frames import Frame, unpack
from dashboard.hub.server import Hub
from ecg_monitor.core import keys, wire
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts import changes
from ecg_monitor.ward.accounts.model import Session
from ecg_monitor.ward.accounts.trail import Entry
from tests.support.waiting import allowed_s

SECRET = "secret of the tests"
ORIGIN = "http://127.0.0.1:8050"
PATIENCE_S = allowed_s(30.0)
"""For what must happen, on a machine that does much else."""

TOKEN = "the token of the tests' session"


async def sign_in(client: Store, token: str = TOKEN, *, life_s: float = 3600.0) -> str:
    now = time.time()
    one = Session("A. Nurse", "a. nurse", "viewer", "person", "", now, now + life_s, 900.0)
    entry = Entry("signed_in", "A. Nurse", "A. Nurse", now)
    digest = access.digest_of(token)
    assert await changes.open_session(client, None, digest, one, "", entry)
    return digest


@asynccontextmanager
async def joined(hub: Hub, **request: Any) -> AsyncIterator[ClientConnection]:
    async with open_socket(hub) as client:
        await client.send(json.dumps({"t": "subscribe", "leads": "all", **request}))
        yield client


def open_socket(
    hub: Hub,
    *,
    origin: str | None = ORIGIN,
    secret: str = SECRET,
    token: str = TOKEN,
    **options: Any,
) -> Any:
    cookie = f"{access.SESSION_COOKIE}={access.make_cookie(secret, token)}"
    return connect(
        f"ws://127.0.0.1:{hub.port}",
        origin=origin,
        additional_headers={"Cookie": cookie} if secret else {},
        compression=None,
        **options,
    )


def packet(n0: int, samples: Any, device: str = "bed-1") -> Packet:
    return Packet(
        device=device, boot="x", seq=n0, n0=n0, t0=0.0, fs=360.0, leads=("MLII", "V5"),
        gain=(200.0, 200.0), baseline=(1024.0, 1024.0), samples=samples,
    )  # fmt: skip


def wide_packet(n0: int) -> Packet:
    """32 kB: the operating system buffers megabytes before a sender feels a slow reader."""
    return Packet(
        device="bed-1", boot="x", seq=n0, n0=n0, t0=0.0, fs=1000.0,
        leads=tuple(f"L{i}" for i in range(16)), gain=(200.0,) * 16, baseline=(0.0,) * 16,
        samples=np.ones((16, 1000), np.int16),
    )  # fmt: skip


async def publish(store: Store, one: Packet) -> None:
    entry: dict[Any, Any] = {"d": one.device, "t": repr(time.time()), "p": wire.encode_cbor(one)}
    await store.xadd(keys.wave(keys.partition_of(one.device, 4)), entry)


async def frames_until(client: ClientConnection, count: int) -> list[Frame]:
    frames: list[Frame] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(frames) < count:
            message = await client.recv()
            if isinstance(message, bytes):
                frames += unpack(message)
    return frames


async def text_until(client: ClientConnection, kind: str) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message = await client.recv()
            if isinstance(message, str):
                for text in json.loads(message):
                    if text["t"] == kind:
                        return text
