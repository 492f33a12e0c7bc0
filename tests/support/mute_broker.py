"""A broker that takes a connection and says nothing; who waits for it is told to end."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any


async def give_up(connection: Callable[[str], AbstractAsyncContextManager[Any]]) -> None:
    """Cancel who waits for the broker's welcome, and see that nothing stays open.

    Args:
        connection: opens one to the broker at a URL.
    """
    came, gone = asyncio.Event(), asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        while await reader.read(1024):
            pass
        gone.set()
        writer.close()

    async def wait_for_it(url: str) -> None:
        async with connection(url):
            pass

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    url = f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        gc.disable()  # it would close the connection too, some time
        try:
            waiting = asyncio.create_task(wait_for_it(url))
            await came.wait()
            await asyncio.sleep(0.1)
            waiting.cancel()
            await asyncio.wait([waiting])
            assert waiting.cancelled()
            await asyncio.wait_for(gone.wait(), 10.0)  # sooner than for want of a sign of life
        finally:
            gc.enable()
