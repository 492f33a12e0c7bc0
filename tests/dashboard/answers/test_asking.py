"""Asking Redis from the threads of a web server: many at once, and while Redis fails."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis

from dashboard.answers.asking import GRACE_S, StoreThread
from dashboard.web.service import THREADS
from ecg_monitor.core import keys
from ecg_monitor.core.errors import RequestError, ServiceError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.launch import processes
from ecg_monitor.launch.services.probe import probe_redis
from ecg_monitor.launch.services.start import Service, start_redis
from ecg_monitor.ward import access
from tests.support.waiting import allowed_s, wait_until

SECRET = "secret of the tests"
ORIGIN = {"Origin": "http://127.0.0.1:8050"}


def threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "redis"]


def start_again(stopped: Service) -> Service:
    """Start a Redis that was stopped, with its port and its data."""
    assert stopped.process is not None
    command = [str(word) for word in stopped.process.args]
    service = replace(stopped, process=processes.start(command))

    def answers() -> bool:
        try:
            probe_redis(service.url)
        except ServiceError:
            return False
        return True

    wait_until(answers)
    return service


@pytest.fixture
def store(redis_url: str) -> Iterator[StoreThread]:
    server = redis.Redis.from_url(redis_url)
    server.flushall()
    server.close()
    with closing(StoreThread(redis_url)) as one:
        yield one


async def write(client: Store) -> int:
    return int(await client.incr("n"))


async def connection(client: Store) -> int:
    return int(await client.client_id())


def test_one_connection_serves_click_after_click(store: StoreThread) -> None:
    assert [store.ask(write, 5) for _ in range(3)] == [1, 2, 3]
    assert len({store.ask(connection, 5) for _ in range(20)}) == 1
    assert len(threads()) == 1


def test_many_threads_ask_at_once(store: StoreThread) -> None:
    async def slow(client: Store) -> int:
        await client.blpop(["nothing"], 0.2)
        return int(await client.incr("n"))

    count = 32
    with ThreadPoolExecutor(THREADS) as pool:
        began = time.monotonic()
        numbers = list(pool.map(lambda _: store.ask(slow, 30), range(count)))
        took_s = time.monotonic() - began
    assert sorted(numbers) == list(range(1, count + 1))
    assert took_s < 0.2 * count, "they did not wait for one another"


def test_what_an_act_raises_is_raised(store: StoreThread) -> None:
    async def wrong(client: Store) -> None:
        raise RequestError("it is wrong")

    async def refused(client: Store) -> None:
        await client.lpush("text", "x")

    async def text(client: Store) -> None:
        await client.set("text", "x")

    with pytest.raises(RequestError, match="it is wrong"):
        store.ask(wrong, 5)
    store.ask(text, 5)
    with pytest.raises(StoreError, match="WRONGTYPE"):
        store.ask(refused, 5)
    assert store.ask(write, 5) == 1


def test_an_act_knows_nothing_of_the_request(store: StoreThread) -> None:
    """Else a connection would keep the request, and what was typed there, for as long as itself."""
    asked = contextvars.ContextVar("asked", default="")
    asked.set("a password")

    async def look(client: Store) -> str:
        return asked.get()

    assert store.ask(look, 5) == ""


def test_late_answers_are_cancelled_and_disturb_nobody(store: StoreThread) -> None:
    cancelled = threading.Event()

    async def wait(client: Store) -> None:
        try:
            await client.blpop(["nothing"], 60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(store.ask, wait, 1.0)
        while not stuck.done():
            store.ask(write, 5)
        with pytest.raises(TimeoutError):
            stuck.result()
    assert cancelled.is_set()
    for _ in range(20):  # no connection gives the answer to the question before
        before = store.ask(write, 5)
        assert store.ask(write, 5) == before + 1


def test_who_does_not_heed_the_time_limit_is_left_behind(store: StoreThread) -> None:
    release = threading.Event()

    async def stubborn(client: Store) -> None:
        while not release.is_set():
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        store.ask(stubborn, 0.1)
    assert time.monotonic() - began >= 0.1 + GRACE_S
    assert store.ask(write, 5) == 1
    release.set()


def test_redis_restarts_between_clicks(tmp_path: Path) -> None:
    service = start_redis(Settings(state=str(tmp_path)))
    with closing(StoreThread(service.url)) as store:
        for number in (1, 2, 3):
            assert store.ask(write, 10) == number
            service.stop()
            with pytest.raises((StoreError, TimeoutError)):
                store.ask(write, 0.5)
            service = start_again(service)
        assert store.ask(write, 10) == 4
    service.stop()


@pytest.mark.serial
def test_redis_hangs(tmp_path: Path) -> None:
    service = start_redis(Settings(state=str(tmp_path)))
    server = redis.Redis.from_url(service.url)
    pid = int(server.info("server")["process_id"])
    server.close()
    with closing(StoreThread(service.url)) as store, ThreadPoolExecutor(THREADS) as pool:
        assert store.ask(write, 5) == 1
        os.kill(pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            stuck = [pool.submit(store.ask, connection, 1.5) for _ in range(THREADS)]
            for one in stuck:
                with pytest.raises(StoreError):
                    one.result()
            assert time.monotonic() - began < 1.5 + GRACE_S, "they wait side by side"
        finally:
            os.kill(pid, signal.SIGCONT)
        assert store.ask(write, 10) == 2
    service.stop()


def test_it_ends_with_what_is_being_asked(redis_url: str) -> None:
    store = StoreThread(redis_url)
    began = threading.Event()

    async def wait(client: Store) -> None:
        began.set()
        await client.blpop(["nothing"], 60)

    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(store.ask, wait, 60)
        began.wait(30)
        store.close()
        with pytest.raises(StoreError, match="being stopped"):
            stuck.result(30)
    assert threads() == []
    with pytest.raises(StoreError, match="being stopped"):
        store.ask(write, 5)
    store.close()


def test_what_is_dropped_ends_by_itself(redis_url: str) -> None:
    store: StoreThread | None = StoreThread(redis_url)
    assert store is not None
    store.ask(write, 5)
    reference = weakref.ref(store)
    del store
    gc.collect()
    assert reference() is None
    wait_until(lambda: threads() == [])


def test_a_forked_process_starts_a_thread_of_its_own(redis_url: str) -> None:
    script = """
