"""The hub over real websockets and a real Redis: exact frames, and services that go away."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import wfdb
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dashboard.hub.frames import FLAG_HISTORY
from dashboard.hub.server import Hub
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.core.store import connect as connect_store
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.ward.alerts.handling.desk import Desk
from tests.support.hub_sockets import (
    PATIENCE_S,
    SECRET,
    frames_until,
    joined,
    open_socket,
    packet,
    publish,
    sign_in,
    text_until,
)

pytestmark = pytest.mark.usefixtures("session")


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


@pytest.mark.parametrize("origin", ["http://localhost:8050", "http://[::1]:8050"])
async def test_this_machine_by_its_other_names(hub: Hub, origin: str) -> None:
    async with open_socket(hub, origin=origin) as client:
        await client.send('{"t":"ping","c":1}')
        assert (await text_until(client, "pong"))["c"] == 1


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


async def test_clean_stop_tells_clients(redis_url: str, redis_client: Store) -> None:
    async with Hub(Settings(redis_url=redis_url, secret=SECRET), 0) as hub:
        client = await open_socket(hub)
    with pytest.raises(ConnectionClosed) as caught:
        await client.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1001
