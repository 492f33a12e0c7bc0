"""The socket that the API listens on."""

from __future__ import annotations

import socket

import pytest

from ecg_monitor.core.errors import ServiceError
from gateway.api.serve import bound


def test_small_answers_are_not_held_back() -> None:
    """asyncio sets TCP_NODELAY only on sockets whose protocol is named; 40 ms an answer else."""
    with bound("127.0.0.1", 0) as listening:
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
        assert accepted.proto == socket.IPPROTO_TCP
        accepted.close()


def test_a_port_that_is_taken_is_told() -> None:
    with bound("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port}.*ECG_API_PORT"):
            bound("127.0.0.1", port)
