"""The hub over real websockets and a real Redis: exact frames, and clients that misbehave."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import wfdb
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dashboard.hub.frames import FLAG_HISTORY, Frame, unpack
from dashboard.hub.server import RULES_BROKEN, TOO_SLOW, Hub
from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.core.store import connect as connect_store
from ecg_monitor.core.types import Packet
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts import changes
from ecg_monitor.ward.accounts.model import Session
from ecg_monitor.ward.accounts.trail import Entry
from ecg_monitor.ward.alerts.handling.desk import Desk

SECRET = "secret of the tests"
ORIGIN = "http://127.0.0.1:8050"
PATIENCE_S = 30.0
"""For what must happen, on a machine that does much else."""

TOKEN = "the token of the tests' session"


@pytest.fixture(autouse=True)
async def session(redis_client: Store) -> str:
    """Open the session of `open_socket` in the Redis of most tests; returns its digest."""
    return await sign_in(redis_client)


async def sign_in(client: Store, token: str = TOKEN, *, life_s: float = 3600.0) -> str:
    now = time.time()
    one = Session("A. Nurse", "a. nurse", "viewer", "person", "", now, now + life_s, 900.0)
    entry = Entry("signed_in", "A. Nurse", "A. Nurse", now)
    digest = access.digest_of(token)
    assert await changes.open_session(client, None, digest, one, "", entry)
    return digest


@pytest.fixture
async def hub(redis_url: str, redis_client: Store) -> AsyncIterator[Hub]:
    async with Hub(Settings(redis_url=redis_url, secret=SECRET), 0) as running:
        yield running


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


async def test_real_samples_come_out_exactly(hub: Hub, redis_client: Store, mitdb: Path) -> None:
    record = wfdb.rdrecord(str(mitdb / "100"), physical=False, sampto=3600)
    samples = record.d_signal.T.astype(np.int16)
    pieces = [packet(n0, samples[:, n0 : n0 + 90]) for n0 in range(0, 3600, 90)]
    async with joined(hub) as client:
        for one in pieces:
            await publish(redis_client, one)
        frames = await frames_until(client, 80)
    out = np.zeros_like(samples)
    for frame in frames:
        out[frame.lead, frame.n0 : frame.n0 + len(frame.samples)] = frame.samples
    assert np.array_equal(out, samples)
    async with joined(hub, leads=1, history_s=20) as late:
        frames = await frames_until(late, 40)
    assert all(frame.flags == FLAG_HISTORY for frame in frames)
    assert np.array_equal(np.concatenate([frame.samples for frame in frames]), samples[0])


async def test_the_past_is_there_after_a_start(redis_url: str, redis_client: Store) -> None:
    await publish(redis_client, packet(0, np.ones((2, 90), np.int16)))
    await redis_client.xadd(keys.wave(0), {"d": "bed-1", "t": "now", "p": b"rubbish"})
    async with (
        Hub(Settings(redis_url=redis_url, secret=SECRET), 0) as hub,
        joined(hub, history_s=10) as client,
    ):
        frames = await frames_until(client, 2)
        assert hub.core.unreadable == 1
    assert [frame.n0 for frame in frames] == [0, 0]


@pytest.mark.serial
async def test_events_alarms_and_devices(hub: Hub, redis_client: Store) -> None:
    partition = keys.partition_of("bed-1", 4)
    await publish(redis_client, packet(0, np.ones((2, 90), np.int16)))
    async with joined(hub) as client:
        peak = {"type": "r_peak", "n": 5, "rr_s": None, "amplitude_mv": 1.5}
        entry: dict[Any, Any] = {
            "d": "bed-1",
            "b": "x",
            "s": "{}",
            "i": 0,
            "j": orjson.dumps([peak]),
        }
        await redis_client.xadd(keys.events(partition), entry)
        assert (await text_until(client, "beats"))["beats"] == [[5, None, None, 1.5, None]]
        alarm: dict[str, Any] = {
            "id": "bed-1/x/asystole/5", "device": "bed-1", "boot": "x", "kind": "asystole", "n": 5,
            "priority": "high", "present": True, "raised_at": time.time(), "cleared_at": None,
            "onset_at": None, "value": None, "limit": None,
        }  # fmt: skip
        text = orjson.dumps(alarm)
        at = time.monotonic()
        await redis_client.xadd(keys.alertlog(partition), {"j": text})
        (shown,) = (await text_until(client, "alarms"))["alarms"]
        assert time.monotonic() - at < 0.5
        assert (shown["id"], shown["presence"], shown["audio"]) == (alarm["id"], "On", "On")
        await redis_client.hset(keys.alerts(partition), alarm["id"], text)
        desk = Desk(redis_client, Settings())
        until = await desk.pause("bed-1", "A. Nurse")
        told = await text_until(client, "alarms")
        assert told["pause"] == {"until": until, "by": "A. Nurse"}
        assert told["alarms"][0]["audio"] == "Paused"
        await desk.resume("bed-1", "A. Nurse")
        assert (await text_until(client, "alarms"))["pause"] is None
        assert hub.core.unreadable == 0
        info = {"status": {"state": "online"}, "meta": {"label": "Bed 1"}}
        await redis_client.hset(keys.devices(partition), "bed-1", orjson.dumps(info).decode())
        assert (await text_until(client, "bed"))["label"] == "Bed 1"


async def test_alarms_missed_in_the_log_are_found_in_the_hash(
    hub: Hub, redis_client: Store
) -> None:
    alarm: dict[str, Any] = {
        "id": "bed-1/x/pause/1", "device": "bed-1", "boot": "x", "kind": "pause", "n": 1,
        "priority": "low", "present": True, "onset_at": None, "raised_at": 1.0,
        "cleared_at": None, "value": None, "limit": None,
    }  # fmt: skip
    partition = keys.partition_of("bed-1", 4)
    await redis_client.hset(keys.alerts(partition), alarm["id"], orjson.dumps(alarm).decode())
    async with joined(hub) as client:
        assert (await text_until(client, "alarms"))["alarms"][0]["kind"] == "pause"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": None}, 403),
        ({"secret": "another secret"}, 401),
        ({"secret": ""}, 401),
        ({"token": "of no session"}, 401),
    ],
)
async def test_strangers_stay_outside(hub: Hub, options: dict[str, Any], status: int) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with open_socket(hub, **options):
            pass
    assert caught.value.response.status_code == status


@pytest.mark.serial
async def test_a_crowd_of_strangers_holds_nobody_up(hub: Hub, redis_client: Store) -> None:
    stop = asyncio.Event()
    refused = 0

    async def knock(**options: Any) -> None:
        nonlocal refused
        while not stop.is_set():
            with pytest.raises(InvalidStatus):
                await open_socket(hub, **options)
            refused += 1

    async with joined(hub) as good:
        crowd = [asyncio.create_task(knock(secret="another secret")) for _ in range(4)]
        crowd += [asyncio.create_task(knock(origin="http://evil.example")) for _ in range(4)]
        slowest = 0.0
        for number in range(20):
            at = time.monotonic()
            await publish(redis_client, packet(number * 90, np.ones((2, 90), np.int16)))
            assert {one.n0 for one in await frames_until(good, 2)} == {number * 90}
            slowest = max(slowest, time.monotonic() - at)
        stop.set()
        await asyncio.gather(*crowd)
    assert refused > 20
    assert slowest < 0.5


@pytest.mark.parametrize("origin", ["http://localhost:8050", "http://[::1]:8050"])
async def test_this_machine_by_its_other_names(hub: Hub, origin: str) -> None:
    async with open_socket(hub, origin=origin) as client:
        await client.send('{"t":"ping","c":1}')
        assert (await text_until(client, "pong"))["c"] == 1


@pytest.mark.parametrize(
    ("message", "code"), [("rubbish", RULES_BROKEN), (b"\x00", RULES_BROKEN), ("x" * 20_000, 1009)]
)
async def test_malformed_requests_end_the_connection(hub: Hub, message: Any, code: int) -> None:
    async with open_socket(hub) as client:
        await client.send(message)
        with pytest.raises(ConnectionClosed) as caught:
            async with asyncio.timeout(PATIENCE_S):
                await client.recv()
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == code


async def test_flood_is_cut_off_and_others_go_on(hub: Hub, redis_client: Store) -> None:
    async with joined(hub) as good, open_socket(hub) as bad:

        async def flood() -> None:
            while True:
                await bad.send('{"t":"ping","c":1}')
                await asyncio.sleep(0)

        with pytest.raises(ConnectionClosed) as caught:
            await asyncio.wait_for(flood(), PATIENCE_S)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == RULES_BROKEN
        await publish(redis_client, packet(0, np.ones((2, 90), np.int16)))
        await frames_until(good, 2)


@pytest.mark.serial
async def test_slow_client_hurts_nobody(redis_url: str, redis_client: Store) -> None:
    settings = Settings(redis_url=redis_url, secret=SECRET)
    async with (
        Hub(settings, 0, send_timeout_s=0.5, max_frame_bytes=100_000) as hub,
        joined(hub) as good,
    ):
        stuck = socket.socket()
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", hub.port))
        async with open_socket(hub, sock=stuck, max_queue=1) as slow:
            await slow.send('{"t":"subscribe","leads":"all"}')
            await asyncio.sleep(0.1)
            received = sent = 0
            slowest = 0.0
            end = time.monotonic() + 15
            while len(hub.core.clients) > 1 and time.monotonic() < end:
                at = time.monotonic()
                await publish(redis_client, wide_packet(sent * 1000))
                sent += 1
                received += len(await frames_until(good, 16))
                slowest = max(slowest, time.monotonic() - at)
            assert len(hub.core.clients) == 1, "the slow client was never closed"
            assert received == 16 * sent
            assert slowest < 0.5
            with pytest.raises(ConnectionClosed) as caught:
                await asyncio.wait_for(read_to_the_end(slow), PATIENCE_S)
            closed = caught.value.rcvd
            assert closed is None or closed.code == TOO_SLOW  # it may be too stuck to be told


async def read_to_the_end(client: ClientConnection) -> None:
    while True:
        await client.recv()


async def test_redis_goes_away_and_comes_back(tmp_path: Path) -> None:
    first = start_redis(Settings(state=str(tmp_path)))
    store = connect_store(first.url)
    await sign_in(store)
    await store.aclose()
    port = int(first.url.rsplit(":", 1)[1].split("/")[0])
    async with (
        Hub(Settings(redis_url=first.url, secret=SECRET), 0) as hub,
        joined(hub) as client,
    ):
        assert (await text_until(client, "hub"))["redis"] == "ok"
        first.stop()
        async with asyncio.timeout(PATIENCE_S):
            while (await text_until(client, "hub"))["redis"] == "ok":
                pass
        status, said = await health(hub)
        assert (status, said["redis"]) == (503, "stale")
        async with open_socket(hub) as again:  # who is known may come back, nobody new comes in
            await again.send('{"t":"ping","c":1}')
            await text_until(again, "pong")
        with pytest.raises(InvalidStatus):
            await open_socket(hub, token="of somebody new")
        server = await asyncio.create_subprocess_exec(
            "redis-server", "--port", str(port), "--save", "", "--appendonly", "yes",
            "--dir", str(tmp_path / "redis"),
            stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(PATIENCE_S):
                while (await text_until(client, "hub"))["redis"] == "stale":
                    pass
            status, said = await health(hub)
            assert (status, said["redis"]) == (200, "ok")
        finally:
            server.terminate()
            await server.wait()


async def health(hub: Hub) -> tuple[int, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, body = answer.split(b"\r\n\r\n", 1)
    return int(head.split()[1]), json.loads(body)


@pytest.mark.serial
async def test_a_stuck_client_does_not_hold_up_the_stop(
    redis_url: str, redis_client: Store
) -> None:
    async with Hub(Settings(redis_url=redis_url, secret=SECRET), 0) as hub:
        stuck = socket.socket()
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", hub.port))
        client = await open_socket(hub, sock=stuck, max_queue=1)
        await client.send('{"t":"subscribe","leads":"all"}')
        for number in range(250):
            await publish(redis_client, wide_packet(number * 1000))
        at = time.monotonic()
    assert time.monotonic() - at < 4
    await client.close()


async def test_clean_stop_tells_clients(redis_url: str, redis_client: Store) -> None:
    async with Hub(Settings(redis_url=redis_url, secret=SECRET), 0) as hub:
        client = await open_socket(hub)
    with pytest.raises(ConnectionClosed) as caught:
        await client.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1001
