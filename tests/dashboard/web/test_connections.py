"""Whoever holds the web server's connections open keeps nobody out: over real sockets."""

from __future__ import annotations

import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from threading import Thread
from typing import Any

import pytest

from dashboard.web import connections
from ecg_monitor.launch.processes import free_port
from tests.support.waiting import allowed_s, wait_until


def answer(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@pytest.fixture
def port() -> Iterator[int]:
    """Port of a server that answers ``ok``."""
    number = free_port()
    server = connections.create(answer, host="127.0.0.1", port=number, threads=2)
    running = True

    def run() -> None:
        while running:
            server.asyncore.loop(timeout=0.05, map=server._map, use_poll=True, count=1)

    thread = Thread(target=run)
    thread.start()
    yield number
    running = False
    thread.join()
    server.task_dispatcher.shutdown()
    for one in list(server._map.values()):
        one.close()


def get(port: int, timeout_s: float = 5.0) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=timeout_s) as got:
        body: bytes = got.read()
    return body


def closed(one: socket.socket) -> bool:
    """Whether the other side has ended a connection."""
    one.setblocking(False)
    try:
        return one.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def test_idle_connections_shut_nobody_out(site: Any) -> None:
    with ExitStack() as stack:
        for number in range(150):
            one = socket.create_connection(("127.0.0.1", site.settings.port))
            stack.enter_context(closing(one))
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" if number % 2 else b"")
        began = time.monotonic()
        for _ in range(3):
            with urllib.request.urlopen(f"{site.url}/healthz", timeout=20) as got:  # noqa: S310
                assert got.read() == b"ok\n"
        assert time.monotonic() - began < allowed_s(20)


def test_an_address_keeps_only_so_many(port: int) -> None:
    with ExitStack() as stack:
        held = [
            stack.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
            for _ in range(connections.MOST_PER_ADDRESS + 20)
        ]
        assert get(port) == b"ok"
        wait_until(lambda: sum(map(closed, held)) >= 20)
        assert not closed(held[-1]), "the oldest give way"


def test_all_together_are_bounded(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 20)
    with ExitStack() as stack:
        for place in range(40):
            one = socket.create_connection(
                ("127.0.0.1", port), source_address=(f"127.0.0.{2 + place % 20}", 0)
            )
            stack.enter_context(closing(one))
            assert get(port) == b"ok"


def test_a_request_that_drips_ends(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_S", 1.0)
    with closing(socket.create_connection(("127.0.0.1", port))) as one:

        def drip() -> bool:
            try:
                one.setblocking(True)
                one.sendall(b"x")
            except OSError:
                return True
            return closed(one)

        one.sendall(b"GET / HTTP/1.1\r\nX: ")
        wait_until(drip, 20.0)


def test_a_connection_that_lies_idle_ends(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_S", 0.5)
    with closing(socket.create_connection(("127.0.0.1", port))) as one:
        wait_until(lambda: closed(one), 20.0)
