"""Hub, network and Redis go away under a page that sweeps, or the network is too slow for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
import redis
import wfdb

from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.launch.processes import answers, free_port
from ecg_monitor.ward import access
from tests.support import feeder
from tests.support.pages import flawless, until

pytestmark = [pytest.mark.browser, pytest.mark.serial]

BACK_S = 3.0
BEDS = 4


class Proxy:
    """Passes TCP on to another port, as a network that may fail or be slow.

    `cut` swallows everything; `rate` is what it carries in bytes/s, `carried` what it has carried.
    """

    def __init__(self, port: int, target: int) -> None:
        self._ports = (port, target)
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._closing = False
        self.rate = float("inf")
        self.carried = 0
        self._open = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        while not answers("127.0.0.1", port):
            sleep(0.02)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._open.set()
        start = asyncio.start_server(self._serve, "127.0.0.1", self._ports[0])
        self._server = self._loop.run_until_complete(start)
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if not self._closing:
                other, out = await asyncio.open_connection("127.0.0.1", self._ports[1])
                ends.add(out)
                self._writers |= ends
                down = self._pump(other, writer, slow=True)
                await asyncio.gather(self._pump(reader, out), down)
        except (OSError, asyncio.CancelledError):
            return  # raised further, the server would take it for an error of its own
        finally:  # a writer left open is a warning from the garbage collector
            self._tasks.discard(task)
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slow: bool = False
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(1024 if slow else 65536):
                await self._open.wait()
                if slow:
                    self.carried += len(data)
                    await asyncio.sleep(len(data) / self.rate)
                writer.write(data)
                await writer.drain()
        writer.close()

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._open.clear)

    def mend(self) -> None:
        """What was under way when the network failed is lost for good."""

        def mend() -> None:
            for writer in self._writers:
                writer.transport.abort()
            self._open.set()

        self._loop.call_soon_threadsafe(mend)

    def close(self) -> None:
        async def end() -> None:
            self._closing = True
            self._server.close()
            # One that has not begun must not be cancelled: it would never see its connection.
            for task in list(self._tasks):
                task.cancel()
            for _ in range(5):  # connections taken last begin to be served, and all end
                await asyncio.sleep(0)
            while self._tasks:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0)  # transports that were closed tell their protocols

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()


class Part:
    """A process that can be killed and started again."""

    def __init__(self, command: list[str], env: dict[str, str], ready: Callable[[], bool]) -> None:
        self._command, self._env, self._ready = command, env, ready
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._command, env={**os.environ, **self._env}, stdout=subprocess.DEVNULL
        )
        end = monotonic() + 60
        while not self._ready():
            if monotonic() > end:
                self.kill()
                pytest.fail(f"not ready in time: {self._command}")
            sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def part(command: list[str], env: dict[str, str], ready: Callable[[], bool]) -> Iterator[Part]:
    one = Part(command, env, ready)
    try:
        yield one
    finally:
        one.kill()


class Stage:
    """Redis, hub behind a proxy, dashboard and devices."""

    def __init__(self, stack: ExitStack, folder: Path, mitdb: Path) -> None:
        store, hub, port, web = (free_port() for _ in range(4))
        url = f"redis://127.0.0.1:{store}/0"
        self.settings = Settings(
            redis_url=url, secret="a secret of the tests", port=web, hub_port=port
        )
        env = to_environ(self.settings)
        cli = [sys.executable, "-m", "ecg_monitor.cli"]
        self.redis = stack.enter_context(
            part(
                ["redis-server", "--port", str(store), "--save", "", "--appendonly", "yes",
                 "--appendfsync", "always", "--dir", str(folder)],
                {}, lambda: answers("127.0.0.1", store) and redis_is_loaded(url),
            )
        )  # fmt: skip
        self.hub = stack.enter_context(
            part([*cli, "hub", "--port", str(hub)], env, lambda: answers("127.0.0.1", hub))
        )
        stack.enter_context(part([*cli, "dashboard"], env, lambda: answers("127.0.0.1", web)))
        self.network = Proxy(port, hub)
        stack.callback(self.network.close)
        self.feeder = stack.enter_context(
            part([sys.executable, feeder.__file__, url, str(mitdb), str(BEDS)], {}, lambda: True)
        )


def redis_is_loaded(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


@pytest.fixture
def stage(tmp_path: Path, mitdb: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(stack, tmp_path, mitdb)


FRESH = """() => {
  const now = performance.now() / 1000;
  const beds = [...(window.ecgMonitor?.beds.values() ?? [])];
  return beds.length === 4 && beds.every((bed) => bed.connection(now) === "live"
    && bed.playout.target !== null && now - bed.frameAt < 0.6);
}"""

RINGS = """() => [...window.ecgMonitor.beds.values()].map((bed) => {
  const [row, ring] = bed.rings.entries().next().value;
  const from = Math.max(0, ring.end - 20 * ring.fs);
  const values = [];
  for (let n = from; n < ring.end; n++) {
    const value = ring.at(n);
    values.push(Number.isNaN(value) ? null : value);
  }
  return { device: bed.info.device, row, from, values, drawn: [...bed.sweeps.get(row)][0].drawnTo,
    end: ring.end };
})"""


@pytest.fixture
def page(browser: Any, stage: Stage) -> Iterator[Any]:
    with flawless(browser, 1280, 720) as context:
        page = context.new_page()
        page.goto(access.sign_in_link(stage.settings))
        until(page, FRESH)
        yield page


def truth(mitdb: Path, device: str, row: int) -> Any:
    record = feeder.RECORDS[int(device.removeprefix("bed-")) - 1]
    signal = wfdb.rdrecord(str(mitdb / record), physical=False, sampto=360 * 300)
    samples = signal.d_signal.T[row].astype(np.int16)
    return ((samples - signal.baseline[row]) / signal.adc_gain[row]).astype(np.float32)


def every_sample_is_in_its_place(page: Any, mitdb: Path) -> None:
    for bed in page.evaluate(RINGS):
        expected = truth(mitdb, bed["device"], bed["row"])[bed["from"] : bed["end"]]
        found = np.array([np.nan if one is None else one for one in bed["values"]], np.float32)
        assert len(found) > 5 * 360
        missing = np.flatnonzero(np.isnan(found))
        assert missing.size == 0, (bed["device"], missing.size, missing[:3])
        assert np.array_equal(found, expected), bed["device"]
        assert bed["drawn"] <= bed["end"]


def test_hub_network_and_redis_go_away_and_come_back(page: Any, stage: Stage, mitdb: Path) -> None:
    page.wait_for_timeout(4000)
    waits = {}

    stage.hub.kill()
    until(page, "window.ecgMonitor.hub.state === 'away'", 20)
    page.wait_for_timeout(1500)
    stage.hub.start()
    waits["hub"] = until(page, FRESH, 15)
    page.wait_for_timeout(1000)
    every_sample_is_in_its_place(page, mitdb)

    stage.network.cut()
    waits["network noticed"] = until(page, "window.ecgMonitor.hub.state === 'away'", 8)
    page.wait_for_timeout(1000)
    stage.network.mend()
    waits["network"] = until(page, FRESH, 15)
    page.wait_for_timeout(1000)
    every_sample_is_in_its_place(page, mitdb)

    stage.redis.kill()
    until(page, "window.ecgMonitor.status.redis === 'stale'", 30)
    stage.redis.start()
    waits["redis"] = until(page, FRESH, 15)
    until(page, "window.ecgMonitor.status.redis === 'ok'", 30)
    page.wait_for_timeout(1000)
    every_sample_is_in_its_place(page, mitdb)

    print({name: round(seconds, 2) for name, seconds in waits.items()}, "load", os.getloadavg()[0])
    assert waits.pop("network noticed") < BACK_S + 1
    assert max(waits.values()) < BACK_S, waits


AGES = """() => {
  const now = performance.now() / 1000;
  const { hub, beds } = window.ecgMonitor;
  return {
    told: hub.lateness, late: hub.late, slow: hub.slow,
    live: [...beds.values()].some((bed) => bed.connection(now) === "live"),
    age: Math.max(...[...beds.values()].map((bed) => {
      const ring = bed.rings.values().next().value;
      return Date.now() / 1000 - bed.start - ring.end / ring.fs;
    })),
  };
}"""
SHOWN_AS_LIVE_S = 6.0
"""Samples wait at the hub for 2 s, their message is at most 3 s late; and a second for us."""


def test_late_data_are_never_shown_as_live(page: Any, stage: Stage) -> None:
    network = stage.network
    page.wait_for_timeout(1500)
    before = network.carried
    page.wait_for_timeout(3000)
    needed = (network.carried - before) / 3.0
    usual = page.evaluate(AGES)
    assert usual["live"]
    assert usual["age"] < SHOWN_AS_LIVE_S
    for share in (0.8, 0.4):
        network.rate = share * needed
        until(page, "window.ecgMonitor.hub.slow", 60)
        until(page, "document.querySelector('#warnings').innerText.includes('too slow')", 10)
        for _ in range(10):
            page.wait_for_timeout(500)
            found = page.evaluate(AGES)
            print(share, {name: round(value, 2) for name, value in found.items()})
            assert not found["live"] or found["age"] < SHOWN_AS_LIVE_S, found
            # The way is free for alarms: the hub keeps samples back long before.
            assert found["told"] < SHOWN_AS_LIVE_S, found
    network.rate = float("inf")
    until(page, FRESH, 15)
    until(page, "!window.ecgMonitor.hub.slow", 30)
