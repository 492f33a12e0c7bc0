"""Puts commands into Redis's protocol by compiled code, and sends them without a detour.

The asynchronous client packs every word in Python, which at hundreds of beds was most of the
client's time; the bytes here are the same. What the compiled code does not take (a ``memoryview``,
a value of a wrong type) goes the client's own way, errors included.

And it makes a task with a time limit to wait until a command has been sent, which costs a turn of
the loop, though a socket nearly always takes all of it at once. Only where one does not is there
anything to wait for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

import hiredis
from redis.asyncio.connection import AbstractConnection


def quick(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """Return a class of connections that packs and sends commands so.

    Args:
        kind: class of the connections of a pool.
    """
    return type(f"Quick{kind.__name__}", (_Quick, kind), {})


class _Quick:
    """The part that packs and sends; comes before a class of connections."""

    is_connected: bool
    _writer: asyncio.StreamWriter | None
    health_check_interval: float

    async def connect(self) -> None:
        """Connect, if that has not been done."""
        if not self.is_connected:
            await super().connect()  # type: ignore[misc]

    async def send_packed_command(
        self, command: bytes | str | Iterable[bytes], check_health: bool = True
    ) -> None:
        """Send a command that has been packed, and wait only for what the socket does not take."""
        writer = self._writer
        if writer is not None and not self.health_check_interval and isinstance(command, list):
            transport = writer.transport
            if not transport.is_closing() and not transport.get_write_buffer_size():
                writer.writelines(command)
                if not transport.is_closing() and not transport.get_write_buffer_size():
                    return
                command = []  # it is on its way, or the library finds out why it is not
        await super().send_packed_command(command, check_health)  # type: ignore[misc]

    def pack_command(self, *args: Any) -> list[bytes]:
        """Return a command's bytes."""
        name = args[0]
        if isinstance(name, str):
            with contextlib.suppress(TypeError):
                # "CONFIG GET" is two words to the server.
                return [hiredis.pack_command((*name.encode().split(), *args[1:]))]
        own: list[bytes] = super().pack_command(*args)  # type: ignore[misc]
        return own

    def pack_commands(self, commands: Any) -> list[bytes]:
        """Return the bytes of commands that are sent together."""
        return [b"".join([piece for one in commands for piece in self.pack_command(*one)])]
