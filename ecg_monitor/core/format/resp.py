"""Puts commands into Redis's protocol by compiled code.

The asynchronous client packs every word in Python, which at hundreds of beds was most of the
client's time; the bytes here are the same. What the compiled code does not take (a ``memoryview``,
a value of a wrong type) goes the client's own way, errors included.
"""

from __future__ import annotations

import contextlib
from typing import Any

import hiredis
from redis.asyncio.connection import AbstractConnection


def packing_quickly(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """Return a class of connections that packs commands by compiled code.

    Args:
        kind: class of the connections of a pool.
    """
    return type(f"Quick{kind.__name__}", (_Quick, kind), {})


class _Quick:
    """The part that packs; comes before a class of connections."""

    def pack_command(self, *args: Any) -> list[bytes]:
        """Return a command's bytes."""
        name = args[0]
        with contextlib.suppress(TypeError):
            if isinstance(name, bytes) and b" " not in name:
                return [hiredis.pack_command(args)]
            # "CONFIG GET" is two words to the server.
            words = name.split() if isinstance(name, bytes) else name.encode().split()
            return [hiredis.pack_command((*words, *args[1:]))]
        own: list[bytes] = super().pack_command(*args)  # type: ignore[misc]
        return own

    def pack_commands(self, commands: Any) -> list[bytes]:
        """Return the bytes of commands; they leave in one write."""
        return [piece for one in commands for piece in self.pack_command(*one)]
