"""Stands between a client and a server, and loses answers when a test says so."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class LosingProxy:
    """Passes connections on to a server of this machine.

    Attributes:
        port: where it listens.
        to_lose: number of answers still to be lost. Each arrives here, so that the server has done
            what it was asked for; the client sees its connection end instead.
        lost: number of answers lost so far.
    """

    def __init__(self, to: int) -> None:
        self.port = 0
        self.to_lose = 0
        self.lost = 0
        self._to = to
        self._writers: set[asyncio.StreamWriter] = set()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[LosingProxy]:
        """Listen during an ``async with`` block."""
        server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for writer in tuple(self._writers):
                writer.close()
            await server.wait_closed()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers |= {writer, back}
        passing = asyncio.create_task(_pass_on(reader, back))
        try:
            while data := await there.read(65_536):
                if self.to_lose > 0:
                    self.to_lose -= 1
                    self.lost += 1
                    break
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            passing.cancel()
            self._writers -= {writer, back}
            writer.close()
            back.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
