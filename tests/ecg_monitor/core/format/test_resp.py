"""Commands are packed by compiled code as the client itself would pack them, and all is sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import DataError

from ecg_monitor.core import store
from ecg_monitor.core.format.resp import quick

words = st.lists(st.text() | st.binary() | st.integers() | st.floats(), max_size=6)
names = st.sampled_from(["SET", "CONFIG GET", b"GET", b"CONFIG GET"])
commands = st.tuples(names, words).map(lambda one: (one[0], *one[1]))


def connection(kind: Any = Connection) -> Any:
    return quick(kind)()


@given(st.lists(commands, min_size=1, max_size=3))
def test_the_bytes_are_the_same(some):
    plain = Connection()
    assert b"".join(connection().pack_commands(some)) == b"".join(plain.pack_commands(some))
    assert b"".join(connection().pack_command(*some[0])) == b"".join(plain.pack_command(*some[0]))


def test_a_view_of_bytes_is_taken_and_a_value_of_a_wrong_type_refused():
    packed = b"".join(connection().pack_command("SET", "k", memoryview(b"abc")))
    assert packed == b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\nabc\r\n"
    with pytest.raises(DataError, match="NoneType"):
        connection().pack_command("SET", "k", None)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("redis://127.0.0.1:1/0", Connection),
        ("rediss://127.0.0.1:1/0", SSLConnection),
        ("unix:///nowhere", UnixDomainSocketConnection),
    ],
)
@pytest.mark.parametrize("most", [None, 4])
def test_clients_of_all_kinds_of_addresses_pack_so(url: str, kind: type, most: int | None) -> None:
    made = store.connect(url, most).connection_pool.make_connection()
    assert isinstance(made, kind)
    assert type(made).__name__ == f"Quick{kind.__name__}"


async def test_a_command_that_the_socket_does_not_take_at_once_is_sent_as_well(
    redis_client: store.Store,
) -> None:
    large = b"0123456789abcdef" * (1 << 20)
    for number in range(3):
        await redis_client.set("large", large + b"%d" % number)
        assert await redis_client.get("large") == large + b"%d" % number
    async with redis_client.pipeline(transaction=False) as pipe:
        for _ in range(3):
            pipe.set("large", large)
            pipe.strlen("large")
        assert await pipe.execute() == [True, len(large)] * 3


async def test_a_connection_that_the_server_has_closed_is_opened_anew(
    redis_client: store.Store, redis_url: str
) -> None:
    other = store.connect(redis_url)
    try:
        for _ in range(3):
            known = await other.client_id()
            await redis_client.client_kill_filter(_id=str(known))
            assert await other.client_id() > known
        together = await asyncio.gather(*(other.client_id() for _ in range(20)))
        assert len(set(together)) == 20
        assert set(await asyncio.gather(*(other.client_id() for _ in range(20)))) == set(together)
    finally:
        await other.aclose()
