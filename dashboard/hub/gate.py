"""Who may hear the hub: browsers with a session, for as long as it lasts.

The sessions are read every `REFRESH_S` seconds, never per frame; whoever has lost theirs is shown
out at the next look. While Redis is away those who are known stay, and nobody new is let in.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers

from ecg_monitor.core.errors import AccountError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts.book import REFRESH_S, Book
from ecg_monitor.ward.accounts.entrance import Entrance

log = logging.getLogger(__name__)

READ_S = 1.0
CLEAR_EVERY_S = 60.0
_BETWEEN_LOOKS_S = 0.25
"""Least time between two looks for cookies that the copy does not know."""


class Gate:
    """The hub's copy of the sessions.

    Args:
        settings: secret.
        client: Redis.
    """

    def __init__(self, settings: Settings, client: Store) -> None:
        self._secret = settings.require("secret")
        self._entrance = Entrance(client, settings)
        self._book = Book()
        self._reading = asyncio.Lock()

    async def admits(self, headers: Headers) -> bool:
        """Whether a request comes with the cookie of a good session."""
        digest = self._digest(headers)
        if not digest:
            return False
        if not self.is_good(digest):
            await self._read(_BETWEEN_LOOKS_S)  # signed in a moment ago?
        return self.is_good(digest)

    def session_of(self, connection: ServerConnection) -> str:
        """Return the name of the session of a connection that was admitted."""
        return self._digest(connection.request.headers) if connection.request else ""

    def is_good(self, digest: str) -> bool:
        """Whether a session is known and not over."""
        return self._book.find(digest, time.time()) is not None

    async def watch(self, show_out: Callable[[], Awaitable[None]]) -> None:
        """Look at the sessions until cancelled; call ``show_out`` after every look."""
        cleared_at = time.monotonic()
        while True:
            await self._read(0.0)
            await show_out()
            if time.monotonic() - cleared_at >= CLEAR_EVERY_S:
                cleared_at = time.monotonic()
                await self._clear_out()
            await asyncio.sleep(REFRESH_S)

    def _digest(self, headers: Headers) -> str:
        cookies = "; ".join(headers.get_all("Cookie"))
        return access.digest_of_cookie_header(self._secret, cookies) or ""

    async def _read(self, older_than_s: float) -> None:
        async with self._reading:
            if time.time() - self._book.read_at < older_than_s:
                return
            try:
                async with asyncio.timeout(READ_S):
                    await self._entrance.read(self._book)
            except (StoreError, TimeoutError) as error:
                self._book.lost()
                log.debug("cannot read the sessions: %s", error)
        for malformed in self._book.malformed:
            log.warning("%s", malformed)

    async def _clear_out(self) -> None:
        try:
            await self._entrance.clear_out(self._book)
        except (StoreError, AccountError) as error:
            log.warning("cannot clear out old sessions: %s", error)