import os, sys
from dashboard.answers.asking import StoreThread
store = StoreThread(sys.argv[1])
async def connection(client):
    return int(await client.client_id())
mine = store.ask(connection, 30)
child = os.fork()
theirs = store.ask(connection, 30)
if not child:
    store.close()
    os._exit(0 if theirs != mine else 1)
store.close()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) or theirs != mine)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, redis_url],
        capture_output=True,
        text=True,
        timeout=allowed_s(120),
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_several_of_them_in_a_process(redis_url: str) -> None:
    with closing(StoreThread(redis_url)) as one, closing(StoreThread(redis_url)) as other:
        assert one.ask(connection, 5) != other.ask(connection, 5)
        assert len(threads()) == 2
    assert threads() == []


def test_a_malformed_address_is_told() -> None:
    with (
        closing(StoreThread("gopher://x")) as store,
        pytest.raises(ServiceError, match="ECG_REDIS"),
    ):
        store.ask(write, 5)


def test_clicks_before_and_after_a_restart(
    tmp_path: Path, client_for: Callable[[Settings], Any], cookie_of: Callable[..., str]
) -> None:
    """The whole way of an acknowledgement, over connections that were lost."""
    service = start_redis(Settings(state=str(tmp_path)))
    settings = Settings(secret=SECRET, redis_url=service.url)
    client = client_for(settings)
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "A. Nurse", "clinician"))

    def pause() -> int:
        answer = client.post(
            "/alerts/pause", json={"device": "bed-1", "seen": {}, "seconds": 60}, headers=ORIGIN
        )
        return int(answer.status_code)

    assert pause() == 200
    service.stop()
    assert pause() == 503
    service = start_again(service)
    assert pause() == 200
    server = redis.Redis.from_url(service.url)
    assert server.xlen(keys.alertlog(keys.partition_of("bed-1", settings.partitions))) == 2
    server.close()
    service.stop()
