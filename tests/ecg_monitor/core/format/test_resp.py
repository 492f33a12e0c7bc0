"""Commands are packed by compiled code as the client itself would pack them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import DataError

from ecg_monitor.core import store
from ecg_monitor.core.format.resp import packing_quickly

words = st.lists(st.text() | st.binary() | st.integers() | st.floats(), max_size=6)
names = st.sampled_from(["SET", "CONFIG GET", b"GET", b"CONFIG GET"])
commands = st.tuples(names, words).map(lambda one: (one[0], *one[1]))


def connection(kind: Any = Connection) -> Any:
    return packing_quickly(kind)()


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
